//! Standard output and standard error.
//!
//! Everything meant to be read goes through [`page`], whatever it was made of, and nothing of it
//! holds a value that a plan knows to be secret ([`redactions`]). Only results that must keep their
//! bytes (templates, values, policies, scripts) are written with [`write_bytes`].

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::LazyLock;

use byref::Redactions;

use crate::args::Format;
use crate::failure::Failure;
use byref::render::escape::{json_text, one_line, page};

/// The values that no report may contain: one list for the process, so that code that writes a
/// report need not ask. Names in reports are masked where they are shown, by
/// [`byref_known::KnownValues::shown`], which knows more.
pub(crate) fn redactions() -> &'static Redactions {
    static REDACTIONS: LazyLock<Redactions> = LazyLock::new(Redactions::default);
    &REDACTIONS
}

fn redacted(text: &str) -> Cow<'_, str> {
    redactions().redacted(text)
}

/// Writes a result as it is, byte for byte.
pub(crate) fn write_bytes(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::Output)
}

/// Writes a report, without characters and lines that a terminal or a build server would act upon.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    write_bytes(&page(&redacted(text)))
}

/// Writes lines for a build server: each is escaped already where it is made.
pub(crate) fn write_annotations(lines: &str) -> Result<(), Failure> {
    write_bytes(&redacted(lines))
}

/// Writes a report whose colours are kept only where they are wanted.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(page(&redacted(text)).as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::Output)
}

/// Writes to standard error; an error of the stream is ignored.
pub(crate) fn say(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr
        .write_all(page(&redacted(text)).as_bytes())
        .and_then(|()| stderr.flush());
}

/// Data as indented JSON, with a line break at the end.
pub(crate) fn json(data: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(data).map_err(|error| Failure::Output(error.into()))?;
    Ok(json_text(&text) + "\n")
}

/// Writes a report in the chosen format.
pub(crate) fn write_report<R: serde::Serialize>(
    format: Format,
    report: &R,
    text: impl Fn(&R) -> String,
) -> Result<(), Failure> {
    match format {
        Format::Json => write_text(&json(report)?),
        Format::Text => write_text(&text(report)),
    }
}

/// Something good to know, on standard error, unless `--quiet`.
pub(crate) fn note(common: &crate::args::Common, text: &str) {
    if !common.quiet {
        say(&format!("note: {}\n", one_line(text)));
    }
}
