//! The fault sweep: writes to several Regions, with a fault at every request in turn, in every mix
//! of states.
//!
//! After each: all Regions hold the old value, or all the new one, or the report is true Region by
//! Region; nothing older is lost; Regions that were right are not touched; and a further run heals.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod fake;
mod rivals;

use std::cell::RefCell;

use byref_parameter::{ParameterType, SecretValue};
use byref_store::transaction::{
    Cause, Deletion, DesiredParameter, Destination, PriorState, RegionReport, RegionState, Report,
    Transaction, Verdict, WhenUpToDate, delete, plan, run,
};
use fake::{Effect, Fake, When, World, name, now};

const REGIONS: [&str; 4] = ["us-west-2", "us-east-1", "eu-west-1", "cn-north-1"];
const OLDER: &str = "EXAMPLE-older";
const OLD: &str = "EXAMPLE-old";
const NEW: &str = "EXAMPLE-new";

const EFFECTS: [Effect; 8] = [
    Effect::NotCarriedOut,
    Effect::AnswerLost,
    Effect::Late(0),
    Effect::Late(1),
    Effect::Late(2),
    Effect::Late(50),
    Effect::Refused,
    Effect::SecondAttemptRefused,
];

/// What a Region holds before, and whether its values may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Old,
    AlreadyNew,
    Sealed,
    AbsentSealed,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Absent,
        Self::Old,
        Self::AlreadyNew,
        Self::Sealed,
        Self::AbsentSealed,
    ];

    fn is_readable(self) -> bool {
        !matches!(self, Self::Sealed | Self::AbsentSealed)
    }

    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Absent | Self::AbsentSealed => &[],
            Self::Old | Self::Sealed => &[OLDER, OLD],
            Self::AlreadyNew => &[OLDER, NEW],
        }
    }
}

fn world(states: &[State]) -> World {
    let mut world = World::default();
    for (region, state) in REGIONS.iter().zip(states) {
        let versions = (4..)
            .zip(state.values().iter().map(|value| (*value).to_owned()))
            .collect();
        world.add(region, versions, state.is_readable());
    }
    world
}

/// Every mix of states in this many Regions.
fn mixes(regions: u32) -> impl Iterator<Item = Vec<State>> {
    let count = State::ALL.len();
    (0..count.pow(regions)).map(move |mix| {
        (0..regions)
            .map(|region| State::ALL[mix / count.pow(region) % count])
            .collect()
    })
}

/// What byref knows before it writes.
fn destinations(world: &World) -> Vec<Destination> {
    let before = |index: usize| match (world.found(index), world.is_readable[index]) {
        (None, _) => PriorState::Absent,
        (Some(found), false) => PriorState::Unreadable(found),
        (Some(_), true) => PriorState::Readable(world.parameter(index).unwrap()),
    };
    let destination = |(index, region): (usize, &byref_parameter::Region)| Destination {
        region: region.clone(),
        before: before(index),
        description: None,
        key: None,
    };
    world.regions.iter().enumerate().map(destination).collect()
}

fn write_all(
    world: World,
    when_up_to_date: WhenUpToDate,
    interrupted_at: usize,
) -> (World, Report) {
    let value = SecretValue::new(NEW.to_owned());
    let desired = DesiredParameter {
        name: name(),
        value,
        kind: ParameterType::SecureString,
        tier: None,
        tags: Vec::new(),
    };
    let steps = plan(&desired, destinations(&world), when_up_to_date).unwrap();
    let store = Fake(RefCell::new(world));
    let mut transaction = Transaction::new(name(), steps);
    let report = now(run(&store, &mut transaction, || {
        store.0.borrow().requests >= interrupted_at
    }));
    (store.0.into_inner(), report)
}

fn delete_all(world: World, interrupted_at: usize) -> (World, Report) {
    let there = world
        .regions
        .iter()
        .enumerate()
        .filter(|(index, _)| world.found(*index).is_some());
    let deletion = Deletion {
        name: name(),
        regions: there.map(|(_, region)| region.clone()).collect(),
    };
    let store = Fake(RefCell::new(world));
    let report = now(delete(&store, &deletion, || {
        store.0.borrow().requests >= interrupted_at
    }));
    (store.0.into_inner(), report)
}

