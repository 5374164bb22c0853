//! The rules, one a file: what each finds, and its page of help.

use std::ops::Range;

use crate::finding::Level;

pub(crate) mod declared_secret;
pub(crate) mod embedded_secret;
pub(crate) mod known_secret;
pub(crate) mod no_echo;
pub(crate) mod reference_form;
pub(crate) mod resolved_in_clear;
pub(crate) mod secret_name;
pub(crate) mod secret_property;
pub(crate) mod secret_shape;
pub(crate) mod stale_waiver;
pub(crate) mod weak_secret;

/// A rule of the lint.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its kebab-case id.
    pub id: &'static str,
    /// How much its findings weigh at most.
    pub level: Level,
    /// What kind of thing it finds.
    pub finds: Finds,
    /// Whether what it finds can be a whole value that `--fix` moves into the store.
    pub is_movable: bool,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its page of help, in Markdown.
    pub page: &'static str,
}

/// What kind of thing a rule finds: what is done with it follows from that, never from the rule's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// A plaintext secret: its value is masked wherever the text repeats it.
    Secret,
    /// A plaintext secret that a store holds.
    StoredValue,
    /// An everyday word where a secret belongs.
    WeakSecret,
    /// A secret that is readable after the deploy, and not in the text.
    Exposure,
    /// A reference that fails at deploy; nothing is given away.
    FailingReference,
    /// A waiver that waives nothing.
    StaleWaiver,
}

impl Finds {
    /// Whether the finding's place is a secret value that nobody may see.
    pub fn is_secret_value(self) -> bool {
        matches!(self, Self::Secret | Self::StoredValue)
    }

    /// Whether it gives something away.
    pub fn is_about_security(self) -> bool {
        !matches!(self, Self::FailingReference | Self::StaleWaiver)
    }
}

/// All rules. Where several find the same value, the first of them speaks.
pub static RULES: [&Rule; 11] = [
    &declared_secret::RULE,
    &known_secret::RULE,
    &secret_property::RULE,
    &secret_shape::RULE,
    &embedded_secret::RULE,
    &secret_name::RULE,
    &weak_secret::RULE,
    &reference_form::RULE,
    &resolved_in_clear::RULE,
    &no_echo::RULE,
    &stale_waiver::RULE,
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// What a rule has found in a value.
pub(crate) struct Found {
    /// Where in the value's text.
    pub(crate) range: Range<usize>,
    pub(crate) level: Level,
    /// The name that it stands under, where the value itself gives it one.
    pub(crate) name: Option<String>,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}
