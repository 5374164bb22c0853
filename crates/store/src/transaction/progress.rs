//! The progress of one Region within a transaction.

use super::report::RegionState;
use crate::error::StoreError;

/// How often a Region's old value is put back before it is given up: one failure must not leave Regions apart.
pub(super) const TRIES: u8 = 2;
/// How often a Region is read back in the end before it counts as unknown, or as what it was before the write.
pub(super) const CHECKS: u8 = 3;

/// What is known of one Region on the way.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    pub(super) state: RegionState,
    /// The version that the new value has, or had.
    pub(super) new_version: Option<u64>,
    /// The value may not be read.
    pub(super) is_unreadable: bool,
    /// Why a write had no answer, so that the new value may be there.
    pub(super) doubt: Option<StoreError>,
    /// It is to be looked at before the end.
    pub(super) needs_look: bool,
    /// How often the old value may still be put back.
    pub(super) tries: u8,
    /// How often it may still be tried to read the Region back.
    pub(super) checks: u8,
    /// Why it could not be read back.
    pub(super) unconfirmed: Option<StoreError>,
}

impl Progress {
    pub(super) fn is_new(&self) -> bool {
        matches!(self.state, RegionState::New { .. })
    }

    pub(super) fn is_restorable(&self) -> bool {
        self.is_new() && self.tries > 0 && self.guess().is_none()
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Why the new value is only assumed to be there: the write had no answer, and the value may not be read, so that
    /// the version may be another writer's.
    pub(super) fn guess(&self) -> Option<&StoreError> {
        self.doubt.as_ref().filter(|_| self.is_unreadable && self.is_new())
    }

    /// Why it is not certain that the Region holds what it held when it was written or looked at.
    pub(super) fn unconfirmed(&self) -> Option<&StoreError> {
        self.unconfirmed.as_ref().or_else(|| self.guess())
    }

    /// What has arrived and can't be undone needs no further look.
    pub(super) fn needs_look(&self) -> bool {
        self.needs_look && !self.is_new()
    }
}
