//! Template parameters that fed the values which go.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{names_used, parameters_in};
use byref_template::{Changes, Diagnostic, NodeId, NodeRef};

use super::Planner;
use super::unseen::{Unseen, computed_name, macro_of};
use crate::request::{Document, UnusedParameters};

/// Uses of one parameter: those that go, and those that stay.
#[derive(Default)]
struct Uses<'t> {
    removed: Vec<NodeRef<'t>>,
    staying: Vec<NodeRef<'t>>,
}

impl Planner<'_> {
    /// Reports parameters that lost their last use, and those that something else uses too.
    pub(super) fn report_parameters(&mut self) {
        for index in 0..self.documents.len() {
            let mut gone = self.removed_uses[index].clone();
            if gone.is_empty() && self.plan.changes[index].is_empty() {
                continue;
            }
            let document = &self.documents[index];
            let own = self.parameters_of(index, &gone);
            self.warn_of_shared(index, &uses(document, &own, &gone));
            self.report_unused_choices(index, (self.prunes(index), self.is_asked_to_prune(index)), &mut gone);
            let names = self.parameters_of(index, &gone);
            let uses = uses(document, &names, &gone);
            let unused: Vec<&String> =
                names.iter().filter(|name| uses.get(*name).is_none_or(|uses| uses.staying.is_empty())).collect();
            self.warn_of_unseen_users(index, &unused);
            self.report_unused(index, &unused);
        }
    }

    /// The parameters that nodes of a template are made of.
    fn parameters_of(&self, index: usize, nodes: &[NodeId]) -> BTreeSet<String> {
        let values = nodes.iter().map(|id| self.documents[index].template.node(*id));
        values.flat_map(|value| parameters_in(value, &self.survey.declarations[index])).collect()
    }

    /// Whether another template of the run nests this one, and passes it its parameters.
    fn is_nested(&self, index: usize) -> bool {
        !self.survey.nested_as[index].is_empty()
    }

    fn prunes(&self, index: usize) -> bool {
        self.is_asked_to_prune(index) && self.unseen_user(index).is_none()
    }

    fn is_asked_to_prune(&self, index: usize) -> bool {
        self.request.unused_parameters == UnusedParameters::Prune && !self.is_nested(index)
    }

    /// What may use any parameter, condition or mapping of a template, unseen.
    fn unseen_user(&self, index: usize) -> Option<Unseen<'_>> {
        let document = &self.documents[index];
        macro_of(document).or_else(|| computed_name(document))
    }

    /// What looks unused stays where something that can't be seen may use it.
    fn warn_of_unseen_users(&mut self, index: usize, unused: &[&String]) {
        if unused.is_empty() || !self.is_asked_to_prune(index) {
            return;
        }
        let document = &self.documents[index];
        let section = document.template.root().and_then(|root| root.get("Parameters"));
        let entry = section.and_then(|section| section.entry(unused[0]));
        let (Some((node, what)), Some(entry)) = (self.unseen_user(index), entry) else { return };
        let names: Vec<String> = unused.iter().map(|name| format!("`{name}`")).collect();
        let (noun, verb) = if names.len() == 1 {
            ("parameter", "looks unused and stays")
        } else {
            ("parameters", "look unused and stay")
        };
        let message = format!("{noun} {} {verb}: {what} may use it", names.join(", "));
        let diagnostic = Diagnostic::warning("parameters-stay", message, document.place(entry.key))
            .with(document.place(node), "it can't be seen through")
            .help("remove it by hand, if nothing uses it");
        self.say(diagnostic);
    }

    /// A database's `MasterUserPassword`, say: from now on two places hold that secret.
    fn warn_of_shared(&mut self, index: usize, uses: &BTreeMap<String, Uses<'_>>) {
        let document = &self.documents[index];
        let references: Vec<_> = self.replaced_references[index].iter().map(|id| document.template.node(*id)).collect();
        let is_value = |node: &&NodeRef<'_>| {
            !references.iter().any(|outer| outer.full_span().contains(node.full_span())) && !is_key_of_map(**node)
        };
        for (name, uses) in uses {
            let (Some(removed), Some(staying)) = (uses.removed.iter().find(is_value), uses.staying.first()) else {
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
            self.say(diagnostic);
        }
    }

    fn report_unused(&mut self, index: usize, unused: &[&String]) {
        let documents = self.documents;
        let document = &documents[index];
        let Some(section) = document.template.root().and_then(|root| root.entry("Parameters")) else { return };
        let (is_nested, prunes) = (self.is_nested(index), self.prunes(index));
        for name in unused {
            let Some(entry) = section.value.entry(name) else { continue };
            let place = document.place(entry.key);
            let (message, help) = match (prunes, is_nested) {
                (true, _) => (format!("parameter `{name}` is used no more: removed"), "stop passing it to the stack"),
                (false, true) => (
                    format!("parameter `{name}` is used no more"),
                    "another template of the run passes it to this one: remove it in both",
                ),
                (false, false) if self.is_asked_to_prune(index) => (
                    format!("parameter `{name}` is used no more, as far as can be seen: it stays"),
                    "remove it by hand, if nothing uses it",
                ),
                (false, false) => {
                    (format!("parameter `{name}` is used no more"), "remove it by hand, or with `--prune-parameters`")
                }
            };
            self.unused_declarations.insert(place);
            self.say(Diagnostic::note("unused-parameter", message, place).help(help));
        }
        if prunes {
            prune(document, unused, &mut self.plan.changes[index]);
        }
    }
}

