//! The policies of a role, as far as a reader could make them out.
//!
//! The model is that of IAM's JSON. Every part that a template may compute has a form for "not
//! known": a [`Pattern`] with gaps, an [`Effect::Unknown`], [`Conditions::Unreadable`], a
//! [`PolicyStatement::Unreadable`]. The evaluation never takes one of them for a yes or a no.
//!
//! Source: IAM user guide, "IAM JSON policy elements reference".

use crate::managed::ManagedPolicy;
use crate::pattern::Pattern;
use crate::patterns::Patterns;
use crate::truth::{Reason, Truth};

/// A policy document: its statements, in order.
#[derive(Clone, Debug)]
pub struct Document<P> {
    /// The items of `Statement`.
    pub statements: Vec<PolicyStatement<P>>,
}

/// One statement of a policy.
#[derive(Clone, Debug)]
pub enum PolicyStatement<P> {
    /// A statement whose elements are readable.
    Known {
        /// The caller's place of it, for messages.
        place: P,
        /// `Effect`
        effect: Effect,
        /// `Action` or `NotAction`
        actions: Clause,
        /// `Resource` or `NotResource`
        resources: Clause,
        /// `Condition`
        conditions: Conditions,
    },
    /// A statement, or a whole document, that a function of CloudFormation makes. It may allow and
    /// deny anything.
    Unreadable(Reason),
}

/// `Effect` of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
    /// Computed, or neither of the two: the statement may allow as well as deny.
    Unknown(Reason),
    /// The statement has no effect, and so none on the verdict.
    Missing,
}

/// An element of a statement that comes in two opposite forms.
#[derive(Clone, Debug)]
pub enum Clause {
    /// `Action` or `Resource`: one of the patterns must match.
    AnyOf(Patterns),
    /// `NotAction` or `NotResource`: none of the patterns may match.
    NoneOf(Patterns),
    /// Neither form, or both, which IAM refuses: the statement matches nothing.
    Missing,
}

/// `Condition` of a statement.
#[derive(Clone, Debug)]
pub enum Conditions {
    /// All of these must hold. A statement without `Condition` has none of them.
    Known(Vec<Condition>),
    /// The block, or a part of it, is computed.
    Unreadable(Reason),
}

/// One key of a condition block with its operator. One of the values must fit.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator with its prefix and suffix: `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// The condition key: `aws:RequestedRegion`.
    pub key: String,
    /// The values that the key is compared with.
    pub values: Vec<Pattern>,
}

/// The text of a policy, or the reason why it is missing.
#[derive(Clone, Debug)]
pub enum PolicySource<P> {
    /// A document that the caller has read.
    Document(Document<P>),
    /// A policy of AWS whose effect on reading secrets is known.
    Managed(ManagedPolicy),
    /// A policy of AWS that the table does not list. It may allow anything, and denies nothing.
    UnlistedManaged(Reason),
    /// A policy that the caller can't read. It may allow and deny anything.
    Unreadable(Reason),
}

impl<P> PolicySource<P> {
    /// Returns the policy of AWS with a name, which may have a path before it (`service-role/…`).
    ///
    /// AWS's policies allow; those that deny have `Deny` or `Quarantine` in their names
    /// (`AWSDenyAll`, `AWSCompromisedKeyQuarantineV3`), and are not evaluated.
    ///
    /// Source: AWS managed policy reference guide.
    pub fn of_aws(name: &str) -> Self {
        match ManagedPolicy::named(name) {
            Some(policy) => Self::Managed(policy),
            None if name.contains("Deny") || name.contains("Quarantine") => {
                Self::Unreadable(format!("the policy `{name}`").into())
            }
            None => Self::UnlistedManaged(format!("the policy `{name}`").into()),
        }
    }
}

/// A policy of a role.
#[derive(Clone, Debug)]
pub struct AttachedPolicy<P> {
    /// Its text.
    pub source: PolicySource<P>,
    /// The answer to whether the role has it: a template may compute the role that a policy names.
    pub attached: Truth,
}

/// A permissions boundary. It grants nothing; it denies what it does not allow.
///
/// Source: IAM user guide, "Permissions boundaries for IAM entities".
#[derive(Clone, Debug)]
pub struct Boundary<P> {
    /// The policy that is the boundary.
    pub source: PolicySource<P>,
    /// The caller's place of the property that names it.
    pub place: P,
}

/// All identity policies of a role.
#[derive(Clone, Debug)]
pub struct RolePolicies<P> {
    /// Inline and attached policies, in any order: the order has no effect on the verdict, only on
    /// its reason.
    pub policies: Vec<AttachedPolicy<P>>,
    /// The permissions boundary, if the role has one.
    pub boundary: Option<Boundary<P>>,
}

impl<P> Default for RolePolicies<P> {
    fn default() -> Self {
        Self {
            policies: Vec::new(),
            boundary: None,
        }
    }
}
