//! What a transaction is about to do, on the disk: a run that is stopped in between is undone by the next one.
//!
//! Every folder with files of the transaction has a journal of its own while files are replaced, `.byref.journal`. It names
//! its folder's files and the other folders. A journal is believed only if it is this user's alone, and only about
//! files that are the very ones that the transaction made ([`Identity`]): one that came with a repository is not.

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

pub(crate) const NAME: &str = ".byref.journal";

/// Another run that writes here is waited for this long.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);
/// A journal of thousands of files has less.
const MAX_BYTES: u64 = 16 << 20;
const FORMAT: u32 = 1;

/// What is in a journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    format: u32,
    /// The same in all journals of a transaction.
    pub(crate) transaction: String,
    /// All folders of the transaction, whole paths.
    pub(crate) folders: Vec<OsString>,
    /// The files of this folder.
    pub(crate) files: Vec<Step>,
}

/// One file that is replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Its name in the folder.
    pub(crate) name: OsString,
    /// The name of the file with the new content, until it is renamed.
    pub(crate) temporary: String,
    /// The file with the new content, under either name.
    pub(crate) new: Identity,
    /// The name of what keeps the old content, and which file that is; none where there was no file.
    pub(crate) old: Option<(String, Identity)>,
}

impl Content {
    pub(crate) fn new(transaction: &str, folders: &[PathBuf], files: Vec<Step>) -> Self {
        let folders = folders.iter().map(|folder| folder.clone().into_os_string()).collect();
        Self { format: FORMAT, transaction: transaction.to_owned(), folders, files }
    }

    /// Whether it names nothing but files of its own folder.
    fn is_sound(&self) -> bool {
        let is_plain = |name: &OsStr| {
            let mut parts = Path::new(name).components();
            matches!(parts.next(), Some(std::path::Component::Normal(_))) && parts.next().is_none()
        };
        let is_step = |step: &Step| {
            is_plain(&step.name)
                && step.name != NAME
                && clean::is_name(&step.temporary, clean::NEW)
                && step.old.as_ref().is_none_or(|(name, _)| clean::is_name(name, clean::OLD))
        };
        self.format == FORMAT && self.files.iter().all(is_step)
    }
}

/// A journal that this run holds the lock of.
pub(crate) struct OpenJournal {
    pub(crate) path: PathBuf,
    file: File,
}

impl OpenJournal {
    /// Begins a journal in a folder, waiting a little for another run that writes there.
    pub(crate) fn begin(disk: &impl Disk, folder: &Path) -> Result<Self, FileError> {
        let path = folder.join(NAME);
        let failed = |error| FileError::system("write", &path, error);
        let start = Instant::now();
        loop {
            match disk.create(&path, 0o600) {
                Ok(file) => {
                    // A run that came in between takes an empty journal for an unfinished one and removes it.
                    let is_held = disk.lock(&file).and_then(|is_locked| Ok(is_locked && is_at(disk, &path, &file)?));
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
                    "it is there already: another run of byref replaces files here, or one was stopped",
                    "wait until it is done, and run the command again",
                ));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Writes what is about to be done, to the disk.
    pub(crate) fn write(&mut self, disk: &impl Disk, content: &Content) -> Result<(), FileError> {
        let failed = |error| FileError::system("write", &self.path, error);
        let text = serde_json::to_vec(content).map_err(|error| failed(error.into()))?;
        disk.write(&mut self.file, &text).map_err(failed)?;
        disk.sync(&self.file).map_err(failed)
    }
}

/// What is known of a folder's journal.
pub(crate) enum Found {
    /// There is none.
    None,
    /// A run has it that has not ended.
    InUse,
    /// It is not this user's alone, or names what it must not: nobody acts on it.
    Foreign,
    /// It was not finished: no file was replaced.
    Empty(OpenJournal),
    /// What a stopped run was about to do.
    Content(OpenJournal, Content),
}

/// Looks for the journal of a folder, and takes its lock.
pub(crate) fn find(disk: &impl Disk, folder: &Path) -> io::Result<Found> {
    let path = folder.join(NAME);
    let Some(facts) = disk.facts(&path)? else { return Ok(Found::None) };
    let is_private = |facts: &Facts| {
        facts.kind == Kind::File && facts.is_own() && facts.names == 1 && facts.mode & 0o700 == facts.mode
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

/// Whether an open file is still what is at the path.
fn is_at(disk: &impl Disk, path: &Path, file: &File) -> io::Result<bool> {
    let there = disk.facts(path)?.map(|facts| facts.identity);
    Ok(there == Some(disk.facts_of(file)?.identity))
}

/// Steps by folder, as a transaction puts its files together.
pub(crate) type ByFolder = BTreeMap<PathBuf, Vec<Step>>;
