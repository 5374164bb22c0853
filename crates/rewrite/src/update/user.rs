//! The resources that start tasks with the task definitions of a template, and how they get to a
//! new revision.

use byref_cloudformation::{Guard, ResourceType, branches, is_nothing, literal};
use byref_template::{Intrinsic, NodeRef};

use super::{HolderUpdate, ResourceChange, type_of};

/// A resource that starts tasks of a task definition of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserUpdate {
    /// Its logical id.
    pub logical_id: String,
    /// `AWS::ECS::Service`, for example.
    pub resource_type: String,
    /// The change of its own text: a service that only refers to another revision is
    /// [`ResourceChange::Unchanged`].
    pub change: ResourceChange,
    /// The task definitions that it refers to.
    pub task_definitions: Vec<String>,
    /// A service's `DeploymentController.Type`: `ECS` (also without one), `CODE_DEPLOY`,
    /// `EXTERNAL`; `None` if it is computed.
    pub controller: Option<String>,
    /// A service's `DeploymentConfiguration.Strategy`: `ROLLING` (also without one), `BLUE_GREEN`,
    /// `LINEAR`, `CANARY`; `None` if it is computed.
    pub strategy: Option<String>,
    /// A service's deployment circuit breaker; `None` if it is computed.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// A service's `DesiredCount`; `None` if it is computed or missing.
    pub desired_count: Option<u32>,
}

/// The reaction of ECS to a deployment whose tasks don't start.
///
/// Source: ECS API reference, `DeploymentCircuitBreaker`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitBreaker {
    /// ECS goes on trying.
    Off,
    /// ECS gives up, and leaves the service as it is.
    On,
    /// ECS gives up, and goes back to the last deployment that succeeded.
    WithRollback,
}

/// Returns a resource that starts tasks with one of the holders; `None` for any other resource.
pub(super) fn user(
    id: &str,
    node: NodeRef<'_>,
    change: ResourceChange,
    holders: &[HolderUpdate],
) -> Option<UserUpdate> {
    let resource_type = type_of(node);
    if ResourceType::of(&resource_type).is_some() {
        return None;
    }
    let properties = node.get("Properties")?;
    let task_definitions = task_definitions(properties, holders);
    if task_definitions.is_empty() {
        return None;
    }
    let controller = match properties.get("DeploymentController") {
        None => Some("ECS".to_owned()),
        Some(controller) => controller.get("Type").and_then(only),
    };
    let (strategy, circuit_breaker) = match properties.get("DeploymentConfiguration") {
        None => (Some("ROLLING".to_owned()), Some(CircuitBreaker::Off)),
        Some(configuration) if configuration.intrinsic().is_some() => (None, None),
        Some(configuration) => {
            let strategy = configuration
                .get("Strategy")
                .map_or(Some("ROLLING".to_owned()), only);
            (strategy, circuit_breaker(configuration))
        }
    };
    let desired_count = properties
        .get("DesiredCount")
        .and_then(only)
        .and_then(|count| count.parse().ok());
    let logical_id = id.to_owned();
    Some(UserUpdate {
        logical_id,
        resource_type,
        change,
        task_definitions,
        controller,
        strategy,
        circuit_breaker,
        desired_count,
    })
}

/// Returns the logical ids of the holders that a resource refers to where it names a task
/// definition.
///
/// The key may be at any depth: an event rule has `TaskDefinitionArn` in the `EcsParameters` of a
/// target. Each id is listed once, in the order of the text.
fn task_definitions(properties: NodeRef<'_>, holders: &[HolderUpdate]) -> Vec<String> {
    const KEYS: [&str; 3] = [
        "TaskDefinition",
        "TaskDefinitionArn",
        "DaemonTaskDefinitionArn",
    ];
    let mut found: Vec<String> = Vec::new();
    for mapping in properties.subtree().filter(|node| node.kind().is_mapping()) {
        for value in KEYS.iter().filter_map(|key| mapping.get(key)) {
            let targets = value
                .subtree()
                .filter_map(|node| node.intrinsic().and_then(Intrinsic::target));
            for (target, _) in targets {
                let is_holder = holders.iter().any(|holder| holder.logical_id == target);
                if is_holder && !found.contains(&target) {
                    found.push(target);
                }
            }
        }
    }
    found
}

