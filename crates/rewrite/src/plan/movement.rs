//! The moves of entries between the two lists of a container, as values.
//!
//! Decisions are collected here, one line after the other, and become changes only when all lines
//! of a container are decided: whether a list is renamed, emptied or created depends on all of
//! them. Indices are those of the pairs in [`List`](crate::list::List), which no decision changes.

use std::collections::{BTreeMap, BTreeSet};

use byref_template::Build;

/// The new content of an entry: a reference in `Secrets`, a value in `Environment`.
#[derive(Clone)]
pub(super) struct Content {
    /// The name of the environment variable.
    pub(super) secret: String,
    /// The value of the entry's `Value` or `ValueFrom`.
    pub(super) value: Build,
    /// The `Type` of an entry that CodeBuild reads.
    pub(super) kind: &'static str,
}

/// The moves of one list of a container. Indices count the pairs of that list.
#[derive(Clone, Default)]
pub(super) struct Side {
    /// Pairs that move to the other list, with their content there.
    pub(super) leaving: BTreeMap<usize, Content>,
    /// Pairs that are removed: another pair of the same name is kept.
    pub(super) dropped: BTreeSet<usize>,
    /// Pairs that are kept and get another content.
    pub(super) retargeted: BTreeMap<usize, Content>,
    /// New entries.
    pub(super) added: Vec<Content>,
}

impl Side {
    /// Returns whether a pair leaves the list.
    pub(super) fn takes(&self, pair: usize) -> bool {
        self.leaving.contains_key(&pair) || self.dropped.contains(&pair)
    }
}

/// The moves of the entries of one container.
#[derive(Clone, Default)]
pub(super) struct Movement {
    pub(super) environment: Side,
    pub(super) secrets: Side,
    /// Whether the decisions have reported entries without a literal name. It is reported once for
    /// each container.
    pub(super) is_checked_for_clashes: bool,
}
