//! Writes: `PutParameter` and `DeleteParameters`.
//!
//! Values are checked before they are sent: AWS would reject them with a message that can't be
//! shown, and emulators accept values that AWS rejects.
//!
//! | Rule | Checked here | Checked by AWS |
//! | --- | --- | --- |
//! | length of a value in its tier | yes, unless an overwrite keeps an unknown tier | yes |
//! | key ARN in the Region of the parameter | yes | yes |
//! | key exists and is enabled | no | yes |
//! | parameter exists or not, by [`PutMode`] | no | yes |
//!
//! This module never repeats a write. Retries are left to the SDK and to
//! [`RegionClient::send`](crate::request::RegionClient::send).

use std::collections::BTreeSet;

use byref_parameter::{KmsKey, ParameterName, ParameterType, Region, Tier, check_value};
use byref_store::{BATCH, Put, PutMode, StoreError, Unreachable};

use crate::answer;
use crate::failure::Call;
use crate::label::tags;
use crate::read::unique;
use crate::store::AwsStore;

/// Writes a value and returns the number of its version.
///
/// | Mode | `Overwrite` | `Tier` | `Tags` |
/// | --- | --- | --- | --- |
/// | [`PutMode::Create`] | `false` | always, `Standard` by default | those of the mode |
/// | [`PutMode::Overwrite`] | `true` | only if the caller names one | none, as AWS requires |
///
/// The key is sent for a `SecureString` only. For an access-denied error, the expected KMS action
/// is `kms:GenerateDataKey` in the Advanced tier and `kms:Encrypt` otherwise.
///
/// # Errors
///
/// [`StoreError::Value`] and [`StoreError::InvalidKey`] before anything is sent.
/// [`StoreError::Unreachable`] if the response has no version number; the value may have been
/// written then.
pub(crate) async fn put(store: &AwsStore, region: &Region, put: &Put) -> Result<u64, StoreError> {
    check(region, put)?;
    let is_encrypted = put.kind == ParameterType::SecureString;
    let key_action = is_encrypted.then_some(match put.tier {
        Some(Tier::Advanced) => "kms:GenerateDataKey",
        _ => "kms:Encrypt",
    });
    let call = Call {
        key_action,
        ..Call::new("ssm:PutParameter", region, std::slice::from_ref(&put.name))
    };
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .put_parameter()
        .name(put.name.as_str())
        .value(put.value.expose())
        .r#type(put.kind.as_str().into())
        .set_key_id(
            put.key
                .as_ref()
                .filter(|_| is_encrypted)
                .map(ToString::to_string),
        );
    let request = match &put.mode {
        // Always send the tier, because the account may have another default.
        PutMode::Create(list) => request
            .overwrite(false)
            .tier(put.tier.unwrap_or_default().as_str().into())
            .set_tags(tags(list, &call)?),
        PutMode::Overwrite => request
            .overwrite(true)
            .set_tier(put.tier.map(|tier| tier.as_str().into())),
    };
    let answer = of_region
        .send(call, async || request.clone().send().await)
        .await?;
    store.answered(1);
    answer::version(answer.version).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
}

