//! The secrets that share a leaked value, and their replacement.
//!
//! When a value has leaked, every secret with it has to be replaced, also those under other names.
//! Only the values themselves tell: Parameter Store has no search by value and no digest. So all
//! secrets below the paths are read and compared in memory, which costs a decryption for each, and
//! the permission for all of them.
//!
//! The search is exact. A value within a longer one, such as a password in a connection string, is
//! not found.

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::ParameterStore;
use futures_util::future::join_all;
use serde::Serialize;

use super::serialized;
use super::target::Targets;
use super::write::SecretWrite;
use crate::error::Error;
use crate::render::escape::line;

/// The secrets of one environment that have a value in any of its Regions.
///
/// The names are kept, and the values that were read for the comparison are not.
#[derive(Clone)]
pub struct Duplicates<'p> {
    targets: Targets<'p>,
    found: BTreeMap<ParameterName, BTreeSet<Region>>,
}

/// One secret with the value. Keys are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DuplicateRow {
    /// The name of the environment.
    pub environment: String,
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// The Regions where the secret has the value, sorted by name.
    #[serde(serialize_with = "serialized::texts")]
    pub regions: BTreeSet<Region>,
}

impl DuplicateRow {
    /// Returns rows as text, one line for each secret, and their number.
    pub fn text(rows: &[Self]) -> String {
        let mut text = String::new();
        for Self {
            environment,
            name,
            regions,
        } in rows
        {
            let regions = regions
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            line!(text, "{name}  {environment}: {regions}");
        }
        match rows.len() {
            1 => text.push_str("1 secret has this value\n"),
            count => line!(text, "{count} secrets have this value"),
        }
        text
    }
}

impl<'p> Duplicates<'p> {
    /// Searches all secrets below a path, or below all paths that names of the configuration can
    /// have. Each path is read in all Regions at once, with values.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if any Region cannot be read.
    pub async fn find<S: ParameterStore>(
        store: &S,
        targets: Targets<'p>,
        path: Option<&ParameterName>,
        value: &SecretValue,
    ) -> Result<Self, Error> {
        let paths = path.map_or_else(|| targets.reachable_paths(), |path| vec![path.clone()]);
        let mut found: BTreeMap<ParameterName, BTreeSet<Region>> = BTreeMap::new();
        for path in paths {
            let asked = targets
                .regions()
                .iter()
                .map(|region| store.list_values(region, &path));
            for (region, parameters) in targets.regions().iter().zip(join_all(asked).await) {
                for parameter in parameters?
                    .into_iter()
                    .filter(|parameter| parameter.value == *value)
                {
                    found
                        .entry(parameter.found.name)
                        .or_default()
                        .insert(region.clone());
                }
            }
        }
        Ok(Self { targets, found })
    }

    /// Returns the environment and its secrets.
    pub fn targets(&self) -> &Targets<'p> {
        &self.targets
    }

    /// Returns `true` if no secret has the value.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns one row for each secret, sorted by name.
    pub fn rows(&self) -> Vec<DuplicateRow> {
        let row = |(name, regions): (&ParameterName, &BTreeSet<Region>)| DuplicateRow {
            environment: self.targets.environment().name.clone(),
            name: name.clone(),
            regions: regions.clone(),
        };
        self.found.iter().map(row).collect()
    }

    /// Returns the writes that give all of them another value, in all Regions of the environment.
    ///
    /// A secret that only some Regions have is written to all of them: a leaked value may be left
    /// in none.
    pub fn replacements(&self, value: &SecretValue) -> Vec<SecretWrite> {
        let write = |name: &ParameterName| {
            let mut target = self.targets.of_parameter(name.clone());
            target
                .regions
                .clone_from(&self.targets.environment().regions);
            self.targets.write(target, value.clone())
        };
        self.found.keys().map(write).collect()
    }
}
