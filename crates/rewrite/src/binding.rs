//! What a plan says: per secret and container what happens, the changes, and the messages.

use byref_lint::KnownValues;
use byref_template::{Changes, Diagnostic, Location, NodeId, has_errors};

use byref_iam::Verdict;

/// What happens to one secret in one container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// An entry moves from `Environment` to `Secrets`.
    Moved,
    /// A new entry in `Secrets`.
    Added,
    /// An entry of `Secrets` refers to something else from now on.
    Replaced,
    /// The entry in `Secrets` refers to the right parameter already.
    AlreadyByReference,
    /// The name stood there more than once; one entry in `Secrets` remains.
    Deduplicated,
    /// The value scheme: the entry stays in `Environment`.
    ByValue,
    /// The value scheme: a new entry in `Environment`, with the value from the store.
    Embedded,
    /// The value scheme: an entry moves from `Secrets` to `Environment`, with the value from the store.
    Resolved,
    /// Left alone.
    Skipped {
        /// Why, in a few words.
        reason: String,
    },
}

impl Outcome {
    /// A word for it, as summaries and JSON show it.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Moved => "moved",
            Outcome::Added => "added",
            Outcome::Replaced => "replaced",
            Outcome::AlreadyByReference => "already-by-reference",
            Outcome::Deduplicated => "deduplicated",
            Outcome::ByValue => "by-value",
            Outcome::Embedded => "embedded",
            Outcome::Resolved => "resolved",
            Outcome::Skipped { .. } => "skipped",
        }
    }
}

/// One secret in one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The name of the environment variable.
    pub secret: String,
    /// Index of the template in the run.
    pub document: usize,
    /// Logical id of the task definition, or of another resource that has the container.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]` where the name is not a literal.
    pub container: String,
    /// What happens.
    pub outcome: Outcome,
    /// What the container's `ValueFrom` says, pseudo parameters as `${AWS::…}`.
    pub reference: String,
    /// The entry in the template; the container where there is none yet.
    pub location: Location,
    /// The line in the configuration.
    pub line: Location,
    /// The container's own node.
    pub(crate) node: NodeId,
}

/// Whether a role may do what a service does with it to read one secret for one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Index into [`Plan::bindings`].
    pub binding: usize,
    /// `ssm:GetParameters`, `secretsmanager:GetSecretValue` or `kms:Decrypt`.
    pub action: &'static str,
    /// The ARNs that it is done on, one for each Region where the template is deployed, in that order; with wildcards
    /// for what only AWS knows.
    pub resources: Vec<String>,
    /// The role.
    pub role: RoleReference,
    /// What is known, over all these Regions: the worst of them. What the plan grants counts.
    pub verdict: Verdict,
    /// Whether the plan grants it.
    pub is_granted: bool,
    /// What takes the right away, whatever else allows it: a statement that denies, or a permissions boundary.
    pub denied_by: Option<Location>,
    /// The parameters of the template whose defaults the verdict takes, by name: with other values it may be another.
    pub by_default: Vec<String>,
}

impl Access {
    /// Whether the right is denied whatever a deploy passes to the template, so that no grant helps.
    pub fn is_denied_for_certain(&self) -> bool {
        self.denied_by.is_some() && self.by_default.is_empty()
    }
}

/// The role that reads the secrets of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleReference {
    /// A resource of the same template, or of one of the run that nests it, by its logical id.
    InTemplate(String),
    /// Another one, with its ARN or name where the template says it.
    Elsewhere(Option<String>),
}

/// Everything that shall happen to the templates of a run.
#[derive(Clone, Default)]
pub struct Plan {
    /// The values of the run's secrets, for masks: what the templates have for declared names, and what a store gave.
    pub known: KnownValues,
    /// What changes, one per template, in the order of the templates.
    pub changes: Vec<Changes>,
    /// What happens to every secret, by template, then by place.
    pub bindings: Vec<Binding>,
    /// Whether the roles may read what the bindings refer to, in the order of the containers; judged from the templates
    /// alone.
    pub access: Vec<Access>,
    /// What the user must know, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// What is written that holds only in this environment, if there is anything.
    pub baked_environment: Option<Baked>,
    /// What is written that holds only in the Region of the request, if the environment has several and there is anything.
    pub baked_region: Option<Baked>,
    /// The value scheme: entries of secret lines that are references, and stay what they are.
    pub standing_references: Vec<StandingReference>,
}

/// An entry that the value scheme leaves a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingReference {
    /// The name of the environment variable.
    pub secret: String,
    /// The entry in the template.
    pub location: Location,
    /// The line in the configuration.
    pub line: Location,
}

/// Something that is written and holds only in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baked {
    /// What it is.
    pub what: BakedPart,
    /// The secret line that asks for it.
    pub line: Location,
}

/// What of a result can hold only in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BakedPart {
    /// The environment's name, in the name of a parameter.
    Name,
    /// The environment's customer-managed key.
    Key,
    /// An ARN of one account and Region, by `reference = "literal"`.
    LiteralArn,
    /// An ARN of one Region that a secret line gives.
    LineArn,
}

impl Binding {
    /// Whether the container gets the secret by a reference, once the plan is carried out.
    pub fn is_by_reference(&self) -> bool {
        match self.outcome {
            Outcome::Moved
            | Outcome::Added
            | Outcome::Replaced
            | Outcome::AlreadyByReference
            | Outcome::Deduplicated => true,
            Outcome::ByValue | Outcome::Embedded | Outcome::Resolved | Outcome::Skipped { .. } => false,
        }
    }

    /// Whether the plan writes the reference, which did not stand there before.
    pub fn writes_reference(&self) -> bool {
        matches!(self.outcome, Outcome::Moved | Outcome::Added | Outcome::Replaced)
    }

    /// Whether the change writes a value from the store into the template.
    pub fn carries_value(&self) -> bool {
        matches!(self.outcome, Outcome::Embedded | Outcome::Resolved)
    }
}

impl Plan {
    /// Whether a rewritten template carries values from the store that its source did not have: it may go only where
    /// values were asked to go.
    pub fn carries_values(&self) -> bool {
        (0..self.changes.len()).any(|document| self.carries_values_in(document))
    }

    /// The same for one template of the run.
    pub fn carries_values_in(&self, document: usize) -> bool {
        let changes = self.changes.get(document).is_some_and(|changes| !changes.is_empty());
        changes && self.bindings.iter().any(|binding| binding.document == document && binding.carries_value())
    }

    /// Whether anything stands in the way of the rewrite.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Plan").field("bindings", &self.bindings).finish_non_exhaustive()
    }
}