/// Returns `true` if a Region holds the reported state.
fn is_true(reported: &RegionReport, before: &World, after: &World) -> bool {
    let index = after
        .regions
        .iter()
        .position(|region| *region == reported.region)
        .unwrap();
    // With one fault, the report is true of what is there at the end. With more, what is late may
    // arrive between the last looks at two Regions, and the report is true as of the last look at
    // each.
    let is_one = matches!(after.faults.as_slice(), [] | [(When::At(_), _)]);
    let now = if is_one {
        &after.versions[index]
    } else {
        &after.last_seen[index]
    };
    let old = &before.versions[index];
    let newest = |version: u64, value: Option<&str>| {
        now.last()
            .is_some_and(|(number, now)| *number == version && Some(now.as_str()) == value)
    };
    match &reported.state {
        RegionState::UpToDate => now == old && after.writes[index] == 0,
        RegionState::Unchanged => now == old,
        RegionState::New { version } => newest(*version, Some(NEW)),
        RegionState::Restored { version } => {
            newest(*version, before.value(index)) && *version > old.last().unwrap().0
        }
        RegionState::Removed => reported.was_absent && now.is_empty(),
        RegionState::Deleted => !reported.was_absent && now.is_empty(),
        RegionState::DeletedElsewhere | RegionState::OverwrittenElsewhere { .. } => false,
        // The old value or the new one; but then the last look at it failed. One fault alone never
        // leads here.
        RegionState::Unknown(_) => {
            let values = [before.value(index), Some(NEW), None];
            after.failed_reads > 0 && values.contains(&after.value(index))
        }
    }
}

fn check_report(report: &Report, before: &World, after: &World, context: &impl Fn() -> String) {
    for reported in &report.regions {
        assert!(
            is_true(reported, before, after),
            "{reported:?} is not true: {}",
            context()
        );
    }
    let holdings = || report.regions.iter().map(|reported| &reported.state);
    let is_new = |holding: &RegionState| {
        matches!(
            holding,
            RegionState::UpToDate | RegionState::New { .. } | RegionState::Deleted
        )
    };
    let is_old = |holding: &RegionState| {
        matches!(
            holding,
            RegionState::UpToDate
                | RegionState::Unchanged
                | RegionState::Restored { .. }
                | RegionState::Removed
        )
    };
    let is_unconfirmed = report
        .regions
        .iter()
        .any(|reported| reported.unconfirmed.is_some());
    let expected = match (holdings().all(is_new), holdings().all(is_old)) {
        (true, _) | (_, true) if is_unconfirmed => Verdict::Unconfirmed,
        (true, _) => Verdict::Complete,
        (false, true) => Verdict::RolledBack,
        (false, false) => Verdict::Mixed,
    };
    assert_eq!(report.verdict(), expected, "{}", context());
    assert_eq!(
        report.cause.is_none(),
        expected == Verdict::Complete,
        "a cause where it is not complete: {}",
        context()
    );
}

/// A run that is disturbed.
#[derive(Clone, Debug)]
struct Disturbance {
    faults: Vec<(When, Effect)>,
    /// From this request on the user wants to stop.
    interrupted_at: usize,
}

impl Disturbance {
    fn none() -> Self {
        Self {
            faults: Vec::new(),
            interrupted_at: usize::MAX,
        }
    }

    fn of(when: When, effect: Effect) -> Self {
        Self {
            faults: vec![(when, effect)],
            ..Self::none()
        }
    }
}

/// Checks everything that must hold after a run that writes, however it went. Says how it went, and
/// how many requests it made.
fn check_writing(
    states: &[State],
    when_up_to_date: WhenUpToDate,
    disturbance: &Disturbance,
) -> (Verdict, usize) {
    let before = world(states);
    let mut world = before.clone();
    world.faults.clone_from(&disturbance.faults);
    let (after, report) = write_all(world, when_up_to_date, disturbance.interrupted_at);
    let context =
        || format!("{states:?} {when_up_to_date:?} {disturbance:?}\n{report:#?}\n{after:#?}");
    check_report(&report, &before, &after, &context);
    let result = (report.verdict(), after.requests);

    let mut settled = after.clone();
    settled.settle();
    for (old, now) in before.versions.iter().zip(&settled.versions) {
        assert!(
            now.starts_with(old),
            "an older version is lost: {}",
            context()
        );
    }
    // Values that can't be read can't be compared; everywhere else, what is right is left alone.
    let is_right = |index: usize| settled.is_readable[index] && settled.value(index) == Some(NEW);
    let was_right: Vec<bool> = (0..states.len()).map(is_right).collect();
    let (healed, second) = write_all(settled, WhenUpToDate::Skip, usize::MAX);
    assert_eq!(
        (second.verdict(), &second.cause),
        (Verdict::Complete, &None),
        "{}",
        context()
    );
    for (index, was_right) in was_right.into_iter().enumerate() {
        assert_eq!(healed.value(index), Some(NEW), "{}", context());
        assert!(
            !was_right || healed.writes[index] == 0,
            "what is right was touched: {}",
            context()
        );
    }
    result
}

