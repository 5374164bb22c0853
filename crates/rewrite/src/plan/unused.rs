//! Conditions and mappings that only served what goes.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::literal;
use byref_template::{Build, Changes, Diagnostic, NodeId, NodeRef};

use super::Planner;
use super::parameter::remove_entries;
use crate::request::Document;

/// What a section declares that values are chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Conditions,
    Mappings,
}

impl Section {
    fn key(self) -> &'static str {
        match self {
            Self::Conditions => "Conditions",
            Self::Mappings => "Mappings",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Conditions => "condition",
            Self::Mappings => "mapping",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Conditions => "unused-condition",
            Self::Mappings => "unused-mapping",
        }
    }
}

impl Planner<'_> {
    /// Reports conditions and mappings that lost their last use, with the values in `gone` or otherwise. Where they are removed, what
    /// defines them joins `gone`: it may hold the last use of others, and of parameters.
    pub(super) fn report_unused_choices(
        &mut self,
        index: usize,
        (prunes, is_asked): (bool, bool),
        gone: &mut Vec<NodeId>,
    ) {
        let document = &self.documents[index];
        let Some(root) = document.template.root() else { return };
        let mut unused: BTreeSet<(Section, String)> = BTreeSet::new();
        loop {
            let new: Vec<(Section, String)> = unused_in(document, &self.plan.changes[index], gone)
                .into_iter()
                .filter(|choice| !unused.contains(choice))
                .collect();
            if new.is_empty() {
                break;
            }
            for (section, name) in new {
                let entry = root.get(section.key()).and_then(|section| section.entry(&name));
                gone.extend(entry.filter(|_| prunes).map(|entry| entry.value.id()));
                unused.insert((section, name));
            }
        }
        for (section, name) in &unused {
            let Some(entry) = root.get(section.key()).and_then(|node| node.entry(name)) else { continue };
            let (end, help) = match (prunes, is_asked) {
                (true, _) => (": removed", "nothing else in the template uses it"),
                (false, true) => (", as far as can be seen: it stays", "remove it by hand, if nothing uses it"),
                (false, false) => ("", "remove it by hand, or with `--prune-parameters`"),
            };
            let message = format!("{} `{name}` is used no more{end}", section.word());
            self.unused_declarations.insert(document.place(entry.key));
            self.say(Diagnostic::note(section.code(), message, document.place(entry.key)).help(help));
        }
        for section in [Section::Conditions, Section::Mappings].into_iter().filter(|_| prunes) {
            let Some(entry) = root.entry(section.key()) else { continue };
            let is_unused =
                |key: NodeRef<'_>| key.text().is_some_and(|text| unused.contains(&(section, text.into_owned())));
            remove_entries(entry.key, entry.value, &is_unused, &mut self.plan.changes[index]);
        }
    }
}

/// The conditions and mappings that nodes which go name, and nothing else does.
fn unused_in(document: &Document, changes: &Changes, gone: &[NodeId]) -> BTreeSet<(Section, String)> {
    let template = &document.template;
    let mut fates: BTreeMap<NodeId, Fate> = gone.iter().map(|id| (*id, Fate::Goes)).collect();
    for id in &changes.removed {
        let node = template.node(*id);
        let entry = node.parent().and_then(|parent| parent.entries().find(|entry| entry.key.id() == *id));
        fates.insert(entry.map_or(*id, |entry| entry.value.id()), Fate::Goes);
    }
    fates.extend(changes.replaced.keys().map(|id| (*id, Fate::Goes)));
    let (mut lost, mut staying) = (BTreeSet::new(), BTreeSet::new());
    let inserted = changes.inserted.values().flatten().map(|(_, build)| build);
    for build in changes.appended.values().flatten().chain(changes.replaced.values()).chain(inserted) {
        read_build(build, &mut fates, &mut staying);
    }
    let goes = |node: NodeRef<'_>| {
        let mut around = std::iter::successors(Some(node), |node| node.parent());
        around.find_map(|node| fates.get(&node.id())) == Some(&Fate::Goes)
    };
    let roots = fates.iter().filter(|(_, fate)| **fate == Fate::Goes).map(|(id, _)| template.node(*id));
    for node in roots.flat_map(NodeRef::subtree).filter(|node| goes(*node)) {
        lost.extend(choices(node).into_iter().filter_map(|(section, name)| Some((section, name?))));
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
    let is_hidden = |choice: &(Section, String)| has_computed_mapping && choice.0 == Section::Mappings;
    lost.retain(|choice| !staying.contains(choice) && !is_hidden(choice));
    lost
}

/// What becomes of a node and of what is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Goes,
    Moves,
}

/// What a new value moves, and the conditions that it names.
fn read_build(build: &Build, fates: &mut BTreeMap<NodeId, Fate>, staying: &mut BTreeSet<(Section, String)>) {
    let mut open = vec![build];
    while let Some(build) = open.pop() {
        match build {
            Build::Text(_) => {}
            Build::Moved(id) => {
                fates.insert(*id, Fate::Moves);
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

/// What a node itself chooses by, with the name where that is a literal.
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
    let key = node.entry("Condition").and_then(|entry| literal(entry.value));
    found.extend(key.map(|name| (Section::Conditions, Some(name))));
    found
}
