//! Labels of versions and tags of parameters.
//!
//! A label belongs to one version of a parameter at a time. AWS limits the numbers of labels and
//! tags; a violation arrives as an error code and becomes a [`StoreError`] in
//! [`failure`](crate::failure).
//!
//! | Function | Operation | Quota |
//! | --- | --- | --- |
//! | [`label`] | `LabelParameterVersion` | writes |
//! | [`unlabel`] | `UnlabelParameterVersion` | writes |
//! | [`tag`] | `AddTagsToResource` | writes |
//! | [`tags_of`] | `ListTagsForResource` | writes |

use aws_sdk_ssm::types::{self, ResourceTypeForTagging};
use byref_parameter::{Label, ParameterName, Region};
use byref_store::{StoreError, Tag, VersionSelector};

use crate::failure::Call;
use crate::store::AwsStore;

/// Attaches a label to a version, moving it away from any other version.
///
/// # Errors
///
/// [`StoreError::VersionNotFound`] without such a version, [`StoreError::LabelLimit`] at the limit
/// of AWS, [`StoreError::Refused`] with the code `InvalidLabels`, and the errors of every request.
pub(crate) async fn label(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: u64,
    label: &Label,
) -> Result<(), StoreError> {
    let selector = VersionSelector::Number(version);
    let names = std::slice::from_ref(name);
    let call = Call {
        version: Some(&selector),
        ..Call::new("ssm:LabelParameterVersion", region, names)
    };
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .label_parameter_version()
        .name(name.as_str())
        .parameter_version(number(version))
        .labels(label.as_str());
    let answer = of_region
        .send(call, async || request.clone().send().await)
        .await?;
    store.answered(1);
    if answer.parameter_version != 0 && answer.parameter_version != number(version) {
        return Err(call.unexpected("it names another version than the requested one"));
    }
    if answer.invalid_labels().is_empty() {
        Ok(())
    } else {
        Err(call.refused("InvalidLabels"))
    }
}

/// Removes a label from a version.
pub(crate) async fn unlabel(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
    version: u64,
    label: &Label,
) -> Result<(), StoreError> {
    let selector = VersionSelector::Number(version);
    let names = std::slice::from_ref(name);
    let call = Call {
        version: Some(&selector),
        ..Call::new("ssm:UnlabelParameterVersion", region, names)
    };
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .unlabel_parameter_version()
        .name(name.as_str())
        .parameter_version(number(version))
        .labels(label.as_str());
    // A missing label is reported among the invalid ones, which is not an error here.
    of_region
        .send(call, async || request.clone().send().await)
        .await?;
    store.answered(1);
    Ok(())
}

/// Converts a version number to the SDK's type. Versions come from AWS, so they fit.
fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// Sets tags, keeping those with other keys.
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
    of_region
        .send(call, async || request.clone().send().await)
        .await?;
    store.answered(1);
    Ok(())
}

/// Returns the tags of a parameter, sorted by key.
///
/// `ListTagsForResource` has no pages, since the number of tags is small. The order is byref's own:
/// AWS promises none.
pub(crate) async fn tags_of(
    store: &AwsStore,
    region: &Region,
    name: &ParameterName,
) -> Result<Vec<Tag>, StoreError> {
    let call = Call::new(
        "ssm:ListTagsForResource",
        region,
        std::slice::from_ref(name),
    );
    let of_region = store.of_region(region).await?;
    let request = of_region
        .client
        .list_tags_for_resource()
        .resource_type(ResourceTypeForTagging::Parameter)
        .resource_id(name.as_str());
    let answer = of_region
        .send(call, async || request.clone().send().await)
        .await?;
    store.answered(1);
    let sent = answer
        .tag_list
        .ok_or_else(|| call.unexpected("it contains no list of tags"))?;
    let mut tags: Vec<Tag> = sent
        .into_iter()
        .map(|tag| Tag {
            key: tag.key,
            value: tag.value,
        })
        .collect();
    tags.sort();
    Ok(tags)
}

/// Converts tags to the SDK's type, `None` for an empty list.
///
/// # Errors
///
/// [`StoreError::Refused`] with the code `InvalidTag` if the SDK rejects a tag before it is sent.
pub(crate) fn tags(list: &[Tag], call: &Call<'_>) -> Result<Option<Vec<types::Tag>>, StoreError> {
    let tags = list.iter().map(|tag| {
        types::Tag::builder()
            .key(&tag.key)
            .value(&tag.value)
            .build()
    });
    let tags = tags
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| call.refused("InvalidTag"))?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}
