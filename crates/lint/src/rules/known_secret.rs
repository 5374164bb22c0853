//! A value that the store holds, anywhere in a file.
//!
//! Every other rule infers a secret; this one compares. It therefore also applies to logs, dumps
//! and other files that the lint does not read as documents.

use super::{Check, Finds, Rule};
use crate::finding::Level;

/// The rule `known-secret`.
pub static RULE: Rule = Rule {
    id: "known-secret",
    level: Level::Error,
    finds: Finds::StoredValue,
    is_movable: false,
    summary: "a value that the store holds, as plaintext or encoded, anywhere in a file",
    page: include_str!("../../rules/known-secret.md"),
    check: &KnownSecret,
};

/// Finds nothing by itself: a front end that has read the store makes the findings, with
/// `byref_known::Known`.
struct KnownSecret;

impl Check for KnownSecret {}
