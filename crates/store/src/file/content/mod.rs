//! The content of a file store, and the rules of Parameter Store for it: versions, labels, tiers
//! and limits.
//!
//! Emulates the part of Parameter Store that byref uses, so that a command which succeeds on a file
//! also succeeds on AWS:
//!
//! | Rule | Error |
//! | --- | --- |
//! | a parameter is created only once | `AlreadyExists` |
//! | its type never changes | `TypeChange` |
//! | its tier never gets smaller | `TierChange` |
//! | a value fits into its tier | `Value` |
//! | the oldest of 100 versions is dropped, unless it has a label | `VersionLimit` |
//! | a version has a limited number of labels | `LabelLimit` |
//! | a parameter has up to 50 tags | `Refused` |
//! | a Region has a limited number of parameters per tier | `ParameterLimit` |
//!
//! Every operation checks all rules before it changes anything, so a failure leaves the content as
//! it was.

mod stored;

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{
    KmsKey, LABELS_PER_VERSION, Label, ParameterName, ParameterType, Region, Tier, check_value,
};
use serde::{Deserialize, Serialize};

use super::text;
use crate::error::StoreError;
use crate::parameter::{
    Description, Found, Parameter, Put, PutMode, Selection, Tag, Version, VersionSelector,
};
use crate::store::DEFAULT_KEY;
use stored::{Stored, find};

pub(super) use stored::Writer;

/// The number of tags that a parameter can have. Source: Systems Manager API reference,
/// `AddTagsToResource`.
const TAGS: usize = 50;

/// Returns the quota of parameters per tier and Region.
///
/// Source: [Service quotas for Parameter
/// Store](https://docs.aws.amazon.com/general/latest/gr/ssm.html).
fn parameters_of(tier: Tier) -> usize {
    match tier {
        Tier::Standard => 10_000,
        Tier::Advanced => 100_000,
    }
}

/// The parameters of one account, by Region.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Content {
    #[serde(with = "text::keys")]
    regions: BTreeMap<Region, Parameters>,
}

/// The parameters of one Region, by name.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Parameters(#[serde(with = "text::keys")] BTreeMap<ParameterName, Stored>);

/// A marker for operations: `true` if the content differs from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed(pub(super) bool);

impl Content {
    /// Returns `true` if content that was read from a file meets the rules that the operations rely
    /// on: versions in ascending order, unique labels, and values within the limits of their tier.
    pub(super) fn is_sound(&self) -> bool {
        self.regions
            .values()
            .flat_map(|parameters| parameters.0.values())
            .all(Stored::is_sound)
    }

    /// Returns `true` if no Region has a parameter.
    pub(super) fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    fn get(&self, region: &Region, name: &ParameterName) -> Option<&Stored> {
        self.regions.get(region)?.0.get(name)
    }

    /// # Errors
    ///
    /// [`StoreError::NotFound`] without such a parameter.
    fn of(&self, region: &Region, name: &ParameterName) -> Result<&Stored, StoreError> {
        self.get(region, name).ok_or_else(|| StoreError::NotFound {
            name: name.clone(),
            region: region.clone(),
        })
    }

    fn of_mut(&mut self, region: &Region, name: &ParameterName) -> Result<&mut Stored, StoreError> {
        self.regions
            .get_mut(region)
            .and_then(|parameters| parameters.0.get_mut(name))
            .ok_or_else(|| StoreError::NotFound {
                name: name.clone(),
                region: region.clone(),
            })
    }

