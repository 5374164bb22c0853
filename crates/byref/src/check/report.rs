//! The report of a check, as data, text or annotations.
//!
//! All forms are made of the same [`Report`]: [`Report::text`] for people, [`Report::annotations`]
//! for GitHub Actions, and its serialisation for other programs. Values are in none of them, since
//! a check reads none.
//!
//! ```text
//! {
//!   "environment": "production",
//!   "findings": 1,
//!   "secrets": [
//!     {
//!       "app": "web", "name": "DB_PASSWORD", "line": "deploy.toml:8:1",
//!       "refers_to": "/production/web/db-password", "not_checked": null,
//!       "regions": [{"region": "us-west-2", "state": "missing", "did_you_mean": null}]
//!     }
//!   ],
//!   "failures": [], "notes": []
//! }
//! ```
//!
//! The keys `access`, `revisions`, `roles` and `validation` follow where their checks have run.

use std::fmt::Write as _;

use byref_config::Environment;
use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::{Diagnostic, Sources};
use serde::{Serialize, Serializer};

use super::AdditionalChecks;
use super::inspect::{RegionAnswer, Row, State, notes};
use super::subject::{Referent, Subject};
use crate::project::Project;
use crate::render::diagnostic::render;
use crate::render::escape::{line, one_line};
use crate::render::github;

/// The report of a check. Serialises with its findings; keys are only ever added.
///
/// A report with [`Report::findings`] of 0 has only passed if nothing failed, either:
///
/// | `findings()` | `failures()` | result |
/// | --- | --- | --- |
/// | 0 | empty | passed |
/// | more | any | something is wrong |
/// | 0 | some | not known: a request had no answer |
pub struct Report {
    environment: String,
    rows: Vec<Row>,
    failures: Vec<(Region, StoreError)>,
    notes: Vec<String>,
    additional: AdditionalChecks,
    sources: Sources,
}

impl Report {
    /// Puts the answers together, each secret line with the Regions that it is asked in.
    ///
    /// A Region is shown for a line only if the line refers to it: that of an ARN has its own
    /// Region, and an answer of another Region does not concern it. Failures of the Regions come
    /// before those of the additional checks.
    pub(super) fn new(
        project: &Project,
        environment: &Environment,
        subjects: &[Subject],
        answers: &[RegionAnswer],
        mut additional: AdditionalChecks,
    ) -> Self {
        let row = |subject: &Subject| {
            let states = match &subject.referent {
                Referent::Parameter(name, regions) => answers
                    .iter()
                    .filter(|answer| regions.contains(&answer.region))
                    .map(|answer| {
                        (
                            answer.region.clone(),
                            answer.state(project.config(), environment, name),
                        )
                    })
                    .collect(),
                Referent::SecretsManager(_) | Referent::Invalid(_) => Vec::new(),
            };
            Row {
                subject: subject.clone(),
                states,
            }
        };
        let rows = subjects.iter().map(row).collect();
        let failed = |answer: &RegionAnswer| {
            Some((answer.region.clone(), answer.found.as_ref().err()?.clone()))
        };
        let mut failures: Vec<(Region, StoreError)> = answers.iter().filter_map(failed).collect();
        failures.append(&mut additional.failures);
        let mut notes = notes(answers);
        notes.append(&mut additional.notes);
        let sources = project.sources().clone();
        Self {
            environment: environment.name.clone(),
            rows,
            failures,
            notes,
            additional,
            sources,
        }
    }

    /// Returns the secret lines with their states, in the order of applications and of the
    /// configuration.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns how many parameters are wrong, missing or not known in a Region, and how many other
    /// errors there are. The check has passed where this is 0 and [`Report::failures`] is empty.
    ///
    /// The count is by line and Region, so one parameter that is missing in two Regions counts
    /// twice, while [`Report::diagnostics`] has one message about it. A Region without an answer
    /// counts for each of its lines.
    pub fn findings(&self) -> usize {
        let is_finding = |state: &State| !matches!(state, State::Ok { .. });
        let invalid = self
            .rows
            .iter()
            .filter(|row| matches!(row.subject.referent, Referent::Invalid(_)))
            .count();
        invalid
            + self.additional.findings()
            + self
                .rows
                .iter()
                .flat_map(|row| &row.states)
                .filter(|(_, state)| is_finding(state))
                .count()
    }

    /// Returns whether the check had nothing to look at: no secret line, and no message about a
    /// role, a template or a stack. Such a report proves nothing, so a front end must not pass it
    /// off as a success.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.failures.is_empty() && self.additional.diagnostics.is_empty()
    }

    /// Returns the requests that were not answered.
    ///
    /// Each with the Region that was asked. They have no place in a file, and so they are in
    /// neither [`Report::text`] nor [`Report::annotations`]: a caller shows them next to it, with
    /// [`StoreError::help`].
    pub fn failures(&self) -> &[(Region, StoreError)] {
        &self.failures
    }

    /// Returns remarks about checks that were left out.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the findings as messages with places. A finding that is the same in several Regions
    /// appears once.
    ///
    /// The codes are `bad-name`, `missing`, `wrong-type` and `wrong-key`, then those of the
    /// additional checks. The place is the line in the configuration, which is where the reader can
    /// change something.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let own = self.rows.iter().flat_map(|row| diagnostics(self, row));
        own.chain(self.additional.diagnostics.iter().cloned())
            .collect()
    }

    /// Returns the messages and a summary as lines with colours.
    pub fn text(&self) -> String {
        let mut text: String = self
            .diagnostics()
            .iter()
            .map(|diagnostic| render(&self.sources, diagnostic))
            .collect();
        text.push_str(&summary(self));
        for line in &self.additional.summary {
            line!(text, "{line}");
        }
        text
    }

    /// Returns the findings as annotations of GitHub Actions, one on each line.
    pub fn annotations(&self) -> String {
        self.diagnostics()
            .iter()
            .map(|diagnostic| github::annotation(&self.sources, diagnostic))
            .collect()
    }
}

