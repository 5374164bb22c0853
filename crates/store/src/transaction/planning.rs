//! What is to be written where.

use byref_parameter::{KmsKey, ParameterName, ParameterType, Region, SecretValue, Tier, check_value};

use super::{Before, Step};
use crate::error::StoreError;
use crate::parameter::{Description, Parameter, Put, PutMode, Tag};
use crate::store::DEFAULT_KEY;

/// What all Regions shall hold.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The parameter.
    pub name: ParameterName,
    /// Its value.
    pub value: SecretValue,
    /// Its type; of a parameter that is there it can't change.
    pub kind: ParameterType,
    /// How much it may hold; none leaves it as it is.
    pub tier: Option<Tier>,
    /// The tags of a new parameter.
    pub tags: Vec<Tag>,
}

/// One Region, with what it holds and the key that it shall have.
#[derive(Clone, Debug)]
pub struct Place {
    /// The Region.
    pub region: Region,
    /// What it holds.
    pub before: Before,
    /// Tier and key of what it holds, where the caller may see them.
    pub description: Option<Description>,
    /// The key that the parameter shall have there; none means [`DEFAULT_KEY`].
    pub key: Option<KmsKey>,
}

/// What becomes of a Region that holds the value already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// It gets no new version.
    Skip,
    /// It gets a new version with the same value.
    Write,
}

/// What is to be written where, in the order of the places.
///
/// A Region that holds the value already is left alone, unless its tier or its key is known to be another one, or
/// [`Unchanged::Write`] is asked for. A value that can't be read can't be compared, and is written. The way back has the
/// old value and type, and the old key as far as it is known, else the new one; a tier that is raised stays so, since
/// it never goes back.
///
/// # Errors
///
/// A Region could not take the value: [`StoreError::TypeChange`], [`StoreError::TierChange`] or
/// [`StoreError::Value`]. Nothing has been written then.
pub fn plan(desired: &Desired, places: Vec<Place>, unchanged: Unchanged) -> Result<Vec<Step>, StoreError> {
    for place in &places {
        check(desired, place)?;
    }
    Ok(places.into_iter().map(|place| step(desired, place, unchanged)).collect())
}

fn check(desired: &Desired, place: &Place) -> Result<(), StoreError> {
    let (name, region) = (desired.name.clone(), place.region.clone());
    if place.before.found().is_some_and(|found| found.kind != desired.kind) {
        return Err(StoreError::TypeChange { name, region });
    }
    let old_tier = place.description.as_ref().map(|description| description.tier);
    if old_tier == Some(Tier::Advanced) && desired.tier == Some(Tier::Standard) {
        return Err(StoreError::TierChange { name, region });
    }
    let of_new = (place.before == Before::Absent).then_some(Tier::Standard);
    // Where the tier is not known, the store has the last word.
    let tier = desired.tier.or(old_tier).or(of_new).unwrap_or(Tier::Advanced);
    check_value(&desired.value, tier).map_err(|problem| StoreError::Value { problem })
}

fn step(desired: &Desired, place: Place, unchanged: Unchanged) -> Step {
    let is_right = match &place.before {
        Before::Held(held) => held.value == desired.value && !differs(desired, &place),
        Before::Absent | Before::Sealed(_) => false,
    };
    let mode = match place.before {
        Before::Absent => PutMode::Create(desired.tags.clone()),
        Before::Held(_) | Before::Sealed(_) => PutMode::Overwrite,
    };
    let put = Put {
        name: desired.name.clone(),
        value: desired.value.clone(),
        kind: desired.kind,
        tier: desired.tier,
        key: place.key.clone(),
        mode,
    };
    let put = (!is_right || unchanged == Unchanged::Write).then_some(put);
    let restore = match &place.before {
        Before::Held(held) if put.is_some() => Some(restore(desired, &place, held)),
        _ => None,
    };
    Step { region: place.region, before: place.before, put, restore }
}

