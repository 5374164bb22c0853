//! Declarations that lost their last use: the parameters that fed values which leave the templates.
//!
//! A rewrite often leaves parameters such as `DatabasePassword` unused. They are reported, and
//! removed if the request asks for it. A parameter that is still used elsewhere is a warning: from
//! now on the stack and the store both hold the value.
//!
//! For a value that moves and its parameter `P`:
//!
//! | other uses of `P` | result |
//! |---|---|
//! | none | the note `unused-parameter` |
//! | a property of a resource | the warning `shared-parameter` |
//! | a label in `AWS::CloudFormation::Interface` | the note: the label goes with it |
//! | a macro of the template may have one | with pruning, the warning `parameters-stay` |

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{names_used, parameters_in};
use byref_template::{Changes, Diagnostic, Location, NodeId, NodeRef};

use super::decisions::Removals;
use super::inventory::Inventory;
use super::unseen::{Unseen, computed_name, macro_of};
use crate::request::{Document, UnusedParameters};

/// The uses of one parameter: those that are removed, and those that stay.
#[derive(Default)]
struct Uses<'t> {
    removed: Vec<NodeRef<'t>>,
    staying: Vec<NodeRef<'t>>,
}

/// The declarations that lost their last use, by the places of their keys. Some of them are
/// removed.
pub(super) type Unused = BTreeSet<Location>;

/// Reports and removes the declarations of all templates that lost their last use. Returns the
/// unused ones, removed or not, and the messages.
pub(super) fn clean_declarations(
    inventory: &Inventory<'_>,
    removals: &Removals,
    changes: &mut [Changes],
) -> (Unused, Vec<Diagnostic>) {
    let (mut unused, mut messages) = (Unused::new(), Vec::new());
    for (index, changes) in changes.iter_mut().enumerate() {
        if removals.uses[index].is_empty() && changes.is_empty() {
            continue;
        }
        let pruning = Pruning::of(inventory, index);
        let references = &removals.references[index];
        let mut cleaner = Cleaner {
            inventory,
            index,
            pruning,
            references,
            changes,
            unused: Unused::new(),
            messages: Vec::new(),
        };
        cleaner.clean(removals.uses[index].clone());
        unused.append(&mut cleaner.unused);
        messages.append(&mut cleaner.messages);
    }
    (unused, messages)
}

/// The treatment of unused declarations of a template, with its reason.
pub(super) enum Pruning<'t> {
    /// The request asks for it.
    Removes,
    /// The request asks for it, and something that byref can't see through may use them.
    Prevented(Unseen<'t>),
    /// Another template of the run nests this one, and passes it its parameters.
    Nested,
    /// The request does not ask for it.
    NotAsked,
}

impl<'t> Pruning<'t> {
    /// Returns whether unused declarations are removed.
    pub(super) fn removes(&self) -> bool {
        matches!(self, Self::Removes)
    }

    /// Decides the treatment for a template. A nested template keeps its parameters, because its
    /// parent passes them.
    fn of(inventory: &Inventory<'t>, index: usize) -> Self {
        let document = &inventory.documents[index];
        if !inventory.nested_as[index].is_empty() {
            return Self::Nested;
        }
        match inventory.request.unused_parameters {
            UnusedParameters::Keep => Self::NotAsked,
            UnusedParameters::Prune => macro_of(document)
                .or_else(|| computed_name(document))
                .map_or(Self::Removes, Self::Prevented),
        }
    }
}

/// The state of the phase for one template.
pub(super) struct Cleaner<'p, 'c> {
    inventory: &'p Inventory<'p>,
    /// Index of the template.
    index: usize,
    pub(super) pruning: Pruning<'p>,
    /// The nodes of references that something else takes the place of.
    references: &'c [NodeId],
    /// The changes of the template.
    pub(super) changes: &'c mut Changes,
    /// The unused declarations so far.
    pub(super) unused: Unused,
    messages: Vec<Diagnostic>,
}

