//! Lock files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::disk::{Disk as _, RealDisk, no_link};
use crate::facts::{Facts, Kind};

/// The time between two attempts to get a lock.
const PAUSE: Duration = Duration::from_millis(25);

/// A held lock. It is released on drop, and by the system if the process is killed.
///
/// The lock file itself stays: removing it could take it away from a process that has just opened
/// it.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// A failed attempt to get a lock.
#[derive(Debug)]
pub enum LockError {
    /// The system reported an error.
    System(io::Error),
    /// The path is not a regular file with a single name. The text is the problem.
    NoFile(&'static str),
    /// Another process has the lock. Its id, if the lock file contains one.
    InUse(Option<u32>),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Locks a file, creating it if necessary, and waits up to `patience` for another process.
///
/// A symbolic link is not followed, and a file with a second name (a hard link) is not written to,
/// since either could be a trap that another user placed there.
///
/// # Errors
///
/// [`LockError`] if the path is not a plain file, another process holds the lock for longer than
/// `patience`, or the system reports an error.
pub fn lock(path: &Path, patience: Duration) -> Result<Lock, LockError> {
    let mut file = open(path)?;
    let facts = Facts::of(&file.metadata()?);
    if facts.kind != Kind::File {
        return Err(LockError::NoFile("it is not a file"));
    }
    if facts.names > 1 {
        return Err(LockError::NoFile("it is a hard link to another file"));
    }
    let start = Instant::now();
    while !RealDisk.lock(&file)? {
        if start.elapsed() > patience {
            return Err(LockError::InUse(holder(&mut file)));
        }
        std::thread::sleep(PAUSE);
    }
    keep_usable(&file, &facts);
    // The process id is for the messages of other processes only. Nothing depends on it.
    let _ = file
        .set_len(0)
        .and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
    Ok(Lock(file))
}

/// Opens or creates the lock file with mode 0600, without following a link.
fn open(path: &Path) -> Result<File, LockError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    no_link(&mut options)
        .open(path)
        .map_err(|error| match Facts::of_path(path) {
            Ok(Some(facts)) if facts.kind != Kind::File => LockError::NoFile("it is not a file"),
            _ => LockError::System(error),
        })
}

/// Restores the owner's permissions, which an unusual umask may have removed.
fn keep_usable(file: &File, facts: &Facts) {
    if facts.mode & 0o600 != 0o600 {
        let _ = RealDisk.set_mode(file, facts.mode | 0o600);
    }
}

/// Reads the process id from the lock file.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    let _ = file
        .rewind()
        .and_then(|()| file.take(32).read_to_string(&mut text));
    text.trim().parse().ok()
}
