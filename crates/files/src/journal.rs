//! The journal of a transaction, from which the next run undoes an interrupted one.
//!
//! While files are being replaced, every folder of the transaction contains a journal,
//! `.byref.journal`. It names the files of its folder and all other folders. A journal is trusted
//! only if it belongs to this user alone, and only for files that the transaction itself created
//! ([`Identity`]), so that a journal in a cloned repository has no effect.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::clean;
use crate::disk::Disk;
use crate::error::FileError;
use crate::facts::{Facts, Identity, Kind};

/// The file name of a journal.
pub(crate) const NAME: &str = ".byref.journal";

/// The time to wait for another run that replaces files in the same folder.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time between two attempts to create the journal.
const PAUSE: Duration = Duration::from_millis(20);
/// The largest journal to read. Thousands of files need less.
const MAX_BYTES: u64 = 16 << 20;
/// The version of the format. A journal of another version is never acted on.
const FORMAT: u32 = 1;

/// The content of a journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    format: u32,
    /// The id of the transaction, the same in all of its journals.
    pub(crate) transaction: String,
    /// The absolute paths of all folders of the transaction.
    pub(crate) folders: Vec<OsString>,
    /// The files in this folder.
    pub(crate) files: Vec<Step>,
}

/// A file to replace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// The name of the file within its folder.
    pub(crate) name: OsString,
    /// The name of the new content until it is renamed.
    pub(crate) temporary: String,
    /// The identity of the new content, under either name.
    pub(crate) new: Identity,
    /// The name and the identity of the old content, or `None` if the file did not exist.
    pub(crate) old: Option<(String, Identity)>,
}

impl Content {
    pub(crate) fn new(transaction: &str, folders: &[PathBuf], files: Vec<Step>) -> Self {
        let folders = folders
            .iter()
            .map(|folder| folder.clone().into_os_string())
            .collect();
        Self {
            format: FORMAT,
            transaction: transaction.to_owned(),
            folders,
            files,
        }
    }

    /// Returns `true` if the journal names only files in its own folder.
    ///
    /// A name such as `../web.yaml` would let a journal change files outside of its folder.
    fn is_sound(&self) -> bool {
        let is_plain = |name: &OsStr| {
            let mut parts = Path::new(name).components();
            matches!(parts.next(), Some(std::path::Component::Normal(_))) && parts.next().is_none()
        };
        let is_step = |step: &Step| {
            is_plain(&step.name)
                && step.name != NAME
                && clean::is_name(&step.temporary, clean::NEW)
                && step
                    .old
                    .as_ref()
                    .is_none_or(|(name, _)| clean::is_name(name, clean::OLD))
        };
        self.format == FORMAT && self.files.iter().all(is_step)
    }
}

/// A journal that this process has locked.
pub(crate) struct OpenJournal {
    pub(crate) path: PathBuf,
    file: File,
}

impl OpenJournal {
    /// Creates a journal in a folder, waiting up to [`PATIENCE`] for another run.
    pub(crate) fn begin(disk: &impl Disk, folder: &Path) -> Result<Self, FileError> {
        let path = folder.join(NAME);
        let failed = |error| FileError::system("write", &path, error);
        let start = Instant::now();
        loop {
            match disk.create(&path, 0o600) {
                Ok(file) => {
                    // A run that starts in this moment takes the empty journal for an abandoned one
                    // and removes it.
                    let is_held = disk
                        .lock(&file)
                        .and_then(|is_locked| Ok(is_locked && is_at(disk, &path, &file)?));
                    match is_held {
                        Ok(true) => return Ok(Self { path, file }),
                        Ok(false) => {}
                        Err(error) => {
                            let _ = disk.remove(&path);
                            return Err(failed(error));
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
            if start.elapsed() > PATIENCE {
                return Err(FileError::refused(
                    "write",
                    &path,
                    "it exists: another run of byref is replacing files here, or one was killed",
                    "wait until that run ends, and run the command again",
                ));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Writes the planned changes and flushes them to the disk.
    pub(crate) fn write(&mut self, disk: &impl Disk, content: &Content) -> Result<(), FileError> {
        let failed = |error| FileError::system("write", &self.path, error);
        let text = serde_json::to_vec(content).map_err(|error| failed(error.into()))?;
        disk.write(&mut self.file, &text).map_err(failed)?;
        disk.sync(&self.file).map_err(failed)
    }
}

/// The journal of a folder.
pub(crate) enum Found {
    /// No journal.
    None,
    /// The journal of a running process.
    InUse,
    /// A journal that is not private to this user or names other files. It is never acted on.
    Foreign,
    /// An unfinished journal, written before any file was replaced.
    Empty(OpenJournal),
    /// The planned changes of a killed run.
    Content(OpenJournal, Content),
}

/// Finds and locks the journal of a folder.
pub(crate) fn find(disk: &impl Disk, folder: &Path) -> io::Result<Found> {
    let path = folder.join(NAME);
    let Some(facts) = disk.facts(&path)? else {
        return Ok(Found::None);
    };
    let is_private = |facts: &Facts| {
        facts.kind == Kind::File
            && facts.is_own()
            && facts.names == 1
            && facts.mode & 0o700 == facts.mode
    };
    if !is_private(&facts) {
        return Ok(Found::Foreign);
    }
    let mut file = match disk.open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::None),
        Err(error) => return Err(error),
    };
    if !disk.lock(&file)? {
        return Ok(Found::InUse);
    }
    if !is_at(disk, &path, &file)? {
        return Ok(Found::None);
    }
    let bytes = disk.read(&mut file, MAX_BYTES)?;
    let held = OpenJournal { path, file };
    Ok(match serde_json::from_slice::<Content>(&bytes) {
        Ok(content) if content.is_sound() => Found::Content(held, content),
        Ok(_) => Found::Foreign,
        Err(_) => Found::Empty(held),
    })
}

/// Returns `true` if an open file is still the one at its path.
fn is_at(disk: &impl Disk, path: &Path, file: &File) -> io::Result<bool> {
    let there = disk.facts(path)?.map(|facts| facts.identity);
    Ok(there == Some(disk.facts_of(file)?.identity))
}

/// The steps of a transaction by folder.
pub(crate) type ByFolder = BTreeMap<PathBuf, Vec<Step>>;
