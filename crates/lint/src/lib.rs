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
mod known;
mod known_values;
mod line;
mod lint;
mod located;
mod pair;
mod path;
mod place;
mod properties;
mod repair;
mod rules;
mod subject;
mod template_facts;
mod templating;
mod value_forms;
pub mod waiver;
mod walk;

pub use document::may_be_document;
pub use finding::{Finding, Level};
pub use fingerprint::{baseline_entry, fingerprints};
pub use known::{Form, Known, KnownHit, SHORTEST_KNOWN};
pub use known_values::KnownValues;
pub use lint::{Context, Declared, Reading, Report, lint, places_of_values};
pub use rules::{Finds, RULES, Rule, rule};

/// Why an environment variable with a literal value is thought to be a secret, in a few words; `None` when it is none.
/// This is the judgement of the rules `secret-name`, `secret-shape`, `embedded-secret` and `weak-secret`.
pub fn secret_reason(name: &str, value: &str) -> Option<&'static str> {
    judge::pair(name, value)
}

/// Whether a text looks machine-generated: keys, tokens and generated passwords, whatever they are called.
pub fn looks_random(text: &str) -> bool {
    judge::looks_random(text)
}

/// Whether a name alone says that its value is a secret.
pub fn says_secret(name: &str) -> bool {
    judge::says(name).is_strong()
}
