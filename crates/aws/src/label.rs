//! Labels of versions, and tags of parameters.

use aws_sdk_ssm::types::{self, ResourceTypeForTagging};
use byref_parameter::{Label, ParameterName, Region};
use byref_store::{StoreError, Tag, VersionSelector};

use crate::failure::Call;
use crate::store::AwsStore;

/// Puts a label on a version, taking it off another one.
pub(crate) async fn label(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: u64,
    label: &Label,
) -> Result<(), StoreError> {
    let selector = VersionSelector::Number(version);
    let names = std::slice::from_ref(name);
    let call = Call { version: Some(&selector), ..Call::new("ssm:LabelParameterVersion", region, names) };
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .label_parameter_version()
        .name(name.as_str())
        .parameter_version(number(version))
        .labels(label.as_str());
    let answer = of_region.send(call, async || request.clone().send().await).await?;
    store.answered(1);
    if answer.parameter_version != 0 && answer.parameter_version != number(version) {
        return Err(call.unexpected("another version has got the label"));
    }
    if answer.invalid_labels().is_empty() { Ok(()) } else { Err(call.refused("InvalidLabels")) }
}

/// Takes a label off a version.
pub(crate) async fn unlabel(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: u64,
    label: &Label,
) -> Result<(), StoreError> {
    let selector = VersionSelector::Number(version);
    let names = std::slice::from_ref(name);
    let call = Call { version: Some(&selector), ..Call::new("ssm:UnlabelParameterVersion", region, names) };
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .unlabel_parameter_version()
        .name(name.as_str())
        .parameter_version(number(version))
        .labels(label.as_str());
    // A label that is not there comes back among the invalid ones, which is as good as taken off.
    of_region.send(call, async || request.clone().send().await).await?;
    store.answered(1);
    Ok(())
}

/// Versions come from AWS, which counts them in this type.
fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// Sets tags, leaving others alone.
pub(crate) async fn tag(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    list: &[Tag],
) -> Result<(), StoreError> {
    let call = Call::new("ssm:AddTagsToResource", region, std::slice::from_ref(name));
    let of_region = store.of_region(region).await?;
    if list.is_empty() {
        return Ok(());
    }
    let request = of_region
        .client
        .add_tags_to_resource()
        .resource_type(ResourceTypeForTagging::Parameter)
        .resource_id(name.as_str())
        .set_tags(tags(list, &call)?);
    of_region.send(call, async || request.clone().send().await).await?;
    store.answered(1);
    Ok(())
}

/// The tags of a parameter, by key.
pub(crate) async fn tags_of(store: &AwsStore, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError> {
    let call = Call::new("ssm:ListTagsForResource", region, std::slice::from_ref(name));
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .list_tags_for_resource()
        .resource_type(ResourceTypeForTagging::Parameter)
        .resource_id(name.as_str());
    let answer = of_region.send(call, async || request.clone().send().await).await?;
    store.answered(1);
    let sent = answer.tag_list.ok_or_else(|| call.unexpected("it has no list of tags"))?;
    let mut tags: Vec<Tag> = sent.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect();
    tags.sort();
    Ok(tags)
}

/// Tags as the SDK takes them; none if there are none.
pub(crate) fn tags(list: &[Tag], call: &Call<'_>) -> Result<Option<Vec<types::Tag>>, StoreError> {
    let tags = list.iter().map(|tag| types::Tag::builder().key(&tag.key).value(&tag.value).build());
    let tags = tags.collect::<Result<Vec<_>, _>>().map_err(|_| call.refused("InvalidTag"))?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}
