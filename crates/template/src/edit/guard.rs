//! Checks for changes that would affect other nodes.
//!
//! An anchor repeats its node at every alias, a merge key copies entries, and of duplicate keys
//! only the last one counts. A change there would have effects in other places, or none. byref
//! rejects such changes instead of guessing.
//!
//! | Construct | Example | Effect of a change below it |
//! | --- | --- | --- |
//! | anchor | `&base {A: 1}` | every `*base` changes too |
//! | alias | `*base` | the text is in another place |
//! | merge key | `<<: *base` | an inserted key may shadow a merged one |
//! | explicit key | `? A` | the entry has two indicators, whose lines are not one element |
//! | duplicate key | `A: 1` twice | a change of the first has no effect |
//! | pair without braces | `[A: 1]` | a second entry has no place |
//!
//! The same constructs elsewhere in the template are no obstacle. Only the nodes that a change
//! names, their ancestors and the nodes inside them count.

use std::collections::BTreeSet;

use super::{Build, Changes, EditError};
use crate::span::Span;
use crate::tree::{Kind, NodeId, NodeRef, Template};

/// The help of all errors about anchors, aliases and merge keys.
const ALIAS_HELP: &str = "write the values out: CloudFormation itself refuses aliases";

/// Rejects changes at or below an anchor, an alias, a merge key, an explicit key or a duplicate
/// key. Each ancestor is checked once, so that the cost does not depend on the number of changes
/// below it.
pub(super) fn check(template: &Template, changes: &Changes) -> Result<(), EditError> {
    let ids = changes
        .removed
        .iter()
        .chain(changes.appended.keys())
        .chain(changes.inserted.keys());
    let ids = ids
        .chain(changes.renamed.keys())
        .chain(changes.replaced.keys());
    let mut checked: BTreeSet<NodeId> = BTreeSet::new();
    for id in ids {
        let node = template.node(*id);
        refuse_inside(node)?;
        let mut ancestor = Some(node);
        while let Some(node) = ancestor.filter(|node| checked.insert(node.id())) {
            check_node(node)?;
            ancestor = node.parent();
        }
    }
    let builds = changes
        .appended
        .values()
        .flatten()
        .chain(changes.replaced.values());
    let builds = builds.chain(changes.inserted.values().flatten().map(|(_, build)| build));
    for build in builds {
        check_moved(template, build)?;
    }
    Ok(())
}

/// Rejects moving items with lone carriage returns. Items move line by line, and lines end with a
/// newline.
///
/// A lone `\r` inside a quoted scalar or a comment is valid YAML. [`Changes`] with a moved item
/// that has one would come out with a different line structure.
fn check_moved(template: &Template, build: &Build) -> Result<(), EditError> {
    let mut open = vec![build];
    while let Some(build) = open.pop() {
        match build {
            Build::Moved(id) => {
                let span = template.node(*id).full_span();
                let text = &template.text[span.range()];
                let is_alone = |(index, _): (usize, &str)| !text[index + 1..].starts_with('\n');
                if let Some((index, _)) = text.match_indices('\r').find(|found| is_alone(*found)) {
                    let start = span.range().start + index;
                    refuse(
                        Span::from(start..start + 1),
                        "a carriage return without a newline, in an entry that would move",
                        "end the line as the others end",
                    )?;
                }
            }
            Build::Text(_) => {}
            Build::Mapping(entries) => open.extend(entries.iter().map(|(_, value)| value)),
            Build::Sequence(items) => open.extend(items),
            Build::Call(_, argument) => open.push(argument),
        }
    }
    Ok(())
}

/// Returns an error for a span.
///
/// Returns a `Result` instead of the error, so that checks end with `return refuse(…)`.
fn refuse(span: Span, message: &'static str, help: &'static str) -> Result<(), EditError> {
    Err(EditError {
        span,
        message,
        help,
    })
}

/// Rejects a node whose anchor, keys or form a change would pass through.
///
/// The node is an ancestor of a change, or its subject. Keys are compared by their meaning, so
/// `"A"` and `A` are duplicates.
fn check_node(node: NodeRef<'_>) -> Result<(), EditError> {
    if node.anchor().is_some() {
        return refuse(
            node.full_span(),
            "a change would pass through an anchor, whose aliases are elsewhere",
            ALIAS_HELP,
        );
    }
    if node.kind() == Kind::FlowMapping && !node.raw().starts_with('{') {
        return refuse(
            node.full_span(),
            "a change would pass through a pair without braces (`[key: value]`)",
            "put braces around it",
        );
    }
    let mut keys = BTreeSet::new();
    for entry in node.entries() {
        let Some(key) = entry.key.text() else {
            return refuse(
                entry.key.full_span(),
                "a collection or an alias as the key of a mapping that would change",
                "quote the text, if a template engine's braces are meant",
            );
        };
        if key == "<<" && entry.key.kind() == Kind::Plain {
            return refuse(
                entry.key.span(),
                "a change would pass through a merge key",
                ALIAS_HELP,
            );
        }
        if entry.key.indicator().is_some() {
            return refuse(
                entry.key.span(),
                "a change would pass through an explicit key (`? `)",
                "write it as `key: value`",
            );
        }
        if !keys.insert(key) {
            return refuse(
                entry.key.span(),
                "a duplicate key in a mapping that would change",
                "remove one of the two: CloudFormation takes only the last",
            );
        }
    }
    Ok(())
}

/// Rejects anchors and aliases inside a node, or inside the value of the entry that it names.
///
/// An edit above an anchor could remove the anchor of an alias elsewhere, or copy it to a second
/// place. The subtree is read once for each change.
fn refuse_inside(node: NodeRef<'_>) -> Result<(), EditError> {
    let end = node
        .parent()
        .and_then(|parent| parent.entries().find(|entry| entry.key.id() == node.id()));
    let value = end.map_or(node, |entry| entry.value);
    for inner in value.subtree() {
        if inner.kind() == Kind::Alias || inner.anchor().is_some() {
            return refuse(
                inner.full_span(),
                "a change would pass through an anchor or an alias",
                ALIAS_HELP,
            );
        }
    }
    Ok(())
}
