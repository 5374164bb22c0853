//! The restoration of an old value, as a new version.
//!
//! Each Region counts its own versions. The version to restore is read in the first Region, and its
//! value is written to all of them. Before the write, that version gets a label in the first Region
//! that names the newest version at that time: if the run is cut off, the next run finds the label
//! and finishes the same rollback, instead of beginning another one.

use byref_parameter::{Label, ParameterName, Region};
use byref_store::{Parameter, ParameterStore, StoreError, VERSIONS, Version, VersionSelector};

use super::not_found;
use super::target::{Target, Targets};
use super::write::SecretWrite;
use crate::error::Error;

/// The label of the version to restore, in front of the number of the version that was the newest
/// one.
const LABEL: &str = "byref-rollback.";

/// The rollback of a secret to an old version: the version to restore, as the first Region has it.
#[derive(Clone, Debug)]
pub struct Rollback {
    region: Region,
    name: ParameterName,
    restored: Parameter,
    label: Option<Label>,
}

/// A rollback whose version has its label, or could not get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The version has the label, or needs none.
    Yes,
    /// The store refused to set or remove the label. The rollback itself is not affected.
    Refused(StoreError),
}

impl Rollback {
    /// Finds the version to restore: the given one; else the one of a rollback that was cut off;
    /// else the one before the newest.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the secret or the version does not exist in the first Region, or cannot
    /// be read; [`Error::Request`] if there is only one version.
    pub async fn find<S: ParameterStore>(
        store: &S,
        target: &Target,
        version: Option<&VersionSelector>,
    ) -> Result<Self, Error> {
        let (name, region) = (&target.name, target.first_region());
        let history = store.history(region, name).await?;
        let newest = history
            .last()
            .ok_or_else(|| not_found(region, name))?
            .number;
        let (restored, from) = if let Some(version) = version {
            (store.read_version(region, name, version).await?, newest)
        } else if let Some(unfinished) = unfinished(store, region, name, &history, newest).await? {
            unfinished
        } else {
            let previous = history.iter().rev().nth(1).map(|version| version.number).ok_or_else(|| {
                Error::request(
                    format!("`{name}` has only one version in {region}"),
                    "there is nothing to go back to; store another value with `byref secret put`",
                )
            })?;
            (
                store
                    .read_version(region, name, &VersionSelector::Number(previous))
                    .await?,
                newest,
            )
        };
        // Parameter Store does not delete a labelled version: a label on the oldest of 100 would
        // block the new one.
        let is_next_to_be_deleted =
            history.len() as u64 >= VERSIONS && history[0].number == restored.found.version;
        let label = if is_next_to_be_deleted {
            None
        } else {
            format!("{LABEL}{from}").parse().ok()
        };
        Ok(Self {
            region: region.clone(),
            name: name.clone(),
            restored,
            label,
        })
    }

    /// Returns the number of the version to restore, in the first Region.
    pub fn version(&self) -> u64 {
        self.restored.found.version
    }

    /// Returns the first Region, in which the version was found.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Returns the label that marks the version while the rollback is under way.
    pub fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }

    /// Returns the write of the old value and type to all Regions.
    pub fn write(&self, targets: &Targets<'_>, target: Target) -> SecretWrite {
        targets
            .write_any_size(target, self.restored.value.clone())
            .of_type(self.restored.found.kind)
    }

    /// Labels the version before the write, so that another run can finish a rollback that was cut
    /// off.
    pub async fn mark<S: ParameterStore>(&self, store: &S) -> Marked {
        let Some(label) = &self.label else {
            return Marked::Yes;
        };
        Marked::of(
            store
                .label(&self.region, &self.name, self.version(), label)
                .await,
        )
    }

    /// Removes the label after the write.
    pub async fn unmark<S: ParameterStore>(&self, store: &S) -> Marked {
        let Some(label) = &self.label else {
            return Marked::Yes;
        };
        Marked::of(
            store
                .unlabel(&self.region, &self.name, self.version(), label)
                .await,
        )
    }
}

impl Marked {
    fn of(result: Result<(), StoreError>) -> Self {
        result.map_or_else(Self::Refused, |()| Self::Yes)
    }
}

/// Returns the version that an unfinished rollback restores, and the number of the version it
/// started from. The rollback is unfinished if that version is still the newest, or if one more was
/// written and it holds the restored value.
async fn unfinished<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
    history: &[Version],
    newest: u64,
) -> Result<Option<(Parameter, u64)>, StoreError> {
    for version in history {
        let from = version
            .labels
            .iter()
            .find_map(|label| label.as_str().strip_prefix(LABEL)?.parse::<u64>().ok());
        let Some(from) = from.filter(|from| (*from..=*from + 1).contains(&newest)) else {
            continue;
        };
        let read = async |number| {
            store
                .read_version(region, name, &VersionSelector::Number(number))
                .await
        };
        let restored = read(version.number).await?;
        if newest == from || read(newest).await?.value == restored.value {
            return Ok(Some((restored, from)));
        }
    }
    Ok(None)
}
