//! The effects of an update on services, task sets and schedules, which start tasks.
//!
//! Sources: ECS API reference, `UpdateService` (fields that services with the controllers
//! `CODE_DEPLOY` and `EXTERNAL` can't change), `DeploymentConfiguration`,
//! `DeploymentCircuitBreaker`; CloudFormation template reference, `AWS::ECS::TaskSet`.
//!
//! A task definition alone starts nothing. Whether the new revision runs depends on the resource
//! that names it:
//!
//! | resource | effect of a new revision |
//! | --- | --- |
//! | service, controller `ECS`, strategy `ROLLING` | rolled; the circuit breaker decides what a failure costs |
//! | service, controller `ECS`, other strategies | started beside the present one, then traffic shifts |
//! | service, controller `ECS`, desired count 0 | nothing starts |
//! | service, controller `CODE_DEPLOY` or `EXTERNAL` | the update fails |
//! | `AWS::ECS::TaskSet` | replaced, or left to `CodeDeploy` |
//! | `AWS::ECS::Daemon` | rolled |
//! | others, such as rules and schedules | used at the next start |

use byref_aws::{Controller, Service};
use byref_rewrite::{CircuitBreaker, ResourceChange, StackUpdate, UserUpdate};

use super::DeployedStack;
use super::effect::{Effect, Level};

/// Returns the effects on resources that start tasks, in the order of the new template; then on
/// deployed services that the template does not tie to a task definition.
///
/// A service that names its task definition by a fixed ARN or by an import is not tied to the
/// template's: it keeps its revision, and gets a note about that.
pub(super) fn effects(update: &StackUpdate, stack: &DeployedStack) -> Vec<Effect> {
    let is_new = |id: &String| {
        let mut changed = update.holders.iter().filter(|holder| {
            matches!(
                holder.change,
                ResourceChange::Replaced | ResourceChange::Created
            )
        });
        changed.any(|holder| holder.logical_id == *id)
    };
    let (mut effects, mut is_set_replaced) = (Vec::new(), update.is_blue_green);
    for user in &update.users {
        if user.task_definitions.iter().any(is_new) {
            is_set_replaced |= user.resource_type == TASK_SET;
            effects.extend(of_user(user, stack, update.is_blue_green));
        } else {
            effects.extend(drift(&user.logical_id, service(user, stack), stack, false));
        }
    }
    if !update
        .holders
        .iter()
        .any(|holder| holder.change == ResourceChange::Replaced)
    {
        return effects;
    }
    let is_user = |id: &String| update.users.iter().any(|user| user.logical_id == *id);
    for (id, service) in stack.inside.services.iter().filter(|(id, _)| !is_user(id)) {
        if service.controller == Controller::External {
            if !is_set_replaced {
                effects.push(Effect::warning(id, "not-rolled", EXTERNAL_ALONE));
            }
            continue;
        }
        let message = format!(
            "not rolled: the template does not say by `Ref` which task definition `{}` runs, and this update does not change it",
            service.name
        );
        effects.push(Effect::note(id, "not-rolled", message));
    }
    effects
}

/// The type whose resources start tasks of a service with the controller `EXTERNAL`.
const TASK_SET: &str = "AWS::ECS::TaskSet";

/// The message about a service with the controller `CODE_DEPLOY`. Source: ECS API reference,
/// `UpdateService`: only the desired count, the deployment configuration and a few more fields can
/// be changed for it.
const CODE_DEPLOY: &str = "not rolled, and the update fails: its controller is CODE_DEPLOY, and such a service gets another task definition only by a deployment in CodeDeploy. Let its `TaskDefinition` name the revision that runs, update the stack, then deploy the new revision with CodeDeploy";

/// The message about a service with the controller `EXTERNAL`, which has its task definition in
/// task sets.
const EXTERNAL: &str = "not rolled, and the update fails: its controller is EXTERNAL, and such a service gets another task definition only by a new task set. Leave `TaskDefinition` to an `AWS::ECS::TaskSet`, or create the task set by hand";

/// The message about a service with the controller `EXTERNAL` whose task sets are not in the
/// template.
const EXTERNAL_ALONE: &str = "not rolled: its controller is EXTERNAL, and no task set of the template has the new revision: create one with it (`aws ecs create-task-set`) when the update has succeeded";

/// Returns the deployed service of a resource.
///
/// None for a resource that is no service, for a service that is lost, and if services were not
/// asked for.
fn service<'s>(user: &UserUpdate, stack: &'s DeployedStack) -> Option<&'s Service> {
    stack
        .inside
        .services
        .iter()
        .find(|(own, _)| *own == user.logical_id)
        .map(|(_, service)| service)
}

