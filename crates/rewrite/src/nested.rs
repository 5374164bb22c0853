//! Templates that others nest.

use byref_template::NodeRef;

use crate::container::literal;
use crate::request::Document;

/// The logical ids of the stacks that a template makes of another one: their `TemplateURL` ends with its file name.
/// None makes a stack of itself.
pub fn nested_stacks(parent: &Document, child: &Document) -> Vec<String> {
    if parent.source == child.source {
        return Vec::new();
    }
    let file_name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let child = file_name(&child.path);
    let resources = parent.template.root().and_then(|root| root.get("Resources"));
    let is_of_child = |resource: NodeRef<'_>| {
        let kind = resource.get("Type").and_then(literal);
        if !matches!(kind.as_deref(), Some("AWS::CloudFormation::Stack" | "AWS::Serverless::Application")) {
            return false;
        }
        let properties = resource.get("Properties");
        let place =
            properties.and_then(|properties| properties.get("TemplateURL").or_else(|| properties.get("Location")));
        place.is_some_and(|place| place.subtree().filter_map(NodeRef::text).any(|text| file_name(&text) == child))
    };
    let entries = resources.into_iter().flat_map(NodeRef::entries).filter(|entry| is_of_child(entry.value));
    entries.filter_map(|entry| Some(entry.key.text()?.into_owned())).collect()
}
