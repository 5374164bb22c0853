//! Messages on standard error.

use byref::render::diagnostic::{listed, report as rendered, warning};
use byref_template::{Diagnostic, Severity, Sources};

use crate::output::say;

/// The messages that are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    All,
    /// With `--quiet`.
    Errors,
}

/// Prints messages, and counts errors when there are several.
pub(crate) fn report(sources: &Sources, diagnostics: &[Diagnostic], shown: Shown) {
    let is_shown =
        |diagnostic: &&Diagnostic| shown == Shown::All || diagnostic.severity == Severity::Error;
    say(&rendered(
        sources,
        &diagnostics.iter().filter(is_shown).collect::<Vec<_>>(),
    ));
}

/// Prints an error without a place.
pub(crate) fn report_plain(message: &str, help: &str) {
    report_listed(message, &[], help);
}

/// Prints an error without a place, with lines below it.
pub(crate) fn report_listed(message: &str, lines: &[String], help: &str) {
    say(&listed(message, lines, help));
}

/// Prints a warning without a place.
pub(crate) fn warn_plain(message: &str, help: &str) {
    say(&warning(message, help));
}
