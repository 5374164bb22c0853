//! The containers that get each secret.
//!
//! A line of the configuration may name its containers. Most lines do not: then the templates
//! decide, in a fixed order that is documented at [`choose`]. A wrong container would give a secret
//! to code that must not have it, so byref refuses instead of guessing: where a template may hold
//! containers that it can't see, "the only container" is not certain.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Facts, Layout};
use byref_config::ContainerSelector;
use byref_template::{Diagnostic, NodeRef};

use super::inventory::Inventory;
use super::line::Line;
use super::one_value::SeenValue;
use crate::container::{Container, ContainerName};
use crate::request::DocumentRole;

/// The number of containers that a message names.
const CONTAINERS_NAMED: usize = 20;

/// The containers that get the secret of one line, by index in the inventory.
#[derive(Clone, Default)]
pub(super) struct Choice {
    pub(super) containers: Vec<usize>,
    /// The reason; all containers of a choice share it.
    pub(super) naming: Naming,
}

/// The reason for which a container was chosen. It matters where a list can't be seen through: a
/// container that the configuration names must get the secret, or the run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Naming {
    /// The configuration names it.
    Configured,
    /// It has the name already, or it is the only one.
    #[default]
    Inferred,
}

/// Chooses the containers of every line. The result has one choice for each line, in their order.
///
/// The first of these that exists decides:
///
/// - the containers that the line names,
/// - the containers that have an entry, or may have an entry, of the line's name,
/// - the containers that the application names,
/// - the only container of the templates, if it is certain that there is no other.
///
/// A line without a container gets an empty choice, with an error. So does a line whose containers
/// have different values today: one parameter can't replace both.
pub(super) fn choose(
    inventory: &Inventory<'_>,
    lines: &[Line<'_>],
) -> (Vec<Choice>, Vec<Diagnostic>) {
    let mut chooser = Chooser {
        inventory,
        index: ContainerIndex::of(&inventory.containers),
        seen_values: BTreeMap::new(),
        messages: Vec::new(),
    };
    let mut choices = vec![Choice::default(); lines.len()];
    // A message about two lines points at the later one: log options come after the variables.
    let is_option = |index: &usize| lines[*index].secret.log_option.is_some();
    let (options, variables): (Vec<usize>, Vec<usize>) = (0..lines.len()).partition(is_option);
    for index in variables.into_iter().chain(options) {
        choices[index] = chooser.choose(&lines[index]);
    }
    (choices, chooser.messages)
}

/// The containers by everything that a line can choose them by. The cost of a line thus does not
/// grow with the number of containers.
struct ContainerIndex<'p> {
    /// By the name of the container.
    by_name: BTreeMap<&'p str, Vec<usize>>,
    /// By the logical id of the task definition and the place in it.
    by_place: BTreeMap<&'p str, BTreeMap<usize, Vec<usize>>>,
    /// The containers with a computed name that are not reported yet, each with the node of the
    /// name.
    uncertain: Vec<(usize, NodeRef<'p>)>,
    /// The only container of the templates, if there is only one. Builds count only where nothing
    /// else runs.
    only: Option<usize>,
    /// The containers that have a log configuration.
    logging: Vec<usize>,
    /// The containers as messages list them.
    listed: String,
}

impl<'p> ContainerIndex<'p> {
    /// Reads the names and the places of all containers once.
    fn of(containers: &'p [Container<'p>]) -> Self {
        let mut index = Self {
            by_name: BTreeMap::new(),
            by_place: BTreeMap::new(),
            uncertain: Vec::new(),
            only: only_running(containers),
            logging: Vec::new(),
            listed: listed(containers),
        };
        for (position, container) in containers.iter().enumerate() {
            match &container.name {
                ContainerName::Literal(name) => {
                    index.by_name.entry(name).or_default().push(position);
                }
                ContainerName::Unknown => {
                    index
                        .uncertain
                        .extend(container.node.get("Name").map(|name| (position, name)));
                }
            }
            let places = index
                .by_place
                .entry(&container.task_definition)
                .or_default();
            places.entry(container.index).or_default().push(position);
            if !container.logs.is_empty() || !container.unseen_logs.is_empty() {
                index.logging.push(position);
            }
        }
        index
    }

    /// Returns the containers that a selector of the configuration means.
    fn selected(&self, selector: &ContainerSelector) -> &[usize] {
        let found = match selector {
            ContainerSelector::Name(name) => self.by_name.get(name.as_str()),
            ContainerSelector::Index {
                task_definition,
                index,
            } => self
                .by_place
                .get(task_definition.as_str())
                .and_then(|places| places.get(index)),
        };
        found.map_or(&[], Vec::as_slice)
    }
}

