//! The findings of the lint. None of them holds a value.

use byref_template::Span;

use crate::rules::Rule;

/// The level of a finding, on which the exit code of a run depends. Ordered from the lower.
/// ```
/// use byref_lint::Level;
///
/// assert!(Level::Warning < Level::Error);
/// assert_eq!(Level::Error.as_str(), "error");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A person should look at it.
    Warning,
    /// A plaintext secret, or a deploy that would fail.
    Error,
}

impl Level {
    /// Returns the level's name in reports and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A place in a text where a rule has found something, without the value that is there.
///
/// Messages, paths and names come from the text, which may repeat a value anywhere. They are masked
/// before a finding leaves the lint.
///
/// ```
/// use byref_lint::{Context, lint};
///
/// let template = "Resources:
///   Database:
///     Type: AWS::RDS::DBInstance
///     Properties: {MasterUserPassword: Rocket-1709}
/// ";
/// let finding = &lint(&template.into(), Context::default()).findings[0];
/// assert_eq!(finding.rule.id, "secret-property");
/// assert_eq!(finding.path, "Resources.Database.Properties.MasterUserPassword");
/// ```
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// The level of this finding, which is never above the rule's.
    pub level: Level,
    /// The bytes of the value in the file.
    pub span: Span,
    /// The property's path, such as
    /// `Resources.Web.Properties.ContainerDefinitions[0].Environment[1].Value`; empty in texts that
    /// are not templates.
    pub path: String,
    /// The name of the value, such as `DB_PASSWORD`; `None` if it has none.
    pub name: Option<String>,
    /// The problem and the reason for the finding, in one line of plain text with names in
    /// back-ticks.
    pub message: String,
    /// The advice, as an imperative sentence.
    pub help: String,
}
