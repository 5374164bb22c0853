//! The entries of a template that belong to secret lines.

use byref_config::SecretLine;
use byref_rewrite::{Document, Plaintext, plaintext_options, plaintexts};

/// Returns the secret line that an environment variable, or an option of a log driver, belongs to.
///
/// A line with a log option belongs to the option of that name and to no variable: `SPLUNK_TOKEN`
/// with the option `splunk-token` does not match a variable `SPLUNK_TOKEN`.
pub(crate) fn line_of<'l>(
    lines: &[&'l SecretLine],
    name: &str,
    is_option: bool,
) -> Option<&'l SecretLine> {
    let is_own = |line: &&&SecretLine| match &line.log_option {
        Some(option) => is_option && option == name,
        None => !is_option && line.name == name,
    };
    lines.iter().find(is_own).copied()
}

/// Returns the plaintext values of secret lines in a template: environment variables, then options
/// of log drivers.
pub(crate) fn plaintexts_of_lines<'l>(
    document: &Document,
    lines: &[&'l SecretLine],
) -> Vec<(&'l SecretLine, Plaintext)> {
    let variables = plaintexts(document).into_iter().map(|entry| (entry, false));
    let options = plaintext_options(document)
        .into_iter()
        .map(|entry| (entry, true));
    let of_line = |(entry, is_option): (Plaintext, bool)| {
        line_of(lines, &entry.name, is_option).map(|line| (line, entry))
    };
    variables.chain(options).filter_map(of_line).collect()
}
