//! The effects of a stack update, in words.
//!
//! Sources: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`"
//! ("Considerations"), "Choose how to handle failures when provisioning resources", and the status
//! codes of stacks; CloudFormation template reference of each type ("Update requires").
//!
//! CloudFormation tells which resources a change set touches, but not that a service will hang, or
//! that a rollback cannot work. These effects are derived from the two templates and from the state
//! of the stack, by rules of the AWS documentation; no change set is created, so no permission to
//! write is needed.
//!
//! | kind | level | about |
//! | --- | --- | --- |
//! | `created`, `removed`, `replaced`, `updated` | note | a resource with containers |
//! | `rolled`, `next-start`, `circuit-breaker` | note | resources that start tasks |
//! | `nothing-starts`, `no-circuit-breaker`, `drifted` | warning | services |
//! | `not-rolled` | note to error | services that ECS does not roll |
//! | `lost` | error | a service deleted outside of CloudFormation |
//! | `blue-green` | note or error | the stack |
//! | `no-way-back` | warning | a revision that a rollback needs |
//! | `rollback`, `rollback-to-references`, `rollback-to-values` | note; the last one warning | the stack |
//! | `not-updatable` | error | the status of the stack |
//! | `nothing` | note | no task definition changes |

use byref_cloudformation::ResourceType;
use byref_rewrite::{Document, HolderUpdate, ResourceChange, StackUpdate, stack_update};
use byref_template::Diagnostic;
use serde::Serialize;

use super::{DeployedStack, Rollback, service};
use crate::listed;

/// The severity of an effect. Words are only ever added.
///
/// The order is that of severity: a note is less than a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Note,
    Warning,
    /// The update would fail.
    Error,
}

/// The effect of an update on one resource. Keys are only ever added.
///
/// The message continues the name of the resource, so it begins with a verb: `WebService: rolled to
/// the new revision by ECS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Effect {
    /// The logical id; none for the stack as a whole.
    pub(crate) resource: Option<String>,
    pub(crate) level: Level,
    /// The stable word for the kind of effect.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Effect {
    /// Returns an effect on a resource that needs no attention.
    pub(super) fn note(resource: &str, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            resource: Some(resource.to_owned()),
            level: Level::Note,
            kind,
            message: message.into(),
        }
    }

    /// Returns an effect on a resource that may surprise the user.
    pub(super) fn warning(resource: &str, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            ..Self::note(resource, kind, message)
        }
    }

    /// Returns an effect on a resource that makes the update fail.
    pub(super) fn error(resource: &str, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            ..Self::note(resource, kind, message)
        }
    }

    /// Returns an effect on the stack as a whole.
    fn of_stack(level: Level, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            resource: None,
            level,
            kind,
            message: message.into(),
        }
    }
}

/// Returns the effects of an update, in the order of the new template; those on the whole stack
/// come last.
///
/// Resources with containers come first, then services, then the stack. If no resource with
/// containers changes, the services are judged all the same: a drifted one is worth a warning in
/// any update.
pub(crate) fn effects(
    update: &StackUpdate,
    stack: &DeployedStack,
    rollback: &Rollback,
) -> Vec<Effect> {
    let mut effects: Vec<Effect> = update
        .holders
        .iter()
        .filter_map(|holder| of_holder(holder, stack))
        .collect();
    let is_changed = !effects.is_empty();
    effects.extend(service::effects(update, stack));
    if update.is_blue_green && replaces_any(update) {
        effects.push(blue_green(update));
    }
    if is_changed {
        effects.extend(
            update
                .holders
                .iter()
                .filter_map(|holder| no_way_back(holder, stack)),
        );
        effects.push(brought_back(rollback));
    } else {
        effects.push(Effect::of_stack(
            Level::Note,
            "nothing",
            "no task definition changes, and nothing is rolled",
        ));
    }
    effects.extend(of_status(stack));
    effects
}

/// Returns whether the update would fail.
pub(crate) fn would_fail(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| effect.level == Level::Error)
}

/// Returns the stack's present revision of a task definition: `web:12`.
///
/// None for a resource that is no task definition, or if its task definitions were not asked for.
fn revision(holder: &HolderUpdate, stack: &DeployedStack) -> Option<String> {
    let now = stack
        .inside
        .task_definitions
        .iter()
        .find(|(own, _)| *own == holder.logical_id);
    now.map(|(_, task)| format!("`{}:{}`", task.family, task.revision))
}

