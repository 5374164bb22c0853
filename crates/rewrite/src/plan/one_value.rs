//! The check that one name has one value.
//!
//! A reference names one parameter, so all containers, Regions and conditions that share it get one
//! value. If the templates give them different values today, a rewrite would change what runs. The
//! phase compares the values symbolically: two are the same if they are the same in every deploy.
//!
//! For example, `!Ref Password` in two containers is one value, and so is the literal `x` beside
//! `!Sub x`. `!If [IsProduction, a, b]` is two values in a template of two environments that share
//! the parameter, and one if the environment decides the condition.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use byref_cloudformation::{
    Facts, Guard, canonical, conditional, literal, names_used, parameters_in,
};
use byref_config::{DistinctValues, Environment, Scheme};
use byref_template::{Diagnostic, Intrinsic, Location, NodeRef};

use super::choose::Chooser;
use super::line::Line;
use crate::container::Container;
use crate::request::stack;

/// The number of values that a message names. Further ones add nothing that the user needs to
/// decide.
const VALUES_NAMED: usize = 6;

/// A value that a container has today.
struct CurrentValue<'t> {
    /// A text that is equal for values that are the same in every deploy.
    key: String,
    node: NodeRef<'t>,
    /// Index among the containers of the survey.
    container: usize,
}

/// The value of a line in the templates, to be compared with that of other lines that refer to the
/// same parameter.
pub(super) struct SeenValue {
    secret: String,
    /// The line that had it first.
    line: Location,
    key: String,
    place: Location,
}

impl<'p> Chooser<'p> {
    /// Returns whether the containers of a line have one value, in every Region and under all
    /// conditions. An existing reference counts as the same. Reports the places of values that
    /// differ.
    ///
    /// The value scheme keeps all values, and `same-value = true` confirms that they may become
    /// one: neither is checked.
    pub(super) fn have_one_value(&mut self, line: &Line<'_>, containers: &[usize]) -> bool {
        if self.inventory.request.scheme == Scheme::Value
            || line.secret.distinct == DistinctValues::Merge
        {
            return true;
        }
        let current = self.current_values(line, containers);
        let keys: BTreeSet<&str> = current.iter().map(|value| value.key.as_str()).collect();
        if keys.len() > 1 || self.have_two_defaults(&current) {
            self.refuse_two_values(line, &current);
            return false;
        }
        self.is_value_of_other_lines(line, &current)
    }

