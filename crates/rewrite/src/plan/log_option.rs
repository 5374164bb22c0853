//! Secrets that go to log options: from `Options` to `SecretOptions`, and back.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Layout, ListName};
use byref_template::{Build, Changes, Diagnostic, Location, NodeId};

use super::compose::{Content, extend, remove_list, remove_pairs, say};
use super::decide::Comparison;
use super::{Destination, Line, Planner};
use crate::binding::Outcome;
use crate::container::Container;
use crate::log::LogConfiguration;

/// What happens to one log configuration.
#[derive(Default)]
pub(super) struct OptionMovement {
    /// Keys of `Options` that go.
    removed_options: BTreeSet<NodeId>,
    /// Pairs of `SecretOptions` that go.
    removed_secrets: BTreeSet<usize>,
    /// Pairs that refer to something else.
    retargeted: BTreeMap<usize, Content>,
    /// New entries of `SecretOptions`, named by their options.
    added_secrets: Vec<Content>,
    /// New entries of `Options`.
    added_options: Vec<Content>,
}

/// Movements by container of the survey and log configuration.
pub(super) type OptionMovements = BTreeMap<(usize, usize), OptionMovement>;

/// One line in one log configuration.
struct Chosen<'c, 't> {
    container: &'c Container<'t>,
    log: &'c LogConfiguration<'t>,
    option: &'c str,
}

