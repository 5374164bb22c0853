//! Plaintext secrets in CloudFormation templates: where a value stands, what it is called, and what it looks like,
//! judged together.
//!
//! [`lint`] takes a text and gives findings that hold nothing of any value. Pure: no files, no clock, no environment.
#![forbid(unsafe_code)]

mod compose;
mod finding;
mod fingerprint;
mod judge;
mod judgement;
mod known;
mod line;
mod lint;
mod located;
mod path;
mod place;
mod properties;
mod rules;
mod secret_properties;
mod subject;
mod template_facts;
mod templating;
pub mod waiver;
mod walk;

pub use finding::{Finding, Level};
pub use fingerprint::{baseline_entry, fingerprints};
pub use known::{Form, Known, KnownHit, SHORTEST_KNOWN};
pub use lint::{Context, Declared, Reading, Report, lint};
pub use rules::{RULES, Rule, rule};
