//! A value that the store holds, anywhere in a file.

use super::{Finds, Rule};
use crate::finding::Level;

/// The rule. What it finds is found by [`crate::Known`].
pub(crate) static RULE: Rule = Rule {
    id: "known-secret",
    level: Level::Error,
    finds: Finds::StoredValue,
    is_movable: false,
    summary: "a value that the store holds, as plaintext or encoded, anywhere in a file",
    page: include_str!("../../rules/known-secret.md"),
};
