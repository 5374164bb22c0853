//! The real client against a real server over HTTP: moto, or ministack where `BYREF_PEER=ministack`
//! is set. What a peer does otherwise than AWS is named where a test makes way for it.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

/// Lists the asynchronous tests of a module as `TESTS`.
macro_rules! async_tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[byref_harness::Test] =
            &[$(byref_harness::Test::new(module_path!(), stringify!($name), || crate::block_on($name()))),+];
    };
}
pub(crate) use async_tests;

mod accounts;
mod answers;
mod deployments;
mod environment;
mod faults;
mod limits;
mod rates;
mod service;
mod transactions;

use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_ssm::config::Credentials;
use byref_aws::{AwsStore, Connection, Rates, Timeouts};
use byref_emulator::{Account, Emulator, Proxy};
use byref_parameter::{ParameterName, ParameterType, Region, SecretValue};
use byref_store::{Put, PutMode};

fn main() -> ExitCode {
    if std::env::var_os(environment::ACCOUNT).is_some() {
        block_on(environment::print_answers());
        return ExitCode::SUCCESS;
    }
    byref_harness::run(&[
        accounts::TESTS,
        answers::TESTS,
        deployments::TESTS,
        environment::TESTS,
        faults::TESTS,
        limits::TESTS,
        rates::TESTS,
        service::TESTS,
        transactions::TESTS,
    ])
}

/// Runs a test to its end, on this thread.
fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// Three Regions and one of another partition.
const REGIONS: [&str; 4] = ["us-west-2", "us-east-1", "eu-central-1", "cn-north-1"];

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn name(text: &str) -> ParameterName {
    text.parse().unwrap()
}

fn value(text: &str) -> SecretValue {
    SecretValue::new(text.to_owned())
}

/// A new secret.
fn create(parameter: &str, text: &str) -> Put {
    Put {
        name: name(parameter),
        value: value(text),
        kind: ParameterType::SecureString,
        tier: None,
        key: None,
        mode: PutMode::Create(Vec::new()),
    }
}

/// A new version of a secret.
fn overwrite(parameter: &str, text: &str) -> Put {
    Put {
        mode: PutMode::Overwrite,
        ..create(parameter, text)
    }
}

/// So many a second that no test waits.
fn unlimited() -> Rates {
    let many = NonZeroU32::new(100_000).unwrap();
    Rates {
        reads: many,
        writes: many,
        concurrency: NonZeroU32::new(5).unwrap(),
    }
}

/// A client that does not pause, and waits for a busy machine.
fn timeouts() -> Timeouts {
    Timeouts {
        attempts: NonZeroU32::new(3),
        backoff: Duration::from_millis(5),
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(20),
        operation: Duration::from_mins(1),
    }
}

/// A connection to an endpoint with an account's credentials.
async fn connection(account: &Account, endpoint: &str) -> Connection {
    let credentials = Credentials::new(
        &account.access_key,
        &account.secret_key,
        account.session_token.clone(),
        None,
        "tests",
    );
    let loading = aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new(REGIONS[0]))
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .load();
    // A future of kilobytes.
    let base = Box::pin(loading).await;
    let mut connection = Connection::new(account.id.parse().unwrap(), region(REGIONS[0]));
    connection.base = Some(base);
    connection.rates = unlimited();
    connection.timeouts = timeouts();
    connection
}

/// A store in an account of its own.
async fn store(emulator: &Emulator) -> AwsStore {
    AwsStore::new(connection(&emulator.account(), &emulator.endpoint()).await)
}

/// A store in an account of its own, behind a proxy.
async fn store_behind_proxy(emulator: &Emulator) -> (AwsStore, Proxy) {
    let proxy = Proxy::new(emulator.address());
    let connection = connection(&emulator.account(), &proxy.endpoint()).await;
    (AwsStore::new(connection), proxy)
}