/// A fault at every request in turn, until there is none left.
fn at_every_request(
    states: &[State],
    when_up_to_date: WhenUpToDate,
    effect: Effect,
    when: fn(usize) -> When,
) -> usize {
    let mut runs = 0;
    for number in 0.. {
        let (verdict, requests) = check_writing(
            states,
            when_up_to_date,
            &Disturbance::of(when(number), effect),
        );
        runs += 1;
        let is_one = matches!(when(number), When::At(_));
        // A Region whose value can't be read has no way back, and what is there without an answer
        // may be another writer's.
        let is_sealed = states.iter().any(|state| !state.is_readable());
        let is_late = matches!(effect, Effect::Late(_));
        if is_one && !states.contains(&State::Sealed) && !(is_sealed && is_late) {
            assert_ne!(
                verdict,
                Verdict::Mixed,
                "one fault leaves no Regions apart: {states:?} {number} {effect:?}"
            );
        }
        if is_one && matches!(effect, Effect::AnswerLost | Effect::SecondAttemptRefused) {
            let is_certain =
                verdict == Verdict::Complete || (is_sealed && verdict == Verdict::Unconfirmed);
            assert!(
                is_certain,
                "only an answer was lost: {verdict:?} {states:?} {number} {effect:?}"
            );
        }
        if requests <= number {
            assert_eq!(verdict, Verdict::Complete);
            break;
        }
    }
    runs
}

#[test]
fn write_without_fault_skips_up_to_date_regions() {
    for states in (1..=4).flat_map(mixes) {
        let (verdict, requests) = check_writing(&states, WhenUpToDate::Skip, &Disturbance::none());
        assert_eq!(verdict, Verdict::Complete);
        // Every Region is read back, unless nothing was written.
        let writes = states
            .iter()
            .filter(|state| **state != State::AlreadyNew)
            .count();
        assert_eq!(
            requests,
            if writes == 0 {
                0
            } else {
                writes + states.len()
            }
        );
        let (verdict, requests) = check_writing(&states, WhenUpToDate::Write, &Disturbance::none());
        assert_eq!((verdict, requests), (Verdict::Complete, 2 * states.len()));
    }
}

#[test]
fn write_reports_truth_with_fault_at_every_request() {
    let mut runs = 0;
    for states in (1..=4).flat_map(mixes) {
        for effect in EFFECTS {
            runs += at_every_request(&states, WhenUpToDate::Skip, effect, When::At);
            if states.len() < 4 {
                runs += at_every_request(&states, WhenUpToDate::Write, effect, When::At);
            }
        }
    }
    assert!(runs > 10_000, "{runs}");
}

#[test]
fn write_reports_truth_when_all_later_requests_fail() {
    for states in (1..=4).flat_map(mixes) {
        for effect in EFFECTS {
            at_every_request(&states, WhenUpToDate::Skip, effect, When::From);
        }
    }
}

#[test]
fn write_reports_truth_when_one_region_goes_down() {
    for states in (1..=3).flat_map(mixes) {
        for effect in EFFECTS {
            for region in 0..states.len() {
                for number in 0..6 {
                    for when in [
                        When::InRegion(region, number),
                        When::WritesInRegion(region, number),
                    ] {
                        let disturbance = Disturbance::of(when, effect);
                        check_writing(&states, WhenUpToDate::Skip, &disturbance);
                        check_writing(&states, WhenUpToDate::Write, &disturbance);
                    }
                }
            }
        }
    }
}

