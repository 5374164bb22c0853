//! The order of creation: a task must not start before the policy that lets it read its secrets is
//! there.
//!
//! CloudFormation creates resources at the same time unless one refers to the other. A resource
//! that refers to its role waits for the role alone, not for a policy that is attached to it, so
//! byref adds `DependsOn`.
//!
//! Source: CloudFormation user guide, "`DependsOn` attribute".
//!
//! The readers of a policy and its role are the resources that start tasks with it. The text of a
//! `DependsOn` changes as follows, where `P` is the policy:
//!
//! | today | becomes |
//! |---|---|
//! | missing | `DependsOn: P`, behind `Type` |
//! | `DependsOn: A` | `DependsOn: [A, P]` |
//! | `DependsOn: [A]` | `DependsOn: [A, P]` |
//! | a resource that refers to `P` | unchanged |

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, is_nothing, literal, names_used};
use byref_template::{Build, Diagnostic, Intrinsic, Location, NodeRef};

use super::grant::GrantWriter;
use super::inventory::Inventory;
use crate::list::Leaf;

/// The resources that get a dependency, by template and logical id, each with the logical ids that
/// it is to wait for.
pub(super) type Waits = BTreeMap<(usize, String), BTreeSet<String>>;

impl Inventory<'_> {
    /// Returns the readers that refer to a resource in no way, and so do not wait for it.
    pub(super) fn strangers(
        &self,
        index: usize,
        readers: &BTreeSet<String>,
        id: &str,
    ) -> BTreeSet<String> {
        let resources = &self.declarations[index].resources;
        let refers = |reader: &&String| {
            resources
                .get(*reader)
                .is_some_and(|node| mentioned(*node).contains(id))
        };
        readers
            .iter()
            .filter(|reader| !refers(reader))
            .cloned()
            .collect()
    }

    /// Returns whether a resource needs another one to be created first, directly or through
    /// others.
    ///
    /// Each resource is visited once. References and `DependsOn` count alike; a dependency in a
    /// circle would be refused by CloudFormation, and a circle that exists already does not keep
    /// the search from ending.
    fn depends_on(&self, index: usize, id: &str, other: &str) -> bool {
        let resources = &self.declarations[index].resources;
        let (mut open, mut known) = (vec![id.to_owned()], BTreeSet::new());
        while let Some(id) = open.pop() {
            if id == other {
                return true;
            }
            if let Some(resource) = resources.get(&id).filter(|_| known.insert(id.clone())) {
                open.extend(mentioned(*resource));
            }
        }
        false
    }
}

impl GrantWriter<'_, '_> {
    /// Lets readers wait for a resource, and warns of those that can't: they would wait in a
    /// circle, or for a resource that is created only under a condition.
    pub(super) fn wait(
        &mut self,
        index: usize,
        readers: &BTreeSet<String>,
        (id, condition): (&str, Option<&str>),
        (place, help): (Location, &str),
    ) {
        let resources = &self.inventory.declarations[index].resources;
        for reader in readers {
            let Some(resource) = resources.get(reader) else {
                continue;
            };
            if mentioned(*resource).contains(id) {
                continue;
            }
            // Nothing can wait for a resource that may not be made.
            let is_made = condition.is_none()
                || condition == resource.get("Condition").and_then(literal).as_deref();
            if is_made && !self.inventory.depends_on(index, id, reader) {
                self.waits
                    .entry((index, reader.clone()))
                    .or_default()
                    .insert(id.to_owned());
                continue;
            }
            let why = if is_made {
                "which depends on it"
            } else {
                "which is made under a condition"
            };
            let message = format!(
                "`{reader}` can't wait for `{id}`, {why}: its first tasks may start before the policy is there"
            );
            self.report(Diagnostic::warning("no-dependency", message, place).help(help));
        }
    }

    /// Writes all dependencies, one edit for each reader.
    pub(super) fn write_waits(&mut self) {
        for ((index, reader), ids) in std::mem::take(&mut self.waits) {
            let Some(resource) = self.inventory.declarations[index]
                .resources
                .get(&reader)
                .copied()
            else {
                continue;
            };
            self.wait_for(index, resource, ids);
        }
    }

    /// Adds logical ids to the `DependsOn` of a resource, which may be a list, a single text, or
    /// missing.
    fn wait_for(&mut self, index: usize, resource: NodeRef<'_>, ids: BTreeSet<String>) {
        let mut ids: Vec<Build> = ids.into_iter().map(Build::Text).collect();
        let entry = resource.entry("DependsOn");
        let changes = &mut self.changes[index];
        if let Some(entry) = entry.filter(|entry| entry.value.kind().is_sequence()) {
            let leaf = Leaf {
                node: entry.value,
                guard: Guard::default(),
                is_list: true,
            };
            super::edit::extend(&leaf, ids, changes);
            return;
        }
        let before = entry
            .filter(|entry| !is_nothing(entry.value))
            .and_then(|entry| literal(entry.value));
        ids.splice(0..0, before.map(Build::Text));
        let build = if ids.len() == 1 {
            ids.remove(0)
        } else {
            Build::Sequence(ids)
        };
        if let Some(entry) = entry {
            changes.replaced.insert(entry.value.id(), build);
        } else if let Some(kind) = resource.entry("Type") {
            changes
                .inserted
                .entry(kind.key.id())
                .or_default()
                .push(("DependsOn".to_owned(), build));
        }
    }
}

/// Returns the names that a resource refers to, and those in its `DependsOn`.
fn mentioned(resource: NodeRef<'_>) -> BTreeSet<String> {
    let target = |node: NodeRef<'_>| {
        node.intrinsic()
            .and_then(Intrinsic::target)
            .map(|(id, _)| id)
    };
    let mut found: BTreeSet<String> = resource
        .subtree()
        .flat_map(|node| target(node).into_iter().chain(names_used(node)))
        .collect();
    found.extend(
        resource
            .get("DependsOn")
            .into_iter()
            .flat_map(NodeRef::subtree)
            .filter_map(literal),
    );
    found
}
