//! The comparison of a desired parameter with the state of every Region.

use byref_parameter::{
    KmsKey, ParameterName, ParameterType, Region, SecretValue, Tier, check_value,
};

use super::{PriorState, Step};
use crate::error::StoreError;
use crate::parameter::{Description, Parameter, Put, PutMode, Tag};
use crate::store::DEFAULT_KEY;

/// The parameter that every Region should hold.
#[derive(Clone, Debug)]
pub struct DesiredParameter {
    /// The name of the parameter.
    pub name: ParameterName,
    /// The value of the parameter.
    pub value: SecretValue,
    /// The type, which must equal the type of an existing parameter.
    pub kind: ParameterType,
    /// The tier, or `None` to keep the current one.
    pub tier: Option<Tier>,
    /// The tags for Regions in which the parameter is created.
    pub tags: Vec<Tag>,
}

/// A Region with its current state and the KMS key to use there.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The Region to write.
    pub region: Region,
    /// The current state of the Region.
    pub before: PriorState,
    /// The current tier and key, if the caller may see them.
    pub description: Option<Description>,
    /// The KMS key to encrypt with; `None` means [`DEFAULT_KEY`].
    pub key: Option<KmsKey>,
}

/// The treatment of Regions that already hold the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUpToDate {
    /// Writes no new version.
    Skip,
    /// Writes a new version with the same value.
    Write,
}

/// Returns one step per destination, in the same order.
///
/// A Region that holds the value already gets no write, unless its tier or key is known to differ
/// or [`WhenUpToDate::Write`] is given. A value that the caller can't read can't be compared and is
/// written. The restore step of a Region has the old value and type. It uses the old key if it is
/// known and the new one otherwise. A raised tier stays raised, since Parameter Store can't lower
/// it.
///
/// # Errors
///
/// [`StoreError::TypeChange`], [`StoreError::TierChange`] or [`StoreError::Value`] if any Region
/// would reject the value. Nothing has been written at that point.
pub fn plan(
    desired: &DesiredParameter,
    destinations: Vec<Destination>,
    when_up_to_date: WhenUpToDate,
) -> Result<Vec<Step>, StoreError> {
    for destination in &destinations {
        check(desired, destination)?;
    }
    Ok(destinations
        .into_iter()
        .map(|destination| step(desired, destination, when_up_to_date))
        .collect())
}

/// Checks that one Region can accept the value.
fn check(desired: &DesiredParameter, destination: &Destination) -> Result<(), StoreError> {
    let (name, region) = (desired.name.clone(), destination.region.clone());
    if destination
        .before
        .found()
        .is_some_and(|found| found.kind != desired.kind)
    {
        return Err(StoreError::TypeChange { name, region });
    }
    let old_tier = destination
        .description
        .as_ref()
        .map(|description| description.tier);
    if old_tier == Some(Tier::Advanced) && desired.tier == Some(Tier::Standard) {
        return Err(StoreError::TierChange { name, region });
    }
    let of_new = (destination.before == PriorState::Absent).then_some(Tier::Standard);
    // If the tier is unknown, assume the larger one and let the store decide.
    let tier = desired
        .tier
        .or(old_tier)
        .or(of_new)
        .unwrap_or(Tier::Advanced);
    check_value(&desired.value, tier).map_err(|problem| StoreError::Value { problem })
}

/// Plans the write of one Region.
fn step(
    desired: &DesiredParameter,
    destination: Destination,
    when_up_to_date: WhenUpToDate,
) -> Step {
    let is_up_to_date = match &destination.before {
        PriorState::Readable(held) => {
            held.value == desired.value && !differs(desired, &destination)
        }
        PriorState::Absent | PriorState::Unreadable(_) => false,
    };
    let mode = match destination.before {
        PriorState::Absent => PutMode::Create(desired.tags.clone()),
        PriorState::Readable(_) | PriorState::Unreadable(_) => PutMode::Overwrite,
    };
    let put = Put {
        name: desired.name.clone(),
        value: desired.value.clone(),
        kind: desired.kind,
        tier: desired.tier,
        key: destination.key.clone(),
        mode,
    };
    let put = (!is_up_to_date || when_up_to_date == WhenUpToDate::Write).then_some(put);
    let restore = match &destination.before {
        PriorState::Readable(held) if put.is_some() => Some(restore(desired, &destination, held)),
        _ => None,
    };
    Step {
        region: destination.region,
        before: destination.before,
        put,
        restore,
    }
}

