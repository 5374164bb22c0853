//! `byref secret diff`

use byref_parameter::SecretValue;
use byref_store::{Parameter, VersionSelector};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::get::read;
use crate::args::secret::Diff;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::store::{Progress, Stores, Targets, block_on};
use byref::Project;
use byref::render::escape::line;

/// Objects in JSON values are compared key by key down to this depth.
const DEPTH: usize = 16;

/// One side. As JSON, keys are only ever added.
#[derive(Serialize)]
struct Side {
    environment: String,
    region: String,
    name: String,
    version: u64,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Comparison {
    first: Side,
    second: Side,
    same: bool,
    /// For JSON objects: each key, in their order.
    keys: Option<BTreeMap<String, KeyDifference>>,
}

/// How a key of one side stands to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum KeyDifference {
    Same,
    Different,
    OnlyInFirst,
    OnlyInSecond,
}

impl KeyDifference {
    fn describe(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::OnlyInFirst => "only in A",
            Self::OnlyInSecond => "only in B",
        }
    }
}

pub(crate) fn run(common: &Common, options: &Diff) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let first_is_environment = project.config().environments.contains_key(&options.first);
    let base = first_is_environment.then_some(options.first.as_str());
    let place = Targets::new_in(&project, &options.one.place, base)?;
    let stores = Stores::to_read(&options.one.place.store);
    let comparison = block_on(async {
        let first = side(&stores, &project, &place, options, Some(&options.first)).await?;
        let second = side(&stores, &project, &place, options, options.second.as_deref()).await?;
        Ok(compare(first, second))
    })?;
    match options.format.format {
        Format::Json => write_text(&json(&comparison)?)?,
        Format::Text => write_text(&text(&comparison))?,
    }
    Ok(if options.exit_code && !comparison.same { Outcome::Differences } else { Outcome::Done })
}

/// What a word means: an environment, a Region, or a version in the first Region; nothing means the newest one there.
async fn side(
    stores: &Stores<'_>,
    project: &Project,
    place: &Targets<'_>,
    options: &Diff,
    word: Option<&str>,
) -> Result<(Side, SecretValue), Failure> {
    let environment = word.filter(|word| project.config().environments.contains_key(*word));
    let targets = place.moved(environment, None, None)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let name = &target.name;
    let store = stores.open(targets.environment, &Progress::hidden())?;
    let known_region =
        word.and_then(|word| targets.environment.regions.iter().find(|region| region.to_string() == word));
    let region = known_region.unwrap_or(&target.regions[0]);
    let version = match word {
        Some(word) if environment.is_none() && known_region.is_none() => {
            let wrong = |error| {
                Failure::usage(
                    format!("one of A and B is {error}, nor a Region or an environment of the configuration"),
                    "for example `3`, `us-west-2` or `production`",
                )
            };
            Some(word.parse::<VersionSelector>().map_err(wrong)?)
        }
        _ => None,
    };
    let Parameter { found, value } = read(&store, region, name, version.as_ref()).await?;
    let side = Side {
        environment: targets.environment.name.clone(),
        region: region.to_string(),
        name: name.to_string(),
        version: found.version,
        kind: found.kind.as_str(),
    };
    Ok((side, value))
}

fn compare((first, one): (Side, SecretValue), (second, two): (Side, SecretValue)) -> Comparison {
    let keys = match (leaves(&one), leaves(&two)) {
        (Some(one), Some(two)) => Some(differences(&one, &two)),
        _ => None,
    };
    Comparison { first, second, same: one == two, keys }
}

/// The values of a JSON object by their paths; none for anything else.
fn leaves(value: &SecretValue) -> Option<BTreeMap<String, Value>> {
    let Ok(Value::Object(root)) = serde_json::from_str(value.expose()) else { return None };
    let mut leaves = BTreeMap::new();
    let mut open: Vec<(String, Value, usize)> = root.into_iter().map(|(key, value)| (key, value, 1)).collect();
    while let Some((path, value, depth)) = open.pop() {
        match value {
            Value::Object(object) if depth < DEPTH && !object.is_empty() => {
                open.extend(object.into_iter().map(|(key, value)| (format!("{path}.{key}"), value, depth + 1)));
            }
            value => {
                leaves.insert(path, value);
            }
        }
    }
    Some(leaves)
}

fn differences(one: &BTreeMap<String, Value>, two: &BTreeMap<String, Value>) -> BTreeMap<String, KeyDifference> {
    let of = |path: &String| match (one.get(path), two.get(path)) {
        (Some(one), Some(two)) if one == two => KeyDifference::Same,
        (Some(_), Some(_)) => KeyDifference::Different,
        (Some(_), None) => KeyDifference::OnlyInFirst,
        (None, _) => KeyDifference::OnlyInSecond,
    };
    one.keys().chain(two.keys()).map(|path| (path.clone(), of(path))).collect()
}

fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (letter, side) in [("A", &comparison.first), ("B", &comparison.second)] {
        let Side { environment, region, name, version, kind } = side;
        line!(text, "{letter}: {name} version {version} in {region} ({environment}, {kind})");
    }
    text.push_str(if comparison.same { "the same value\n" } else { "different values\n" });
    let Some(keys) = comparison.keys.as_ref().filter(|_| !comparison.same) else { return text };
    let width = keys.keys().map(String::len).max().unwrap_or(0);
    for (path, difference) in keys {
        line!(text, "  {path:width$}  {}", difference.describe());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_compared_key_by_key() {
        let value = |text: &str| SecretValue::new(text.to_owned());
        let one = leaves(&value(r#"{"a": 1, "b": {"c": "x", "d": []}, "e": {}}"#)).unwrap();
        let two = leaves(&value(r#"{"a": 2, "b": {"c": "x"}, "f": null}"#)).unwrap();
        let differences: Vec<(String, KeyDifference)> = differences(&one, &two).into_iter().collect();
        let expected = [
            ("a", KeyDifference::Different),
            ("b.c", KeyDifference::Same),
            ("b.d", KeyDifference::OnlyInFirst),
            ("e", KeyDifference::OnlyInFirst),
            ("f", KeyDifference::OnlyInSecond),
        ];
        assert_eq!(differences, expected.map(|(path, difference)| (path.to_owned(), difference)));
        assert!(leaves(&value("[1]")).is_none());
        assert!(leaves(&value("x")).is_none());
    }
}
