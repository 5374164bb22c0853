//! `byref secret duplicates`

use byref::secrets::{DuplicateRow, Duplicates, Target, Targets, WritePlan, parse_path, read};
use byref_config::Environment;
use byref_parameter::SecretValue;

use crate::args::Common;
use crate::args::secret::Duplicates as Options;
use crate::failure::{Failure, Outcome};
use crate::output::write_report;
use crate::store::{
    Consent, Progress, Stores, block_on, confirm, read_value, show_plan, write_all,
};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = options.one.place.targets(&project)?;
    let leaked = targets.find(options.one.name())?;
    let replacement = if options.replace {
        Some(read_value(&options.value, "all of them")?)
    } else {
        None
    };
    let stores = Stores::to_change(&options.one.place.store);
    let progress = Progress::new(common, None);
    let found = block_on(find(options, &stores, (&targets, &leaked), &progress));
    progress.clear();
    let found = found?;
    let rows: Vec<DuplicateRow> = found.iter().flat_map(Duplicates::rows).collect();
    write_report(options.format.format, &rows, |rows| {
        DuplicateRow::text(rows)
    })?;
    match replacement {
        Some(value) => block_on(replace(common, options, &stores, &found, &value)),
        None if rows.len() > 1 => Ok(Outcome::Differences),
        None => Ok(Outcome::Done),
    }
}

/// Searches the environment, or every one.
async fn find<'p>(
    options: &Options,
    stores: &Stores<'_>,
    (targets, leaked): (&Targets<'p>, &Target),
    progress: &Progress,
) -> Result<Vec<Duplicates<'p>>, Failure> {
    let path = options.path.as_deref().map(parse_path).transpose()?;
    let all = &targets.project().config().environments;
    let environments: Vec<&Environment> = if options.everywhere {
        all.values().collect()
    } else {
        vec![targets.environment()]
    };
    let store = stores.open(targets.environment(), progress)?;
    let value = read(&store, leaked.first_region(), &leaked.name, None)
        .await?
        .value;
    let mut found = Vec::new();
    for environment in environments {
        let targets = targets.in_environment(&environment.name)?;
        let store = stores.open(environment, progress)?;
        found.push(Duplicates::find(&store, targets, path.as_ref(), &value).await?);
    }
    Ok(found)
}

async fn replace(
    common: &Common,
    options: &Options,
    stores: &Stores<'_>,
    found: &[Duplicates<'_>],
    replacement: &SecretValue,
) -> Result<Outcome, Failure> {
    let mut planned = Vec::new();
    for duplicates in found.iter().filter(|duplicates| !duplicates.is_empty()) {
        let environment = duplicates.targets().environment();
        let store = stores.open(environment, &Progress::hidden())?;
        let plan = WritePlan::new(&store, duplicates.replacements(replacement)).await?;
        planned.push((environment, store, plan));
    }
    for (_, _, plan) in &planned {
        show_plan(common, plan);
    }
    if let Consent::Stop(outcome) = confirm(
        &options.write,
        stores.is_remote(),
        "Give them all the new value?",
    )? {
        return Ok(outcome);
    }
    for (environment, store, plan) in planned {
        let outcome = write_all(common, &store, &environment.name, plan).await?;
        if outcome != Outcome::Done {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Done)
}
