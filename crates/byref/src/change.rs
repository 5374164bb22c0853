//! The decisions of a plan as rows of a report.

use byref_rewrite::{Binding, Document, Outcome, Plan, RoleReference, Verdict};
use byref_template::Sources;
use serde::Serialize;

use crate::mistakes::Place;
use crate::render::summary::role;

/// The change of one secret in one container. Names that equal a known value are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The name of the environment variable.
    pub name: String,
    /// The template's name.
    pub template: String,
    /// Logical id of the task definition, or of another resource that has containers.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]` where it is not a literal.
    pub container: String,
    /// `moved`, `added`, `replaced`, `deduplicated`, `already-by-reference`, `embedded`,
    /// `resolved`, `by-value` or `skipped`. Words are only ever added.
    pub outcome: &'static str,
    /// The reason why it is skipped.
    pub reason: Option<String>,
    /// The text of `ValueFrom`, pseudo parameters as `${AWS::…}`.
    pub reference: String,
    /// The entry in the template; the container where there is none yet.
    pub place: Place,
    /// The secret line in the configuration.
    pub line: Place,
    #[serde(skip)]
    description: String,
}

impl Change {
    /// Returns the outcome in words, with the reason where there is one: `already by reference`.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Returns the task definition and the container: `Task/web`.
    pub fn holder(&self) -> String {
        format!("{}/{}", self.task_definition, self.container)
    }
}

/// Returns the outcome of a binding in words, with the reason where there is one.
pub(crate) fn outcome(binding: &Binding) -> String {
    match &binding.outcome {
        Outcome::Skipped { reason } => format!("skipped: {reason}"),
        Outcome::Resolved => "back to a value".to_owned(),
        other => other.as_str().replace('-', " "),
    }
}

/// Returns a row for each binding of a plan, by template, then by place.
pub(crate) fn changes(plan: &Plan, sources: &Sources, documents: &[Document]) -> Vec<Change> {
    let known = &plan.known;
    let change = |binding: &Binding| Change {
        name: binding.secret.clone(),
        template: documents[binding.document].path.clone(),
        task_definition: known.shown(&binding.task_definition).to_owned(),
        container: known.shown(&binding.container).to_owned(),
        outcome: binding.outcome.as_str(),
        reason: match &binding.outcome {
            Outcome::Skipped { reason } => Some(reason.clone()),
            _ => None,
        },
        reference: binding.reference.clone(),
        place: Place::of(sources, binding.location),
        line: Place::of(sources, binding.line),
        description: outcome(binding),
    };
    plan.bindings.iter().map(change).collect()
}

/// A right that a role needs for reading one secret, and the verdict on it, from the templates
/// alone with the grants of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The name of the environment variable.
    pub name: String,
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The container's name.
    pub container: String,
    /// `ssm:GetParameters`, `secretsmanager:GetSecretValue` or `kms:Decrypt`.
    pub action: &'static str,
    /// The ARNs that it is done on, one for each Region.
    pub resources: Vec<String>,
    /// The role's logical id, or its ARN, or `outside the template` for one that only the deploy
    /// knows.
    pub role: String,
    /// `allowed`, `not-allowed` or `unknown`.
    pub verdict: &'static str,
    /// `true` if the plan grants it.
    #[serde(rename = "granted")]
    pub is_granted: bool,
    /// `true` if a statement or a permissions boundary denies it, so that no other statement can
    /// allow it.
    #[serde(rename = "denied")]
    pub is_denied: bool,
    /// The reason, unless it is allowed.
    pub why: Option<String>,
    /// The parameters whose defaults the verdict relies on.
    pub by_default: Vec<String>,
}

impl Access {
    /// Returns the row of one right of a plan.
    pub(crate) fn new(plan: &Plan, access: &byref_rewrite::Access) -> Self {
        let binding = &plan.bindings[access.binding];
        let shown = |name: &str| plan.known.shown(name).to_owned();
        Self {
            name: binding.secret.clone(),
            task_definition: shown(&binding.task_definition),
            container: shown(&binding.container),
            action: access.action,
            resources: access.resources.clone(),
            role: shown(role(&access.role)),
            verdict: access.verdict.as_str(),
            is_granted: access.is_granted,
            is_denied: access.is_denied_for_certain(),
            why: match &access.verdict {
                Verdict::Allowed => None,
                Verdict::NotAllowed(why) | Verdict::Unknown(why) => Some(why.clone()),
            },
            by_default: access.by_default.clone(),
        }
    }

    /// Returns whether the role of a right is one of the template.
    pub(crate) fn is_in_template(access: &byref_rewrite::Access) -> bool {
        matches!(access.role, RoleReference::InTemplate(_))
    }
}
