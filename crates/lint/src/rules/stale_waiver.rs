//! A waiver that matches nothing any more, has expired, or cannot be read.
//!
//! Waivers are made for single findings. One that outlives its finding would accept the next secret
//! in the same place.

use super::{Check, Finds, Rule};
use crate::finding::Level;

/// The rule `stale-waiver`.
pub static RULE: Rule = Rule {
    id: "stale-waiver",
    level: Level::Warning,
    finds: Finds::StaleWaiver,
    is_movable: false,
    summary: "a waiver that matches nothing any more, has expired, or cannot be read",
    page: include_str!("../../rules/stale-waiver.md"),
    check: &StaleWaiver,
};

/// Finds nothing by itself: waivers are matched after all other findings are known, by
/// [`crate::waiver`] in a file and by a front end in `deploy.toml`.
struct StaleWaiver;

impl Check for StaleWaiver {}
