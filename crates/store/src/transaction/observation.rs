//! Conclusions from answers: the state of a Region according to a read.

use super::machine::Transaction;
use super::progress::TRIES;
use super::report::RegionState;
use super::step::{Answer, PriorState};
use crate::parameter::Parameter;

impl Transaction {
    /// Returns `true` if a read shows the version from before a finished write. Parameter Store is
    /// eventually consistent and may take a moment to return the new version.
    pub(super) fn is_behind(&self, index: usize, version: u64) -> bool {
        let (before, progress) = (self.steps[index].before.version(), &self.progress[index]);
        let is_written = matches!(
            progress.state,
            RegionState::New { .. } | RegionState::Restored { .. }
        );
        is_written && version == before && self.expected_version(index) != Some(before)
    }

    /// Returns the version that the Region has unless another caller wrote to it; 0 for none.
    pub(super) fn expected_version(&self, index: usize) -> Option<u64> {
        match self.progress[index].state {
            RegionState::UpToDate | RegionState::Unchanged => {
                Some(self.steps[index].before.version())
            }
            RegionState::New { version }
            | RegionState::Restored { version }
            | RegionState::OverwrittenElsewhere { version } => Some(version),
            RegionState::Removed | RegionState::Deleted | RegionState::DeletedElsewhere => Some(0),
            RegionState::Unknown(_) => None,
        }
    }

    /// Returns the state of a Region whose version is not the expected one.
    pub(super) fn checked(&self, index: usize, answer: Answer) -> RegionState {
        let (step, progress) = (&self.steps[index], &self.progress[index]);
        match answer {
            Answer::Read(Some(parameter)) if progress.state == RegionState::UpToDate => {
                let is_right = matches!(&step.before, PriorState::Readable(held) if held.value == parameter.value);
                if is_right {
                    RegionState::UpToDate
                } else {
                    RegionState::OverwrittenElsewhere {
                        version: parameter.found.version,
                    }
                }
            }
            // Without a response to our write, this may be our own version.
            Answer::LookedUp(Some(found)) if !progress.is_in_doubt() => {
                RegionState::OverwrittenElsewhere {
                    version: found.version,
                }
            }
            Answer::Read(None) | Answer::LookedUp(None)
                if progress.is_new() && progress.tries == TRIES =>
            {
                RegionState::DeletedElsewhere
            }
            answer => self.seen(index, answer),
        }
    }

    /// Returns the state of a Region according to a read.
    pub(super) fn seen(&self, index: usize, answer: Answer) -> RegionState {
        match answer {
            Answer::Failed(error) => RegionState::Unknown(error),
            Answer::Read(Some(parameter)) => self.seen_by_value(index, &parameter),
            Answer::LookedUp(Some(found)) => self.seen_by_version(index, found.version),
            _ => self.seen_nothing(index),
        }
    }

    /// Returns the state of a Region where the parameter does not exist.
    fn seen_nothing(&self, index: usize) -> RegionState {
        match (&self.steps[index].before, self.progress[index].new_version) {
            (PriorState::Absent, None) => RegionState::Unchanged,
            (PriorState::Absent, Some(_)) => RegionState::Removed,
            _ => RegionState::DeletedElsewhere,
        }
    }

    /// Returns the state of a Region according to the value that was read.
    fn seen_by_value(&self, index: usize, parameter: &Parameter) -> RegionState {
        let (step, version) = (&self.steps[index], parameter.found.version);
        let is_new = step
            .put
            .as_ref()
            .is_some_and(|put| put.value == parameter.value);
        let is_old =
            matches!(&step.before, PriorState::Readable(held) if held.value == parameter.value);
        match (is_old, is_new) {
            // If only the key or the tier changes, the version tells old and new apart.
            (true, true) => self.seen_by_version(index, version),
            (true, false) if version == step.before.version() => RegionState::Unchanged,
            (true, false) => RegionState::Restored { version },
            (false, true) => RegionState::New { version },
            (false, false) => RegionState::OverwrittenElsewhere { version },
        }
    }

    /// Returns the state of a Region according to the version that was read.
    fn seen_by_version(&self, index: usize, version: u64) -> RegionState {
        let (step, progress) = (&self.steps[index], &self.progress[index]);
        let was_tried_back = step.restore.is_some() && progress.tries < TRIES;
        match (&step.before, &progress.state, progress.new_version) {
            (before, ..) if version == before.version() => RegionState::Unchanged,
            (before, ..) if version < before.version() => {
                RegionState::OverwrittenElsewhere { version }
            }
            (_, RegionState::Restored { .. }, _) => RegionState::Restored { version },
            (_, RegionState::New { version: new }, _) if version > *new && was_tried_back => {
                RegionState::Restored { version }
            }
            // The write was rejected, for example because another caller created the parameter.
            (PriorState::Absent, _, None) if !progress.is_in_doubt() => {
                RegionState::OverwrittenElsewhere { version }
            }
            _ => RegionState::New { version },
        }
    }
}
