//! The formats of a lint report.
//!
//! | format | reader | findings | unread files |
//! | --- | --- | --- | --- |
//! | text | people | with their lines | summary |
//! | JSON | scripts | rows | `summary.unread` |
//! | SARIF | GitHub code scanning | results | notifications |
//! | GitHub | a step's log | annotations | not in it |
//! | GitLab | merge requests | issues | not in it |
//! | `JUnit` | build servers | failed cases | not in it |
//!
//! All of them are written from the same report, masked before it gets here, and every text is
//! escaped for its format: a file name or a property cannot add a finding, end a command or hide
//! one.

mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod text;

use super::report::LintReport;
use crate::render::escape::json_text;

/// A format of a lint report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// The lines with their findings, every value masked, for people. Has ANSI colours; a front end
    /// removes them where they are not wanted, and passes the text through
    /// [`page`](crate::render::escape::page) before it prints it.
    Text,
    /// byref's own JSON: the serialised [`LintReport`].
    Json,
    /// SARIF 2.1.0, for GitHub code scanning.
    Sarif,
    /// Annotations of GitHub Actions: workflow commands, one a line.
    GitHub,
    /// GitLab's code quality report.
    GitLab,
    /// `JUnit`'s XML: a suite for each file, a failed case for each finding.
    JUnit,
}

impl LintReport {
    /// Returns the whole report in a format, with a line break at the end. No format contains a
    /// value.
    ///
    /// ```
    /// use byref::linting::{Format, LintReport};
    ///
    /// /// Writes the report where GitLab looks for it.
    /// fn save(report: &LintReport) -> std::io::Result<()> {
    ///     std::fs::write("gl-code-quality-report.json", report.render(Format::GitLab))
    /// }
    /// ```
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::text(self),
            Format::Json => json_text(&json::text(self)),
            Format::Sarif => json_text(&sarif::text(self)),
            Format::GitHub => github::text(self),
            Format::GitLab => json_text(&gitlab::text(self)),
            Format::JUnit => junit::text(self),
        }
    }
}