/// Lists containers for a message, each once and in alphabetical order. Each line without a
/// container repeats the list, so it names at most [`CONTAINERS_NAMED`] of them.
fn listed(containers: &[Container<'_>]) -> String {
    let label = |container: &Container<'_>| match &container.name {
        ContainerName::Literal(name) => format!("`{name}` of `{}`", container.task_definition),
        ContainerName::Unknown => format!("`{}`", container.label()),
    };
    let labels: BTreeSet<String> = containers.iter().map(label).collect();
    let others = labels.len().saturating_sub(CONTAINERS_NAMED);
    let named: Vec<String> = labels.into_iter().take(CONTAINERS_NAMED).collect();
    match (named.is_empty(), others) {
        (true, _) => "none".to_owned(),
        (false, 0) => named.join(", "),
        (false, others) => format!("{}, and {others} more", named.join(", ")),
    }
}

/// Returns the only container of the templates, if there is only one; builds count only where
/// nothing else runs.
fn only_running(containers: &[Container<'_>]) -> Option<usize> {
    let is_build = |container: &Container<'_>| container.layout() == Layout::TypedVariables;
    let only = |mut found: Box<dyn Iterator<Item = usize> + '_>| {
        found.next().filter(|_| found.next().is_none())
    };
    if containers.iter().all(is_build) {
        return only(Box::new(0..containers.len()));
    }
    let running = containers
        .iter()
        .enumerate()
        .filter(|(_, container)| !is_build(container));
    only(Box::new(running.map(|(index, _)| index)))
}

/// The state of the phase: the values and containers that concern several lines.
pub(super) struct Chooser<'p> {
    pub(super) inventory: &'p Inventory<'p>,
    index: ContainerIndex<'p>,
    /// The values of the lines so far, by the parameter that they refer to.
    pub(super) seen_values: BTreeMap<String, SeenValue>,
    messages: Vec<Diagnostic>,
}

