//! One secret to several Regions: all of them or none.
//!
//! [`plan`] says what is to be written where, from what every Region held before. A [`Transaction`] decides from that
//! what is to be done next; [`run`] does it. The Regions are written in their order. When one can't be written, those
//! before it get their old value back, or lose what was new.
//!
//! After every failed write the Region is looked at again, since a request without an answer may have been carried
//! out. It may also be carried out after that look: at the end, every Region with such a request, and every one that
//! could not be looked at, is looked at once more. Nothing is written or deleted in a Region of which it is not known
//! that it holds the new value. What can't be looked at is [`RegionState::Unknown`], and the report says so.
//!
//! After the last write every Region is read back, by its version: another process may write the same secret at the same
//! time. Each of two writers reads back after all its writes, so at least one of them sees the other's version wherever
//! the Regions differ in the end, and does not report success ([`Cause::Overtaken`]). For the same reason a Region is
//! looked at before its old value goes back: what another writer wrote there stays.
//!
//! A caller who may write but not read has no way back: what was written stays, and the report says where.

mod deletion;
mod planning;
mod report;

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{Found, Parameter, Put};
use crate::store::ParameterStore;

pub use deletion::{Deletion, delete};
pub use planning::{DesiredParameter, Destination, WhenUpToDate, plan};
pub use report::{Cause, RegionReport, RegionState, Report, Verdict};

/// How often a Region's old value is put back before it is given up: one failure must not leave Regions apart.
const TRIES: u8 = 2;
/// How often a Region is read back in the end before it counts as unknown, or as what it was before the write.
const CHECKS: u8 = 3;

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
    fn version(&self) -> u64 {
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
    fn can_roll_back(&self) -> bool {
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The new value goes to this Region.
    Forward(usize),
    /// What this Region holds, where writing the new value failed.
    ForwardLook(usize),
    /// The old value goes back to this Region.
    Back(usize),
    /// What this Region holds, on the way back.
    BackLook(usize),
    /// Whether this Region still holds the version that it should.
    Check(usize, Purpose),
    /// The same by value, where the version is another one.
    CheckValue(usize, Purpose),
    Finished,
}

/// Why a Region is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The old value is to go back.
    Back,
    /// All writes are done.
    Confirm,
}

/// What is known of one Region on the way.
#[derive(Clone, Debug)]
struct Progress {
    state: RegionState,
    /// The version that the new value has, or had.
    new_version: Option<u64>,
    /// The value may not be read.
    is_unreadable: bool,
    /// Why a write had no answer, so that the new value may be there.
    doubt: Option<StoreError>,
    /// It is to be looked at before the end.
    needs_look: bool,
    /// How often the old value may still be put back.
    tries: u8,
    /// How often it may still be tried to read the Region back.
    checks: u8,
    /// Why it could not be read back.
    unconfirmed: Option<StoreError>,
}

impl Progress {
    fn is_new(&self) -> bool {
        matches!(self.state, RegionState::New { .. })
    }

    fn is_restorable(&self) -> bool {
        self.is_new() && self.tries > 0 && self.guess().is_none()
    }

    fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Why the new value is only assumed to be there: the write had no answer, and the value may not be read, so that
    /// the version may be another writer's.
    fn guess(&self) -> Option<&StoreError> {
        self.doubt.as_ref().filter(|_| self.is_unreadable && self.is_new())
    }

    /// Why it is not certain that the Region holds what it held when it was written or looked at.
    fn unconfirmed(&self) -> Option<&StoreError> {
        self.unconfirmed.as_ref().or_else(|| self.guess())
    }

    /// What has arrived and can't be undone needs no further look.
    fn needs_look(&self) -> bool {
        self.needs_look && !self.is_new()
    }
}

/// The writing of one secret to all its Regions.
#[derive(Clone, Debug)]
pub struct Transaction {
    name: ParameterName,
    steps: Vec<Step>,
    progress: Vec<Progress>,
    phase: Phase,
    cause: Option<Cause>,
}

impl Transaction {
    /// Begins with Regions in the order in which they are written.
    pub fn new(name: ParameterName, steps: Vec<Step>) -> Self {
        let progress = steps.iter().map(|step| Progress {
            state: if step.put.is_none() { RegionState::UpToDate } else { RegionState::Unchanged },
            new_version: None,
            is_unreadable: matches!(step.before, PriorState::Unreadable(_)),
            doubt: None,
            needs_look: false,
            tries: if step.can_roll_back() { TRIES } else { 0 },
            checks: CHECKS,
            unconfirmed: None,
        });
        let mut transaction = Self { name, progress: progress.collect(), steps, phase: Phase::Finished, cause: None };
        transaction.go_forward(0);
        transaction
    }

