//! Annotations of GitHub Actions: workflow commands on standard output.
//!
//! A finding is an `error` or a `warning` at its place, a file that was not read as a template a
//! `notice`. Paths and messages may contain any text, so both are escaped: none of them can end its
//! command or begin another one.
//!
//! Source: the escapes of `@actions/core`, `command.ts`.
//!
//! ```text
//! ::error file=web.yaml,line=7,endLine=7,col=20,endColumn=32,title=byref no-echo::message. help
//! ```
//!
//! GitHub shows at most ten errors and ten warnings of a step next to the lines; all of them are in
//! its log.

use std::fmt::Write as _;

use crate::linting::report::{LintReport, LocatedFinding};
use crate::render::escape::one_line;
use crate::render::github;

/// Files come first, then findings; nothing at all for a report without either, so a clean run adds
/// no line to the log.
pub(super) fn text(report: &LintReport) -> String {
    let mut text = String::new();
    for file in report.files() {
        if let Some(note) = file.note() {
            let _ = writeln!(
                text,
                "::notice file={},title=byref::{}",
                property(&file.path),
                message(&note)
            );
        }
    }
    for (file, LocatedFinding { finding, lines, .. }) in report.findings() {
        let place = format!(
            "file={},line={},endLine={},col={},endColumn={}",
            property(&file.path),
            lines.line,
            lines.end_line,
            lines.column,
            lines.end_column
        );
        let title = property(&format!("byref {}", finding.rule.id));
        let message = message(&format!("{}. {}", finding.message, finding.help));
        let _ = writeln!(
            text,
            "::{} {place},title={title}::{message}",
            finding.level.as_str()
        );
    }
    text
}

/// Escapes a message, which ends with its line.
///
/// Hidden characters are made visible first; the percent signs that GitHub takes back are added
/// last.
fn message(text: &str) -> String {
    github::message(&one_line(text))
}

/// Escapes a property, which also ends at a colon or a comma.
///
/// `a:b,c` → `a%3Ab%2Cc`.
fn property(text: &str) -> String {
    github::property(&one_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_the_ends_of_commands_and_properties() {
        assert_eq!(
            message("100%\r\n::error::x, y"),
            "100%25\\r\\n::error::x, y"
        );
        assert_eq!(property("a%,b:c\n.yaml"), "a%25%2Cb%3Ac\\n.yaml");
    }
}
