//! Reads: `GetParameters` and `GetParametersByPath`.
//!
//! `GetParameters` accepts ten names and reports missing ones with status 200, under
//! `InvalidParameters`. Every requested name must appear in exactly one of the two lists; a name in
//! neither is an error instead of a missing parameter, since byref would otherwise overwrite or
//! report as absent a parameter that exists. Results are returned in the order of the request,
//! although AWS sorts them by name. Source: Systems Manager API reference, `GetParameters`.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types;
use byref_parameter::{ParameterName, Region};
use byref_store::{BATCH, Parameter, StoreError, Unreachable, VersionSelector};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::answer;
use crate::failure::Call;
use crate::pages::Pages;
use crate::store::AwsStore;

/// The number of items on one page of `GetParametersByPath`.
///
/// The maximum of the operation.
const PAGE: i32 = 10;

/// The choice between decrypting values and dropping them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// Values are decrypted and returned.
    Decrypted,
    /// Values stay encrypted and are dropped.
    Dropped,
}

impl Values {
    /// Returns the value of `WithDecryption`. Without decryption, the caller needs no permission
    /// for the KMS key.
    fn is_decrypted(self) -> bool {
        self == Self::Decrypted
    }

    /// Creates the description of a call, with the KMS action if values are decrypted.
    ///
    /// `kms:Decrypt` is named only where it is used: a denial without decryption can't be about the
    /// key.
    fn call<'c>(
        self,
        action: &'static str,
        region: &'c Region,
        names: &'c [ParameterName],
    ) -> Call<'c> {
        let key_action = self.is_decrypted().then_some("kms:Decrypt");
        Call {
            key_action,
            ..Call::new(action, region, names)
        }
    }
}

/// Returns the names without repetitions, in the same order.
///
/// Each name is then in one batch, and its parameter in one response.
pub(crate) fn unique(names: &[ParameterName]) -> Vec<ParameterName> {
    let mut seen = BTreeSet::new();
    names
        .iter()
        .filter(|name| seen.insert(*name))
        .cloned()
        .collect()
}

/// Returns the parameters that exist, converted by `keep`, in the order of the names.
///
/// Up to `concurrency` batches are in flight at once. `buffered` keeps their order, so the results
/// need no sorting. `keep` takes what it needs out of the SDK's type, which has no type for secret
/// values, and returns `None` for malformed data.
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
    Ok(batches
        .try_collect::<Vec<_>>()
        .await?
        .into_iter()
        .flatten()
        .collect())
}

