//! A lock that a file holds, as long as somebody has it open.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::disk::{Disk as _, RealDisk, no_link};
use crate::facts::{Facts, Kind};

const PAUSE: Duration = Duration::from_millis(25);

/// A lock; it is let go when this is dropped, also when the process is killed. The lock's file stays: removing it could
/// take it from under somebody who has just opened it.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// The system refuses.
    System(io::Error),
    /// Something else than a file of its own is where the lock should be.
    NoFile(&'static str),
    /// Somebody else has it; the number of the process, where it says so.
    InUse(Option<u32>),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Locks a file, which is made if it is not there, waiting for somebody who has it. A link is not followed, and a file
/// with a second name is not written to.
///
/// # Errors
///
/// What is there is no lock, somebody else has it for longer than `patience`, or the system refuses.
pub fn lock(path: &Path, patience: Duration) -> Result<Lock, LockError> {
    let mut file = open(path)?;
    let facts = Facts::of(&file.metadata()?);
    if facts.kind != Kind::File {
        return Err(LockError::NoFile("it is no file"));
    }
    if facts.names > 1 {
        return Err(LockError::NoFile("it is no file of its own, but another name of a file (a hard link)"));
    }
    let start = Instant::now();
    while !RealDisk.lock(&file)? {
        if start.elapsed() > patience {
            return Err(LockError::InUse(holder(&mut file)));
        }
        std::thread::sleep(PAUSE);
    }
    keep_usable(&file, &facts);
    // Who has it, for those who wait in vain. Nothing depends on it.
    let _ = file.set_len(0).and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
    Ok(Lock(file))
}

fn open(path: &Path) -> Result<File, LockError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    no_link(&mut options).open(path).map_err(|error| match Facts::of_path(path) {
        Ok(Some(facts)) if facts.kind != Kind::File => LockError::NoFile("it is no file"),
        _ => LockError::System(error),
    })
}

/// A strange umask must not lock the owner out for ever.
fn keep_usable(file: &File, facts: &Facts) {
    if facts.mode & 0o600 != 0o600 {
        let _ = RealDisk.set_mode(file, facts.mode | 0o600);
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.take(32).read_to_string(&mut text));
    text.trim().parse().ok()
}
