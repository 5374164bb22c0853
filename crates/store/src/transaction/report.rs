//! What every Region holds in the end.

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;

/// What a Region holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionState {
    /// It was right already and was not touched.
    UpToDate,
    /// What it held before; it was not changed.
    Unchanged,
    /// The new value.
    New {
        /// Its version.
        version: u64,
    },
    /// The old value, which was written back.
    Restored {
        /// Its version.
        version: u64,
    },
    /// Nothing: the new parameter was deleted again.
    Removed,
    /// Nothing: the parameter was deleted, as was asked.
    Deleted,
    /// Nothing, though there was something: somebody else deleted it meanwhile.
    DeletedElsewhere,
    /// Neither the old value nor the new one: somebody else wrote meanwhile.
    OverwrittenElsewhere {
        /// Its version.
        version: u64,
    },
    /// It can't be looked at: the old value or the new one.
    Unknown(StoreError),
}

/// Why the way went back, or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A Region could not be written.
    Failed {
        /// The Region.
        region: Region,
        /// Why.
        error: StoreError,
    },
    /// The user stopped it.
    Interrupted,
    /// All was written, but another writer came after, first in this Region.
    Overtaken {
        /// The Region.
        region: Region,
    },
    /// All was written, but what is there now could not be read back.
    Unconfirmed {
        /// The Region.
        region: Region,
        /// Why.
        error: StoreError,
    },
}

/// One Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionReport {
    /// The Region.
    pub region: Region,
    /// Whether the parameter was not there before.
    pub was_absent: bool,
    /// What it holds now.
    pub state: RegionState,
    /// Why it could not be read back at the end: it held that when it was written, and another writer may have come.
    pub unconfirmed: Option<StoreError>,
}

/// What every Region holds, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The parameter.
    pub name: ParameterName,
    /// The Regions.
    pub regions: Vec<RegionReport>,
    /// Why it is not complete.
    pub cause: Option<Cause>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All Regions hold the new value, or nothing more where it was to be deleted.
    Complete,
    /// All Regions hold what they held before.
    RolledBack,
    /// Some hold the one, some the other, or it is not known.
    Mixed,
    /// All Regions held the new value, or what they held before, when they were written, but not all could be read back.
    Unconfirmed,
}

impl Report {
    /// There is no cause where nothing is wrong: what failed at first may have come right.
    pub(super) fn new(name: ParameterName, regions: Vec<RegionReport>, cause: Option<Cause>) -> Self {
        let mut report = Self { name, regions, cause };
        if report.verdict() == Verdict::Complete {
            report.cause = None;
        }
        report
    }

    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        // A Region that was right already holds the new value, as it did before.
        let all = |fits: fn(&RegionState) -> bool| {
            self.regions.iter().all(|report| report.state == RegionState::UpToDate || fits(&report.state))
        };
        let is_unconfirmed = self.regions.iter().any(|report| report.unconfirmed.is_some());
        let confirmed = |verdict| if is_unconfirmed { Verdict::Unconfirmed } else { verdict };
        if all(|state| matches!(state, RegionState::New { .. } | RegionState::Deleted)) {
            confirmed(Verdict::Complete)
        } else if all(|state| {
            matches!(state, RegionState::Unchanged | RegionState::Restored { .. } | RegionState::Removed)
        }) {
            confirmed(Verdict::RolledBack)
        } else {
            Verdict::Mixed
        }
    }
}
