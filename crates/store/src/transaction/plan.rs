//! From what the Regions hold to what is written there.

use byref_parameter::{KmsKey, ParameterName, ParameterType, Region, SecretValue, Tier};

use super::{Before, Step};
use crate::parameter::{Description, Parameter, Put, PutMode, Tag};

/// Whether a Region that holds the value already gets it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unchanged {
    /// It is left alone.
    #[default]
    Skip,
    /// It gets a new version.
    Write,
}

/// What all Regions shall hold.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The parameter.
    pub name: ParameterName,
    /// The value.
    pub value: SecretValue,
    /// The type.
    pub kind: ParameterType,
    /// How much it may hold; none leaves it as it is.
    pub tier: Option<Tier>,
    /// Tags, where it is new.
    pub tags: Vec<Tag>,
    /// Whether an unchanged value is written again.
    pub unchanged: Unchanged,
}

/// What one Region holds, and the key that was asked for there.
#[derive(Clone, Debug)]
pub struct Present {
    /// The Region.
    pub region: Region,
    /// What it holds.
    pub before: Before,
    /// Its tier and key, where they are known.
    pub description: Option<Description>,
    /// The key that was asked for; none leaves it as it is.
    pub key: Option<KmsKey>,
}

/// The steps, in the order of the Regions. A Region that holds the value, in the tier and with the key that were asked
/// for, is left alone. A new version keeps the key that the parameter has, since Parameter Store would take
/// `alias/aws/ssm` without one.
pub fn plan(desired: &Desired, present: Vec<Present>) -> Vec<Step> {
    present.into_iter().map(|present| step(desired, present)).collect()
}

fn step(desired: &Desired, present: Present) -> Step {
    let Present { region, before, description, key } = present;
    let own_key = description.as_ref().and_then(|description| KmsKey::of_parameter(description.key.as_deref()?).ok());
    let is_right = match &before {
        Before::Held(held) => {
            let has_tier = description.as_ref().zip(desired.tier).is_none_or(|(own, tier)| own.tier == tier);
            let has_key = own_key.as_ref().zip(key.as_ref()).is_none_or(|(own, key)| own == key);
            held.value == desired.value && has_tier && has_key && desired.unchanged == Unchanged::Skip
        }
        Before::Absent | Before::Sealed(_) => false,
    };
    let put = (!is_right).then(|| Put {
        name: desired.name.clone(),
        value: desired.value.clone(),
        kind: desired.kind,
        tier: desired.tier,
        key: key.or_else(|| own_key.clone()),
        mode: if before == Before::Absent { PutMode::Create(desired.tags.clone()) } else { PutMode::Overwrite },
    });
    let restore = match &before {
        Before::Held(Parameter { found, value }) => Some(Put {
            name: desired.name.clone(),
            value: value.clone(),
            kind: found.kind,
            // Advanced never goes back, so that the tier is left as the new value has made it.
            tier: None,
            key: own_key,
            mode: PutMode::Overwrite,
        }),
        Before::Absent | Before::Sealed(_) => None,
    };
    Step { region, before, put, restore }
}
