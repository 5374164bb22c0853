//! The state of every secret line in the store.
//!
//! Each Region gets up to three kinds of requests, and the Regions are asked at the same time:
//!
//! 1. The parameters by name, without decryption. If this fails, every line of the Region is
//!    [`State::NotKnown`], and nothing else is asked.
//! 2. With [`Keys::Compare`], the descriptions of the encrypted ones, which contain their KMS keys.
//! 3. For missing ones, the names in their folders, as suggestions. A Region where nothing is
//!    missing costs no such request.
//!
//! Only the first one decides about a finding. A denied description leaves the key as
//! [`KeyState::NotChecked`] and adds a note; a denied list of neighbours costs the suggestion.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::{DeployConfig, Environment};
use byref_parameter::{KmsKey, ParameterName, ParameterType, Region};
use byref_store::{Description, Found, ParameterStore, Selection, StoreError};
use futures_util::future::join_all;
use serde::Serialize;

use super::Keys;
use super::subject::{Subject, names_of, regions_of};
use crate::project::closest;

/// The number of folders that are searched for names close to missing ones.
///
/// A wrong prefix in the configuration makes all parameters missing, each perhaps in a folder of
/// its own: without a limit the help for that mistake would cost more requests than the check.
const SEARCHED_FOLDERS: usize = 10;

/// The answer of one Region.
///
/// Opaque to callers: [`Check::report`](super::Check::report) turns it into a [`State`] for each
/// line. A Region that did not answer is an answer with the error in it, so that the report has the
/// others.
pub struct RegionAnswer {
    pub(super) region: Region,
    pub(super) found: Result<BTreeMap<ParameterName, Found>, StoreError>,
    /// `None` where nothing was asked.
    descriptions: Option<Result<BTreeMap<ParameterName, Description>, StoreError>>,
    /// Names in the folders of the missing ones.
    neighbours: Result<BTreeSet<String>, StoreError>,
}

/// Asks all Regions at once.
pub(super) async fn inspect<S: ParameterStore>(
    store: &S,
    regions: &[Region],
    subjects: &[Subject],
    keys: Keys,
) -> Vec<RegionAnswer> {
    let regions = regions_of(subjects, regions);
    join_all(
        regions
            .into_iter()
            .map(|region| inspect_region(store, region, subjects, keys)),
    )
    .await
}

async fn inspect_region<S: ParameterStore>(
    store: &S,
    region: Region,
    subjects: &[Subject],
    keys: Keys,
) -> RegionAnswer {
    let names = names_of(subjects, &region);
    let by_name = |found: Vec<Found>| {
        found
            .into_iter()
            .map(|found| (found.name.clone(), found))
            .collect()
    };
    let found: Result<BTreeMap<_, _>, _> = store.look_up(&region, &names).await.map(by_name);
    let (mut descriptions, mut neighbours) = (None, Ok(BTreeSet::new()));
    if let Ok(found) = &found {
        if keys == Keys::Compare {
            let secure: Vec<ParameterName> = found
                .values()
                .filter(|found| found.kind == ParameterType::SecureString)
                .map(|found| found.name.clone())
                .collect();
            if !secure.is_empty() {
                let described = store.describe(&region, Selection::Names(&secure)).await;
                let by_name = |list: Vec<Description>| {
                    list.into_iter()
                        .map(|description| (description.found.name.clone(), description))
                        .collect()
                };
                descriptions = Some(described.map(by_name));
            }
        }
        let missing = names.iter().filter(|name| !found.contains_key(name));
        let folders: BTreeSet<&str> = missing.map(folder).collect();
        neighbours = neighbours_of(store, &region, folders).await;
    }
    RegionAnswer {
        region,
        found,
        descriptions,
        neighbours,
    }
}

/// The part of a name up to its last slash.
///
/// `/production/web/db-password` → `/production/web/`; `db-password` → the empty text, which is no
/// folder to search.
fn folder(name: &ParameterName) -> &str {
    name.as_str()
        .rfind('/')
        .map_or("", |slash| &name.as_str()[..=slash])
}

/// Lists the names that are in the folders of missing parameters.
///
/// The names of at most [`SEARCHED_FOLDERS`] folders, one request after the other. The first
/// failure ends the search; its error becomes a note of the report.
async fn neighbours_of<S: ParameterStore>(
    store: &S,
    region: &Region,
    folders: BTreeSet<&str>,
) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    for folder in folders
        .into_iter()
        .filter(|folder| !folder.is_empty())
        .take(SEARCHED_FOLDERS)
    {
        let described = store.describe(region, Selection::Prefix(folder)).await?;
        names.extend(
            described
                .into_iter()
                .map(|description| description.found.name.to_string()),
        );
    }
    Ok(names)
}

