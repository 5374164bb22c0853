//! A store in one encrypted file, for work without an AWS account.
//!
//! The file is a binary [age](https://age-encryption.org/v1) file: `age -d` prints its content,
//! JSON with all accounts, Regions, parameters and versions. [`FileStore::open`] reads and decrypts
//! it as a whole. Writes are collected in memory until [`ParameterStore::finish`] replaces the file
//! in one step. A writer holds the lock of `PATH.lock` from opening to drop. A reader needs no
//! lock, since the file is replaced and never modified in place.
//!
//! Buffers of byref that hold plaintext are wiped. Those inside age and `serde_json` are not.

mod content;
mod disk;
mod key;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use byref_parameter::{AccountId, Label, ParameterName, Region};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::parameter::{
    Description, Found, Parameter, Put, Selection, Tag, Version, VersionSelector,
};
use crate::store::ParameterStore;
use content::{Changed, Content, Writer};
use disk::{Lock, failure};
use key::Undecryptable;

pub use key::{StoreKey, StoreKeyError};

/// The version of the format to write, and the newest version that can be read.
const FORMAT: u32 = 1;

/// The purpose of opening a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read an existing store. Takes no lock, so the store may be on a read-only disk and have many
    /// readers at a time.
    Read,
    /// Read and write an existing store.
    Existing,
    /// Read and write. If the file does not exist, the first write creates it.
    CreateIfAbsent,
}

/// One account of a store in one encrypted file, with the operations, limits and errors of
/// Parameter Store.
///
/// Clones share the open file, and [`ParameterStore::finish`] writes the changes of all of its
/// accounts.
#[derive(Clone, Debug)]
pub struct FileStore {
    file: Arc<OpenFile>,
    account: AccountId,
}

/// An open file with its key and its decrypted content.
#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    key: StoreKey,
    access: Access,
    author: String,
    state: Mutex<State>,
    _lock: Option<Lock>,
}

impl OpenFile {
    /// Returns the content. A thread that panicked while it held the lock has not written the file.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The decrypted content, and whether it differs from the file.
#[derive(Debug)]
struct State {
    accounts: Accounts,
    is_changed: bool,
}

/// The accounts of a file. The same name in two accounts is two parameters.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Accounts(#[serde(with = "text::keys")] BTreeMap<AccountId, Content>);

/// The JSON to write.
#[derive(Serialize)]
struct Outgoing<'c> {
    format: u32,
    accounts: &'c Accounts,
}

/// The part of the JSON that every version of the format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// The JSON of the current format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming {
    #[expect(dead_code, reason = "was read as `Head` before")]
    format: u32,
    accounts: Accounts,
}

impl FileStore {
    /// Opens an account of a store. `author` is recorded as the writer of new versions.
    ///
    /// Symbolic links are followed unless another user may have created them. If another process
    /// writes to the store, this waits for it for up to five seconds.
    ///
    /// # Errors
    ///
    /// [`StoreError::File`] if the file or its folder does not exist, is not a store, is damaged,
    /// is encrypted with another key, has a newer format, is in use, or can't be read or locked.
    pub fn open(
        path: &Path,
        key: StoreKey,
        access: Access,
        author: String,
        account: AccountId,
    ) -> Result<Self, StoreError> {
        let given = path;
        let path = disk::resolve(given)?;
        // Check first, so that a folder, a device or a missing file leaves no lock behind.
        if !disk::is_there(&path)? && access != Access::CreateIfAbsent {
            return Err(no_file(&path));
        }
        if access != Access::Read {
            disk::check_links(given)?;
        }
        let lock = if access == Access::Read {
            None
        } else {
            Some(disk::lock(&path)?)
        };
        let accounts = match disk::read(&path)? {
            Some(encrypted) => decode(&path, &key, &encrypted)?,
            None if access == Access::CreateIfAbsent => Accounts::default(),
            None => return Err(no_file(&path)),
        };
        let state = Mutex::new(State {
            accounts,
            is_changed: false,
        });
        let file = OpenFile {
            path,
            key,
            access,
            author,
            state,
            _lock: lock,
        };
        Ok(Self {
            file: Arc::new(file),
            account,
        })
    }

    /// Returns another account of the same open file.
    #[must_use]
    pub fn of_account(&self, account: AccountId) -> Self {
        Self {
            file: Arc::clone(&self.file),
            account,
        }
    }

    /// Calls `see` with the content of the account, which may be empty.
    fn seen<T>(&self, see: impl FnOnce(&Content) -> T) -> T {
        let state = self.file.state();
        match state.accounts.0.get(&self.account) {
            Some(content) => see(content),
            None => see(&Content::default()),
        }
    }

    /// Changes the content in memory. A rejected change has no effect.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Content) -> Result<(T, Changed), StoreError>,
    ) -> Result<T, StoreError> {
        if self.file.access == Access::Read {
            let help = "this is a bug in byref: it must open the store for writing";
            return Err(failure(
                "write",
                &self.file.path,
                "it was opened for reading",
                help,
            ));
        }
        let mut state = self.file.state();
        let content = state.accounts.0.entry(self.account.clone()).or_default();
        let (result, Changed(is_changed)) = change(content)?;
        state.is_changed |= is_changed;
        Ok(result)
    }
}

fn no_file(path: &Path) -> StoreError {
    failure(
        "read",
        path,
        "there is no such file",
        "create it with `byref secret put`",
    )
}

