//! The comparison of the values that stacks have now with those that are stored: the only proof for
//! parameters and computed values before the first deploy by reference.
//!
//! A template shows a literal, but not the value of a parameter without a default, nor one that a
//! dynamic reference or a macro makes. The revision that a stack has now contains the value that
//! its tasks got, so it is read from ECS: `ListStackResources` for the task definitions of the
//! stacks, `DescribeTaskDefinition` for each, and `GetParameters` with decryption for the stored
//! side.
//!
//! The Regions are asked one after the other, so the notes are in their order.

use std::collections::BTreeMap;

use byref_aws::{AwsDeployments, TaskDefinition};
use byref_config::{App, Environment, SecretLine};
use byref_known::KnownValues;
use byref_parameter::{Region, SecretValue};
use byref_store::{ParameterStore, StoreError};

use super::parity::{Comparison, Parity, ParityRow, Stored};
use crate::deployed::{DeployedStack, Depth, find, has_reference, stack_names, value_of};
use crate::error::Error;
use crate::mistakes::Place;
use crate::project::Project;

impl Parity {
    /// Compares the plaintext values of the task definitions that an application's stacks have now
    /// with the stored ones; decrypts the stored ones. Returns remarks about denied requests beside
    /// the comparison.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where nothing is deployed, or none of the containers has a secret line;
    /// the errors of AWS and of the store.
    ///
    /// A Region without a stack is a note and not an error, as long as another Region has one: an
    /// application is often deployed in its first Region before the others.
    pub async fn of_stacks<S: ParameterStore>(
        project: &Project,
        (app, environment): (&App, &Environment),
        regions: &[Region],
        (deployments, store): (&AwsDeployments, &S),
    ) -> Result<(Self, Vec<String>), Error> {
        let names = stack_names(app, environment)?;
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for line in app.secrets(Some(&environment.name)) {
            pairs.push((
                line,
                Stored::of(project, (app, environment), regions, line)?,
            ));
        }
        let mut found: BTreeMap<Holder, BTreeMap<String, Comparison>> = BTreeMap::new();
        let mut known = KnownValues::default();
        let (mut notes, mut is_deployed) = (Vec::new(), false);
        for region in regions {
            let stacks = stacks(deployments, region, &names, &mut notes).await?;
            if stacks.is_empty() {
                continue;
            }
            is_deployed = true;
            let values = stored(store, &pairs, region).await?;
            let of_stacks = stacks.iter().flat_map(|stack| own_values(stack, &pairs));
            known = known.joined(values.values().chain(of_stacks).map(SecretValue::expose));
            for stack in &stacks {
                let of = if names.len() > 1 {
                    format!("{}: ", stack.name)
                } else {
                    String::new()
                };
                for (id, task) in &stack.inside.task_definitions {
                    for (index, (line, own)) in pairs.iter().enumerate() {
                        for (container, comparison) in
                            comparisons(task, line, own, values.get(line.name.as_str()))
                        {
                            let holder = (index, format!("{of}{id}/{container}"));
                            found
                                .entry(holder)
                                .or_default()
                                .insert(region.to_string(), comparison);
                        }
                    }
                }
            }
        }
        project.redactions().keep_secret(&known);
        if !is_deployed {
            let message = format!(
                "nothing of `{}` is deployed in {} that could be compared",
                app.name, environment.name
            );
            let help =
                "compare the template before its first deploy: `--parity TEMPLATE`".to_owned();
            return Err(Error::Request {
                message,
                lines: notes,
                help,
            });
        }
        if found.is_empty() {
            let message =
                "no container of the stack's task definitions has any of the application's secrets";
            return Err(Error::request(
                message,
                "check `stack` of the application and the names of its secret lines",
            ));
        }
        Ok((
            Self::new(project, &known, rows(project, &pairs, found), "the stack's"),
            notes,
        ))
    }
}

/// Index of the secret line, and the container.
///
/// The index comes first, so that the order of a map of these is the order of the secret lines.
type Holder = (usize, String);
/// A secret line with the stored secret that it is compared with.
type Pair<'p> = (&'p SecretLine, Stored);

