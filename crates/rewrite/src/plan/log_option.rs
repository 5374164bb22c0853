//! The decision about one secret in one log configuration: from `Options` to `SecretOptions`, and
//! back.
//!
//! A log driver may need a token, such as `splunk-token`. It is an option by value, or a secret
//! option by reference with the same name. A line with `log-option` is decided here instead of in
//! `decide`: options are a mapping, so that there is one value for each name, and no condition
//! within it.
//!
//! Source: ECS developer guide, "Pass sensitive data to a container's logging configuration".

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::Layout;
use byref_template::{Diagnostic, Location, NodeId};

use super::decisions::{Decider, ValueEntry};
use super::existing::{Comparison, compare};
use super::line::{Destination, Line};
use super::movement::Content;
use crate::binding::Outcome;
use crate::container::Container;
use crate::log::LogConfiguration;

/// The moves of one log configuration. All lines add to it before it becomes changes.
#[derive(Clone, Default)]
pub(super) struct OptionMovement {
    /// Keys of `Options` that are removed.
    pub(super) removed_options: BTreeSet<NodeId>,
    /// Pairs of `SecretOptions` that are removed, by index.
    pub(super) removed_secrets: BTreeSet<usize>,
    /// Pairs that get another reference, by index.
    pub(super) retargeted: BTreeMap<usize, Content>,
    /// New entries of `SecretOptions`, named by their options.
    pub(super) added_secrets: Vec<Content>,
    /// New entries of `Options`.
    pub(super) added_options: Vec<Content>,
}

/// The moves by container of the inventory and index of its log configuration.
pub(super) type OptionMovements = BTreeMap<(usize, usize), OptionMovement>;

/// One line in one log configuration: the subject of a decision.
#[derive(Clone, Copy)]
struct Chosen<'c> {
    line: &'c Line<'c>,
    container: &'c Container<'c>,
    log: &'c LogConfiguration<'c>,
    /// The name of the option; the name of the line is only its key in the configuration.
    option: &'c str,
    /// Indices of the container in the inventory, and of the log configuration in the container.
    at: (usize, usize),
}