/// Returns the effect on a resource with containers; none where it does not change. A new revision
/// of a task definition replaces the old one, which CloudFormation deregisters unless
/// `UpdateReplacePolicy` retains it.
///
/// Source: CloudFormation template reference, `AWS::ECS::TaskDefinition` ("Update requires:
/// Replacement").
fn of_holder(holder: &HolderUpdate, stack: &DeployedStack) -> Option<Effect> {
    let id = &holder.logical_id;
    let is_revised =
        ResourceType::of(&holder.resource_type).is_some_and(ResourceType::is_task_definition);
    Some(match holder.change {
        ResourceChange::Unchanged => return None,
        ResourceChange::Created => Effect::note(id, "created", "is created"),
        ResourceChange::Removed if is_revised => {
            let message =
                "is removed: its revision is deregistered, and stays readable until it is deleted";
            Effect::note(id, "removed", message)
        }
        ResourceChange::Removed => Effect::note(id, "removed", "is removed"),
        ResourceChange::Replaced if is_revised => {
            let old = revision(holder, stack).unwrap_or_else(|| "the present one".to_owned());
            let after = if holder.is_retained {
                "stays active, by its `UpdateReplacePolicy`"
            } else {
                "is deregistered when the update has succeeded, and stays readable until it is deleted"
            };
            Effect::note(
                id,
                "replaced",
                format!("a new revision takes the place of {old}, which {after}"),
            )
        }
        ResourceChange::Replaced => {
            Effect::note(id, "replaced", "another resource takes its place")
        }
        ResourceChange::Updated => Effect::note(id, "updated", updated(&holder.resource_type)),
    })
}

/// Returns the effect of a change in place, by the type of the resource.
fn updated(resource_type: &str) -> &'static str {
    match ResourceType::of(resource_type) {
        Some(ResourceType::TaskDefinition | ResourceType::DaemonTaskDefinition) => {
            "its tags change; no task starts for that"
        }
        Some(ResourceType::ExpressGatewayService) => {
            "changes in place: ECS starts new tasks, which read the referenced secrets"
        }
        Some(ResourceType::JobDefinition) => "gets a new revision, with which its next jobs start",
        Some(ResourceType::AppRunnerService) => {
            "changes in place: App Runner deploys it again, and reads the referenced secrets"
        }
        Some(ResourceType::CodeBuildProject) => {
            "changes in place: its next builds read the referenced secrets"
        }
        None => "changes in place",
    }
}

/// Returns the effect of a blue/green deployment by `AWS::CodeDeployBlueGreen`, which refuses an
/// update that changes other resources beside the task definition.
///
/// The way out is two updates: first the roles, then the task definition. The message names the
/// resources of the first one.
///
/// Source: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`",
/// "Considerations".
fn blue_green(update: &StackUpdate) -> Effect {
    if update.others.is_empty() {
        let message = "CodeDeploy shifts traffic to the new revision (AWS::CodeDeployBlueGreen)";
        return Effect::of_stack(Level::Note, "blue-green", message);
    }
    let message = format!(
        "the update fails: AWS::CodeDeployBlueGreen takes none that changes a task definition together with other resources. Deploy {} first (`byref rewrite --grants-only` writes what roles get)",
        update.others.join(", ")
    );
    Effect::of_stack(Level::Error, "blue-green", message)
}

/// Returns an error for an update that `CodeDeploy` does not accept, judged from the two templates
/// alone.
///
/// The place is the `Transform` of the new template, which is what makes the update a blue/green
/// one. A template without a change of a task definition is accepted, whatever else changes.
pub(crate) fn mixed_update(now: &Document, next: &Document) -> Option<Diagnostic> {
    let update = stack_update(Some(&now.template), &next.template);
    if !update.is_blue_green || !replaces_any(&update) || update.others.is_empty() {
        return None;
    }
    let root = next.template.root()?;
    let transform = root.entry("Transform")?.key.full_span();
    let message = format!(
        "what is deployed over the {}: {}",
        now.path,
        blue_green(&update).message
    );
    Some(Diagnostic::error(
        "blue-green",
        message,
        next.location(transform),
    ))
}

