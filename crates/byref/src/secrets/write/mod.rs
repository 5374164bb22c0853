//! Writes of secrets to all their Regions: request, plan, transaction, report.
//!
//! | step | type | content |
//! | --- | --- | --- |
//! | request | [`SecretWrite`] | the value and its options, without a look at the store |
//! | plan | [`WritePlan`] | the content of every Region, and its change |
//! | transaction | [`WritePlan::carry_out`] | one Region after the other, undone if one fails |
//! | report | [`WriteReport`] | the state that each Region was left in |

mod carry_out;
mod plan;
mod report;

use std::collections::BTreeMap;

use byref_config::Scope;
use byref_parameter::{KmsKey, ParameterType, Region, SecretValue, Tier};
use byref_store::Tag;
use byref_store::transaction::{DesiredParameter, WhenUpToDate};

pub use self::carry_out::{WriteOutcome, WriteReport};
pub use self::plan::{Conflicts, PlannedWrite, WritePlan};
pub(super) use self::report::region_views;
use super::target::{Target, Targets};
use crate::error::Error;

/// The value that a secret shall have in all its Regions, and its storage options.
///
/// Comes from [`Targets::write`] or [`Targets::write_any_size`]; [`WritePlan::new`] compares it
/// with the store.
#[derive(Clone, Debug)]
pub struct SecretWrite {
    desired: DesiredParameter,
    regions: Vec<Region>,
    /// The requested keys; a parameter in another Region keeps its own key.
    keys: BTreeMap<Region, KmsKey>,
    /// Tags for parameters that exist already.
    added_tags: Vec<Tag>,
    unchanged: WhenUpToDate,
}

impl Targets<'_> {
    /// Returns the write of a value with the options of the configuration: encrypted with the
    /// environment's key, and tagged with the environment, the application (as far as the scope
    /// names them) and the key if it is new.
    pub fn write(&self, target: Target, value: SecretValue) -> SecretWrite {
        let own_key =
            |region: &Region| Some((region.clone(), self.kms_key(&target.name, region)?.clone()));
        let keys = target.regions.iter().filter_map(own_key).collect();
        let tags = self.tags(&target);
        let kind = ParameterType::SecureString;
        SecretWrite {
            desired: DesiredParameter {
                name: target.name,
                value,
                kind,
                tier: None,
                tags,
            },
            regions: target.regions,
            keys,
            added_tags: Vec::new(),
            unchanged: WhenUpToDate::Skip,
        }
    }

    /// Returns the write of a value as [`Targets::write`] does, in the Advanced tier if the value
    /// is larger than the 4 KB of the Standard tier.
    pub fn write_any_size(&self, target: Target, value: SecretValue) -> SecretWrite {
        let is_large = value.expose().len() > Tier::Standard.value_bytes();
        let write = self.write(target, value);
        if is_large {
            write.tier(Tier::Advanced)
        } else {
            write
        }
    }

    /// Returns the tags of a new parameter.
    ///
    /// | scope | tags |
    /// | --- | --- |
    /// | application in the environment, full name | `environment`, `application`, `key` |
    /// | environment | `environment`, `key` |
    /// | application in all environments | `application`, `key` |
    /// | shared by all | `key` |
    ///
    /// The tag `application` needs a chosen application. The tag `key` of a full name is its last
    /// level: `/a/b/c` → `c`.
    fn tags(&self, target: &Target) -> Vec<Tag> {
        let tag = |key: &str, value: &str| Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let mut tags = Vec::new();
        if matches!(target.scope, None | Some(Scope::App | Scope::Environment)) {
            tags.push(tag("environment", &self.environment().name));
        }
        if let Some(app) = self
            .app()
            .filter(|_| matches!(target.scope, None | Some(Scope::App | Scope::SharedApp)))
        {
            tags.push(tag("application", &app.name));
        }
        let last_level = target.name.as_str().rsplit('/').next().unwrap_or_default();
        tags.push(tag("key", target.key.as_deref().unwrap_or(last_level)));
        tags
    }
}

impl SecretWrite {
    /// Sets the type, and the KMS key for all Regions; without a key, an encrypted parameter keeps
    /// the key that the configuration or the parameter has.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a key with a type that Parameter Store does not encrypt.
    pub fn stored_as(mut self, kind: ParameterType, key: Option<&KmsKey>) -> Result<Self, Error> {
        if kind != ParameterType::SecureString {
            if key.is_some() {
                return Err(Error::request(
                    format!("a {kind} is not encrypted and has no key"),
                    "leave `--key` out",
                ));
            }
            self.keys.clear();
        }
        if let Some(key) = key {
            self.keys = self
                .regions
                .iter()
                .map(|region| (region.clone(), key.clone()))
                .collect();
        }
        self.desired.kind = kind;
        Ok(self)
    }

    /// Sets the type of the parameter that the value comes from.
    #[must_use]
    pub(super) fn of_type(mut self, kind: ParameterType) -> Self {
        if kind != ParameterType::SecureString {
            self.keys.clear();
        }
        self.desired.kind = kind;
        self
    }

    /// Sets the tier. Default: the tier of an existing parameter, and Standard for a new one.
    #[must_use]
    pub fn tier(mut self, tier: Tier) -> Self {
        self.desired.tier = Some(tier);
        self
    }

    /// Adds tags, to parameters that exist already as well. Other tags of a parameter stay.
    #[must_use]
    pub fn tags(mut self, tags: &[Tag]) -> Self {
        self.desired.tags.extend_from_slice(tags);
        self.added_tags.extend_from_slice(tags);
        self
    }

    /// Writes a new version in Regions that hold the value already, too.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.unchanged = WhenUpToDate::Write;
        self
    }
}

/// Parses a tag of the form `KEY=VALUE`: 1 to 128 characters, not beginning with `aws:`, and up to
/// 256 characters.
///
/// # Errors
///
/// [`Error::Request`] for any other text.
pub fn parse_tag(text: &str) -> Result<Tag, Error> {
    let (key, value) = text.split_once('=').unwrap_or_default();
    let is_key = (1..=128).contains(&key.chars().count()) && !key.starts_with("aws:");
    if is_key && value.chars().count() <= 256 {
        Ok(Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    } else {
        Err(Error::request(
            "`--tag` is not of the form `KEY=VALUE`",
            "for example `--tag owner=payments`",
        ))
    }
}