/// The state of one secret line in one Region. Keys and words are only ever added.
///
/// Serialises with the key `state` beside the fields of the variant:
///
/// ```text
/// {"state": "ok", "version": 3, "key": "not-checked"}
/// {"state": "missing", "did_you_mean": "/production/web/db-password"}
/// {"state": "wrong-type", "version": 1, "type": "String"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// The parameter exists and is encrypted; its key is the configured one, or was not compared.
    Ok {
        /// The version that a reference without a version reads.
        version: u64,
        /// The comparison of its key.
        key: KeyState,
    },
    /// The parameter does not exist.
    Missing {
        /// The parameter whose name is close enough to be meant.
        did_you_mean: Option<String>,
    },
    /// The parameter is not encrypted.
    WrongType {
        /// Its version.
        version: u64,
        /// `String` or `StringList`.
        r#type: &'static str,
    },
    /// The parameter is encrypted with a key that the configuration does not name.
    WrongKey {
        /// Its version.
        version: u64,
        /// Its key, as Parameter Store names it.
        key: String,
        /// The key of the configuration.
        expected: String,
    },
    /// The Region did not answer.
    NotKnown {
        /// The error.
        why: String,
    },
}

/// The comparison of a parameter's key with the configured one.
///
/// A wrong key is not among these: it is a finding of its own, [`State::WrongKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// They are the same.
    Right,
    /// They were not compared.
    NotChecked,
}

/// The states of one secret line.
pub struct Row {
    /// The secret line.
    pub subject: Subject,
    /// The state in each Region, in the order in which they were asked; empty for a line that is
    /// not checked.
    pub states: Vec<(Region, State)>,
}

impl RegionAnswer {
    /// Returns the state of one parameter in this Region.
    ///
    /// Of several faults the first one in this order is reported, since the later ones cannot be
    /// judged before it is repaired: no answer, missing, not encrypted, another key.
    ///
    /// A suggestion is a name in the same folder, not below it, close enough to be a slip of the
    /// keyboard: for `/production/web/db-pasword` it may be `/production/web/db-password`, never
    /// `/staging/web/db-password`.
    pub(super) fn state(
        &self,
        config: &DeployConfig,
        environment: &Environment,
        name: &ParameterName,
    ) -> State {
        let found = match &self.found {
            Ok(found) => found,
            Err(error) => {
                return State::NotKnown {
                    why: error.to_string(),
                };
            }
        };
        let Some(found) = found.get(name) else {
            let near = self.neighbours.iter().flatten();
            let own_folder = near.filter_map(|neighbour| neighbour.strip_prefix(folder(name)));
            let key = name.as_str().strip_prefix(folder(name)).unwrap_or_default();
            let meant = closest(key, own_folder.filter(|rest| !rest.contains('/')));
            return State::Missing {
                did_you_mean: meant.map(|meant| format!("{}{meant}", folder(name))),
            };
        };
        let version = found.version;
        if found.kind != ParameterType::SecureString {
            return State::WrongType {
                version,
                r#type: found.kind.as_str(),
            };
        }
        let description = self
            .descriptions
            .iter()
            .flatten()
            .find_map(|descriptions| descriptions.get(name));
        let Some(key) = description.and_then(|description| description.key.as_deref()) else {
            return State::Ok {
                version,
                key: KeyState::NotChecked,
            };
        };
        let expected = config.kms_key(environment, name, &self.region);
        match is_key(key, expected) {
            Some(true) => State::Ok {
                version,
                key: KeyState::Right,
            },
            None => State::Ok {
                version,
                key: KeyState::NotChecked,
            },
            Some(false) => State::WrongKey {
                version,
                key: key.to_owned(),
                expected: expected.map_or_else(|| DEFAULT_KEY.to_owned(), ToString::to_string),
            },
        }
    }
}

/// The key that Parameter Store uses for parameters written without one.
const DEFAULT_KEY: &str = "alias/aws/ssm";

