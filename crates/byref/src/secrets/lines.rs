//! The values of the secret lines of an application.
//!
//! Reads need one Region only, since all of them hold the same value. Names are gathered first, so
//! the cost is one list of names for each Region, whatever the number of lines.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::Target as LineTarget;
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::ParameterStore;

use super::not_found;
use super::target::{Target, Targets};
use crate::error::Error;

/// A secret line with the value of its parameter.
#[derive(Clone, Debug)]
pub struct LineValue {
    /// The name of the line: an environment variable.
    pub name: String,
    /// The parameter; the value is that of its first Region.
    pub target: Target,
    /// The value; `None` if the parameter does not exist.
    pub value: Option<SecretValue>,
}

/// The values of an application's environment variables, in the order of its secret lines.
///
/// Lines for log options are left out, because they are not environment variables.
///
/// The values are for the environment of a process, an export or a copy, and are read with
/// decryption.
#[derive(Clone, Debug)]
pub struct LineValues {
    /// The lines that refer to parameters.
    pub lines: Vec<LineValue>,
    /// The names of the lines that refer to Secrets Manager, whose values byref does not read.
    pub in_secrets_manager: Vec<String>,
}

impl LineValues {
    /// Reads the values, with one list of names for each Region.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if no application is chosen or a line gives no valid name;
    /// [`Error::Store`] if the store cannot be read. A missing parameter is not an error.
    pub async fn read<S: ParameterStore>(store: &S, targets: &Targets<'_>) -> Result<Self, Error> {
        let app = targets.require_app()?;
        let mut read = Self {
            lines: Vec::new(),
            in_secrets_manager: Vec::new(),
        };
        for line in targets
            .lines()?
            .into_iter()
            .filter(|line| line.log_option.is_none())
        {
            if let LineTarget::SecretsManager(_) = line.target {
                read.in_secrets_manager.push(line.name.clone());
            } else {
                let target = targets.of_line(app, line)?;
                read.lines.push(LineValue {
                    name: line.name.clone(),
                    target,
                    value: None,
                });
            }
        }
        read.read_values(store).await?;
        Ok(read)
    }

    async fn read_values<S: ParameterStore>(&mut self, store: &S) -> Result<(), Error> {
        let mut names: BTreeMap<Region, BTreeSet<ParameterName>> = BTreeMap::new();
        for LineValue { target, .. } in &self.lines {
            names
                .entry(target.first_region().clone())
                .or_default()
                .insert(target.name.clone());
        }
        let mut values = BTreeMap::new();
        for (region, names) in names {
            let names: Vec<ParameterName> = names.into_iter().collect();
            for parameter in store.read(&region, &names).await? {
                values.insert((region.clone(), parameter.found.name), parameter.value);
            }
        }
        for line in &mut self.lines {
            line.value = values
                .get(&(line.target.first_region().clone(), line.target.name.clone()))
                .cloned();
        }
        Ok(())
    }

    /// Returns all names with their values.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](byref_store::StoreError::NotFound) for the first parameter that
    /// does not exist.
    pub fn require_all(self) -> Result<Vec<(String, SecretValue)>, Error> {
        let pair = |line: LineValue| {
            let value = line
                .value
                .ok_or_else(|| not_found(line.target.first_region(), &line.target.name))?;
            Ok((line.name, value))
        };
        self.lines.into_iter().map(pair).collect()
    }
}
