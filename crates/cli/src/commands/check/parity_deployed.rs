//! `byref check --parity --deployed`: whether the values that the stack's task definitions have now are what is stored.
//! The only proof for parameters and computed values before the first deploy by reference.

use std::collections::BTreeMap;

use byref_aws::TaskDefinition;
use byref_parameter::{Region, SecretValue};
use byref_store::ParameterStore as _;

use super::parity::{Row, Standing, write};
use crate::args::Common;
use crate::args::deploy::Check;
use crate::deployed::{find, stack_name};
use crate::failure::{Failure, Outcome};
use crate::output::note;
use crate::project::Project;
use crate::store::{Progress, Stores, Target, Targets, block_on, deployments};

/// Compares in memory, and prints neither value.
pub(crate) fn run(common: &Common, options: &Check, project: &Project) -> Result<Outcome, Failure> {
    let environment = project.environment(options.environment.as_deref())?;
    let app = project.app(options.app.as_deref(), &[])?;
    let name = stack_name(app, environment)?;
    let targets = Targets::new(project, &super::parity::place(options, app, environment))?;
    let mut pairs: Vec<(&byref_config::SecretLine, Target)> = Vec::new();
    for line in app.secrets(Some(&environment.name)) {
        // What is in Secrets Manager is not compared.
        pairs.extend(targets.of_line(app, line).ok().map(|target| (line, target)));
    }
    let regions = crate::store::regions(environment, &options.region)?;
    let stores = Stores::to_read(&options.store);
    let progress = Progress::new(common, None);
    let asked = block_on(async {
        let deployments = deployments(&options.store, environment, &progress)?;
        let store = stores.open(environment, &progress)?;
        let mut found: BTreeMap<Holder, BTreeMap<String, Standing>> = BTreeMap::new();
        let mut notes = Vec::new();
        for region in &regions {
            let Some(mut stack) = find(&deployments, region, &name).await? else {
                notes.push(format!("there is no stack `{name}` in {region} yet"));
                continue;
            };
            stack.look_inside(&deployments).await?;
            notes.append(&mut stack.notes);
            let mut values: BTreeMap<&str, SecretValue> = BTreeMap::new();
            for (own, targets) in by_region(&pairs, region) {
                let names: Vec<_> = targets.iter().map(|(_, target)| target.name.clone()).collect();
                for parameter in store.read(own, &names).await? {
                    let lines = targets.iter().filter(|(_, target)| target.name == parameter.found.name);
                    values.extend(lines.map(|(line, _)| (line.name.as_str(), parameter.value.clone())));
                }
            }
            for (index, (line, _)) in pairs.iter().enumerate() {
                for (id, task) in &stack.task_definitions {
                    for (container, standing) in standings(task, &line.name, values.get(line.name.as_str())) {
                        let holder = (index, format!("{id}/{container}"));
                        found.entry(holder).or_default().insert(region.to_string(), standing);
                    }
                }
            }
        }
        Ok((found, notes))
    });
    progress.clear();
    let (found, notes) = asked?;
    for text in &notes {
        note(common, text);
    }
    let rows: Vec<Row> = found
        .into_iter()
        .map(|((index, container), regions)| {
            let (line, target) = &pairs[index];
            let location = line.name_location;
            Row {
                name: line.name.clone(),
                container,
                place: project.sources.position(location),
                parameter: target.name.to_string(),
                regions,
                location,
            }
        })
        .collect();
    if rows.is_empty() {
        let what = "no container of the stack's task definitions has any of the application's secrets";
        return Err(Failure::usage(what, "check `stack` of the application and the names of its secret lines"));
    }
    write(project, options, &rows, "the stack's")
}

/// Index of the secret line, and the container.
type Holder = (usize, String);
type Pair<'p> = (&'p byref_config::SecretLine, Target);

/// Where the values for a stack in `region` are stored: there, or where an ARN says.
fn by_region<'p>(pairs: &'p [Pair<'p>], region: &'p Region) -> Vec<(&'p Region, Vec<&'p Pair<'p>>)> {
    let mut found: Vec<(&Region, Vec<&Pair<'_>>)> = Vec::new();
    for pair in pairs {
        let own = if pair.1.regions.contains(region) { Some(region) } else { pair.1.regions.first() };
        let Some(own) = own else { continue };
        match found.iter_mut().find(|(known, _)| *known == own) {
            Some((_, pairs)) => pairs.push(pair),
            None => found.push((own, vec![pair])),
        }
    }
    found
}

/// How a name stands in each container that has it.
fn standings(task: &TaskDefinition, name: &str, stored: Option<&SecretValue>) -> Vec<(String, Standing)> {
    let mut found = Vec::new();
    for container in &task.containers {
        let value = container.environment.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        let standing = match (value, stored) {
            (None, _) if container.secrets.iter().any(|(own, _)| own == name) => Standing::ByReference,
            (None, _) => continue,
            (Some(_), None) => Standing::Missing,
            (Some(value), Some(stored)) if value == stored => Standing::Equal,
            (Some(_), Some(_)) => Standing::Different,
        };
        found.push((container.name.clone(), standing));
    }
    found
}
