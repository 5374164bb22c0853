//! The findings that a fix can move: whole literals in the environments of containers that take
//! references.
//!
//! | value in a container | moved |
//! | --- | --- |
//! | `Value: not-a-secret` | yes |
//! | `Value: !Sub "https://u:not-a-secret@db"` | no: only an argument of a function |
//! | the same text in `Metadata` or in a type without references | no |
//!
//! The template is parsed again rather than kept from the lint: a fix concerns few files, and a
//! lint of thousands need not hold all their trees.

use byref_cloudformation::{Layout, ListName, ResourceType};
use byref_lint::Finding;
use byref_parameter::SecretValue;
use byref_template::{NodeRef, Span, Template};

/// Returns the names and values that can be moved, one for each finding that is solved by it.
pub(super) fn movable<'f>(
    text: &str,
    findings: impl Iterator<Item = &'f Finding>,
) -> Vec<(String, SecretValue)> {
    let spans: Vec<Span> = findings
        .filter(|finding| finding.rule.is_movable)
        .map(|finding| finding.span)
        .collect();
    if spans.is_empty() {
        return Vec::new();
    }
    let Ok(template) = Template::parse(text) else {
        return Vec::new();
    };
    let scalars: Vec<NodeRef<'_>> = template
        .nodes()
        .filter(|node| node.kind().is_scalar())
        .collect();
    spans
        .into_iter()
        .filter_map(|span| value_at(&scalars, span))
        .collect()
}

/// Returns the name and the value of the entry whose value contains a finding. An argument of an
/// intrinsic function, or a part of JSON in a value, is not a whole value.
fn value_at(scalars: &[NodeRef<'_>], span: Span) -> Option<(String, SecretValue)> {
    let before = scalars.partition_point(|node| node.full_span().start <= span.start);
    let value = scalars[..before]
        .last()
        .filter(|node| node.full_span().contains(span))?;
    let entry = value
        .parent()
        .filter(|entry| entry.get("Value").is_some_and(|own| own.id() == value.id()))?;
    let name = literal(entry.get("Name")?)?;
    is_of_list(entry).then(|| Some((name, SecretValue::new(literal(*value)?))))?
}

/// Returns the text of a scalar without a tag and without an intrinsic function; none for any other
/// node.
fn literal(node: NodeRef<'_>) -> Option<String> {
    let is_literal = node.kind().is_scalar() && node.tag().is_none() && node.intrinsic().is_none();
    is_literal.then(|| node.text().map(std::borrow::Cow::into_owned))?
}

/// Returns whether an entry is one of a list of values that has a list of references beside it.
///
/// The way up from the entry gives the keys of its path and, third from the top, the resource. So
/// the list may be below any `Fn::If`, whose key is left out of the path, while a list with the
/// same name outside of `Resources` does not count.
fn is_of_list(entry: NodeRef<'_>) -> bool {
    let mut keys = Vec::new();
    let mut nodes = vec![entry];
    while let Some(parent) = nodes.last().and_then(|node| node.parent()) {
        let below = nodes.last().map(|node| node.id());
        let entry = parent
            .entries()
            .find(|entry| Some(entry.value.id()) == below);
        // The path of a property does not contain intrinsic functions around it.
        let key = entry
            .and_then(|entry| entry.key.text())
            .filter(|key| !key.starts_with("Fn::"));
        keys.extend(key.map(std::borrow::Cow::into_owned));
        nodes.push(parent);
    }
    // From the top: the document, the section, the resource.
    let resource = nodes
        .len()
        .checked_sub(3)
        .and_then(|index| nodes.get(index));
    let kind = resource.and_then(|resource| {
        resource
            .get("Type")?
            .text()
            .map(std::borrow::Cow::into_owned)
    });
    let layout = kind
        .as_deref()
        .and_then(ResourceType::of)
        .map(ResourceType::layout);
    let list = layout
        .filter(|layout| *layout != Layout::TypedVariables)
        .map(|layout| layout.key(ListName::Environment));
    keys.last().is_some_and(|section| section == "Resources")
        && list.is_some()
        && keys.first().map(String::as_str) == list
}
