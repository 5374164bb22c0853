//! The state machine that decides the next request of a transaction.

use byref_parameter::ParameterName;

use super::progress::{CHECKS, Progress, TRIES};
use super::report::{Cause, RegionReport, RegionState, Report};
use super::step::{Action, Answer, PriorState, Step};
use crate::error::StoreError;

/// A phase of the state machine. Numbers are indexes of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Writes the new value to this Region.
    Write(usize),
    /// Reads this Region after writing the new value failed.
    WriteLook(usize),
    /// Restores the old value in this Region, or deletes the new parameter.
    RollBack(usize),
    /// Reads this Region during a rollback.
    RollBackLook(usize),
    /// Compares the version of this Region with the expected one.
    Check(usize, Purpose),
    /// Compares the value of this Region, because its version is not the expected one.
    CheckValue(usize, Purpose),
    Finished,
}

/// The purpose of checking a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The old value is about to be restored.
    RollBack,
    /// All writes are done.
    Confirm,
}

/// The state machine that writes one secret to all of its Regions.
///
/// Drive it with [`run`](super::run), or by hand: carry out the action that [`Transaction::next`]
/// returns, pass the result to [`Transaction::record`], and repeat until there is no next action.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub(super) name: ParameterName,
    pub(super) steps: Vec<Step>,
    pub(super) progress: Vec<Progress>,
    phase: Phase,
    cause: Option<Cause>,
}

impl Transaction {
    /// Creates a transaction that writes the Regions in the order of the steps.
    pub fn new(name: ParameterName, steps: Vec<Step>) -> Self {
        let progress = steps.iter().map(|step| Progress {
            state: if step.put.is_none() {
                RegionState::UpToDate
            } else {
                RegionState::Unchanged
            },
            new_version: None,
            is_unreadable: matches!(step.before, PriorState::Unreadable(_)),
            doubt: None,
            needs_look: false,
            tries: if step.can_roll_back() { TRIES } else { 0 },
            checks: CHECKS,
            unconfirmed: None,
        });
        let mut transaction = Self {
            name,
            progress: progress.collect(),
            steps,
            phase: Phase::Finished,
            cause: None,
        };
        transaction.write_from(0);
        transaction
    }

