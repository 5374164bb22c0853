//! How many requests, and how fast.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use byref_aws::{AwsStore, Rates};
use byref_emulator::{Fault, Proxy, Rule, When, emulator};
use byref_parameter::ParameterName;
use byref_store::{ParameterStore as _, Selection, StoreError};
use futures_util::future::try_join_all;

use crate::{REGIONS, connection, create, name, overwrite, region, store_behind_proxy};

crate::async_tests![
    two_thousand_names_take_two_hundred_requests,
    reads_stay_within_the_rate,
    writes_stay_within_the_rate,
    too_many_updates_are_retried,
    attempts_count_as_requests,
];

fn names(count: usize) -> Vec<ParameterName> {
    (0..count)
        .map(|number| name(&format!("/fleet/app-{}/secret-{number}", number % 40)))
        .collect()
}

/// The most requests that came in within one second.
fn peak(times: &[Instant]) -> usize {
    let within = |start: &Instant| {
        times
            .iter()
            .filter(|time| **time >= *start && **time < *start + Duration::from_secs(1))
            .count()
    };
    times.iter().map(within).max().unwrap_or_default()
}

async fn two_thousand_names_take_two_hundred_requests() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    let names = names(2000);
    let regions: Vec<_> = REGIONS.map(region).into();
    for name in names.iter().step_by(100) {
        store
            .put(&regions[0], &create(name.as_str(), "EXAMPLE"))
            .await
            .unwrap();
    }
    proxy.set([]);
    let found = try_join_all(regions.iter().map(|region| store.look_up(region, &names)))
        .await
        .unwrap();
    assert_eq!(
        found.iter().map(Vec::len).collect::<Vec<_>>(),
        [20, 0, 0, 0]
    );
    let counts = proxy.counts();
    assert_eq!(counts.len(), REGIONS.len());
    for (request, count) in &counts {
        assert_eq!(*count, 200, "{request:?}");
    }
    assert_eq!(store.requests()[&regions[1]], 200);
    // By the proxy's count and by the store's own.
    assert_eq!(store.requests()[&regions[0]], 200 + 20);
    proxy.set([]);
    store
        .describe(&regions[1], Selection::Names(&names))
        .await
        .unwrap();
    assert_eq!(proxy.log().len(), 40);
}

async fn reads_stay_within_the_rate() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.rates = Rates::default();
    let store = AwsStore::new(connection);
    // The first answer of a server takes longer, and would not count.
    store.look_up(&region(REGIONS[0]), &names(1)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.set([Rule::new(Fault::Throttle, When::At(5))]);
    let start = Instant::now();
    let names = names(350);
    let regions = [region(REGIONS[0]), region(REGIONS[1])];
    try_join_all(regions.iter().map(|region| store.look_up(region, &names)))
        .await
        .unwrap();
    let took = start.elapsed();
    for region in REGIONS.iter().take(2) {
        let log = proxy.log();
        let times: Vec<_> = log
            .iter()
            .filter(|request| request.region == *region)
            .map(|request| request.at)
            .collect();
        assert!(
            (35..=36).contains(&times.len()),
            "{region}: {}",
            times.len()
        );
        assert!(
            peak(&times) <= 10,
            "{region}: {} in one second",
            peak(&times)
        );
    }
    assert!(took >= Duration::from_secs(3), "{took:?}");
}

async fn writes_stay_within_the_rate() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.rates = Rates {
        writes: NonZeroU32::new(2).unwrap(),
        ..Rates::default()
    };
    let store = AwsStore::new(connection);
    store.check_account().await.unwrap();
    proxy.set([]);
    let here = region(REGIONS[0]);
    for number in 0..4 {
        store
            .put(&here, &overwrite(&format!("/slow/{number}"), "EXAMPLE"))
            .await
            .unwrap();
    }
    store.history(&here, &name("/slow/1")).await.unwrap();
    store.delete(&here, &[name("/slow/1")]).await.unwrap();
    // A history is compared with the newest version, which is a read.
    let log = proxy.log();
    let times: Vec<_> = log
        .iter()
        .filter(|request| request.operation != "GetParameters")
        .map(|request| request.at)
        .collect();
    assert_eq!((times.len(), log.len()), (6, 7));
    assert!(peak(&times) <= 2, "{} in one second", peak(&times));
}

async fn too_many_updates_are_retried() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    let here = region(REGIONS[0]);
    store.check_account().await.unwrap();
    proxy.set([Rule::new(Fault::TooManyUpdates, When::First(2)).of("PutParameter")]);
    assert_eq!(
        store
            .put(&here, &create("/busy/a", "EXAMPLE"))
            .await
            .unwrap(),
        1
    );
    assert_eq!(proxy.log().len(), 3);
    proxy.set([Rule::new(Fault::TooManyUpdates, When::Always).of("PutParameter")]);
    let busy = StoreError::TooManyUpdates {
        name: name("/busy/a"),
        region: here.clone(),
    };
    assert_eq!(
        store.put(&here, &overwrite("/busy/a", "EXAMPLE")).await,
        Err(busy)
    );
    assert_eq!(proxy.log().len(), 3);
}

async fn attempts_count_as_requests() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    proxy.set([Rule::new(Fault::Unavailable, When::First(2)).of("GetParameters")]);
    store
        .look_up(&region(REGIONS[0]), &[name("/a")])
        .await
        .unwrap();
    assert_eq!(store.requests()[&region(REGIONS[0])], 3);
}
