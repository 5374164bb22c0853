//! Annotations of GitHub Actions.
//!
//! Source: GitHub documentation, "Workflow commands for GitHub Actions", "Setting an error
//! message".

use crate::render::escape::one_line;
use byref_template::{Diagnostic, LineColumn, Severity, Sources};

/// `::error file=…,line=…,col=…,title=…::message`, with a line break.
///
/// The help becomes a second line of the message. Further places of a diagnostic are left out: an
/// annotation has one.
///
/// ```
/// use byref::render::github::annotation;
/// use byref::template::{Diagnostic, Location, Sources, Span};
///
/// let mut sources = Sources::new();
/// let source = sources.add("web.yaml", "Resources: {}\n");
/// let location = Location { source, span: Span::new(0, 9) };
/// let diagnostic = Diagnostic::error("missing", "100% wrong", location);
/// assert_eq!(
///     annotation(&sources, &diagnostic),
///     "::error file=web.yaml,line=1,col=1,title=missing::100%25 wrong\n"
/// );
/// ```
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
///
/// The percent sign comes first, so that those of the other escapes are not escaped again.
pub(crate) fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command, which also ends at a colon or a comma.
///
/// `a:b,c` → `a%3Ab%2Cc`.
pub(crate) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
