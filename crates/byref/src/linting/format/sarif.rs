//! SARIF 2.1.0 with the properties that GitHub code scanning needs.
//!
//! - The driver describes all rules, also those without findings; `security-severity` is 8.0 for
//!   errors and 4.0 for warnings, which GitHub shows as high and medium.
//! - A result has the fingerprint as `primaryLocationLineHash`, by which GitHub recognises it after
//!   lines have moved.
//! - A relative path is relative to `%SRCROOT%`. Columns count characters.
//! - Notifications of the invocation name the files that were not read as templates; an unread file
//!   makes `executionSuccessful` false.
//!
//! Source: "SARIF support for code scanning" in GitHub's documentation, and OASIS' schema.
//! `automationDetails` is left out on purpose: the workflow chooses the category of an upload, and
//! one in the file would override it.

use std::fmt::Write as _;

use byref_lint::{Level, RULES, Rule};
use serde_json::{Value, json};

use crate::linting::report::{LintReport, LocatedFinding};
use crate::render::escape::one_line;

/// The schema by which editors and validators check the file.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Returns the report as a SARIF log.
///
/// One run, with all rules of this version in the order of the table of rules, so that `ruleIndex`
/// is the same in every report of the version.
pub(super) fn text(report: &LintReport) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = report
        .findings()
        .map(|(file, located)| result(&file.path, located))
        .collect();
    let driver = json!({
        "name": "byref",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let mut properties = json!({ "passed-over": report.passed_over, "accepted": report.accepted });
    if let Some(searched) = report.searched {
        properties["searched-files"] = json!(searched.files);
        properties["stored-values"] = json!(searched.values);
    }
    let whole = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": report.unread.is_empty(), "toolExecutionNotifications": notes(report) }],
            "results": results,
            "properties": properties,
        }],
    });
    format!("{whole:#}\n")
}

/// Returns the result of one finding.
///
/// The logical location is the path of the property, such as `Resources.Task.Properties`, which
/// stays when lines move.
fn result(
    path: &str,
    LocatedFinding {
        finding,
        lines,
        fingerprint,
    }: &LocatedFinding,
) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(path),
            "region": {
                "startLine": lines.line,
                "startColumn": lines.column,
                "endLine": lines.end_line,
                "endColumn": lines.end_column,
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
        "partialFingerprints": { "primaryLocationLineHash": fingerprint },
    })
}

/// Returns notifications of files that were not read as templates, or not at all.
fn notes(report: &LintReport) -> Vec<Value> {
    let read = report.files().filter_map(|file| {
        let location = json!({ "physicalLocation": { "artifactLocation": artifact(&file.path) } });
        Some(json!({ "level": "note", "message": { "text": file.note()? }, "locations": [location] }))
    });
    let unread = report
        .unread
        .iter()
        .map(|why| json!({ "level": "error", "message": { "text": plain(&why.to_string()) } }));
    read.chain(unread).collect()
}

/// Returns a message without hidden characters and without links, which SARIF writes as
/// `[text](target)`.
///
/// `[a](b)` → `\[a\](b)`; a text without a link keeps its brackets.
fn plain(text: &str) -> String {
    let text = one_line(text);
    if text.contains("](") {
        text.replace('[', "\\[").replace(']', "\\]")
    } else {
        text.into_owned()
    }
}

/// Returns the description of a rule.
///
/// Precision is `high` for all rules. Rules that are not about security have no
/// `security-severity`, which would list them as vulnerabilities.
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

/// The number of characters of a description that GitHub shows.
const LONGEST_DESCRIPTION: usize = 1024;

/// Returns what a rule finds, from its page.
///
/// A page has one line that begins with `**Finds:**`; without one the summary of the rule takes its
/// place.
fn finds(rule: &Rule) -> String {
    let line = rule
        .page
        .lines()
        .find_map(|line| line.strip_prefix("**Finds:** "))
        .unwrap_or(rule.summary);
    line.chars().take(LONGEST_DESCRIPTION).collect()
}

/// Returns the location of a file: relative to the root of the repository, which the reader knows,
/// or absolute.
///
/// | path | `uri` | `uriBaseId` |
/// | --- | --- | --- |
/// | `stacks/web.yaml` | `stacks/web.yaml` | `%SRCROOT%` |
/// | `/srv/web.yaml` | `file:///srv/web.yaml` | none |
fn artifact(path: &str) -> Value {
    if std::path::Path::new(path).is_absolute() {
        json!({ "uri": format!("file://{}{}", if path.starts_with('/') { "" } else { "/" }, uri(path)) })
    } else {
        json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
    }
}

/// Returns a path as a URI reference, with percent signs for all but plain characters.
///
/// `my stack.yaml` → `my%20stack.yaml`. A colon is escaped as well: in the first part of a relative
/// reference it would begin a scheme.
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
