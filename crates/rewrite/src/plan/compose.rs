//! From decisions about a container's entries to changes of the tree.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, Layout, ListName, conditional, implied};
use byref_template::{Build, Changes, Entry, NodeId, NodeRef};

use super::typed;
use crate::container::Container;
use crate::list::{Leaf, List, Pair};

/// What an entry says once the plan is carried out: a reference in `Secrets`, a value in `Environment`.
#[derive(Clone)]
pub(super) struct Content {
    /// The name of the environment variable.
    pub(super) secret: String,
    pub(super) said: Build,
    /// The `Type` of an entry that CodeBuild reads.
    pub(super) kind: &'static str,
}

/// What happens to one list of a container. Indices of pairs count in that list.
#[derive(Default)]
pub(super) struct Side {
    /// Pairs that move to the other list, with what they say there.
    pub(super) leaving: BTreeMap<usize, Content>,
    pub(super) dropped: BTreeSet<usize>,
    /// Pairs that stay and say something else.
    pub(super) retargeted: BTreeMap<usize, Content>,
    /// New entries.
    pub(super) added: Vec<Content>,
}

impl Side {
    fn takes(&self, pair: usize) -> bool {
        self.leaving.contains_key(&pair) || self.dropped.contains(&pair)
    }
}

/// What happens to the entries of one container.
#[derive(Default)]
pub(super) struct Movement {
    pub(super) environment: Side,
    pub(super) secrets: Side,
    pub(super) is_checked_for_clashes: bool,
}

/// An entry on its way to the other list.
struct Arrival {
    build: Build,
    /// Index of the list that it comes from.
    leaf: usize,
    /// The entries in it.
    pairs: Vec<usize>,
}

/// Adds the changes of one container.
pub(super) fn compose(container: &Container<'_>, movement: &Movement, changes: &mut Changes) {
    if container.layout() == Layout::TypedVariables {
        typed::compose(container, movement, changes);
        return;
    }
    let ways = [ListName::Environment, ListName::Secrets].map(|from| Way {
        container,
        name: from,
        from: container.list(from),
        to: container.list(from.other()),
        side: if from == ListName::Environment { &movement.environment } else { &movement.secrets },
        other: if from == ListName::Environment { &movement.secrets } else { &movement.environment },
    });
    for way in &ways {
        way.retarget(changes);
    }
    if let Some(way) = ways.iter().find(|way| way.can_rename()) {
        way.rename(changes);
        return;
    }
    let arrivals: Vec<Vec<Arrival>> = ways.iter().map(|way| way.take(changes)).collect();
    for (way, arrivals) in ways.iter().zip(arrivals) {
        way.arrive(arrivals, changes);
    }
    for way in &ways {
        way.leave(changes);
    }
}

/// The way of entries out of one list into the other one.
struct Way<'m, 't> {
    container: &'m Container<'t>,
    /// The list that they come from.
    name: ListName,
    from: &'m List<'t>,
    to: &'m List<'t>,
    side: &'m Side,
    other: &'m Side,
}

