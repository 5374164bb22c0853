//! The steps of a transaction, the actions it asks for, and the answers it takes.

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{Found, Parameter, Put};

/// What a Region held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriorState {
    /// No such parameter.
    Absent,
    /// The parameter with its value.
    Readable(Parameter),
    /// The parameter; its value may not be read.
    Unreadable(Found),
}

impl PriorState {
    /// What is known without the value.
    pub fn found(&self) -> Option<&Found> {
        match self {
            Self::Absent => None,
            Self::Readable(Parameter { found, .. }) | Self::Unreadable(found) => Some(found),
        }
    }

    /// The version; 0 where there is none.
    pub(super) fn version(&self) -> u64 {
        self.found().map_or(0, |found| found.version)
    }
}

/// What becomes of the parameter in one Region.
#[derive(Clone, Debug)]
pub struct Step {
    /// The Region.
    pub region: Region,
    /// What it holds before.
    pub before: PriorState,
    /// What is written; none where the Region is right already.
    pub put: Option<Put>,
    /// What puts the old value back, where there is one that could be read. A new parameter is deleted instead.
    pub restore: Option<Put>,
}

impl Step {
    pub(super) fn can_roll_back(&self) -> bool {
        self.restore.is_some() || self.before == PriorState::Absent
    }
}

/// What shall be done next.
#[derive(Clone, Copy, Debug)]
pub enum Action<'t> {
    /// A value is written.
    Put {
        /// The Region.
        region: &'t Region,
        /// The new value, or the old one on the way back.
        put: &'t Put,
    },
    /// The parameter is deleted, which was not there before.
    Delete {
        /// The Region.
        region: &'t Region,
        /// The parameter.
        name: &'t ParameterName,
    },
    /// The value is read.
    Read {
        /// The Region.
        region: &'t Region,
        /// The parameter.
        name: &'t ParameterName,
    },
    /// The version is read, where the value may not be.
    LookUp {
        /// The Region.
        region: &'t Region,
        /// The parameter.
        name: &'t ParameterName,
    },
}

/// What came of an action.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A value was written, as this version.
    Written(u64),
    /// The parameter is gone, or was not there.
    Deleted,
    /// What the Region holds now.
    Read(Option<Parameter>),
    /// What is there now, without its value.
    LookedUp(Option<Found>),
    /// It failed.
    Failed(StoreError),
}