/// Whether the tier or the key is known to be another one.
fn differs(desired: &Desired, place: &Place) -> bool {
    let Some(description) = &place.description else { return false };
    let wanted_key = place.key.as_ref().map_or_else(|| DEFAULT_KEY.to_owned(), ToString::to_string);
    let has_other_key = description.key.as_ref().is_some_and(|key| *key != wanted_key);
    let has_other_tier = desired.tier.is_some_and(|tier| tier != description.tier);
    has_other_tier || (desired.kind == ParameterType::SecureString && has_other_key)
}

fn restore(desired: &Desired, place: &Place, held: &Parameter) -> Put {
    let description = place.description.as_ref();
    let old_key = description.and_then(|description| description.key.as_deref()).map(key_as_given);
    Put {
        name: desired.name.clone(),
        value: held.value.clone(),
        kind: held.found.kind,
        tier: desired.tier.max(description.map(|description| description.tier)),
        key: old_key.or_else(|| place.key.clone()),
        mode: PutMode::Overwrite,
    }
}

/// A key as the store named it; what it could not have named is passed on as it is.
fn key_as_given(text: &str) -> KmsKey {
    KmsKey::of_parameter(text).unwrap_or_else(|_| KmsKey::Alias(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use byref_parameter::ValueError;

    use super::*;
    use crate::parameter::Found;

    fn desired(value: &str) -> Desired {
        let tags = vec![Tag { key: "key".to_owned(), value: "a".to_owned() }];
        let value = SecretValue::new(value.to_owned());
        Desired { name: "/a".parse().unwrap(), value, kind: ParameterType::SecureString, tier: None, tags }
    }

    fn found() -> Found {
        Found { name: "/a".parse().unwrap(), kind: ParameterType::SecureString, version: 3, modified: None }
    }

    fn held(value: &str) -> Before {
        Before::Held(Parameter { found: found(), value: SecretValue::new(value.to_owned()) })
    }

    fn described(tier: Tier, key: &str) -> Description {
        Description { found: found(), tier, key: Some(key.to_owned()), modified_by: None }
    }

    fn place(before: Before, description: impl Into<Option<Description>>) -> Place {
        Place { region: "us-west-2".parse().unwrap(), before, description: description.into(), key: None }
    }

    fn step_of(desired: &Desired, place: Place, unchanged: Unchanged) -> Step {
        plan(desired, vec![place], unchanged).unwrap().remove(0)
    }

    #[test]
    fn a_new_parameter_is_created_with_its_tags_and_has_no_restore() {
        let step = step_of(&desired("EXAMPLE-1"), place(Before::Absent, None), Unchanged::Skip);
        assert_eq!(step.put.unwrap().mode, PutMode::Create(desired("x").tags));
        assert!(step.restore.is_none());
    }

    #[test]
    fn another_value_is_overwritten_and_can_come_back() {
        let known = described(Tier::Advanced, "alias/old");
        let place = Place { key: Some("alias/new".parse().unwrap()), ..place(held("EXAMPLE-old"), known) };
        let step = step_of(&desired("EXAMPLE-1"), place, Unchanged::Skip);
        let (put, restore) = (step.put.unwrap(), step.restore.unwrap());
        assert_eq!((put.value.expose(), put.tier, put.mode), ("EXAMPLE-1", None, PutMode::Overwrite));
        assert_eq!(put.key.unwrap().to_string(), "alias/new");
        assert_eq!((restore.value.expose(), restore.mode), ("EXAMPLE-old", PutMode::Overwrite));
        assert_eq!((restore.tier, restore.kind), (Some(Tier::Advanced), ParameterType::SecureString));
        assert_eq!(restore.key.unwrap().to_string(), "alias/old");
    }

    #[test]
    fn what_is_not_known_of_the_old_key_is_as_the_new_one() {
        let place = Place { key: Some("alias/new".parse().unwrap()), ..place(held("EXAMPLE-old"), None) };
        let restore = step_of(&desired("EXAMPLE-1"), place, Unchanged::Skip).restore.unwrap();
        assert_eq!((restore.tier, restore.key.unwrap().to_string()), (None, "alias/new".to_owned()));
    }

    #[test]
    fn an_old_key_may_be_a_bare_id() {
        let place = place(held("EXAMPLE-old"), described(Tier::Standard, "1234abcd-12ab-34cd"));
        let restore = step_of(&desired("EXAMPLE-1"), place, Unchanged::Skip).restore.unwrap();
        assert_eq!(restore.key.unwrap().to_string(), "1234abcd-12ab-34cd");
    }

    #[test]
    fn an_unchanged_value_is_written_only_if_asked_or_for_its_key_or_tier() {
        let is_written = |desired: &Desired, description: Option<Description>, unchanged| {
            let step = step_of(desired, place(held("EXAMPLE-1"), description), unchanged);
            assert_eq!(step.put.is_some(), step.restore.is_some());
            step.put.is_some()
        };
        let same = desired("EXAMPLE-1");
        let standard = Some(described(Tier::Standard, DEFAULT_KEY));
        assert!(!is_written(&same, None, Unchanged::Skip));
        assert!(!is_written(&same, standard.clone(), Unchanged::Skip));
        assert!(is_written(&same, None, Unchanged::Write));
        assert!(is_written(&same, Some(described(Tier::Standard, "alias/other")), Unchanged::Skip));
        let raised = Desired { tier: Some(Tier::Advanced), ..desired("EXAMPLE-1") };
        assert!(is_written(&raised, standard, Unchanged::Skip));
        assert!(!is_written(&raised, Some(described(Tier::Advanced, DEFAULT_KEY)), Unchanged::Skip));
        assert!(!is_written(&raised, None, Unchanged::Skip), "what is not known does not differ");
    }

    #[test]
    fn a_raised_tier_does_not_come_back() {
        let raised = Desired { tier: Some(Tier::Advanced), ..desired("EXAMPLE-1") };
        let place = place(held("EXAMPLE-old"), described(Tier::Standard, DEFAULT_KEY));
        assert_eq!(step_of(&raised, place, Unchanged::Skip).restore.unwrap().tier, Some(Tier::Advanced));
    }

    #[test]
    fn a_sealed_value_is_written_and_has_no_way_back() {
        let step = step_of(&desired("EXAMPLE-1"), place(Before::Sealed(found()), None), Unchanged::Skip);
        assert_eq!(step.put.as_ref().unwrap().mode, PutMode::Overwrite);
        assert!(step.restore.is_none() && !step.has_way_back());
    }

    #[test]
    fn what_a_region_would_refuse_is_refused_before() {
        let refused = |desired: &Desired, place: Place| {
            let first = self::place(Before::Absent, None);
            plan(desired, vec![first, place], Unchanged::Skip).unwrap_err()
        };
        let plain = Desired { kind: ParameterType::String, ..desired("EXAMPLE-1") };
        assert!(matches!(refused(&plain, place(held("x"), None)), StoreError::TypeChange { .. }));
        assert!(matches!(refused(&plain, place(Before::Sealed(found()), None)), StoreError::TypeChange { .. }));
        let lowered = Desired { tier: Some(Tier::Standard), ..desired("EXAMPLE-1") };
        let advanced = place(held("x"), described(Tier::Advanced, DEFAULT_KEY));
        assert!(matches!(refused(&lowered, advanced.clone()), StoreError::TierChange { .. }));
        let long = desired(&"x".repeat(4097));
        let standard = StoreError::Value { problem: ValueError::Length { tier: Tier::Standard, limit: 4096 } };
        assert_eq!(refused(&long, place(held("x"), described(Tier::Standard, DEFAULT_KEY))), standard);
        assert_eq!(plan(&long, vec![place(Before::Absent, None)], Unchanged::Skip).unwrap_err(), standard);
        assert!(plan(&long, vec![advanced, place(held("x"), None)], Unchanged::Skip).is_ok());
    }
}
