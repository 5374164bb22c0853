//! From the moves of log options to changes of the tree: between `Options`, a mapping, and
//! `SecretOptions`, a list.
//!
//! The two have different shapes, so an option is written anew in its new place. It keeps its name,
//! and nothing else of it is text of the user's.

use byref_cloudformation::{Layout, ListName};
use byref_template::{Build, Changes};

use super::edit::{extend, remove_list, remove_pairs, set_value};
use super::log_option::OptionMovement;
use super::movement::Content;
use crate::log::LogConfiguration;

/// Adds the changes of one log configuration: first to entries that get another reference, then to
/// each of the two properties.
pub(super) fn compose(
    log: &LogConfiguration<'_>,
    movement: &OptionMovement,
    changes: &mut Changes,
) {
    for (pair, content) in &movement.retargeted {
        set_value(
            &log.secrets.pairs[*pair],
            content,
            Layout::LogOptions.value_key(ListName::Secrets),
            changes,
        );
    }
    compose_options(log, movement, changes);
    compose_secrets(log, movement, changes);
}

/// Adds and removes entries of `Options`.
///
/// The mapping is removed with its key if no entry is kept, and created if the first one is added.
fn compose_options(log: &LogConfiguration<'_>, movement: &OptionMovement, changes: &mut Changes) {
    let added: Vec<(String, Build)> = movement
        .added_options
        .iter()
        .map(|content| (content.secret.clone(), content.value.clone()))
        .collect();
    let key = Layout::LogOptions.key(ListName::Environment).to_owned();
    let Some(options) = log.options else {
        if let Some(last) = log.node.entries().last().filter(|_| !added.is_empty()) {
            changes
                .inserted
                .entry(last.key.id())
                .or_default()
                .push((key, Build::Mapping(added)));
        }
        return;
    };
    let last = options.value.entries().last();
    match last {
        Some(last) if !added.is_empty() => changes
            .inserted
            .entry(last.key.id())
            .or_default()
            .extend(added),
        None if !added.is_empty() => {
            changes
                .replaced
                .insert(options.value.id(), Build::Mapping(added));
        }
        Some(_)
            if options
                .value
                .entries()
                .all(|entry| movement.removed_options.contains(&entry.key.id())) =>
        {
            remove_list(options, changes);
            return;
        }
        _ => {}
    }
    changes.removed.extend(&movement.removed_options);
}

/// Adds and removes items of `SecretOptions`.
///
/// The list is removed with its key if no item is kept, and created behind `Options` if the first
/// one is added. A list under a condition gets new items in each of its branches.
fn compose_secrets(log: &LogConfiguration<'_>, movement: &OptionMovement, changes: &mut Changes) {
    let entry = |content: &Content| {
        let name = Build::Text(content.secret.clone());
        Build::Mapping(vec![
            ("Name".to_owned(), name),
            ("ValueFrom".to_owned(), content.value.clone()),
        ])
    };
    let added: Vec<Build> = movement.added_secrets.iter().map(entry).collect();
    let secrets = &log.secrets;
    let Some(existing) = secrets.entry else {
        let after = log.options.or(log.node.entries().last());
        if let Some(after) = after.filter(|_| !added.is_empty()) {
            let key = Layout::LogOptions.key(ListName::Secrets).to_owned();
            changes
                .inserted
                .entry(after.key.id())
                .or_default()
                .push((key, Build::Sequence(added)));
        }
        return;
    };
    let is_emptied = added.is_empty()
        && !movement.removed_secrets.is_empty()
        && secrets.opaque.is_empty()
        && (0..secrets.pairs.len()).all(|pair| movement.removed_secrets.contains(&pair));
    if is_emptied {
        remove_list(existing, changes);
        return;
    }
    remove_pairs(secrets, &movement.removed_secrets, changes);
    for leaf in &secrets.leaves {
        extend(leaf, added.clone(), changes);
    }
}
