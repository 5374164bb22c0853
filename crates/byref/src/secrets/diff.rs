//! The comparison of two values of a secret, without showing them.
//!
//! Two values that should be the same often differ in a line break or in one key of a JSON object.
//! The comparison tells which key, and no more than that: not the lengths, not the values, not how
//! alike they are, since each of these narrows a value down.
//!
//! ```text
//! A: /production/web/db version 3 in us-west-2 (production, SecureString)
//! B: /staging/web/db version 1 in us-west-2 (staging, SecureString)
//! different values
//!   database.host  different
//!   database.user  same
//! ```

use std::collections::BTreeMap;

use byref_config::Environment;
use byref_parameter::{ParameterName, ParameterType, Region, SecretValue};
use byref_store::{Parameter, ParameterStore, VersionSelector};
use serde::Serialize;
use serde_json::Value;

use super::target::{SecretName, Targets};
use super::{read, serialized};
use crate::error::Error;
use crate::render::escape::line;

/// The depth down to which objects in JSON values are compared key by key.
///
/// An object below that is compared as a whole.
const DEPTH: usize = 16;

/// One side of a comparison: a version of a secret in a Region of an environment.
///
/// The sides may belong to different environments, and so to different stores: each is read by
/// itself with [`DiffSide::read`].
#[derive(Clone, Debug)]
pub struct DiffSide<'p> {
    environment: &'p Environment,
    region: Region,
    name: ParameterName,
    version: Option<VersionSelector>,
}

/// A side with its value.
#[derive(Clone, Debug)]
pub struct SideValue {
    report: SideReport,
    value: SecretValue,
}

/// A side as a report shows it. Keys are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct SideReport {
    /// The name of the environment.
    pub environment: String,
    /// The Region.
    #[serde(serialize_with = "serialized::text")]
    pub region: Region,
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// The number of the version.
    pub version: u64,
    /// The type.
    #[serde(rename = "type", serialize_with = "serialized::text")]
    pub kind: ParameterType,
}

/// The comparison of one key of two JSON objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyComparison {
    /// Both sides have the same value.
    Same,
    /// The values differ.
    Different,
    /// Only the first side has the key.
    OnlyInFirst,
    /// Only the second side has the key.
    OnlyInSecond,
}

impl KeyComparison {
    fn label(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::OnlyInFirst => "only in A",
            Self::OnlyInSecond => "only in B",
        }
    }
}

/// The comparison of two values. Serialises without them; keys are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The first side.
    pub first: SideReport,
    /// The second side.
    pub second: SideReport,
    /// `true` if the values are the same.
    pub same: bool,
    /// The comparison of each key by its path (`database.user`) if both values are JSON objects.
    pub keys: Option<BTreeMap<String, KeyComparison>>,
}

impl<'p> DiffSide<'p> {
    /// Returns the side that a word means: an environment (its first Region), a Region of the
    /// environment, or the number or label of a version in the first Region. `None` means the
    /// newest version in the first Region.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a word that is none of these, and for a name that gives no parameter
    /// ([`Targets::find`]).
    ///
    /// | word | side |
    /// | --- | --- |
    /// | none | newest version, first Region |
    /// | `staging` | newest version, first Region of that environment |
    /// | `eu-west-1` | newest version in that Region |
    /// | `3` or a label | that version, first Region |
    ///
    /// An environment wins over a Region or a label of the same name.
    pub fn find<'n>(
        targets: &Targets<'p>,
        secret: impl Into<SecretName<'n>>,
        word: Option<&str>,
    ) -> Result<Self, Error> {
        let is_environment =
            |word: &&str| targets.project().config().environments.contains_key(*word);
        let named = word.filter(is_environment);
        let moved = named.map(|name| targets.in_environment(name)).transpose()?;
        let targets = moved.as_ref().unwrap_or(targets);
        let target = targets.find(secret)?;
        let regions = &targets.environment().regions;
        let region = word.and_then(|word| regions.iter().find(|region| region.to_string() == word));
        let version = match word.filter(|_| named.is_none() && region.is_none()) {
            Some(word) => Some(word.parse::<VersionSelector>().map_err(|error| {
                Error::request(
                    format!("one of A and B is {error}, nor a Region or an environment of the configuration"),
                    "for example `3`, `us-west-2` or `production`",
                )
            })?),
            None => None,
        };
        let region = region.unwrap_or(target.first_region()).clone();
        Ok(Self {
            environment: targets.environment(),
            region,
            name: target.name,
            version,
        })
    }

    /// Returns the environment, whose store holds the value.
    pub fn environment(&self) -> &'p Environment {
        self.environment
    }

    /// Reads the value from the store of the environment.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the secret or the version does not exist, or the store cannot be read.
    pub async fn read<S: ParameterStore>(self, store: &S) -> Result<SideValue, Error> {
        let Parameter { found, value } =
            read(store, &self.region, &self.name, self.version.as_ref()).await?;
        let report = SideReport {
            environment: self.environment.name.clone(),
            region: self.region,
            name: self.name,
            version: found.version,
            kind: found.kind,
        };
        Ok(SideValue { report, value })
    }
}

