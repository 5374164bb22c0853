//! From the moves between two lists to changes of the tree.
//!
//! An entry moves as it is written: its item is removed from one list and inserted into the other,
//! with its comments, its quotes and the functions around it. The phase writes an entry anew only
//! if a condition splits it. If every entry of a list leaves, the list is renamed instead, which
//! keeps the whole text.
//!
//! The steps of one container, in the order in which they must run:
//!
//! 1. entries that are kept get their new content in place (`retarget`),
//! 2. a list that loses everything to a vacant one is renamed, and nothing else is to be done
//!    (`can_rename`, `rename`),
//! 3. otherwise each direction takes its entries out (`take`),
//! 4. the arrivals and the new entries go into each branch of their destination (`arrive`),
//! 5. lists that are empty now are removed (`leave`).
//!
//! For example, of two values one becomes a reference:
//!
//! ```text
//! Environment:
//!   - {Name: STAGE, Value: live}
//!   - {Name: TOKEN, Value: …} # rotated
//!
//! Environment:
//!   - {Name: STAGE, Value: live}
//! Secrets:
//!   - {Name: TOKEN, ValueFrom: …} # rotated
//! ```
//!
//! Writing both lists anew from their pairs would be simpler. It would lose comments, quotes and
//! the user's own style, and the difference that a reviewer has to read would be the whole list.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, Layout, ListName, conditional, implied};
use byref_template::{Build, Changes, NodeId, NodeRef};

use super::decisions::Decisions;
use super::edit::{extend, no_value, remove_list, remove_pairs, set_value, wrap};
use super::inventory::Inventory;
use super::movement::{Content, Movement, Side};
use super::{compose_log_option, typed};
use crate::container::Container;
use crate::list::{Leaf, List};

/// An entry that moves to the other list.
struct Arrival {
    build: Build,
    /// Index of the list that it comes from, among the branches of the property.
    leaf: usize,
    /// The pairs of the entry: several, if a condition is written around its mappings.
    pairs: Vec<usize>,
}

/// Returns the changes that the decided moves make, by template.
pub(super) fn compose_changes(inventory: &Inventory<'_>, decisions: &Decisions) -> Vec<Changes> {
    let with_comment = decisions.removals.with_comment.iter();
    let uncommented = |nodes: &Vec<NodeId>| nodes.iter().copied().collect();
    let mut changes: Vec<Changes> = with_comment
        .map(|nodes| Changes {
            uncommented: uncommented(nodes),
            ..Changes::default()
        })
        .collect();
    for (container, movement) in &decisions.movements {
        let container = &inventory.containers[*container];
        compose(container, movement, &mut changes[container.document]);
    }
    for ((container, log), movement) in &decisions.options {
        let container = &inventory.containers[*container];
        compose_log_option::compose(
            &container.logs[*log],
            movement,
            &mut changes[container.document],
        );
    }
    changes
}

/// Adds the changes of one container.
///
/// Both directions are prepared before either is written: an entry that leaves one list must be
/// taken out before the other list decides whether it becomes empty.
fn compose(container: &Container<'_>, movement: &Movement, changes: &mut Changes) {
    if container.layout() == Layout::TypedVariables {
        typed::compose(container, movement, changes);
        return;
    }
    let transfers = [ListName::Environment, ListName::Secrets].map(|from| Transfer {
        container,
        name: from,
        from: container.list(from),
        to: container.list(from.other()),
        side: if from == ListName::Environment {
            &movement.environment
        } else {
            &movement.secrets
        },
        other: if from == ListName::Environment {
            &movement.secrets
        } else {
            &movement.environment
        },
    });
    for transfer in &transfers {
        transfer.retarget(changes);
    }
    if let Some(transfer) = transfers.iter().find(|transfer| transfer.can_rename()) {
        transfer.rename(changes);
        return;
    }
    let arrivals: Vec<Vec<Arrival>> = transfers
        .iter()
        .map(|transfer| transfer.take(changes))
        .collect();
    for (transfer, arrivals) in transfers.iter().zip(arrivals) {
        transfer.arrive(arrivals, changes);
    }
    for transfer in &transfers {
        transfer.leave(changes);
    }
}

