//! Changes that reach resources indirectly: through a mapping or a condition that they refer to.
//!
//! Parameters are not looked at. The values that a deploy passes are in neither template, so a
//! comparison of the declarations would tell nothing about them.

use byref_cloudformation::literal;
use byref_template::{NodeRef, Template};

use super::is_same;

/// The mappings and conditions that changed: resources that refer to them may change with them.
#[derive(Default)]
pub(super) struct Changed {
    mappings: Vec<String>,
    conditions: Vec<String>,
}

impl Changed {
    /// Compares the mappings and conditions of two templates. A condition that is made of a changed
    /// one has changed, too: the search repeats until no further one is found.
    ///
    /// A section that only one of the templates has changes nothing that both have.
    pub(super) fn of(old: &Template, new: &Template) -> Self {
        let names = |section: &str| {
            let section_of = |template: &'_ Template| {
                template
                    .root()
                    .and_then(|root| root.get(section))
                    .map(NodeRef::id)
            };
            let (Some(old_id), Some(new_id)) = (section_of(old), section_of(new)) else {
                return Vec::new();
            };
            let (before, after) = (old.node(old_id), new.node(new_id));
            let is_changed = |entry: &byref_template::Entry<'_>| {
                let old = entry.key.text().and_then(|key| before.get(&key));
                old.is_some_and(|old| !is_same(old, entry.value, &[]))
            };
            let entries = after.entries().filter(is_changed);
            entries
                .filter_map(|entry| Some(entry.key.text()?.into_owned()))
                .collect::<Vec<_>>()
        };
        let (mappings, mut conditions) = (names("Mappings"), names("Conditions"));
        // Conditions that others are made of.
        let section = new.root().and_then(|root| root.get("Conditions"));
        let entries: Vec<_> = section.into_iter().flat_map(NodeRef::entries).collect();
        for _ in 0..entries.len() {
            let known = Self {
                mappings: mappings.clone(),
                conditions: conditions.clone(),
            };
            let dependent = entries.iter().filter(|entry| known.concerns(entry.value));
            let new: Vec<String> = dependent
                .filter_map(|entry| Some(entry.key.text()?.into_owned()))
                .filter(|name| !conditions.contains(name))
                .collect();
            if new.is_empty() {
                break;
            }
            conditions.extend(new);
        }
        Self {
            mappings,
            conditions,
        }
    }

    /// Returns whether a node refers to one of them. A computed name of a mapping may be any of
    /// them.
    ///
    /// For a changed condition `IsLive` these are `!If [IsLive, …]` and `!Condition IsLive`; for a
    /// changed mapping `Images` these are `!FindInMap [Images, …]` and `!FindInMap [!Ref Any, …]`.
    pub(super) fn concerns(&self, node: NodeRef<'_>) -> bool {
        let first = |argument: NodeRef<'_>| argument.items().next().and_then(literal);
        node.subtree()
            .filter_map(NodeRef::intrinsic)
            .any(|call| match call.name {
                "FindInMap" => {
                    first(call.argument).is_none_or(|name| self.mappings.contains(&name))
                        && !self.mappings.is_empty()
                }
                "If" => first(call.argument).is_some_and(|name| self.conditions.contains(&name)),
                "Condition" => {
                    literal(call.argument).is_some_and(|name| self.conditions.contains(&name))
                }
                _ => false,
            })
    }
}