impl<'p> Cleaner<'p, '_> {
    /// Returns the template.
    pub(super) fn document(&self) -> &'p Document {
        &self.inventory.documents[self.index]
    }

    /// Adds a message.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.messages.push(diagnostic);
    }

    /// Goes through the template once with the nodes that are removed from it, and once more with
    /// the conditions and mappings that are removed with them.
    fn clean(&mut self, mut gone: Vec<NodeId>) {
        let document = self.document();
        let own = self.parameters_of(&gone);
        self.warn_of_shared(&uses(document, &own, &gone));
        self.report_unused_choices(&mut gone);
        let names = self.parameters_of(&gone);
        let uses = uses(document, &names, &gone);
        let unused: Vec<&String> = names
            .iter()
            .filter(|name| uses.get(*name).is_none_or(|uses| uses.staying.is_empty()))
            .collect();
        self.warn_of_unseen_users(&unused);
        self.report_unused(&unused);
    }

    /// Returns the parameters that nodes of the template are made of.
    fn parameters_of(&self, nodes: &[NodeId]) -> BTreeSet<String> {
        let values = nodes.iter().map(|id| self.document().template.node(*id));
        values
            .flat_map(|value| parameters_in(value, &self.inventory.declarations[self.index]))
            .collect()
    }

    /// Warns of parameters that look unused and stay, because a macro or a computed name may use
    /// them. Reported once, with all names.
    fn warn_of_unseen_users(&mut self, unused: &[&String]) {
        let (Pruning::Prevented((node, what)), Some(first)) = (&self.pruning, unused.first())
        else {
            return;
        };
        let document = self.document();
        let section = document
            .template
            .root()
            .and_then(|root| root.get("Parameters"));
        let Some(entry) = section.and_then(|section| section.entry(first)) else {
            return;
        };
        let names: Vec<String> = unused.iter().map(|name| format!("`{name}`")).collect();
        let (noun, verb) = if names.len() == 1 {
            ("parameter", "looks unused and stays")
        } else {
            ("parameters", "look unused and stay")
        };
        let message = format!("{noun} {} {verb}: {what} may use it", names.join(", "));
        let diagnostic = Diagnostic::warning("parameters-stay", message, document.place(entry.key))
            .with(document.place(*node), "it can't be seen through")
            .help("remove it by hand, if nothing uses it");
        self.report(diagnostic);
    }

    /// Warns of parameters whose value moves to the store and is used elsewhere too, such as for
    /// the `MasterUserPassword` of a database: both places have to be kept equal.
    fn warn_of_shared(&mut self, uses: &BTreeMap<String, Uses<'_>>) {
        let document = self.document();
        let references: Vec<_> = self
            .references
            .iter()
            .map(|id| document.template.node(*id))
            .collect();
        let is_value = |node: &&NodeRef<'_>| {
            !references
                .iter()
                .any(|outer| outer.full_span().contains(node.full_span()))
                && !is_key_of_map(**node)
        };
        for (name, uses) in uses {
            let (Some(removed), Some(staying)) =
                (uses.removed.iter().find(is_value), uses.staying.first())
            else {
                continue;
            };
            let diagnostic = Diagnostic::warning(
                "shared-parameter",
                format!(
                    "parameter `{name}` is used elsewhere too: from now on the stack and the store both hold this value"
                ),
                document.place(*removed),
            )
            .with(document.place(*staying), "used here too")
            .help("keep both equal when the secret is rotated");
            self.report(diagnostic);
        }
    }

    /// Notes the unused parameters, and removes them where the treatment is to do so.
    ///
    /// The advice depends on the treatment: a removed parameter must not be passed to the stack any
    /// more, and a nested one has to be removed in its parent as well.
    fn report_unused(&mut self, unused: &[&String]) {
        let document = self.document();
        let Some(section) = document
            .template
            .root()
            .and_then(|root| root.entry("Parameters"))
        else {
            return;
        };
        for name in unused {
            let Some(entry) = section.value.entry(name) else {
                continue;
            };
            let place = document.place(entry.key);
            let (message, help) = match self.pruning {
                Pruning::Removes => (
                    format!("parameter `{name}` is no longer used: removed"),
                    "stop passing it to the stack",
                ),
                Pruning::Nested => (
                    format!("parameter `{name}` is no longer used"),
                    "another template of the run passes it to this one: remove it in both",
                ),
                Pruning::Prevented(_) => (
                    format!(
                        "parameter `{name}` is no longer used, as far as can be seen: it stays"
                    ),
                    "remove it by hand, if nothing uses it",
                ),
                Pruning::NotAsked => (
                    format!("parameter `{name}` is no longer used"),
                    "remove it by hand, or with `--prune-parameters`",
                ),
            };
            self.unused.insert(place);
            self.report(Diagnostic::note("unused-parameter", message, place).help(help));
        }
        if self.pruning.removes() {
            prune(document, unused, self.changes);
        }
    }
}

