//! `GetParameters` and `GetParametersByPath`.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types;
use byref_parameter::{ParameterName, Region};
use byref_store::{BATCH, Parameter, StoreError, Unreachable, VersionSelector};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::answer;
use crate::failure::Call;
use crate::pages::Pages;
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
    let missing = missing(&call, answer.invalid_parameters.unwrap_or_default(), |name| {
        batch.iter().any(|asked| asked.as_str() == name)
    })?;
    let mut sent = sent_by_name(store, &call, answer.parameters.unwrap_or_default())?;
    let mut found = Vec::new();
    for name in batch {
        match (sent.get_mut(name.as_str()), missing.contains(name.as_str())) {
            (Some(parameter), false) => found.push(keep(parameter, name).ok_or_else(broken)?),
            (None, true) => {}
            (Some(_), true) => return Err(call.unexpected("a parameter is there and is not")),
            // What is in neither list must not pass for missing.
            (None, false) => return Err(call.unexpected("nothing is said of a parameter that was asked for")),
        }
    }
    store.answered(batch.len());
    Ok(found)
}

/// The names that are not there, each of which was asked for.
fn missing(
    call: &Call<'_>,
    invalid: Vec<String>,
    is_asked: impl Fn(&str) -> bool,
) -> Result<BTreeSet<String>, StoreError> {
    if !invalid.iter().all(|name| is_asked(name)) {
        return Err(call.unexpected("a name that was not asked for is missing"));
    }
    let count = invalid.len();
    let missing: BTreeSet<String> = invalid.into_iter().collect();
    if missing.len() < count { Err(call.unexpected("a name is missing twice")) } else { Ok(missing) }
}

/// Parameters by their names: each was asked for, comes once, and is of the Region and the account that were asked.
fn sent_by_name(
    store: &AwsStore,
    call: &Call<'_>,
    sent: Vec<types::Parameter>,
) -> Result<BTreeMap<String, types::Parameter>, StoreError> {
    let mut by_name = BTreeMap::new();
    for parameter in sent {
        let name = parameter.name.clone().ok_or_else(|| call.unexpected("a parameter has no name"))?;
        let asked = call.names.iter().find(|asked| asked.as_str() == name);
        let asked = asked.ok_or_else(|| call.unexpected("it has a parameter that was not asked for"))?;
        if !answer::is_own(parameter.arn.as_deref(), asked, call.region, store.account()) {
            return Err(call.unexpected("a parameter is of another Region or account"));
        }
        if by_name.insert(name, parameter).is_some() {
            return Err(call.unexpected("it has a parameter twice"));
        }
    }
    Ok(by_name)
}

/// One request of `GetParameters`.
async fn get(
    store: &AwsStore,
    call: &Call<'_>,
    names: Vec<String>,
    values: Values,
) -> Result<aws_sdk_ssm::operation::get_parameters::GetParametersOutput, StoreError> {
    let of_region = store.of_region(call.region).await?;
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
    let selected = format!("{name}:{version}");
    let missing =
        missing(&call, answer.invalid_parameters.unwrap_or_default(), |own| own == selected || own == name.as_str())?;
    let mut sent = sent_by_name(store, &call, answer.parameters.unwrap_or_default())?;
    if let Some(sent) = sent.get_mut(name.as_str()) {
        let parameter = answer::parameter(sent, name).ok_or_else(broken)?;
        let is_asked = match version {
            VersionSelector::Number(number) => parameter.found.version == *number,
            VersionSelector::Label(label) => {
                sent.selector.as_deref().is_none_or(|own| own.trim_start_matches(':') == label.as_str())
            }
        };
        // Whoever does not know selectors must not hand out the newest value for an old one.
        return if is_asked && missing.is_empty() {
            Ok(parameter)
        } else {
            Err(call.unexpected("it has another version than was asked for"))
        };
    }
    if missing.is_empty() {
        return Err(call.unexpected("nothing is said of the version that was asked for"));
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
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .get_parameters_by_path()
        .path(path.as_str())
        .recursive(true)
        .with_decryption(values.is_decrypted())
        .max_results(PAGE);
    let below = format!("{}/", path.as_str().trim_end_matches('/'));
    let mut found = BTreeMap::new();
    let mut pages = Pages::default();
    let mut token: Option<String> = None;
    loop {
        let page = request.clone().set_next_token(token);
        let answer = of_region.send(call, async || page.clone().send().await).await?;
        let sent = answer.parameters.ok_or_else(|| call.unexpected("it has no list of parameters"))?;
        store.answered(sent.len());
        for mut parameter in sent {
            let name = parameter.name.as_deref().ok_or_else(|| call.unexpected("a parameter has no name"))?;
            if !name.starts_with(&below) {
                return Err(call.unexpected("it has a parameter that is not below the path"));
            }
            // byref never asks for a name that it can't parse.
            let Ok(name) = name.parse::<ParameterName>() else { continue };
            if !answer::is_own(parameter.arn.as_deref(), &name, region, store.account()) {
                return Err(call.unexpected("a parameter is of another Region or account"));
            }
            let kept = keep(&mut parameter, &name).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            if found.insert(name, kept).is_some() {
                return Err(call.unexpected("it has a parameter twice"));
            }
        }
        match pages.next(answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(found.into_values().collect()),
        }
    }
}