    /// Returns the parameters with these names that exist, sorted by name.
    fn named<'c>(
        &'c self,
        region: &Region,
        names: &[ParameterName],
    ) -> impl Iterator<Item = (&'c ParameterName, &'c Stored)> + use<'c> {
        let names: BTreeSet<&ParameterName> = names.iter().collect();
        let parameters = self.regions.get(region);
        let found = names
            .into_iter()
            .filter_map(|name| parameters?.0.get_key_value(name));
        found.collect::<Vec<_>>().into_iter()
    }

    fn all<'c>(
        &'c self,
        region: &Region,
    ) -> impl Iterator<Item = (&'c ParameterName, &'c Stored)> + use<'c> {
        self.regions
            .get(region)
            .into_iter()
            .flat_map(|parameters| &parameters.0)
    }

    pub(super) fn look_up(&self, region: &Region, names: &[ParameterName]) -> Vec<Found> {
        self.named(region, names)
            .map(|(name, stored)| stored.found(name))
            .collect()
    }

    pub(super) fn read(&self, region: &Region, names: &[ParameterName]) -> Vec<Parameter> {
        self.named(region, names)
            .map(|(name, stored)| stored.parameter(name))
            .collect()
    }

    pub(super) fn read_version(
        &self,
        region: &Region,
        name: &ParameterName,
        selector: &VersionSelector,
    ) -> Result<Parameter, StoreError> {
        let stored = self.of(region, name)?;
        let version = stored.versions.iter().find(|version| match selector {
            VersionSelector::Number(number) => version.number == *number,
            VersionSelector::Label(label) => version.labels.contains(label),
        });
        let version = version.ok_or_else(|| StoreError::VersionNotFound {
            name: name.clone(),
            selector: selector.to_string(),
            region: region.clone(),
        })?;
        Ok(stored.at(name, version))
    }

    /// Returns the parameters below a path, at any depth.
    pub(super) fn list(&self, region: &Region, path: &ParameterName) -> Vec<Found> {
        self.below(region, path)
            .map(|(name, stored)| stored.found(name))
            .collect()
    }

    pub(super) fn list_values(&self, region: &Region, path: &ParameterName) -> Vec<Parameter> {
        self.below(region, path)
            .map(|(name, stored)| stored.parameter(name))
            .collect()
    }

    /// Returns the parameters below a path: `/web` matches `/web/a`, not `/web` and not `/website`.
    fn below<'c>(
        &'c self,
        region: &Region,
        path: &ParameterName,
    ) -> impl Iterator<Item = (&'c ParameterName, &'c Stored)> + use<'c> {
        let start = format!("{path}/");
        self.all(region)
            .filter(move |(name, _)| name.as_str().starts_with(&start))
    }

    pub(super) fn describe(&self, region: &Region, selection: Selection<'_>) -> Vec<Description> {
        match selection {
            Selection::Names(names) => self
                .named(region, names)
                .map(|(name, stored)| stored.description(name))
                .collect(),
            Selection::Prefix(start) => self
                .all(region)
                .filter(|(name, _)| name.as_str().starts_with(start))
                .map(|(name, stored)| stored.description(name))
                .collect(),
        }
    }

    pub(super) fn history(
        &self,
        region: &Region,
        name: &ParameterName,
    ) -> Result<Vec<Version>, StoreError> {
        let stored = self.of(region, name)?;
        let versions = stored.versions.iter().map(|version| Version {
            number: version.number,
            kind: stored.kind,
            modified: Some(version.modified),
            modified_by: Some(version.modified_by.clone()),
            labels: version.labels.iter().cloned().collect(),
        });
        Ok(versions.collect())
    }

    /// Adds a version and returns its number. An overwrite without a tier keeps the tier of the
    /// parameter.
    pub(super) fn put(
        &mut self,
        region: &Region,
        put: &Put,
        writer: &Writer<'_>,
    ) -> Result<u64, StoreError> {
        let (name, region_name) = (put.name.clone(), region.clone());
        let old = self.get(region, &put.name);
        match (&put.mode, old) {
            (PutMode::Create(_), Some(_)) => {
                return Err(StoreError::AlreadyExists {
                    name,
                    region: region_name,
                });
            }
            (_, Some(old)) if old.kind != put.kind => {
                return Err(StoreError::TypeChange {
                    name,
                    region: region_name,
                });
            }
            _ => {}
        }
        let tier = put.tier.or(old.map(|old| old.tier)).unwrap_or_default();
        if old.is_some_and(|old| old.tier > tier) {
            return Err(StoreError::TierChange {
                name,
                region: region_name,
            });
        }
        check_value(&put.value, tier).map_err(|problem| StoreError::Value { problem })?;
        let key = key_of(region, put)?;
        if old.is_none_or(|old| old.tier != tier) {
            self.check_room(region, tier)?;
        }
        let tags = match &put.mode {
            PutMode::Create(tags) => checked_tags(BTreeMap::new(), tags, region)?,
            PutMode::Overwrite => BTreeMap::new(),
        };
        let parameters = &mut self.regions.entry(region_name.clone()).or_default().0;
        let stored = parameters.entry(name.clone()).or_insert_with(|| Stored {
            kind: put.kind,
            tier,
            key: None,
            tags,
            versions: Vec::new(),
        });
        let number = stored
            .push(&put.value, writer)
            .ok_or(StoreError::VersionLimit {
                name,
                region: region_name,
            })?;
        (stored.tier, stored.key) = (tier, key);
        Ok(number)
    }

    /// Checks that one more parameter of this tier fits into the quota.
    fn check_room(&self, region: &Region, tier: Tier) -> Result<(), StoreError> {
        let limit = parameters_of(tier);
        let is_full = self.regions.get(region).is_some_and(|parameters| {
            // Most stores are far below the limit. Only full ones are counted by tier.
            parameters.0.len() >= limit
                && parameters
                    .0
                    .values()
                    .filter(|stored| stored.tier == tier)
                    .count()
                    >= limit
        });
        if is_full {
            Err(StoreError::ParameterLimit {
                region: region.clone(),
            })
        } else {
            Ok(())
        }
    }

    /// Returns the names that existed. A Region without parameters is removed as well, which `is_empty` relies on.
    pub(super) fn delete(
        &mut self,
        region: &Region,
        names: &[ParameterName],
    ) -> Vec<ParameterName> {
        let names: BTreeSet<&ParameterName> = names.iter().collect();
        let Some(parameters) = self.regions.get_mut(region) else {
            return Vec::new();
        };
        let deleted = names
            .into_iter()
            .filter_map(|name| parameters.0.remove_entry(name))
            .map(|(name, _)| name);
        let deleted = deleted.collect();
        self.regions
            .retain(|_, parameters| !parameters.0.is_empty());
        deleted
    }

    /// Moves a label to a version. Nothing changes if the version has the label already.
    pub(super) fn label(
        &mut self,
        region: &Region,
        name: &ParameterName,
        number: u64,
        label: &Label,
    ) -> Result<Changed, StoreError> {
        let versions = &mut self.of_mut(region, name)?.versions;
        let version = find(versions, region, name, number)?;
        if version.labels.contains(label) {
            return Ok(Changed(false));
        }
        if version.labels.len() >= LABELS_PER_VERSION {
            return Err(StoreError::LabelLimit {
                name: name.clone(),
                region: region.clone(),
            });
        }
        for version in versions {
            version.labels.remove(label);
            if version.number == number {
                version.labels.insert(label.clone());
            }
        }
        Ok(Changed(true))
    }

    pub(super) fn unlabel(
        &mut self,
        region: &Region,
        name: &ParameterName,
        number: u64,
        label: &Label,
    ) -> Result<Changed, StoreError> {
        let versions = &mut self.of_mut(region, name)?.versions;
        Ok(Changed(
            find(versions, region, name, number)?.labels.remove(label),
        ))
    }

    pub(super) fn tag(
        &mut self,
        region: &Region,
        name: &ParameterName,
        tags: &[Tag],
    ) -> Result<Changed, StoreError> {
        let stored = self.of_mut(region, name)?;
        let tags = checked_tags(stored.tags.clone(), tags, region)?;
        let is_changed = stored.tags != tags;
        stored.tags = tags;
        Ok(Changed(is_changed))
    }

    pub(super) fn tags(
        &self,
        region: &Region,
        name: &ParameterName,
    ) -> Result<Vec<Tag>, StoreError> {
        let tags = &self.of(region, name)?.tags;
        Ok(tags
            .iter()
            .map(|(key, value)| Tag {
                key: key.clone(),
                value: value.clone(),
            })
            .collect())
    }
}

/// Returns the key that encrypts the parameter, as text. The ARN of a key in another Region is an
/// error, as in Parameter Store.
fn key_of(region: &Region, put: &Put) -> Result<Option<String>, StoreError> {
    match &put.key {
        _ if put.kind != ParameterType::SecureString => Ok(None),
        Some(KmsKey::Arn { region: of_key, .. }) if of_key != region => {
            Err(StoreError::InvalidKey {
                name: put.name.clone(),
                region: region.clone(),
            })
        }
        Some(key) => Ok(Some(key.to_string())),
        None => Ok(Some(DEFAULT_KEY.to_owned())),
    }
}

/// Returns the existing tags merged with new ones, within the limit of [`TAGS`].
fn checked_tags(
    mut all: BTreeMap<String, String>,
    tags: &[Tag],
    region: &Region,
) -> Result<BTreeMap<String, String>, StoreError> {
    all.extend(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
    if all.len() > TAGS {
        let code = "TooManyTagsError".to_owned();
        return Err(StoreError::Refused {
            action: "ssm:AddTagsToResource",
            region: region.clone(),
            code,
        });
    }
    Ok(all)
}
