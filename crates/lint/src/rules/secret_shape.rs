//! A value with the shape of a credential.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::Judgement;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "secret-shape",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a value with the shape of a credential: a vendor's token, a private key, a JSON Web Token",
    page: include_str!("../../rules/secret-shape.md"),
};

pub(crate) fn check(judgement: &Judgement) -> Vec<Found> {
    let found = judgement.shapes.iter().map(|shaped| Found {
        range: shaped.range.clone(),
        level: Level::Error,
        name: None,
        message: format!("this has the shape of {}", shaped.kind),
        help: "revoke it, since it has been in a file, and let its successor be a reference",
    });
    found.collect()
}
