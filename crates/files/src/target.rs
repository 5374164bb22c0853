//! Where a write goes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, RealDisk, no_link};
use crate::error::FileError;
use crate::facts::{Facts, Kind};
use crate::folders::{Sharing, folder_of, sharing};
use crate::policy::Policy;

/// Links are followed this far, as far as Linux follows them.
const LINKS: usize = 40;

/// Where a write goes.
pub(crate) enum Target {
    /// A file, which need not be there yet.
    File { path: PathBuf, old: Option<Facts> },
    /// A device, a pipe or an open file of this process, which is written to as it is.
    Stream(PathBuf),
}

/// Finds where a path leads, as far as the policy follows it.
pub(crate) fn resolve(disk: &impl Disk, path: &Path, policy: Policy) -> Result<Target, FileError> {
    if is_descriptor(path) && policy.takes_streams() {
        return Ok(Target::Stream(path.to_owned()));
    }
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        let facts = disk.facts(&target).map_err(|error| FileError::system("write", path, error))?;
        match facts.map(|facts| facts.kind) {
            Some(Kind::Link | Kind::File) if policy == Policy::New => {
                let help = "name another file, or print to standard output";
                return Err(FileError::refused("write", path, "it exists already", help));
            }
            Some(Kind::Link) => target = next(path, &target, facts.is_some_and(|facts| facts.is_own()), policy)?,
            Some(Kind::Folder) => {
                return Err(FileError::system("write", path, io::Error::from(io::ErrorKind::IsADirectory)));
            }
            Some(Kind::Stream) if policy.takes_streams() => return Ok(Target::Stream(target)),
            Some(Kind::Stream) => {
                return Err(FileError::refused("write", path, "it is a device or a pipe", "name a file"));
            }
            Some(Kind::File) | None => return Ok(Target::File { path: target, old: facts }),
        }
    }
    Err(FileError::refused("write", path, "too many links lead to it", "correct the links"))
}

/// Where a link leads, if it may be followed.
fn next(path: &Path, link: &Path, is_own: bool, policy: Policy) -> Result<PathBuf, FileError> {
    if !policy.follows_links() {
        let problem = "it is a symbolic link, and results are not written through links";
        return Err(FileError::refused("write", path, problem, "name the file itself, or remove the link"));
    }
    let folder = folder_of(link);
    let is_shared = match sharing(&folder) {
        Sharing::Private => false,
        // Where users have a group of their own, their folders are the group's to write as well.
        Sharing::Group => !is_own,
        Sharing::World => true,
    };
    if is_shared {
        let problem = "it is a symbolic link in a folder that other users can write to";
        return Err(FileError::refused("write", path, problem, "name the file that the link leads to"));
    }
    let next = std::fs::read_link(link).map_err(|error| FileError::system("write", path, error))?;
    Ok(folder.join(next))
}

/// The file that a path means by a policy, through links that may be followed; it need not be there.
///
/// # Errors
///
/// A link on the way may not be followed, it is a folder or no file, or the system refuses.
pub fn follow(path: &Path, policy: Policy) -> Result<PathBuf, FileError> {
    match resolve(&RealDisk, path, policy)? {
        Target::File { path, .. } | Target::Stream(path) => Ok(path),
    }
}

/// Whether a path leads to a device, a pipe or an open file of this process.
pub fn is_stream(path: &Path) -> bool {
    is_descriptor(path) || matches!(Facts::behind(path), Ok(Some(facts)) if facts.kind == Kind::Stream)
}

/// Whether a path names an open file of this process, which the caller has redirected: `/dev/stdout`, `/dev/fd/63`.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    let Some(path) = path.to_str() else { return false };
    let is_in = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.parse::<u32>().is_ok());
    matches!(path, "/dev/stdout" | "/dev/stderr" | "/dev/stdin") || is_in("/dev/fd/") || is_in("/proc/self/fd/")
}

/// Writes to a device, a pipe, or an open file of this process: at its end, if it is a file. Does not wait for somebody
/// who reads a named pipe.
pub(crate) fn write_stream(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file =
        if is_descriptor(path) { options.append(true).open(path)? } else { no_link(options.write(true)).open(path)? };
    wait_for_reader(&file)?;
    file.write_all(content).and_then(|()| file.flush())
}

/// The pipe is open: from here on a slow reader is waited for.
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