fn decode(path: &Path, key: &StoreKey, encrypted: &[u8]) -> Result<Accounts, StoreError> {
    let plain = key
        .decrypt(encrypted)
        .map_err(|why| undecryptable(path, why))?;
    // The messages of serde_json are left out, because they may repeat parts of the content.
    let foreign = || {
        let help = "check the path; a store that was edited by hand must have the format that byref writes";
        failure(
            "read",
            path,
            "its decrypted content is not a byref store",
            help,
        )
    };
    let Head { format } = serde_json::from_slice(&plain).map_err(|_| foreign())?;
    if format > FORMAT {
        let problem = format!(
            "it has format {format}, but this version of byref reads formats up to {FORMAT}"
        );
        return Err(failure(
            "read",
            path,
            problem,
            "use a newer version of byref",
        ));
    }
    let Incoming { accounts, .. } = serde_json::from_slice(&plain).map_err(|_| foreign())?;
    if accounts.0.values().all(Content::is_sound) {
        Ok(accounts)
    } else {
        Err(foreign())
    }
}

fn undecryptable(path: &Path, why: Undecryptable) -> StoreError {
    let other_key =
        "pass the key that encrypted it, with `--store-key FILE` or `BYREF_STORE_KEY_FILE`";
    let backup = "restore it from a backup";
    let (problem, help) = match why {
        Undecryptable::Empty => (
            "it is empty",
            "restore it from a backup, or remove it to start a new store",
        ),
        Undecryptable::NotAge => (
            "it is not an age file, or its beginning is damaged",
            "check the path",
        ),
        Undecryptable::Armored => (
            "it is an ASCII-armored age file, not a binary one",
            "decrypt it, and encrypt it again without `-a`",
        ),
        Undecryptable::NewerAge => (
            "it has a newer version of the age format",
            "use a newer version of byref",
        ),
        Undecryptable::OtherKey => ("it is encrypted with another key, or damaged", other_key),
        Undecryptable::NeedsPassphrase => (
            "it is encrypted with a passphrase, and the key is an identity",
            other_key,
        ),
        Undecryptable::NeedsIdentity => (
            "it is encrypted for an identity, and the key is a passphrase",
            other_key,
        ),
        Undecryptable::TooMuchWork => (
            "its passphrase requires more work than byref accepts, or it is damaged",
            backup,
        ),
        Undecryptable::Damaged => ("it is damaged, or its end is missing", backup),
    };
    failure("decrypt", path, problem, help)
}

/// Returns the JSON in a buffer that is large enough from the start. A growing buffer would leave
/// copies of the values behind.
fn encode(accounts: &Accounts) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let outgoing = Outgoing {
        format: FORMAT,
        accounts,
    };
    let mut size = Size(0);
    serde_json::to_writer(&mut size, &outgoing)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(size.0));
    serde_json::to_writer(&mut *plain, &outgoing)?;
    Ok(plain)
}

/// A writer that counts bytes.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ParameterStore for FileStore {
    async fn look_up(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Found>, StoreError> {
        Ok(self.seen(|content| content.look_up(region, names)))
    }

    async fn read(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Parameter>, StoreError> {
        Ok(self.seen(|content| content.read(region, names)))
    }

    async fn read_version(
        &self,
        region: &Region,
        name: &ParameterName,
        version: &VersionSelector,
    ) -> Result<Parameter, StoreError> {
        self.seen(|content| content.read_version(region, name, version))
    }

    async fn list(&self, region: &Region, path: &ParameterName) -> Result<Vec<Found>, StoreError> {
        Ok(self.seen(|content| content.list(region, path)))
    }

    async fn list_values(
        &self,
        region: &Region,
        path: &ParameterName,
    ) -> Result<Vec<Parameter>, StoreError> {
        Ok(self.seen(|content| content.list_values(region, path)))
    }

    async fn describe(
        &self,
        region: &Region,
        selection: Selection<'_>,
    ) -> Result<Vec<Description>, StoreError> {
        Ok(self.seen(|content| content.describe(region, selection)))
    }

    async fn history(
        &self,
        region: &Region,
        name: &ParameterName,
    ) -> Result<Vec<Version>, StoreError> {
        self.seen(|content| content.history(region, name))
    }

    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError> {
        // Parameter Store reports times in milliseconds.
        let now = Timestamp::now();
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let writer = Writer {
            author: &self.file.author,
            now,
        };
        self.change(|content| Ok((content.put(region, put, &writer)?, Changed(true))))
    }

    async fn delete(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<ParameterName>, StoreError> {
        self.change(|content| {
            let deleted = content.delete(region, names);
            let is_changed = !deleted.is_empty();
            Ok((deleted, Changed(is_changed)))
        })
    }

    async fn label(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError> {
        self.change(|content| Ok(((), content.label(region, name, version, label)?)))
    }

    async fn unlabel(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError> {
        self.change(|content| Ok(((), content.unlabel(region, name, version, label)?)))
    }

    async fn tag(
        &self,
        region: &Region,
        name: &ParameterName,
        tags: &[Tag],
    ) -> Result<(), StoreError> {
        self.change(|content| Ok(((), content.tag(region, name, tags)?)))
    }

    async fn tags(&self, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError> {
        self.seen(|content| content.tags(region, name))
    }

    async fn finish(&self) -> Result<(), StoreError> {
        let file = &self.file;
        let mut state = file.state();
        if !state.is_changed {
            return Ok(());
        }
        state.accounts.0.retain(|_, content| !content.is_empty());
        let failed =
            |problem: String| failure("write", &file.path, problem, "run the command again");
        let plain = encode(&state.accounts)
            .map_err(|_| failed("its content can't be serialized".to_owned()))?;
        let encrypted = file
            .key
            .encrypt(&plain)
            .map_err(|_| failed("its content can't be encrypted".to_owned()))?;
        disk::replace(&file.path, &encrypted)?;
        state.is_changed = false;
        Ok(())
    }
}
