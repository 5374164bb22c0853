//! `JUnit`'s XML, as build servers read it: a suite a file, a failed case a finding.
//!
//! Source: Jenkins' schema (`junit-10.xsd` of its xunit plugin), and "Unit test reports" in GitLab's documentation.

use std::fmt::Write as _;

use byref_lint::Level;

use super::{JudgedFile, Run, note_of};
use byref::render::escape::one_line;

pub(crate) fn report(run: &Run) -> String {
    let failures = run.count(Level::Error) + run.count(Level::Warning);
    let tests: usize = run.files.iter().map(cases).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"byref lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    for file in &run.files {
        text.push_str(&suite(file));
    }
    text.push_str("</testsuites>\n");
    text
}

/// A file without findings is one case that passed.
fn cases(file: &JudgedFile) -> usize {
    file.findings.len().max(1)
}

fn suite(file: &JudgedFile) -> String {
    let path = escaped(&file.path);
    let mut text = format!(
        "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
        cases(file),
        file.findings.len()
    );
    if file.findings.is_empty() {
        let _ = writeln!(text, "    <testcase name=\"no findings\" classname=\"{path}\"/>");
    }
    for located in &file.findings {
        let (finding, region) = (&located.finding, located.region);
        let place = format!("{}:{}:{}", file.path, region.line, region.column);
        let _ = writeln!(
            text,
            "    <testcase name=\"{} at {}:{}\" classname=\"{path}\">",
            finding.rule.id, region.line, region.column
        );
        let _ = write!(
            text,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
            finding.level.as_str(),
            escaped(&finding.message),
            [&format!("{place}: {}", finding.message), &finding.path, &finding.help]
                .map(|line| escaped(line))
                .join("&#10;")
        );
    }
    if let Some(note) = note_of(file) {
        let _ = writeln!(text, "    <system-out>{}</system-out>", escaped(&note));
    }
    text.push_str("  </testsuite>\n");
    text
}

/// Text on one line of XML, which has no place for control characters, whatever they are written as.
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
