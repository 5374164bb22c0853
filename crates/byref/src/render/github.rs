//! Annotations of GitHub Actions.
//!
//! Source: GitHub documentation, "Workflow commands for GitHub Actions", "Setting an error
//! message".

use crate::render::escape::one_line;
use byref_template::{Diagnostic, LineColumn, Severity, Sources};

/// `::error file=…,line=…,col=…,title=…::message`, with a line break.
pub fn annotation(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let location = diagnostic.primary.location;
    let source = sources.get(location.source);
    let LineColumn { line, column } = source.line_column(location.span.start);
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let help = diagnostic
        .help
        .as_ref()
        .map(|help| format!("\nhelp: {}", one_line(help)))
        .unwrap_or_default();
    format!(
        "::{command} file={},line={line},col={column},title={}::{}\n",
        property(&one_line(source.name())),
        property(diagnostic.code),
        message(&format!("{}{help}", one_line(&diagnostic.message)))
    )
}

/// Escapes the message of a workflow command, which ends with its line.
pub(crate) fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command, which also ends at a colon or a comma.
pub(crate) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
