//! The smallest changes of lists and their entries, from which all phases compose theirs.
//!
//! Each function adds to the [`Changes`] of a template and reads nothing of them, so the order of
//! calls about different nodes does not matter. None of them writes text: a node is removed, moved,
//! renamed, replaced or inserted, and the editor keeps everything around it as it is.

use std::collections::BTreeSet;

use byref_cloudformation::Guard;
use byref_template::{Build, Changes, Entry, NodeRef};

use super::movement::Content;
use crate::list::{Leaf, List, Pair};

/// Gives a pair its content, under the key that its list asks for: `Value` or `ValueFrom`.
///
/// A pair that has both keys loses the one that would become a duplicate.
///
/// | pair | key asked for | changes |
/// |---|---|---|
/// | `{Name: A, Value: x}` | `ValueFrom` | the key is renamed, the value replaced |
/// | `{Name: A, ValueFrom: x}` | `ValueFrom` | the value is replaced |
/// | `{Name: A, Value: x, ValueFrom: y}` | `ValueFrom` | `ValueFrom` is removed, then as above |
/// | `{Name: A}` | `ValueFrom` | the key is inserted behind the name |
/// | no name and no value | either | none: such a pair is never chosen |
pub(super) fn set_value(
    pair: &Pair<'_>,
    content: &Content,
    value_key: &str,
    changes: &mut Changes,
) {
    match (pair.value, pair.name_key) {
        (Some(value), _) => {
            // An entry with both keys would have the same one twice.
            let stale = pair
                .mapping
                .entry(value_key)
                .filter(|stale| stale.key.id() != value.key.id());
            changes.removed.extend(stale.map(|stale| stale.key.id()));
            if value.key.text().as_deref() != Some(value_key) {
                changes.renamed.insert(value.key.id(), value_key.to_owned());
            }
            changes
                .replaced
                .insert(value.value.id(), content.value.clone());
        }
        (None, Some(name_key)) => {
            let inserted = changes.inserted.entry(name_key.id()).or_default();
            inserted.push((value_key.to_owned(), content.value.clone()));
        }
        (None, None) => {}
    }
}

/// Removes pairs from a list: whole items where no pair of them is kept, and otherwise
/// `AWS::NoValue` in the place of the pair.
///
/// An item `!If [C, {Name: A, …}, {Name: B, …}]` of which only the pair `A` goes becomes `!If [C,
/// !Ref AWS::NoValue, {Name: B, …}]`. An item with an opaque branch is never removed whole.
pub(super) fn remove_pairs(list: &List<'_>, gone: &BTreeSet<usize>, changes: &mut Changes) {
    for index in gone {
        let pair = &list.pairs[*index];
        let siblings = list
            .pairs
            .iter()
            .enumerate()
            .filter(|(_, other)| other.item.id() == pair.item.id());
        let is_whole = siblings
            .map(|(sibling, _)| sibling)
            .all(|sibling| gone.contains(&sibling));
        if is_whole && !has_unseen(list, pair.item) {
            changes.removed.insert(pair.item.id());
        } else {
            changes.replaced.insert(pair.mapping.id(), no_value());
        }
    }
}

/// Returns whether a part of an item is opaque, so that the item can't be removed as a whole.
fn has_unseen(list: &List<'_>, item: NodeRef<'_>) -> bool {
    list.opaque
        .iter()
        .any(|node| item.full_span().contains(node.span()))
}

/// Adds items to a list. `AWS::NoValue`, an empty value and `[]` become a list.
///
/// An existing list is appended to, so that its text stays. The others are replaced, since there is
/// no item to write behind.
pub(super) fn extend(leaf: &Leaf<'_>, builds: Vec<Build>, changes: &mut Changes) {
    if builds.is_empty() {
        return;
    }
    if leaf.is_list && leaf.node.items().next().is_some() {
        changes
            .appended
            .entry(leaf.node.id())
            .or_default()
            .extend(builds);
    } else {
        changes
            .replaced
            .insert(leaf.node.id(), Build::Sequence(builds));
    }
}

/// Removes a list with its key. A comment above the key is kept, because it may be about more than
/// the list.
pub(super) fn remove_list(entry: Entry<'_>, changes: &mut Changes) {
    changes.removed.insert(entry.key.id());
    changes.headed.insert(entry.key.id());
}

/// Returns `!Ref AWS::NoValue`, with which CloudFormation leaves a property or an item out.
pub(super) fn no_value() -> Build {
    Build::Call("Ref", Box::new(Build::Text("AWS::NoValue".to_owned())))
}

/// Puts conditions around a value, the first one outermost; under the other side of each it is
/// `AWS::NoValue`.
///
/// For the guard `A`, not `B`: `!If [A, !If [B, !Ref AWS::NoValue, build], !Ref AWS::NoValue]`.
pub(super) fn wrap(build: Build, guard: &Guard) -> Build {
    let mut result = build;
    for (condition, side) in guard.0.iter().rev() {
        let [yes, no] = if *side {
            [result, no_value()]
        } else {
            [no_value(), result]
        };
        result = Build::Call(
            "If",
            Box::new(Build::Sequence(vec![
                Build::Text(condition.clone()),
                yes,
                no,
            ])),
        );
    }
    result
}
