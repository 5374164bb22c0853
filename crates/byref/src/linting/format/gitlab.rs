//! GitLab's code quality report: a list with an issue for each finding.
//!
//! Errors have the severity `blocker`, warnings `minor`. The report has no place for files without
//! findings, so unread files and searches are missing from it: a front end reports them next to it.
//!
//! Source: "Code quality report format" in GitLab's documentation.
//!
//! ```text
//! [{"check_name": "…", "description": "…", "fingerprint": "…",
//!   "location": {"lines": {"begin": 7, "end": 7}, "path": "web.yaml"}, "severity": "blocker"}]
//! ```
//!
//! GitLab compares the fingerprints of two branches to tell new issues from old ones, so a
//! fingerprint must not depend on the line: it is that of the finding.

use byref_lint::Level;
use serde_json::{Value, json};

use crate::linting::report::{LintReport, LocatedFinding};
use crate::render::escape::one_line;

/// Returns the report as a list of issues.
///
/// An empty list for a report without findings, which GitLab needs to see that old issues are gone.
pub(super) fn text(report: &LintReport) -> String {
    let rows = report.findings().map(
        |(
            file,
            LocatedFinding {
                finding,
                lines,
                fingerprint,
            },
        )| {
            json!({
                "description": one_line(&format!("{}. {}", finding.message, finding.help)),
                "check_name": finding.rule.id,
                "fingerprint": fingerprint,
                "severity": if finding.level == Level::Error { "blocker" } else { "minor" },
                "location": {
                    "path": file.path,
                    "lines": { "begin": lines.line, "end": lines.end_line },
                },
            })
        },
    );
    format!("{:#}\n", Value::Array(rows.collect()))
}