impl<'t> Way<'_, 't> {
    /// An entry of the list that the way leads to.
    fn entry(&self, content: &Content) -> Build {
        let name = Build::Text(content.secret.clone());
        let value_key = self.container.layout().value_key(self.name.other()).to_owned();
        Build::Mapping(vec![("Name".to_owned(), name), (value_key, content.said.clone())])
    }

    /// New entries of the list that the way leads to.
    fn added(&self) -> Vec<Build> {
        self.other.added.iter().map(|content| self.entry(content)).collect()
    }

    fn retarget(&self, changes: &mut Changes) {
        for (pair, content) in &self.side.retargeted {
            say(&self.from.pairs[*pair], content, self.container.layout().value_key(self.name), changes);
        }
    }

    /// Makes a leaving pair say what it says in the other list.
    fn convert(&self, pair: usize, content: &Content, changes: &mut Changes) {
        say(&self.from.pairs[pair], content, self.container.layout().value_key(self.name.other()), changes);
    }

    /// The pairs of the list by item, in order.
    fn items(&self) -> BTreeMap<NodeId, Vec<usize>> {
        let mut items: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (index, pair) in self.from.pairs.iter().enumerate() {
            items.entry(pair.item.id()).or_default().push(index);
        }
        items
    }

    fn is_moved_whole(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|pair| self.side.leaving.contains_key(pair))
    }

    fn is_dropped_whole(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|pair| self.side.dropped.contains(pair))
    }

    /// Whether the list as a whole becomes the other one: every entry goes, nothing comes, and the other holds nothing.
    fn can_rename(&self) -> bool {
        let items = self.items();
        !self.side.leaving.is_empty()
            && self.side.added.is_empty()
            && self.from.opaque.is_empty()
            && self.to.is_vacant()
            && items.values().all(|pairs| self.is_moved_whole(pairs) || self.is_dropped_whole(pairs))
    }

    fn rename(&self, changes: &mut Changes) {
        if let Some(entry) = self.to.entry {
            remove_list(entry, changes);
        }
        if let Some(entry) = self.from.entry {
            changes.renamed.insert(entry.key.id(), self.container.layout().key(self.name.other()).to_owned());
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

    /// Takes the entries that go out of the list; those that move are the arrivals.
    fn take(&self, changes: &mut Changes) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for (item, pairs) in self.items() {
            let leaf = self.from.pairs[pairs[0]].leaf;
            if self.is_moved_whole(&pairs) {
                changes.removed.insert(item);
                for pair in &pairs {
                    self.convert(*pair, &self.side.leaving[pair], changes);
                }
                arrivals.push(Arrival { build: Build::Moved(item), leaf, pairs });
                continue;
            }
            let gone: BTreeSet<usize> = pairs.iter().copied().filter(|pair| self.side.takes(*pair)).collect();
            remove_pairs(self.from, &gone, changes);
            for pair in gone.iter().filter(|pair| self.side.leaving.contains_key(pair)) {
                let build = self.copy_of_item(&[*pair], &self.from.leaves[leaf].guard);
                arrivals.push(Arrival { build, leaf, pairs: vec![*pair] });
            }
        }
        arrivals
    }

    /// An item written anew, each pair under those of its conditions that `known` does not already decide; recursion is
    /// bounded by the conditions around a pair, and they by the template's depth.
    fn copy_of_item(&self, pairs: &[usize], known: &Guard) -> Build {
        let guard = |pair: &usize| &self.from.pairs[*pair].guard;
        let possible: Vec<usize> = pairs.iter().copied().filter(|pair| !guard(pair).excludes(known)).collect();
        let Some(first) = possible.first() else { return no_value() };
        let Some((condition, _)) = guard(first).beyond(known).0.into_iter().next() else {
            return self.entry(&self.side.leaving[first]);
        };
        let [yes, no] = [true, false].map(|side| self.copy_of_item(&possible, &known.and(&condition, side)));
        Build::Call("If", Box::new(Build::Sequence(vec![Build::Text(condition), yes, no])))
    }

    /// What of an arrival stands in a branch of the list that it comes to, if anything.
    fn in_branch(&self, arrival: &Arrival, branch: &Guard, has_landed: bool) -> Option<Build> {
        let from = &self.from.leaves[arrival.leaf].guard;
        let guard = |pair: &usize| &self.from.pairs[*pair].guard;
        let here: Vec<usize> = arrival.pairs.iter().copied().filter(|pair| !guard(pair).excludes(branch)).collect();
        if here.is_empty() {
            return None;
        }
        // A condition that the branch decides already would make a part of the item unreachable.
        let own = |pair: &usize| self.from.pairs[*pair].item_guard(self.from);
        let is_decided = here.len() < arrival.pairs.len() || here.iter().any(|pair| own(pair).meets(branch));
        if has_landed || is_decided {
            return Some(self.copy_of_item(&here, branch));
        }
        Some(wrap(arrival.build.clone(), &from.beyond(branch)))
    }

    /// What becomes of the lists that lost all entries and got none: the key goes with them, and where only some
    /// branches are empty they become `AWS::NoValue`.
    fn leave(&self, changes: &mut Changes) {
        let loses = (0..self.from.pairs.len()).any(|pair| self.side.takes(pair));
        let Some(entry) = self.from.entry.filter(|_| loses) else { return };
        let gets = |leaf: &Leaf<'_>| {
            changes.appended.contains_key(&leaf.node.id()) || changes.replaced.contains_key(&leaf.node.id())
        };
        let is_emptied = |leaf: &Leaf<'_>| {
            leaf.is_list && !gets(leaf) && leaf.node.items().all(|item| changes.removed.contains(&item.id()))
        };
        let leaves = &self.from.leaves;
        let emptied: Vec<&Leaf<'_>> = leaves.iter().filter(|leaf| is_emptied(leaf)).collect();
        let is_nothing = |leaf: &Leaf<'_>| if leaf.is_list { is_emptied(leaf) } else { !gets(leaf) };
        if self.from.opaque.is_empty() && leaves.iter().all(is_nothing) {
            remove_list(entry, changes);
            return;
        }
        let guarded: Vec<NodeId> =
            emptied.iter().filter(|leaf| !leaf.guard.0.is_empty()).map(|leaf| leaf.node.id()).collect();
        for leaf in guarded {
            changes.replaced.insert(leaf, no_value());
        }
    }

    fn arrive(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        if arrivals.is_empty() && self.other.added.is_empty() {
            return;
        }
        if self.to.entry.is_none() {
            self.create(arrivals, changes);
            return;
        }
        let mut arrivals: Vec<(Arrival, bool)> = arrivals.into_iter().map(|arrival| (arrival, false)).collect();
        for leaf in &self.to.leaves {
            let mut builds = Vec::new();
            let branch = implied(self.container.node.template(), &leaf.guard);
            for (arrival, has_landed) in &mut arrivals {
                let Some(build) = self.in_branch(arrival, &branch, *has_landed) else { continue };
                *has_landed = true;
                builds.push(build);
            }
            builds.extend(self.added());
            extend(leaf, builds, changes);
        }
    }

    /// The other list anew, after this one or, when that goes, in its place.
    fn create(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        let is_guarded = arrivals.iter().any(|arrival| !self.from.leaves[arrival.leaf].guard.0.is_empty());
        let value = if let Some(entry) = self.from.entry.filter(|_| is_guarded) {
            let mut by_leaf: BTreeMap<NodeId, Vec<Build>> = BTreeMap::new();
            for arrival in arrivals {
                by_leaf.entry(self.from.leaves[arrival.leaf].node.id()).or_default().push(arrival.build);
            }
            self.alike(entry.value, &mut by_leaf)
        } else {
            let moved = arrivals.into_iter().map(|arrival| arrival.build);
            Build::Sequence(moved.chain(self.added()).collect())
        };
        let last = self.container.node.entries().last();
        let Some(after) = self.from.entry.or(last) else { return };
        let key = self.container.layout().key(self.name.other()).to_owned();
        changes.inserted.entry(after.key.id()).or_default().push((key, value));
    }

    /// The same `Fn::If`s as around the lists that entries come from; recursion is bounded by the template's depth.
    fn alike(&self, node: NodeRef<'t>, by_leaf: &mut BTreeMap<NodeId, Vec<Build>>) -> Build {
        if let Some((condition, yes, no)) = conditional(node) {
            let branches = vec![Build::Text(condition), self.alike(yes, by_leaf), self.alike(no, by_leaf)];
            return Build::Call("If", Box::new(Build::Sequence(branches)));
        }
        let mut builds = by_leaf.remove(&node.id()).unwrap_or_default();
        builds.extend(self.added());
        if builds.is_empty() { no_value() } else { Build::Sequence(builds) }
    }
}

