//! `byref secret copy`

use byref_parameter::{ParameterType, Region, SecretValue};
use byref_store::StoreError;

use super::get::read;
use super::put::plain_desire;
use crate::args::Common;
use crate::args::secret::Copy;
use crate::failure::{Failure, Outcome};
use crate::output::note;
use crate::store::{Conflicts, Desire, Progress, Store, Stores, Target, Targets, Writing, block_on, line_values};

pub(crate) fn run(common: &Common, options: &Copy) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let from = Targets::new(&project, &options.place)?;
    let to = from.moved(options.to_environment.as_deref(), options.to_app.as_deref(), options.to_scope)?;
    let region = source_region(&from, options.from_region.as_deref())?;
    let stores = Stores::to_write(&options.place.store);
    let writing = Writing {
        common,
        options: &options.write,
        stores: &stores,
        environment: to.environment,
        conflicts: Conflicts::of(options.overwrite),
        question: format!("Copy to {}?", to.environment.name),
    };
    block_on(async {
        let source = stores.open(from.environment, &Progress::hidden())?;
        let desires = match &options.secret {
            Some(secret) => vec![one(options, &from, &to, &source, &region, secret).await?],
            None => all(common, &from, &to, &source, &region).await?,
        };
        let store = stores.open(to.environment, &Progress::hidden())?;
        writing.carry_out(&store, desires).await
    })
}

fn source_region(from: &Targets<'_>, asked: Option<&str>) -> Result<Region, Failure> {
    match asked {
        None => Ok(from.regions[0].clone()),
        Some(text) => Ok(crate::store::regions(from.environment, &[text.to_owned()])?.remove(0)),
    }
}

async fn one(
    options: &Copy,
    from: &Targets<'_>,
    to: &Targets<'_>,
    store: &Store,
    region: &Region,
    secret: &str,
) -> Result<Desire, Failure> {
    let source = from.one(secret, options.full_name)?;
    let target = match &options.to {
        Some(to_secret) => to.one(to_secret, options.full_name)?,
        None => counterpart(options, to, &source, secret)?,
    };
    let region = if source.regions.contains(region) { region } else { &source.regions[0] };
    let is_same_place = source.name == target.name && from.environment.name == to.environment.name;
    if is_same_place && target.regions.len() < 2 {
        return Err(Failure::usage(
            format!("`{}` would be copied to itself", source.name),
            "say where to: `--to-environment`, `--to-app`, `--to-scope` or `--to`",
        ));
    }
    let parameter = read(store, region, &source.name, None).await?;
    Ok(copy_of(to, target, parameter.value, parameter.found.kind))
}

/// The same secret in another place: the line of the same name there, else the same key.
fn counterpart(options: &Copy, to: &Targets<'_>, source: &Target, secret: &str) -> Result<Target, Failure> {
    match (to.one(secret, options.full_name), &source.key) {
        (Ok(target), key) if target.line.is_some() || key.is_none() => Ok(target),
        (_, Some(key)) => to.one(key, false),
        (result, None) => result,
    }
}

/// Every line of the application that leads to another parameter there than here.
async fn all(
    common: &Common,
    from: &Targets<'_>,
    to: &Targets<'_>,
    store: &Store,
    region: &Region,
) -> Result<Vec<Desire>, Failure> {
    let app = from.require_app()?;
    let at_region = from.in_region(region);
    let (lines, elsewhere) = line_values(store, &at_region, app).await?;
    for name in elsewhere {
        note(common, &format!("`{name}` is kept in Secrets Manager and is left out"));
    }
    let mut desires = Vec::new();
    for line in lines {
        let target = to.one(&line.name, false)?;
        let is_same = target.name == line.target.name && from.environment.name == to.environment.name;
        if is_same && target.regions.len() < 2 {
            continue;
        }
        let region = line.target.regions[0].clone();
        let value = line.value.ok_or(StoreError::NotFound { name: line.target.name, region })?;
        desires.push(copy_of(to, target, value, ParameterType::SecureString));
    }
    Ok(desires)
}

fn copy_of(to: &Targets<'_>, target: Target, value: SecretValue, kind: ParameterType) -> Desire {
    let mut desire = plain_desire(to, target, value);
    if kind != ParameterType::SecureString {
        desire.kind = kind;
        desire.keys.clear();
    }
    if desire.value.expose().len() > byref_parameter::Tier::Standard.value_bytes() {
        desire.tier = Some(byref_parameter::Tier::Advanced);
    }
    desire
}
