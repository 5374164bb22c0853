//! A value with the shape of a credential.
//!
//! The rule needs neither a name nor a place: a vendor's mark with a body of the right length is a
//! credential in an environment, in a description and in a comment alike.

use byref_judge::Shape;

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::judgement::TextJudgement;

/// The rule `secret-shape`.
pub(crate) static RULE: Rule = Rule {
    id: "secret-shape",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a value with the shape of a credential: a vendor's token, a private key, a JSON Web Token",
    page: include_str!("../../rules/secret-shape.md"),
    check: &SecretShape,
};

struct SecretShape;

impl Check for SecretShape {
    /// Finds shapes in every place, also in descriptions and comments: a vendor's mark means the
    /// same everywhere.
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        const HELP: &str = "revoke it, because it has been in a file, and refer to its successor in a parameter store";
        found.extend(
            value
                .judgement
                .shapes
                .iter()
                .map(|shape| credential(shape, HELP)),
        );
    }

    fn nested_value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        self.value(value, found);
    }

    fn text(&self, text: &TextJudgement<'_>, found: &mut Vec<Found>) {
        found.extend(
            text.shapes
                .iter()
                .map(|shape| credential(shape, super::TEXT_HELP)),
        );
    }
}

/// Returns the finding for a credential.
fn credential(shape: &Shape, help: &'static str) -> Found {
    Found {
        range: shape.range.clone(),
        level: Level::Error,
        name: None,
        message: format!("this has the shape of {}", shape.kind),
        help,
    }
}
