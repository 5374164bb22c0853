//! Plans the rewrite of an application's templates to references, applies it, and proves the result.
//!
//! [`plan`] decides from the configuration and the parsed templates what shall change, and says why;
//! [`rewrite`] turns the changes into text and has an independent parser confirm that the result is the
//! source with exactly those changes. Pure and synchronous: data in, data out.
#![forbid(unsafe_code)]

mod binding;
mod candidate;
mod container;
mod hidden;
mod limits;
mod plaintext;
mod plan;
mod reference;
mod request;
mod value;
mod verify;

pub use binding::{Binding, Outcome, Plan};
pub use candidate::{Candidate, Standing, secret_candidates};
pub use hidden::hidden_spans;
pub use limits::{INLINE_TEMPLATE_BYTES, RESOURCES, TASK_DEFINITION_BYTES, TEMPLATE_BYTES, limits};
pub use plaintext::{Plaintext, plaintexts};
pub use plan::plan;
pub use request::{Document, Request, UnusedParameters};
pub use verify::rewrite;