    /// Returns the next action, or `None` after the last one.
    pub fn next(&self) -> Option<Action<'_>> {
        let name = &self.name;
        match self.phase {
            Phase::Write(index) => {
                let step = &self.steps[index];
                step.put.as_ref().map(|put| Action::Put {
                    region: &step.region,
                    put,
                })
            }
            Phase::RollBack(index) => {
                let step = &self.steps[index];
                let region = &step.region;
                Some(match &step.restore {
                    Some(put) => Action::Put { region, put },
                    None => Action::Delete { region, name },
                })
            }
            Phase::Check(index, _) => Some(Action::LookUp {
                region: &self.steps[index].region,
                name,
            }),
            Phase::WriteLook(index) | Phase::RollBackLook(index) | Phase::CheckValue(index, _) => {
                let region = &self.steps[index].region;
                Some(if self.progress[index].is_unreadable {
                    Action::LookUp { region, name }
                } else {
                    Action::Read { region, name }
                })
            }
            Phase::Finished => None,
        }
    }

    /// Records the result of the action that [`Transaction::next`] returned.
    pub fn record(&mut self, answer: Answer) {
        match (self.phase, answer) {
            (Phase::Write(index), Answer::Written(version)) => {
                let progress = &mut self.progress[index];
                (progress.state, progress.new_version) =
                    (RegionState::New { version }, Some(version));
                self.write_from(index + 1);
            }
            (Phase::Write(index), answer) => {
                if let Answer::Failed(error) = answer {
                    self.record_failed_write(index, &error);
                    self.cause = Some(Cause::Failed {
                        region: self.steps[index].region.clone(),
                        error,
                    });
                }
                self.phase = Phase::WriteLook(index);
            }
            (Phase::RollBack(index), Answer::Written(version)) => {
                self.progress[index].state = RegionState::Restored { version };
                self.roll_back();
            }
            (Phase::RollBack(index), Answer::Deleted) => {
                self.progress[index].state = RegionState::Removed;
                self.roll_back();
            }
            (Phase::RollBack(index), answer) => {
                if let Answer::Failed(error) = answer {
                    self.record_failed_write(index, &error);
                }
                self.phase = Phase::RollBackLook(index);
            }
            // The caller may not read the value, as it turns out. The version may be enough.
            (
                Phase::WriteLook(index) | Phase::RollBackLook(index) | Phase::CheckValue(index, _),
                Answer::Failed(StoreError::Denied(_)),
            ) if !self.progress[index].is_unreadable => {
                self.progress[index].is_unreadable = true;
            }
            (Phase::WriteLook(index), answer) => {
                self.record_look(index, answer);
                if self.progress[index].is_new() {
                    // The answer was lost, not the request.
                    self.cause = None;
                    self.write_from(index + 1);
                } else {
                    self.roll_back();
                }
            }
            (Phase::RollBackLook(index), answer) => {
                self.record_look(index, answer);
                self.roll_back();
            }
            (Phase::Check(index, purpose) | Phase::CheckValue(index, purpose), answer) => {
                self.record_check(index, purpose, answer);
            }
            (Phase::Finished, _) => {}
        }
    }

    /// Stops writing and starts to roll back. During a rollback it has no effect.
    pub fn interrupt(&mut self) {
        if let Phase::Write(_) = self.phase {
            self.cause = Some(Cause::Interrupted);
            self.roll_back();
        }
    }

    /// Returns the state of every Region when it was last written or read.
    pub fn report(&self) -> Report {
        let regions = self
            .steps
            .iter()
            .zip(&self.progress)
            .map(|(step, progress)| RegionReport {
                region: step.region.clone(),
                was_absent: step.before == PriorState::Absent,
                state: progress.state.clone(),
                unconfirmed: progress.unconfirmed().cloned(),
            });
        Report::new(self.name.clone(), regions.collect(), self.cause.clone())
    }

    /// Continues with the first Region at or after this index that needs a write.
    fn write_from(&mut self, index: usize) {
        let next = (index..self.steps.len()).find(|index| self.steps[*index].put.is_some());
        match next {
            Some(index) => self.phase = Phase::Write(index),
            None => self.confirm_from(0),
        }
    }

    /// Continues with the last Region that can be restored, else with the last one that must be
    /// read again.
    ///
    /// Each call consumes one restore attempt or one pending read, and only a failed write adds a
    /// pending read, so the rollback terminates.
    fn roll_back(&mut self) {
        let last = |fits: fn(&Progress) -> bool| self.progress.iter().rposition(fits);
        self.phase = if let Some(index) = last(Progress::is_restorable) {
            self.progress[index].tries -= 1;
            Phase::Check(index, Purpose::RollBack)
        } else if let Some(index) = last(Progress::needs_look) {
            self.progress[index].needs_look = false;
            Phase::RollBackLook(index)
        } else {
            return self.confirm_from(0);
        };
    }

    /// Reads back this Region and those after it, or finishes if nothing was written.
    fn confirm_from(&mut self, index: usize) {
        let is_written = self
            .progress
            .iter()
            .any(|progress| progress.new_version.is_some() || progress.is_in_doubt());
        if index < self.steps.len() && is_written {
            self.progress[index].unconfirmed = None;
            self.phase = Phase::Check(index, Purpose::Confirm);
            return;
        }
        let is_back = self.cause.is_some();
        if is_back && self.progress.iter().any(Progress::is_restorable) {
            // The new value arrived late.
            return self.roll_back();
        }
        self.phase = Phase::Finished;
        if !is_back {
            self.cause = self.objection();
        }
    }

    /// Returns the reason why values that were written everywhere don't count as success.
    fn objection(&self) -> Option<Cause> {
        let mut regions = self.steps.iter().zip(&self.progress);
        let is_ours =
            |state: &RegionState| matches!(state, RegionState::UpToDate | RegionState::New { .. });
        if let Some((step, _)) = regions
            .clone()
            .find(|(_, progress)| !is_ours(&progress.state))
        {
            return Some(Cause::Overtaken {
                region: step.region.clone(),
            });
        }
        regions.find_map(|(step, progress)| {
            let error = progress.unconfirmed()?.clone();
            Some(Cause::Unconfirmed {
                region: step.region.clone(),
                error,
            })
        })
    }

    /// Records a read of a Region before its old value is restored, or after all writes.
    fn record_check(&mut self, index: usize, purpose: Purpose, answer: Answer) {
        let is_by_version = matches!(self.phase, Phase::Check(..));
        let version = match &answer {
            Answer::Failed(error) => {
                return self.record_failed_check(index, purpose, error.clone());
            }
            Answer::Read(found) => found
                .as_ref()
                .map_or(0, |parameter| parameter.found.version),
            Answer::LookedUp(found) => found.as_ref().map_or(0, |found| found.version),
            Answer::Written(_) | Answer::Deleted => return,
        };
        let expected = self.expected_version(index);
        if purpose == Purpose::Confirm
            && self.is_behind(index, version)
            && self.progress[index].checks > 1
        {
            self.progress[index].checks -= 1;
            self.phase = Phase::Check(index, purpose);
            return;
        }
        if expected != Some(version) {
            if is_by_version && version > 0 && !self.progress[index].is_unreadable {
                self.phase = Phase::CheckValue(index, purpose);
                return;
            }
            let state = self.checked(index, answer);
            if let RegionState::New { version } = state {
                self.progress[index].new_version = Some(version);
            }
            self.progress[index].state = state;
        }
        match purpose {
            Purpose::RollBack
                if self.progress[index].is_new() && self.progress[index].guess().is_none() =>
            {
                self.phase = Phase::RollBack(index);
            }
            Purpose::RollBack => self.roll_back(),
            Purpose::Confirm => self.confirm_from(index + 1),
        }
    }

    /// Records a failed read: nothing is restored in the Region, or its final state is unconfirmed.
    fn record_failed_check(&mut self, index: usize, purpose: Purpose, error: StoreError) {
        match purpose {
            Purpose::RollBack => self.roll_back(),
            Purpose::Confirm => {
                let progress = &mut self.progress[index];
                progress.checks = progress.checks.saturating_sub(1);
                if progress.checks > 0 {
                    self.phase = Phase::Check(index, purpose);
                } else {
                    progress.unconfirmed = Some(error);
                    self.confirm_from(index + 1);
                }
            }
        }
    }

    /// Records a failed write. Without a response it may still be carried out later.
    fn record_failed_write(&mut self, index: usize, error: &StoreError) {
        let progress = &mut self.progress[index];
        if error.may_have_been_carried_out() {
            progress.doubt = Some(error.clone());
        }
        progress.needs_look = true;
    }

    /// Records a read that followed a failed write.
    fn record_look(&mut self, index: usize, answer: Answer) {
        let state = self.seen(index, answer);
        if let RegionState::New { version } = state {
            self.progress[index].new_version = Some(version);
        }
        let progress = &mut self.progress[index];
        progress.needs_look &= progress.is_in_doubt() || matches!(state, RegionState::Unknown(_));
        progress.state = state;
    }
}