/// Makes a pair say something, under the key that its list asks for.
pub(super) fn say(pair: &Pair<'_>, content: &Content, value_key: &str, changes: &mut Changes) {
    match (pair.value, pair.name_key) {
        (Some(value), _) => {
            // An entry with both keys would have the same one twice.
            let stale = pair.mapping.entry(value_key).filter(|stale| stale.key.id() != value.key.id());
            changes.removed.extend(stale.map(|stale| stale.key.id()));
            if value.key.text().as_deref() != Some(value_key) {
                changes.renamed.insert(value.key.id(), value_key.to_owned());
            }
            changes.replaced.insert(value.value.id(), content.said.clone());
        }
        (None, Some(name_key)) => {
            let inserted = changes.inserted.entry(name_key.id()).or_default();
            inserted.push((value_key.to_owned(), content.said.clone()));
        }
        (None, None) => {}
    }
}

/// Takes pairs out of a list: whole items where nothing of them stays, else `AWS::NoValue` in their branch.
pub(super) fn remove_pairs(list: &List<'_>, gone: &BTreeSet<usize>, changes: &mut Changes) {
    for index in gone {
        let pair = &list.pairs[*index];
        let siblings = list.pairs.iter().enumerate().filter(|(_, other)| other.item.id() == pair.item.id());
        let is_whole = siblings.map(|(sibling, _)| sibling).all(|sibling| gone.contains(&sibling));
        if is_whole && !has_unseen(list, pair.item) {
            changes.removed.insert(pair.item.id());
        } else {
            changes.replaced.insert(pair.mapping.id(), no_value());
        }
    }
}

fn has_unseen(list: &List<'_>, item: NodeRef<'_>) -> bool {
    list.opaque.iter().any(|node| item.full_span().contains(node.span()))
}

/// Adds to a list; `AWS::NoValue`, nothing and `[]` become a list.
pub(super) fn extend(leaf: &Leaf<'_>, builds: Vec<Build>, changes: &mut Changes) {
    if builds.is_empty() {
        return;
    }
    if leaf.is_list && leaf.node.items().next().is_some() {
        changes.appended.entry(leaf.node.id()).or_default().extend(builds);
    } else {
        changes.replaced.insert(leaf.node.id(), Build::Sequence(builds));
    }
}

/// Removes a list with its key. What is written above the key may be about more than the list, and stays.
pub(super) fn remove_list(entry: Entry<'_>, changes: &mut Changes) {
    changes.removed.insert(entry.key.id());
    changes.headed.insert(entry.key.id());
}

pub(super) fn no_value() -> Build {
    Build::Call("Ref", Box::new(Build::Text("AWS::NoValue".to_owned())))
}

/// Puts conditions around a value, the first one outermost; elsewhere it is `AWS::NoValue`.
fn wrap(build: Build, guard: &Guard) -> Build {
    let mut result = build;
    for (condition, side) in guard.0.iter().rev() {
        let [yes, no] = if *side { [result, no_value()] } else { [no_value(), result] };
        result = Build::Call("If", Box::new(Build::Sequence(vec![Build::Text(condition.clone()), yes, no])));
    }
    result
}