/// Checks the rules that Parameter Store enforces and emulators may not.
///
/// An overwrite without a tier is checked against the limit of the Advanced tier, the larger one.
fn check(region: &Region, put: &Put) -> Result<(), StoreError> {
    // An existing parameter may be in the Advanced tier already. Only AWS knows.
    let tier = match (put.tier, &put.mode) {
        (Some(tier), _) => tier,
        (None, PutMode::Create(_)) => Tier::Standard,
        (None, PutMode::Overwrite) => Tier::Advanced,
    };
    check_value(&put.value, tier).map_err(|problem| StoreError::Value { problem })?;
    match &put.key {
        Some(KmsKey::Arn { region: of_key, .. })
            if of_key != region && put.kind == ParameterType::SecureString =>
        {
            Err(StoreError::InvalidKey {
                name: put.name.clone(),
                region: region.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// Deletes parameters and returns those that existed, in the order of the names.
///
/// Sends [`BATCH`] names at a time. A failure leaves the batches before it deleted, so a caller
/// that repeats the call finds them missing, which is no error.
///
/// # Errors
///
/// [`StoreError::Unreachable`] if the response mentions a name that was not requested, or leaves
/// one out, and the errors of every request.
pub(crate) async fn delete(
    store: &AwsStore,
    region: &Region,
    names: &[ParameterName],
) -> Result<Vec<ParameterName>, StoreError> {
    let mut deleted = Vec::new();
    for batch in unique(names).chunks(BATCH) {
        let call = Call::new("ssm:DeleteParameters", region, batch);
        let of_region = store.of_region(region).await?;
        let texts = batch.iter().map(ToString::to_string).collect();
        let request = of_region.client.delete_parameters().set_names(Some(texts));
        let answer = of_region
            .send(call, async || request.clone().send().await)
            .await?;
        store.answered(batch.len());
        let mut mentioned = answer
            .deleted_parameters()
            .iter()
            .chain(answer.invalid_parameters());
        if mentioned.any(|own| !batch.iter().any(|name| name.as_str() == own)) {
            return Err(call.unexpected("it contains a parameter that was not requested"));
        }
        let gone: BTreeSet<String> = answer
            .deleted_parameters
            .unwrap_or_default()
            .into_iter()
            .collect();
        let missing: BTreeSet<String> = answer
            .invalid_parameters
            .unwrap_or_default()
            .into_iter()
            .collect();
        for name in batch {
            if gone.contains(name.as_str()) {
                deleted.push(name.clone());
            } else if !missing.contains(name.as_str()) {
                // A parameter in neither list may still exist.
                return Err(call.unreachable(Unreachable::BrokenAnswer));
            }
        }
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use byref_parameter::{SecretValue, ValueError};

    use super::*;

    fn put_of(bytes: usize, tier: Option<Tier>, key: Option<&str>, mode: PutMode) -> Put {
        Put {
            name: "/a/b".parse().unwrap(),
            value: SecretValue::new("x".repeat(bytes)),
            kind: ParameterType::SecureString,
            tier,
            key: key.map(|key| key.parse().unwrap()),
            mode,
        }
    }

    #[test]
    fn put_enforces_value_size_of_the_tier() {
        let region = "us-west-2".parse().unwrap();
        let create = || PutMode::Create(Vec::new());
        let too_long = |tier: Tier| {
            Err(StoreError::Value {
                problem: ValueError::Length {
                    tier,
                    limit: tier.value_bytes(),
                },
            })
        };
        for (bytes, tier, mode, expected) in [
            (4096, None, create(), Ok(())),
            (4097, None, create(), too_long(Tier::Standard)),
            (
                4097,
                Some(Tier::Standard),
                PutMode::Overwrite,
                too_long(Tier::Standard),
            ),
            (4097, None, PutMode::Overwrite, Ok(())),
            (8192, Some(Tier::Advanced), create(), Ok(())),
            (8193, None, PutMode::Overwrite, too_long(Tier::Advanced)),
            (
                0,
                None,
                create(),
                Err(StoreError::Value {
                    problem: ValueError::Empty,
                }),
            ),
        ] {
            assert_eq!(
                check(&region, &put_of(bytes, tier, None, mode)),
                expected,
                "{bytes} {tier:?}"
            );
        }
    }

    #[test]
    fn put_rejects_key_of_another_region() {
        let key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd";
        let put = put_of(1, None, Some(key), PutMode::Overwrite);
        assert_eq!(check(&"us-west-2".parse().unwrap(), &put), Ok(()));
        let region: Region = "us-east-1".parse().unwrap();
        let error = StoreError::InvalidKey {
            name: put.name.clone(),
            region: region.clone(),
        };
        assert_eq!(check(&region, &put), Err(error));
        let alias = put_of(1, None, Some("alias/production"), PutMode::Overwrite);
        assert_eq!(check(&region, &alias), Ok(()));
    }
}