/// Whether a use only chooses from a mapping: the parameter's value is then no part of the result.
fn is_key_of_map(node: NodeRef<'_>) -> bool {
    let mut around = std::iter::successors(node.parent(), |node| node.parent());
    around.any(|outer| {
        let call = outer.intrinsic().filter(|call| call.name == "FindInMap");
        // The fallback of the fourth argument is a result.
        call.is_some_and(|call| call.argument.items().take(3).any(|key| key.full_span().contains(node.full_span())))
    })
}

/// Every use of the parameters in a template, by parameter.
fn uses<'t>(document: &'t Document, names: &BTreeSet<String>, removed: &[NodeId]) -> BTreeMap<String, Uses<'t>> {
    let template = &document.template;
    let mut gone: Vec<_> = removed.iter().map(|id| template.node(*id).full_span()).collect();
    gone.sort_unstable();
    let mut found: BTreeMap<String, Uses<'t>> = BTreeMap::new();
    for node in template.nodes() {
        for name in names_used(node).into_iter().filter(|name| names.contains(name)) {
            let uses = found.entry(name).or_default();
            let before = gone.partition_point(|span| span.start <= node.full_span().start);
            let is_gone = before > 0 && gone[before - 1].contains(node.full_span());
            if is_gone { uses.removed.push(node) } else { uses.staying.push(node) }
        }
    }
    found
}

/// Removes parameters, and the mentions of them in the console's interface metadata.
fn prune(document: &Document, unused: &[&String], changes: &mut Changes) {
    let Some(root) = document.template.root() else { return };
    let Some(section) = root.entry("Parameters") else { return };
    let is_unused =
        |text: Option<std::borrow::Cow<'_, str>>| text.is_some_and(|text| unused.iter().any(|name| **name == text));
    remove_entries(section.key, section.value, &|key| is_unused(key.text()), changes);
    let interface = root.get("Metadata").and_then(|metadata| metadata.get("AWS::CloudFormation::Interface"));
    let Some(interface) = interface else { return };
    if let Some(labels) = interface.entry("ParameterLabels") {
        remove_entries(labels.key, labels.value, &|key| is_unused(key.text()), changes);
    }
    for group in interface.get("ParameterGroups").into_iter().flat_map(NodeRef::items) {
        let Some(parameters) = group.get("Parameters") else { continue };
        for item in parameters.items().filter(|item| is_unused(item.text())) {
            changes.removed.insert(item.id());
        }
        let is_empty =
            parameters.items().next().is_some() && parameters.items().all(|item| changes.removed.contains(&item.id()));
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
    let removed: Vec<NodeId> = mapping.entries().filter(|entry| goes(entry.key)).map(|entry| entry.key.id()).collect();
    if !removed.is_empty() && removed.len() == mapping.entries().count() {
        changes.removed.insert(key.id());
    } else {
        changes.removed.extend(removed);
    }
}
