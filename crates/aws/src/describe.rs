//! `DescribeParameters` and `GetParameterHistory`.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::ParameterStringFilter;
use byref_parameter::{ParameterName, Region};
use byref_store::{Description, Selection, StoreError, Unreachable, Version};

use crate::answer;
use crate::failure::Call;
use crate::read::{next, unique};
use crate::store::AwsStore;

/// Items that one page holds.
const PAGE: i32 = 50;
/// Names that one filter takes. Source: `ParameterStringFilter`, "Values".
const NAMES: usize = 50;

/// Tier, key and writer of parameters, in the order of names, or by name.
pub(crate) async fn parameters(
    store: &AwsStore,
    region: &Region,
    selection: Selection<'_>,
) -> Result<Vec<Description>, StoreError> {
    match selection {
        Selection::Prefix(prefix) => {
            let filter = filter("BeginsWith", vec![prefix.to_owned()]).filter(|_| !prefix.is_empty());
            let found = filtered(store, region, &[], filter).await?;
            let is_meant = |description: &Description| description.found.name.as_str().starts_with(prefix);
            Ok(found.into_values().filter(is_meant).collect())
        }
        Selection::Names(names) => {
            let mut descriptions = Vec::new();
            for names in unique(names).chunks(NAMES) {
                let filter = filter("Equals", names.iter().map(ToString::to_string).collect());
                let mut found = filtered(store, region, names, filter).await?;
                descriptions.extend(names.iter().filter_map(|name| found.remove(name)));
            }
            Ok(descriptions)
        }
    }
}

fn filter(option: &str, values: Vec<String>) -> Option<ParameterStringFilter> {
    ParameterStringFilter::builder().key("Name").option(option).set_values(Some(values)).build().ok()
}

/// All pages of what a filter lets through.
async fn filtered(
    store: &AwsStore,
    region: &Region,
    names: &[ParameterName],
    filter: Option<ParameterStringFilter>,
) -> Result<BTreeMap<ParameterName, Description>, StoreError> {
    let call = Call::new("ssm:DescribeParameters", region, names);
    let of_region = store.of_region(region).await;
    let filters = filter.map(|filter| vec![filter]);
    let request = of_region.client.describe_parameters().set_parameter_filters(filters).max_results(PAGE);
    let mut found = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let page = request.clone().set_next_token(token.clone());
        let answer = of_region.send(call, async || page.clone().send().await).await?;
        let sent = answer.parameters.unwrap_or_default();
        store.answered(sent.len());
        let described = sent.iter().filter_map(answer::description);
        found.extend(described.map(|description| (description.found.name.clone(), description)));
        match next(token.as_deref(), answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(found),
        }
    }
}

/// The versions of a parameter, oldest first.
pub(crate) async fn history(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
) -> Result<Vec<Version>, StoreError> {
    let call = Call::new("ssm:GetParameterHistory", region, std::slice::from_ref(name));
    let of_region = store.of_region(region).await;
    let request = of_region.client.get_parameter_history().name(name.as_str()).with_decryption(false).max_results(PAGE);
    let mut versions = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let page = request.clone().set_next_token(token.clone());
        let answer = of_region.send(call, async || page.clone().send().await).await?;
        let mut sent = answer.parameters.unwrap_or_default();
        store.answered(sent.len());
        for entry in &mut sent {
            let version = answer::history(entry).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
            versions.insert(version.number, version);
        }
        match next(token.as_deref(), answer.next_token, &call)? {
            Some(next) => token = Some(next),
            None => return Ok(versions.into_values().collect()),
        }
    }
}
