//! `GetParameters` and `GetParametersByPath`.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types;
use byref_parameter::{ParameterName, Region};
use byref_store::{BATCH, Parameter, StoreError, Unreachable, VersionSelector};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::answer;
use crate::failure::Call;
use crate::store::AwsStore;

/// Items that one page of `GetParametersByPath` holds.
const PAGE: i32 = 10;

/// Whether values are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// They are decrypted and kept.
    Decrypted,
    /// They stay encrypted and are dropped.
    Dropped,
}

impl Values {
    fn is_decrypted(self) -> bool {
        self == Self::Decrypted
    }

    fn call<'c>(self, action: &'static str, region: &'c Region, names: &'c [ParameterName]) -> Call<'c> {
        let key_action = self.is_decrypted().then_some("kms:Decrypt");
        Call { key_action, ..Call::new(action, region, names) }
    }
}

/// Names without those that were there before.
pub(crate) fn unique(names: &[ParameterName]) -> Vec<ParameterName> {
    let mut seen = BTreeSet::new();
    names.iter().filter(|name| seen.insert(*name)).cloned().collect()
}

/// Those of the names that are there, as `keep` makes them, in the order of names.
pub(crate) async fn by_name<T>(
    store: &AwsStore,
    region: &Region,
    names: &[ParameterName],
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let unique = unique(names);
    let batches = stream::iter(unique.chunks(BATCH))
        .map(|batch| batch_by_name(store, region, batch, values, keep))
        .buffered(store.concurrency());
    Ok(batches.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

/// Up to ten names.
async fn batch_by_name<T>(
    store: &AwsStore,
    region: &Region,
    batch: &[ParameterName],
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    match ask(store, region, batch, values, keep).await {
        // AWS does not say whose key it is: the first that fails alone.
        Err(StoreError::InvalidKey { .. }) if batch.len() > 1 => {
            let mut found = Vec::new();
            for name in batch {
                found.extend(ask(store, region, std::slice::from_ref(name), values, keep).await?);
            }
            Ok(found)
        }
        answer => answer,
    }
}

async fn ask<T>(
    store: &AwsStore,
    region: &Region,
    batch: &[ParameterName],
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let call = values.call("ssm:GetParameters", region, batch);
    let texts = batch.iter().map(ToString::to_string).collect();
    let answer = get(store, &call, texts, values).await?;
    let broken = || call.unreachable(Unreachable::BrokenAnswer);
    let missing: BTreeSet<String> = answer.invalid_parameters.unwrap_or_default().into_iter().collect();
    let sent = answer.parameters.unwrap_or_default().into_iter();
    let mut sent: BTreeMap<String, types::Parameter> =
        sent.filter_map(|parameter| Some((parameter.name.clone()?, parameter))).collect();
    let mut found = Vec::new();
    for name in batch {
        match sent.get_mut(name.as_str()) {
            Some(parameter) => found.push(keep(parameter, name).ok_or_else(broken)?),
            None if missing.contains(name.as_str()) => {}
            // What is in neither list must not pass for missing.
            None => return Err(broken()),
        }
    }
    store.answered(batch.len());
    Ok(found)
}

/// One request of `GetParameters`.
async fn get(
    store: &AwsStore,
    call: &Call<'_>,
    names: Vec<String>,
    values: Values,
) -> Result<aws_sdk_ssm::operation::get_parameters::GetParametersOutput, StoreError> {
    let of_region = store.of_region(call.region).await;
    let request = of_region.client.get_parameters().set_names(Some(names)).with_decryption(values.is_decrypted());
    of_region.send(*call, async || request.clone().send().await).await
}

/// The value of one version.
pub(crate) async fn version(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: &VersionSelector,
) -> Result<Parameter, StoreError> {
    let names = std::slice::from_ref(name);
    let call = Call { version: Some(version), ..Values::Decrypted.call("ssm:GetParameters", region, names) };
    let answer = get(store, &call, vec![format!("{name}:{version}")], Values::Decrypted).await?;
    store.answered(1);
    let broken = || call.unreachable(Unreachable::BrokenAnswer);
    if let Some(mut sent) = answer.parameters.unwrap_or_default().into_iter().next() {
        let parameter = answer::parameter(&mut sent, name).ok_or_else(broken)?;
        let is_asked = match version {
            VersionSelector::Number(number) => parameter.found.version == *number,
            VersionSelector::Label(_) => true,
        };
        // Whoever does not know selectors must not hand out the newest value for an old one.
        return if is_asked && sent.name.as_deref() == Some(name.as_str()) { Ok(parameter) } else { Err(broken()) };
    }
    let is_there = !by_name(store, region, names, Values::Dropped, answer::found).await?.is_empty();
    let (name, region) = (name.clone(), region.clone());
    Err(if is_there {
        StoreError::VersionNotFound { name, selector: version.to_string(), region }
    } else {
        StoreError::NotFound { name, region }
    })
}

/// All parameters below a path, at any depth, by name.
pub(crate) async fn by_path<T>(
    store: &AwsStore,
    region: &Region,
    path: &ParameterName,
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let call = values.call("ssm:GetParametersByPath", region, std::slice::from_ref(path));
    let of_region = store.of_region(region).await;
    let request = of_region
        .client
        .get_parameters_by_path()
        .path(path.as_str())
        .recursive(true)
        .with_decryption(values.is_decrypted())
        .max_results(PAGE);
    let mut found = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let page = request.clone().set_next_token(token.clone());
        let answer = of_region.send(call, async || page.clone().send().await).await?;
        let sent = answer.parameters.unwrap_or_default();
        store.answered(sent.len());
        for mut parameter in sent {
            // A name that byref does not take is none that it could have been asked for.
            let Some(name) = parameter.name.as_deref().and_then(|name| name.parse::<ParameterName>().ok()) else {
                continue;
            };
            let kept = keep(&mut parameter, &name).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            found.insert(name, kept);
        }
        match next(token.as_deref(), answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(found.into_values().collect()),
        }
    }
}

/// The token of the next page; an answer that leads back to its own page is broken.
pub(crate) fn next(this: Option<&str>, next: Option<String>, call: &Call<'_>) -> Result<Option<String>, StoreError> {
    let next = next.filter(|token| !token.is_empty());
    if next.is_some() && next.as_deref() == this { Err(call.unreachable(Unreachable::BrokenAnswer)) } else { Ok(next) }
}
