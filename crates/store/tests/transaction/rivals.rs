//! Two writers at once: every interleaving of their requests, with and without a fault in one of
//! them.
//!
//! Where the Regions differ in the end, the two never both report that all Regions hold one value.

use std::cell::RefCell;

use byref_parameter::{ParameterType, SecretValue};
use byref_store::transaction::{
    Action, Answer, Deletion, DesiredParameter, Transaction, Verdict, WhenUpToDate, delete, plan,
};
use byref_store::{ParameterStore as _, Put, PutMode, StoreError, Unreachable};

use crate::fake::{Fake, World, name, now};
use crate::{Cause, NEW, State, destinations, mixes, world};

const RIVAL: &str = "EXAMPLE-rival";

/// What happens to one request of the first writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// It is refused.
    Refused(usize),
    /// It is carried out, and the answer is lost.
    AnswerLost(usize),
    /// `^C` before it.
    Interrupted(usize),
}

/// A writer with how many requests it has made.
#[derive(Clone)]
struct Writer {
    transaction: Transaction,
    requests: usize,
}

impl Writer {
    /// Reads what is there, and plans.
    fn new(world: &World, value: &str) -> Self {
        let value = SecretValue::new(value.to_owned());
        let desired = DesiredParameter {
            name: name(),
            value,
            kind: ParameterType::SecureString,
            tier: None,
            tags: Vec::new(),
        };
        let steps = plan(&desired, destinations(world), WhenUpToDate::Skip).unwrap();
        Self {
            transaction: Transaction::new(name(), steps),
            requests: 0,
        }
    }

    fn is_done(&self) -> bool {
        self.transaction.next().is_none()
    }

    /// Makes one request.
    fn step(&mut self, world: World, fault: Fault) -> World {
        let number = self.requests;
        self.requests += 1;
        assert!(number < 100, "it does not end");
        if fault == Fault::Interrupted(number) {
            self.transaction.interrupt();
        }
        let store = Fake(RefCell::new(world));
        let Some(action) = self.transaction.next() else {
            return store.0.into_inner();
        };
        let region = match action {
            Action::Put { region, .. }
            | Action::Delete { region, .. }
            | Action::Read { region, .. }
            | Action::LookUp { region, .. } => region.clone(),
        };
        let refused = || {
            Answer::Failed(StoreError::Throttled {
                action: "write",
                region: region.clone(),
            })
        };
        let lost = || StoreError::Unreachable {
            action: "write",
            region: region.clone(),
            why: Unreachable::TimeOut,
        };
        let answer = if fault == Fault::Refused(number) {
            refused()
        } else {
            carry_out(&store, action)
        };
        let answer = if fault == Fault::AnswerLost(number) {
            Answer::Failed(lost())
        } else {
            answer
        };
        self.transaction.record(answer);
        store.0.into_inner()
    }
}

fn carry_out(store: &Fake, action: Action<'_>) -> Answer {
    let names = [name()];
    let answer = now(async {
        Ok(match action {
            Action::Put { region, put } => Answer::Written(store.put(region, put).await?),
            Action::Delete { region, .. } => store
                .delete(region, &names)
                .await
                .map(|_| Answer::Deleted)?,
            Action::Read { region, .. } => {
                Answer::Read(store.read(region, &names).await?.into_iter().next())
            }
            Action::LookUp { region, .. } => {
                Answer::LookedUp(store.look_up(region, &names).await?.into_iter().next())
            }
        })
    });
    answer.unwrap_or_else(Answer::Failed)
}

/// How the interleavings ended.
#[derive(Debug, Default)]
struct Tally {
    /// What the Regions held before.
    before: Vec<Option<&'static str>>,
    differ: usize,
    overtaken: usize,
}

/// Goes through every order of what is left of the two.
fn interleave(world: World, one: &Writer, two: &Writer, fault: Fault, tally: &mut Tally) {
    if one.is_done() && two.is_done() {
        return judge(&world, one, two, fault, tally);
    }
    if !one.is_done() {
        let mut further = one.clone();
        let world = further.step(world.clone(), fault);
        interleave(world, &further, two, fault, tally);
    }
    if !two.is_done() {
        let mut further = two.clone();
        let world = further.step(world, Fault::None);
        interleave(world, one, &further, fault, tally);
    }
}

