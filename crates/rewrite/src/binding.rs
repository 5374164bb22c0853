//! The result of planning: the outcome of each secret in each container, the changes, and the
//! messages.

use byref_known::KnownValues;
use byref_template::{Changes, Diagnostic, Location, NodeId, has_errors};

use byref_iam::Verdict;

/// The outcome of one secret in one container.
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
    /// The name was there more than once; one entry in `Secrets` remains.
    Deduplicated,
    /// The value scheme: the entry stays in `Environment`.
    ByValue,
    /// The value scheme: a new entry in `Environment`, with the value from the store.
    Embedded,
    /// The value scheme: an entry moves from `Secrets` to `Environment`, with the value from the
    /// store.
    Resolved,
    /// Left alone.
    Skipped {
        /// Why, in a few words.
        reason: String,
    },
}

impl Outcome {
    /// Returns the word for the outcome in summaries and JSON.
    pub fn as_str(&self) -> &'static str {
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
    /// The text of the container's `ValueFrom`, pseudo parameters as `${AWS::…}`.
    pub reference: String,
    /// The entry in the template; the container where there is none yet.
    pub location: Location,
    /// The line in the configuration.
    pub line: Location,
    /// The container's own node.
    pub(crate) node: NodeId,
}

/// A verdict: may a role do what a service does with it to read one secret for one container?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Index into [`Plan::bindings`].
    pub binding: usize,
    /// `ssm:GetParameters`, `secretsmanager:GetSecretValue` or `kms:Decrypt`.
    pub action: &'static str,
    /// The ARNs that it is done on, one for each Region where the template is deployed, in that
    /// order; with wildcards for what only AWS knows.
    pub resources: Vec<String>,
    /// The role.
    pub role: RoleReference,
    /// What is known, over all these Regions: the worst of them. What the plan grants counts.
    pub verdict: Verdict,
    /// Whether the plan grants it.
    pub is_granted: bool,
    /// What takes the right away, whatever else allows it: a statement that denies, or a
    /// permissions boundary.
    pub denied_by: Option<Denial>,
    /// The parameters of the template whose defaults the verdict takes, by name: with other values
    /// it may be another.
    pub by_default: Vec<String>,
}

impl Access {
    /// Returns whether the right is denied whatever a deploy passes to the template, so that no
    /// grant helps.
    pub fn is_denied_for_certain(&self) -> bool {
        self.denied_by.is_some() && self.by_default.is_empty()
    }
}

/// A part of a template that takes a right away, whatever else allows it.
///
/// Source: IAM user guide, "Policy evaluation logic".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// A statement with the effect `Deny`.
    Statement(Location),
    /// The permissions boundary of the role, which does not allow it.
    Boundary(Location),
}

/// The role that reads the secrets of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleReference {
    /// A resource of the same template, or of one of the run that nests it, by its logical id.
    InTemplate(String),
    /// Another one, with its ARN or name where the template has one.
    Elsewhere(Option<String>),
}

/// The plan for the templates of a run: what changes, and why.
#[derive(Clone, Default)]
pub struct Plan {
    /// The values of the run's secrets, for masks: those that the templates have for declared
    /// names, and those that a store gave.
    pub known: KnownValues,
    /// The changes, one item for each template, in the order of the templates. All are empty if the
    /// plan has errors.
    pub changes: Vec<Changes>,
    /// The outcome of every secret, by template, then by place.
    pub bindings: Vec<Binding>,
    /// Whether the roles may read what the bindings refer to, in the order of the containers;
    /// judged from the templates alone.
    pub access: Vec<Access>,
    /// The messages for the user, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// The first part of the result that holds only in this environment, if any.
    pub environment_specific: Option<SpecificPart>,
    /// The first part of the result that holds only in the Region of the request, if any and if the
    /// environment has several.
    pub region_specific: Option<SpecificPart>,
    /// The value scheme: entries of secret lines that are references, and are kept so.
    pub kept_references: Vec<KeptReference>,
    /// Whether an error left open which container reads which secret.
    pub(crate) is_undecided: bool,
}

/// An entry that the value scheme keeps as a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReference {
    /// The name of the environment variable.
    pub secret: String,
    /// The entry in the template.
    pub location: Location,
    /// The line in the configuration.
    pub line: Location,
}

/// A part of the result that holds only in one environment, or only in one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecificPart {
    /// The kind of part.
    pub kind: SpecificKind,
    /// The secret line that asks for it.
    pub line: Location,
}

/// The parts of a result that can be specific to an environment or a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecificKind {
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
    /// Returns whether the container gets the secret by reference once the plan is carried out.
    pub fn is_by_reference(&self) -> bool {
        match self.outcome {
            Outcome::Moved
            | Outcome::Added
            | Outcome::Replaced
            | Outcome::AlreadyByReference
            | Outcome::Deduplicated => true,
            Outcome::ByValue | Outcome::Embedded | Outcome::Resolved | Outcome::Skipped { .. } => {
                false
            }
        }
    }

    /// Returns whether the plan writes a reference that the template did not have.
    pub fn writes_reference(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Moved | Outcome::Added | Outcome::Replaced
        )
    }

    /// Returns whether the plan writes a value from the store into the template.
    pub fn carries_value(&self) -> bool {
        matches!(self.outcome, Outcome::Embedded | Outcome::Resolved)
    }
}

impl Plan {
    /// Returns whether a rewritten template carries values from the store that its source did not
    /// have. Such a template may be written only where values were asked for.
    pub fn carries_values(&self) -> bool {
        (0..self.changes.len()).any(|document| self.carries_values_in(document))
    }

    /// Returns the same for one template of the run, by index.
    pub fn carries_values_in(&self, document: usize) -> bool {
        let changes = self
            .changes
            .get(document)
            .is_some_and(|changes| !changes.is_empty());
        changes
            && self
                .bindings
                .iter()
                .any(|binding| binding.document == document && binding.carries_value())
    }

    /// Returns whether the bindings tell which containers read which secrets. Errors about the
    /// rights of roles and about grants do not change that; any other error does.
    pub fn is_decided(&self) -> bool {
        !self.is_undecided
    }

    /// Returns whether an error keeps the plan from being carried out.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

impl std::fmt::Debug for Plan {
    /// Shows the bindings alone: changes may hold values.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Plan")
            .field("bindings", &self.bindings)
            .finish_non_exhaustive()
    }
}