/// Returns a literal that no condition decides about.
///
/// `2` and `'2'` are `2`. `!If [C, 2, 2]` is none, although both branches agree.
fn only(node: NodeRef<'_>) -> Option<String> {
    match branches(node, &Guard::default()).as_slice() {
        [(node, _)] => literal(*node),
        _ => None,
    }
}

/// Returns the circuit breaker of a deployment configuration; `None` if it is computed.
///
/// | `DeploymentCircuitBreaker` | result |
/// |---|---|
/// | missing | off |
/// | `{Enable: false, Rollback: true}` | off |
/// | `{Enable: true}` | on |
/// | `{Enable: true, Rollback: true}` | with rollback |
/// | `{Enable: true, Rollback: !Ref R}` | on |
/// | `{Enable: !If […]}`, or a function around it | none |
fn circuit_breaker(configuration: NodeRef<'_>) -> Option<CircuitBreaker> {
    let Some(breaker) = configuration
        .get("DeploymentCircuitBreaker")
        .filter(|node| !is_nothing(*node))
    else {
        return Some(CircuitBreaker::Off);
    };
    if breaker.intrinsic().is_some() {
        return None;
    }
    let is_on = |key: &str| {
        breaker.get(key).map_or(Some(false), |node| {
            Some(only(node)?.eq_ignore_ascii_case("true"))
        })
    };
    match (is_on("Enable")?, is_on("Rollback")) {
        (false, _) => Some(CircuitBreaker::Off),
        (true, Some(true)) => Some(CircuitBreaker::WithRollback),
        // Only the way back is computed.
        (true, _) => Some(CircuitBreaker::On),
    }
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;
    use crate::update::stack_update;

    fn service(properties: &str) -> UserUpdate {
        let text = format!(
            "Resources:\n  Task: {{Type: AWS::ECS::TaskDefinition}}\n  Service: {{Type: AWS::ECS::Service, Properties: {{TaskDefinition: !Ref Task{properties}}}}}\n"
        );
        stack_update(None, &Template::parse(text).unwrap())
            .users
            .remove(0)
    }

    #[test]
    fn what_a_service_does_not_say_is_the_default() {
        let service = service("");
        assert_eq!(service.task_definitions, ["Task"]);
        assert_eq!(
            (service.controller.as_deref(), service.strategy.as_deref()),
            (Some("ECS"), Some("ROLLING"))
        );
        assert_eq!(
            (service.circuit_breaker, service.desired_count),
            (Some(CircuitBreaker::Off), None)
        );
    }

    #[test]
    fn circuit_breakers_are_off_on_or_go_back() {
        let of = |breaker: &str| {
            let configuration =
                format!(", DeploymentConfiguration: {{DeploymentCircuitBreaker: {breaker}}}");
            service(&configuration).circuit_breaker
        };
        assert_eq!(
            of("{Enable: true, Rollback: true}"),
            Some(CircuitBreaker::WithRollback)
        );
        assert_eq!(
            of("{Enable: true, Rollback: false}"),
            Some(CircuitBreaker::On)
        );
        assert_eq!(of("{Enable: true}"), Some(CircuitBreaker::On));
        assert_eq!(
            of("{Enable: false, Rollback: true}"),
            Some(CircuitBreaker::Off)
        );
        assert_eq!(of("{Enable: !If [X, true, false]}"), None);
        assert_eq!(of("!If [X, {Enable: true}, !Ref AWS::NoValue]"), None);
    }

    #[test]
    fn what_is_computed_is_not_known() {
        let computed = service(
            ", DesiredCount: !Ref Count, DeploymentController: {Type: !Ref C}, DeploymentConfiguration: !If [X, {}, !Ref AWS::NoValue]",
        );
        assert_eq!(
            (
                computed.controller,
                computed.strategy,
                computed.circuit_breaker
            ),
            (None, None, None)
        );
        assert_eq!(computed.desired_count, None);
        let said = service(
            ", DesiredCount: '2', DeploymentController: {Type: EXTERNAL}, DeploymentConfiguration: {Strategy: BLUE_GREEN}",
        );
        assert_eq!(
            (said.controller.as_deref(), said.strategy.as_deref()),
            (Some("EXTERNAL"), Some("BLUE_GREEN"))
        );
        assert_eq!(said.desired_count, Some(2));
    }
}
