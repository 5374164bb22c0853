//! The file store: its rules, a model of it, and what may happen to its file.

mod disk;
mod large;
mod model;
mod rules;

use std::future::Future;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use byref_parameter::{Label, ParameterName, ParameterType, Region, SecretValue};
use tempfile::TempDir;

use super::{Access, FileStore, StoreKey};
use crate::error::StoreError;
use crate::parameter::{Put, PutMode};
use crate::store::ParameterStore as _;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

fn here() -> Region {
    region("us-west-2")
}

fn name(text: &str) -> ParameterName {
    text.parse().unwrap()
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn secret(text: &str) -> SecretValue {
    SecretValue::new(text.to_owned())
}

fn put(name_text: &str, value: &str, mode: PutMode) -> Put {
    Put {
        name: name(name_text),
        value: secret(value),
        kind: ParameterType::SecureString,
        tier: None,
        key: None,
        mode,
    }
}

fn create(name_text: &str, value: &str) -> Put {
    put(name_text, value, PutMode::Create(Vec::new()))
}

fn overwrite(name_text: &str, value: &str) -> Put {
    put(name_text, value, PutMode::Overwrite)
}

/// A folder for a store, and a key that opens it as often as needed.
struct Place {
    folder: TempDir,
    identity: String,
}

impl Place {
    fn new() -> Self {
        let identity = age::x25519::Identity::generate()
            .to_string()
            .expose_secret()
            .to_owned();
        Self {
            folder: tempfile::tempdir().unwrap(),
            identity,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("secrets.age")
    }

    fn key(&self) -> StoreKey {
        StoreKey::parse(&self.identity).unwrap()
    }

    fn open(&self, access: Access) -> Result<FileStore, StoreError> {
        open(&self.path(), self.key(), access)
    }

    /// A store with one secret in its file.
    fn with_secret(value: &str) -> Self {
        let place = Self::new();
        let store = place.open(Access::CreateIfAbsent).unwrap();
        wait(store.put(&here(), &create("/production/web/db-password", value))).unwrap();
        wait(store.finish()).unwrap();
        place
    }
}

fn open(path: &Path, key: StoreKey, access: Access) -> Result<FileStore, StoreError> {
    FileStore::open(
        path,
        key,
        access,
        "EXAMPLE-author".to_owned(),
        "111122223333".parse().unwrap(),
    )
}