impl Comparison {
    /// Compares two values; JSON objects are compared key by key, down to 16 levels.
    pub fn of(first: SideValue, second: SideValue) -> Self {
        let keys = match (leaves(&first.value), leaves(&second.value)) {
            (Some(one), Some(two)) => Some(compare(&one, &two)),
            _ => None,
        };
        Self {
            same: first.value == second.value,
            first: first.report,
            second: second.report,
            keys,
        }
    }

    /// Returns the comparison as text, without values.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (letter, side) in [("A", &self.first), ("B", &self.second)] {
            let SideReport {
                environment,
                region,
                name,
                version,
                kind,
            } = side;
            line!(
                text,
                "{letter}: {name} version {version} in {region} ({environment}, {kind})"
            );
        }
        text.push_str(if self.same {
            "the same value\n"
        } else {
            "different values\n"
        });
        let Some(keys) = self.keys.as_ref().filter(|_| !self.same) else {
            return text;
        };
        let width = keys.keys().map(String::len).max().unwrap_or(0);
        for (path, comparison) in keys {
            line!(text, "  {path:width$}  {}", comparison.label());
        }
        text
    }
}

/// Returns the values of a JSON object by their paths; `None` for any other text.
///
/// `{"a": {"b": 1, "c": {}}}` → `a.b`, `a.c`. An array is one value. The walk has a list of its own
/// and does not recurse.
fn leaves(value: &SecretValue) -> Option<BTreeMap<String, Value>> {
    let Ok(Value::Object(root)) = serde_json::from_str(value.expose()) else {
        return None;
    };
    let mut leaves = BTreeMap::new();
    let mut open: Vec<(String, Value, usize)> = root
        .into_iter()
        .map(|(key, value)| (key, value, 1))
        .collect();
    while let Some((path, value, depth)) = open.pop() {
        match value {
            Value::Object(object) if depth < DEPTH && !object.is_empty() => {
                open.extend(
                    object
                        .into_iter()
                        .map(|(key, value)| (format!("{path}.{key}"), value, depth + 1)),
                );
            }
            value => {
                leaves.insert(path, value);
            }
        }
    }
    Some(leaves)
}

fn compare(
    one: &BTreeMap<String, Value>,
    two: &BTreeMap<String, Value>,
) -> BTreeMap<String, KeyComparison> {
    let of = |path: &String| match (one.get(path), two.get(path)) {
        (Some(one), Some(two)) if one == two => KeyComparison::Same,
        (Some(_), Some(_)) => KeyComparison::Different,
        (Some(_), None) => KeyComparison::OnlyInFirst,
        (None, _) => KeyComparison::OnlyInSecond,
    };
    one.keys()
        .chain(two.keys())
        .map(|path| (path.clone(), of(path)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_compared_key_by_key() {
        let value = |text: &str| SecretValue::new(text.to_owned());
        let one = leaves(&value(r#"{"a": 1, "b": {"c": "x", "d": []}, "e": {}}"#)).unwrap();
        let two = leaves(&value(r#"{"a": 2, "b": {"c": "x"}, "f": null}"#)).unwrap();
        let keys: Vec<(String, KeyComparison)> = compare(&one, &two).into_iter().collect();
        let expected = [
            ("a", KeyComparison::Different),
            ("b.c", KeyComparison::Same),
            ("b.d", KeyComparison::OnlyInFirst),
            ("e", KeyComparison::OnlyInFirst),
            ("f", KeyComparison::OnlyInSecond),
        ];
        assert_eq!(
            keys,
            expected.map(|(path, comparison)| (path.to_owned(), comparison))
        );
        assert!(leaves(&value("[1]")).is_none());
        assert!(leaves(&value("x")).is_none());
    }
}