/// Returns the application's stacks in a Region, with their nested stacks.
///
/// A stack that does not exist leaves a note. Only the account is checked in that case, so that a
/// wrong profile is an error rather than "nothing is deployed".
async fn stacks(
    deployments: &AwsDeployments,
    region: &Region,
    names: &[String],
    notes: &mut Vec<String>,
) -> Result<Vec<Box<DeployedStack>>, StoreError> {
    let mut found = Vec::new();
    for name in names {
        match find(deployments, region, name).await? {
            Ok(mut stack) => {
                stack.look_inside(deployments, Depth::Nested).await?;
                notes.append(&mut stack.notes);
                found.push(stack);
            }
            Err(absence) => notes.push(absence.describe(name, region)),
        }
    }
    Ok(found)
}

/// Returns the stored values for a stack in a Region, by secret line: those of that Region, or of
/// the Region in an ARN.
///
/// An ARN of another Region is read there: a task in `eu-west-1` that refers to a parameter of
/// `us-west-2` gets that one, and the comparison must be with it.
async fn stored<'p>(
    store: &impl ParameterStore,
    pairs: &'p [Pair<'p>],
    region: &Region,
) -> Result<BTreeMap<&'p str, SecretValue>, StoreError> {
    let mut by_region: Vec<(&Region, Vec<&Pair<'_>>)> = Vec::new();
    for pair in pairs {
        let Some((_, regions)) = pair.1.parameter() else {
            continue;
        };
        let Some(own) = regions
            .iter()
            .find(|own| *own == region)
            .or(regions.first())
        else {
            continue;
        };
        match by_region.iter_mut().find(|(known, _)| *known == own) {
            Some((_, pairs)) => pairs.push(pair),
            None => by_region.push((own, vec![pair])),
        }
    }
    let mut values = BTreeMap::new();
    for (own, pairs) in by_region {
        let names: Vec<_> = pairs
            .iter()
            .filter_map(|(_, own)| Some(own.parameter()?.0.clone()))
            .collect();
        for parameter in store.read(own, &names).await? {
            for (line, own) in &pairs {
                if own
                    .parameter()
                    .is_some_and(|(name, _)| *name == parameter.found.name)
                {
                    values.insert(line.name.as_str(), parameter.value.clone());
                }
            }
        }
    }
    Ok(values)
}

/// Returns the values that a stack's containers have for the secret lines.
///
/// They are gathered only to be hidden: a message about the stack may quote a container or a
/// resource whose name equals one of them.
fn own_values<'s>(stack: &'s DeployedStack, pairs: &[Pair<'_>]) -> Vec<&'s SecretValue> {
    let containers = stack
        .inside
        .task_definitions
        .iter()
        .flat_map(|(_, task)| &task.containers);
    containers
        .flat_map(|container| {
            pairs
                .iter()
                .filter_map(|(line, _)| value_of(container, line))
        })
        .collect()
}

/// Compares a secret line with the stored value in each container that has it.
///
/// A container that has the line neither by value nor by reference gives no row. A name is never in
/// both lists: ECS refuses that.
fn comparisons(
    task: &TaskDefinition,
    line: &SecretLine,
    stored_as: &Stored,
    stored: Option<&SecretValue>,
) -> Vec<(String, Comparison)> {
    let mut found = Vec::new();
    for container in &task.containers {
        let comparison = match (value_of(container, line), stored) {
            (None, _) if has_reference(container, line) => Comparison::ByReference,
            (None, _) => continue,
            (Some(_), _) if stored_as.parameter().is_none() => Comparison::NotCompared,
            (Some(_), None) => Comparison::Missing,
            (Some(value), Some(stored)) if value == stored => Comparison::Equal,
            (Some(_), Some(_)) => Comparison::Different,
        };
        found.push((container.name.clone(), comparison));
    }
    found
}

/// Returns a row for each line in each container, in the order of the secret lines, then of the
/// containers.
///
/// The place is the line in the configuration: a stack has no file that a reader could open.
fn rows(
    project: &Project,
    pairs: &[Pair<'_>],
    found: BTreeMap<Holder, BTreeMap<String, Comparison>>,
) -> Vec<ParityRow> {
    let row = |((index, container), regions): (Holder, BTreeMap<String, Comparison>)| {
        let (line, stored_as) = &pairs[index];
        let location = line.name_location;
        ParityRow {
            name: line.name.clone(),
            container,
            place: Place::of(project.sources(), location),
            parameter: stored_as.text(),
            regions,
            location,
        }
    };
    found.into_iter().map(row).collect()
}