/// Returns `true` if the current tier or key is known to differ from the desired one.
fn differs(desired: &DesiredParameter, destination: &Destination) -> bool {
    let Some(description) = &destination.description else {
        return false;
    };
    let wanted_key = destination
        .key
        .as_ref()
        .map_or_else(|| DEFAULT_KEY.to_owned(), ToString::to_string);
    let has_other_key = description
        .key
        .as_ref()
        .is_some_and(|key| *key != wanted_key);
    let has_other_tier = desired.tier.is_some_and(|tier| tier != description.tier);
    has_other_tier || (desired.kind == ParameterType::SecureString && has_other_key)
}

/// Builds the write that restores the old value of one Region.
fn restore(desired: &DesiredParameter, destination: &Destination, held: &Parameter) -> Put {
    let description = destination.description.as_ref();
    let old_key = description
        .and_then(|description| description.key.as_deref())
        .map(key_as_given);
    Put {
        name: desired.name.clone(),
        value: held.value.clone(),
        kind: held.found.kind,
        tier: desired
            .tier
            .max(description.map(|description| description.tier)),
        key: old_key.or_else(|| destination.key.clone()),
        mode: PutMode::Overwrite,
    }
}

/// Parses a key as the store reported it. A text that is not a key is passed on as an alias, so
/// that the store reports the error.
fn key_as_given(text: &str) -> KmsKey {
    KmsKey::of_parameter(text).unwrap_or_else(|_| KmsKey::Alias(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use byref_parameter::ValueError;

    use super::*;
    use crate::parameter::Found;

    fn desired(value: &str) -> DesiredParameter {
        let tags = vec![Tag {
            key: "key".to_owned(),
            value: "a".to_owned(),
        }];
        let value = SecretValue::new(value.to_owned());
        DesiredParameter {
            name: "/a".parse().unwrap(),
            value,
            kind: ParameterType::SecureString,
            tier: None,
            tags,
        }
    }

    fn found() -> Found {
        Found {
            name: "/a".parse().unwrap(),
            kind: ParameterType::SecureString,
            version: 3,
            modified: None,
        }
    }

    fn held(value: &str) -> PriorState {
        PriorState::Readable(Parameter {
            found: found(),
            value: SecretValue::new(value.to_owned()),
        })
    }

    fn described(tier: Tier, key: &str) -> Description {
        Description {
            found: found(),
            tier,
            key: Some(key.to_owned()),
            modified_by: None,
        }
    }

    fn destination(before: PriorState, description: impl Into<Option<Description>>) -> Destination {
        Destination {
            region: "us-west-2".parse().unwrap(),
            before,
            description: description.into(),
            key: None,
        }
    }

    fn step_of(
        desired: &DesiredParameter,
        destination: Destination,
        when_up_to_date: WhenUpToDate,
    ) -> Step {
        plan(desired, vec![destination], when_up_to_date)
            .unwrap()
            .remove(0)
    }

    #[test]
    fn plan_creates_absent_parameter_with_tags() {
        let step = step_of(
            &desired("EXAMPLE-1"),
            destination(PriorState::Absent, None),
            WhenUpToDate::Skip,
        );
        assert_eq!(step.put.unwrap().mode, PutMode::Create(desired("x").tags));
        assert!(step.restore.is_none());
    }

    #[test]
    fn plan_overwrites_and_restores_old_value() {
        let known = described(Tier::Advanced, "alias/old");
        let destination = Destination {
            key: Some("alias/new".parse().unwrap()),
            ..destination(held("EXAMPLE-old"), known)
        };
        let step = step_of(&desired("EXAMPLE-1"), destination, WhenUpToDate::Skip);
        let (put, restore) = (step.put.unwrap(), step.restore.unwrap());
        assert_eq!(
            (put.value.expose(), put.tier, put.mode),
            ("EXAMPLE-1", None, PutMode::Overwrite)
        );
        assert_eq!(put.key.unwrap().to_string(), "alias/new");
        assert_eq!(
            (restore.value.expose(), restore.mode),
            ("EXAMPLE-old", PutMode::Overwrite)
        );
        assert_eq!(
            (restore.tier, restore.kind),
            (Some(Tier::Advanced), ParameterType::SecureString)
        );
        assert_eq!(restore.key.unwrap().to_string(), "alias/old");
    }

    #[test]
    fn plan_restores_with_new_key_if_old_one_is_unknown() {
        let destination = Destination {
            key: Some("alias/new".parse().unwrap()),
            ..destination(held("EXAMPLE-old"), None)
        };
        let restore = step_of(&desired("EXAMPLE-1"), destination, WhenUpToDate::Skip)
            .restore
            .unwrap();
        assert_eq!(
            (restore.tier, restore.key.unwrap().to_string()),
            (None, "alias/new".to_owned())
        );
    }

    #[test]
    fn plan_restores_with_bare_key_id() {
        let destination = destination(
            held("EXAMPLE-old"),
            described(Tier::Standard, "1234abcd-12ab-34cd"),
        );
        let restore = step_of(&desired("EXAMPLE-1"), destination, WhenUpToDate::Skip)
            .restore
            .unwrap();
        assert_eq!(restore.key.unwrap().to_string(), "1234abcd-12ab-34cd");
    }

    #[test]
    fn plan_skips_up_to_date_region_unless_key_or_tier_differs() {
        let is_written =
            |desired: &DesiredParameter, description: Option<Description>, when_up_to_date| {
                let step = step_of(
                    desired,
                    destination(held("EXAMPLE-1"), description),
                    when_up_to_date,
                );
                assert_eq!(step.put.is_some(), step.restore.is_some());
                step.put.is_some()
            };
        let same = desired("EXAMPLE-1");
        let standard = Some(described(Tier::Standard, DEFAULT_KEY));
        assert!(!is_written(&same, None, WhenUpToDate::Skip));
        assert!(!is_written(&same, standard.clone(), WhenUpToDate::Skip));
        assert!(is_written(&same, None, WhenUpToDate::Write));
        assert!(is_written(
            &same,
            Some(described(Tier::Standard, "alias/other")),
            WhenUpToDate::Skip
        ));
        let raised = DesiredParameter {
            tier: Some(Tier::Advanced),
            ..desired("EXAMPLE-1")
        };
        assert!(is_written(&raised, standard, WhenUpToDate::Skip));
        assert!(!is_written(
            &raised,
            Some(described(Tier::Advanced, DEFAULT_KEY)),
            WhenUpToDate::Skip
        ));
        assert!(
            !is_written(&raised, None, WhenUpToDate::Skip),
            "what is not known does not differ"
        );
    }

    #[test]
    fn plan_keeps_raised_tier_on_restore() {
        let raised = DesiredParameter {
            tier: Some(Tier::Advanced),
            ..desired("EXAMPLE-1")
        };
        let destination = destination(held("EXAMPLE-old"), described(Tier::Standard, DEFAULT_KEY));
        assert_eq!(
            step_of(&raised, destination, WhenUpToDate::Skip)
                .restore
                .unwrap()
                .tier,
            Some(Tier::Advanced)
        );
    }

    #[test]
    fn plan_overwrites_unreadable_value_without_restore() {
        let step = step_of(
            &desired("EXAMPLE-1"),
            destination(PriorState::Unreadable(found()), None),
            WhenUpToDate::Skip,
        );
        assert_eq!(step.put.as_ref().unwrap().mode, PutMode::Overwrite);
        assert!(step.restore.is_none() && !step.can_roll_back());
    }

    #[test]
    fn plan_rejects_what_a_region_would_reject() {
        let refused = |desired: &DesiredParameter, destination: Destination| {
            let first = self::destination(PriorState::Absent, None);
            plan(desired, vec![first, destination], WhenUpToDate::Skip).unwrap_err()
        };
        let plain = DesiredParameter {
            kind: ParameterType::String,
            ..desired("EXAMPLE-1")
        };
        assert!(matches!(
            refused(&plain, destination(held("x"), None)),
            StoreError::TypeChange { .. }
        ));
        assert!(matches!(
            refused(&plain, destination(PriorState::Unreadable(found()), None)),
            StoreError::TypeChange { .. }
        ));
        let lowered = DesiredParameter {
            tier: Some(Tier::Standard),
            ..desired("EXAMPLE-1")
        };
        let advanced = destination(held("x"), described(Tier::Advanced, DEFAULT_KEY));
        assert!(matches!(
            refused(&lowered, advanced.clone()),
            StoreError::TierChange { .. }
        ));
        let long = desired(&"x".repeat(4097));
        let standard = StoreError::Value {
            problem: ValueError::Length {
                tier: Tier::Standard,
                limit: 4096,
            },
        };
        assert_eq!(
            refused(
                &long,
                destination(held("x"), described(Tier::Standard, DEFAULT_KEY))
            ),
            standard
        );
        assert_eq!(
            plan(
                &long,
                vec![destination(PriorState::Absent, None)],
                WhenUpToDate::Skip
            )
            .unwrap_err(),
            standard
        );
        assert!(
            plan(
                &long,
                vec![advanced, destination(held("x"), None)],
                WhenUpToDate::Skip
            )
            .is_ok()
        );
    }
}
