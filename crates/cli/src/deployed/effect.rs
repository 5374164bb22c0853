//! What CloudFormation will do about a template, in words.
//!
//! Sources: ECS API reference, `UpdateService` (what a service with the controller `CODE_DEPLOY` can't change);
//! CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`" ("Considerations").

use byref_aws::{Controller, Service};
use byref_rewrite::{Fate, HolderUpdate, StackUpdate, UserUpdate};
use serde::Serialize;

use super::DeployedStack;

/// How much it matters. As JSON, words are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Note,
    Warning,
}

/// What happens to one resource. As JSON, keys are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Effect {
    /// The logical id; none for the stack as a whole.
    pub(crate) resource: Option<String>,
    pub(crate) level: Level,
    /// A word for it.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Effect {
    fn note(resource: &str, kind: &'static str, message: impl Into<String>) -> Self {
        Self { resource: Some(resource.to_owned()), level: Level::Note, kind, message: message.into() }
    }

    fn warning(resource: &str, kind: &'static str, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::note(resource, kind, message) }
    }

    fn of_stack(level: Level, kind: &'static str, message: impl Into<String>) -> Self {
        Self { resource: None, level, kind, message: message.into() }
    }
}

/// What CloudFormation does not update. Source: CloudFormation user guide, "Understand CloudFormation stack creation
/// events", the status codes of stacks.
fn of_status(status: &str) -> Option<Effect> {
    let message = match status {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => {
            format!("it is in {status}: it has to be deleted and created again")
        }
        "UPDATE_ROLLBACK_FAILED" => {
            format!("it is in {status}: its rollback has to be continued before it can be updated")
        }
        _ if status.ends_with("_IN_PROGRESS") => format!("it is in {status}: it can be updated only after that"),
        _ => return None,
    };
    Some(Effect::of_stack(Level::Warning, "not-updatable", message))
}

/// What an update does, in the order of the new template. `plaintext` are the secret lines that the stack has by value.
pub(crate) fn effects(update: &StackUpdate, stack: &DeployedStack, plaintext: &[String]) -> Vec<Effect> {
    let mut effects: Vec<Effect> = update.holders.iter().filter_map(|holder| of_holder(holder, stack)).collect();
    let is_replaced =
        |id: &String| update.holders.iter().any(|holder| holder.logical_id == *id && holder.fate == Fate::Replaced);
    for user in &update.users {
        if user.task_definitions.iter().any(is_replaced) {
            effects.extend(of_user(user, stack));
        }
    }
    let any_replaced = update.holders.iter().any(|holder| holder.fate == Fate::Replaced);
    for (id, service) in stack.services.iter().filter(|(id, _)| !update.users.iter().any(|user| user.logical_id == *id))
    {
        if any_replaced {
            let message = format!("not rolled: `{}` names its task definition in another way", service.name);
            effects.push(Effect::note(id, "not-rolled", message));
        }
    }
    if update.is_blue_green && any_replaced {
        effects.push(blue_green(update));
    }
    if effects.is_empty() {
        effects.push(Effect::of_stack(Level::Note, "nothing", "no task definition changes, and nothing is rolled"));
    } else if !plaintext.is_empty() {
        let message = format!(
            "a rollback of this update brings the present template back, with the plaintext of {}: keep these values valid until the update has succeeded",
            plaintext.join(", ")
        );
        effects.push(Effect::of_stack(Level::Warning, "rollback-to-values", message));
    }
    effects.extend(of_status(&stack.status));
    effects
}

fn of_holder(holder: &HolderUpdate, stack: &DeployedStack) -> Option<Effect> {
    let id = &holder.logical_id;
    let is_revised = holder.resource_type.ends_with("TaskDefinition");
    let now = stack.task_definitions.iter().find(|(own, _)| own == id);
    let revision = now.map(|(_, task)| format!("`{}:{}`", task.family, task.revision));
    Some(match holder.fate {
        Fate::Kept => return None,
        Fate::Created => Effect::note(id, "created", "is created"),
        Fate::Removed => Effect::note(id, "removed", "is removed"),
        Fate::Replaced if is_revised => {
            let old = revision.unwrap_or_else(|| "the present one".to_owned());
            let message = format!(
                "a new revision takes the place of {old}, which is deregistered and stays readable until it is deleted"
            );
            Effect::note(id, "replaced", message)
        }
        Fate::Replaced => Effect::note(id, "replaced", "another resource takes its place"),
        Fate::Updated => Effect::note(id, "updated", "changes in place"),
    })
}

fn of_user(user: &UserUpdate, stack: &DeployedStack) -> Vec<Effect> {
    let id = &user.logical_id;
    if user.resource_type != "AWS::ECS::Service" {
        return vec![Effect::note(id, "next-start", "starts its next tasks with the new revision")];
    }
    let service = stack.services.iter().find(|(own, _)| own == id).map(|(_, service)| service);
    // The template's word is about what will be; the service's about what is.
    let controller = match (user.controller.as_deref(), service) {
        (Some("CODE_DEPLOY"), _) => Controller::CodeDeploy,
        (Some("EXTERNAL"), _) => Controller::External,
        (None, Some(service)) => service.controller.clone(),
        _ => Controller::Ecs,
    };
    match controller {
        Controller::CodeDeploy => vec![Effect::warning(
            id,
            "not-rolled",
            "not rolled: its controller is CODE_DEPLOY, and such a service gets another task definition only by a deployment in CodeDeploy; an update of the stack that gives it one fails",
        )],
        Controller::External => vec![Effect::warning(
            id,
            "not-rolled",
            "not rolled: its controller is EXTERNAL, which has to start tasks with the new revision itself",
        )],
        Controller::Ecs => rolled(user, service, stack),
    }
}

fn rolled(user: &UserUpdate, service: Option<&Service>, stack: &DeployedStack) -> Vec<Effect> {
    let id = &user.logical_id;
    if service.is_some_and(|service| service.desired_count == 0) {
        let message = "gets the new revision; its desired count is 0, so that nothing starts and nothing is proven";
        return vec![Effect::warning(id, "nothing-starts", message)];
    }
    let mut effects = vec![Effect::note(id, "rolled", "rolled to the new revision by ECS")];
    if !user.has_circuit_breaker.or(service.map(|service| service.has_circuit_breaker)).unwrap_or(true) {
        effects.push(Effect::warning(
            id,
            "no-circuit-breaker",
            "has no deployment circuit breaker: if its tasks can't start, the update hangs for hours before it is rolled back",
        ));
    }
    let runs = service.and_then(|service| service.task_definition.as_deref());
    let is_of_stack = |arn: &str| stack.task_definitions.iter().any(|(_, task)| task.arn == arn);
    if let Some(arn) = runs.filter(|arn| !stack.task_definitions.is_empty() && !is_of_stack(arn)) {
        let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
        effects.push(Effect::warning(id, "drifted", format!("runs `{name}`, which is none of the stack's revisions")));
    }
    effects
}

fn blue_green(update: &StackUpdate) -> Effect {
    if update.others.is_empty() {
        return Effect::of_stack(
            Level::Note,
            "blue-green",
            "CodeDeploy shifts traffic to the new revision (AWS::CodeDeployBlueGreen)",
        );
    }
    let message = format!(
        "AWS::CodeDeployBlueGreen takes no update that changes a task definition together with other resources: deploy {} first",
        update.others.join(", ")
    );
    Effect::of_stack(Level::Warning, "blue-green", message)
}
