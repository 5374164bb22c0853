//! A plaintext value for a name that the configuration declares as a secret.
//!
//! The rule judges by the name alone, in environments. It is the first in precedence, because it is
//! the only one that guesses nothing.

use byref_judge::{ValueClass, classify_value};

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::place::Place;

/// The rule `declared-secret`.
pub(crate) static RULE: Rule = Rule {
    id: "declared-secret",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a plaintext value for a name that deploy.toml declares as a secret",
    page: include_str!("../../rules/declared-secret.md"),
    check: &DeclaredSecret,
};

struct DeclaredSecret;

impl Check for DeclaredSecret {
    /// Compares names only: the configuration has already said that this one is a secret, whatever
    /// its value looks like.
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        let subject = value.subject;
        if subject.place != Place::Environment {
            return;
        }
        let Some(declared) = value
            .declared
            .iter()
            .find(|declared| declared.name == subject.name)
        else {
            return;
        };
        let class = classify_value(subject.text());
        if !matches!(class, ValueClass::Harmless(harmless) if harmless.is_empty_or_reference()) {
            found.push(Found {
                range: subject.trimmed(),
                level: Level::Error,
                name: None,
                message: format!(
                    "`{}` is declared as a secret of `{}`, but its value is in plaintext here",
                    declared.name, declared.app
                ),
                help: "put the value into Parameter Store (`byref secret put`), then run `byref rewrite`",
            });
        }
    }
}
