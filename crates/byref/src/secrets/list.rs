//! The secrets below a path.
//!
//! A list may be without values, which needs no permission to decrypt. It is made by path and not
//! from the configuration, so it also shows secrets that no line declares any more.
//!
//! ```text
//! /production/web/db-password  SecureString  eu-west-1 missing, us-west-2 3  2026-05-01T10:00:00Z
//! ```

use std::collections::BTreeMap;

use byref_parameter::{ParameterName, ParameterType, Region, SecretValue};
use byref_store::{Found, ParameterStore, StoreError};
use futures_util::future::join_all;
use serde::{Serialize, Serializer};

use super::serialized;
use crate::error::Error;
use crate::render::escape::line;

/// The choice between a list with and without values.
///
/// There are two kinds of requests behind them: for a list without values, the store is not asked
/// to decrypt anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// The list and its text contain the values.
    Reveal,
    /// The store is not asked for values.
    Hide,
}

/// One secret of a list. Keys are only ever added.
///
/// Type, time and value are those of the first Region that has the secret, in the order in which
/// the Regions were given; versions are there for all.
#[derive(Clone, Debug, Serialize)]
pub struct ListedSecret {
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// The type, in the first Region that has the secret.
    #[serde(rename = "type", serialize_with = "serialized::text")]
    pub kind: ParameterType,
    /// The newest version in each Region; `None` where the secret is missing.
    #[serde(serialize_with = "serialized::by_region")]
    pub versions: BTreeMap<Region, Option<u64>>,
    /// The time of the newest version (RFC 3339), in the first Region that has the secret.
    pub modified: Option<String>,
    /// The value in the first Region that has the secret; only with [`Values::Reveal`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "revealed")]
    pub value: Option<SecretValue>,
}

/// Serialises a value in plain text.
///
/// The one place in this module where a value is serialised: a value is there only if the caller
/// asked for values.
#[expect(clippy::ref_option, reason = "serde passes the field")]
fn revealed<S: Serializer>(value: &Option<SecretValue>, serializer: S) -> Result<S::Ok, S::Error> {
    value
        .as_ref()
        .map(SecretValue::expose)
        .serialize(serializer)
}

/// The secrets below a path, by name. Serialises as their list.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct SecretList {
    /// The secrets, sorted by name.
    pub secrets: Vec<ListedSecret>,
}

impl SecretList {
    /// Lists all secrets below a path, at any depth, asking all Regions at once.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if any Region cannot be read.
    pub async fn read<S: ParameterStore>(
        store: &S,
        regions: &[Region],
        path: &ParameterName,
        values: Values,
    ) -> Result<Self, Error> {
        let asked = regions
            .iter()
            .map(|region| list(store, region, path, values));
        let found = join_all(asked)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let nowhere: BTreeMap<Region, Option<u64>> = regions
            .iter()
            .map(|region| (region.clone(), None))
            .collect();
        let mut secrets: BTreeMap<ParameterName, ListedSecret> = BTreeMap::new();
        for (region, (found, value)) in regions
            .iter()
            .zip(found)
            .flat_map(|(region, list)| list.into_iter().map(move |found| (region, found)))
        {
            let secret = secrets
                .entry(found.name.clone())
                .or_insert_with(|| ListedSecret {
                    name: found.name,
                    kind: found.kind,
                    versions: nowhere.clone(),
                    modified: found.modified.map(|time| time.to_string()),
                    value,
                });
            secret.versions.insert(region.clone(), Some(found.version));
        }
        Ok(Self {
            secrets: secrets.into_values().collect(),
        })
    }

    /// Returns the list as text, one line for each secret; with values only if the list has them.
    pub fn text(&self) -> String {
        let width = self
            .secrets
            .iter()
            .map(|secret| secret.name.as_str().len())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for secret in &self.secrets {
            let version = |(region, version): (&Region, &Option<u64>)| match version {
                Some(version) => format!("{region} {version}"),
                None => format!("{region} missing"),
            };
            let versions: Vec<String> = secret.versions.iter().map(version).collect();
            let date = secret.modified.as_deref().unwrap_or("-");
            let value = secret
                .value
                .as_ref()
                .map(|value| format!("  {}", value.expose()))
                .unwrap_or_default();
            let (name, kind) = (secret.name.as_str(), secret.kind.as_str());
            line!(
                text,
                "{name:width$}  {kind:12}  {}  {date}{value}",
                versions.join(", ")
            );
        }
        text
    }
}

/// Lists the secrets of one Region.
///
/// An empty path in a Region is an empty list and no error.
async fn list<S: ParameterStore>(
    store: &S,
    region: &Region,
    path: &ParameterName,
    values: Values,
) -> Result<Vec<(Found, Option<SecretValue>)>, StoreError> {
    Ok(match values {
        Values::Reveal => {
            let parameters = store.list_values(region, path).await?;
            parameters
                .into_iter()
                .map(|parameter| (parameter.found, Some(parameter.value)))
                .collect()
        }
        Values::Hide => store
            .list(region, path)
            .await?
            .into_iter()
            .map(|found| (found, None))
            .collect(),
    })
}
