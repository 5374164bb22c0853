//! The report of a check, as text, JSON or annotations.

use std::fmt::Write as _;

use byref_template::Diagnostic;
use serde::Serialize;

use super::inspect::{Report, Row, State};
use super::subject::Referent;
use crate::args::Common;
use crate::args::deploy::CheckFormat;
use crate::failure::Failure;
use crate::output::{json, note, write_annotations, write_styled, write_text};
use crate::report::report_plain;
use byref::Project;
use byref::render::diagnostic::render;
use byref::render::escape::{line, one_line};
use byref::render::github;

pub(crate) fn write(
    common: &Common,
    project: &Project,
    format: CheckFormat,
    report: &Report<'_>,
) -> Result<(), Failure> {
    let mut diagnostics: Vec<Diagnostic> = report.rows.iter().flat_map(|row| diagnostics(report, row)).collect();
    diagnostics.extend(report.further.diagnostics.iter().cloned());
    match format {
        CheckFormat::Json => write_text(&as_json(project, report)?)?,
        CheckFormat::Github => {
            let lines = diagnostics.iter().map(|diagnostic| github::annotation(project.sources(), diagnostic));
            write_annotations(&lines.collect::<String>())?;
        }
        CheckFormat::Text => {
            let messages: String = diagnostics.iter().map(|diagnostic| render(project.sources(), diagnostic)).collect();
            let mut lines = summary(report);
            for line in &report.further.summary {
                line!(lines, "{line}");
            }
            write_styled(&(messages + &lines))?;
        }
    }
    for text in &report.notes {
        note(common, text);
    }
    for (region, error) in &report.failures {
        report_plain(&format!("{region}: {error}"), &error.help());
    }
    Ok(())
}

fn diagnostics(report: &Report<'_>, row: &Row<'_>) -> Vec<Diagnostic> {
    let subject = row.subject;
    let (line, place) = (&subject.line, subject.location);
    let name = match &subject.referent {
        Referent::Invalid(error) => {
            let message = format!("`{line}` gives no valid parameter name: {error}");
            return vec![Diagnostic::error("bad-name", message, place).help("correct the line")];
        }
        Referent::SecretsManager(_) => return Vec::new(),
        Referent::Parameter(name, _) => name,
    };
    // What is the same in several Regions is said once.
    let mut kinds: Vec<(&State, Vec<String>)> = Vec::new();
    for (region, state) in &row.states {
        let same = kinds.iter_mut().find(|(known, _)| is_same_finding(known, state));
        match same {
            Some((_, regions)) => regions.push(region.to_string()),
            None => kinds.push((state, vec![region.to_string()])),
        }
    }
    let environment = &report.environment;
    let put = format!("byref secret put {line} --app {} -e {environment}", subject.app);
    let mut diagnostics = Vec::new();
    for (state, regions) in kinds {
        let regions = regions.join(", ");
        diagnostics.extend(match state {
            State::Ok { .. } | State::NotKnown { .. } => None,
            State::Missing { did_you_mean } => {
                let help = match did_you_mean {
                    Some(meant) => format!("did you mean `{meant}`? Or create it: `{put}`"),
                    None => format!("create it: `{put}`"),
                };
                Some(
                    Diagnostic::error("missing", format!("`{line}`: there is no parameter `{name}` in {regions}"), place)
                        .help(help),
                )
            }
            State::WrongType { r#type, .. } => Some(
                Diagnostic::error(
                    "wrong-type",
                    format!("`{line}`: parameter `{name}` is a {type} in {regions}: it is not encrypted"),
                    place,
                )
                .help(format!("a type can't be changed: store its value anew, as a SecureString (`byref secret delete {line}`, then `{put}`), and rotate it")),
            ),
            State::WrongKey { key, expected, .. } => Some(
                Diagnostic::error(
                    "wrong-key",
                    format!("`{line}`: parameter `{name}` is encrypted with `{key}` in {regions}, not with `{expected}`"),
                    place,
                )
                .help(format!("encrypt it anew with `{put}`, or set `kms-key` of environment `{environment}`: the execution role needs `kms:Decrypt` on its key")),
            ),
        });
    }
    diagnostics
}

/// Whether two Regions have the same to say; versions don't matter.
fn is_same_finding(one: &State, two: &State) -> bool {
    match (one, two) {
        (State::WrongType { r#type: one, .. }, State::WrongType { r#type: two, .. }) => one == two,
        (State::WrongKey { key: one, .. }, State::WrongKey { key: two, .. }) => one == two,
        (State::Ok { .. }, State::Ok { .. }) => true,
        _ => one == two,
    }
}

/// `production: 12 of 14 secrets are right in every Region; 1 not checked`
fn summary(report: &Report<'_>) -> String {
    let is_right = |row: &&Row<'_>| {
        !row.states.is_empty() && row.states.iter().all(|(_, state)| matches!(state, State::Ok { .. }))
    };
    let not_checked: Vec<&str> = report
        .rows
        .iter()
        .filter(|row| matches!(row.subject.referent, Referent::SecretsManager(_)))
        .map(|row| row.subject.line.as_str())
        .collect();
    let right = report.rows.iter().filter(is_right).count();
    let mut text = format!(
        "{}: {right} of {} secrets are there and encrypted in every Region",
        report.environment,
        report.rows.len() - not_checked.len()
    );
    if !not_checked.is_empty() {
        let _ = write!(text, "; not checked, since they are in Secrets Manager: {}", not_checked.join(", "));
    }
    one_line(&text).into_owned() + "\n"
}

/// The whole report. Keys are only ever added.
#[derive(Serialize)]
struct JsonReport<'r> {
    environment: &'r str,
    findings: usize,
    secrets: Vec<JsonRow<'r>>,
    failures: Vec<JsonFailure>,
    notes: &'r [String],
    #[serde(flatten)]
    further: &'r serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct JsonRow<'r> {
    app: &'r str,
    name: &'r str,
    line: String,
    refers_to: String,
    /// Why nothing was asked.
    not_checked: Option<&'static str>,
    regions: Vec<JsonState<'r>>,
}

#[derive(Serialize)]
struct JsonState<'r> {
    region: String,
    #[serde(flatten)]
    state: &'r State,
}

#[derive(Serialize)]
struct JsonFailure {
    region: String,
    problem: String,
    help: String,
}

fn as_json(project: &Project, report: &Report<'_>) -> Result<String, Failure> {
    let secrets = report.rows.iter().map(|row| {
        let (refers_to, not_checked) = match &row.subject.referent {
            Referent::Parameter(name, _) => (name.to_string(), None),
            Referent::SecretsManager(arn) => (arn.clone(), Some("it is in Secrets Manager")),
            Referent::Invalid(error) => (error.clone(), Some("its name is not valid")),
        };
        JsonRow {
            app: &row.subject.app,
            name: &row.subject.line,
            line: project.sources().position(row.subject.location),
            refers_to,
            not_checked,
            regions: row.states.iter().map(|(region, state)| JsonState { region: region.to_string(), state }).collect(),
        }
    });
    let failures = report.failures.iter().map(|(region, error)| JsonFailure {
        region: region.to_string(),
        problem: error.to_string(),
        help: error.help(),
    });
    json(&JsonReport {
        environment: &report.environment,
        findings: report.findings(),
        secrets: secrets.collect(),
        failures: failures.collect(),
        notes: &report.notes,
        further: &report.further.json,
    })
}