/// Returns whether the update replaces a resource with containers.
fn replaces_any(update: &StackUpdate) -> bool {
    update
        .holders
        .iter()
        .any(|holder| holder.change == ResourceChange::Replaced)
}

/// Returns a warning where a rollback cannot restore the present revision: ECS rejects inactive
/// task definitions.
///
/// The rollback registers nothing: it points the service at the revision that it had, which has to
/// be active.
fn no_way_back(holder: &HolderUpdate, stack: &DeployedStack) -> Option<Effect> {
    if holder.change != ResourceChange::Replaced {
        return None;
    }
    let id = &holder.logical_id;
    let now = stack
        .inside
        .task_definitions
        .iter()
        .find(|(own, _)| own == id)
        .map(|(_, task)| task);
    let what = match (now, revision(holder, stack)) {
        (Some(task), Some(name)) if !task.is_active => {
            format!("{name} was deregistered outside of CloudFormation")
        }
        _ if stack.inside.lost_task_definitions.contains(id) => {
            "its present revision was deleted".to_owned()
        }
        _ => return None,
    };
    Some(Effect::warning(
        id,
        "no-way-back",
        format!("{what}: a rollback of this update can't bring it back, and fails"),
    ))
}

/// Returns the effect of a rollback of this update: the present template is deployed again, so the
/// values or references in it must stay valid until the update has succeeded.
///
/// Only the worst of the three is reported: values, then references that change, then neither. Old
/// values must stay valid because the tasks of a rollback use them, which is the reason not to
/// rotate in the middle of a move.
fn brought_back(rollback: &Rollback) -> Effect {
    let names = |names: &[String]| listed(names.iter().cloned());
    if !rollback.values.is_empty() {
        let message = format!(
            "a rollback of this update brings the present template back, with the plaintext of {}: keep these values valid until the update has succeeded",
            names(&rollback.values)
        );
        return Effect::of_stack(Level::Warning, "rollback-to-values", message);
    }
    if !rollback.references.is_empty() {
        let message = format!(
            "a rollback of this update brings the present references of {} back: keep what they refer to, and the right to read it, until the update has succeeded",
            names(&rollback.references)
        );
        return Effect::of_stack(Level::Note, "rollback-to-references", message);
    }
    let message =
        "a rollback of this update brings the present revisions back, with the secrets as they are";
    Effect::of_stack(Level::Note, "rollback", message)
}

/// Returns an error for a stack whose status does not allow an update.
///
/// | status | advice |
/// | --- | --- |
/// | `ROLLBACK_COMPLETE`, `ROLLBACK_FAILED` | delete, create again |
/// | `DELETE_FAILED` | delete the rest, create again |
/// | `CREATE_FAILED`, `UPDATE_FAILED` | `--disable-rollback`, or `rollback-stack` |
/// | `UPDATE_ROLLBACK_FAILED` | `continue-update-rollback` |
/// | `IMPORT_ROLLBACK_FAILED` | repair the import |
/// | `*_IN_PROGRESS` | wait |
/// | all others | none: an update is possible |
fn of_status(stack: &DeployedStack) -> Option<Effect> {
    let (status, name) = (stack.status.as_str(), stack.name.as_str());
    let what_to_do = match status {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => {
            format!(
                "its creation failed; delete it (`aws cloudformation delete-stack --stack-name {name}`) and create it again"
            )
        }
        "DELETE_FAILED" => {
            format!(
                "delete what is left of it (`aws cloudformation delete-stack --stack-name {name}`) and create it again"
            )
        }
        "CREATE_FAILED" | "UPDATE_FAILED" => format!(
            "an update needs `--disable-rollback`; or go back first (`aws cloudformation rollback-stack --stack-name {name}`)"
        ),
        "UPDATE_ROLLBACK_FAILED" => {
            format!(
                "continue its rollback first (`aws cloudformation continue-update-rollback --stack-name {name}`)"
            )
        }
        "IMPORT_ROLLBACK_FAILED" => "the import that failed has to be repaired first".to_owned(),
        _ if status.ends_with("_IN_PROGRESS") => "wait until that has ended".to_owned(),
        _ => return None,
    };
    let message = format!("it is in {status}, and takes no update now: {what_to_do}");
    Some(Effect::of_stack(Level::Error, "not-updatable", message))
}
