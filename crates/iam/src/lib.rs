//! IAM as far as it decides who may read a secret: rights, policies, their evaluation, and their
//! text.
//!
//! A service that starts a container reads each secret with a role. [`rights_to_read`] lists the
//! rights that the role needs for one secret, and [`requests_to_read`] the calls that the service
//! will make. [`decide`] evaluates the policies of a role for such a call, as IAM does for identity
//! policies, with a third answer for everything that only a deployment knows. [`statements`] groups
//! rights into the statements of a policy; [`RolePolicy`] and [`KeyStack`] print policies and
//! stacks of their own.
//!
//! ```
//! use byref_iam::{Action, ArnScope, Document, PolicySource, RolePolicies, Secret, Verdict, decide, requests_to_read,
//!     rights_to_read};
//! let account = "111122223333".parse().unwrap();
//! let scope = ArnScope::of("aws".parse().unwrap(), &"us-west-2".parse().unwrap(), &account);
//! let secret = Secret::Parameter("/production/web/token".into());
//!
//! let rights = rights_to_read(&secret, [], &scope);
//! assert_eq!(rights[0].action, Action::GetParameters);
//! assert_eq!(rights[0].resource, "arn:aws:ssm:us-west-2:111122223333:parameter/production/web/token");
//!
//! // A role without policies may read nothing.
//! let role: RolePolicies<()> = RolePolicies::default();
//! let request = &requests_to_read(&secret, None, &scope)[0];
//! assert!(matches!(decide(&role, request).verdict, Verdict::NotAllowed(_)));
//! ```
//!
//! What the crate does not evaluate: key policies, resource policies, service control policies and
//! session policies. The templates that byref reads hold none of them.
//!
//! Where a policy came from is the caller's business: the places in a [`Document`] are of any type
//! `P`, and the verdict gives the place of the statement that denies back.
#![forbid(unsafe_code)]

mod build;
mod condition;
mod document;
mod evaluation;
mod grant;
mod key_stack;
mod managed;
mod pattern;
mod patterns;
mod print;
mod read;
mod request;
mod role_policy;
mod truth;

pub use build::{document, literal, mapping, text};
pub use document::{
    AttachedPolicy, Boundary, Clause, Condition, Conditions, Document, Effect, PolicySource,
    PolicyStatement, RolePolicies,
};
pub use evaluation::{Judgement, Verdict, decide};
pub use grant::{POLICY_NAME, Statement, inline_policy, statements};
pub use key_stack::KeyStack;
pub use managed::ManagedPolicy;
pub use pattern::Pattern;
pub use patterns::Patterns;
pub use read::{
    Action, ArnScope, Right, Secret, rights_to_read, with_some_suffix, without_random_suffix,
};
pub use request::{Request, requests_to_read};
pub use role_policy::{PolicyForm, RolePolicy};
pub use truth::{Reason, Truth};
