//! Which containers get a secret.

use std::collections::BTreeSet;

use byref_cloudformation::{Facts, Layout};
use byref_config::ContainerSelector;
use byref_template::Diagnostic;

use super::{Line, Planner};
use crate::container::{Container, ContainerName};
use crate::nested::unseen_stacks;
use crate::request::DocumentRole;

/// A container that gets a secret, and whether the configuration names it.
pub(super) struct Chosen {
    /// Index among the containers of the survey.
    pub(super) container: usize,
    pub(super) is_named: bool,
}

impl Planner<'_> {
    /// The containers that get a secret: those the line names; else those that have the name; else the
    /// application's; else the only one, where it is certain that there is no other. Says why where there is none.
    pub(super) fn choose_containers(&mut self, line: &Line<'_>) -> Vec<Chosen> {
        let named = &line.secret.containers;
        let found = if named.is_empty() { self.unnamed(line) } else { self.select(line, named) };
        let containers: Vec<usize> = found.iter().map(|chosen| chosen.container).collect();
        if self.have_one_value(line, &containers) { found } else { Vec::new() }
    }

    fn unnamed(&mut self, line: &Line<'_>) -> Vec<Chosen> {
        let holders = self.holders(line);
        if !holders.is_empty() {
            return chosen(holders, false);
        }
        let default = &self.request.app.containers;
        if !default.is_empty() {
            return self.select(line, default);
        }
        if let Some(only) = self.only_container(line).filter(|_| !self.has_unseen_containers()) {
            return chosen(vec![only], false);
        }
        self.say_no_container(line);
        Vec::new()
    }

    /// The only container of the templates, for a log option the only one that has a log configuration; builds count
    /// only where nothing else is.
    fn only_container(&self, line: &Line<'_>) -> Option<usize> {
        let is_build = |index: &usize| self.survey.containers[*index].layout() == Layout::TypedVariables;
        let logs = |index: &usize| {
            let container = &self.survey.containers[*index];
            !container.logs.is_empty() || !container.unseen_logs.is_empty()
        };
        let all = 0..self.survey.containers.len();
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
            return self.survey.holders.get(&line.secret.name).cloned().unwrap_or_default();
        };
        let containers = self.survey.containers.iter().enumerate();
        let holds = |container: &Container<'_>| container.logs.iter().any(|log| log.has(option));
        containers.filter(|(_, container)| holds(container)).map(|(index, _)| index).collect()
    }

    fn select(&mut self, line: &Line<'_>, selectors: &[ContainerSelector]) -> Vec<Chosen> {
        let mut found = BTreeSet::new();
        for selector in selectors {
            let matching =
                self.survey.containers.iter().enumerate().filter(|(_, container)| matches(container, selector));
            let matching: Vec<usize> = matching.map(|(index, _)| index).collect();
            if matching.is_empty() {
                let diagnostic = Diagnostic::error(
                    "no-container",
                    format!("no container `{selector}` for `{}` in {}", line.secret.name, self.templates()),
                    line.secret.name_location,
                )
                .help(format!("the containers are: {}", self.container_list()));
                self.say_with_unseen(diagnostic);
            }
            self.warn_of_uncertain_containers(line, selector);
            found.extend(matching);
        }
        chosen(found.into_iter().collect(), true)
    }

    /// Containers that are named by a computation may be the one that a line means.
    fn warn_of_uncertain_containers(&mut self, line: &Line<'_>, selector: &ContainerSelector) {
        let ContainerSelector::Name(wanted) = selector else { return };
        let survey = self.survey;
        for (index, container) in survey.containers.iter().enumerate() {
            let name = container.node.get("Name").filter(|_| container.name == ContainerName::Unknown);
            let Some(name) = name else { continue };
            let texts = Facts::of(container.node.template()).texts(name);
            let is_possible = texts.is_none_or(|texts| texts.contains(wanted));
            if is_possible && self.writes_container(index) && self.uncertain_containers.insert(index) {
                let message = format!("this container may be `{wanted}` as well: its name is computed");
                let place = self.documents[container.document].place(container.node);
                self.say(
                    Diagnostic::warning("possible-clash", message, place)
                        .with(line.secret.name_location, "a secret goes to the container of that name")
                        .help(format!("write its name out, or name it `{}` in `containers`", container.label())),
                );
            }
        }
    }

    /// Whether there may be containers that are not among those of the survey.
    fn has_unseen_containers(&self) -> bool {
        !self.unseen_places().is_empty() || (!self.has_all_task_definitions() && self.unreadable().next().is_some())
    }

    /// Whether the application names its task definitions, and all of them are there.
    fn has_all_task_definitions(&self) -> bool {
        let only = &self.request.app.task_definitions;
        let is_there = |id: &String| self.survey.task_definitions.iter().any(|found| found.logical_id == *id);
        !only.is_empty() && only.iter().all(is_there)
    }

    /// The paths of the application's templates that could not be read.
    fn unreadable(&self) -> impl Iterator<Item = &str> {
        let unreadable = self.documents.iter().filter(|document| document.role == DocumentRole::Unreadable);
        unreadable.map(|document| document.path.as_str())
    }

    fn unseen_places(&self) -> Vec<(byref_template::Location, &'static str)> {
        let loops =
            self.survey.loops.iter().enumerate().flat_map(|(index, keys)| keys.iter().map(move |key| (index, *key)));
        let opaque = self
            .survey
            .task_definitions
            .iter()
            .flat_map(|found| found.opaque.iter().map(move |node| (found.document, *node)));
        let hidden = loops
            .chain(opaque)
            .map(|(index, node)| (self.documents[index].place(node), "containers here can't be seen through"));
        let stacks = self.documents.iter().filter(|_| !self.has_all_task_definitions()).flat_map(|document| {
            let keys = unseen_stacks(self.documents, document);
            keys.into_iter().map(|key| (document.place(key), "this may bring containers that are not in view"))
        });
        hidden.chain(stacks).collect()
    }

    /// Adds what could not be looked at, and reports.
    fn say_with_unseen(&mut self, mut diagnostic: Diagnostic) {
        for (place, label) in self.unseen_places() {
            diagnostic = diagnostic.with(place, label);
        }
        let unreadable = self.unreadable().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        if !unreadable.is_empty() {
            let help = diagnostic.help.take().unwrap_or_default();
            diagnostic = diagnostic.help(format!("{help}; byref could not read {unreadable}"));
        }
        self.say(diagnostic);
    }

    /// The templates in view, as a message calls them.
    fn templates(&self) -> &'static str {
        if self.documents.len() == 1 { "the template" } else { "the application's templates" }
    }

    fn container_list(&self) -> String {
        if self.survey.containers.is_empty() {
            return "none".to_owned();
        }
        let label = |container: &Container<'_>| match &container.name {
            ContainerName::Literal(name) => format!("`{name}` of `{}`", container.task_definition),
            ContainerName::Unknown => format!("`{}`", container.label()),
        };
        let labels: BTreeSet<String> = self.survey.containers.iter().map(label).collect();
        labels.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn say_no_container(&mut self, line: &Line<'_>) {
        let name = &line.secret.name;
        let message = match self.survey.containers.len() {
            0 => format!(
                "there is no container for `{name}`: {} no task definition whose containers can be seen",
                if self.documents.len() == 1 { "the template has" } else { "the application's templates have" }
            ),
            1 => format!(
                "no container has `{name}` yet, and there may be others than the one that is in view: which one gets it?"
            ),
            _ => format!("no container has `{name}` yet, and there are several: which one gets it?"),
        };
        let diagnostic = Diagnostic::error("no-container", message, line.secret.name_location).help(format!(
            "write `containers = [\"…\"]` at the line or at the application; the containers are: {}",
            self.container_list()
        ));
        self.say_with_unseen(diagnostic);
    }
}

fn chosen(containers: Vec<usize>, is_named: bool) -> Vec<Chosen> {
    containers.into_iter().map(|container| Chosen { container, is_named }).collect()
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
