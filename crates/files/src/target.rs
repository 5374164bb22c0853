//! Resolution of the path to write to.
//!
//! | Path | Result |
//! | --- | --- |
//! | a file, or nothing | [`Target::File`] |
//! | a link, for a policy that follows links | the result for its destination |
//! | `/dev/stdout`, a device or a pipe, for a policy that takes them | [`Target::Stream`] |
//! | a link in a folder that others can write to | an error |
//! | a folder | an error |
//!
//! Links are followed one by one instead of by the system, because each of them is in another
//! folder, whose permissions count.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, RealDisk, no_link};
use crate::error::FileError;
use crate::facts::{Facts, Kind};
use crate::folders::{Sharing, folder_of, sharing};
use crate::policy::Policy;

/// The number of symbolic links to follow, as many as Linux follows.
const LINKS: usize = 40;

/// The target of a write.
pub(crate) enum Target {
    /// A regular file, which need not exist.
    File { path: PathBuf, old: Option<Facts> },
    /// A device, a pipe, or an open file of this process, which is written to directly.
    Stream(PathBuf),
}

/// Resolves a path as far as the policy follows links.
pub(crate) fn resolve(disk: &impl Disk, path: &Path, policy: Policy) -> Result<Target, FileError> {
    if is_descriptor(path) && policy.takes_streams() {
        return Ok(Target::Stream(path.to_owned()));
    }
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        let facts = disk
            .facts(&target)
            .map_err(|error| FileError::system("write", path, error))?;
        match facts.map(|facts| facts.kind) {
            Some(Kind::Link | Kind::File) if policy == Policy::New => {
                let help = "choose another file name, or print to standard output";
                return Err(FileError::refused("write", path, "it already exists", help));
            }
            Some(Kind::Link) => {
                target = next(
                    path,
                    &target,
                    facts.is_some_and(|facts| facts.is_own()),
                    policy,
                )?;
            }
            Some(Kind::Folder) => {
                return Err(FileError::system(
                    "write",
                    path,
                    io::Error::from(io::ErrorKind::IsADirectory),
                ));
            }
            Some(Kind::Stream) if policy.takes_streams() => return Ok(Target::Stream(target)),
            Some(Kind::Stream) => {
                return Err(FileError::refused(
                    "write",
                    path,
                    "it is a device or a pipe",
                    "pass the path of a file",
                ));
            }
            Some(Kind::File) | None => {
                return Ok(Target::File {
                    path: target,
                    old: facts,
                });
            }
        }
    }
    Err(FileError::refused(
        "write",
        path,
        "too many symbolic links lead to it",
        "fix the links",
    ))
}

/// Returns the destination of a symbolic link, if the policy allows to follow it.
///
/// A relative destination begins in the folder of the link, not in the current one.
fn next(path: &Path, link: &Path, is_own: bool, policy: Policy) -> Result<PathBuf, FileError> {
    if !policy.follows_links() {
        let problem = "it is a symbolic link, and byref does not write results through links";
        return Err(FileError::refused(
            "write",
            path,
            problem,
            "pass the path of the file itself, or remove the link",
        ));
    }
    let folder = folder_of(link);
    let is_shared = match sharing(&folder) {
        Sharing::Private => false,
        // On systems with one group per user, folders are group-writable by default.
        Sharing::Group => !is_own,
        Sharing::World => true,
    };
    if is_shared {
        let problem = "it is a symbolic link in a folder that other users can write to";
        return Err(FileError::refused(
            "write",
            path,
            problem,
            "pass the path of the file that the link points to",
        ));
    }
    let next = std::fs::read_link(link).map_err(|error| FileError::system("write", path, error))?;
    Ok(folder.join(next))
}

/// Returns the file that a path leads to, following the links that the policy allows. The file need
/// not exist.
///
/// # Errors
///
/// [`FileError`] if a link may not be followed, the target is a folder or another file type that
/// the policy refuses, or the system reports an error.
pub fn follow(path: &Path, policy: Policy) -> Result<PathBuf, FileError> {
    match resolve(&RealDisk, path, policy)? {
        Target::File { path, .. } | Target::Stream(path) => Ok(path),
    }
}

/// Returns `true` if a path leads to a device, a pipe, or an open file of this process.
pub fn is_stream(path: &Path) -> bool {
    is_descriptor(path)
        || matches!(Facts::behind(path), Ok(Some(facts)) if facts.kind == Kind::Stream)
}

/// Returns `true` if a path names an open file of this process, which the caller has redirected:
/// `/dev/stdout` or `/dev/fd/63`.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    let Some(path) = path.to_str() else {
        return false;
    };
    let is_in = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.parse::<u32>().is_ok())
    };
    matches!(path, "/dev/stdout" | "/dev/stderr" | "/dev/stdin")
        || is_in("/dev/fd/")
        || is_in("/proc/self/fd/")
}

/// Writes to a device, a pipe, or an open file of this process, appending to a regular file. Fails
/// at once on a named pipe without a reader.
pub(crate) fn write_stream(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = if is_descriptor(path) {
        options.append(true).open(path)?
    } else {
        no_link(options.write(true)).open(path)?
    };
    wait_for_reader(&file)?;
    file.write_all(content).and_then(|()| file.flush())
}

/// Makes writes blocking again. The pipe is open, so a slow reader is waited for from here on.
#[cfg(unix)]
fn wait_for_reader(file: &File) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let flags = fcntl_getfl(file)?;
    Ok(fcntl_setfl(file, flags - OFlags::NONBLOCK)?)
}

#[cfg(not(unix))]
fn wait_for_reader(_file: &File) -> io::Result<()> {
    Ok(())
}
