//! The life of a secret through the library, over a file store.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod comparison;
mod files;
mod writes;

use age::secrecy::ExposeSecret as _;
use byref::secrets::{TargetSelection, Targets, WritePlan, WriteReport, read};
use byref::store::{Access, FileStore, StoreKey};
use byref::{Project, SecretValue};
use serde_json::Value;

const CONFIG: &str = r#"
[environments.production]
account = "111122223333"
regions = ["us-west-2", "eu-west-1"]

[environments.staging]
account = "444455556666"
regions = ["us-west-2"]

[flag]
default = "reference"

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = { key = "api-key", scope = "shared" }
OTHER = "arn:aws:secretsmanager:us-west-2:111122223333:secret:other-AbCdEf"
"#;

const VALUE: &str = "EXAMPLE-canary-1";

fn project() -> Project {
    Project::parse([("deploy.toml", CONFIG)]).unwrap()
}

fn targets<'p>(project: &'p Project, environment: &str) -> Targets<'p> {
    let selection = TargetSelection {
        environment: Some(environment.to_owned()),
        ..TargetSelection::default()
    };
    Targets::new(project, &selection).unwrap()
}

fn value(text: &str) -> SecretValue {
    SecretValue::new(text.to_owned())
}

/// A store file with production's account, and the same file for another environment.
struct Stores {
    store: FileStore,
    _folder: tempfile::TempDir,
}

impl Stores {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = age::x25519::Identity::generate().to_string();
        let key = StoreKey::parse(identity.expose_secret()).unwrap();
        let path = folder.path().join("secrets.age");
        let account = "111122223333".parse().unwrap();
        let store = FileStore::open(
            &path,
            key,
            Access::CreateIfAbsent,
            "tester".to_owned(),
            account,
        )
        .unwrap();
        Self {
            store,
            _folder: folder,
        }
    }

    fn of(&self, targets: &Targets<'_>) -> FileStore {
        self.store.of_account(targets.environment().account.clone())
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

async fn put(store: &FileStore, targets: &Targets<'_>, name: &str, text: &str) -> WriteReport {
    let write = targets.write(targets.find(name).unwrap(), value(text));
    let plan = WritePlan::new(store, vec![write]).await.unwrap();
    let mut reports = plan
        .carry_out(store, &targets.environment().name, || false, |_| {})
        .await
        .unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// The values in both Regions of production, in their order.
async fn values_of(store: &FileStore, targets: &Targets<'_>, name: &str) -> Vec<String> {
    let target = targets.find(name).unwrap();
    let mut values = Vec::new();
    for region in &target.regions {
        let parameter = read(store, region, &target.name, None).await.unwrap();
        values.push(parameter.value.expose().to_owned());
    }
    values
}

/// Serialises a report, and makes sure that it shows no value.
fn data(report: &impl serde::Serialize) -> Value {
    let data = serde_json::to_value(report).unwrap();
    assert!(!data.to_string().contains("canary"), "{data}");
    data
}
