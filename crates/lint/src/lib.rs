//! Plaintext secrets in CloudFormation templates: where a value stands, what it is called, and what it looks like,
//! judged together.
//!
//! [`lint`] takes a text and gives findings that hold nothing of any value. Pure: no files, no clock, no environment.
#![forbid(unsafe_code)]

mod compose;
mod document;
mod finding;
mod fingerprint;
mod judge;
mod judgement;
mod line;
mod lint;
mod located;
mod pair;
mod path;
mod place;
mod properties;
mod repair;
mod rules;
mod secret_properties;
mod settle;
mod subject;
mod template_facts;
mod templating;
pub mod waiver;
mod walk;

pub use document::may_be_document;
pub use finding::{Finding, Level};
pub use fingerprint::{baseline_entry, fingerprints};
pub use lint::{Context, Declared, Reading, Report, lint};
pub use rules::{Finds, KNOWN_SECRET, RULES, Rule, STALE_WAIVER, rule};
pub use settle::places_of_values;
