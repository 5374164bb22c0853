//! Which containers get a secret.

use std::collections::BTreeSet;

use byref_config::{ContainerSelector, Scheme};
use byref_template::{Diagnostic, NodeRef};

use super::{Line, Planner};
use crate::container::{Container, ContainerName, literal};
use crate::place::Layout;
use crate::value::canonical;

/// A container that gets a secret, and whether the configuration names it.
pub(super) struct Chosen {
    /// Index among the containers of the survey.
    pub(super) container: usize,
    pub(super) is_named: bool,
}

impl Planner<'_> {
    /// The containers that get a secret: those the line names; else those that have the name; else the
    /// application's; else the only one. Says why where there is none.
    pub(super) fn choose_containers(&mut self, line: &Line<'_>) -> Vec<Chosen> {
        let named = &line.secret.containers;
        if !named.is_empty() {
            return self.select(line, named);
        }
        let holders = self.holders(line);
        if !holders.is_empty() {
            return if self.have_one_value(line, &holders) { chosen(holders, false) } else { Vec::new() };
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

    /// One name with two values is two secrets; a reference counts as the same.
    fn have_one_value(&mut self, line: &Line<'_>, holders: &[usize]) -> bool {
        if self.request.scheme == Scheme::Value {
            return true;
        }
        let mut values: Vec<(Vec<NodeRef<'_>>, &Container<'_>)> = Vec::new();
        for index in holders {
            let container = &self.survey.containers[*index];
            let found: Vec<NodeRef<'_>> = if let Some(option) = &line.secret.log_option {
                let options = container.logs.iter().filter_map(|log| log.option(option));
                options.map(|entry| entry.value).collect()
            } else {
                let pairs = container.environment.named(&line.secret.name);
                let value = |pair: usize| container.environment.pairs[pair].value.map(|entry| entry.value);
                pairs.into_iter().filter_map(value).collect()
            };
            if !found.is_empty() {
                values.push((found, container));
            }
        }
        let texts = |nodes: &[NodeRef<'_>]| nodes.iter().copied().map(canonical).collect::<BTreeSet<String>>();
        if values.windows(2).all(|pair| texts(&pair[0].0) == texts(&pair[1].0)) {
            return true;
        }
        let name = &line.secret.name;
        let mut diagnostic = Diagnostic::error(
            "two-values",
            format!("`{name}` has different values in different containers: that is two secrets"),
            line.secret.name_location,
        )
        .labelled("one line asks for it here")
        .help("name the containers in each line (`containers = [\"…\"]`), and give the other value a key of its own");
        for (found, container) in &values {
            // The entry rather than its value: a mapping of a list, or the option's key.
            let entry = found.first().and_then(|value| value.parent()).filter(|_| line.secret.log_option.is_none());
            let place = entry.or(found.first().copied()).unwrap_or(container.node);
            let place = self.documents[container.document].place(place);
            diagnostic = diagnostic
                .with(place, format!("in container `{}` of `{}`", container.label(), container.task_definition));
        }
        self.say(diagnostic);
        false
    }

    fn select(&mut self, line: &Line<'_>, selectors: &[ContainerSelector]) -> Vec<Chosen> {
        let mut found = BTreeSet::new();
        for selector in selectors {
            let matching =
                self.survey.containers.iter().enumerate().filter(|(_, container)| matches(container, selector));
            let matching: Vec<usize> = matching.map(|(index, _)| index).collect();
            if matching.is_empty() {
                let mut diagnostic = Diagnostic::error(
                    "no-container",
                    format!("no container `{selector}` for `{}` in the template", line.secret.name),
                    line.secret.name_location,
                )
                .help(format!("the containers are: {}", self.container_list()));
                for place in self.unseen_places() {
                    diagnostic = diagnostic.with(place, "containers here can't be seen through");
                }
                self.say(diagnostic);
            }
            found.extend(matching);
        }
        chosen(found.into_iter().collect(), true)
    }

    fn has_unseen_containers(&self) -> bool {
        !self.unseen_places().is_empty()
    }

    fn unseen_places(&self) -> Vec<byref_template::Location> {
        let loops =
            self.survey.loops.iter().enumerate().flat_map(|(index, keys)| keys.iter().map(move |key| (index, *key)));
        let opaque = self
            .survey
            .task_definitions
            .iter()
            .flat_map(|found| found.opaque.iter().map(move |node| (found.document, *node)));
        loops.chain(opaque).map(|(document, node)| self.documents[document].place(node)).collect()
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
        let message = if self.survey.containers.is_empty() {
            format!(
                "there is no container for `{name}`: the template has no task definition whose containers can be seen"
            )
        } else {
            format!("no container has `{name}` yet, and there are several: which one gets it?")
        };
        let mut diagnostic = Diagnostic::error("no-container", message, line.secret.name_location).help(format!(
            "write `containers = [\"…\"]` at the line or at the application; the containers are: {}",
            self.container_list()
        ));
        for place in self.unseen_places() {
            diagnostic = diagnostic.with(place, "containers here can't be seen through");
        }
        self.say(diagnostic);
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

/// Whether an entry's or a container's name is written out.
pub(super) fn has_literal_name(container: &Container<'_>) -> bool {
    container.node.get("Name").is_none_or(|name| literal(name).is_some())
}
