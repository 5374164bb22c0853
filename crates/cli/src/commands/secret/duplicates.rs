//! `byref secret duplicates`

use byref_config::Environment;
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::ParameterStore as _;
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use super::get::read;
use super::list::parse_path;
use super::put::plain_desire;
use crate::args::secret::Duplicates;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::store::{
    Consent, Progress, Stores, Target, Targets, block_on, confirm, plan_writes, read_value, show_plans, write_all,
};
use byref::render::escape::line;

/// One secret with that value. As JSON, keys are only ever added.
#[derive(Serialize)]
struct Row {
    environment: String,
    name: String,
    regions: Vec<String>,
}

pub(crate) fn run(common: &Common, options: &Duplicates) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let place = &options.one.place;
    let targets = Targets::new(&project, place)?;
    let leaked = targets.one(&options.one.secret, options.one.full_name)?;
    let environments: Vec<&Environment> =
        if options.everywhere { project.config().environments.values().collect() } else { vec![targets.environment] };
    let replacement = if options.replace { Some(read_value(&options.value, "all of them")?) } else { None };
    let stores = Stores::to_change(&place.store);
    let progress = Progress::new(common, None);
    let found = block_on(async {
        let store = stores.open(targets.environment, &progress)?;
        let value = read(&store, &leaked.regions[0], &leaked.name, None).await?.value;
        let mut found = Vec::new();
        for environment in environments {
            let targets = targets.moved(Some(&environment.name), None, None)?;
            let twins = twins(&stores, &targets, options.path.as_deref(), &value, &progress).await?;
            found.push((targets, twins));
        }
        Ok(found)
    });
    progress.clear();
    let found = found?;
    show(options, &found)?;
    let Some(replacement) = replacement else {
        let count: usize = found.iter().map(|(_, twins)| twins.len()).sum();
        return Ok(if count > 1 { Outcome::Differences } else { Outcome::Done });
    };
    replace(common, options, &stores, &found, &replacement)
}

type Twins = BTreeMap<ParameterName, BTreeSet<Region>>;

/// The secrets of an environment that have this value in any Region.
async fn twins(
    stores: &Stores<'_>,
    targets: &Targets<'_>,
    path: Option<&str>,
    value: &SecretValue,
    progress: &Progress,
) -> Result<Twins, Failure> {
    let store = stores.open(targets.environment, progress)?;
    let paths = match path {
        Some(path) => vec![parse_path(path)?],
        None => targets.reachable_paths(),
    };
    let mut twins = Twins::new();
    for path in paths {
        let asked = targets.regions.iter().map(|region| store.list_values(region, &path));
        for (region, parameters) in targets.regions.iter().zip(join_all(asked).await) {
            for parameter in parameters?.into_iter().filter(|parameter| parameter.value == *value) {
                twins.entry(parameter.found.name).or_default().insert(region.clone());
            }
        }
    }
    Ok(twins)
}

fn show(options: &Duplicates, found: &[(Targets<'_>, Twins)]) -> Result<(), Failure> {
    let rows: Vec<Row> = found
        .iter()
        .flat_map(|(targets, twins)| {
            twins.iter().map(|(name, regions)| Row {
                environment: targets.environment.name.clone(),
                name: name.to_string(),
                regions: regions.iter().map(ToString::to_string).collect(),
            })
        })
        .collect();
    match options.format.format {
        Format::Json => write_text(&json(&rows)?),
        Format::Text => {
            let mut text = String::new();
            for Row { environment, name, regions } in &rows {
                line!(text, "{name}  {environment}: {}", regions.join(", "));
            }
            line!(text, "{} secrets have this value", rows.len());
            write_text(&text)
        }
    }
}

fn replace(
    common: &Common,
    options: &Duplicates,
    stores: &Stores<'_>,
    found: &[(Targets<'_>, Twins)],
    replacement: &SecretValue,
) -> Result<Outcome, Failure> {
    block_on(async {
        let mut planned = Vec::new();
        for (targets, twins) in found.iter().filter(|(_, twins)| !twins.is_empty()) {
            let store = stores.open(targets.environment, &Progress::hidden())?;
            let desires = twins.keys().map(|name| {
                let target = Target {
                    name: name.clone(),
                    regions: targets.environment.regions.clone(),
                    key: None,
                    scope: None,
                    line: None,
                };
                plain_desire(targets, target, replacement.clone())
            });
            let plans = plan_writes(&store, desires.collect()).await?;
            planned.push((targets.environment, store, plans));
        }
        show_plans(common, planned.iter().flat_map(|(_, _, plans)| plans));
        if let Consent::Stop(outcome) = confirm(&options.write, stores.is_remote(), "Give them all the new value?")? {
            return Ok(outcome);
        }
        for (environment, store, plans) in planned {
            let outcome = write_all(common, &store, environment, plans).await?;
            if outcome != Outcome::Done {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Done)
    })
}
