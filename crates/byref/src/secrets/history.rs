//! The versions of a secret, without values.
//!
//! Each Region counts its own versions, so version 3 in one Region need not have the value of
//! version 3 in another. [`HealthCheck`](super::HealthCheck) compares the newest ones, and a label
//! marks the same value in all of them.
//!
//! ```text
//! /production/web/db-password
//!   us-west-2
//!        3  2026-05-01T10:00:00Z  arn:aws:iam::111122223333:user/ana  [stable]
//!        2  2026-04-01T09:30:00Z  arn:aws:iam::111122223333:user/ana
//! ```
//!
//! Parameter Store keeps 100 versions; older ones are gone.

use byref_parameter::{Label, ParameterName, ParameterType, Region};
use byref_store::{ParameterStore, Version};
use futures_util::future::join_all;
use serde::Serialize;

use super::serialized;
use super::target::Target;
use crate::error::Error;
use crate::render::escape::line;

/// One version. Keys are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct VersionRow {
    /// The number, from 1; each Region counts its own versions.
    pub version: u64,
    /// The type.
    #[serde(rename = "type", serialize_with = "serialized::text")]
    pub kind: ParameterType,
    /// The time of the write (RFC 3339).
    pub modified: Option<String>,
    /// The ARN of the writer; in a file store the name of the user.
    pub modified_by: Option<String>,
    /// The labels, sorted.
    #[serde(serialize_with = "serialized::texts")]
    pub labels: Vec<Label>,
}

/// The versions of one Region. Keys are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct RegionHistory {
    /// The Region.
    #[serde(serialize_with = "serialized::text")]
    pub region: Region,
    /// The versions that the store keeps, newest first.
    pub versions: Vec<VersionRow>,
}

/// The versions of a secret in all its Regions. Serialises as the list of the Regions.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct History {
    #[serde(skip)]
    name: ParameterName,
    /// The Regions, in their order.
    pub regions: Vec<RegionHistory>,
}

impl From<Version> for VersionRow {
    fn from(version: Version) -> Self {
        Self {
            version: version.number,
            kind: version.kind,
            modified: version.modified.map(|time| time.to_string()),
            modified_by: version.modified_by,
            labels: version.labels,
        }
    }
}

impl History {
    /// Reads the versions in all Regions at once.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the secret is missing in any Region, or any cannot be read.
    pub async fn read<S: ParameterStore>(store: &S, target: &Target) -> Result<Self, Error> {
        let asked = target
            .regions
            .iter()
            .map(|region| store.history(region, &target.name));
        let answers = join_all(asked).await;
        let mut regions = Vec::new();
        for (region, versions) in target.regions.iter().zip(answers) {
            let versions = versions?.into_iter().rev().map(VersionRow::from).collect();
            regions.push(RegionHistory {
                region: region.clone(),
                versions,
            });
        }
        Ok(Self {
            name: target.name.clone(),
            regions,
        })
    }

    /// Returns the history as text, one line for each version.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.name);
        for history in &self.regions {
            line!(text, "  {}", history.region);
            for row in &history.versions {
                let [modified, by] =
                    [&row.modified, &row.modified_by].map(|part| part.as_deref().unwrap_or("-"));
                let labels = row
                    .labels
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ");
                let labels = if labels.is_empty() {
                    labels
                } else {
                    format!("  [{labels}]")
                };
                line!(text, "    {:>4}  {modified}  {by}{labels}", row.version);
            }
        }
        text
    }
}
