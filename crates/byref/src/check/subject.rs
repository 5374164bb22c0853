//! The secret lines that a check covers.

use std::collections::BTreeSet;

use byref_config::{App, Environment, Reference};
use byref_parameter::{ParameterName, Region};
use byref_template::Location;

use crate::project::Project;

/// A secret line that is checked.
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
pub(super) fn questions(subjects: &[Subject]) -> u64 {
    let regions = regions_of(subjects, &[]);
    regions
        .iter()
        .map(|region| names_of(subjects, region).len() as u64)
        .sum()
}
