//! From decisions about a container's entries to changes of the tree.

use std::collections::{BTreeMap, BTreeSet};

use byref_template::{Build, Changes, NodeId, NodeRef};

use super::Line;
use crate::container::{Container, Guard, Leaf, List, Pair, conditional};

/// What happens to the entries of one container. Indices of pairs count in the container's lists, lines among
/// the secret lines.
#[derive(Default)]
pub(super) struct Movement {
    /// Pairs of `Environment` that move to `Secrets`, with their lines.
    pub(super) moved: BTreeMap<usize, usize>,
    pub(super) dropped_environment: BTreeSet<usize>,
    pub(super) dropped_secrets: BTreeSet<usize>,
    /// Pairs of `Secrets` that refer to something else, with their lines.
    pub(super) retargeted: BTreeMap<usize, usize>,
    /// Lines that get a new entry.
    pub(super) added: Vec<usize>,
    pub(super) is_checked_for_clashes: bool,
}

impl Movement {
    fn takes(&self, pair: usize) -> bool {
        self.moved.contains_key(&pair) || self.dropped_environment.contains(&pair)
    }
}

/// An entry on its way to `Secrets`.
struct Arrival {
    build: Build,
    /// Index of the list in `Environment` that it comes from.
    leaf: usize,
    /// The same entry written anew, for a second branch that needs it too.
    copy: Build,
}

/// Adds the changes of one container.
pub(super) fn compose(container: &Container<'_>, movement: &Movement, lines: &[Line<'_>], changes: &mut Changes) {
    let composer = Composer { container, movement, lines };
    composer.retarget(changes);
    remove_pairs(&container.secrets, &movement.dropped_secrets, changes);
    if composer.can_rename() {
        composer.rename(changes);
    } else {
        let arrivals = composer.take_from_environment(changes);
        composer.leave_environment(changes);
        composer.arrive(arrivals, changes);
    }
}

struct Composer<'m, 't> {
    container: &'m Container<'t>,
    movement: &'m Movement,
    lines: &'m [Line<'m>],
}

