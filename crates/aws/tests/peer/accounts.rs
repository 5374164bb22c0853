//! Whose credentials they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_aws::AwsStore;
use byref_emulator::{Proxy, emulator};
use byref_store::{ParameterStore as _, StoreError};

use crate::{REGIONS, connection, create, name, region};

#[tokio::test]
async fn the_caller_is_asked_once() {
    let Some(emulator) = emulator() else { return };
    let account = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let store = AwsStore::new(connection(&account, &proxy.endpoint()).await);
    let caller = store.caller().await.unwrap().clone();
    assert_eq!(caller.account.to_string(), account.id);
    assert!(caller.arn.contains(&account.id), "{}", caller.arn);
    for here in REGIONS {
        store.put(&region(here), &create("/a", "EXAMPLE")).await.unwrap();
    }
    let log = proxy.log();
    let asked: Vec<_> = log.iter().filter(|request| request.operation == "GetCallerIdentity").collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].region, REGIONS[0]);
}

#[tokio::test]
async fn nothing_is_written_into_another_account() {
    let Some(emulator) = emulator() else { return };
    let account = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let mut wrong = connection(&account, &proxy.endpoint()).await;
    wrong.account = "111122223333".parse().unwrap();
    let store = AwsStore::new(wrong);
    let here = region(REGIONS[0]);
    let error = StoreError::WrongAccount { expected: "111122223333".parse().unwrap(), found: account.id.clone() };
    let secret = name("/a");
    let label = "x".parse().unwrap();
    assert_eq!(store.put(&here, &create("/a", "EXAMPLE")).await, Err(error.clone()));
    assert_eq!(store.delete(&here, std::slice::from_ref(&secret)).await, Err(error.clone()));
    assert_eq!(store.label(&here, &secret, 1, &label).await, Err(error.clone()));
    assert_eq!(store.unlabel(&here, &secret, 1, &label).await, Err(error.clone()));
    assert_eq!(store.tag(&here, &secret, &[]).await, Err(error));
    assert!(proxy.log().iter().all(|request| request.operation == "GetCallerIdentity"));
    // Reading asks nobody.
    proxy.set([]);
    store.look_up(&here, &[secret]).await.unwrap();
    assert_eq!(proxy.log().len(), 1);
}

#[tokio::test]
async fn a_role_is_assumed() {
    let Some(emulator) = emulator() else { return };
    let other = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.account = other.id.parse().unwrap();
    connection.role_arn = Some(format!("arn:aws:iam::{}:role/secrets-admin", other.id));
    let store = AwsStore::new(connection);
    for here in REGIONS {
        store.put(&region(here), &create("/role/a", "EXAMPLE")).await.unwrap();
    }
    let assumed = proxy.log().iter().filter(|request| request.operation == "AssumeRole").count();
    assert_eq!(assumed, 1, "credentials are shared by all Regions");
    let there = crate::connection(&other, &emulator.endpoint()).await;
    let found = AwsStore::new(there).look_up(&region(REGIONS[2]), &[name("/role/a")]).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn progress_is_told() {
    let Some(emulator) = emulator() else { return };
    let mut connection = connection(&emulator.account(), &emulator.endpoint()).await;
    let told: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&told);
    connection.observer = Some(Arc::new(move |items| {
        counter.fetch_add(items, Ordering::Relaxed);
    }));
    let store = AwsStore::new(connection);
    let names: Vec<_> = (0..25).map(|number| name(&format!("/progress/{number}"))).collect();
    store.look_up(&region(REGIONS[0]), &names).await.unwrap();
    assert_eq!(told.load(Ordering::Relaxed), 25);
}
