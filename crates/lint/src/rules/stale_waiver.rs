//! A waiver that matches nothing any more, or has expired.

use super::{Finds, Rule};
use crate::finding::Level;

/// The rule. What it finds is found by [`crate::waiver`].
pub(crate) static RULE: Rule = Rule {
    id: "stale-waiver",
    level: Level::Warning,
    finds: Finds::StaleWaiver,
    is_movable: false,
    summary: "a waiver that matches nothing any more, has expired, or can't be read",
    page: include_str!("../../rules/stale-waiver.md"),
};
