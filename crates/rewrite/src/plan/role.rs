//! The roles that read the secrets of containers.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::literal;
use byref_config::Grant;
use byref_template::{Diagnostic, NodeId, NodeRef, Severity};

use super::Planner;
use crate::container::Container;

impl Planner<'_> {
    /// The containers that read something by reference, with the indices of their bindings.
    pub(super) fn readers(&self) -> Vec<(usize, Vec<usize>)> {
        let mut read: BTreeMap<(usize, NodeId), Vec<usize>> = BTreeMap::new();
        for (index, binding) in self.plan.bindings.iter().enumerate().filter(|(_, binding)| binding.is_by_reference()) {
            read.entry((binding.document, binding.node)).or_default().push(index);
        }
        let containers = self.survey.containers.iter().enumerate();
        containers
            .filter_map(|(index, container)| {
                Some((index, read.get(&(container.document, container.node.id()))?.clone()))
            })
            .collect()
    }

    /// Containers with secrets need a role that reads them: ECS refuses the task definition otherwise.
    pub(super) fn check_roles(&mut self) {
        let severity = match self.request.grant {
            Grant::Auto => Severity::Error,
            Grant::Never => Severity::Warning,
        };
        if self.creates_roles() {
            return;
        }
        let survey = self.survey;
        for (container, bindings) in self.readers() {
            let container = &survey.containers[container];
            let missing = container.roles.iter().filter(|role| role.is_none()).count();
            if missing == 0 {
                continue;
            }
            let in_one_branch = if missing == container.roles.len() { "" } else { " in one branch" };
            let place = self.documents[container.document].place(container.role_place);
            let line = self.plan.bindings[bindings[0]].line;
            self.say(
                Diagnostic::new(severity, "no-execution-role", no_role(container, in_one_branch), place)
                    .with(line, "a secret is asked for here")
                    .help(format!("add a role that trusts `{}` and may call `ssm:GetParameters` on the parameters, or let `--create-execution-role` add one; `--grant never` turns this into a warning", container.resource_type.principal())),
            );
        }
    }

    /// Source: ECS developer guide, "Amazon ECS task execution IAM role", for container instances.
    pub(super) fn warn_of_instances(&mut self) {
        let survey = self.survey;
        let written = self.plan.bindings.iter().filter(|binding| binding.writes_reference());
        let written: BTreeSet<(usize, String)> =
            written.map(|binding| (binding.document, binding.task_definition.clone())).collect();
        let mut launched = BTreeMap::new();
        for (index, declarations) in survey.declarations.iter().enumerate() {
            for resource in declarations.resources.values() {
                if let Some((task_definition, kind)) = launched_on_instances(*resource) {
                    launched.entry((index, task_definition)).or_insert(kind);
                }
            }
        }
        for task_definition in &survey.task_definitions {
            let index = task_definition.document;
            let own = (index, task_definition.logical_id.clone());
            let of_service = launched.get(&own).copied();
            let is_written = written.contains(&own);
            let Some(node) = task_definition.on_instances.or(of_service).filter(|_| is_written) else { continue };
            let message =
                "on container instances, the ECS agent must be set up to read secrets with the execution role";
            let place = self.documents[index].place(node);
            self.say(Diagnostic::warning("container-instances", message, place).help(
                "agent 1.22.0 or newer, with `ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true` in its configuration",
            ));
        }
    }
}

/// The task definition of a service that runs on container instances, and what says so.
fn launched_on_instances(resource: NodeRef<'_>) -> Option<(String, NodeRef<'_>)> {
    let properties = resource.get("Properties")?;
    let kind = properties.get("LaunchType")?;
    let (task_definition, _) = properties.get("TaskDefinition")?.intrinsic()?.target()?;
    matches!(literal(kind).as_deref(), Some("EC2" | "EXTERNAL")).then_some((task_definition, kind))
}

fn no_role(container: &Container<'_>, in_one_branch: &str) -> String {
    let key = container.resource_type.role_key();
    let service = container.resource_type.service();
    format!(
        "`{}` has no `{key}`{in_one_branch}: without it {service} can't read its secrets",
        container.task_definition
    )
}
