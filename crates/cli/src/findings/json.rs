//! byref's own JSON.

use byref_lint::{Level, Reading};
use serde_json::{Value, json};

use super::Run;

pub(crate) fn report(run: &Run) -> String {
    let findings: Vec<Value> = run
        .findings()
        .map(|(file, located)| {
            let finding = &located.finding;
            let region = located.region;
            json!({
                "rule": finding.rule.id,
                "level": finding.level.as_str(),
                "file": file.path,
                "line": region.line,
                "column": region.column,
                "end-line": region.end_line,
                "end-column": region.end_column,
                "path": finding.path,
                "name": finding.name,
                "message": finding.message,
                "help": finding.help,
                "fingerprint": located.fingerprint,
            })
        })
        .collect();
    let files: Vec<Value> = run
        .files
        .iter()
        .map(|file| {
            let (read, why) = match file.reading {
                Reading::Template => ("template", None),
                Reading::TaskDefinition => ("task-definition", None),
                Reading::ParameterFile => ("parameter-file", None),
                Reading::Serverless => ("serverless", None),
                Reading::Templated => ("without-templating", None),
                Reading::Repaired(why) => ("repaired", Some(why)),
                Reading::Lines(why) => ("lines", Some(why)),
                Reading::PassedOver => ("passed-over", None),
            };
            json!({ "file": file.path, "read-as": read, "why": why })
        })
        .collect();
    let searched = run
        .searched
        .map(|searched| json!({ "files": searched.files, "stored-values": searched.values, "found": run.known() }));
    let unread: Vec<String> = run.unread.iter().map(ToString::to_string).collect();
    let summary = json!({
        "errors": run.count(Level::Error),
        "warnings": run.count(Level::Warning),
        "accepted": run.accepted,
        "passed-over": run.passed_over,
        "searched": searched,
        "unread": unread,
    });
    let whole = json!({ "version": 1, "findings": findings, "files": files, "summary": summary });
    format!("{whole:#}\n")
}