    /// Returns the values that the containers have today, each once for a container, in the order
    /// of containers and places.
    ///
    /// Each value is looked at in all circumstances of the line, so that one that depends on the
    /// Region counts as often as it differs. Entries under a condition that can't hold there are
    /// left out.
    fn current_values(&self, line: &Line<'_>, containers: &[usize]) -> Vec<CurrentValue<'p>> {
        let inventory = self.inventory;
        let circumstances = self.circumstances(line);
        let mut current: Vec<CurrentValue<'p>> = Vec::new();
        for index in containers {
            let container = &inventory.containers[*index];
            let values = values_of(container, line);
            if values.is_empty() {
                continue;
            }
            let mut found: BTreeMap<String, NodeRef<'p>> = BTreeMap::new();
            let parameter = self.inventory.environment_parameter();
            for (environment, region) in &circumstances {
                let facts = Facts::at(
                    container.node.template(),
                    &stack(environment, region, parameter),
                );
                for (value, guard) in &values {
                    let side = |(condition, side): &(String, bool)| {
                        facts.holds(condition).is_none_or(|holds| holds == *side)
                    };
                    if guard.0.iter().all(side) {
                        variants(&facts, *value, &mut found);
                    }
                }
            }
            current.extend(found.into_iter().map(|(key, node)| CurrentValue {
                key,
                node,
                container: *index,
            }));
        }
        current.sort_by_key(|value| (value.container, value.node.full_span()));
        current
    }

    /// Returns the environments and Regions that share the line's parameter: all Regions of this
    /// environment, and those of other environments whose line resolves to the same reference in
    /// the same account. A template that serves several environments must suit them all.
    fn circumstances(
        &self,
        line: &Line<'_>,
    ) -> Vec<(&'p Environment, &'p byref_parameter::Region)> {
        let request = &self.inventory.request;
        let reference = |environment: &Environment| {
            let lines = request.app.secrets(Some(&environment.name));
            let own = lines.into_iter().find(|own| own.name == line.secret.name)?;
            request
                .config
                .reference(request.app, environment, own)
                .ok()
                .map(|reference| reference.to_string())
        };
        let own = request
            .config
            .reference(request.app, request.environment, line.secret)
            .ok();
        let own = own.map(|reference| reference.to_string());
        let shares = |other: &&Environment| {
            other.name == request.environment.name
                || (other.account == request.environment.account && reference(other) == own)
        };
        let sharing = request.config.environments.values().filter(shares);
        sharing
            .flat_map(|environment| {
                environment
                    .regions
                    .iter()
                    .map(move |region| (environment, region))
            })
            .collect()
    }

    /// Returns whether a parameter that the values use has different defaults in different
    /// templates: the same `!Ref` then gives two values.
    fn have_two_defaults(&self, current: &[CurrentValue<'_>]) -> bool {
        let mut defaults: BTreeMap<String, String> = BTreeMap::new();
        for value in current {
            let declarations =
                &self.inventory.declarations[self.inventory.containers[value.container].document];
            for name in parameters_in(value.node, declarations) {
                let default = declarations
                    .parameters
                    .get(&name)
                    .and_then(|node| node.get("Default"))
                    .and_then(literal);
                let Some(default) = default else { continue };
                if defaults.entry(name).or_insert_with(|| default.clone()) != &default {
                    return true;
                }
            }
        }
        false
    }

    /// Reports a line with several values, and how to give each of them a line, a name or an
    /// environment of its own.
    ///
    /// The message names the places and never the values. If each container has one value, the
    /// advice is to name containers in the lines; otherwise the condition or the Region makes the
    /// difference.
    fn refuse_two_values(&mut self, line: &Line<'_>, current: &[CurrentValue<'_>]) {
        let name = &line.secret.name;
        let containers: BTreeSet<usize> = current.iter().map(|value| value.container).collect();
        let is_by_container = containers.len() == current.len();
        let message = if is_by_container {
            format!("`{name}` has different values in different containers: that is two secrets")
        } else {
            format!(
                "`{name}` has different values under different conditions or in different Regions: by reference, they would become one"
            )
        };
        let help = if is_by_container {
            "name the containers in each line (`containers = [\"…\"]`), and give the other value a key of its own; \
             or, where the store's value is right for all of them, add `same-value = true` to the line"
        } else if self.inventory.environment_parameter().is_none() {
            "give each value a name and a line of its own; where the environment decides which one it is, set \
             `environment-parameter` under `[rewrite]`; where the store's value is right for all of them, add \
             `same-value = true` to the line"
        } else {
            "give each value a name and a line of its own; or, where the store's value is right for all of them, add \
             `same-value = true` to the line"
        };
        let mut diagnostic = Diagnostic::error("two-values", message, line.secret.name_location)
            .labelled("one line asks for it here")
            .about(name)
            .help(help);
        let mut named = BTreeSet::new();
        for value in current {
            let container = &self.inventory.containers[value.container];
            let document = &self.inventory.documents[container.document];
            // The entry rather than its value, where it is one: its name is shown.
            let entry = value
                .node
                .parent()
                .filter(|parent| parent.get("Name").is_some());
            let place = document.place(entry.unwrap_or(value.node));
            // One place may give a value in each Region.
            if named.len() == VALUES_NAMED || !named.insert(place) {
                continue;
            }
            diagnostic = diagnostic.with(
                place,
                format!(
                    "in container `{}` of `{}`",
                    container.label(),
                    container.task_definition
                ),
            );
        }
        self.report(diagnostic);
    }

    /// Returns whether another line that refers to the same parameter had the same value. Reports
    /// both lines otherwise. The first line with a value decides.
    fn is_value_of_other_lines(&mut self, line: &Line<'_>, current: &[CurrentValue<'_>]) -> bool {
        let Some(value) = current.first() else {
            return true;
        };
        let place = self.inventory.documents[self.inventory.containers[value.container].document]
            .place(value.node);
        let Some(seen) = self.seen_values.get(&line.target.evaluated) else {
            let (secret, line_place) = (line.secret.name.clone(), line.secret.name_location);
            let seen = SeenValue {
                secret,
                line: line_place,
                key: value.key.clone(),
                place,
            };
            self.seen_values.insert(line.target.evaluated.clone(), seen);
            return true;
        };
        if seen.key == value.key {
            return true;
        }
        let diagnostic = Diagnostic::error(
            "two-values",
            format!("`{}` and `{}` refer to one parameter, and have different values today", seen.secret, line.secret.name),
            line.secret.name_location,
        )
        .about(&seen.secret)
        .about(&line.secret.name)
        .with(seen.line, "the other line")
        .with(place, format!("`{}`", line.secret.name))
        .with(seen.place, format!("`{}`", seen.secret))
        .help("give each line a key of its own; or, where the store's value is right for both, add `same-value = true` to the line");
        self.report(diagnostic);
        false
    }
}

