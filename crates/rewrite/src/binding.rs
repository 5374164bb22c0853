//! What a plan says: per secret and container what happens, the changes, and the messages.

use byref_template::{Changes, Diagnostic, Location, Severity};

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
    /// Logical id of the task definition, or of the Express Gateway service.
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
}

/// Everything that shall happen to the templates of a run.
#[derive(Clone, Default)]
pub struct Plan {
    /// What changes, one per template, in the order of the templates.
    pub changes: Vec<Changes>,
    /// What happens to every secret, by template, then by place.
    pub bindings: Vec<Binding>,
    /// What the user must know, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// The line of a written reference that holds only for this environment, if there is one.
    pub baked_environment: Option<Location>,
}

impl Plan {
    /// Whether anything stands in the way of the rewrite.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Plan").field("bindings", &self.bindings).finish_non_exhaustive()
    }
}
