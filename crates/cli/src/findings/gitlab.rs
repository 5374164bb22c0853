//! GitLab's code quality report.
//!
//! Source: "Code quality report format" in GitLab's documentation.

use byref_lint::Level;
use serde_json::{Value, json};

use super::Run;
use byref::render::escape::one_line;

pub(crate) fn report(run: &Run) -> String {
    let findings: Vec<Value> = run
        .findings()
        .map(|(file, located)| {
            let finding = &located.finding;
            let severity = if finding.level == Level::Error { "blocker" } else { "minor" };
            json!({
                "description": one_line(&format!("{}. {}", finding.message, finding.help)),
                "check_name": finding.rule.id,
                "fingerprint": located.fingerprint,
                "severity": severity,
                "location": {
                    "path": file.path,
                    "lines": { "begin": located.region.line, "end": located.region.end_line },
                },
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(findings))
}
