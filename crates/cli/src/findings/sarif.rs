//! SARIF 2.1.0 with what GitHub code scanning asks for.
//!
//! Source: "SARIF support for code scanning" in GitHub's documentation, and OASIS' schema.

use std::fmt::Write as _;

use byref_lint::{Level, RULES, Rule};
use serde_json::{Value, json};

use super::Run;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(crate) fn report(run: &Run) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = run
        .findings()
        .map(|(file, located)| {
            let finding = &located.finding;
            let region = located.region;
            json!({
                "ruleId": finding.rule.id,
                "ruleIndex": RULES.iter().position(|rule| rule.id == finding.rule.id),
                "level": finding.level.word(),
                "message": { "text": format!("{}. {}", finding.message, finding.help) },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(&file.path) },
                        "region": {
                            "startLine": region.line,
                            "startColumn": region.column,
                            "endLine": region.end_line,
                            "endColumn": region.end_column,
                        },
                    },
                    "logicalLocations": [{ "fullyQualifiedName": finding.path }],
                }],
                "partialFingerprints": { "primaryLocationLineHash": located.fingerprint },
            })
        })
        .collect();
    let driver = json!({
        "name": "byref",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let whole = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{whole:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    let (security, problem) = match rule.level {
        Level::Error => ("8.0", "error"),
        Level::Warning => ("4.0", "warning"),
    };
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.summary },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": rule.level.word() },
        "properties": {
            "tags": ["security", "secrets", "cloudformation"],
            "precision": "high",
            "problem.severity": problem,
            "security-severity": security,
        },
    })
}

/// A relative path as a URI reference: what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
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
