//! The steps of a transaction, the actions it asks for, and the answers it takes.

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{Found, Parameter, Put};

/// The state of a Region before the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriorState {
    /// The parameter does not exist.
    Absent,
    /// The parameter exists, and the caller can read its value.
    Readable(Parameter),
    /// The parameter exists, but the caller is not allowed to read its value.
    Unreadable(Found),
}

impl PriorState {
    /// Returns the metadata of the parameter, or `None` if it does not exist.
    pub fn found(&self) -> Option<&Found> {
        match self {
            Self::Absent => None,
            Self::Readable(Parameter { found, .. }) | Self::Unreadable(found) => Some(found),
        }
    }

    /// Returns the version number, or 0 if the parameter does not exist.
    pub(super) fn version(&self) -> u64 {
        self.found().map_or(0, |found| found.version)
    }
}

/// The planned change in one Region.
#[derive(Clone, Debug)]
pub struct Step {
    /// The Region to write.
    pub region: Region,
    /// The state of the Region before the transaction.
    pub before: PriorState,
    /// The value to write, or `None` if the Region is up to date.
    pub put: Option<Put>,
    /// The write that restores the old value, if the caller could read it. A parameter that did not
    /// exist before is deleted instead.
    pub restore: Option<Put>,
}

impl Step {
    /// Returns `true` if the state before the transaction can be restored.
    pub(super) fn can_roll_back(&self) -> bool {
        self.restore.is_some() || self.before == PriorState::Absent
    }
}

/// The next request of a transaction.
#[derive(Clone, Copy, Debug)]
pub enum Action<'t> {
    /// Write a value.
    Put {
        /// The Region to write.
        region: &'t Region,
        /// The new value, or the old one during a rollback.
        put: &'t Put,
    },
    /// Delete the parameter, which did not exist before the transaction.
    Delete {
        /// The Region to delete from.
        region: &'t Region,
        /// The parameter to delete.
        name: &'t ParameterName,
    },
    /// Read the parameter with its value.
    Read {
        /// The Region to read.
        region: &'t Region,
        /// The parameter to read.
        name: &'t ParameterName,
    },
    /// Read the version of the parameter without its value.
    LookUp {
        /// The Region to read.
        region: &'t Region,
        /// The parameter to read.
        name: &'t ParameterName,
    },
}

/// The result of an [`Action`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// The value was written as this version.
    Written(u64),
    /// The parameter was deleted or did not exist.
    Deleted,
    /// The parameter with its value, or `None` if it does not exist.
    Read(Option<Parameter>),
    /// The parameter without its value, or `None` if it does not exist.
    LookedUp(Option<Found>),
    /// The request failed.
    Failed(StoreError),
}