impl Planner<'_> {
    /// What happens to every line that goes to a log option.
    pub(super) fn decide_log_options(&mut self, lines: &[Line<'_>]) -> OptionMovements {
        let survey = self.survey;
        let mut movements = OptionMovements::new();
        for line in lines {
            let Some(option) = line.secret.log_option.as_deref() else { continue };
            for chosen in self.choose_containers(line) {
                if !self.writes_container(chosen.container) {
                    continue;
                }
                let container = &survey.containers[chosen.container];
                if !self.has_log_configuration(line, container) {
                    continue;
                }
                // Behind a condition there may be another driver, which does not know the option.
                let is_known = container.logs.iter().any(|log| log.has(option));
                for (index, log) in container.logs.iter().enumerate() {
                    if is_known && !log.has(option) {
                        continue;
                    }
                    let movement = movements.entry((chosen.container, index)).or_default();
                    self.decide_option(line, &Chosen { container, log, option }, movement);
                }
            }
        }
        movements
    }

    fn has_log_configuration(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let name = &line.secret.name;
        let document = &self.documents[container.document];
        let unseen = container.unseen_logs.iter().chain(container.logs.iter().flat_map(|log| &log.opaque)).next();
        let (code, message, place, help) = match unseen {
            Some(node) => (
                "unseen-list",
                format!(
                    "the log options of container `{}` can't be seen through here, so `{name}` can't be placed",
                    container.label()
                ),
                document.place(*node),
                "write the options out in the template",
            ),
            None if container.logs.is_empty() => (
                "no-log-configuration",
                format!(
                    "`{name}` goes to a log option, and container `{}` has no `LogConfiguration`",
                    container.label()
                ),
                document.place(container.node),
                "add a `LogConfiguration` with its driver, or name another container in the line",
            ),
            None => return true,
        };
        self.say(Diagnostic::error(code, message, place).with(line.secret.name_location, "asked for here").help(help));
        false
    }

    fn decide_option(&mut self, line: &Line<'_>, chosen: &Chosen<'_, '_>, movement: &mut OptionMovement) {
        let standing = chosen.log.option(chosen.option);
        let references = chosen.log.secrets.named(chosen.option);
        let document = &self.documents[chosen.container.document];
        let place = |pair: usize| document.place(chosen.log.secrets.pairs[pair].mapping);
        let standing_place = standing.map(|entry| document.place(entry.key));
        let uncertain = chosen.log.secrets.possibly_named(chosen.option);
        if let Some(pair) = uncertain.first() {
            self.say_uncertain_name(line, chosen.option, place(*pair));
            return;
        }
        let logic = &self.survey.logic[chosen.container.document];
        let is_twice = references.iter().enumerate().any(|(index, first)| {
            let guard = |pair: &usize| &chosen.log.secrets.pairs[*pair].guard;
            references[index + 1..].iter().any(|second| !logic.excludes(guard(first), guard(second)))
        });
        if is_twice {
            let message = format!("the log option `{}` stands twice in `SecretOptions`", chosen.option);
            let diagnostic = Diagnostic::error("undecidable-duplicate", message, place(references[1]));
            self.say(diagnostic.with(place(references[0]), "and here").help("leave one of the entries"));
            return;
        }
        match self.destination(line) {
            Destination::WhereItStands if standing.is_some() || !references.is_empty() => {
                if let Some(place) = standing_place {
                    self.bind(line, chosen.container, Outcome::ByValue, place);
                }
                for pair in references {
                    self.bind(line, chosen.container, Outcome::AlreadyByReference, place(pair));
                }
            }
            Destination::Secrets => self.refer_option(line, chosen, &references, movement),
            Destination::Environment | Destination::WhereItStands => {
                self.give_option_value(line, chosen, &references, movement);
            }
        }
    }

    fn refer_option(
        &mut self,
        line: &Line<'_>,
        chosen: &Chosen<'_, '_>,
        references: &[usize],
        movement: &mut OptionMovement,
    ) {
        let (container, log) = (chosen.container, chosen.log);
        let document = &self.documents[container.document];
        let standing = log.option(chosen.option);
        if standing.is_some_and(|entry| !self.may_replace(line, container.document, entry.value)) {
            return;
        }
        self.check_existence(line);
        let content = Content { secret: chosen.option.to_owned(), ..line.reference(Layout::LogOptions) };
        for pair_index in references {
            let pair = &log.secrets.pairs[*pair_index];
            let place = document.place(pair.mapping);
            let outcome = match pair.value.map(|value| self.compare(line, container.document, value.value)) {
                Some(Comparison::Same) if standing.is_none() => Outcome::AlreadyByReference,
                Some(Comparison::Same) => Outcome::Deduplicated,
                Some(Comparison::Unknown(what)) => {
                    self.say_unknown_reference(line, &what, place);
                    Outcome::Skipped { reason: format!("depends on {what}") }
                }
                Some(Comparison::Different) | None => {
                    movement.retargeted.insert(*pair_index, content.clone());
                    self.removed_uses[container.document].extend(pair.value.map(|value| value.value.id()));
                    self.replaced_references[container.document].extend(pair.value.map(|value| value.value.id()));
                    Outcome::Replaced
                }
            };
            self.bind(line, container, outcome, place);
        }
        if let Some(entry) = standing {
            movement.removed_options.insert(entry.key.id());
            self.note_removed_value(line, container.document, entry.value);
        }
        if references.is_empty() {
            let outcome = if standing.is_some() { Outcome::Moved } else { Outcome::Added };
            self.bind(line, container, outcome, self.option_place(chosen));
            movement.added_secrets.push(content);
        }
    }

    fn option_place(&self, chosen: &Chosen<'_, '_>) -> Location {
        let document = &self.documents[chosen.container.document];
        document.place(chosen.log.option(chosen.option).map_or(chosen.log.node, |entry| entry.key))
    }

    /// An option that stands keeps its value, and references to the same give way to it.
    fn give_option_value(
        &mut self,
        line: &Line<'_>,
        chosen: &Chosen<'_, '_>,
        references: &[usize],
        movement: &mut OptionMovement,
    ) {
        let (container, log) = (chosen.container, chosen.log);
        let document = &self.documents[container.document];
        if log.option(chosen.option).is_some() {
            let outcome = if references.is_empty() { Outcome::ByValue } else { Outcome::Deduplicated };
            self.bind(line, container, outcome, self.option_place(chosen));
            movement.removed_secrets.extend(references);
            return;
        }
        let place = references.first().map(|pair| document.place(log.secrets.pairs[*pair].mapping));
        let place = place.unwrap_or_else(|| self.option_place(chosen));
        let unknown = references.iter().find_map(|pair| {
            let value = log.secrets.pairs[*pair].value?;
            match self.compare(line, container.document, value.value) {
                Comparison::Unknown(what) => Some(what),
                Comparison::Same | Comparison::Different => None,
            }
        });
        if let Some(what) = unknown {
            self.say_unknown_reference(line, &what, place);
            self.bind(line, container, Outcome::Skipped { reason: format!("depends on {what}") }, place);
            return;
        }
        let Some(content) = self.value_of(line, container) else {
            self.bind(line, container, Outcome::Skipped { reason: "its value is not known".to_owned() }, place);
            return;
        };
        let outcome = if references.is_empty() { Outcome::Embedded } else { Outcome::Resolved };
        self.bind(line, container, outcome, place);
        movement.removed_secrets.extend(references);
        movement.added_options.push(Content { secret: chosen.option.to_owned(), ..content });
    }
}

