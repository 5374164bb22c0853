//! SARIF 2.1.0 with what GitHub code scanning asks for.
//!
//! Source: "SARIF support for code scanning" in GitHub's documentation, and OASIS' schema. `automationDetails` is left
//! out on purpose: the category of an upload is the workflow's to say, and one in the file would win over it.

use std::fmt::Write as _;

use byref_lint::{Level, RULES, Rule};
use serde_json::{Value, json};

use super::{Run, note_of};
use byref::render::escape::one_line;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(crate) fn report(run: &Run) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = run
        .findings()
        .map(|(file, located)| {
            let finding = &located.finding;
            let region = located.region;
            let mut location = json!({
                "physicalLocation": {
                    "artifactLocation": artifact(&file.path),
                    "region": {
                        "startLine": region.line,
                        "startColumn": region.column,
                        "endLine": region.end_line,
                        "endColumn": region.end_column,
                    },
                },
            });
            if !finding.path.is_empty() {
                location["logicalLocations"] = json!([{ "fullyQualifiedName": one_line(&finding.path) }]);
            }
            json!({
                "ruleId": finding.rule.id,
                "ruleIndex": RULES.iter().position(|rule| rule.id == finding.rule.id),
                "level": finding.level.as_str(),
                "message": { "text": plain(&format!("{}. {}", finding.message, finding.help)) },
                "locations": [location],
                "partialFingerprints": { "primaryLocationLineHash": located.fingerprint },
            })
        })
        .collect();
    let driver = json!({
        "name": "byref",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let mut properties = json!({ "passed-over": run.passed_over, "accepted": run.accepted });
    if let Some(searched) = run.searched {
        properties["searched-files"] = json!(searched.files);
        properties["stored-values"] = json!(searched.values);
    }
    let whole = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": run.unread.is_empty(), "toolExecutionNotifications": notes(run) }],
            "results": results,
            "properties": properties,
        }],
    });
    format!("{whole:#}\n")
}

/// Files that were not judged as templates, or not at all.
fn notes(run: &Run) -> Vec<Value> {
    let read = run.files.iter().filter_map(|file| {
        let location = json!({ "physicalLocation": { "artifactLocation": artifact(&file.path) } });
        Some(json!({ "level": "note", "message": { "text": note_of(file)? }, "locations": [location] }))
    });
    let unread =
        run.unread.iter().map(|why| json!({ "level": "error", "message": { "text": plain(&why.to_string()) } }));
    read.chain(unread).collect()
}

/// A message without hidden characters and without links, which SARIF writes as `[text](target)`.
fn plain(text: &str) -> String {
    let text = one_line(text);
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.into_owned() }
}

fn descriptor(rule: &Rule) -> Value {
    let (security, problem) = match rule.level {
        Level::Error => ("8.0", "error"),
        Level::Warning => ("4.0", "warning"),
    };
    let mut properties = json!({ "precision": "high", "problem.severity": problem });
    if rule.finds.is_about_security() {
        properties["tags"] = json!(["security", "secrets", "cloudformation"]);
        properties["security-severity"] = json!(security);
    } else {
        properties["tags"] = json!(["maintainability", "cloudformation"]);
    }
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": finds(rule) },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": rule.level.as_str() },
        "properties": properties,
    })
}

/// GitHub shows this much of a description.
const LONGEST_DESCRIPTION: usize = 1024;

/// What a rule finds, as its page says it.
fn finds(rule: &Rule) -> String {
    let line = rule.page.lines().find_map(|line| line.strip_prefix("**Finds:** ")).unwrap_or(rule.summary);
    line.chars().take(LONGEST_DESCRIPTION).collect()
}

/// Where a file is: relative to the root of the repository, which the reader knows, or anywhere.
fn artifact(path: &str) -> Value {
    if std::path::Path::new(path).is_absolute() {
        json!({ "uri": format!("file://{}{}", if path.starts_with('/') { "" } else { "/" }, uri(path)) })
    } else {
        json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as a URI reference: what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
