//! Every fault, for every method.

use std::num::NonZeroU32;
use std::time::Duration;

use byref_aws::AwsStore;
use byref_emulator::{Fault, Proxy, Rule, When, emulator};
use byref_store::{
    Denial, ParameterStore as _, Selection, StoreError, Tag, Unreachable, VersionSelector,
};

use crate::{REGIONS, connection, create, name, overwrite, region, store_behind_proxy, value};

crate::async_tests![
    persistent_faults_are_errors,
    temporary_faults_are_retried,
    a_hang_ends_with_the_attempt_timeout,
    denied_decryption_is_an_error_of_its_own,
    a_failed_account_check_stops_the_request,
    a_denied_role_is_an_error,
    a_refused_connection_is_an_error,
];

const SECRET: &str = "EXAMPLE-not-a-secret-1";

/// What a fault that stays becomes.
fn expected(fault: Fault, action: &'static str) -> StoreError {
    let region = region(REGIONS[0]);
    let unreachable = |why| StoreError::Unreachable {
        action,
        region: region.clone(),
        why,
    };
    match fault {
        Fault::Throttle => StoreError::Throttled { action, region },
        Fault::TooManyUpdates => StoreError::TooManyUpdates {
            name: name("/a"),
            region,
        },
        Fault::Expired => StoreError::ExpiredCredentials {
            code: "ExpiredTokenException".to_owned(),
        },
        Fault::Failure | Fault::Unavailable => unreachable(Unreachable::ServiceFailure),
        Fault::Reset | Fault::LostAnswer => unreachable(Unreachable::Connection),
        Fault::Hang | Fault::HeldAnswer => unreachable(Unreachable::TimeOut),
        Fault::Garbage | Fault::Truncated => unreachable(Unreachable::BrokenAnswer),
        Fault::Denied => StoreError::Denied(Denial {
            action: action.to_owned(),
            resource: format!("arn:aws:ssm:{region}:111122223333:parameter/x"),
            principal: Some("arn:aws:iam::111122223333:user/tests".to_owned()),
        }),
    }
}

/// What each method says, with the action that it asks for. Their answers hold nothing that could
/// be shown.
async fn methods(store: &AwsStore) -> Vec<(&'static str, StoreError)> {
    let (here, secret) = (region(REGIONS[0]), name("/a"));
    let names = std::slice::from_ref(&secret);
    let label = "stable".parse().unwrap();
    let tags = [Tag {
        key: "key".to_owned(),
        value: "db".to_owned(),
    }];
    let number = VersionSelector::Number(1);
    vec![
        (
            "ssm:GetParameters",
            store.look_up(&here, names).await.unwrap_err(),
        ),
        (
            "ssm:GetParameters",
            store
                .read_version(&here, &secret, &number)
                .await
                .unwrap_err(),
        ),
        (
            "ssm:GetParametersByPath",
            store.list(&here, &secret).await.unwrap_err(),
        ),
        (
            "ssm:DescribeParameters",
            store
                .describe(&here, Selection::Names(names))
                .await
                .unwrap_err(),
        ),
        (
            "ssm:GetParameterHistory",
            store.history(&here, &secret).await.unwrap_err(),
        ),
        (
            "ssm:PutParameter",
            store
                .put(&here, &overwrite("/a", SECRET))
                .await
                .unwrap_err(),
        ),
        (
            "ssm:LabelParameterVersion",
            store.label(&here, &secret, 1, &label).await.unwrap_err(),
        ),
        (
            "ssm:AddTagsToResource",
            store.tag(&here, &secret, &tags).await.unwrap_err(),
        ),
        (
            "ssm:ListTagsForResource",
            store.tags(&here, &secret).await.unwrap_err(),
        ),
        (
            "ssm:DeleteParameters",
            store.delete(&here, names).await.unwrap_err(),
        ),
    ]
}

async fn persistent_faults_are_errors() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.timeouts.attempts = NonZeroU32::new(2);
    let patient = AwsStore::new(connection.clone());
    connection.timeouts.attempt = Duration::from_millis(400);
    let impatient = AwsStore::new(connection);
    patient.check_account().await.unwrap();
    // On a busy machine an answer may take longer than this one waits.
    while impatient.check_account().await.is_err() {}
    for fault in Fault::ALL {
        proxy.set([]);
        // It may be there from the fault before.
        patient
            .delete(&region(REGIONS[0]), &[name("/a")])
            .await
            .unwrap();
        patient
            .put(&region(REGIONS[0]), &create("/a", SECRET))
            .await
            .unwrap();
        proxy.set([Rule::new(fault, When::Always)]);
        let store = if fault.is_silent() {
            &impatient
        } else {
            &patient
        };
        for (action, error) in methods(store).await {
            let expected = match expected(fault, action) {
                // What Parameter Store asks KMS for is denied first.
                StoreError::Denied(denial) if action == "ssm:GetParameters" => {
                    let action = match &error {
                        StoreError::Denied(said) if said.action == "kms:Decrypt" => {
                            said.action.clone()
                        }
                        _ => denial.action,
                    };
                    StoreError::Denied(Denial { action, ..denial })
                }
                other => other,
            };
            assert_eq!(error, expected, "{fault:?} {action}");
            assert!(
                !format!("{error} {error:?} {}", error.help()).contains(SECRET),
                "{fault:?} {action}"
            );
        }
    }
}

