//! The rules, one in a file: its id, its page, and what it finds in a value, a reference, a
//! template or a text.
//!
//! A rule is a [`Rule`] that describes it, with a [`Check`] that does the finding. Every method of
//! `Check` has a default that finds nothing, so that a rule implements only what it looks at. A new
//! rule is a file here, a page in `rules/`, fixtures in `fixtures/`, and a line in [`RULES`].

use std::fmt;
use std::ops::Range;

use byref_judge::Verdict;
use byref_template::{NodeRef, Span};

use crate::finding::Level;
use crate::judgement::{Judgement, TextJudgement};
use crate::lint::Declared;
use crate::subject::Subject;
use crate::template_facts::{Facts, Parameter};
use crate::walk::Uses;

mod declared_secret;
mod embedded_secret;
mod known_secret;
mod no_echo;
mod reference_form;
mod resolved_in_clear;
mod secret_name;
mod secret_property;
mod secret_shape;
mod stale_waiver;
mod weak_secret;

pub use known_secret::RULE as KNOWN_SECRET;
pub use stale_waiver::RULE as STALE_WAIVER;

/// A rule of the lint, and everything that its findings have in common.
///
/// Rules are compared by identity. What happens to a finding follows from its rule's `level`,
/// `finds` and `is_movable`, never from the rule's id: the id is for people, in reports, options
/// and waivers.
///
/// ```
/// let rule = byref_lint::rule("secret-name").unwrap();
/// assert!(rule.is_movable && rule.finds.is_about_security());
/// assert!(rule.page.contains("secret-name"));
/// ```
pub struct Rule {
    /// The kebab-case id, such as `secret-name`.
    pub id: &'static str,
    /// The highest level of its findings.
    pub level: Level,
    /// The class of things it finds.
    pub finds: Finds,
    /// `true` if `byref lint --fix` can move a finding into the store: the finding may be the whole
    /// value of an environment variable.
    pub is_movable: bool,
    /// A noun phrase for what it finds, in one line of Markdown.
    pub summary: &'static str,
    /// The rule's page of documentation, in Markdown.
    pub page: &'static str,
    /// The code that finds.
    pub(crate) check: &'static dyn Check,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Rule").field(&self.id).finish()
    }
}

/// The class of things a rule finds, on which the handling of its findings depends.
/// ```
/// use byref_lint::rule;
///
/// let masked = |id| rule(id).is_some_and(|rule| rule.finds.is_secret_value());
/// assert!(masked("secret-name"));
/// assert!(!masked("weak-secret") && !masked("reference-form"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// A plaintext secret. Its value is masked wherever the text repeats it.
    Secret,
    /// A plaintext secret that a parameter store holds as well.
    StoredValue,
    /// An everyday word where a secret belongs. It is not masked: it protects nothing.
    WeakSecret,
    /// A secret that the template does not hold, but that can be read after the deploy.
    Exposure,
    /// A reference that fails at deploy. It gives nothing away.
    FailingReference,
    /// A waiver that matches no finding.
    StaleWaiver,
}

impl Finds {
    /// Returns `true` if the place of a finding is a secret value, which reports must mask.
    pub fn is_secret_value(self) -> bool {
        matches!(self, Self::Secret | Self::StoredValue)
    }

    /// Returns `true` if a finding gives something away, rather than failing a deploy or a review.
    pub fn is_about_security(self) -> bool {
        !matches!(self, Self::FailingReference | Self::StaleWaiver)
    }
}

/// All rules, in order of precedence: if several find the same value, only the first of them is
/// reported.
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

/// Returns the rule with an id, or `None` if there is none.
///
/// ```
/// assert_eq!(byref_lint::rule("no-echo").map(|rule| rule.level), Some(byref_lint::Level::Warning));
/// assert_eq!(byref_lint::rule("no-such-rule"), None);
/// ```
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// The findings of one rule, by the kind of thing it is asked about. Every method adds to `found`.
///
/// Checks are pure: they see a part of the text with everything known about it, and know nothing of
/// other rules. Which of several findings at one place is reported is decided later, by the order
/// of [`RULES`].
pub(crate) trait Check: Sync {
    /// Checks a value of a template, a task definition or a parameter file.
    fn value(&self, _value: &Judged<'_, '_, '_>, _found: &mut Vec<Found>) {}

    /// Checks a value of the JSON document that a value holds. Its keys are names, but it has no
    /// resource and no references.
    fn nested_value(&self, _value: &Judged<'_, '_, '_>, _found: &mut Vec<Found>) {}

    /// Checks a reference to a parameter of the template.
    fn parameter(
        &self,
        _subject: &Subject<'_, '_>,
        _parameter: &Parameter<'_>,
        _found: &mut Vec<Found>,
    ) {
    }

    /// Checks a reference to an attribute of a resource, `Fn::GetAtt`.
    fn attribute(&self, _subject: &Subject<'_, '_>, _attribute: &str, _found: &mut Vec<Found>) {}

    /// Checks a template as a whole, after all of its values.
    fn template(&self, _template: &WholeTemplate<'_, '_>, _found: &mut Vec<FoundAt>) {}

    /// Checks a text that is not a template, and has lines instead of values.
    fn text(&self, _text: &TextJudgement<'_>, _found: &mut Vec<Found>) {}
}

/// A value with its place and its judgement.
pub(crate) struct Judged<'j, 's, 't> {
    /// The value and its place.
    pub(crate) subject: &'j Subject<'s, 't>,
    /// The judgement of the value, made once for all rules.
    pub(crate) judgement: &'j Judgement,
    /// The names that the configuration declares as secrets for this template.
    pub(crate) declared: &'j [Declared],
}

/// A template after all of its values have been walked.
pub(crate) struct WholeTemplate<'w, 't> {
    /// The node that holds `Resources`.
    pub(crate) root: NodeRef<'t>,
    /// The declared parameters.
    pub(crate) facts: &'w Facts<'t>,
    /// The places where parameters are used.
    pub(crate) uses: &'w Uses,
    /// The accounts of all environments of the configuration; empty without one.
    pub(crate) accounts: &'w [String],
}

/// The advice for secrets in texts that are not templates, where nothing is known about their
/// place.
const TEXT_HELP: &str = "store it in Parameter Store or Secrets Manager, and refer to it";

/// Returns the level of a finding with a verdict, or `None` if the rule `weak-secret` reports it.
fn level(verdict: Verdict) -> Option<Level> {
    match verdict {
        Verdict::Secret => Some(Level::Error),
        Verdict::Unsure => Some(Level::Warning),
        Verdict::Weak => None,
    }
}

/// A finding in a value or a text, whose place is a range of it.
pub(crate) struct Found {
    /// The bytes of the text; empty for the whole node.
    pub(crate) range: Range<usize>,
    /// The level of the finding.
    pub(crate) level: Level,
    /// The name that the text itself gives the value; `None` for the name of its place.
    pub(crate) name: Option<String>,
    /// The problem and its reason, in one line.
    pub(crate) message: String,
    /// The advice, as an imperative sentence.
    pub(crate) help: &'static str,
}

/// A finding in a template as a whole, with its place in the file and in the tree.
pub(crate) struct FoundAt {
    /// The bytes in the file.
    pub(crate) span: Span,
    /// The path of the property or parameter.
    pub(crate) path: String,
    /// The finding; its range is not used.
    pub(crate) found: Found,
}