impl Decider<'_> {
    /// Decides what happens to a line that goes to a log option, in each log configuration of a
    /// container.
    ///
    /// A container has several log configurations behind conditions, which may be of different
    /// drivers. If any of them has the option, only those that have it are decided.
    pub(super) fn decide_log_options(&mut self, line: &Line<'_>, index: usize) {
        let Some(option) = line.secret.log_option.as_deref() else {
            return;
        };
        let container = &self.inventory.containers[index];
        if !self.has_log_configuration(line, container) {
            return;
        }
        // Behind a condition there may be another driver, which does not know the option.
        let is_known = container.logs.iter().any(|log| log.has(option));
        for (log_index, log) in container
            .logs
            .iter()
            .enumerate()
            .filter(|(_, log)| !is_known || log.has(option))
        {
            let at = (index, log_index);
            let mut movement = self.decisions.options.remove(&at).unwrap_or_default();
            self.decide_option(
                Chosen {
                    line,
                    container,
                    log,
                    option,
                    at,
                },
                &mut movement,
            );
            self.decisions.options.insert(at, movement);
        }
    }

    /// Refuses a line for a container without a log configuration, or with one that byref can't see
    /// through. Returns whether the line can be decided.
    fn has_log_configuration(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let name = &line.secret.name;
        let document = &self.inventory.documents[container.document];
        let unseen = container
            .unseen_logs
            .iter()
            .chain(container.logs.iter().flat_map(|log| &log.opaque))
            .next();
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
        self.report(
            Diagnostic::error(code, message, place)
                .about(name)
                .with(line.secret.name_location, "asked for here")
                .help(help),
        );
        false
    }

    /// Decides about an option. Two references to one option are refused, unless their conditions
    /// exclude each other.
    fn decide_option(&mut self, chosen: Chosen<'_>, movement: &mut OptionMovement) {
        let line = chosen.line;
        let existing = chosen.log.option(chosen.option);
        let references = chosen.log.secrets.named(chosen.option);
        let document = &self.inventory.documents[chosen.container.document];
        let place = |pair: usize| document.place(chosen.log.secrets.pairs[pair].mapping);
        let option_place = existing.map(|entry| document.place(entry.key));
        let uncertain = chosen.log.secrets.possibly_named(chosen.option);
        if let Some(pair) = uncertain.first() {
            self.refuse_uncertain_name(line, chosen.option, place(*pair));
            return;
        }
        let logic = &self.inventory.logic[chosen.container.document];
        let is_twice = references.iter().enumerate().any(|(index, first)| {
            let guard = |pair: &usize| &chosen.log.secrets.pairs[*pair].guard;
            references[index + 1..]
                .iter()
                .any(|second| !logic.excludes(guard(first), guard(second)))
        });
        if is_twice {
            let message = format!(
                "the log option `{}` stands twice in `SecretOptions`",
                chosen.option
            );
            let diagnostic =
                Diagnostic::error("undecidable-duplicate", message, place(references[1]))
                    .about(&line.secret.name);
            self.report(
                diagnostic
                    .with(place(references[0]), "and here")
                    .help("leave one of the entries"),
            );
            return;
        }
        match line.destination(&self.inventory.request) {
            Destination::AsWritten if existing.is_some() || !references.is_empty() => {
                if let Some(place) = option_place {
                    self.bind(line, chosen.container, Outcome::ByValue, place);
                }
                for pair in references {
                    self.bind(
                        line,
                        chosen.container,
                        Outcome::AlreadyByReference,
                        place(pair),
                    );
                }
            }
            Destination::Secrets => self.refer_option(chosen, &references, movement),
            Destination::Environment | Destination::AsWritten => {
                self.give_option_value(chosen, references, movement);
            }
        }
    }

    /// Decides about an option that is to be a reference.
    ///
    /// An existing value moves, if the store's value may replace it. An existing reference is
    /// compared with the line, and replaced if it names another parameter. If there is neither, a
    /// reference is added.
    fn refer_option(
        &mut self,
        chosen: Chosen<'_>,
        references: &[usize],
        movement: &mut OptionMovement,
    ) {
        let Chosen {
            line,
            container,
            log,
            ..
        } = chosen;
        let document = &self.inventory.documents[container.document];
        let existing = log.option(chosen.option);
        if existing.is_some_and(|entry| !self.may_replace(line, container.document, entry.value)) {
            return;
        }
        self.need_parameter(line);
        let content = Content {
            secret: chosen.option.to_owned(),
            ..line.reference(Layout::LogOptions)
        };
        for pair_index in references {
            let pair = &log.secrets.pairs[*pair_index];
            let place = document.place(pair.mapping);
            let outcome = match pair
                .value
                .map(|value| compare(self.inventory, line, container.document, value.value))
            {
                Some(Comparison::Same) if existing.is_none() => Outcome::AlreadyByReference,
                Some(Comparison::Same) => Outcome::Deduplicated,
                Some(Comparison::Unknown(what)) => {
                    self.note_unknown_reference(line, &what, place);
                    Outcome::Skipped {
                        reason: format!("depends on {what}"),
                    }
                }
                Some(Comparison::Different) | None => {
                    movement.retargeted.insert(*pair_index, content.clone());
                    self.decisions.removals.note_reference(
                        container.document,
                        pair.value.map(|value| value.value.id()),
                    );
                    Outcome::Replaced
                }
            };
            self.bind(line, container, outcome, place);
        }
        if let Some(entry) = existing {
            movement.removed_options.insert(entry.key.id());
            self.note_removed_value(line, container.document, entry.value);
        }
        if references.is_empty() {
            let outcome = if existing.is_some() {
                Outcome::Moved
            } else {
                Outcome::Added
            };
            self.bind(line, container, outcome, self.option_place(chosen));
            movement.added_secrets.push(content);
        }
    }

    /// Returns the place of the option, or of the log configuration where the option does not exist
    /// yet: messages and the binding point there.
    fn option_place(&self, chosen: Chosen<'_>) -> Location {
        let document = &self.inventory.documents[chosen.container.document];
        document.place(
            chosen
                .log
                .option(chosen.option)
                .map_or(chosen.log.node, |entry| entry.key),
        )
    }

    /// Decides about an option that is to be a value.
    ///
    /// An option that has a value keeps it, and references to the same secret are removed. A
    /// reference whose target is known only in a deploy is left alone. Otherwise the value comes
    /// from the store, in a later phase.
    fn give_option_value(
        &mut self,
        chosen: Chosen<'_>,
        references: Vec<usize>,
        movement: &mut OptionMovement,
    ) {
        let Chosen {
            line,
            container,
            log,
            option,
            at,
        } = chosen;
        let document = &self.inventory.documents[container.document];
        if log.option(option).is_some() {
            let outcome = if references.is_empty() {
                Outcome::ByValue
            } else {
                Outcome::Deduplicated
            };
            self.bind(line, container, outcome, self.option_place(chosen));
            movement.removed_secrets.extend(references);
            return;
        }
        let place = references
            .first()
            .map(|pair| document.place(log.secrets.pairs[*pair].mapping));
        let place = place.unwrap_or_else(|| self.option_place(chosen));
        let unknown = references.iter().find_map(|pair| {
            let value = log.secrets.pairs[*pair].value?;
            match compare(self.inventory, line, container.document, value.value) {
                Comparison::Unknown(what) => Some(what),
                Comparison::Same | Comparison::Different => None,
            }
        });
        if let Some(what) = unknown {
            self.note_unknown_reference(line, &what, place);
            self.bind(
                line,
                container,
                Outcome::Skipped {
                    reason: format!("depends on {what}"),
                },
                place,
            );
            return;
        }
        let outcome = if references.is_empty() {
            Outcome::Embedded
        } else {
            Outcome::Resolved
        };
        let (index, log) = at;
        self.want_value(
            line,
            index,
            (outcome, place),
            ValueEntry::Option {
                log,
                option: option.to_owned(),
                references,
            },
        );
    }
}
