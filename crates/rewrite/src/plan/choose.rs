//! Which containers get a secret.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::ContainerSelector;
use byref_template::Diagnostic;

use super::inventory::Inventory;
use super::line::Line;
use super::one_value::SeenValue;
use crate::container::{Container, ContainerName};
use crate::facts::Facts;
use crate::place::Layout;
use crate::request::DocumentRole;

/// The containers that get the secret of one line, by index in the inventory.
#[derive(Clone, Default)]
pub(super) struct Choice {
    pub(super) containers: Vec<usize>,
    pub(super) naming: Naming,
}

/// The reason for which a container was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Naming {
    /// The configuration names it.
    Configured,
    /// It has the name already, or it is the only one.
    #[default]
    Inferred,
}

/// Chooses the containers of every line, in the order of the lines: those that the line names; else those that have its
/// name; else the application's; else the only one, where it is certain that there is no other. A line without a container
/// gets an empty choice, with an error.
pub(super) fn choose(inventory: &Inventory<'_>, lines: &[Line<'_>]) -> (Vec<Choice>, Vec<Diagnostic>) {
    let mut chooser = Chooser {
        inventory,
        seen_values: BTreeMap::new(),
        uncertain_containers: BTreeSet::new(),
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

/// Chooses containers, and remembers what concerns several lines.
pub(super) struct Chooser<'p> {
    pub(super) inventory: &'p Inventory<'p>,
    /// The values of the lines so far, by the parameter that they refer to.
    pub(super) seen_values: BTreeMap<String, SeenValue>,
    /// Containers whose uncertain name is reported already.
    uncertain_containers: BTreeSet<usize>,
    messages: Vec<Diagnostic>,
}

impl Chooser<'_> {
    fn choose(&mut self, line: &Line<'_>) -> Choice {
        let named = &line.secret.containers;
        let choice = if named.is_empty() { self.unnamed(line) } else { self.select(line, named) };
        if self.have_one_value(line, &choice.containers) { choice } else { Choice::default() }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.messages.push(diagnostic);
    }

    fn unnamed(&mut self, line: &Line<'_>) -> Choice {
        let holders = self.holders(line);
        if !holders.is_empty() {
            return Choice { containers: holders, naming: Naming::Inferred };
        }
        let default = &self.inventory.request.app.containers;
        if !default.is_empty() {
            return self.select(line, default);
        }
        if let Some(only) = self.only_container(line).filter(|_| !self.has_unseen_containers()) {
            return Choice { containers: vec![only], naming: Naming::Inferred };
        }
        self.refuse_without_container(line);
        Choice::default()
    }

    /// The only container of the templates, for a log option the only one that has a log configuration; builds count
    /// only where nothing else is.
    fn only_container(&self, line: &Line<'_>) -> Option<usize> {
        let is_build = |index: &usize| self.inventory.containers[*index].layout() == Layout::TypedVariables;
        let logs = |index: &usize| {
            let container = &self.inventory.containers[*index];
            !container.logs.is_empty() || !container.unseen_logs.is_empty()
        };
        let all = 0..self.inventory.containers.len();
        let logging: Vec<usize> = all.clone().filter(logs).collect();
        if line.secret.log_option.is_some() && !logging.is_empty() {
            return (logging.len() == 1).then(|| logging[0]);
        }
        let mut running: Vec<usize> = all.clone().filter(|index| !is_build(index)).collect();
        if running.is_empty() {
            running = all.collect();
        }
        (running.len() == 1).then(|| running[0])
    }

    /// The containers that have the name in one of their lists.
    fn holders(&self, line: &Line<'_>) -> Vec<usize> {
        let Some(option) = &line.secret.log_option else {
            return self.inventory.holders.get(&line.secret.name).cloned().unwrap_or_default();
        };
        let containers = self.inventory.containers.iter().enumerate();
        let holds = |container: &Container<'_>| container.logs.iter().any(|log| log.has(option));
        containers.filter(|(_, container)| holds(container)).map(|(index, _)| index).collect()
    }

    fn select(&mut self, line: &Line<'_>, selectors: &[ContainerSelector]) -> Choice {
        let mut found = BTreeSet::new();
        for selector in selectors {
            let matching =
                self.inventory.containers.iter().enumerate().filter(|(_, container)| matches(container, selector));
            let matching: Vec<usize> = matching.map(|(index, _)| index).collect();
            if matching.is_empty() {
                let diagnostic = Diagnostic::error(
                    "no-container",
                    format!("no container `{selector}` for `{}` in {}", line.secret.name, self.templates()),
                    line.secret.name_location,
                )
                .about(&line.secret.name)
                .help(format!("the containers are: {}", self.container_list()));
                self.report_with_unseen(diagnostic);
            }
            self.warn_of_uncertain_containers(line, selector);
            found.extend(matching);
        }
        Choice { containers: found.into_iter().collect(), naming: Naming::Configured }
    }

    /// Containers that are named by a computation may be the one that a line means.
    fn warn_of_uncertain_containers(&mut self, line: &Line<'_>, selector: &ContainerSelector) {
        let ContainerSelector::Name(wanted) = selector else { return };
        let inventory = self.inventory;
        for (index, container) in inventory.containers.iter().enumerate() {
            let name = container.node.get("Name").filter(|_| container.name == ContainerName::Unknown);
            let Some(name) = name else { continue };
            let texts = Facts::of(container.node.template()).texts(name);
            let is_possible = texts.is_none_or(|texts| texts.contains(wanted));
            if is_possible && inventory.writes_container(index) && self.uncertain_containers.insert(index) {
                let message = format!("this container may be `{wanted}` as well: its name is computed");
                let place = self.inventory.documents[container.document].place(container.node);
                self.report(
                    Diagnostic::warning("possible-clash", message, place)
                        .with(line.secret.name_location, "a secret goes to the container of that name")
                        .help(format!("write its name out, or name it `{}` in `containers`", container.label())),
                );
            }
        }
    }

    /// Whether there may be containers that are not among those of the survey.
    fn has_unseen_containers(&self) -> bool {
        !self.inventory.unseen_places.is_empty()
            || (!self.inventory.has_all_task_definitions() && self.unreadable().next().is_some())
    }

    /// The paths of the application's templates that could not be read.
    fn unreadable(&self) -> impl Iterator<Item = &str> {
        let unreadable = self.inventory.documents.iter().filter(|document| document.role == DocumentRole::Unreadable);
        unreadable.map(|document| document.path.as_str())
    }

    /// Adds what could not be looked at, and reports.
    fn report_with_unseen(&mut self, mut diagnostic: Diagnostic) {
        for (place, label) in &self.inventory.unseen_places {
            diagnostic = diagnostic.with(*place, *label);
        }
        let unreadable = self.unreadable().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        if !unreadable.is_empty() {
            let help = diagnostic.help.take().unwrap_or_default();
            diagnostic = diagnostic.help(format!("{help}; byref could not read {unreadable}"));
        }
        self.report(diagnostic);
    }

    /// The templates in view, as a message calls them.
    fn templates(&self) -> &'static str {
        if self.inventory.documents.len() == 1 { "the template" } else { "the application's templates" }
    }

    fn container_list(&self) -> String {
        if self.inventory.containers.is_empty() {
            return "none".to_owned();
        }
        let label = |container: &Container<'_>| match &container.name {
            ContainerName::Literal(name) => format!("`{name}` of `{}`", container.task_definition),
            ContainerName::Unknown => format!("`{}`", container.label()),
        };
        let labels: BTreeSet<String> = self.inventory.containers.iter().map(label).collect();
        labels.into_iter().collect::<Vec<_>>().join(", ")
    }

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
            _ => format!("no container has `{name}` yet, and there are several: which one gets it?"),
        };
        let diagnostic =
            Diagnostic::error("no-container", message, line.secret.name_location).about(name).help(format!(
                "write `containers = [\"…\"]` at the line or at the application; the containers are: {}",
                self.container_list()
            ));
        self.report_with_unseen(diagnostic);
    }
}

fn matches(container: &Container<'_>, selector: &ContainerSelector) -> bool {
    match selector {
        ContainerSelector::Name(name) => container.name == ContainerName::Literal(name.clone()),
        ContainerSelector::Index { task_definition, index } => {
            container.task_definition == *task_definition && container.index == *index
        }
    }
}

/// Whether a container has a name in one of its lists.
pub(super) fn has_entry(container: &Container<'_>, name: &str) -> bool {
    [&container.environment, &container.secrets].iter().any(|list| !list.named(name).is_empty())
}
