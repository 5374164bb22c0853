//! Conditions and mappings that served only values which leave the template.
//!
//! A value such as `!If [IsProduction, a, b]` or `!FindInMap [Passwords, !Ref Stage, Main]` takes
//! its condition or its mapping with it, if nothing else uses it. A mapping of passwords that stays
//! would keep every one of them in the template.
//!
//! An example with two rounds, with `--prune-parameters`: the value `!If [IsLive, a, b]` moves,
//! which leaves `IsLive: !And [!Condition IsProduction, …]` unused. With it goes the last use of
//! `IsProduction`, which the second round finds. The parameters of both are looked for at the end.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::literal;
use byref_template::{Build, Changes, Diagnostic, NodeId, NodeRef};

use super::parameter::{Cleaner, Pruning, remove_entries};
use crate::request::Document;

/// A section of a template whose declarations choose between values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Conditions,
    Mappings,
}

impl Section {
    /// Returns the key of the section in the template.
    fn key(self) -> &'static str {
        match self {
            Self::Conditions => "Conditions",
            Self::Mappings => "Mappings",
        }
    }

    /// Returns the word for one declaration of the section.
    fn as_str(self) -> &'static str {
        match self {
            Self::Conditions => "condition",
            Self::Mappings => "mapping",
        }
    }

    /// Returns the code of the message about an unused declaration of the section.
    fn code(self) -> &'static str {
        match self {
            Self::Conditions => "unused-condition",
            Self::Mappings => "unused-mapping",
        }
    }
}

impl Cleaner<'_, '_> {
    /// Reports conditions and mappings that lost their last use, with the nodes in `gone` or by the
    /// changes so far.
    ///
    /// A declaration that is removed may hold the last use of another one: its node joins `gone`,
    /// and the search repeats until it finds nothing new. Parameters are looked for afterwards,
    /// with all of these nodes. Each round finds at least one declaration, and most templates need
    /// a single round.
    pub(super) fn report_unused_choices(&mut self, gone: &mut Vec<NodeId>) {
        let document = self.document();
        let prunes = self.pruning.removes();
        let Some(root) = document.template.root() else {
            return;
        };
        let mut unused: BTreeSet<(Section, String)> = BTreeSet::new();
        loop {
            let new: Vec<(Section, String)> = unused_in(document, self.changes, gone)
                .into_iter()
                .filter(|choice| !unused.contains(choice))
                .collect();
            if new.is_empty() {
                break;
            }
            for (section, name) in new {
                let entry = root
                    .get(section.key())
                    .and_then(|section| section.entry(&name));
                gone.extend(entry.filter(|_| prunes).map(|entry| entry.value.id()));
                unused.insert((section, name));
            }
        }
        for (section, name) in &unused {
            let Some(entry) = root.get(section.key()).and_then(|node| node.entry(name)) else {
                continue;
            };
            let (end, help) = match self.pruning {
                Pruning::Removes => (": removed", "nothing else in the template uses it"),
                Pruning::Prevented(_) => (
                    ", as far as can be seen: it stays",
                    "remove it by hand, if nothing uses it",
                ),
                Pruning::Nested | Pruning::NotAsked => {
                    ("", "remove it by hand, or with `--prune-parameters`")
                }
            };
            let message = format!("{} `{name}` is no longer used{end}", section.as_str());
            self.unused.insert(document.place(entry.key));
            self.report(
                Diagnostic::note(section.code(), message, document.place(entry.key)).help(help),
            );
        }
        for section in [Section::Conditions, Section::Mappings]
            .into_iter()
            .filter(|_| prunes)
        {
            let Some(entry) = root.entry(section.key()) else {
                continue;
            };
            let is_unused = |key: NodeRef<'_>| {
                key.text()
                    .is_some_and(|text| unused.contains(&(section, text.into_owned())))
            };
            remove_entries(entry.key, entry.value, &is_unused, self.changes);
        }
    }
}