/// Reads up to [`BATCH`] names in one request.
///
/// With ten names this costs ten further requests, but only after a failure, and the error then
/// names the parameter.
async fn batch_by_name<T>(
    store: &AwsStore,
    region: &Region,
    batch: &[ParameterName],
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    match ask(store, region, batch, values, keep).await {
        // AWS does not report which parameter has the invalid key, so read them one by one.
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

/// Sends one request and matches its response with the names.
///
/// | In `Parameters` | In `InvalidParameters` | Result |
/// | --- | --- | --- |
/// | yes | no | found |
/// | no | yes | missing |
/// | yes | yes | an error |
/// | no | no | an error |
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
    let missing = missing(
        &call,
        answer.invalid_parameters.unwrap_or_default(),
        |name| batch.iter().any(|asked| asked.as_str() == name),
    )?;
    let mut sent = sent_by_name(store, &call, answer.parameters.unwrap_or_default())?;
    let mut found = Vec::new();
    for name in batch {
        match (sent.get_mut(name.as_str()), missing.contains(name.as_str())) {
            (Some(parameter), false) => found.push(keep(parameter, name).ok_or_else(broken)?),
            (None, true) => {}
            (Some(_), true) => {
                return Err(call.unexpected("it contains a parameter both as found and as missing"));
            }
            // A parameter in neither list must not be taken for missing.
            (None, false) => {
                return Err(call.unexpected("it does not mention a parameter that was requested"));
            }
        }
    }
    store.answered(batch.len());
    Ok(found)
}

/// Returns the names that do not exist, each of which was requested.
///
/// A name twice is an error, because the count of a response must add up.
fn missing(
    call: &Call<'_>,
    invalid: Vec<String>,
    is_asked: impl Fn(&str) -> bool,
) -> Result<BTreeSet<String>, StoreError> {
    if !invalid.iter().all(|name| is_asked(name)) {
        return Err(call.unexpected("it reports a name as missing that was not requested"));
    }
    let count = invalid.len();
    let missing: BTreeSet<String> = invalid.into_iter().collect();
    if missing.len() < count {
        Err(call.unexpected("it reports a name as missing twice"))
    } else {
        Ok(missing)
    }
}

/// Returns the parameters by name. Each must have been requested, appear once, and belong to the
/// requested Region and account.
///
/// The ARN is compared too where the response has one: an endpoint of another Region answers with
/// the right names and the wrong values.
fn sent_by_name(
    store: &AwsStore,
    call: &Call<'_>,
    sent: Vec<types::Parameter>,
) -> Result<BTreeMap<String, types::Parameter>, StoreError> {
    let mut by_name = BTreeMap::new();
    for parameter in sent {
        let name = parameter
            .name
            .clone()
            .ok_or_else(|| call.unexpected("a parameter has no name"))?;
        let asked = call.names.iter().find(|asked| asked.as_str() == name);
        let asked = asked
            .ok_or_else(|| call.unexpected("it contains a parameter that was not requested"))?;
        if !answer::is_own(
            parameter.arn.as_deref(),
            asked,
            call.region,
            store.account(),
        ) {
            return Err(call.unexpected("a parameter belongs to another Region or account"));
        }
        if by_name.insert(name, parameter).is_some() {
            return Err(call.unexpected("it contains a parameter twice"));
        }
    }
    Ok(by_name)
}

/// Sends one `GetParameters` request.
async fn get(
    store: &AwsStore,
    call: &Call<'_>,
    names: Vec<String>,
    values: Values,
) -> Result<aws_sdk_ssm::operation::get_parameters::GetParametersOutput, StoreError> {
    let of_region = store.of_region(call.region).await?;
    let request = of_region
        .client
        .get_parameters()
        .set_names(Some(names))
        .with_decryption(values.is_decrypted());
    of_region
        .send(*call, async || request.clone().send().await)
        .await
}

/// Returns one version with its value.
///
/// Sends the name as `NAME:SELECTOR`, with the number of a version or with a label. AWS reports a
/// missing version in the same way as a missing parameter, so a second request, without the
/// selector, tells them apart.
///
/// # Errors
///
/// [`StoreError::VersionNotFound`] or [`StoreError::NotFound`], and [`StoreError::Unreachable`] if
/// another version arrives than the requested one.
pub(crate) async fn version(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: &VersionSelector,
) -> Result<Parameter, StoreError> {
    let names = std::slice::from_ref(name);
    let call = Call {
        version: Some(version),
        ..Values::Decrypted.call("ssm:GetParameters", region, names)
    };
    let answer = get(
        store,
        &call,
        vec![format!("{name}:{version}")],
        Values::Decrypted,
    )
    .await?;
    store.answered(1);
    let broken = || call.unreachable(Unreachable::BrokenAnswer);
    let selected = format!("{name}:{version}");
    let missing = missing(
        &call,
        answer.invalid_parameters.unwrap_or_default(),
        |own| own == selected || own == name.as_str(),
    )?;
    let mut sent = sent_by_name(store, &call, answer.parameters.unwrap_or_default())?;
    if let Some(sent) = sent.get_mut(name.as_str()) {
        let parameter = answer::parameter(sent, name).ok_or_else(broken)?;
        let is_asked = match version {
            VersionSelector::Number(number) => parameter.found.version == *number,
            VersionSelector::Label(label) => sent
                .selector
                .as_deref()
                .is_none_or(|own| own.trim_start_matches(':') == label.as_str()),
        };
        // An emulator without selectors must not return the newest value for an old version.
        return if is_asked && missing.is_empty() {
            Ok(parameter)
        } else {
            Err(call.unexpected("it contains another version than the requested one"))
        };
    }
    if missing.is_empty() {
        return Err(call.unexpected("it does not mention the version that was requested"));
    }
    let is_there = !by_name(store, region, names, Values::Dropped, answer::found)
        .await?
        .is_empty();
    let (name, region) = (name.clone(), region.clone());
    Err(if is_there {
        StoreError::VersionNotFound {
            name,
            selector: version.to_string(),
            region,
        }
    } else {
        StoreError::NotFound { name, region }
    })
}

/// Returns all parameters below a path, at any depth, sorted by name.
///
/// `/web` matches `/web/a` and `/web/a/b`, not `/web` itself and not `/website/a`. A path without
/// parameters gives an empty list.
pub(crate) async fn by_path<T>(
    store: &AwsStore,
    region: &Region,
    path: &ParameterName,
    values: Values,
    keep: fn(&mut types::Parameter, &ParameterName) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let call = values.call(
        "ssm:GetParametersByPath",
        region,
        std::slice::from_ref(path),
    );
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
        let answer = of_region
            .send(call, async || page.clone().send().await)
            .await?;
        let sent = answer
            .parameters
            .ok_or_else(|| call.unexpected("it contains no list of parameters"))?;
        store.answered(sent.len());
        for mut parameter in sent {
            let name = parameter
                .name
                .as_deref()
                .ok_or_else(|| call.unexpected("a parameter has no name"))?;
            if !name.starts_with(&below) {
                return Err(call.unexpected("it contains a parameter that is not below the path"));
            }
            // byref never requests names that it can't parse, so this one is not needed.
            let Ok(name) = name.parse::<ParameterName>() else {
                continue;
            };
            if !answer::is_own(parameter.arn.as_deref(), &name, region, store.account()) {
                return Err(call.unexpected("a parameter belongs to another Region or account"));
            }
            let kept = keep(&mut parameter, &name)
                .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            if found.insert(name, kept).is_some() {
                return Err(call.unexpected("it contains a parameter twice"));
            }
        }
        match pages.next(answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(found.into_values().collect()),
        }
    }
}