/// The move of entries out of one list into the other one.
struct Transfer<'m, 't> {
    container: &'m Container<'t>,
    /// The list that they come from.
    name: ListName,
    from: &'m List<'t>,
    to: &'m List<'t>,
    /// The moves of that list.
    side: &'m Side,
    /// The moves of the other list: its new entries are written together with the arrivals.
    other: &'m Side,
}

impl<'t> Transfer<'_, 't> {
    /// Returns a new entry of the destination list.
    fn entry(&self, content: &Content) -> Build {
        let name = Build::Text(content.secret.clone());
        let value_key = self
            .container
            .layout()
            .value_key(self.name.other())
            .to_owned();
        Build::Mapping(vec![
            ("Name".to_owned(), name),
            (value_key, content.value.clone()),
        ])
    }

    /// Returns all new entries of the destination list.
    fn added(&self) -> Vec<Build> {
        self.other
            .added
            .iter()
            .map(|content| self.entry(content))
            .collect()
    }

    /// Gives the entries that are kept in their list their new content.
    fn retarget(&self, changes: &mut Changes) {
        for (pair, content) in &self.side.retargeted {
            set_value(
                &self.from.pairs[*pair],
                content,
                self.container.layout().value_key(self.name),
                changes,
            );
        }
    }

    /// Gives a pair that leaves the content and the key that the destination list asks for.
    fn convert(&self, pair: usize, content: &Content, changes: &mut Changes) {
        set_value(
            &self.from.pairs[pair],
            content,
            self.container.layout().value_key(self.name.other()),
            changes,
        );
    }

    /// Returns the pairs of the list by their item, in order.
    fn items(&self) -> BTreeMap<NodeId, Vec<usize>> {
        let mut items: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (index, pair) in self.from.pairs.iter().enumerate() {
            items.entry(pair.item.id()).or_default().push(index);
        }
        items
    }

    /// Returns whether all pairs of an item move.
    fn is_moved_whole(&self, pairs: &[usize]) -> bool {
        pairs
            .iter()
            .all(|pair| self.side.leaving.contains_key(pair))
    }

    /// Returns whether all pairs of an item are removed.
    fn is_dropped_whole(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|pair| self.side.dropped.contains(pair))
    }

    /// Returns whether the list can become the other one by its key alone: every entry leaves, none
    /// arrives, nothing in the list is opaque, and the other list is empty.
    ///
    /// | list | other list | renamed |
    /// |---|---|---|
    /// | all entries leave | missing, empty or `AWS::NoValue` | yes |
    /// | all entries leave or are duplicates | vacant | yes |
    /// | all but one leave | vacant | no: the list stays for that one |
    /// | all leave | has an entry | no: they join it |
    /// | all leave, one item is a macro's | vacant | no: the item may be of either kind |
    fn can_rename(&self) -> bool {
        let items = self.items();
        !self.side.leaving.is_empty()
            && self.side.added.is_empty()
            && self.from.opaque.is_empty()
            && self.to.is_vacant()
            && items
                .values()
                .all(|pairs| self.is_moved_whole(pairs) || self.is_dropped_whole(pairs))
    }

    /// Renames the key of the list, and converts its entries in place.
    fn rename(&self, changes: &mut Changes) {
        if let Some(entry) = self.to.entry {
            remove_list(entry, changes);
        }
        if let Some(entry) = self.from.entry {
            changes.renamed.insert(
                entry.key.id(),
                self.container.layout().key(self.name.other()).to_owned(),
            );
        }
        for (pair, content) in &self.side.leaving {
            self.convert(*pair, content, changes);
        }
        remove_pairs(self.from, &self.side.dropped, changes);
        if !self.other.added.is_empty() {
            for leaf in &self.from.leaves {
                extend(leaf, self.added(), changes);
            }
        }
    }

    /// Takes the entries that leave out of the list, and returns those that arrive in the other
    /// one.
    ///
    /// An item that leaves as a whole moves as it is written. Of an item that stays in part, the
    /// pair is replaced by `AWS::NoValue` and written anew at its destination.
    fn take(&self, changes: &mut Changes) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for (item, pairs) in self.items() {
            let leaf = self.from.pairs[pairs[0]].leaf;
            if self.is_moved_whole(&pairs) {
                changes.removed.insert(item);
                for pair in &pairs {
                    self.convert(*pair, &self.side.leaving[pair], changes);
                }
                arrivals.push(Arrival {
                    build: Build::Moved(item),
                    leaf,
                    pairs,
                });
                continue;
            }
            let gone: BTreeSet<usize> = pairs
                .iter()
                .copied()
                .filter(|pair| self.side.takes(*pair))
                .collect();
            remove_pairs(self.from, &gone, changes);
            for pair in gone
                .iter()
                .filter(|pair| self.side.leaving.contains_key(pair))
            {
                let build = self.copy_of_item(&[*pair], &self.from.leaves[leaf].guard);
                arrivals.push(Arrival {
                    build,
                    leaf,
                    pairs: vec![*pair],
                });
            }
        }
        arrivals
    }

    /// Returns an item written anew, each pair under those of its conditions that `known` does not
    /// decide already. The recursion is bounded by the conditions around a pair, and these by the
    /// depth of the template.
    ///
    /// With `known` empty, a pair under `A` and not `B` becomes `!If [A, !If [B, !Ref AWS::NoValue,
    /// entry], !Ref AWS::NoValue]`. If `known` has `A` already, it is `!If [B, !Ref AWS::NoValue,
    /// entry]`.
    fn copy_of_item(&self, pairs: &[usize], known: &Guard) -> Build {
        let guard = |pair: &usize| &self.from.pairs[*pair].guard;
        let possible: Vec<usize> = pairs
            .iter()
            .copied()
            .filter(|pair| !guard(pair).excludes(known))
            .collect();
        let Some(first) = possible.first() else {
            return no_value();
        };
        let Some((condition, _)) = guard(first).beyond(known).0.into_iter().next() else {
            return self.entry(&self.side.leaving[first]);
        };
        let [yes, no] =
            [true, false].map(|side| self.copy_of_item(&possible, &known.and(&condition, side)));
        Build::Call(
            "If",
            Box::new(Build::Sequence(vec![Build::Text(condition), yes, no])),
        )
    }

    /// Returns the part of an arrival that belongs into one branch of the destination list, if any.
    ///
    /// The first branch gets the moved item itself, any further one a copy: a node can't be moved
    /// to two places.
    fn in_branch(&self, arrival: &Arrival, branch: &Guard, has_landed: bool) -> Option<Build> {
        let from = &self.from.leaves[arrival.leaf].guard;
        let guard = |pair: &usize| &self.from.pairs[*pair].guard;
        let here: Vec<usize> = arrival
            .pairs
            .iter()
            .copied()
            .filter(|pair| !guard(pair).excludes(branch))
            .collect();
        if here.is_empty() {
            return None;
        }
        // A condition that the branch decides already would make a part of the item unreachable.
        let own = |pair: &usize| self.from.pairs[*pair].item_guard(self.from);
        let is_decided =
            here.len() < arrival.pairs.len() || here.iter().any(|pair| own(pair).meets(branch));
        if has_landed || is_decided {
            return Some(self.copy_of_item(&here, branch));
        }
        Some(wrap(arrival.build.clone(), &from.beyond(branch)))
    }

    /// Removes the lists that lost all entries and got none: with their key, or, if only some
    /// branches are empty, by an `AWS::NoValue` in their place.
    fn leave(&self, changes: &mut Changes) {
        let loses = (0..self.from.pairs.len()).any(|pair| self.side.takes(pair));
        let Some(entry) = self.from.entry.filter(|_| loses) else {
            return;
        };
        let gets = |leaf: &Leaf<'_>| {
            changes.appended.contains_key(&leaf.node.id())
                || changes.replaced.contains_key(&leaf.node.id())
        };
        let is_emptied = |leaf: &Leaf<'_>| {
            leaf.is_list
                && !gets(leaf)
                && leaf
                    .node
                    .items()
                    .all(|item| changes.removed.contains(&item.id()))
        };
        let leaves = &self.from.leaves;
        let emptied: Vec<&Leaf<'_>> = leaves.iter().filter(|leaf| is_emptied(leaf)).collect();
        let is_nothing = |leaf: &Leaf<'_>| {
            if leaf.is_list {
                is_emptied(leaf)
            } else {
                !gets(leaf)
            }
        };
        if self.from.opaque.is_empty() && leaves.iter().all(is_nothing) {
            remove_list(entry, changes);
            return;
        }
        let guarded: Vec<NodeId> = emptied
            .iter()
            .filter(|leaf| !leaf.guard.0.is_empty())
            .map(|leaf| leaf.node.id())
            .collect();
        for leaf in guarded {
            changes.replaced.insert(leaf, no_value());
        }
    }

    /// Inserts the arrivals and the new entries into the destination list, once for each of its
    /// branches.
    fn arrive(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        if arrivals.is_empty() && self.other.added.is_empty() {
            return;
        }
        if self.to.entry.is_none() {
            self.create(arrivals, changes);
            return;
        }
        let mut arrivals: Vec<(Arrival, bool)> = arrivals
            .into_iter()
            .map(|arrival| (arrival, false))
            .collect();
        for leaf in &self.to.leaves {
            let mut builds = Vec::new();
            let branch = implied(self.container.node.template(), &leaf.guard);
            for (arrival, has_landed) in &mut arrivals {
                let Some(build) = self.in_branch(arrival, &branch, *has_landed) else {
                    continue;
                };
                *has_landed = true;
                builds.push(build);
            }
            builds.extend(self.added());
            extend(leaf, builds, changes);
        }
    }

    /// Creates the destination list behind this one, or in its place if it is removed. Conditions
    /// around this list are repeated around the new one.
    fn create(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        let is_guarded = arrivals
            .iter()
            .any(|arrival| !self.from.leaves[arrival.leaf].guard.0.is_empty());
        let value = if let Some(entry) = self.from.entry.filter(|_| is_guarded) {
            let mut by_leaf: BTreeMap<NodeId, Vec<Build>> = BTreeMap::new();
            for arrival in arrivals {
                by_leaf
                    .entry(self.from.leaves[arrival.leaf].node.id())
                    .or_default()
                    .push(arrival.build);
            }
            self.alike(entry.value, &mut by_leaf)
        } else {
            let moved = arrivals.into_iter().map(|arrival| arrival.build);
            Build::Sequence(moved.chain(self.added()).collect())
        };
        let last = self.container.node.entries().last();
        let Some(after) = self.from.entry.or(last) else {
            return;
        };
        let key = self.container.layout().key(self.name.other()).to_owned();
        changes
            .inserted
            .entry(after.key.id())
            .or_default()
            .push((key, value));
    }

    /// Returns the lists of arrivals under the same `Fn::If`s as those that they come from. The
    /// recursion is bounded by the depth of the template.
    fn alike(&self, node: NodeRef<'t>, by_leaf: &mut BTreeMap<NodeId, Vec<Build>>) -> Build {
        if let Some((condition, yes, no)) = conditional(node) {
            let branches = vec![
                Build::Text(condition),
                self.alike(yes, by_leaf),
                self.alike(no, by_leaf),
            ];
            return Build::Call("If", Box::new(Build::Sequence(branches)));
        }
        let mut builds = by_leaf.remove(&node.id()).unwrap_or_default();
        builds.extend(self.added());
        if builds.is_empty() {
            no_value()
        } else {
            Build::Sequence(builds)
        }
    }
}
