//! One parameter of a file store with all of its versions.
//!
//! The types are the format of the file: a field without a value is left out, and an unknown field
//! is an error, so that an older byref never drops data of a newer one.

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{
    LABELS_PER_VERSION, Label, ParameterName, ParameterType, Region, SecretValue, Tier, check_value,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::file::text;
use crate::parameter::{Description, Found, Parameter};
use crate::store::VERSIONS;

/// A parameter with all of its versions.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    #[serde(rename = "type", with = "text")]
    pub(super) kind: ParameterType,
    #[serde(with = "text")]
    pub(super) tier: Tier,
    /// The key as AWS shows it, for a `SecureString` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    /// The versions, oldest first; never empty.
    pub(super) versions: Vec<StoredVersion>,
}

/// A version with its value and its labels.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredVersion {
    pub(super) number: u64,
    #[serde(with = "text::secret")]
    pub(super) value: SecretValue,
    #[serde(with = "text")]
    pub(super) modified: Timestamp,
    #[serde(rename = "by")]
    pub(super) modified_by: String,
    #[serde(
        default,
        skip_serializing_if = "BTreeSet::is_empty",
        with = "text::set"
    )]
    pub(super) labels: BTreeSet<Label>,
}

/// The author and the time of a write.
pub(in crate::file) struct Writer<'w> {
    pub(in crate::file) author: &'w str,
    pub(in crate::file) now: Timestamp,
}

impl Stored {
    /// Returns `true` if the parameter meets the rules that the operations rely on; see
    /// `Content::is_sound`.
    pub(super) fn is_sound(&self) -> bool {
        let numbers: Vec<u64> = self.versions.iter().map(|version| version.number).collect();
        let labels: Vec<&Label> = self
            .versions
            .iter()
            .flat_map(|version| &version.labels)
            .collect();
        let distinct: BTreeSet<&Label> = labels.iter().copied().collect();
        numbers.first().is_some_and(|first| *first > 0)
            && numbers.last().is_some_and(|last| *last < u64::MAX)
            && numbers.is_sorted_by(|one, two| one < two)
            && distinct.len() == labels.len()
            && (self.kind == ParameterType::SecureString) == self.key.is_some()
            && self.versions.iter().all(|version| {
                version.labels.len() <= LABELS_PER_VERSION
                    && check_value(&version.value, self.tier).is_ok()
            })
    }

    /// Adds a version and deletes the oldest of 100. Returns `None`, adding nothing, if the oldest
    /// has a label.
    pub(super) fn push(&mut self, value: &SecretValue, writer: &Writer<'_>) -> Option<u64> {
        if self.versions.len() as u64 >= VERSIONS {
            if !self.versions[0].labels.is_empty() {
                return None;
            }
            self.versions.remove(0);
        }
        let number = self.versions.last().map_or(1, |last| last.number + 1);
        self.versions.push(StoredVersion {
            number,
            value: value.clone(),
            modified: writer.now,
            modified_by: writer.author.to_owned(),
            labels: BTreeSet::new(),
        });
        Some(number)
    }

    /// Returns the newest version. There is always one: [`Stored::is_sound`] rejects a file
    /// without.
    pub(super) fn newest(&self) -> &StoredVersion {
        &self.versions[self.versions.len() - 1]
    }

    pub(super) fn found(&self, name: &ParameterName) -> Found {
        self.found_at(name, self.newest())
    }

    pub(super) fn found_at(&self, name: &ParameterName, version: &StoredVersion) -> Found {
        let modified = Some(version.modified);
        Found {
            name: name.clone(),
            kind: self.kind,
            version: version.number,
            modified,
        }
    }

    pub(super) fn parameter(&self, name: &ParameterName) -> Parameter {
        self.at(name, self.newest())
    }

    pub(super) fn at(&self, name: &ParameterName, version: &StoredVersion) -> Parameter {
        Parameter {
            found: self.found_at(name, version),
            value: version.value.clone(),
        }
    }

    pub(super) fn description(&self, name: &ParameterName) -> Description {
        Description {
            found: self.found(name),
            tier: self.tier,
            key: self.key.clone(),
            modified_by: Some(self.newest().modified_by.clone()),
        }
    }
}

/// Returns the version with this number.
pub(super) fn find<'v>(
    versions: &'v mut [StoredVersion],
    region: &Region,
    name: &ParameterName,
    number: u64,
) -> Result<&'v mut StoredVersion, StoreError> {
    versions
        .iter_mut()
        .find(|version| version.number == number)
        .ok_or_else(|| StoreError::VersionNotFound {
            name: name.clone(),
            selector: number.to_string(),
            region: region.clone(),
        })
}
