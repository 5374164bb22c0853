//! One secret to three Regions over HTTP, with a fault at every request.

use std::num::NonZeroU32;
use std::time::Duration;

use byref_aws::AwsStore;
use byref_emulator::{Emulator, Fault, Proxy, Rule, When, emulator};
use byref_parameter::Region;
use byref_store::transaction::{self, PriorState, RegionState, Report, Step, Transaction, Verdict};
use byref_store::{ParameterStore as _, StoreError};

use crate::{REGIONS, connection, create, name, overwrite, region};

crate::async_tests![
    a_temporary_fault_is_retried,
    without_retries_all_regions_are_rolled_back,
    a_persistent_fault_is_reported_correctly,
    a_region_that_is_down_leaves_the_others_as_they_were,
];

const OLD: &str = "EXAMPLE-old";
const NEW: &str = "EXAMPLE-new";

/// Clients of one account behind one proxy.
struct Stores {
    /// Prepares and judges.
    store: AwsStore,
    /// Writes.
    patient: AwsStore,
    /// Writes where a fault is silence. On a busy machine it gives up too soon at times.
    impatient: AwsStore,
    proxy: Proxy,
}

impl Stores {
    async fn new(emulator: &Emulator, attempts: u32) -> Self {
        let proxy = Proxy::new(emulator.address());
        let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
        let store = AwsStore::new(connection.clone());
        connection.timeouts.attempts = NonZeroU32::new(attempts);
        let patient = AwsStore::new(connection.clone());
        connection.timeouts.attempt = Duration::from_millis(if attempts > 1 { 1500 } else { 500 });
        let impatient = AwsStore::new(connection);
        store.check_account().await.unwrap();
        patient.check_account().await.unwrap();
        while impatient.check_account().await.is_err() {}
        Self {
            store,
            patient,
            impatient,
            proxy,
        }
    }
}

/// Whether no further attempt is made.
fn is_final(fault: Fault) -> bool {
    fault == Fault::Denied
}

/// What a Region holds, by its name.
async fn held(store: &AwsStore, region: &Region, secret: &str) -> Option<String> {
    let found = store.read(region, &[name(secret)]).await.unwrap();
    found
        .first()
        .map(|parameter| parameter.value.expose().to_owned())
}

/// The steps from what the Regions hold to the new value.
async fn steps(store: &AwsStore, regions: &[Region], secret: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for region in regions {
        let before = store
            .read(region, &[name(secret)])
            .await
            .unwrap()
            .into_iter()
            .next();
        let (before, put, restore) = match before {
            None => (PriorState::Absent, Some(create(secret, NEW)), None),
            Some(old) if old.value.expose() == NEW => (PriorState::Readable(old), None, None),
            Some(old) => {
                let restore = overwrite(secret, old.value.expose());
                (
                    PriorState::Readable(old),
                    Some(overwrite(secret, NEW)),
                    Some(restore),
                )
            }
        };
        steps.push(Step {
            region: region.clone(),
            before,
            put,
            restore,
        });
    }
    steps
}

/// Whether what the report says is what the Region holds.
fn is_true(report: &RegionState, old: Option<&str>, held: Option<&str>) -> bool {
    match report {
        RegionState::UpToDate | RegionState::New { .. } => held == Some(NEW),
        RegionState::Unchanged | RegionState::Restored { .. } => held == old,
        RegionState::Removed | RegionState::Deleted | RegionState::DeletedElsewhere => {
            held.is_none()
        }
        RegionState::OverwrittenElsewhere { .. } => false,
        RegionState::Unknown(_) => held == old || held == Some(NEW),
    }
}