    /// What shall be done next; none at the end.
    pub fn next(&self) -> Option<Action<'_>> {
        let name = &self.name;
        match self.phase {
            Phase::Forward(index) => {
                let step = &self.steps[index];
                step.put.as_ref().map(|put| Action::Put { region: &step.region, put })
            }
            Phase::Back(index) => {
                let step = &self.steps[index];
                let region = &step.region;
                Some(match &step.restore {
                    Some(put) => Action::Put { region, put },
                    None => Action::Delete { region, name },
                })
            }
            Phase::Check(index, _) => Some(Action::LookUp { region: &self.steps[index].region, name }),
            Phase::ForwardLook(index) | Phase::BackLook(index) | Phase::CheckValue(index, _) => {
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

    /// Takes what came of the action that [`Transaction::next`] asked for.
    pub fn record(&mut self, answer: Answer) {
        match (self.phase, answer) {
            (Phase::Forward(index), Answer::Written(version)) => {
                let progress = &mut self.progress[index];
                (progress.state, progress.new_version) = (RegionState::New { version }, Some(version));
                self.go_forward(index + 1);
            }
            (Phase::Forward(index), answer) => {
                if let Answer::Failed(error) = answer {
                    self.has_failed(index, &error);
                    self.cause = Some(Cause::Failed { region: self.steps[index].region.clone(), error });
                }
                self.phase = Phase::ForwardLook(index);
            }
            (Phase::Back(index), Answer::Written(version)) => {
                self.progress[index].state = RegionState::Restored { version };
                self.go_back();
            }
            (Phase::Back(index), Answer::Deleted) => {
                self.progress[index].state = RegionState::Removed;
                self.go_back();
            }
            (Phase::Back(index), answer) => {
                if let Answer::Failed(error) = answer {
                    self.has_failed(index, &error);
                }
                self.phase = Phase::BackLook(index);
            }
            // The value may not be read, which was not known: the version may do.
            (
                Phase::ForwardLook(index) | Phase::BackLook(index) | Phase::CheckValue(index, _),
                Answer::Failed(StoreError::Denied(_)),
            ) if !self.progress[index].is_unreadable => {
                self.progress[index].is_unreadable = true;
            }
            (Phase::ForwardLook(index), answer) => {
                self.has_looked(index, answer);
                if self.progress[index].is_new() {
                    // The answer was lost, not the request.
                    self.cause = None;
                    self.go_forward(index + 1);
                } else {
                    self.go_back();
                }
            }
            (Phase::BackLook(index), answer) => {
                self.has_looked(index, answer);
                self.go_back();
            }
            (Phase::Check(index, purpose) | Phase::CheckValue(index, purpose), answer) => {
                self.has_checked(index, purpose, answer);
            }
            (Phase::Finished, _) => {}
        }
    }

    /// The user wants to stop: from here the way goes back. On the way back it changes nothing.
    pub fn interrupt(&mut self) {
        if let Phase::Forward(_) = self.phase {
            self.cause = Some(Cause::Interrupted);
            self.go_back();
        }
    }

    /// What every Region held when it was last written or looked at.
    pub fn report(&self) -> Report {
        let regions = self.steps.iter().zip(&self.progress).map(|(step, progress)| RegionReport {
            region: step.region.clone(),
            was_absent: step.before == PriorState::Absent,
            state: progress.state.clone(),
            unconfirmed: progress.unconfirmed().cloned(),
        });
        Report::new(self.name.clone(), regions.collect(), self.cause.clone())
    }

    /// To the next Region, from this one, that is to be written.
    fn go_forward(&mut self, index: usize) {
        let next = (index..self.steps.len()).find(|index| self.steps[*index].put.is_some());
        match next {
            Some(index) => self.phase = Phase::Forward(index),
            None => self.confirm_from(0),
        }
    }

    /// To the last Region that holds the new value and can get its old one, else to the last one that is to be looked
    /// at again. This ends: every step takes a try, or a need to look, which only a failed write gives again.
    fn go_back(&mut self) {
        let last = |fits: fn(&Progress) -> bool| self.progress.iter().rposition(fits);
        self.phase = if let Some(index) = last(Progress::is_restorable) {
            self.progress[index].tries -= 1;
            Phase::Check(index, Purpose::Back)
        } else if let Some(index) = last(Progress::needs_look) {
            self.progress[index].needs_look = false;
            Phase::BackLook(index)
        } else {
            return self.confirm_from(0);
        };
    }

    /// Reads back this Region and those after it. Where nothing was written, there is nothing to read back.
    fn confirm_from(&mut self, index: usize) {
        let is_written = self.progress.iter().any(|progress| progress.new_version.is_some() || progress.is_in_doubt());
        if index < self.steps.len() && is_written {
            self.progress[index].unconfirmed = None;
            self.phase = Phase::Check(index, Purpose::Confirm);
            return;
        }
        let is_back = self.cause.is_some();
        if is_back && self.progress.iter().any(Progress::is_restorable) {
            // It arrived late.
            return self.go_back();
        }
        self.phase = Phase::Finished;
        if !is_back {
            self.cause = self.objection();
        }
    }

    /// Why what was written everywhere does not count as written.
    fn objection(&self) -> Option<Cause> {
        let mut regions = self.steps.iter().zip(&self.progress);
        let is_ours = |state: &RegionState| matches!(state, RegionState::UpToDate | RegionState::New { .. });
        if let Some((step, _)) = regions.clone().find(|(_, progress)| !is_ours(&progress.state)) {
            return Some(Cause::Overtaken { region: step.region.clone() });
        }
        regions.find_map(|(step, progress)| {
            let error = progress.unconfirmed()?.clone();
            Some(Cause::Unconfirmed { region: step.region.clone(), error })
        })
    }

    /// A Region was looked at before its old value goes back, or after all writes.
    fn has_checked(&mut self, index: usize, purpose: Purpose, answer: Answer) {
        let is_by_version = matches!(self.phase, Phase::Check(..));
        let version = match &answer {
            Answer::Failed(error) => return self.has_not_checked(index, purpose, error.clone()),
            Answer::Read(found) => found.as_ref().map_or(0, |parameter| parameter.found.version),
            Answer::LookedUp(found) => found.as_ref().map_or(0, |found| found.version),
            Answer::Written(_) | Answer::Deleted => return,
        };
        let expected = self.expected_version(index);
        if purpose == Purpose::Confirm && self.is_behind(index, version) && self.progress[index].checks > 1 {
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
            Purpose::Back if self.progress[index].is_new() && self.progress[index].guess().is_none() => {
                self.phase = Phase::Back(index);
            }
            Purpose::Back => self.go_back(),
            Purpose::Confirm => self.confirm_from(index + 1),
        }
    }

    /// Whether a read shows the version from before a write that is done: a service may take a moment to show it.
    fn is_behind(&self, index: usize, version: u64) -> bool {
        let (before, progress) = (self.steps[index].before.version(), &self.progress[index]);
        let is_written = matches!(progress.state, RegionState::New { .. } | RegionState::Restored { .. });
        is_written && version == before && self.expected_version(index) != Some(before)
    }

    /// A Region could not be looked at: nothing is put back there, or it is not known what is there in the end.
    fn has_not_checked(&mut self, index: usize, purpose: Purpose, error: StoreError) {
        match purpose {
            Purpose::Back => self.go_back(),
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

    /// The version that a Region has if nobody else wrote there; 0 for none.
    fn expected_version(&self, index: usize) -> Option<u64> {
        match self.progress[index].state {
            RegionState::UpToDate | RegionState::Unchanged => Some(self.steps[index].before.version()),
            RegionState::New { version }
            | RegionState::Restored { version }
            | RegionState::OverwrittenElsewhere { version } => Some(version),
            RegionState::Removed | RegionState::Deleted | RegionState::DeletedElsewhere => Some(0),
            RegionState::Unknown(_) => None,
        }
    }

    /// What a Region holds that has another version than it should.
    fn checked(&self, index: usize, answer: Answer) -> RegionState {
        let (step, progress) = (&self.steps[index], &self.progress[index]);
        match answer {
            Answer::Read(Some(parameter)) if progress.state == RegionState::UpToDate => {
                let is_right = matches!(&step.before, PriorState::Readable(held) if held.value == parameter.value);
                if is_right {
                    RegionState::UpToDate
                } else {
                    RegionState::OverwrittenElsewhere { version: parameter.found.version }
                }
            }
            // Without an answer it may be our own write; with one, it is not.
            Answer::LookedUp(Some(found)) if !progress.is_in_doubt() => {
                RegionState::OverwrittenElsewhere { version: found.version }
            }
            Answer::Read(None) | Answer::LookedUp(None) if progress.is_new() && progress.tries == TRIES => {
                RegionState::DeletedElsewhere
            }
            answer => self.seen(index, answer),
        }
    }

    /// A write failed. Without an answer, it may be carried out yet.
    fn has_failed(&mut self, index: usize, error: &StoreError) {
        let progress = &mut self.progress[index];
        if error.may_have_been_carried_out() {
            progress.doubt = Some(error.clone());
        }
        progress.needs_look = true;
    }

    fn has_looked(&mut self, index: usize, answer: Answer) {
        let state = self.seen(index, answer);
        if let RegionState::New { version } = state {
            self.progress[index].new_version = Some(version);
        }
        let progress = &mut self.progress[index];
        progress.needs_look &= progress.is_in_doubt() || matches!(state, RegionState::Unknown(_));
        progress.state = state;
    }

    /// What a look at a Region says that it holds.
    fn seen(&self, index: usize, answer: Answer) -> RegionState {
        match answer {
            Answer::Failed(error) => RegionState::Unknown(error),
            Answer::Read(Some(parameter)) => self.seen_by_value(index, &parameter),
            Answer::LookedUp(Some(found)) => self.seen_by_version(index, found.version),
            _ => self.seen_nothing(index),
        }
    }

    fn seen_nothing(&self, index: usize) -> RegionState {
        match (&self.steps[index].before, self.progress[index].new_version) {
            (PriorState::Absent, None) => RegionState::Unchanged,
            (PriorState::Absent, Some(_)) => RegionState::Removed,
            _ => RegionState::DeletedElsewhere,
        }
    }

    fn seen_by_value(&self, index: usize, parameter: &Parameter) -> RegionState {
        let (step, version) = (&self.steps[index], parameter.found.version);
        let is_new = step.put.as_ref().is_some_and(|put| put.value == parameter.value);
        let is_old = matches!(&step.before, PriorState::Readable(held) if held.value == parameter.value);
        match (is_old, is_new) {
            // Where only the key or the tier is another one, versions tell them apart.
            (true, true) => self.seen_by_version(index, version),
            (true, false) if version == step.before.version() => RegionState::Unchanged,
            (true, false) => RegionState::Restored { version },
            (false, true) => RegionState::New { version },
            (false, false) => RegionState::OverwrittenElsewhere { version },
        }
    }

    fn seen_by_version(&self, index: usize, version: u64) -> RegionState {
        let (step, progress) = (&self.steps[index], &self.progress[index]);
        let was_tried_back = step.restore.is_some() && progress.tries < TRIES;
        match (&step.before, &progress.state, progress.new_version) {
            (before, ..) if version == before.version() => RegionState::Unchanged,
            (before, ..) if version < before.version() => RegionState::OverwrittenElsewhere { version },
            (_, RegionState::Restored { .. }, _) => RegionState::Restored { version },
            (_, RegionState::New { version: new }, _) if version > *new && was_tried_back => {
                RegionState::Restored { version }
            }
            // It was refused, for example because somebody else has created it.
            (PriorState::Absent, _, None) if !progress.is_in_doubt() => RegionState::OverwrittenElsewhere { version },
            _ => RegionState::New { version },
        }
    }
}

/// Carries a transaction out. `is_interrupted` is asked before every request of the way forward.
pub async fn run<S: ParameterStore>(
    store: &S,
    transaction: &mut Transaction,
    is_interrupted: impl Fn() -> bool,
) -> Report {
    loop {
        if is_interrupted() {
            transaction.interrupt();
        }
        let Some(action) = transaction.next() else { return transaction.report() };
        let answer = match action {
            Action::Put { region, put } => store.put(region, put).await.map(Answer::Written),
            Action::Delete { region, name } => {
                store.delete(region, std::slice::from_ref(name)).await.map(|_| Answer::Deleted)
            }
            Action::Read { region, name } => {
                store.read(region, std::slice::from_ref(name)).await.map(|found| Answer::Read(found.into_iter().next()))
            }
            Action::LookUp { region, name } => store
                .look_up(region, std::slice::from_ref(name))
                .await
                .map(|found| Answer::LookedUp(found.into_iter().next())),
        };
        transaction.record(answer.unwrap_or_else(Answer::Failed));
    }
}
