//! Whose credentials they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_aws::{AwsDeployments, AwsStore};
use byref_emulator::{Fault, Proxy, Rule, When, emulator};
use byref_store::{ParameterStore as _, Selection, StoreError, VersionSelector};

use crate::{REGIONS, connection, create, name, region};

crate::async_tests![
    the_caller_is_checked_once,
    no_request_is_sent_to_another_account,
    no_request_is_sent_without_sts,
    shared_connections_check_the_caller_once,
    a_role_is_assumed,
    progress_is_reported,
];

async fn the_caller_is_checked_once() {
    let emulator = emulator();
    let account = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let store = AwsStore::new(connection(&account, &proxy.endpoint()).await);
    let caller = store.caller().await.unwrap().clone();
    assert_eq!(caller.account.to_string(), account.id);
    assert!(caller.arn.contains(&account.id), "{}", caller.arn);
    for here in REGIONS {
        store
            .put(&region(here), &create("/a", "EXAMPLE"))
            .await
            .unwrap();
    }
    let log = proxy.log();
    let asked: Vec<_> = log
        .iter()
        .filter(|request| request.operation == "GetCallerIdentity")
        .collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].region, REGIONS[0]);
}

async fn no_request_is_sent_to_another_account() {
    let emulator = emulator();
    let account = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let mut wrong = connection(&account, &proxy.endpoint()).await;
    wrong.account = "111122223333".parse().unwrap();
    let store = AwsStore::new(wrong);
    let here = region(REGIONS[0]);
    let error = StoreError::WrongAccount {
        expected: "111122223333".parse().unwrap(),
        found: account.id.clone(),
    };
    let secret = name("/a");
    let label = "x".parse().unwrap();
    assert_eq!(
        store.put(&here, &create("/a", "EXAMPLE")).await,
        Err(error.clone())
    );
    assert_eq!(
        store.delete(&here, std::slice::from_ref(&secret)).await,
        Err(error.clone())
    );
    assert_eq!(
        store.label(&here, &secret, 1, &label).await,
        Err(error.clone())
    );
    assert_eq!(
        store.unlabel(&here, &secret, 1, &label).await,
        Err(error.clone())
    );
    assert_eq!(store.tag(&here, &secret, &[]).await, Err(error.clone()));
    let names = std::slice::from_ref(&secret);
    let other = region(REGIONS[1]);
    assert_eq!(store.look_up(&other, names).await, Err(error.clone()));
    assert_eq!(store.read(&here, names).await, Err(error.clone()));
    assert_eq!(
        store
            .read_version(&here, &secret, &VersionSelector::Number(1))
            .await,
        Err(error.clone())
    );
    assert_eq!(store.list(&here, &secret).await, Err(error.clone()));
    assert_eq!(store.list_values(&here, &secret).await, Err(error.clone()));
    assert_eq!(
        store.describe(&here, Selection::Prefix("")).await,
        Err(error.clone())
    );
    assert_eq!(store.history(&here, &secret).await, Err(error.clone()));
    assert_eq!(store.tags(&here, &secret).await, Err(error.clone()));
    let mut wrong = connection(&account, &proxy.endpoint()).await;
    wrong.account = "111122223333".parse().unwrap();
    let deployed = AwsDeployments::new(wrong);
    assert_eq!(deployed.stack(&here, "web").await, Err(error.clone()));
    assert_eq!(deployed.template(&here, "web").await, Err(error.clone()));
    assert_eq!(deployed.resources(&here, "web").await, Err(error.clone()));
    assert_eq!(deployed.revisions(&here, "web").await, Err(error.clone()));
    assert_eq!(
        deployed.task_definition(&here, "web").await,
        Err(error.clone())
    );
    assert_eq!(
        deployed
            .services(&here, &["arn:aws:ecs:us-west-2:1:service/a/b".to_owned()])
            .await,
        Err(error)
    );
    let counts = proxy.counts();
    assert_eq!(
        counts.into_iter().collect::<Vec<_>>(),
        [(("GetCallerIdentity".to_owned(), REGIONS[0].to_owned()), 2)]
    );
}

/// A service's own endpoint is no way around the question, and neither is an STS that does not
/// answer.
async fn no_request_is_sent_without_sts() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let here = region(REGIONS[0]);
    let deny = |fault| [Rule::new(fault, When::Always).of("GetCallerIdentity")];
    for fault in [
        Fault::Denied,
        Fault::Garbage,
        Fault::Unavailable,
        Fault::Reset,
        Fault::Expired,
    ] {
        proxy.set(deny(fault));
        let store = AwsStore::new(connection(&emulator.account(), &proxy.endpoint()).await);
        let error = store.read(&here, &[name("/a")]).await.unwrap_err();
        assert!(error.is_service_error(), "{fault:?}: {error}");
        assert!(
            proxy
                .log()
                .iter()
                .all(|request| request.operation == "GetCallerIdentity"),
            "{fault:?}"
        );
    }
    // An ARN and an account that do not belong together.
    proxy.set([Rule::altered(When::Always, |body| {
        body.replace("<Account>2", "<Account>3")
    })
    .of("GetCallerIdentity")]);
    let store = AwsStore::new(connection(&emulator.account(), &proxy.endpoint()).await);
    let error = store.look_up(&here, &[name("/a")]).await.unwrap_err();
    assert!(
        error.to_string().contains("ARN is of another account"),
        "{error}"
    );
}

async fn shared_connections_check_the_caller_once() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let connection = connection(&emulator.account(), &proxy.endpoint()).await;
    let (store, deployed) = (
        AwsStore::new(connection.clone()),
        AwsDeployments::new(connection),
    );
    store
        .look_up(&region(REGIONS[0]), &[name("/a")])
        .await
        .unwrap();
    store
        .look_up(&region(REGIONS[1]), &[name("/a")])
        .await
        .unwrap();
    assert_eq!(
        deployed.stack(&region(REGIONS[0]), "nothing").await,
        Ok(None)
    );
    let asked = proxy
        .log()
        .into_iter()
        .filter(|request| request.operation == "GetCallerIdentity")
        .count();
    assert_eq!(asked, 1);
}

async fn a_role_is_assumed() {
    let emulator = emulator();
    let other = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.account = other.id.parse().unwrap();
    connection.role_arn = Some(format!("arn:aws:iam::{}:role/secrets-admin", other.id));
    let store = AwsStore::new(connection);
    for here in REGIONS {
        store
            .put(&region(here), &create("/role/a", "EXAMPLE"))
            .await
            .unwrap();
    }
    let assumed = proxy
        .log()
        .iter()
        .filter(|request| request.operation == "AssumeRole")
        .count();
    assert_eq!(assumed, 1, "credentials are shared by all Regions");
    let there = crate::connection(&other, &emulator.endpoint()).await;
    let found = AwsStore::new(there)
        .look_up(&region(REGIONS[2]), &[name("/role/a")])
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

async fn progress_is_reported() {
    let emulator = emulator();
    let mut connection = connection(&emulator.account(), &emulator.endpoint()).await;
    let told: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&told);
    connection.observer = Some(Arc::new(move |items| {
        counter.fetch_add(items, Ordering::Relaxed);
    }));
    let store = AwsStore::new(connection);
    let names: Vec<_> = (0..25)
        .map(|number| name(&format!("/progress/{number}")))
        .collect();
    store.look_up(&region(REGIONS[0]), &names).await.unwrap();
    assert_eq!(told.load(Ordering::Relaxed), 25);
}
