//! The fault sweep: something goes wrong at every single request of everything that writes to three
//! Regions.
//!
//! After it all Regions hold the old value, or all the new one, or the report says Region by Region
//! what the emulator really holds; no older version is lost; the same command again, or the one
//! that the report names, heals. `cargo test` goes over every request with some of the faults;
//! `BYREF_SWEEP=full` takes all of them.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use byref_emulator::{Account, Fault, Rule, When};
use rustix::process::{Pid, Signal, kill_process};

use byref_support::{Cloud, REGIONS, assert_hides, finish, start, stderr};

byref_harness::tests![every_write_survives_every_fault_at_every_request,];

/// Every value of the sweep begins so; none may be in any output.
const VALUE: &str = "EXAMPLE-sweep";
const OLDER: &str = "EXAMPLE-sweep-older";
const OLD: &str = "EXAMPLE-sweep-old";
const NEW: &str = "EXAMPLE-sweep-new";
/// Many of the cases only wait.
const WORKERS: usize = 16;

const FAULTS: [Fault; 8] = [
    Fault::Throttle,
    Fault::LostAnswer,
    Fault::Failure,
    Fault::Reset,
    Fault::Truncated,
    Fault::Unavailable,
    Fault::HeldAnswer,
    Fault::Hang,
];

/// One secret of a command, with the values of its versions before, and what it holds afterwards.
struct Secret {
    name: &'static str,
    versions: &'static [&'static str],
    after: Option<&'static str>,
}

/// A command that writes. `{}` is the number of the run.
struct Scene {
    arguments: &'static str,
    input: &'static str,
    is_in_other_account: bool,
    secrets: &'static [Secret],
}

const SCENES: [Scene; 7] = [
    Scene {
        arguments: "secret put /{}/a -e production --yes",
        input: NEW,
        is_in_other_account: false,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[],
            after: Some(NEW),
        }],
    },
    Scene {
        arguments: "secret put /{}/a -e production --yes",
        input: NEW,
        is_in_other_account: false,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[OLDER, OLD],
            after: Some(NEW),
        }],
    },
    Scene {
        arguments: "secret rollback /{}/a -e production --yes",
        input: "",
        is_in_other_account: false,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[OLDER, OLD],
            after: Some(OLDER),
        }],
    },
    Scene {
        arguments: "secret copy /{}/a -e production --to-environment staging --overwrite --yes",
        input: "",
        is_in_other_account: true,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[OLDER, OLD],
            after: Some(NEW),
        }],
    },
    Scene {
        arguments: "secret copy /{}/a -e production --to-environment staging --yes",
        input: "",
        is_in_other_account: true,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[],
            after: Some(NEW),
        }],
    },
    Scene {
        arguments: "secret delete /{}/a -e production --yes",
        input: "",
        is_in_other_account: false,
        secrets: &[Secret {
            name: "/{}/a",
            versions: &[OLDER, OLD],
            after: None,
        }],
    },
    Scene {
        arguments: "secret import - --from dotenv -e production --overwrite --yes",
        input: "A_{}=EXAMPLE-sweep-new\nB_{}='EXAMPLE-sweep-new'\n",
        is_in_other_account: false,
        secrets: &[
            Secret {
                name: "/production/web/a-{}",
                versions: &[OLDER, OLD],
                after: Some(NEW),
            },
            Secret {
                name: "/production/web/b-{}",
                versions: &[],
                after: Some(NEW),
            },
        ],
    },
];

/// What goes wrong with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// A fault; the client tries so often.
    Fault {
        fault: Fault,
        when: When,
        region: Option<&'static str>,
        attempts: u8,
    },
    /// `kill -9` when this request arrives, which goes on, or not.
    Killed { at: usize, goes_on: bool },
    /// `^C` when this request arrives.
    Interrupted { at: usize },
}

impl Trouble {
    fn rule(self, process: &Arc<AtomicI32>) -> Rule {
        let send = |signal| {
            let process = Arc::clone(process);
            move || signal_to(&process, signal)
        };
        match self {
            Self::Fault {
                fault,
                when,
                region: None,
                ..
            } => Rule::new(fault, when),
            Self::Fault {
                fault,
                when,
                region: Some(region),
                ..
            } => Rule::new(fault, when).within(region),
            Self::Killed { at, goes_on: true } => Rule::hook(When::At(at), send(Signal::KILL)),
            Self::Killed { at, goes_on: false } => {
                Rule::new(Fault::Reset, When::At(at)).after(send(Signal::KILL))
            }
            Self::Interrupted { at } => Rule::hook(When::At(at), send(Signal::INT)),
        }
    }

    fn attempts(self) -> u8 {
        if let Self::Fault { attempts, .. } = self {
            attempts
        } else {
            1
        }
    }
}

