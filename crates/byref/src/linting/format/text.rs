//! For people: the lines with their findings, every value masked.
//!
//! Each file has its note, then its findings as compilers show diagnostics; the summary comes last.
//! All findings of a file share one source with its index of lines, so a report of thousands of
//! findings in one file stays linear.

use byref_lint::Level;
use byref_template::{Diagnostic, Location, Severity, Sources, Span};

use crate::linting::report::{JudgedFile, LintReport, LocatedFinding};
use crate::render::diagnostic::render;
use crate::render::escape::line;

/// Findings are in the order of the files and of their lines. The text has colours, which the
/// caller removes where they are not wanted.
pub(super) fn text(report: &LintReport) -> String {
    let mut text = String::new();
    for file in report.files() {
        if let Some(note) = file.note() {
            line!(text, "note: {}: {note}", file.path);
            text.push('\n');
        }
        match &file.hidden {
            Some(hidden) => push_excerpts(&mut text, file, hidden),
            None => push_places(&mut text, file),
        }
    }
    text.push_str(&report.summary());
    text.push('\n');
    text
}

/// Adds the findings of a file whose lines are not shown: it was only searched for stored values,
/// or the run has no excerpts.
///
/// Without the line the finding still has its place and help, in the same layout, so that editors
/// recognise both.
fn push_places(text: &mut String, file: &JudgedFile) {
    for LocatedFinding { finding, lines, .. } in &file.findings {
        line!(
            *text,
            "{}[{}]: {}",
            finding.level.as_str(),
            finding.rule.id,
            finding.message
        );
        line!(*text, " --> {}:{}:{}", file.path, lines.line, lines.column);
        line!(*text, "  = help: {}", finding.help);
        text.push('\n');
    }
}

/// Adds the findings of a file, each with its masked line.
///
/// Each file gets sources of its own with only its hidden spans: no other file's text is needed to
/// show it.
fn push_excerpts(text: &mut String, file: &JudgedFile, hidden: &[Span]) {
    let mut sources = Sources::new();
    let source = sources.add(file.path.clone(), file.text.clone());
    sources.hide_only(source, hidden.iter().copied());
    for LocatedFinding { finding, .. } in &file.findings {
        let severity = if finding.level == Level::Error {
            Severity::Error
        } else {
            Severity::Warning
        };
        let location = Location {
            source,
            span: finding.span,
        };
        let diagnostic = Diagnostic::new(severity, finding.rule.id, &finding.message, location)
            .labelled(&finding.path)
            .help(&finding.help);
        text.push_str(&render(&sources, &diagnostic));
    }
}
