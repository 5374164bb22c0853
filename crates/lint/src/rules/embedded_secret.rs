//! A credential inside a longer value.
//!
//! The crate `byref-judge` finds the credentials; the rule decides on their level. A finding has
//! the name that the text gives the credential, `password` in `--password X`, so that `--fix` and
//! waivers can tell several apart.

use byref_judge::Embedded;

use super::{Check, Finds, Found, Judged, Rule, secret_name};
use crate::finding::Level;
use crate::judgement::TextJudgement;

/// The rule `embedded-secret`.
pub(crate) static RULE: Rule = Rule {
    id: "embedded-secret",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a credential inside a longer value: a URL, a connection string, a header, a command, a script",
    page: include_str!("../../rules/embedded-secret.md"),
    check: &EmbeddedSecret,
};

struct EmbeddedSecret;

impl Check for EmbeddedSecret {
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        const HELP: &str = "move the secret to a variable of its own, by reference, and assemble the text where it is used";
        found.extend(
            value
                .judgement
                .embedded
                .iter()
                .filter_map(|embedded| credential(embedded, HELP)),
        );
    }

    /// A key of a JSON document is the name of its value: a secret under it is a credential inside
    /// a longer value.
    fn nested_value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        self.value(value, found);
        found.extend(secret_name::named(value));
    }

    fn text(&self, text: &TextJudgement<'_>, found: &mut Vec<Found>) {
        found.extend(
            text.embedded
                .iter()
                .filter_map(|embedded| credential(embedded, super::TEXT_HELP)),
        );
    }
}

/// Returns the finding for a credential; weak ones are left to the rule `weak-secret`.
fn credential(embedded: &Embedded, help: &'static str) -> Option<Found> {
    let level = super::level(embedded.verdict)?;
    Some(Found {
        range: embedded.range.clone(),
        level,
        name: embedded.name.clone(),
        message: format!("plaintext secret: {}", embedded.kind),
        help,
    })
}