impl<'t> Composer<'_, 't> {
    fn reference(&self, line: usize) -> Build {
        self.lines[line].target.build.clone()
    }

    fn entry(&self, line: usize) -> Build {
        let name = Build::Text(self.lines[line].secret.name.clone());
        Build::Mapping(vec![("Name".to_owned(), name), ("ValueFrom".to_owned(), self.reference(line))])
    }

    fn added(&self) -> Vec<Build> {
        self.movement.added.iter().map(|line| self.entry(*line)).collect()
    }

    fn retarget(&self, changes: &mut Changes) {
        for (pair, line) in &self.movement.retargeted {
            self.refer(&self.container.secrets.pairs[*pair], *line, changes);
        }
    }

    /// Makes a pair's value the reference of a line.
    fn refer(&self, pair: &Pair<'_>, line: usize, changes: &mut Changes) {
        match (pair.value, pair.name_key) {
            (Some(value), _) => {
                if value.key.text().as_deref() == Some("Value") {
                    changes.renamed.insert(value.key.id(), "ValueFrom".to_owned());
                }
                changes.replaced.insert(value.value.id(), self.reference(line));
            }
            (None, Some(name_key)) => {
                let inserted = changes.inserted.entry(name_key.id()).or_default();
                inserted.push(("ValueFrom".to_owned(), self.reference(line)));
            }
            (None, None) => {}
        }
    }

    /// The pairs of `Environment` by item, in order.
    fn items(&self) -> BTreeMap<NodeId, Vec<usize>> {
        let mut items: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (index, pair) in self.container.environment.pairs.iter().enumerate() {
            items.entry(pair.item.id()).or_default().push(index);
        }
        items
    }

    fn is_moved_whole(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|pair| self.movement.moved.contains_key(pair))
    }

    fn is_dropped_whole(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|pair| self.movement.dropped_environment.contains(pair))
    }

    /// Whether `Environment` as a whole becomes `Secrets`: every entry goes, and `Secrets` holds nothing.
    fn can_rename(&self) -> bool {
        let environment = &self.container.environment;
        let items = self.items();
        !self.movement.moved.is_empty()
            && environment.opaque.is_empty()
            && self.container.secrets.is_vacant()
            && items.values().all(|pairs| self.is_moved_whole(pairs) || self.is_dropped_whole(pairs))
    }

    fn rename(&self, changes: &mut Changes) {
        let (environment, secrets) = (&self.container.environment, &self.container.secrets);
        if let Some(entry) = secrets.entry {
            changes.removed.insert(entry.key.id());
        }
        if let Some(entry) = environment.entry {
            changes.renamed.insert(entry.key.id(), "Secrets".to_owned());
        }
        for (pair, line) in &self.movement.moved {
            self.refer(&environment.pairs[*pair], *line, changes);
        }
        remove_pairs(environment, &self.movement.dropped_environment, changes);
        if !self.movement.added.is_empty() {
            for leaf in &environment.leaves {
                extend(leaf, self.added(), changes);
            }
        }
    }

    /// Takes the entries that go out of `Environment`.
    fn take_from_environment(&self, changes: &mut Changes) -> Vec<Arrival> {
        let environment = &self.container.environment;
        let mut arrivals = Vec::new();
        for (item, pairs) in self.items() {
            let leaf = environment.pairs[pairs[0]].leaf;
            if self.is_moved_whole(&pairs) {
                changes.removed.insert(item);
                for pair in &pairs {
                    self.refer(&environment.pairs[*pair], self.movement.moved[pair], changes);
                }
                arrivals.push(Arrival { build: Build::Moved(item), leaf, copy: self.copy_of_item(&pairs) });
                continue;
            }
            let gone: BTreeSet<usize> = pairs.iter().copied().filter(|pair| self.movement.takes(*pair)).collect();
            remove_pairs(environment, &gone, changes);
            for pair in gone.iter().filter(|pair| self.movement.moved.contains_key(pair)) {
                let copy = self.copy_of_item(&[*pair]);
                arrivals.push(Arrival { build: copy.clone(), leaf, copy });
            }
        }
        arrivals
    }

    /// An item written anew, each pair under the item's own conditions.
    fn copy_of_item(&self, pairs: &[usize]) -> Build {
        let environment = &self.container.environment;
        let mut result = no_value();
        for pair in pairs.iter().rev() {
            let guard = environment.pairs[*pair].item_guard(environment);
            result = wrap(self.entry(self.movement.moved[pair]), &guard, &result);
        }
        result
    }

    /// What becomes of the lists in `Environment` that lost all entries: the key goes with them, and where only
    /// some branches are empty they become `AWS::NoValue`.
    fn leave_environment(&self, changes: &mut Changes) {
        let environment = &self.container.environment;
        let loses = (0..environment.pairs.len()).any(|pair| self.movement.takes(pair));
        let Some(entry) = environment.entry.filter(|_| loses) else { return };
        let is_emptied =
            |leaf: &Leaf<'_>| leaf.is_list && leaf.node.items().all(|item| changes.removed.contains(&item.id()));
        let emptied: Vec<&Leaf<'_>> = environment.leaves.iter().filter(|leaf| is_emptied(leaf)).collect();
        let is_all =
            environment.opaque.is_empty() && environment.leaves.iter().all(|leaf| !leaf.is_list || is_emptied(leaf));
        if is_all {
            changes.removed.insert(entry.key.id());
            return;
        }
        let guarded: Vec<NodeId> =
            emptied.iter().filter(|leaf| !leaf.guard.0.is_empty()).map(|leaf| leaf.node.id()).collect();
        for leaf in guarded {
            changes.replaced.insert(leaf, no_value());
        }
    }

    fn arrive(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        if arrivals.is_empty() && self.movement.added.is_empty() {
            return;
        }
        let secrets = &self.container.secrets;
        if secrets.entry.is_none() {
            self.create_secrets(arrivals, changes);
            return;
        }
        let mut arrivals: Vec<(Arrival, bool)> = arrivals.into_iter().map(|arrival| (arrival, false)).collect();
        for leaf in &secrets.leaves {
            let mut builds = Vec::new();
            for (arrival, has_landed) in &mut arrivals {
                let guard = &self.container.environment.leaves[arrival.leaf].guard;
                if guard.excludes(&leaf.guard) {
                    continue;
                }
                let build = if std::mem::replace(has_landed, true) { &arrival.copy } else { &arrival.build };
                builds.push(wrap(build.clone(), &guard.beyond(&leaf.guard), &no_value()));
            }
            builds.extend(self.added());
            extend(leaf, builds, changes);
        }
    }

    /// A new `Secrets`, after `Environment` or, when that goes, in its place.
    fn create_secrets(&self, arrivals: Vec<Arrival>, changes: &mut Changes) {
        let environment = &self.container.environment;
        let is_guarded = arrivals.iter().any(|arrival| !environment.leaves[arrival.leaf].guard.0.is_empty());
        let value = if let Some(entry) = environment.entry.filter(|_| is_guarded) {
            let mut by_leaf: BTreeMap<NodeId, Vec<Build>> = BTreeMap::new();
            for arrival in arrivals {
                by_leaf.entry(environment.leaves[arrival.leaf].node.id()).or_default().push(arrival.build);
            }
            self.alike(entry.value, &mut by_leaf)
        } else {
            let moved = arrivals.into_iter().map(|arrival| arrival.build);
            Build::Sequence(moved.chain(self.added()).collect())
        };
        let last = self.container.node.entries().last();
        let Some(after) = environment.entry.or(last) else { return };
        changes.inserted.entry(after.key.id()).or_default().push(("Secrets".to_owned(), value));
    }

    /// The same `Fn::If`s as around the lists of `Environment`; recursion is bounded by the template's depth.
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

/// Takes pairs out of a list: whole items where nothing of them stays, else `AWS::NoValue` in their branch.
fn remove_pairs(list: &List<'_>, gone: &BTreeSet<usize>, changes: &mut Changes) {
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
fn extend(leaf: &Leaf<'_>, builds: Vec<Build>, changes: &mut Changes) {
    if builds.is_empty() {
        return;
    }
    if leaf.is_list && leaf.node.items().next().is_some() {
        changes.appended.entry(leaf.node.id()).or_default().extend(builds);
    } else {
        changes.replaced.insert(leaf.node.id(), Build::Sequence(builds));
    }
}

fn no_value() -> Build {
    Build::Call("Ref", Box::new(Build::Text("AWS::NoValue".to_owned())))
}

/// Puts conditions around a value, the first one outermost; `otherwise` stands where the last one does not hold.
fn wrap(build: Build, guard: &Guard, otherwise: &Build) -> Build {
    let mut result = build;
    let mut otherwise = otherwise.clone();
    for (condition, side) in guard.0.iter().rev() {
        let branches = if *side { [result, otherwise] } else { [otherwise, result] };
        let [yes, no] = branches;
        result = Build::Call("If", Box::new(Build::Sequence(vec![Build::Text(condition.clone()), yes, no])));
        otherwise = no_value();
    }
    result
}
