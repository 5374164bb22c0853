//! `byref secret rollback`
//!
//! Versions count per Region. The target is read in the first Region, and its value is written to all. Before that
//! the target gets a label there that names the version from which the way goes back: when the command is cut off,
//! the next run finds the label and finishes the same way back, instead of beginning another one.

use byref_parameter::{Label, ParameterName, Region, Tier};
use byref_store::{Parameter, ParameterStore, StoreError, VERSIONS, Version, VersionSelector};

use super::get::parse_version;
use super::put::plain_desire;
use crate::args::Common;
use crate::args::secret::Rollback;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::store::{Consent, Progress, Store, Stores, Targets, block_on, confirm, plan_writes, show_plans, write_all};

const LABEL: &str = "byref-rollback.";

pub(crate) fn run(common: &Common, options: &Rollback) -> Result<Outcome, Failure> {
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let project = crate::project::load(common)?;
    let place = &options.one.place;
    let targets = Targets::new(&project, place)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let stores = Stores::to_change(&place.store);
    block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        let (name, region) = (target.name.clone(), target.regions[0].clone());
        let history = store.history(&region, &name).await?;
        let way = Way::find(&store, &region, &name, history, version.as_ref()).await?;
        let value = way.target.value.clone();
        let mut desire = plain_desire(&targets, target, value);
        desire.kind = way.target.found.kind;
        if desire.value.expose().len() > Tier::Standard.value_bytes() {
            desire.tier = Some(Tier::Advanced);
        }
        let plans = plan_writes(&store, vec![desire]).await?;
        if !common.quiet {
            say(&format!("back to version {} of {region}\n", way.target.found.version));
        }
        show_plans(common, &plans);
        if !plans.iter().any(|planned| planned.changes) {
            say("nothing to write: every Region holds that value already\n");
            way.unmark(common, &store).await;
            store.finish().await?;
            return Ok(Outcome::Done);
        }
        let question = format!("Roll back in {}?", targets.environment.name);
        if let Consent::Stop(outcome) = confirm(&options.write, stores.is_remote(), &question)? {
            return Ok(outcome);
        }
        way.mark(common, &store).await;
        let outcome = write_all(common, &store, targets.environment, plans).await?;
        if outcome == Outcome::Done {
            way.unmark(common, &store).await;
            store.finish().await?;
        }
        Ok(outcome)
    })
}

/// The way back in the first Region.
struct Way {
    region: Region,
    name: ParameterName,
    /// What it goes back to.
    target: Parameter,
    label: Option<Label>,
}

impl Way {
    async fn find(
        store: &Store,
        region: &Region,
        name: &ParameterName,
        history: Vec<Version>,
        asked: Option<&VersionSelector>,
    ) -> Result<Self, Failure> {
        let missing = || StoreError::NotFound { name: name.clone(), region: region.clone() };
        let newest = history.last().ok_or_else(missing)?.number;
        let (target, from) = if let Some(version) = asked {
            (store.read_version(region, name, version).await?, newest)
        } else if let Some(found) = unfinished(store, region, name, &history, newest).await? {
            found
        } else {
            let previous = history.iter().rev().nth(1).map(|version| version.number).ok_or_else(|| {
                Failure::usage(
                    format!("`{name}` has only one version in {region}"),
                    "there is nothing to go back to; store another value with `byref secret put`",
                )
            })?;
            (store.read_version(region, name, &VersionSelector::Number(previous)).await?, newest)
        };
        // A label would keep the oldest of all versions from making room for the new one.
        let is_last_in_line = history.len() as u64 >= VERSIONS && history[0].number == target.found.version;
        let label = if is_last_in_line { None } else { format!("{LABEL}{from}").parse().ok() };
        Ok(Self { region: region.clone(), name: name.clone(), target, label })
    }

    async fn mark(&self, common: &Common, store: &Store) {
        let Some(label) = &self.label else { return };
        if let Err(error) = store.label(&self.region, &self.name, self.target.found.version, label).await {
            note(
                common,
                &format!(
                    "the way back can't be marked ({error}): if it is cut off, say `--version {}` in the next run",
                    self.target.found.version
                ),
            );
        }
    }

    async fn unmark(&self, common: &Common, store: &Store) {
        let Some(label) = &self.label else { return };
        if let Err(error) = store.unlabel(&self.region, &self.name, self.target.found.version, label).await {
            note(common, &format!("the label `{label}` stays in {}: {error}", self.region));
        }
    }
}

/// The target of a way back that was cut off, and the version that it comes from: the newest version is still that
/// one, or it is one further and holds the target's value already.
async fn unfinished(
    store: &Store,
    region: &Region,
    name: &ParameterName,
    history: &[Version],
    newest: u64,
) -> Result<Option<(Parameter, u64)>, Failure> {
    for version in history {
        let from = version.labels.iter().find_map(|label| label.as_str().strip_prefix(LABEL)?.parse::<u64>().ok());
        let Some(from) = from.filter(|from| (*from..=*from + 1).contains(&newest)) else { continue };
        let read = async |number| store.read_version(region, name, &VersionSelector::Number(number)).await;
        let target = read(version.number).await?;
        if newest == from || read(newest).await?.value == target.value {
            return Ok(Some((target, from)));
        }
    }
    Ok(None)
}