async fn temporary_faults_are_retried() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    store.check_account().await.unwrap();
    let here = region(REGIONS[0]);
    for fault in Fault::ALL {
        if matches!(fault, Fault::Denied | Fault::Expired | Fault::Garbage) || fault.is_silent() {
            // Three are final; the others take the time of an attempt and have a test of their own.
            continue;
        }
        proxy.set([Rule::new(fault, When::First(2))]);
        let put = store.put(&here, &overwrite("/passing", SECRET)).await;
        assert!(put.is_ok(), "{fault:?}: {put:?}");
        assert_eq!(proxy.log().len(), 3, "{fault:?}");
        proxy.set([Rule::new(fault, When::First(2))]);
        let read = store.read(&here, &[name("/passing")]).await;
        match fault {
            // Only writes are said to get in each other's way.
            Fault::TooManyUpdates => assert!(read.is_ok()),
            _ => assert_eq!(read.unwrap()[0].value, value(SECRET), "{fault:?}"),
        }
    }
}

async fn a_hang_ends_with_the_attempt_timeout() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
    connection.timeouts.attempt = Duration::from_secs(2);
    let store = AwsStore::new(connection);
    for fault in [Fault::Hang, Fault::HeldAnswer] {
        proxy.set([Rule::new(fault, When::At(1))]);
        let start = std::time::Instant::now();
        assert_eq!(
            store
                .look_up(&region(REGIONS[0]), &[name("/a")])
                .await
                .unwrap(),
            []
        );
        let took = start.elapsed();
        assert!(
            took >= Duration::from_secs(2) && took < Duration::from_secs(15),
            "{took:?}"
        );
    }
}

async fn denied_decryption_is_an_error_of_its_own() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    let (here, there) = (region(REGIONS[0]), region(REGIONS[1]));
    let secret = [name("/sealed/a")];
    for region in [&here, &there] {
        store
            .put(region, &create("/sealed/a", SECRET))
            .await
            .unwrap();
    }
    proxy.set([Rule::new(Fault::Denied, When::Always)
        .for_decryption()
        .within(REGIONS[0])]);
    assert_eq!(store.look_up(&here, &secret).await.unwrap().len(), 1);
    let StoreError::Denied(denial) = store.read(&here, &secret).await.unwrap_err() else {
        unreachable!()
    };
    assert_eq!(denial.action, "kms:Decrypt");
    assert_eq!(
        store.read(&there, &secret).await.unwrap()[0].value,
        value(SECRET)
    );
}

async fn a_failed_account_check_stops_the_request() {
    let emulator = emulator();
    let (store, proxy) = store_behind_proxy(emulator).await;
    let here = region(REGIONS[0]);
    for fault in [
        Fault::Throttle,
        Fault::Failure,
        Fault::Reset,
        Fault::Expired,
    ] {
        proxy.set([Rule::new(fault, When::Always).of("GetCallerIdentity")]);
        let error = store.put(&here, &create("/a", SECRET)).await.unwrap_err();
        assert_eq!(error, expected(fault, "sts:GetCallerIdentity"), "{fault:?}");
        assert!(
            proxy
                .log()
                .iter()
                .all(|request| request.operation != "PutParameter")
        );
    }
    // A check that failed is no check.
    proxy.set([]);
    store.put(&here, &create("/a", SECRET)).await.unwrap();
}

async fn a_denied_role_is_an_error() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let here = region(REGIONS[0]);
    for (fault, expected) in [
        (
            Fault::Denied,
            "arn:aws:iam::111122223333:user/tests may not `sts:AssumeRole`",
        ),
        (
            Fault::Throttle,
            "AWS is throttling `sts:AssumeRole` in us-west-2",
        ),
        (
            Fault::Failure,
            "sts:AssumeRole in us-west-2: the service failed (5xx)",
        ),
        (Fault::Reset, "sts:AssumeRole in us-west-2: no connection"),
        (
            Fault::TooManyUpdates,
            "cannot load AWS credentials: the role can't be assumed",
        ),
        (
            Fault::Expired,
            "the AWS credentials have expired or are not valid (ExpiredTokenException)",
        ),
    ] {
        let mut connection = connection(&emulator.account(), &proxy.endpoint()).await;
        connection.role_arn = Some("arn:aws:iam::111122223333:role/secrets-admin".to_owned());
        let store = AwsStore::new(connection);
        proxy.set([Rule::new(fault, When::Always).of("AssumeRole")]);
        let error = store.look_up(&here, &[name("/a")]).await.unwrap_err();
        assert!(
            error.to_string().starts_with(expected),
            "{fault:?}: {error}"
        );
    }
}

async fn a_refused_connection_is_an_error() {
    let emulator = emulator();
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let account = emulator.account();
    for endpoint in [
        format!("http://{free}"),
        "http://".to_owned(),
        "https://nowhere.invalid".to_owned(),
    ] {
        let store = AwsStore::new(connection(&account, &endpoint).await);
        let error = store
            .look_up(&region(REGIONS[0]), &[name("/a")])
            .await
            .unwrap_err();
        let unreachable = StoreError::Unreachable {
            action: "sts:GetCallerIdentity",
            region: region(REGIONS[0]),
            why: Unreachable::Connection,
        };
        assert_eq!(error, unreachable, "{endpoint}");
    }
}
