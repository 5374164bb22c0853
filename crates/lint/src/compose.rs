//! Puts together what is literal of a value: `Fn::Sub`, `Fn::Join`, `Fn::Base64`, `Fn::Select`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use byref_template::{NodeRef, SubPart, sub_parts};

use crate::located::Located;

/// A value with its literal parts in one text, holes in between, and the nodes behind the holes.
pub(crate) struct Composed<'t> {
    pub(crate) located: Located<'t>,
    /// Calls that could not be put in, each to be looked at by itself.
    pub(crate) holes: Vec<NodeRef<'t>>,
}

/// Deeper nesting of calls is not followed; templates have a few levels.
const DEPTH: usize = 16;

/// What is literal of a scalar or a call; `None` where nothing can be.
pub(crate) fn compose(node: NodeRef<'_>) -> Option<Composed<'_>> {
    let mut composed = Composed { located: Located::default(), holes: Vec::new() };
    if node.intrinsic().is_none() {
        return node
            .kind()
            .is_scalar()
            .then(|| Located::scalar(node))
            .flatten()
            .map(|located| Composed { located, ..composed });
    }
    add(node, DEPTH, &mut composed).then_some(composed)
}

/// Adds a node's literal text; returns false, and adds nothing, where it has none.
fn add<'t>(node: NodeRef<'t>, depth: usize, composed: &mut Composed<'t>) -> bool {
    if depth == 0 {
        return false;
    }
    let Some(call) = node.intrinsic() else {
        let Some(located) = Located::scalar(node).filter(|_| node.kind().is_scalar()) else { return false };
        composed.located.push(&located);
        return true;
    };
    match call.name {
        "Sub" => sub(call.argument, depth, composed),
        "Join" => join(call.argument, depth, composed),
        "Base64" => add(call.argument, depth - 1, composed),
        "Select" => select(call.argument).is_some_and(|chosen| add(chosen, depth - 1, composed)),
        _ => false,
    }
}

fn add_or_hole<'t>(node: NodeRef<'t>, depth: usize, composed: &mut Composed<'t>) {
    if !add(node, depth - 1, composed) {
        composed.located.push_hole(node);
        composed.holes.push(node);
    }
}

fn join<'t>(argument: NodeRef<'t>, depth: usize, composed: &mut Composed<'t>) -> bool {
    let mut items = argument.items();
    let (Some(delimiter), Some(list)) = (items.next(), items.next()) else { return false };
    if !list.kind().is_sequence() || list.intrinsic().is_some() {
        composed.holes.push(list);
        composed.located.push_hole(list);
        return true;
    }
    let delimiter = delimiter.text().unwrap_or_default();
    for (index, item) in list.items().enumerate() {
        if index > 0 && !delimiter.is_empty() {
            composed.located.push_between(&delimiter, item);
        }
        add_or_hole(item, depth, composed);
    }
    true
}

/// `${X}` stays as it stands, but for variables of the call's own map.
fn sub<'t>(argument: NodeRef<'t>, depth: usize, composed: &mut Composed<'t>) -> bool {
    if !argument.kind().is_sequence() {
        let Some(located) = Located::scalar(argument) else { return false };
        composed.located.push(&located);
        return true;
    }
    let mut items = argument.items();
    let Some((text, node)) = items.next().and_then(|node| Some((node.text()?, node))) else { return false };
    // The last of several with one name counts.
    let variables: BTreeMap<Cow<'_, str>, NodeRef<'t>> = items
        .next()
        .into_iter()
        .flat_map(NodeRef::entries)
        .filter_map(|entry| Some((entry.key.text()?, entry.value)))
        .collect();
    for (range, part) in sub_parts(&text) {
        let value = if let SubPart::Name(name) = part { variables.get(name).copied() } else { None };
        match value {
            Some(value) if add(value, depth - 1, composed) => {}
            Some(value) => composed.located.push_hole(value),
            None => composed.located.push_piece(&text[range.clone()], node, range.start),
        }
    }
    true
}

/// The chosen item, where index and list are literal.
fn select(argument: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let mut items = argument.items();
    let index: usize = items.next()?.text()?.parse().ok()?;
    items.next().filter(|list| list.intrinsic().is_none())?.items().nth(index)
}
