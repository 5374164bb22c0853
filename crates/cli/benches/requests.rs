//! `cargo bench -p byref-cli --bench requests`: `check --all` over 2,000 secrets in three Regions
//! beside one request for each secret, against an emulator that answers as fast as it can.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured"
)]

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use byref_aws::{AwsStore, Connection};
use byref_emulator::{Account, Proxy, find_emulator};
use byref_parameter::{ParameterName, Region};
use byref_store::ParameterStore as _;
use futures_util::future::try_join_all;

const REGIONS: [&str; 3] = ["us-west-2", "us-east-1", "eu-west-1"];
const APPS: usize = 40;
const SECRETS: usize = 50;
/// So many a second that the emulator is what takes time.
const FAST: u32 = 100_000;
/// Requests a second and Region by default.
const RATE: u32 = 10;

fn main() {
    let emulator = find_emulator().unwrap();
    let (account, proxy) = (emulator.account(), Proxy::new(emulator.address()));
    let folder = std::env::temp_dir().join(format!("byref-requests-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (config, names) = fleet(&account);
    std::fs::write(folder.join("deploy.toml"), config).unwrap();
    for region in REGIONS {
        emulator.store_many(&account, region, &names, "EXAMPLE-1");
    }
    println!(
        "{} secrets in {} Regions: requests, and time at the emulator",
        names.len(),
        REGIONS.len()
    );
    let took = check(&folder, &account, &proxy, FAST);
    print("check --all", &proxy, took);
    let took = one_by_one(&account, &proxy, &names);
    print("one request for each secret", &proxy, took);
    let seconds = names.len() / usize::try_from(RATE).unwrap();
    println!("    at {RATE} requests a second and Region: {seconds} s and more");
    let took = check(&folder, &account, &proxy, RATE);
    print(
        &format!("check --all, at {RATE} requests a second and Region"),
        &proxy,
        took,
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

fn print(what: &str, proxy: &Proxy, took: Duration) {
    println!(
        "  {what}: {} requests, {:.1} s",
        proxy.log().len(),
        took.as_secs_f64()
    );
}

fn fleet(account: &Account) -> (String, Vec<String>) {
    let regions = REGIONS.map(|region| format!("{region:?}")).join(", ");
    let mut config = format!(
        "[environments.production]\naccount = \"{}\"\nregions = [{regions}]\n",
        account.id
    );
    let mut names = Vec::new();
    for app in 0..APPS {
        let _ = writeln!(config, "[apps.app-{app}.secrets]");
        for secret in 0..SECRETS {
            let _ = writeln!(config, "SECRET_{secret} = \"secret-{secret}\"");
            names.push(format!("/production/app-{app}/secret-{secret}"));
        }
    }
    (config, names)
}

fn check(folder: &Path, account: &Account, proxy: &Proxy, rate: u32) -> Duration {
    proxy.set([]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_byref"));
    command
        .current_dir(folder)
        .envs(account.environment(&proxy.endpoint()));
    let start = Instant::now();
    let output = command
        .args(["check", "--all", "--read-rate", &rate.to_string()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    start.elapsed()
}

/// The same client, in all Regions at once, but asked for one name at a time.
fn one_by_one(account: &Account, proxy: &Proxy, names: &[String]) -> Duration {
    proxy.set([]);
    let names: Vec<ParameterName> = names.iter().map(|name| name.parse().unwrap()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let token = account.session_token.clone();
        let credentials = Credentials::new(
            &account.access_key,
            &account.secret_key,
            token,
            None,
            "benchmark",
        );
        let loading = aws_config::defaults(BehaviorVersion::latest())
            .region(aws_config::Region::new(REGIONS[0]))
            .credentials_provider(credentials)
            .endpoint_url(proxy.endpoint());
        let mut connection =
            Connection::new(account.id.parse().unwrap(), REGIONS[0].parse().unwrap());
        connection.base = Some(Box::pin(loading.load()).await);
        connection.rates.reads = NonZeroU32::new(FAST).unwrap();
        let store = AwsStore::new(connection);
        let start = Instant::now();
        let of_region = async |region: &str| {
            let region: Region = region.parse().unwrap();
            for name in &names {
                let found = store.look_up(&region, std::slice::from_ref(name)).await?;
                assert_eq!(found.len(), 1);
            }
            Ok::<(), byref_store::StoreError>(())
        };
        try_join_all(REGIONS.map(of_region)).await.unwrap();
        start.elapsed()
    })
}