/// Returns the effects on a resource whose task definition changes.
///
/// The controller of the template wins over that of the deployed service, because the update brings
/// it into effect. Without either it is `ECS`.
fn of_user(user: &UserUpdate, stack: &DeployedStack, is_blue_green: bool) -> Vec<Effect> {
    let id = &user.logical_id;
    match user.resource_type.as_str() {
        _ if user.change == ResourceChange::Created => {
            return vec![Effect::note(
                id,
                "created",
                "is created, with the new revision",
            )];
        }
        "AWS::ECS::Service" => {}
        // CodeDeploy makes the new one.
        TASK_SET if is_blue_green => return Vec::new(),
        TASK_SET => {
            return vec![Effect::note(
                id,
                "replaced",
                "another task set takes its place, with the new revision",
            )];
        }
        "AWS::ECS::Daemon" => {
            return vec![Effect::note(
                id,
                "rolled",
                "rolled to the new revision by ECS",
            )];
        }
        _ => {
            return vec![Effect::note(
                id,
                "next-start",
                "starts its next tasks with the new revision",
            )];
        }
    }
    if stack.inside.lost_services.contains(id) {
        let message = "it is not there any more, and the update fails: it was deleted outside of CloudFormation. Deploy the stack without it first";
        return vec![Effect::error(id, "lost", message)];
    }
    let service = service(user, stack);
    // The template tells the controller after the update, the service the one before.
    let controller = match (user.controller.as_deref(), service) {
        (Some("CODE_DEPLOY"), _) => Controller::CodeDeploy,
        (Some("EXTERNAL"), _) => Controller::External,
        (None, Some(service)) => service.controller.clone(),
        _ => Controller::Ecs,
    };
    match controller {
        Controller::CodeDeploy => vec![Effect::error(id, "not-rolled", CODE_DEPLOY)],
        Controller::External => vec![Effect::error(id, "not-rolled", EXTERNAL)],
        Controller::Ecs => rolled(user, service, stack),
    }
}

/// Returns the effects on a service that ECS rolls to the new revision. A desired count of 0 starts
/// nothing, so that the update succeeds although no task could start. The template's strategy and
/// count win over those of the deployed service.
///
/// `nothing-starts` is a warning because the usual proof is missing: an update of a running service
/// succeeds only after new tasks have read their secrets and started.
fn rolled(user: &UserUpdate, service: Option<&Service>, stack: &DeployedStack) -> Vec<Effect> {
    let id = &user.logical_id;
    let said = user.desired_count.map(i64::from);
    if said.or(service.map(|service| service.desired_count.into())) == Some(0) {
        let message = "gets the new revision, and nothing starts: its desired count is 0, so that a successful update proves nothing. Start one task of the new revision by hand (`aws ecs run-task`)";
        let mut effects = vec![Effect::warning(id, "nothing-starts", message)];
        effects.extend(drift(id, service, stack, true));
        return effects;
    }
    let strategy = user
        .strategy
        .as_deref()
        .or(service.map(|service| service.strategy.as_str()))
        .unwrap_or("ROLLING");
    let mut effects = Vec::new();
    if strategy == "ROLLING" {
        effects.push(Effect::note(
            id,
            "rolled",
            "rolled to the new revision by ECS",
        ));
        effects.extend(breaker(user, service));
    } else {
        let message = format!(
            "ECS starts the new revision beside the present one, then shifts traffic to it ({strategy}): where the new tasks don't start, traffic stays where it is"
        );
        effects.push(Effect::note(id, "rolled", message));
    }
    effects.extend(drift(id, service, stack, true));
    effects
}

/// Returns the effect of the deployment circuit breaker, should tasks not start.
///
/// | circuit breaker | tasks can't start |
/// | --- | --- |
/// | off | the update hangs until CloudFormation gives up, for hours |
/// | on | the deployment fails, CloudFormation rolls back |
/// | on, with rollback | ECS rolls back, then the stack |
///
/// None if neither the template nor the deployed service tells.
fn breaker(user: &UserUpdate, service: Option<&Service>) -> Option<Effect> {
    let now = service.map(
        |service| match (service.has_circuit_breaker, service.rolls_back) {
            (false, _) => CircuitBreaker::Off,
            (true, false) => CircuitBreaker::On,
            (true, true) => CircuitBreaker::WithRollback,
        },
    );
    let (level, kind, message) = match user.circuit_breaker.or(now)? {
        CircuitBreaker::Off => (
            Level::Warning,
            "no-circuit-breaker",
            "has no deployment circuit breaker: if its tasks can't start, the update hangs for hours before it is rolled back. Set `DeploymentConfiguration.DeploymentCircuitBreaker` to `{Enable: true, Rollback: true}` first",
        ),
        CircuitBreaker::On => (
            Level::Note,
            "circuit-breaker",
            "if its tasks can't start, ECS gives up, the update fails, and CloudFormation brings the present revision back",
        ),
        CircuitBreaker::WithRollback => (
            Level::Note,
            "circuit-breaker",
            "if its tasks can't start, ECS goes back to the last revision that did, the update fails, and the stack is rolled back",
        ),
    };
    Some(Effect {
        level,
        ..Effect::note(&user.logical_id, kind, message)
    })
}

/// Returns a warning for a service that runs a revision which is not the stack's.
///
/// A deploy outside of CloudFormation, by `aws ecs update-service` or a pipeline, leaves the
/// service on a revision that the stack does not have. No answer if the task definitions of the
/// stack are not known: then every service would look drifted.
fn drift(
    id: &str,
    service: Option<&Service>,
    stack: &DeployedStack,
    is_rolled: bool,
) -> Option<Effect> {
    let revisions = &stack.inside.task_definitions;
    let runs = service.and_then(|service| service.task_definition.as_deref())?;
    if revisions.is_empty() || revisions.iter().any(|(_, task)| task.arn == runs) {
        return None;
    }
    let name = runs.rsplit_once('/').map_or(runs, |(_, name)| name);
    let then = if is_rolled {
        "this update undoes whatever deployed it"
    } else {
        "this update leaves it there, whatever the template says"
    };
    Some(Effect::warning(
        id,
        "drifted",
        format!("runs `{name}`, which is not a revision of the stack: {then}"),
    ))
}
