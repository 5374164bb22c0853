//! The outcome of a transaction: the final state of every Region.

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;

/// The final state of a Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionState {
    /// The Region already held the new value and was not written.
    UpToDate,
    /// The Region holds its old value and was not changed.
    Unchanged,
    /// The Region holds the new value.
    New {
        /// The version of the new value.
        version: u64,
    },
    /// The old value was restored.
    Restored {
        /// The version of the restored value.
        version: u64,
    },
    /// The new parameter was deleted during the rollback.
    Removed,
    /// The parameter was deleted, as requested.
    Deleted,
    /// Another caller deleted the parameter during the transaction.
    DeletedElsewhere,
    /// Another caller wrote a different value during the transaction.
    OverwrittenElsewhere {
        /// The version of that value.
        version: u64,
    },
    /// The Region can't be read. It holds the old value or the new one.
    Unknown(StoreError),
}

/// The reason why a transaction was rolled back or is not certain to be complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A Region could not be written.
    Failed {
        /// The Region.
        region: Region,
        /// The error of the write.
        error: StoreError,
    },
    /// The user interrupted the transaction.
    Interrupted,
    /// All Regions were written, but another caller wrote later, first in this Region.
    Overtaken {
        /// The Region.
        region: Region,
    },
    /// All Regions were written, but this one could not be read back.
    Unconfirmed {
        /// The Region.
        region: Region,
        /// The error of the read.
        error: StoreError,
    },
}

/// The outcome in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionReport {
    /// The Region.
    pub region: Region,
    /// The parameter did not exist before the transaction.
    pub was_absent: bool,
    /// The final state of the Region.
    pub state: RegionState,
    /// The error that prevented reading the Region back. The state is then the one after the last
    /// write, and another caller may have written since.
    pub unconfirmed: Option<StoreError>,
}

/// The outcome in all Regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The parameter that was written.
    pub name: ParameterName,
    /// The Regions, in the order of the steps.
    pub regions: Vec<RegionReport>,
    /// The reason why the transaction is not complete, or `None` if it is.
    pub cause: Option<Cause>,
}

/// The overall result of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All Regions hold the new value, or none has the parameter any more after a deletion.
    Complete,
    /// All Regions hold their old value.
    RolledBack,
    /// Some Regions hold the old value and some the new one, or a state is unknown.
    Mixed,
    /// All Regions held the new value, or all held the old one, when they were last written. Not
    /// all could be read back.
    Unconfirmed,
}

impl Report {
    /// Creates a report. A complete transaction has no cause, even if a request failed on the way.
    pub(super) fn new(
        name: ParameterName,
        regions: Vec<RegionReport>,
        cause: Option<Cause>,
    ) -> Self {
        let mut report = Self {
            name,
            regions,
            cause,
        };
        if report.verdict() == Verdict::Complete {
            report.cause = None;
        }
        report
    }

    /// Returns the overall result.
    pub fn verdict(&self) -> Verdict {
        // An up-to-date Region holds both the new value and the old one.
        let all = |fits: fn(&RegionState) -> bool| {
            self.regions
                .iter()
                .all(|report| report.state == RegionState::UpToDate || fits(&report.state))
        };
        let is_unconfirmed = self
            .regions
            .iter()
            .any(|report| report.unconfirmed.is_some());
        let confirmed = |verdict| {
            if is_unconfirmed {
                Verdict::Unconfirmed
            } else {
                verdict
            }
        };
        if all(|state| matches!(state, RegionState::New { .. } | RegionState::Deleted)) {
            confirmed(Verdict::Complete)
        } else if all(|state| {
            matches!(
                state,
                RegionState::Unchanged | RegionState::Restored { .. } | RegionState::Removed
            )
        }) {
            confirmed(Verdict::RolledBack)
        } else {
            Verdict::Mixed
        }
    }
}
