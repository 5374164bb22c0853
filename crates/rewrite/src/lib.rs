//! Plans the rewrite of an application's templates to references, applies it, and proves the result.
//!
//! [`Survey::new`] looks into the parsed templates; [`Survey::questions`] says what a store would have to tell;
//! [`Survey::plan`] decides with the [`Answers`] what shall change, and says why; [`rewrite`] turns the changes into a
//! template and has an independent parser confirm that it is the source with exactly those changes. Pure and synchronous: data in, data out.
#![forbid(unsafe_code)]

mod binding;
mod candidate;
mod comment;
mod container;
mod execution_role;
mod hidden;
mod iam;
mod limits;
mod list;
mod log;
mod nested;
mod plaintext;
mod plan;
mod policy;
mod question;
mod reference;
mod request;
mod update;
mod verify;

pub use byref_iam::{PolicyForm, RolePolicy, Verdict};

pub use binding::{Access, Baked, BakedPart, Binding, Outcome, Plan, RoleReference, StandingReference};
pub use candidate::{Candidate, Standing, referenced_options, secret_candidates, surveyed};
pub use comment::removed_comments;
pub use container::container_names;
pub use execution_role::{OutsideRole, outside_roles};
pub use hidden::hidden_spans;
pub use iam::{application_policy, key_stack, requests_to_read, scopes_policy};
pub use limits::{
    INLINE_TEMPLATE_BYTES, RESOURCES, ROLE_POLICY_CHARACTERS, TASK_DEFINITION_BYTES, TEMPLATE_BYTES, limits,
};
pub use nested::nested_stacks;
pub use plaintext::{Plaintext, plaintext_options, plaintexts};
pub use plan::Survey;
pub use question::{Answer, Answers, Question};
pub use request::{
    Baseline, Content, Document, DocumentRole, MissingRoles, Request, StandingReferences, UnneededGrants,
    UnusedParameters,
};
pub use update::{CircuitBreaker, Fate, HolderUpdate, StackUpdate, UserUpdate, stack_update};
pub use verify::rewrite;