/// Returns whether a parameter's key is the expected one, where none means the default key; `None`
/// for an alias and the ARN of a key, which cannot be compared.
///
/// | actual | expected | result |
/// | --- | --- | --- |
/// | `alias/aws/ssm` | none | `Some(true)` |
/// | `alias/app` | `arn:aws:kms:us-west-2:111122223333:alias/app` | `Some(true)` |
/// | the id of a key | the ARN of that key | `Some(true)` |
/// | `alias/aws/ssm` | ARN of a key | `Some(false)` |
/// | `alias/app` | ARN of a key | `None`: only KMS could tell |
///
/// Aliases are compared from `alias/` on and keys by their ids, so an ARN and its short form are
/// the same. Asking KMS to resolve an alias would need one more permission, `kms:DescribeKey`, for
/// a check that is optional.
///
/// ```
/// use byref::check::is_key;
///
/// let key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// assert_eq!(is_key("alias/aws/ssm", None), Some(true));
/// assert_eq!(is_key(key, None), Some(false));
/// assert_eq!(is_key(key, Some(&key.parse()?)), Some(true));
/// assert_eq!(is_key("alias/app", Some(&key.parse()?)), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_key(actual: &str, expected: Option<&KmsKey>) -> Option<bool> {
    let alias_of = |text: &str| text.find("alias/").map(|at| text[at..].to_owned());
    let id_of = |text: &str| text.rsplit("key/").next().map(str::to_owned);
    let expected = expected.map_or_else(|| DEFAULT_KEY.to_owned(), ToString::to_string);
    match (alias_of(actual), alias_of(&expected)) {
        (Some(actual), Some(expected)) => Some(actual == expected),
        (None, None) => Some(id_of(actual) == id_of(&expected)),
        // An ARN never means the default key.
        (Some(alias), None) | (None, Some(alias)) if alias == DEFAULT_KEY => Some(false),
        _ => None,
    }
}

/// Returns the remarks about comparisons that did not take place, sorted, each once: keys that were
/// not asked for, keys that AWS did not tell, and similar names that the caller may not list. None
/// of them changes the outcome.
pub(super) fn notes(answers: &[RegionAnswer]) -> Vec<String> {
    let mut notes = Vec::new();
    let denied = |error: &StoreError| format!("not checked: {error}; {}", error.help());
    let mut describe_errors: BTreeSet<String> = BTreeSet::new();
    for answer in answers {
        if let (Ok(found), Some(Ok(descriptions))) = (&answer.found, &answer.descriptions) {
            let is_secure = |found: &&Found| found.kind == ParameterType::SecureString;
            let silent = found
                .values()
                .filter(is_secure)
                .find(|found| !descriptions.contains_key(&found.name));
            if let Some(Found { name, .. }) = silent {
                let note = format!(
                    "keys in {}: not checked: AWS says nothing of the key of `{name}`",
                    answer.region
                );
                describe_errors.insert(note);
            }
        }
        if let Some(Err(error)) = &answer.descriptions {
            describe_errors.insert(format!("keys in {}: {}", answer.region, denied(error)));
        } else if answer.found.as_ref().is_ok_and(|found| !found.is_empty())
            && answer.descriptions.is_none()
        {
            let has_secure = answer
                .found
                .iter()
                .flatten()
                .any(|(_, found)| found.kind == ParameterType::SecureString);
            if has_secure {
                describe_errors.insert("keys: not checked; `--keys` asks for them too".to_owned());
            }
        }
        if let Err(error) = &answer.neighbours {
            describe_errors.insert(format!(
                "similar names in {}: {}",
                answer.region,
                denied(error)
            ));
        }
    }
    notes.extend(describe_errors);
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_as_far_as_they_can_be() {
        let alias: KmsKey = "alias/production".parse().unwrap();
        let arn: KmsKey = "arn:aws:kms:us-west-2:111122223333:key/1234abcd"
            .parse()
            .unwrap();
        let alias_arn = "arn:aws:kms:us-west-2:111122223333:alias/production";
        for (actual, expected, is_same) in [
            ("alias/aws/ssm", None, Some(true)),
            ("alias/production", None, Some(false)),
            ("1234abcd", None, Some(false)),
            ("alias/production", Some(&alias), Some(true)),
            (alias_arn, Some(&alias), Some(true)),
            ("alias/aws/ssm", Some(&alias), Some(false)),
            ("1234abcd", Some(&alias), None),
            ("1234abcd", Some(&arn), Some(true)),
            (
                "arn:aws:kms:us-west-2:111122223333:key/1234abcd",
                Some(&arn),
                Some(true),
            ),
            ("5678", Some(&arn), Some(false)),
            ("alias/aws/ssm", Some(&arn), Some(false)),
            ("alias/production", Some(&arn), None),
        ] {
            assert_eq!(is_key(actual, expected), is_same, "{actual} {expected:?}");
        }
    }
}
