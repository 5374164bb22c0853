//! Conversion of SDK types. Data that does not fit is reported as a malformed response, never
//! guessed.
//!
//! Every function returns `None` for data that does not fit, and the caller, which knows the
//! request, turns that into an error. Values are wrapped in [`SecretValue`] as soon as they leave
//! the SDK's types, which do not wipe them.

use aws_sdk_ssm::primitives::DateTime;
use aws_sdk_ssm::types;
use byref_parameter::{AccountId, ParameterName, ParameterType, Region, SecretValue, Tier};
use byref_store::{Description, Found, Parameter, Version};
use jiff::Timestamp;

/// Converts a parameter, dropping its value.
///
/// The value is wiped although the request did not ask for decryption: AWS sends plaintext for
/// types that are not encrypted, and emulators do so for all types.
pub(crate) fn found(parameter: &mut types::Parameter, name: &ParameterName) -> Option<Found> {
    drop(parameter.value.take().map(SecretValue::new));
    Some(Found {
        name: name.clone(),
        kind: kind(parameter.r#type.as_ref())?,
        version: version(parameter.version)?,
        modified: timestamp(parameter.last_modified_date.as_ref()),
    })
}

/// Converts a parameter with its value.
pub(crate) fn parameter(
    parameter: &mut types::Parameter,
    name: &ParameterName,
) -> Option<Parameter> {
    let value = parameter.value.take().map(SecretValue::new)?;
    Some(Parameter {
        found: found(parameter, name)?,
        value,
    })
}

/// Returns the account in an ARN.
///
/// `arn:aws:sts::111122223333:assumed-role/admin/me` → `111122223333`.
pub(crate) fn account_of_arn(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}

/// Returns `true` if an ARN belongs to this Region and account.
///
/// The partition follows from the Region, and the service from the request, so neither is compared.
pub(crate) fn is_arn_of(arn: &str, region: &Region, account: &AccountId) -> bool {
    let mut parts = arn.splitn(6, ':');
    let begins =
        (parts.next(), parts.next().is_some(), parts.next().is_some()) == (Some("arn"), true, true);
    let is_here = parts.next().is_some_and(|own| own == region.to_string());
    begins && is_here && parts.next().is_some_and(|own| own == account.to_string())
}

/// Returns `true` if the ARN of a parameter matches its name in this Region and account, or if the
/// response has no ARN.
pub(crate) fn is_own(
    arn: Option<&str>,
    name: &ParameterName,
    region: &Region,
    account: &AccountId,
) -> bool {
    let Some(arn) = arn.filter(|arn| !arn.is_empty()) else {
        return true;
    };
    is_arn_of(arn, region, account)
        && arn.splitn(6, ':').nth(5) == Some(name.arn_resource().as_str())
}

/// Converts the metadata of `DescribeParameters`.
pub(crate) fn description(metadata: &types::ParameterMetadata) -> Option<Description> {
    let kind = kind(metadata.r#type.as_ref())?;
    let tier = match metadata.tier {
        Some(types::ParameterTier::Advanced) => Tier::Advanced,
        _ => Tier::Standard,
    };
    Some(Description {
        found: Found {
            name: metadata.name.as_deref()?.parse().ok()?,
            kind,
            version: version(metadata.version)?,
            modified: timestamp(metadata.last_modified_date.as_ref()),
        },
        tier,
        // Some emulators report a key for every type.
        key: metadata
            .key_id
            .clone()
            .filter(|key| kind == ParameterType::SecureString && !key.is_empty()),
        modified_by: metadata.last_modified_user.clone(),
    })
}

/// Converts a version, dropping its value as [`found`] does.
pub(crate) fn history(entry: &mut types::ParameterHistory) -> Option<Version> {
    drop(entry.value.take().map(SecretValue::new));
    let mut labels: Vec<_> = entry
        .labels()
        .iter()
        .filter_map(|label| label.parse().ok())
        .collect();
    labels.sort();
    Some(Version {
        number: version(entry.version)?,
        kind: kind(entry.r#type.as_ref())?,
        modified: timestamp(entry.last_modified_date.as_ref()),
        modified_by: entry.last_modified_user.clone(),
        labels,
    })
}

/// Converts the type of a parameter. An unknown type is not guessed.
fn kind(kind: Option<&types::ParameterType>) -> Option<ParameterType> {
    kind?.as_str().parse().ok()
}

/// Converts a version number. Parameter Store counts from 1.
///
/// 0 and negative numbers, the defaults for a missing field, are malformed.
pub(crate) fn version(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// Converts a time, keeping its fraction of a second.
fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> types::builders::ParameterBuilder {
        types::Parameter::builder()
            .name("/a/b")
            .r#type(types::ParameterType::SecureString)
            .value("kms:alias/aws/ssm:EXAMPLE-not-a-secret-1")
            .version(3)
            .last_modified_date(DateTime::from_secs_and_nanos(1_700_000_000, 250_000_000))
    }

    #[test]
    fn undecrypted_values_are_dropped() {
        let name = "/a/b".parse().unwrap();
        let mut sent = sent().build();
        let found = found(&mut sent, &name).unwrap();
        assert_eq!(sent.value, None);
        assert_eq!(
            (found.kind, found.version),
            (ParameterType::SecureString, 3)
        );
        assert_eq!(
            found.modified.unwrap().to_string(),
            "2023-11-14T22:13:20.25Z"
        );
        let mut entry = types::ParameterHistory::builder()
            .value("EXAMPLE-not-a-secret-1")
            .version(1)
            .r#type(types::ParameterType::String)
            .labels("b")
            .labels("not a label")
            .labels("a")
            .build();
        let version = history(&mut entry).unwrap();
        assert_eq!(entry.value, None);
        assert_eq!(
            version
                .labels
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn malformed_items_are_rejected() {
        let name = "/a/b".parse().unwrap();
        for mut broken in [
            sent().version(0).build(),
            sent().version(-1).build(),
            sent().r#type("Gold".into()).build(),
            sent().set_type(None).build(),
        ] {
            assert_eq!(found(&mut broken, &name), None);
        }
        assert_eq!(parameter(&mut sent().set_value(None).build(), &name), None);
        let metadata = || {
            types::ParameterMetadata::builder()
                .version(1)
                .r#type(types::ParameterType::String)
        };
        assert_eq!(description(&metadata().name("a b").build()), None);
        assert_eq!(
            description(&metadata().name("/a").key_id("alias/aws/ssm").build())
                .unwrap()
                .key,
            None
        );
    }
}
