//! Metadata of parameters: `DescribeParameters` and `GetParameterHistory`.
//!
//! Neither operation returns plaintext values: the first has none, and the second is called without
//! decryption. Both therefore need no permission for the KMS key.
//!
//! `DescribeParameters` shares the lower quota with writes, so it is called only for the tier, the
//! key and the last writer, which no other operation returns.
//!
//! | Selection | Filter | Result |
//! | --- | --- | --- |
//! | up to 50 names | `Name` `Equals` with all of them | in the order of the names |
//! | more names | one request for every 50 | in the order of the names |
//! | a prefix | `Name` `BeginsWith` | sorted by name |
//! | the empty prefix | none | all parameters of the Region |

use std::collections::BTreeMap;

use aws_sdk_ssm::types::ParameterStringFilter;
use byref_parameter::{ParameterName, Region};
use byref_store::{Description, Selection, StoreError, Unreachable, Version};

use crate::answer;
use crate::failure::Call;
use crate::pages::Pages;
use crate::read::{Values, by_name, unique};
use crate::store::AwsStore;

/// The number of items on one page.
const PAGE: i32 = 50;
/// The number of names in one filter. Source: `ParameterStringFilter`, "Values".
const NAMES: usize = 50;

/// Returns tier, key and writer of parameters, in the order of the names, or sorted for a prefix.
///
/// Missing names are left out. Repeated names are described once.
///
/// # Errors
///
/// [`StoreError::Unreachable`] if the response has a parameter twice, or one that the filter
/// excludes, and the errors of every request.
pub(crate) async fn parameters(
    store: &AwsStore,
    region: &Region,
    selection: Selection<'_>,
) -> Result<Vec<Description>, StoreError> {
    match selection {
        Selection::Prefix(prefix) => {
            let filter =
                filter("BeginsWith", vec![prefix.to_owned()]).filter(|_| !prefix.is_empty());
            let found =
                filtered(store, region, &[], filter, |name| name.starts_with(prefix)).await?;
            Ok(found.into_values().collect())
        }
        Selection::Names(names) => {
            let mut descriptions = Vec::new();
            for names in unique(names).chunks(NAMES) {
                let filter = filter("Equals", names.iter().map(ToString::to_string).collect());
                let is_asked = |name: &str| names.iter().any(|asked| asked.as_str() == name);
                let mut found = filtered(store, region, names, filter, is_asked).await?;
                descriptions.extend(names.iter().filter_map(|name| found.remove(name)));
            }
            Ok(descriptions)
        }
    }
}

/// Builds a filter on names: `Equals` with several names, or `BeginsWith` with a prefix.
///
/// Returns `None` only if the SDK misses a field, which is set here in every case.
fn filter(option: &str, values: Vec<String>) -> Option<ParameterStringFilter> {
    ParameterStringFilter::builder()
        .key("Name")
        .option(option)
        .set_values(Some(values))
        .build()
        .ok()
}

/// Returns all pages of a filtered list. An item that the filter excludes is an error.
///
/// `is_meant` repeats the filter on this side: an emulator that ignores filters would otherwise
/// return the parameters of other applications.
async fn filtered(
    store: &AwsStore,
    region: &Region,
    names: &[ParameterName],
    filter: Option<ParameterStringFilter>,
    is_meant: impl Fn(&str) -> bool,
) -> Result<BTreeMap<ParameterName, Description>, StoreError> {
    let call = Call::new("ssm:DescribeParameters", region, names);
    let of_region = store.of_region(region).await?;
    let filters = filter.map(|filter| vec![filter]);
    let request = of_region
        .client
        .describe_parameters()
        .set_parameter_filters(filters)
        .max_results(PAGE);
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
        for metadata in &sent {
            let name = metadata
                .name
                .as_deref()
                .ok_or_else(|| call.unexpected("a parameter has no name"))?;
            if !is_meant(name) {
                return Err(call.unexpected("it contains a parameter that was not requested"));
            }
            // byref never requests names that it can't parse, so this one is not needed.
            let Ok(name) = name.parse::<ParameterName>() else {
                continue;
            };
            if !answer::is_own(metadata.arn.as_deref(), &name, region, store.account()) {
                return Err(call.unexpected("a parameter belongs to another Region or account"));
            }
            let described = answer::description(metadata)
                .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            if found.insert(name, described).is_some() {
                return Err(call.unexpected("it contains a parameter twice"));
            }
        }
        match pages.next(answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(found),
        }
    }
}

/// Returns the versions of a parameter, oldest first.
///
/// Parameter Store keeps up to 100 versions, which is two pages at most. The values are not
/// decrypted, and those of types without encryption are wiped.
///
/// # Errors
///
/// [`StoreError::NotFound`] without such a parameter, and [`StoreError::Unreachable`] if a version
/// appears twice, none does, or the newest one is missing.
pub(crate) async fn history(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
) -> Result<Vec<Version>, StoreError> {
    let call = Call::new(
        "ssm:GetParameterHistory",
        region,
        std::slice::from_ref(name),
    );
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .get_parameter_history()
        .name(name.as_str())
        .with_decryption(false)
        .max_results(PAGE);
    let mut versions = BTreeMap::new();
    let mut pages = Pages::default();
    let mut token: Option<String> = None;
    loop {
        let page = request.clone().set_next_token(token);
        let answer = of_region
            .send(call, async || page.clone().send().await)
            .await?;
        let mut sent = answer
            .parameters
            .ok_or_else(|| call.unexpected("it contains no list of versions"))?;
        store.answered(sent.len());
        for entry in &mut sent {
            let version = answer::history(entry)
                .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            if entry.name.as_deref() != Some(name.as_str()) {
                return Err(call.unexpected("it contains versions of another parameter"));
            }
            if versions.insert(version.number, version).is_some() {
                return Err(call.unexpected("it contains a version twice"));
            }
        }
        match pages.next(answer.next_token, &call)? {
            Some(next) => token = Some(next),
            // An existing parameter has a version, and a missing one is an error of the service.
            None if versions.is_empty() => return Err(call.unexpected("it contains no version")),
            None => break,
        }
    }
    let versions: Vec<Version> = versions.into_values().collect();
    is_whole(store, &call, name, &versions).await?;
    Ok(versions)
}

/// Checks that a history ends with the current version of the parameter. A truncated history would
/// mislead a rollback.
///
/// Costs one further read. A caller without permission for `ssm:GetParameters` does without the
/// check.
async fn is_whole(
    store: &AwsStore,
    call: &Call<'_>,
    name: &ParameterName,
    versions: &[Version],
) -> Result<(), StoreError> {
    match by_name(
        store,
        call.region,
        std::slice::from_ref(name),
        Values::Dropped,
        answer::found,
    )
    .await
    {
        Ok(found) => {
            let newest = versions.last().map(|version| version.number);
            let is_newest = found
                .first()
                .is_some_and(|found| Some(found.version) == newest);
            if is_newest {
                Ok(())
            } else {
                Err(call.unexpected("it does not end with the newest version"))
            }
        }
        // The caller may be allowed to read the history only.
        Err(StoreError::Denied(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