fn judge(world: &World, one: &Writer, two: &Writer, fault: Fault, tally: &mut Tally) {
    let reports = [one, two].map(|writer| writer.transaction.report());
    let values: Vec<Option<&str>> = (0..world.regions.len())
        .map(|index| world.value(index))
        .collect();
    let differ = values.iter().any(|value| *value != values[0]);
    let claims_one_value =
        |verdict: Verdict| matches!(verdict, Verdict::Complete | Verdict::RolledBack);
    let verdicts = [reports[0].verdict(), reports[1].verdict()];
    let context = || format!("{fault:?} {values:?}\n{reports:#?}");
    let is_as_before = verdicts == [Verdict::RolledBack; 2] && values == tally.before;
    let both_claim = verdicts.iter().all(|verdict| claims_one_value(*verdict));
    assert!(!(differ && both_claim) || is_as_before, "{}", context());
    if verdicts == [Verdict::Complete; 2] {
        assert!(!differ, "both report success: {}", context());
    }
    for (report, verdict) in reports.iter().zip(verdicts) {
        assert_eq!(
            report.cause.is_none(),
            verdict == Verdict::Complete,
            "{}",
            context()
        );
        tally.overtaken += usize::from(matches!(report.cause, Some(Cause::Overtaken { .. })));
    }
    tally.differ += usize::from(differ);
}

/// Every interleaving; the second writer reads what is there after so many requests of the first.
fn all_orders(states: &[State], fault: Fault, rival: &str, tally: &mut Tally) {
    tally.before = states
        .iter()
        .map(|state| state.values().last().copied())
        .collect();
    for ahead in 0..=states.len() {
        let mut world = world(states);
        let mut one = Writer::new(&world, NEW);
        for _ in 0..ahead {
            world = one.step(world, fault);
        }
        let two = Writer::new(&world, rival);
        interleave(world, &one, &two, fault, tally);
    }
}

#[test]
fn concurrent_writers_do_not_both_succeed() {
    let mut tally = Tally::default();
    for states in (1..=2).flat_map(mixes) {
        all_orders(&states, Fault::None, RIVAL, &mut tally);
    }
    for states in mixes(3).step_by(31) {
        all_orders(&states, Fault::None, RIVAL, &mut tally);
    }
    assert!(tally.differ > 1000 && tally.overtaken > 1000, "{tally:?}");
}

#[test]
fn concurrent_writers_with_a_fault_do_not_both_succeed() {
    let mut tally = Tally::default();
    for states in (1..=2).flat_map(mixes) {
        for at in 0..6 {
            for fault in [
                Fault::Refused(at),
                Fault::AnswerLost(at),
                Fault::Interrupted(at),
            ] {
                all_orders(&states, fault, RIVAL, &mut tally);
            }
        }
    }
    assert!(tally.differ > 1000, "{tally:?}");
}

#[test]
fn concurrent_writers_of_the_same_value_both_succeed() {
    for states in [State::Old, State::AlreadyNew].map(|state| vec![state; 2]) {
        let mut tally = Tally::default();
        all_orders(&states, Fault::None, NEW, &mut tally);
        assert_eq!((tally.differ, tally.overtaken), (0, 0), "{tally:?}");
    }
}

/// Another writer writes all Regions while the parameter is deleted from one after the other.
#[test]
fn deletion_is_overtaken_by_a_later_write() {
    for regions in 1..=3 {
        for at in 0..=2 * regions {
            let mut world = world(&vec![State::Old; regions]);
            for index in 0..regions {
                let (value, kind) = (
                    SecretValue::new(RIVAL.to_owned()),
                    ParameterType::SecureString,
                );
                let put = Put {
                    name: name(),
                    value,
                    kind,
                    tier: None,
                    key: None,
                    mode: PutMode::Overwrite,
                };
                world.rival(at, index, put);
            }
            let deletion = Deletion {
                name: name(),
                regions: world.regions.clone(),
            };
            let store = Fake(RefCell::new(world));
            let report = now(delete(&store, &deletion, || false));
            let world = store.0.into_inner();
            let is_there = (0..regions).any(|index| world.value(index).is_some());
            // What comes after the last look is not known.
            let is_after = at >= 2 * regions - 1;
            assert!(
                !(is_there && report.verdict() == Verdict::Complete) || is_after,
                "{regions} {at} {report:?}"
            );
            assert_eq!(
                report.cause.is_none(),
                report.verdict() == Verdict::Complete,
                "{report:?}"
            );
        }
    }
}
