//! From moves to changes for the one list of CodeBuild: an entry is not moved, it gets another
//! `Type`.
//!
//! Source: CodeBuild API reference, `EnvironmentVariable`: the types `PLAINTEXT`, `PARAMETER_STORE`
//! and `SECRETS_MANAGER`.

use byref_cloudformation::{Layout, ListName};
use byref_template::{Build, Changes};

use super::edit::{extend, remove_pairs};
use super::movement::{Content, Movement};
use crate::container::Container;
use crate::list::{List, Pair};

/// Adds the changes of one build environment. Both directions edit entries in place, so the order
/// of the list never changes.
pub(super) fn compose(container: &Container<'_>, movement: &Movement, changes: &mut Changes) {
    for (list, side) in [
        (&container.environment, &movement.environment),
        (&container.secrets, &movement.secrets),
    ] {
        for (pair, content) in side.leaving.iter().chain(&side.retargeted) {
            turn_into(&list.pairs[*pair], content, changes);
        }
        remove_pairs(list, &side.dropped, changes);
    }
    let added = movement
        .environment
        .added
        .iter()
        .chain(&movement.secrets.added);
    let added: Vec<Build> = added.map(entry).collect();
    add(container, &container.environment, added, changes);
}

/// Returns a new entry: its name, its type, and the value or the reference.
fn entry(content: &Content) -> Build {
    let text = |text: &str| Build::Text(text.to_owned());
    Build::Mapping(vec![
        ("Name".to_owned(), text(&content.secret)),
        ("Type".to_owned(), text(content.kind)),
        ("Value".to_owned(), content.value.clone()),
    ])
}

/// Gives an entry another content, with the type that belongs to it. An entry without a value gets
/// one behind its name, and an entry without a type gets one behind its value.
fn turn_into(pair: &Pair<'_>, content: &Content, changes: &mut Changes) {
    let kind = || Build::Text(content.kind.to_owned());
    match (pair.value, pair.name_key) {
        (Some(value), _) => {
            changes
                .replaced
                .insert(value.value.id(), content.value.clone());
        }
        (None, Some(name_key)) => {
            let inserted = changes.inserted.entry(name_key.id()).or_default();
            inserted.push(("Value".to_owned(), content.value.clone()));
        }
        (None, None) => {}
    }
    match (
        pair.mapping.entry("Type"),
        pair.value.map(|value| value.key).or(pair.name_key),
    ) {
        (Some(existing), _) => {
            if existing.value.text().as_deref() != Some(content.kind) {
                changes.replaced.insert(existing.value.id(), kind());
            }
        }
        (None, Some(after)) => {
            changes
                .inserted
                .entry(after.id())
                .or_default()
                .push(("Type".to_owned(), kind()));
        }
        (None, None) => {}
    }
}

/// Adds new entries to the list in each of its branches, or creates the list as the last property
/// of the environment.
fn add(container: &Container<'_>, list: &List<'_>, added: Vec<Build>, changes: &mut Changes) {
    if added.is_empty() {
        return;
    }
    if list.entry.is_none() {
        let key = Layout::TypedVariables.key(ListName::Environment).to_owned();
        let Some(after) = container.node.entries().last() else {
            return;
        };
        changes
            .inserted
            .entry(after.key.id())
            .or_default()
            .push((key, Build::Sequence(added)));
        return;
    }
    for leaf in &list.leaves {
        extend(leaf, added.clone(), changes);
    }
}