/// Sends a signal to a process as soon as its number is known.
fn signal_to(process: &AtomicI32, signal: Signal) {
    loop {
        if let Some(process) = Pid::from_raw(process.load(Ordering::Acquire)) {
            let _ = kill_process(process, signal);
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One run of a command, with names of its own.
struct Case<'c> {
    cloud: &'c Cloud,
    scene: &'c Scene,
    /// Names are made with it.
    number: usize,
}

impl<'c> Case<'c> {
    /// Stores what the command finds.
    fn new(cloud: &'c Cloud, scene: &'c Scene, number: usize) -> Self {
        let case = Self {
            cloud,
            scene,
            number,
        };
        for secret in scene.secrets {
            for (region, value) in REGIONS
                .into_iter()
                .flat_map(|region| secret.versions.iter().map(move |v| (region, v)))
            {
                cloud
                    .emulator
                    .store(case.account(), region, &case.of(secret.name), value);
            }
            if scene.is_in_other_account {
                cloud
                    .emulator
                    .store(&cloud.own, REGIONS[0], &case.of(secret.name), NEW);
            }
        }
        case
    }

    fn of(&self, pattern: &str) -> String {
        pattern.replace("{}", &self.number.to_string())
    }

    fn arguments(&self) -> String {
        self.of(self.scene.arguments)
    }

    fn account(&self) -> &Account {
        if self.scene.is_in_other_account {
            &self.cloud.other
        } else {
            &self.cloud.own
        }
    }

    /// Runs without trouble.
    fn run(&self, arguments: &str) -> Output {
        self.cloud.proxy.set([]);
        self.cloud
            .run_with_input(arguments, &self.of(self.scene.input))
    }

    fn run_with(&self, trouble: Trouble) -> Output {
        let process = Arc::new(AtomicI32::new(0));
        self.cloud.proxy.set([trouble.rule(&process)]);
        // On a busy machine, only what is silent may take too long.
        let is_silent = matches!(trouble, Trouble::Fault { fault, .. } if fault.is_silent());
        let timeout = if is_silent { 1 } else { 30 };
        let options = format!("--read-rate 10000 --write-rate 10000 --timeout {timeout}");
        let mut command = self.cloud.command_with(&self.arguments(), &options);
        command.env("AWS_MAX_ATTEMPTS", trouble.attempts().to_string());
        let child = start(&mut command, &self.of(self.scene.input));
        process.store(i32::try_from(child.id()).unwrap(), Ordering::Release);
        let output = finish(child);
        self.cloud.proxy.settle();
        output
    }

    /// The versions that each Region holds of a secret, with their values, oldest first.
    fn look(&self, secret: &Secret) -> [Vec<(u64, String)>; 3] {
        REGIONS.map(|region| {
            self.cloud
                .emulator
                .versions_of(self.account(), region, &self.of(secret.name))
        })
    }

    fn are_all_new(&self) -> bool {
        self.scene.secrets.iter().all(|secret| {
            self.look(secret)
                .iter()
                .all(|versions| value(versions) == secret.after)
        })
    }

    /// Whether it is a rollback that is over: what it marked is not marked any more, and once more
    /// would go back again.
    fn is_over(&self) -> bool {
        if !self.scene.arguments.contains("rollback") {
            return false;
        }
        let name = serde_json::json!({ "Name": self.of(self.scene.secrets[0].name) });
        let (_, history) =
            self.cloud
                .emulator
                .ask(self.account(), REGIONS[0], "GetParameterHistory", &name);
        !history.to_string().contains("byref-rollback")
    }

    /// Holds a run to everything that is promised.
    fn judge(&self, trouble: Trouble) -> Ended {
        let output = self.run_with(trouble);
        let text = stderr(&output);
        let context = format!(
            "{} with {trouble:?}: {:?}\n{text}",
            self.arguments(),
            output.status
        );
        assert_hides(VALUE, &context, &output);
        let was_killed = output.status.signal() == Some(9);
        let (mut is_mixed, mut is_new) = (false, true);
        for secret in self.scene.secrets {
            let old = secret.versions.last().copied();
            let claims = claims(&text, &self.of(secret.name));
            let seen = self.look(secret);
            for (region, versions) in REGIONS.iter().zip(&seen) {
                let value = value(versions);
                assert!(
                    value == old || value == secret.after,
                    "{region} holds another value: {context}"
                );
                match claims.get(region) {
                    Some(claim) => claim.check(
                        versions.last(),
                        old,
                        secret.after,
                        &format!("{region}: {context}"),
                    ),
                    // Where nothing is said, nothing was done.
                    None if !was_killed => {
                        assert_eq!(value, old, "{region} is not in the report: {context}");
                    }
                    None => {}
                }
                check_history(secret, versions, &context);
            }
            is_mixed |= seen
                .iter()
                .any(|versions| value(versions) != value(&seen[0]));
            is_new &= seen.iter().all(|versions| value(versions) == secret.after);
        }
        let ended = match (output.status.code(), output.status.signal()) {
            (Some(0), _) => Ended::Done,
            (Some(3), _) if matches!(trouble, Trouble::Fault { .. }) => Ended::Failed,
            (Some(130), _) | (_, Some(2)) if matches!(trouble, Trouble::Interrupted { .. }) => {
                Ended::Stopped
            }
            (_, Some(9)) if matches!(trouble, Trouble::Killed { .. }) => Ended::Killed,
            _ => panic!("that is no way to end: {context}"),
        };
        assert!(ended != Ended::Done || is_new, "it is not done: {context}");
        assert!(
            ended != Ended::Failed || text.contains("help: "),
            "{context}"
        );
        if !(is_new && self.is_over()) {
            self.heal(&text, &context);
        }
        if is_mixed && !was_killed {
            Ended::Mixed
        } else {
            ended
        }
    }

    /// What the report names, and then the same command again.
    fn heal(&self, text: &str, context: &str) {
        let named = text
            .rsplit_once("`byref ")
            .and_then(|(_, rest)| rest.split_once('`'))
            .map(|(named, _)| named);
        if let Some(named) = named {
            let output = self.run(&format!("{named} --yes"));
            let context = format!("{context}\n{named}: {}", stderr(&output));
            assert_eq!(output.status.code(), Some(0), "{context}");
            for secret in self.scene.secrets {
                let seen = self.look(secret);
                let is_one = seen
                    .iter()
                    .all(|versions| value(versions) == value(&seen[0]));
                assert!(is_one, "the named command did not heal: {context}");
            }
        }
        let output = self.run(&self.arguments());
        let context = format!("{context}\nand again: {}", stderr(&output));
        assert_eq!(output.status.code(), Some(0), "{context}");
        for secret in self.scene.secrets {
            for versions in self.look(secret) {
                assert_eq!(
                    value(&versions),
                    secret.after,
                    "the same command did not heal: {context}"
                );
                check_history(secret, &versions, &context);
            }
        }
        assert_hides(VALUE, &context, &output);
    }
}

/// The newest value.
fn value(versions: &[(u64, String)]) -> Option<&str> {
    versions.last().map(|(_, value)| value.as_str())
}

/// No version is lost, but for a deleted parameter.
fn check_history(secret: &Secret, versions: &[(u64, String)], context: &str) {
    if secret.after.is_some() {
        let kept = versions
            .iter()
            .map(|(_, value)| value.as_str())
            .take(secret.versions.len());
        assert!(
            kept.eq(secret.versions.iter().copied()),
            "a version is lost: {context}"
        );
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Done,
    Failed,
    /// As [`Ended::Failed`] or [`Ended::Stopped`], and the Regions differ.
    Mixed,
    Stopped,
    Killed,
}

/// What a report says of a Region.
#[derive(Debug)]
struct Claim {
    old: bool,
    new: bool,
    nothing: bool,
    version: Option<u64>,
}

impl Claim {
    fn check(
        &self,
        held: Option<&(u64, String)>,
        old: Option<&str>,
        new: Option<&str>,
        context: &str,
    ) {
        let value = held.map(|(_, value)| value.as_str());
        let is_true = (self.nothing && value.is_none())
            || (self.old && value.is_some() && value == old)
            || (self.new && value.is_some() && value == new);
        assert!(is_true, "the report is not true ({self:?}): {context}");
        if let Some(version) = self.version {
            assert_eq!(
                held.map(|(version, _)| *version),
                Some(version),
                "{context}"
            );
        }
    }
}

/// What a report says of a secret, by Region.
fn claims(text: &str, name: &str) -> BTreeMap<&'static str, Claim> {
    let words = [
        // What begins like another one comes before it.
        ("right already", false, true, false),
        ("nothing or the new value", false, true, true),
        ("nothing, as before", false, false, true),
        ("nothing again", false, false, true),
        ("the old value or the new one", true, true, false),
        ("the old value", true, false, false),
        ("the new value", false, true, false),
        ("deleted", false, false, true),
        ("still there, or deleted", true, false, true),
        ("still there", true, false, false),
        ("nothing: somebody else", false, false, false),
        ("another value", false, false, false),
    ];
    let marks = [format!("{name}: "), format!("`{name}`")];
    let Some(begin) = marks
        .iter()
        .filter_map(|mark| text.rfind(mark.as_str()))
        .max()
    else {
        return BTreeMap::new();
    };
    let said = &text[begin..];
    let said = &said[..said
        .find("\nhelp")
        .or_else(|| said.find("\n  help"))
        .unwrap_or(said.len())];
    let mut claims = BTreeMap::new();
    for region in REGIONS {
        for (at, _) in said.match_indices(region) {
            let rest = said[at + region.len()..].trim_start_matches(' ');
            let Some((start, old, new, nothing)) =
                words.iter().find(|(start, ..)| rest.starts_with(start))
            else {
                continue;
            };
            let version = rest[start.len()..]
                .strip_prefix(" (version ")
                .and_then(|rest| rest.split(')').next()?.parse().ok());
            claims.insert(
                region,
                Claim {
                    old: *old,
                    new: *new,
                    nothing: *nothing,
                    version,
                },
            );
            break;
        }
    }
    claims
}

/// Every trouble at every request: of each kind in turn, or all where the sweep is full.
fn troubles(
    requests: usize,
    by_region: &BTreeMap<&'static str, usize>,
    is_full: bool,
    turn: usize,
) -> Vec<Trouble> {
    let fault = |fault, when, region, attempts| Trouble::Fault {
        fault,
        when,
        region,
        attempts,
    };
    let mut troubles = Vec::new();
    for at in 1..=requests {
        let is_in_turn =
            |index: usize, shift: usize| is_full || (at + turn + shift) % FAULTS.len() == index;
        for (index, kind) in FAULTS.into_iter().enumerate() {
            if is_in_turn(index, 0) {
                troubles.push(fault(kind, When::At(at), None, 1));
            }
            if is_in_turn(index, 3) {
                troubles.push(fault(kind, When::From(at), None, 1));
            }
        }
        // The client itself repeats what was done already.
        for (index, kind) in [Fault::LostAnswer, Fault::Truncated]
            .into_iter()
            .enumerate()
        {
            if is_full || (at + turn) % 4 == index {
                troubles.push(fault(kind, When::At(at), None, 2));
            }
        }
        for goes_on in [true, false] {
            if is_full || (at + turn) % 4 == 2 * usize::from(goes_on) {
                troubles.push(Trouble::Killed { at, goes_on });
            }
        }
        if is_full || (at + turn) % 2 == 1 {
            troubles.push(Trouble::Interrupted { at });
        }
    }
    for (index, (region, requests)) in by_region.iter().enumerate() {
        for at in 1..=*requests {
            for (kind_index, kind) in FAULTS.into_iter().enumerate() {
                if is_full
                    || (at % 2 == 0 && (at / 2 + turn + 3 * index) % FAULTS.len() == kind_index)
                {
                    troubles.push(fault(kind, When::From(at), Some(region), 1));
                }
            }
        }
    }
    troubles
}

#[expect(
    clippy::print_stderr,
    reason = "the number of cases, for the one who runs the full sweep"
)]
fn every_write_survives_every_fault_at_every_request() {
    let cloud = Cloud::new();
    let is_full = super::is_full();
    let mut cases = Vec::new();
    for (turn, scene) in SCENES.iter().enumerate() {
        let case = Case::new(&cloud, scene, turn + 1);
        let output = case.run(&case.arguments());
        assert!(
            output.status.success() && case.are_all_new(),
            "{}: {}",
            case.arguments(),
            stderr(&output)
        );
        let log = cloud.proxy.log();
        let of = |region: &str| {
            log.iter()
                .filter(|request| request.region == region)
                .count()
        };
        let by_region = REGIONS
            .into_iter()
            .map(|region| (region, of(region)))
            .collect();
        cases.extend(
            troubles(log.len(), &by_region, is_full, turn)
                .into_iter()
                .map(|trouble| (scene, trouble)),
        );
    }
    let next = AtomicUsize::new(0);
    let endings = std::thread::scope(|scope| {
        let worker = || {
            let cloud = Cloud::new();
            let mut endings = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((scene, trouble)) = cases.get(number) else {
                    return endings;
                };
                endings.push(Case::new(&cloud, scene, number + 100).judge(*trouble));
            }
        };
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect::<Vec<_>>()
    });
    let count = |ended| endings.iter().filter(|other| **other == ended).count();
    let counts = [
        Ended::Done,
        Ended::Failed,
        Ended::Mixed,
        Ended::Stopped,
        Ended::Killed,
    ]
    .map(|ended| (ended, count(ended)));
    if is_full {
        eprintln!("{} cases: {counts:?}", cases.len());
    }
    // A sweep that never gets there shows nothing.
    for (ended, count) in counts {
        assert!(count > 0, "nothing ended as {ended:?}: {counts:?}");
    }
}
