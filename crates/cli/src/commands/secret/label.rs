//! `byref secret label`

use byref_parameter::{Label, ParameterName, Region, SecretValue};
use byref_store::{Parameter, ParameterStore as _, StoreError, VersionSelector};

use super::get::parse_version;
use crate::args::Common;
use crate::args::secret::LabelArguments;
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::store::{Consent, Progress, Store, Stores, Target, Targets, block_on, confirm};

pub(crate) fn run(common: &Common, options: &LabelArguments) -> Result<Outcome, Failure> {
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let label: Label = options
        .label
        .parse()
        .map_err(|error| Failure::usage(format!("LABEL is {error}"), "for example `release-7`"))?;
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.one.place)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let stores = Stores::to_change(&options.one.place.store);
    block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        let places = if options.remove {
            labelled(&store, &target, &label).await?
        } else {
            versions(&store, &target, version.as_ref()).await?
        };
        let verb = if options.remove { "off" } else { "on" };
        for (region, version) in &places {
            say(&format!("{}: label `{label}` {verb} version {version} in {region}\n", target.name));
        }
        if places.is_empty() {
            say("nothing to do: no version has that label\n");
            return Ok(Outcome::Done);
        }
        if let Consent::Stop(outcome) = confirm(&options.write, stores.is_remote(), "Change labels?")? {
            return Ok(outcome);
        }
        for (region, version) in &places {
            if options.remove {
                store.unlabel(region, &target.name, *version, &label).await?;
            } else {
                store.label(region, &target.name, *version, &label).await?;
            }
        }
        store.finish().await?;
        Ok(Outcome::Done)
    })
}

/// Where the label is now.
async fn labelled(store: &Store, target: &Target, label: &Label) -> Result<Vec<(Region, u64)>, Failure> {
    let mut places = Vec::new();
    for region in &target.regions {
        let history = store.history(region, &target.name).await?;
        let version = history.iter().find(|version| version.labels.contains(label));
        places.extend(version.map(|version| (region.clone(), version.number)));
    }
    Ok(places)
}

/// The version in every Region that is meant: the newest; or the one that has the value which the version has that
/// was asked for in the first Region, since versions count per Region.
async fn versions(
    store: &Store,
    target: &Target,
    asked: Option<&VersionSelector>,
) -> Result<Vec<(Region, u64)>, Failure> {
    let name = &target.name;
    let mut places = Vec::new();
    let Some(asked) = asked else {
        for region in &target.regions {
            let found = store.look_up(region, std::slice::from_ref(name)).await?;
            let missing = || StoreError::NotFound { name: name.clone(), region: region.clone() };
            places.push((region.clone(), found.first().ok_or_else(missing)?.version));
        }
        return Ok(places);
    };
    let first = store.read_version(&target.regions[0], name, asked).await?;
    let number = first.found.version;
    places.push((target.regions[0].clone(), number));
    for region in &target.regions[1..] {
        let version = version_of_value(store, region, name, &first.value, number).await?.ok_or_else(|| {
            Failure::usage(
                format!(
                    "no version of `{name}` in {region} has the value of version {number} in {}",
                    target.regions[0]
                ),
                "`byref secret health` compares the Regions",
            )
        })?;
        places.push((region.clone(), version));
    }
    Ok(places)
}

/// The newest version with a value; one of the same number is the first guess.
async fn version_of_value(
    store: &Store,
    region: &Region,
    name: &ParameterName,
    value: &SecretValue,
    guess: u64,
) -> Result<Option<u64>, StoreError> {
    let history = store.history(region, name).await?;
    let mut numbers: Vec<u64> = history.iter().rev().map(|version| version.number).collect();
    numbers.sort_by_key(|number| *number != guess);
    for number in numbers {
        let Parameter { value: own, .. } = store.read_version(region, name, &VersionSelector::Number(number)).await?;
        if own == *value {
            return Ok(Some(number));
        }
    }
    Ok(None)
}