/// Runs with a fault, judges the report, runs again without, and returns how many requests there
/// were.
async fn judge(stores: &Stores, secret: &str, old: Option<&str>, rule: Rule) -> (Report, usize) {
    let Stores {
        store,
        patient,
        impatient,
        proxy,
    } = stores;
    let writer = if rule.is_silent() { impatient } else { patient };
    let regions: Vec<Region> = REGIONS.iter().take(3).map(|name| region(name)).collect();
    for region in &regions {
        if let Some(old) = old {
            store.put(region, &create(secret, old)).await.unwrap();
        }
    }
    let what = format!("{rule:?}, old: {old:?}");
    let mut transaction = Transaction::new(name(secret), steps(store, &regions, secret).await);
    proxy.set([rule]);
    let report = transaction::run(writer, &mut transaction, || false).await;
    let requests = proxy.log().len();
    proxy.set([]);
    let mut holding = Vec::new();
    for (region, report) in regions.iter().zip(&report.regions) {
        let held = held(store, region, secret).await;
        assert!(
            is_true(&report.state, old, held.as_deref()),
            "{what}: {region}: {report:?} but {held:?}"
        );
        holding.push(held);
    }
    match report.verdict() {
        Verdict::Complete => assert!(
            holding.iter().all(|held| held.as_deref() == Some(NEW)),
            "{what}"
        ),
        Verdict::RolledBack => assert!(holding.iter().all(|held| held.as_deref() == old), "{what}"),
        Verdict::Mixed | Verdict::Unconfirmed => {}
    }
    // No older version is gone.
    for region in regions.iter().filter(|_| old.is_some()) {
        let history = store.history(region, &name(secret)).await.unwrap();
        assert_eq!(history[0].number, 1, "{what}");
    }
    let mut again = Transaction::new(name(secret), steps(store, &regions, secret).await);
    let healed = transaction::run(store, &mut again, || false).await;
    assert_eq!(healed.verdict(), Verdict::Complete, "{what}: {healed:?}");
    for region in &regions {
        assert_eq!(
            held(store, region, secret).await.as_deref(),
            Some(NEW),
            "{what}"
        );
    }
    (report, requests)
}

/// One of each kind: refused, lost on the way there and back, in silence.
const FAULTS: [Fault; 6] = [
    Fault::Throttle,
    Fault::Denied,
    Fault::Reset,
    Fault::Hang,
    Fault::Truncated,
    Fault::LostAnswer,
];

/// Every fault at every request, once or from there on.
async fn sweep(attempts: u32, when: fn(usize) -> When) {
    let emulator = emulator();
    let stores = Stores::new(emulator, attempts).await;
    let mut number = 0;
    for old in [None, Some(OLD)] {
        for fault in FAULTS {
            for at in 1.. {
                number += 1;
                let secret = format!("/sweep/{number}");
                let rule = Rule::new(fault, when(at));
                let (report, requests) = judge(&stores, &secret, old, rule).await;
                if requests < at {
                    assert!(
                        report.verdict() == Verdict::Complete || fault.is_silent(),
                        "{report:?}"
                    );
                    break;
                }
                if attempts > 1 && !is_final(fault) && when(at) == When::At(at) {
                    assert_eq!(
                        report.verdict(),
                        Verdict::Complete,
                        "{fault:?} at {at}: {report:?}"
                    );
                }
            }
        }
    }
}

async fn a_temporary_fault_is_retried() {
    sweep(3, When::At).await;
}

async fn without_retries_all_regions_are_rolled_back() {
    sweep(1, When::At).await;
}

async fn a_persistent_fault_is_reported_correctly() {
    sweep(1, When::From).await;
}

async fn a_region_that_is_down_leaves_the_others_as_they_were() {
    let emulator = emulator();
    let stores = Stores::new(emulator, 2).await;
    for (number, region) in REGIONS.iter().take(3).enumerate() {
        let secret = format!("/down/{number}");
        let rule = Rule::new(Fault::Unavailable, When::Always)
            .within(region)
            .of("PutParameter");
        let (report, _) = judge(&stores, &secret, Some(OLD), rule).await;
        assert_eq!(report.verdict(), Verdict::RolledBack);
        let Some(transaction::Cause::Failed { region: of, error }) = report.cause else {
            unreachable!()
        };
        assert_eq!(of.to_string(), *region);
        assert!(matches!(error, StoreError::Unreachable { .. }));
    }
}