#[test]
fn write_reports_truth_with_two_faults() {
    for states in (1..=3).flat_map(mixes) {
        for (first, second) in EFFECTS
            .iter()
            .flat_map(|first| EFFECTS.iter().map(move |second| (*first, *second)))
        {
            // Of three Regions, those effects that differ most.
            let is_late = |effect: Effect| matches!(effect, Effect::Late(0 | 2));
            if states.len() == 3 && (is_late(first) || is_late(second)) {
                continue;
            }
            for number in 0..5 {
                for further in number + 1..9 {
                    let faults = vec![(When::At(number), first), (When::At(further), second)];
                    let disturbance = Disturbance {
                        faults,
                        ..Disturbance::none()
                    };
                    if check_writing(&states, WhenUpToDate::Skip, &disturbance).1 <= further {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn interrupt_rolls_back_at_every_request() {
    for states in (1..=4).flat_map(mixes) {
        for interrupted_at in 0..6 {
            let disturbance = Disturbance {
                interrupted_at,
                ..Disturbance::none()
            };
            let (verdict, _) = check_writing(&states, WhenUpToDate::Skip, &disturbance);
            assert!(verdict != Verdict::Mixed || states.contains(&State::Sealed));
            if states.len() == 4 {
                continue;
            }
            for effect in EFFECTS {
                for number in 0..8 {
                    let faults = vec![(When::At(number), effect)];
                    check_writing(
                        &states,
                        WhenUpToDate::Skip,
                        &Disturbance {
                            faults,
                            interrupted_at,
                        },
                    );
                }
            }
        }
    }
}

#[test]
fn interrupt_before_first_request_sends_nothing() {
    let world = world(&[State::Old, State::Absent]);
    let (after, report) = write_all(world, WhenUpToDate::Skip, 0);
    assert_eq!((after.requests, report.verdict()), (0, Verdict::RolledBack));
    assert_eq!(report.cause, Some(Cause::Interrupted));
}

#[test]
fn rollback_keeps_parameter_created_elsewhere() {
    let mut world = world(&[State::Absent, State::Absent]);
    let destinations = destinations(&world);
    world.versions[1] = vec![(1, "EXAMPLE-theirs".to_owned())];
    let value = SecretValue::new(NEW.to_owned());
    let desired = DesiredParameter {
        name: name(),
        value,
        kind: ParameterType::SecureString,
        tier: None,
        tags: Vec::new(),
    };
    for is_readable in [true, false] {
        world.is_readable.fill(is_readable);
        let steps = plan(&desired, destinations.clone(), WhenUpToDate::Skip).unwrap();
        let store = Fake(RefCell::new(world.clone()));
        let report = now(run(&store, &mut Transaction::new(name(), steps), || false));
        assert_eq!(report.regions[0].state, RegionState::Removed);
        assert_eq!(
            report.regions[1].state,
            RegionState::OverwrittenElsewhere { version: 1 }
        );
        assert_eq!(report.verdict(), Verdict::Mixed);
        assert_eq!(store.0.borrow().value(1), Some("EXAMPLE-theirs"));
    }
}

/// As [`check_writing`], of a deletion.
fn check_deletion(states: &[State], disturbance: &Disturbance) -> (Verdict, usize) {
    let before = world(states);
    let mut world = before.clone();
    world.faults.clone_from(&disturbance.faults);
    let (after, report) = delete_all(world, disturbance.interrupted_at);
    let context = || format!("{states:?} {disturbance:?}\n{report:#?}\n{after:#?}");
    check_report(&report, &before, &after, &context);
    let result = (report.verdict(), after.requests);
    let mut settled = after.clone();
    settled.settle();
    for (old, now) in before.versions.iter().zip(&settled.versions) {
        assert!(now == old || now.is_empty(), "{}", context());
    }
    let (healed, second) = delete_all(settled, usize::MAX);
    assert_eq!(
        (second.verdict(), second.cause),
        (Verdict::Complete, None),
        "{}",
        context()
    );
    assert!(healed.versions.iter().all(Vec::is_empty));
    result
}

#[test]
fn delete_reports_truth_with_fault_at_every_request() {
    for states in (1..=4).flat_map(mixes) {
        assert_eq!(
            check_deletion(&states, &Disturbance::none()).0,
            Verdict::Complete
        );
        for effect in EFFECTS {
            for number in 0..10 {
                for when in [
                    When::At(number),
                    When::From(number),
                    When::InRegion(number % 4, number / 4),
                ] {
                    let (verdict, _) = check_deletion(&states, &Disturbance::of(when, effect));
                    let is_lost_answer =
                        matches!(effect, Effect::AnswerLost | Effect::SecondAttemptRefused);
                    let is_one = matches!(when, When::At(_));
                    assert!(
                        !(is_one && is_lost_answer) || verdict == Verdict::Complete,
                        "what came right is no failure"
                    );
                }
            }
        }
        for interrupted_at in 0..5 {
            check_deletion(
                &states,
                &Disturbance {
                    interrupted_at,
                    ..Disturbance::none()
                },
            );
            let faults = vec![(When::At(0), Effect::NotCarriedOut)];
            check_deletion(
                &states,
                &Disturbance {
                    faults,
                    interrupted_at,
                },
            );
        }
    }
}
