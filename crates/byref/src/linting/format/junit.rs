//! `JUnit`'s XML, as build servers read it: a suite for each file, a failed case for each finding.
//!
//! A file without findings has one case that passed, so that the report shows it as judged. How a
//! file was read is the suite's `system-out`. Unread files are missing from the report: a front end
//! reports them next to it.
//!
//! Source: Jenkins' schema (`junit-10.xsd` of its xunit plugin), and "Unit test reports" in
//! GitLab's documentation.

use std::fmt::Write as _;

use byref_lint::Level;

use crate::linting::report::{JudgedFile, LintReport, LocatedFinding};
use crate::render::escape::one_line;

/// Errors and warnings are both failures: the format has no level between them, and hiding the
/// warnings would make the report say less than the others. `errors` counts broken tests in this
/// format, so it is 0.
pub(super) fn text(report: &LintReport) -> String {
    let failures = report.count(Level::Error) + report.count(Level::Warning);
    let tests: usize = report.files().map(cases).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"byref lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    for file in report.files() {
        text.push_str(&suite(file));
    }
    text.push_str("</testsuites>\n");
    text
}

/// Returns the number of cases of a file. One without findings is one case that passed.
fn cases(file: &JudgedFile) -> usize {
    file.findings.len().max(1)
}

/// Returns the suite of one file.
///
/// A case is named by its rule and place, so that the cases of one rule can be told apart. The
/// lines of a failure (place and message, path, help) are separated by `&#10;`, which keeps each
/// failure on one line of the file.
fn suite(file: &JudgedFile) -> String {
    let path = escaped(&file.path);
    let mut text = format!(
        "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
        cases(file),
        file.findings.len()
    );
    if file.findings.is_empty() {
        let _ = writeln!(
            text,
            "    <testcase name=\"no findings\" classname=\"{path}\"/>"
        );
    }
    for LocatedFinding { finding, lines, .. } in &file.findings {
        let place = format!("{}:{}:{}", file.path, lines.line, lines.column);
        let _ = writeln!(
            text,
            "    <testcase name=\"{} at {}:{}\" classname=\"{path}\">",
            finding.rule.id, lines.line, lines.column
        );
        let _ = write!(
            text,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
            finding.level.as_str(),
            escaped(&finding.message),
            [
                &format!("{place}: {}", finding.message),
                &finding.path,
                &finding.help
            ]
            .map(|line| escaped(line))
            .join("&#10;")
        );
    }
    if let Some(note) = file.note() {
        let _ = writeln!(text, "    <system-out>{}</system-out>", escaped(&note));
    }
    text.push_str("  </testsuite>\n");
    text
}

/// Escapes a text on one line of XML, which cannot contain control characters in any notation.
///
/// `<a & "b">` → `&lt;a &amp; &quot;b&quot;&gt;`.
fn escaped(text: &str) -> String {
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // `##[error]` is a command to some build servers that print the report.
            '#' => escaped.push_str("&#35;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}
