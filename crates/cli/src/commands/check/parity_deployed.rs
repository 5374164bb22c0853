//! `byref check --parity --deployed`: whether the values that the stacks' task definitions have now are what is stored.
//! The only proof for parameters and computed values before the first deploy by reference.

use std::collections::BTreeMap;

use byref_aws::{AwsDeployments, TaskDefinition};
use byref_config::SecretLine;
use byref_known::KnownValues;
use byref_parameter::{Region, SecretValue};
use byref_store::{ParameterStore as _, StoreError};

use super::parity::{Compared, Row, Standing, masked_container, write};
use crate::args::Common;
use crate::args::deploy::Check;
use crate::deployed::{DeployedStack, Depth, find, has_reference, stack_names, value_of};
use crate::failure::{Failure, Outcome};
use crate::output::{keep_secret, note};
use crate::project::Project;
use crate::store::{Progress, Store, Stores, Targets, block_on, deployments};

/// Compares in memory, and prints neither value.
pub(crate) fn run(common: &Common, options: &Check, project: &Project) -> Result<Outcome, Failure> {
    let environment = project.environment(options.environment.as_deref())?;
    let app = project.app(options.app.as_deref(), &[])?;
    let names = stack_names(app, environment)?;
    let targets = Targets::new(project, &super::parity::place(options, app, environment))?;
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for line in app.secrets(Some(&environment.name)) {
        pairs.push((line, Compared::of(project, &targets, (app, environment), line)?));
    }
    let regions = crate::store::regions(environment, &options.region)?;
    let stores = Stores::to_read(&options.store);
    let progress = Progress::new(common, None);
    let asked = block_on(async {
        let deployments = deployments(&options.store, environment, &progress)?;
        let store = stores.open(environment, &progress)?;
        let mut found: BTreeMap<Holder, BTreeMap<String, Standing>> = BTreeMap::new();
        let mut known = KnownValues::default();
        let (mut notes, mut is_deployed) = (Vec::new(), false);
        for region in &regions {
            let stacks = stacks(&deployments, region, &names, &mut notes).await?;
            if stacks.is_empty() {
                continue;
            }
            is_deployed = true;
            let values = stored(&store, &pairs, region).await?;
            let of_stacks = stacks.iter().flat_map(|stack| own_values(stack, &pairs));
            known = known.joined(values.values().chain(of_stacks).map(SecretValue::expose));
            for stack in &stacks {
                let of = if names.len() > 1 { format!("{}: ", stack.name) } else { String::new() };
                for (id, task) in &stack.inside.task_definitions {
                    for (index, (line, compared)) in pairs.iter().enumerate() {
                        for (container, standing) in standings(task, line, compared, values.get(line.name.as_str())) {
                            let holder = (index, format!("{of}{id}/{container}"));
                            found.entry(holder).or_default().insert(region.to_string(), standing);
                        }
                    }
                }
            }
        }
        Ok((found, notes, is_deployed, known))
    });
    progress.clear();
    let (found, notes, is_deployed, known) = asked?;
    keep_secret(&known);
    for text in &notes {
        note(common, text);
    }
    if !is_deployed {
        let what = format!("nothing of `{}` is deployed in {} that could be compared", app.name, environment.name);
        return Err(Failure::usage(what, "compare the template before its first deploy: `--parity TEMPLATE`"));
    }
    if found.is_empty() {
        let what = "no container of the stack's task definitions has any of the application's secrets";
        return Err(Failure::usage(what, "check `stack` of the application and the names of its secret lines"));
    }
    let rows = rows(project, &pairs, found).into_iter();
    let rows: Vec<Row> = rows.map(|row| Row { container: masked_container(&known, &row.container), ..row }).collect();
    write(project, options, &rows, "the stack's")
}

/// Index of the secret line, and the container.
type Holder = (usize, String);
type Pair<'p> = (&'p SecretLine, Compared);

/// The application's stacks in a Region, with all that they nest.
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
            Err(absence) => notes.push(absence.words(name, region)),
        }
    }
    Ok(found)
}

/// The values for a stack in a Region, by secret line: stored there, or where an ARN says.
async fn stored<'p>(
    store: &Store,
    pairs: &'p [Pair<'p>],
    region: &Region,
) -> Result<BTreeMap<&'p str, SecretValue>, StoreError> {
    let mut by_region: Vec<(&Region, Vec<&Pair<'_>>)> = Vec::new();
    for pair in pairs {
        let Some(target) = pair.1.target() else { continue };
        let Some(own) = target.regions.iter().find(|own| *own == region).or(target.regions.first()) else { continue };
        match by_region.iter_mut().find(|(known, _)| *known == own) {
            Some((_, pairs)) => pairs.push(pair),
            None => by_region.push((own, vec![pair])),
        }
    }
    let mut values = BTreeMap::new();
    for (own, pairs) in by_region {
        let names: Vec<_> = pairs.iter().filter_map(|(_, compared)| Some(compared.target()?.name.clone())).collect();
        for parameter in store.read(own, &names).await? {
            for (line, compared) in &pairs {
                if compared.target().is_some_and(|target| target.name == parameter.found.name) {
                    values.insert(line.name.as_str(), parameter.value.clone());
                }
            }
        }
    }
    Ok(values)
}

/// The values that a stack's containers have for the secret lines.
fn own_values<'s>(stack: &'s DeployedStack, pairs: &[Pair<'_>]) -> Vec<&'s SecretValue> {
    let containers = stack.inside.task_definitions.iter().flat_map(|(_, task)| &task.containers);
    containers.flat_map(|container| pairs.iter().filter_map(|(line, _)| value_of(container, line))).collect()
}

/// How a line stands in each container that has it.
fn standings(
    task: &TaskDefinition,
    line: &SecretLine,
    compared: &Compared,
    stored: Option<&SecretValue>,
) -> Vec<(String, Standing)> {
    let mut found = Vec::new();
    for container in &task.containers {
        let standing = match (value_of(container, line), stored) {
            (None, _) if has_reference(container, line) => Standing::ByReference,
            (None, _) => continue,
            (Some(_), _) if compared.target().is_none() => Standing::NotCompared,
            (Some(_), None) => Standing::Missing,
            (Some(value), Some(stored)) if value == stored => Standing::Equal,
            (Some(_), Some(_)) => Standing::Different,
        };
        found.push((container.name.clone(), standing));
    }
    found
}

fn rows(project: &Project, pairs: &[Pair<'_>], found: BTreeMap<Holder, BTreeMap<String, Standing>>) -> Vec<Row> {
    let row = |((index, container), regions): (Holder, BTreeMap<String, Standing>)| {
        let (line, compared) = &pairs[index];
        let location = line.name_location;
        Row {
            name: line.name.clone(),
            container,
            place: project.sources.position(location),
            parameter: compared.text(),
            regions,
            location,
        }
    };
    found.into_iter().map(row).collect()
}
