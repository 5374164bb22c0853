//! The progress of one Region within a transaction.

use super::report::RegionState;
use crate::error::StoreError;

/// The number of attempts to restore the old value of a Region. A single failure must not leave the
/// Regions with different values.
pub(super) const TRIES: u8 = 2;
/// The number of attempts to read a Region back at the end.
pub(super) const CHECKS: u8 = 3;

/// The progress of one Region.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// The last known state.
    pub(super) state: RegionState,
    /// The version of the new value, if it was ever seen in the Region.
    pub(super) new_version: Option<u64>,
    /// The caller is not allowed to read the value.
    pub(super) is_unreadable: bool,
    /// The error of a write without a response, after which the new value may be there.
    pub(super) doubt: Option<StoreError>,
    /// The Region must be read again before the end.
    pub(super) needs_look: bool,
    /// The remaining attempts to restore the old value.
    pub(super) tries: u8,
    /// The remaining attempts to read the Region back.
    pub(super) checks: u8,
    /// The error that prevented reading the Region back.
    pub(super) unconfirmed: Option<StoreError>,
}

impl Progress {
    /// Returns `true` if the Region holds the new value.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.state, RegionState::New { .. })
    }

    /// Returns `true` if the old value can and should be restored on rollback.
    pub(super) fn is_restorable(&self) -> bool {
        self.is_new() && self.tries > 0 && self.guess().is_none()
    }

    /// Returns `true` if a write had no response.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Returns the error that makes the new value an assumption: the write had no response and the
    /// value can't be read, so that the version may belong to another writer.
    pub(super) fn guess(&self) -> Option<&StoreError> {
        self.doubt
            .as_ref()
            .filter(|_| self.is_unreadable && self.is_new())
    }

    /// Returns the error that leaves the last known state of the Region in doubt.
    pub(super) fn unconfirmed(&self) -> Option<&StoreError> {
        self.unconfirmed.as_ref().or_else(|| self.guess())
    }

    /// Returns `true` if the Region must be read again. A Region whose new value has arrived and
    /// can't be undone needs no further read.
    pub(super) fn needs_look(&self) -> bool {
        self.needs_look && !self.is_new()
    }
}