impl Chooser<'_> {
    fn choose(&mut self, line: &Line<'_>) -> Choice {
        let named = &line.secret.containers;
        let choice = if named.is_empty() {
            self.unnamed(line)
        } else {
            self.select(line, named)
        };
        if self.have_one_value(line, &choice.containers) {
            choice
        } else {
            Choice::default()
        }
    }

    /// Adds a message.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.messages.push(diagnostic);
    }

    /// Chooses the containers of a line that names none.
    fn unnamed(&mut self, line: &Line<'_>) -> Choice {
        let holders = self.holders(line);
        if !holders.is_empty() {
            return Choice {
                containers: holders,
                naming: Naming::Inferred,
            };
        }
        let default = &self.inventory.request.app.containers;
        if !default.is_empty() {
            return self.select(line, default);
        }
        if let Some(only) = self
            .only_container(line)
            .filter(|_| !self.has_unseen_containers())
        {
            return Choice {
                containers: vec![only],
                naming: Naming::Inferred,
            };
        }
        self.refuse_without_container(line);
        Choice::default()
    }

    /// Returns the only container of the templates; for a log option, the only one that has a log
    /// configuration.
    fn only_container(&self, line: &Line<'_>) -> Option<usize> {
        match self.index.logging.as_slice() {
            [] => self.index.only,
            _ if line.secret.log_option.is_none() => self.index.only,
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Returns the containers that have the line's name in one of their lists; for a log option,
    /// those whose log configuration has the option.
    fn holders(&self, line: &Line<'_>) -> Vec<usize> {
        let Some(option) = &line.secret.log_option else {
            return self
                .inventory
                .holders
                .get(&line.secret.name)
                .cloned()
                .unwrap_or_default();
        };
        let holds = |index: &usize| {
            self.inventory.containers[*index]
                .logs
                .iter()
                .any(|log| log.has(option))
        };
        self.index.logging.iter().copied().filter(holds).collect()
    }

    /// Returns the containers that selectors of the configuration mean. A selector that means none
    /// is an error.
    fn select(&mut self, line: &Line<'_>, selectors: &[ContainerSelector]) -> Choice {
        let mut found = BTreeSet::new();
        for selector in selectors {
            let selected = self.index.selected(selector);
            found.extend(selected);
            if selected.is_empty() {
                let message = format!(
                    "no container `{selector}` for `{}` in {}",
                    line.secret.name,
                    self.templates()
                );
                let diagnostic =
                    Diagnostic::error("no-container", message, line.secret.name_location)
                        .about(&line.secret.name)
                        .help(format!("the containers are: {}", self.index.listed));
                self.report_with_unseen(diagnostic);
            }
            self.warn_of_uncertain_containers(line, selector);
        }
        Choice {
            containers: found.into_iter().collect(),
            naming: Naming::Configured,
        }
    }

    /// Warns, once for each container, that a container with a computed name may be the one that a
    /// line means.
    fn warn_of_uncertain_containers(&mut self, line: &Line<'_>, selector: &ContainerSelector) {
        let ContainerSelector::Name(wanted) = selector else {
            return;
        };
        let inventory = self.inventory;
        let is_possible = |index: usize, name: NodeRef<'_>| {
            let texts = Facts::of(inventory.containers[index].node.template()).texts(name);
            inventory.writes_container(index) && texts.is_none_or(|texts| texts.contains(wanted))
        };
        let uncertain = std::mem::take(&mut self.index.uncertain);
        let (possible, others): (Vec<_>, Vec<_>) = uncertain
            .into_iter()
            .partition(|(index, name)| is_possible(*index, *name));
        self.index.uncertain = others;
        for (index, _) in possible {
            let container = &inventory.containers[index];
            let message = format!("this container may be `{wanted}` as well: its name is computed");
            self.report(
                Diagnostic::warning("possible-clash", message, inventory.place(container))
                    .with(
                        line.secret.name_location,
                        "a secret goes to the container of that name",
                    )
                    .help(format!(
                        "write its name out, or name it `{}` in `containers`",
                        container.label()
                    )),
            );
        }
    }

    /// Returns whether there may be containers that are not in the inventory: behind a function, in
    /// a template of another stack, or in a template that could not be read. An application that
    /// lists its task definitions needs no others.
    fn has_unseen_containers(&self) -> bool {
        !self.inventory.unseen_places.is_empty()
            || (!self.inventory.has_all_task_definitions() && self.unreadable().next().is_some())
    }

    /// Returns the paths of the application's templates that could not be read.
    fn unreadable(&self) -> impl Iterator<Item = &str> {
        let unreadable = self
            .inventory
            .documents
            .iter()
            .filter(|document| document.role == DocumentRole::Unreadable);
        unreadable.map(|document| document.path.as_str())
    }

    /// Adds a message with labels for the places that may hold further containers, and with the
    /// templates that could not be read.
    fn report_with_unseen(&mut self, mut diagnostic: Diagnostic) {
        for (place, label) in &self.inventory.unseen_places {
            diagnostic = diagnostic.with(*place, *label);
        }
        let unreadable = self
            .unreadable()
            .map(|path| format!("`{path}`"))
            .collect::<Vec<_>>()
            .join(", ");
        if !unreadable.is_empty() {
            let help = diagnostic.help.take().unwrap_or_default();
            diagnostic = diagnostic.help(format!("{help}; byref could not read {unreadable}"));
        }
        self.report(diagnostic);
    }

    /// Returns the templates in view, as a message calls them.
    fn templates(&self) -> &'static str {
        if self.inventory.documents.len() == 1 {
            "the template"
        } else {
            "the application's templates"
        }
    }

    /// Reports that a line has no container: there is none, there may be others, or there are
    /// several.
    fn refuse_without_container(&mut self, line: &Line<'_>) {
        let name = &line.secret.name;
        let message = match self.inventory.containers.len() {
            0 => format!(
                "there is no container for `{name}`: {} no task definition whose containers can be seen",
                if self.inventory.documents.len() == 1 {
                    "the template has"
                } else {
                    "the application's templates have"
                }
            ),
            1 => format!(
                "no container has `{name}` yet, and there may be others than the one that is in view: which one gets it?"
            ),
            _ => {
                format!("no container has `{name}` yet, and there are several: which one gets it?")
            }
        };
        let diagnostic =
            Diagnostic::error("no-container", message, line.secret.name_location).about(name).help(format!(
                "write `containers = [\"…\"]` at the line or at the application; the containers are: {}",
                self.index.listed
            ));
        self.report_with_unseen(diagnostic);
    }
}

/// Returns whether a container has an entry of this literal name, by value or by reference.
pub(super) fn has_entry(container: &Container<'_>, name: &str) -> bool {
    [&container.environment, &container.secrets]
        .iter()
        .any(|list| !list.named(name).is_empty())
}
