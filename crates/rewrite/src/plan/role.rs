//! The roles with which containers read secrets: those that are missing, and hosts that must be set
//! up for them.
//!
//! Source: ECS developer guide, "Amazon ECS task execution IAM role". App Runner reads with the
//! instance role, and CodeBuild with the service role of the project.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::literal;
use byref_config::Grant;
use byref_template::{Diagnostic, NodeId, NodeRef, Severity};

use super::inventory::Inventory;
use crate::binding::Binding;
use crate::container::Container;

/// Returns the containers that read something by reference, with the indices of their bindings, in
/// the order of the inventory.
pub(super) fn readers(inventory: &Inventory<'_>, bindings: &[Binding]) -> Vec<(usize, Vec<usize>)> {
    let mut read: BTreeMap<(usize, NodeId), Vec<usize>> = BTreeMap::new();
    for (index, binding) in bindings
        .iter()
        .enumerate()
        .filter(|(_, binding)| binding.is_by_reference())
    {
        read.entry((binding.document, binding.node))
            .or_default()
            .push(index);
    }
    let containers = inventory.containers.iter().enumerate();
    containers
        .filter_map(|(index, container)| {
            Some((
                index,
                read.get(&(container.document, container.node.id()))?
                    .clone(),
            ))
        })
        .collect()
}

/// Reports containers with secrets that have no role to read them: ECS refuses such a task
/// definition when it is registered.
///
/// An error, or with `grant = "never"` a warning. A role that is missing in one branch of a
/// condition counts as missing. A run that creates missing roles reports nothing.
pub(super) fn missing_role_messages(
    inventory: &Inventory<'_>,
    bindings: &[Binding],
) -> Vec<Diagnostic> {
    let severity = match inventory.request.grant {
        Grant::Auto => Severity::Error,
        Grant::Never => Severity::Warning,
    };
    let mut found = Vec::new();
    if inventory.creates_roles() {
        return found;
    }
    for (container, own) in readers(inventory, bindings) {
        let container = &inventory.containers[container];
        let missing = container.roles.iter().filter(|role| role.is_none()).count();
        if missing == 0 {
            continue;
        }
        let in_one_branch = if missing == container.roles.len() {
            ""
        } else {
            " in one branch"
        };
        let place = inventory.documents[container.document].place(container.role_place);
        let line = bindings[own[0]].line;
        found.push(
            Diagnostic::new(severity, "no-execution-role", no_role(container, in_one_branch), place)
                .with(line, "a secret is asked for here")
                .help(format!("add a role that trusts `{}` and may call `ssm:GetParameters` on the parameters, or let `--create-execution-role` add one; `--grant never` turns this into a warning", container.resource_type.principal())),
        );
    }
    found
}

/// Warns of task definitions that run on container instances and get their first references: the
/// agent there must be new enough, and set up for the execution role.
///
/// Source: ECS developer guide, "Amazon ECS task execution IAM role", and "Amazon ECS container
/// agent configuration".
pub(super) fn instance_warnings(
    inventory: &Inventory<'_>,
    bindings: &[Binding],
) -> Vec<Diagnostic> {
    let written = bindings.iter().filter(|binding| binding.writes_reference());
    let written: BTreeSet<(usize, String)> = written
        .map(|binding| (binding.document, binding.task_definition.clone()))
        .collect();
    let mut launched = BTreeMap::new();
    for (index, declarations) in inventory.declarations.iter().enumerate() {
        for resource in declarations.resources.values() {
            if let Some((task_definition, kind)) = launched_on_instances(*resource) {
                launched.entry((index, task_definition)).or_insert(kind);
            }
        }
    }
    let mut found = Vec::new();
    for task_definition in &inventory.task_definitions {
        let index = task_definition.document;
        let own = (index, task_definition.logical_id.clone());
        let of_service = launched.get(&own).copied();
        let is_written = written.contains(&own);
        let Some(node) = task_definition
            .on_instances
            .or(of_service)
            .filter(|_| is_written)
        else {
            continue;
        };
        let message = "on container instances, the ECS agent must be set up to read secrets with the execution role";
        let place = inventory.documents[index].place(node);
        found.push(
            Diagnostic::warning("container-instances", message, place).help(
                "agent 1.22.0 or newer, with `ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true` in its configuration",
            ),
        );
    }
    found
}

/// Returns the task definition of a service that runs on container instances, with the node of its
/// launch type. A service with a capacity provider is not one: the provider decides.
fn launched_on_instances(resource: NodeRef<'_>) -> Option<(String, NodeRef<'_>)> {
    let properties = resource.get("Properties")?;
    let kind = properties.get("LaunchType")?;
    let (task_definition, _) = properties.get("TaskDefinition")?.intrinsic()?.target()?;
    matches!(literal(kind).as_deref(), Some("EC2" | "EXTERNAL")).then_some((task_definition, kind))
}

/// Returns the message for a container without a role, in the words of its service.
fn no_role(container: &Container<'_>, in_one_branch: &str) -> String {
    let key = container.resource_type.role_key();
    let service = container.resource_type.service();
    format!(
        "`{}` has no `{key}`{in_one_branch}: without it {service} can't read its secrets",
        container.task_definition
    )
}