/// Returns the conditions and mappings that removed nodes name, and that nothing else in the
/// template names.
///
/// A node that moves stays in use although the node around it is removed, and new content may name
/// conditions too. A computed name of a mapping may be any of them: then no mapping is unused. The
/// template is searched only if a removed node names something at all.
fn unused_in(
    document: &Document,
    changes: &Changes,
    gone: &[NodeId],
) -> BTreeSet<(Section, String)> {
    let template = &document.template;
    let mut node_changes: BTreeMap<NodeId, NodeChange> =
        gone.iter().map(|id| (*id, NodeChange::Removed)).collect();
    for id in &changes.removed {
        let node = template.node(*id);
        let entry = node
            .parent()
            .and_then(|parent| parent.entries().find(|entry| entry.key.id() == *id));
        node_changes.insert(
            entry.map_or(*id, |entry| entry.value.id()),
            NodeChange::Removed,
        );
    }
    node_changes.extend(changes.replaced.keys().map(|id| (*id, NodeChange::Removed)));
    let (mut lost, mut staying) = (BTreeSet::new(), BTreeSet::new());
    let inserted = changes.inserted.values().flatten().map(|(_, build)| build);
    for build in changes
        .appended
        .values()
        .flatten()
        .chain(changes.replaced.values())
        .chain(inserted)
    {
        read_build(build, &mut node_changes, &mut staying);
    }
    let goes = |node: NodeRef<'_>| {
        let mut around = std::iter::successors(Some(node), |node| node.parent());
        around.find_map(|node| node_changes.get(&node.id())) == Some(&NodeChange::Removed)
    };
    let roots = node_changes
        .iter()
        .filter(|(_, change)| **change == NodeChange::Removed)
        .map(|(id, _)| template.node(*id));
    for node in roots.flat_map(NodeRef::subtree).filter(|node| goes(*node)) {
        lost.extend(
            choices(node)
                .into_iter()
                .filter_map(|(section, name)| Some((section, name?))),
        );
    }
    // Only then is the whole template looked through.
    if lost.is_empty() {
        return lost;
    }
    let mut has_computed_mapping = false;
    for (node, choices) in template.nodes().map(|node| (node, choices(node))) {
        if choices.is_empty() || goes(node) {
            continue;
        }
        for (section, name) in choices {
            match name {
                Some(name) => {
                    staying.insert((section, name));
                }
                None => has_computed_mapping |= section == Section::Mappings,
            }
        }
    }
    let is_hidden =
        |choice: &(Section, String)| has_computed_mapping && choice.0 == Section::Mappings;
    lost.retain(|choice| !staying.contains(choice) && !is_hidden(choice));
    lost
}

/// The change of a node with all nodes below it, unless one of these has a change of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NodeChange {
    /// It is removed, or replaced by new content.
    Removed,
    /// It is moved to another place of the template.
    Moved,
}

/// Reads the nodes that new content moves, and the conditions that it names: in an `Fn::If`, or as
/// the attribute of a resource that byref adds.
fn read_build(
    build: &Build,
    node_changes: &mut BTreeMap<NodeId, NodeChange>,
    staying: &mut BTreeSet<(Section, String)>,
) {
    let mut open = vec![build];
    while let Some(build) = open.pop() {
        match build {
            Build::Text(_) => {}
            Build::Moved(id) => {
                node_changes.insert(*id, NodeChange::Moved);
            }
            Build::Sequence(items) => open.extend(items),
            Build::Mapping(entries) => {
                for (key, value) in entries {
                    if let Build::Text(name) = value
                        && key == "Condition"
                    {
                        staying.insert((Section::Conditions, name.clone()));
                    }
                    open.push(value);
                }
            }
            Build::Call(name, argument) => {
                if let (&"If", Build::Sequence(items)) = (name, argument.as_ref())
                    && let Some(Build::Text(condition)) = items.first()
                {
                    staying.insert((Section::Conditions, condition.clone()));
                }
                open.push(argument);
            }
        }
    }
}

/// Returns the conditions and mappings that a node itself names, but not those of the nodes below
/// it. `None` takes the place of a name that is computed.
///
/// | node | gives |
/// |---|---|
/// | `!If [C, …]` | the condition `C` |
/// | `!Condition C`, `Condition: C` of a resource | the condition `C` |
/// | `!FindInMap [M, …]` | the mapping `M` |
/// | `!FindInMap [!Ref Name, …]` | a mapping without a name |
fn choices(node: NodeRef<'_>) -> Vec<(Section, Option<String>)> {
    let mut found = Vec::new();
    if let Some(call) = node.intrinsic() {
        let first = call.argument.items().next();
        match call.name {
            "If" => found.push((Section::Conditions, first.and_then(literal))),
            "Condition" => found.push((Section::Conditions, literal(call.argument))),
            "FindInMap" => found.push((Section::Mappings, first.and_then(literal))),
            _ => {}
        }
    }
    // Of a resource, an output or a statement.
    let key = node
        .entry("Condition")
        .and_then(|entry| literal(entry.value));
    found.extend(key.map(|name| (Section::Conditions, Some(name))));
    found
}
