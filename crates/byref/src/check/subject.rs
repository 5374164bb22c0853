//! The secret lines that a check covers.
//!
//! The lines are turned into [`Subject`]s once, before anything is asked: the number of questions
//! is known up front ([`Check::parameters`](super::Check::parameters)), and a line that cannot be
//! asked about is still a row of the report.

use std::collections::BTreeSet;

use byref_config::{App, Environment, Reference};
use byref_parameter::{ParameterName, Region};
use byref_template::Location;

use crate::project::Project;

/// A secret line that is checked.
///
/// One for each secret line, with all its Regions: a line of `deploy.toml` is one row, wherever its
/// parameter is kept.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The application that the line belongs to.
    pub app: String,
    /// The name of the environment variable, or of the log option's line.
    pub line: String,
    /// The line in the configuration.
    pub location: Location,
    /// The parameter or secret that it names.
    pub referent: Referent,
}

/// The parameter or secret that a line refers to.
///
/// | line in `deploy.toml` | referent |
/// | --- | --- |
/// | `DB_PASSWORD = "db-password"` | parameter, in the chosen Regions |
/// | an ARN of Parameter Store | parameter, in the Region of the ARN |
/// | an ARN of Secrets Manager | secret, not checked |
/// | a key that gives no valid name | invalid, a finding |
#[derive(Clone, Debug)]
pub enum Referent {
    /// A parameter in these Regions.
    Parameter(ParameterName, Vec<Region>),
    /// A secret in Secrets Manager, which is not checked.
    SecretsManager(String),
    /// A name that Parameter Store does not take.
    Invalid(String),
}

/// The lines in the order of applications and of the file. An ARN is asked for in its own Region.
pub(super) fn subjects(
    project: &Project,
    environment: &Environment,
    regions: &[Region],
    apps: &[&App],
) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for app in apps {
        for line in app.secrets(Some(&environment.name)) {
            let referent = match project.config().reference(app, environment, line) {
                Ok(Reference::Parameter(name, _)) => Referent::Parameter(name, regions.to_vec()),
                Ok(Reference::Arn(arn)) => Referent::Parameter(arn.name, vec![arn.region]),
                Ok(Reference::SecretsManager(arn)) => Referent::SecretsManager(arn.to_string()),
                Err(error) => Referent::Invalid(error.to_string()),
            };
            subjects.push(Subject {
                app: app.name.clone(),
                line: line.name.clone(),
                location: line.location,
                referent,
            });
        }
    }
    subjects
}

/// The names that one Region is asked for, each once, in their order.
pub(super) fn names_of(subjects: &[Subject], region: &Region) -> Vec<ParameterName> {
    let names: BTreeSet<&ParameterName> = subjects
        .iter()
        .filter_map(|subject| match &subject.referent {
            Referent::Parameter(name, regions) if regions.contains(region) => Some(name),
            _ => None,
        })
        .collect();
    names.into_iter().cloned().collect()
}

/// The Regions that are asked: those chosen, and those of ARNs.
///
/// An ARN adds its Region even if the check was limited to others: the task reads it from there.
pub(super) fn regions_of(subjects: &[Subject], chosen: &[Region]) -> Vec<Region> {
    let mut regions = chosen.to_vec();
    for subject in subjects {
        if let Referent::Parameter(_, own) = &subject.referent {
            for region in own.iter().filter(|region| !chosen.contains(region)) {
                if !regions.contains(region) {
                    regions.push(region.clone());
                }
            }
        }
    }
    regions
}

/// Returns the number of parameters that are asked for, in all Regions.
///
/// A parameter that several lines share counts once in each Region.
pub(super) fn questions(subjects: &[Subject]) -> u64 {
    let regions = regions_of(subjects, &[]);
    regions
        .iter()
        .map(|region| names_of(subjects, region).len() as u64)
        .sum()
}
