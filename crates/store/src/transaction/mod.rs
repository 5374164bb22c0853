//! One secret to several Regions: all of them or none.
//!
//! A [`Transaction`] decides from what every Region held before what is to be done next; [`run`] does it. The Regions
//! are written in their order. When one can't be written, those before it get their old value back, or lose what was
//! new. After every failure the Region is looked at again, since a request without an answer may have been carried
//! out; what can't be looked at either is [`Holding::Unknown`], and the report says so.
//!
//! Who may write but not read has no way back: what was written stays, and the report says where.

mod deletion;
mod report;

use byref_parameter::{ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{Found, Parameter, Put};
use crate::store::ParameterStore;

pub use deletion::{Deletion, delete};
pub use report::{Cause, Holding, RegionReport, Report, Verdict};

/// What a Region held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// No such parameter.
    Absent,
    /// The parameter with its value.
    Held(Parameter),
    /// The parameter; its value may not be read.
    Sealed(Found),
}

impl Before {
    fn version(&self) -> u64 {
        match self {
            Self::Absent => 0,
            Self::Held(Parameter { found, .. }) | Self::Sealed(found) => found.version,
        }
    }
}

/// What becomes of the parameter in one Region.
#[derive(Clone, Debug)]
pub struct Step {
    /// The Region.
    pub region: Region,
    /// What it holds before.
    pub before: Before,
    /// What is written; none where the Region is right already.
    pub put: Option<Put>,
    /// What puts the old value back, where there is one that could be read. A new parameter is deleted instead.
    pub restore: Option<Put>,
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
    /// Whether the new value has reached this Region.
    ForwardLook(usize),
    /// The old value goes back to this Region.
    Back(usize),
    /// Whether the old value has reached this Region.
    BackLook(usize),
    Finished,
}

/// The writing of one secret to all its Regions.
#[derive(Clone, Debug)]
pub struct Transaction {
    name: ParameterName,
    steps: Vec<Step>,
    holdings: Vec<Holding>,
    phase: Phase,
    cause: Option<Cause>,
}

impl Transaction {
    /// Begins with Regions in the order in which they are written.
    pub fn new(name: ParameterName, steps: Vec<Step>) -> Self {
        let holdings =
            steps.iter().map(|step| if step.put.is_none() { Holding::Right } else { Holding::Before }).collect();
        let mut transaction = Self { name, steps, holdings, phase: Phase::Finished, cause: None };
        transaction.forward_from(0);
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
            Phase::ForwardLook(index) | Phase::BackLook(index) => {
                let step = &self.steps[index];
                let region = &step.region;
                Some(match step.before {
                    Before::Sealed(_) => Action::LookUp { region, name },
                    Before::Absent | Before::Held(_) => Action::Read { region, name },
                })
            }
            Phase::Finished => None,
        }
    }

    /// Takes what came of the action that [`Transaction::next`] asked for.
    pub fn record(&mut self, answer: Answer) {
        match self.phase {
            Phase::Forward(index) => match answer {
                Answer::Written(version) => {
                    self.holdings[index] = Holding::New { version };
                    self.forward_from(index + 1);
                }
                Answer::Failed(error) => {
                    self.cause = Some(Cause::Failed { region: self.steps[index].region.clone(), error });
                    self.phase = Phase::ForwardLook(index);
                }
                Answer::Deleted | Answer::Read(_) | Answer::LookedUp(_) => {}
            },
            Phase::ForwardLook(index) => {
                self.holdings[index] = self.seen(index, answer);
                if let Holding::New { .. } = self.holdings[index] {
                    // The answer was lost, not the request.
                    self.cause = None;
                    self.forward_from(index + 1);
                } else {
                    self.back_from(index);
                }
            }
            Phase::Back(index) => match answer {
                Answer::Written(version) => {
                    self.holdings[index] = Holding::Restored { version };
                    self.back_before(index);
                }
                Answer::Deleted => {
                    self.holdings[index] = Holding::Removed;
                    self.back_before(index);
                }
                Answer::Failed(_) | Answer::Read(_) | Answer::LookedUp(_) => self.phase = Phase::BackLook(index),
            },
            Phase::BackLook(index) => {
                self.holdings[index] = self.seen(index, answer);
                self.back_before(index);
            }
            Phase::Finished => {}
        }
    }

    /// The user wants to stop: from here the way goes back. On the way back it changes nothing.
    pub fn interrupt(&mut self) {
        if let Phase::Forward(index) = self.phase {
            self.cause = Some(Cause::Interrupted);
            self.phase = Phase::Finished;
            if index > 0 {
                self.back_from(index - 1);
            }
        }
    }

    /// What every Region holds now.
    pub fn report(&self) -> Report {
        let regions = self.steps.iter().zip(&self.holdings).map(|(step, holding)| RegionReport {
            region: step.region.clone(),
            was_absent: step.before == Before::Absent,
            holding: holding.clone(),
        });
        Report { name: self.name.clone(), regions: regions.collect(), cause: self.cause.clone() }
    }

    /// The next Region, from this one, that is to be written.
    fn forward_from(&mut self, index: usize) {
        let next = (index..self.steps.len()).find(|index| self.steps[*index].put.is_some());
        self.phase = next.map_or(Phase::Finished, Phase::Forward);
    }

    fn back_before(&mut self, index: usize) {
        match index.checked_sub(1) {
            Some(index) => self.back_from(index),
            None => self.phase = Phase::Finished,
        }
    }

    /// The next Region, back from this one, that may hold the new value and can get its old one.
    fn back_from(&mut self, index: usize) {
        let is_changed = |index: &usize| {
            let step = &self.steps[*index];
            matches!(self.holdings[*index], Holding::New { .. } | Holding::Unknown(_))
                && (step.restore.is_some() || step.before == Before::Absent)
        };
        self.phase = (0..=index).rev().find(is_changed).map_or(Phase::Finished, Phase::Back);
    }

    /// What a look at a Region says that it holds.
    fn seen(&self, index: usize, answer: Answer) -> Holding {
        let step = &self.steps[index];
        let new = step.put.as_ref().map(|put| &put.value);
        match (answer, &step.before) {
            (Answer::Failed(error), _) => Holding::Unknown(error),
            (Answer::Read(None), Before::Absent) | (Answer::Written(_) | Answer::Deleted, _) => Holding::Before,
            (Answer::Read(None) | Answer::LookedUp(None), _) => Holding::Gone,
            (Answer::Read(Some(parameter)), before) => {
                let version = parameter.found.version;
                if matches!(before, Before::Held(held) if held.value == parameter.value) {
                    if version == before.version() { Holding::Before } else { Holding::Restored { version } }
                } else if new.is_some_and(|new| *new == parameter.value) {
                    Holding::New { version }
                } else {
                    Holding::Other { version }
                }
            }
            (Answer::LookedUp(Some(found)), before) if found.version > before.version() => {
                Holding::New { version: found.version }
            }
            (Answer::LookedUp(Some(_)), _) => Holding::Before,
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