/// Returns the messages about one secret line. Regions with the same finding share a message, so
/// that a parameter that is missing everywhere is one error.
///
/// A line without an answer gives no message here: the failure of its Region is reported once, and
/// not for each line.
fn diagnostics(report: &Report, row: &Row) -> Vec<Diagnostic> {
    let subject = &row.subject;
    let (line, place) = (&subject.line, subject.location);
    let name = match &subject.referent {
        Referent::Invalid(error) => {
            let message = format!("`{line}` does not give a valid parameter name: {error}");
            return vec![Diagnostic::error("bad-name", message, place).help("correct the line")];
        }
        Referent::SecretsManager(_) => return Vec::new(),
        Referent::Parameter(name, _) => name,
    };
    // A finding that is the same in several Regions appears once.
    let mut kinds: Vec<(&State, Vec<String>)> = Vec::new();
    for (region, state) in &row.states {
        let same = kinds
            .iter_mut()
            .find(|(known, _)| is_same_finding(known, state));
        match same {
            Some((_, regions)) => regions.push(region.to_string()),
            None => kinds.push((state, vec![region.to_string()])),
        }
    }
    let environment = &report.environment;
    let put = format!(
        "byref secret put {line} --app {} -e {environment}",
        subject.app
    );
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
                .help(format!("a type cannot be changed: store its value again, as a SecureString (`byref secret delete {line}`, then `{put}`), and rotate it")),
            ),
            State::WrongKey { key, expected, .. } => Some(
                Diagnostic::error(
                    "wrong-key",
                    format!("`{line}`: parameter `{name}` is encrypted with `{key}` in {regions}, not with `{expected}`"),
                    place,
                )
                .help(format!("encrypt it again with `{put}`, or set `kms-key` of environment `{environment}`: the execution role needs `kms:Decrypt` on its key")),
            ),
        });
    }
    diagnostics
}

/// Returns whether two Regions have the same finding; versions don't matter.
///
/// Different versions, or another wrong key in each Region: the first are the same finding, the
/// second ones are not, since the message names the key.
fn is_same_finding(one: &State, two: &State) -> bool {
    match (one, two) {
        (State::WrongType { r#type: one, .. }, State::WrongType { r#type: two, .. }) => one == two,
        (State::WrongKey { key: one, .. }, State::WrongKey { key: two, .. }) => one == two,
        (State::Ok { .. }, State::Ok { .. }) => true,
        _ => one == two,
    }
}

/// `production: 12 of 14 secrets are right in every Region; 1 not checked`
fn summary(report: &Report) -> String {
    let is_right = |row: &&Row| {
        !row.states.is_empty()
            && row
                .states
                .iter()
                .all(|(_, state)| matches!(state, State::Ok { .. }))
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
        let _ = write!(
            text,
            "; not checked, since they are in Secrets Manager: {}",
            not_checked.join(", ")
        );
    }
    one_line(&text).into_owned() + "\n"
}

/// The report as JSON.
#[derive(Serialize)]
struct JsonReport<'r> {
    environment: &'r str,
    findings: usize,
    secrets: Vec<JsonRow<'r>>,
    failures: Vec<JsonFailure>,
    notes: &'r [String],
    #[serde(flatten)]
    additional: &'r super::additional::Rows,
}

/// One secret line as JSON: `line` is its place in the configuration, `refers_to` the parameter's
/// name.
#[derive(Serialize)]
struct JsonRow<'r> {
    app: &'r str,
    name: &'r str,
    line: String,
    refers_to: String,
    /// The reason why no Region was asked.
    not_checked: Option<&'static str>,
    regions: Vec<JsonState<'r>>,
}

/// The state in one Region as JSON.
#[derive(Serialize)]
struct JsonState<'r> {
    region: String,
    #[serde(flatten)]
    state: &'r State,
}

/// A request that was not answered, as JSON.
#[derive(Serialize)]
struct JsonFailure {
    region: String,
    problem: String,
    help: String,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secrets = self.rows.iter().map(|row| {
            let (refers_to, not_checked) = match &row.subject.referent {
                Referent::Parameter(name, _) => (name.to_string(), None),
                Referent::SecretsManager(arn) => (arn.clone(), Some("it is in Secrets Manager")),
                Referent::Invalid(error) => (error.clone(), Some("its name is not valid")),
            };
            let states = row.states.iter();
            JsonRow {
                app: &row.subject.app,
                name: &row.subject.line,
                line: self.sources.position(row.subject.location),
                refers_to,
                not_checked,
                regions: states
                    .map(|(region, state)| JsonState {
                        region: region.to_string(),
                        state,
                    })
                    .collect(),
            }
        });
        let failures = self.failures.iter().map(|(region, error)| JsonFailure {
            region: region.to_string(),
            problem: error.to_string(),
            help: error.help(),
        });
        JsonReport {
            environment: &self.environment,
            findings: self.findings(),
            secrets: secrets.collect(),
            failures: failures.collect(),
            notes: &self.notes,
            additional: &self.additional.rows,
        }
        .serialize(serializer)
    }
}