/// Returns whether a use only chooses from a mapping: the parameter's value is then no part of the
/// result.
fn is_key_of_map(node: NodeRef<'_>) -> bool {
    let mut around = std::iter::successors(node.parent(), |node| node.parent());
    around.any(|outer| {
        let call = outer.intrinsic().filter(|call| call.name == "FindInMap");
        // The fallback of the fourth argument is a result.
        call.is_some_and(|call| {
            call.argument
                .items()
                .take(3)
                .any(|key| key.full_span().contains(node.full_span()))
        })
    })
}

/// Finds all uses of parameters in a template in one pass, by parameter. A use inside of a removed
/// node is removed with it.
fn uses<'t>(
    document: &'t Document,
    names: &BTreeSet<String>,
    removed: &[NodeId],
) -> BTreeMap<String, Uses<'t>> {
    let template = &document.template;
    let mut gone: Vec<_> = removed
        .iter()
        .map(|id| template.node(*id).full_span())
        .collect();
    gone.sort_unstable();
    let mut found: BTreeMap<String, Uses<'t>> = BTreeMap::new();
    for node in template.nodes() {
        for name in names_used(node)
            .into_iter()
            .filter(|name| names.contains(name))
        {
            let uses = found.entry(name).or_default();
            let before = gone.partition_point(|span| span.start <= node.full_span().start);
            let is_gone = before > 0 && gone[before - 1].contains(node.full_span());
            if is_gone {
                uses.removed.push(node);
            } else {
                uses.staying.push(node);
            }
        }
    }
    found
}

/// Removes parameters, and the mentions of them in the metadata for the console: labels, and groups
/// that become empty.
///
/// Source: CloudFormation user guide, "`AWS::CloudFormation::Interface`".
fn prune(document: &Document, unused: &[&String], changes: &mut Changes) {
    let Some(root) = document.template.root() else {
        return;
    };
    let Some(section) = root.entry("Parameters") else {
        return;
    };
    let is_unused = |text: Option<std::borrow::Cow<'_, str>>| {
        text.is_some_and(|text| unused.iter().any(|name| **name == text))
    };
    remove_entries(
        section.key,
        section.value,
        &|key| is_unused(key.text()),
        changes,
    );
    let interface = root
        .get("Metadata")
        .and_then(|metadata| metadata.get("AWS::CloudFormation::Interface"));
    let Some(interface) = interface else { return };
    if let Some(labels) = interface.entry("ParameterLabels") {
        remove_entries(
            labels.key,
            labels.value,
            &|key| is_unused(key.text()),
            changes,
        );
    }
    for group in interface
        .get("ParameterGroups")
        .into_iter()
        .flat_map(NodeRef::items)
    {
        let Some(parameters) = group.get("Parameters") else {
            continue;
        };
        for item in parameters.items().filter(|item| is_unused(item.text())) {
            changes.removed.insert(item.id());
        }
        let is_empty = parameters.items().next().is_some()
            && parameters
                .items()
                .all(|item| changes.removed.contains(&item.id()));
        if is_empty {
            changes.removed.insert(group.id());
        }
    }
}

/// Removes entries of a mapping, and the mapping with its key when none is left.
pub(super) fn remove_entries(
    key: NodeRef<'_>,
    mapping: NodeRef<'_>,
    goes: &dyn Fn(NodeRef<'_>) -> bool,
    changes: &mut Changes,
) {
    let removed: Vec<NodeId> = mapping
        .entries()
        .filter(|entry| goes(entry.key))
        .map(|entry| entry.key.id())
        .collect();
    if !removed.is_empty() && removed.len() == mapping.entries().count() {
        changes.removed.insert(key.id());
    } else {
        changes.removed.extend(removed);
    }
}
