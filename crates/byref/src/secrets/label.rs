//! Labels on versions, for the same value in every Region.
//!
//! A label is a name for a version, such as `stable`, which a rollback or a comparison can use
//! instead of a number. Parameter Store does not delete a labelled version: where it is the oldest
//! of 100, no further version can be written.
//!
//! The numbers of the versions differ between Regions, so a label with a version is set by value:
//! the version of the first Region is read, and each other Region is searched for it. That costs
//! one read for each version until it is found; the same number is tried first, and is right where
//! only byref writes.

use byref_parameter::{Label, ParameterName, Region, SecretValue};
use byref_store::{Parameter, ParameterStore, StoreError, VersionSelector};
use serde::Serialize;

use super::target::Target;
use super::{not_found, serialized};
use crate::error::Error;

/// The change that a labelling makes to versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelChange {
    /// The versions get the label; a version that had it loses it.
    Set,
    /// The versions lose the label.
    Remove,
}

/// A planned change of a label, on one version in each Region.
///
/// Its JSON has `name`, `label`, `change` (`set` or `remove`) and `versions` by Region.
#[derive(Clone, Debug, Serialize)]
pub struct Labelling {
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    name: ParameterName,
    #[serde(serialize_with = "serialized::text")]
    label: Label,
    change: LabelChange,
    /// The Regions that change, in their order, each with its version.
    #[serde(serialize_with = "versions")]
    versions: Vec<(Region, u64)>,
}

fn versions<S: serde::Serializer>(
    versions: &[(Region, u64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        versions
            .iter()
            .map(|(region, version)| (region.to_string(), version)),
    )
}

impl Labelling {
    /// Plans a label on the newest version of every Region; or, with a version, on the version of
    /// each Region that has the value of that version in the first one, since each Region counts
    /// its own versions.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the secret or the version does not exist; [`Error::Request`] if a Region
    /// has no version with the value.
    pub async fn set<S: ParameterStore>(
        store: &S,
        target: &Target,
        label: Label,
        version: Option<&VersionSelector>,
    ) -> Result<Self, Error> {
        let versions = match version {
            None => newest_versions(store, target).await?,
            Some(version) => versions_of_value(store, target, version).await?,
        };
        Ok(Self {
            name: target.name.clone(),
            label,
            change: LabelChange::Set,
            versions,
        })
    }

    /// Plans the removal of a label from the versions that have it. Regions without it do not
    /// change.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the secret is missing in any Region, or any cannot be read.
    pub async fn remove<S: ParameterStore>(
        store: &S,
        target: &Target,
        label: Label,
    ) -> Result<Self, Error> {
        let mut versions = Vec::new();
        for region in &target.regions {
            let history = store.history(region, &target.name).await?;
            let labelled = history
                .iter()
                .find(|version| version.labels.contains(&label));
            versions.extend(labelled.map(|version| (region.clone(), version.number)));
        }
        Ok(Self {
            name: target.name.clone(),
            label,
            change: LabelChange::Remove,
            versions,
        })
    }

    /// Returns `true` if no version changes.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Returns the plan as text, one line for each Region.
    pub fn text(&self) -> String {
        let verb = match self.change {
            LabelChange::Set => "on",
            LabelChange::Remove => "off",
        };
        let line = |(region, version): &(Region, u64)| {
            format!(
                "{}: label `{}` {verb} version {version} in {region}\n",
                self.name, self.label
            )
        };
        self.versions.iter().map(line).collect()
    }

    /// Changes the label in one Region after the other, and stops at the first that fails; another
    /// run finishes the rest.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store refuses a change.
    pub async fn carry_out<S: ParameterStore>(&self, store: &S) -> Result<(), Error> {
        for (region, version) in &self.versions {
            match self.change {
                LabelChange::Set => {
                    store
                        .label(region, &self.name, *version, &self.label)
                        .await?;
                }
                LabelChange::Remove => {
                    store
                        .unlabel(region, &self.name, *version, &self.label)
                        .await?;
                }
            }
        }
        Ok(store.finish().await?)
    }
}

async fn newest_versions<S: ParameterStore>(
    store: &S,
    target: &Target,
) -> Result<Vec<(Region, u64)>, StoreError> {
    let mut versions = Vec::new();
    for region in &target.regions {
        let found = store
            .look_up(region, std::slice::from_ref(&target.name))
            .await?;
        let newest = found
            .first()
            .ok_or_else(|| not_found(region, &target.name))?;
        versions.push((region.clone(), newest.version));
    }
    Ok(versions)
}

/// Returns the version of each Region that has the value of a version in the first one.
///
/// All Regions are searched before the first label is set: a Region without the value is an error
/// and changes nothing.
async fn versions_of_value<S: ParameterStore>(
    store: &S,
    target: &Target,
    selector: &VersionSelector,
) -> Result<Vec<(Region, u64)>, Error> {
    let (name, first_region) = (&target.name, target.first_region());
    let first = store.read_version(first_region, name, selector).await?;
    let number = first.found.version;
    let mut versions = vec![(first_region.clone(), number)];
    for region in &target.regions[1..] {
        let version = version_of_value(store, region, name, &first.value, number).await?.ok_or_else(|| {
            Error::request(
                format!("no version of `{name}` in {region} has the value of version {number} in {first_region}"),
                "`byref secret health` compares the Regions",
            )
        })?;
        versions.push((region.clone(), version));
    }
    Ok(versions)
}

/// Returns the newest version with a value; the version with the guessed number is tried first.
async fn version_of_value<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
    value: &SecretValue,
    guess: u64,
) -> Result<Option<u64>, StoreError> {
    let history = store.history(region, name).await?;
    let mut numbers: Vec<u64> = history.iter().rev().map(|version| version.number).collect();
    numbers.sort_by_key(|number| *number != guess);
    for number in numbers {
        let Parameter { value: own, .. } = store
            .read_version(region, name, &VersionSelector::Number(number))
            .await?;
        if own == *value {
            return Ok(Some(number));
        }
    }
    Ok(None)
}