/// Adds the changes of one log configuration.
pub(super) fn compose(log: &LogConfiguration<'_>, movement: &OptionMovement, changes: &mut Changes) {
    for (pair, content) in &movement.retargeted {
        say(&log.secrets.pairs[*pair], content, Layout::LogOptions.value_key(ListName::Secrets), changes);
    }
    compose_options(log, movement, changes);
    compose_secrets(log, movement, changes);
}

fn compose_options(log: &LogConfiguration<'_>, movement: &OptionMovement, changes: &mut Changes) {
    let added: Vec<(String, Build)> =
        movement.added_options.iter().map(|content| (content.secret.clone(), content.said.clone())).collect();
    let key = Layout::LogOptions.key(ListName::Environment).to_owned();
    let Some(options) = log.options else {
        if let Some(last) = log.node.entries().last().filter(|_| !added.is_empty()) {
            changes.inserted.entry(last.key.id()).or_default().push((key, Build::Mapping(added)));
        }
        return;
    };
    let last = options.value.entries().last();
    match last {
        Some(last) if !added.is_empty() => changes.inserted.entry(last.key.id()).or_default().extend(added),
        None if !added.is_empty() => {
            changes.replaced.insert(options.value.id(), Build::Mapping(added));
        }
        Some(_) if options.value.entries().all(|entry| movement.removed_options.contains(&entry.key.id())) => {
            remove_list(options, changes);
            return;
        }
        _ => {}
    }
    changes.removed.extend(&movement.removed_options);
}

fn compose_secrets(log: &LogConfiguration<'_>, movement: &OptionMovement, changes: &mut Changes) {
    let entry = |content: &Content| {
        let name = Build::Text(content.secret.clone());
        Build::Mapping(vec![("Name".to_owned(), name), ("ValueFrom".to_owned(), content.said.clone())])
    };
    let added: Vec<Build> = movement.added_secrets.iter().map(entry).collect();
    let secrets = &log.secrets;
    let Some(standing) = secrets.entry else {
        let after = log.options.or(log.node.entries().last());
        if let Some(after) = after.filter(|_| !added.is_empty()) {
            let key = Layout::LogOptions.key(ListName::Secrets).to_owned();
            changes.inserted.entry(after.key.id()).or_default().push((key, Build::Sequence(added)));
        }
        return;
    };
    let is_emptied = added.is_empty()
        && !movement.removed_secrets.is_empty()
        && secrets.opaque.is_empty()
        && (0..secrets.pairs.len()).all(|pair| movement.removed_secrets.contains(&pair));
    if is_emptied {
        remove_list(standing, changes);
        return;
    }
    remove_pairs(secrets, &movement.removed_secrets, changes);
    for leaf in &secrets.leaves {
        extend(leaf, added.clone(), changes);
    }
}
