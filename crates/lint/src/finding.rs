//! What the lint finds. Nothing here holds a value.

use byref_template::Span;

use crate::rules::Rule;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Should be looked at.
    Warning,
    /// A plaintext secret, or a deploy that would fail.
    Error,
}

impl Level {
    /// The word of formats and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A place where something is wrong, without the value that stands there.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it weighs here.
    pub level: Level,
    /// The value in the file.
    pub span: Span,
    /// The property's path, such as `Resources.Web.Properties.ContainerDefinitions[0].Environment[1].Value`; empty in
    /// texts that are no templates.
    pub path: String,
    /// The name that the value stands under, such as `DB_PASSWORD`.
    pub name: Option<String>,
    /// What is wrong and why it is thought so, in one line; holds nothing of the value.
    pub message: String,
    /// What to do.
    pub help: String,
}