/// Returns the values that a container has for a line, with the conditions of their entries.
fn values_of<'t>(container: &Container<'t>, line: &Line<'_>) -> Vec<(NodeRef<'t>, Guard)> {
    if let Some(option) = &line.secret.log_option {
        let options = container.logs.iter().filter_map(|log| log.option(option));
        return options
            .map(|entry| (entry.value, Guard::default()))
            .collect();
    }
    let pairs = container.environment.named(&line.secret.name);
    let value = |pair: usize| {
        let pair = &container.environment.pairs[pair];
        pair.value.map(|entry| (entry.value, pair.guard.clone()))
    };
    pairs.into_iter().filter_map(value).collect()
}

/// Adds all values that a node may have: a key for each, equal for those that are the same.
///
/// A literal is its own key; a mapping adds each of its leaves that can be chosen; anything else is
/// the canonical form of the node, with the values of all names that are known in the
/// circumstances. A part that varies makes the whole vary. The recursion is bounded by the depth of
/// the template.
///
/// | value | keys |
/// |---|---|
/// | `x`, `!Sub x` | one, the text `x` |
/// | `!If [C, x, y]` | two, unless the circumstances decide `C` |
/// | `!FindInMap [M, !Ref AWS::Region, k]` | one for each leaf that can be chosen |
/// | `!Ref Password` | one, the canonical form |
/// | `!Sub a-${AWS::Region}` | one for each Region |
fn variants<'t>(facts: &Facts<'t>, node: NodeRef<'t>, found: &mut BTreeMap<String, NodeRef<'t>>) {
    if conditional(node).is_some() {
        for branch in facts.possible_branches(node).unwrap_or_default() {
            variants(facts, branch, found);
        }
        return;
    }
    let call = node.intrinsic();
    if call.is_some_and(Intrinsic::is_no_value) {
        return;
    }
    if let Some(text) = facts.text(node) {
        found.entry(format!("{text:?}")).or_insert(node);
        return;
    }
    let leaves = call
        .filter(|call| call.name == "FindInMap")
        .and_then(|call| facts.leaves(call));
    if let Some(leaves) = leaves {
        for leaf in leaves {
            let key = literal(leaf).map_or_else(|| canonical(leaf), |text| format!("{text:?}"));
            found.entry(key).or_insert(leaf);
        }
        return;
    }
    let mut key = canonical(node);
    for name in node
        .subtree()
        .flat_map(names_used)
        .collect::<BTreeSet<String>>()
    {
        // A Region in a value makes it another one in each Region.
        if let Some(text) = facts.known(&name) {
            let _ = write!(key, " {name}={text}");
        }
    }
    // A part that varies makes the whole vary.
    let is_choice = |part: &NodeRef<'t>| {
        part.id() != node.id()
            && (conditional(*part).is_some()
                || part
                    .intrinsic()
                    .is_some_and(|call| call.name == "FindInMap"))
    };
    for part in node.subtree().filter(is_choice) {
        let mut parts = BTreeMap::new();
        variants(facts, part, &mut parts);
        if parts.len() > 1 {
            found.extend(
                parts
                    .into_iter()
                    .map(|(part, place)| (format!("{key} with {part}"), place)),
            );
            return;
        }
        key.extend(parts.into_keys());
    }
    found.entry(key).or_insert(node);
}
