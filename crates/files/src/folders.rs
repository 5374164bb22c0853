//! Folders: write access of other users, and the creation of missing ones.
//!
//! A user who can create files in a folder can replace one between two system calls, or put a
//! symbolic link in its place. The checks here decide how far a path in a folder can be trusted.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::facts::{Facts, Kind};

/// Returns the folder that contains a path, `.` for a bare file name.
pub fn folder_of(path: &Path) -> PathBuf {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The treatment of a missing folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingFolders {
    /// The write fails.
    Refuse,
    /// The folder is created. No path component below this base may be a symbolic link.
    MakeBelow(PathBuf),
}

/// The users besides the owner who can create files in a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Only the owner of the folder.
    Private,
    /// The members of its group too.
    Group,
    /// All users, as in `/tmp`. The sticky bit makes no difference: it prevents removing the files
    /// of others, not creating one first.
    World,
}

/// Returns the users who can create files in a folder. An unreadable folder counts as open to all.
pub(crate) fn sharing(folder: &Path) -> Sharing {
    match Facts::behind(folder) {
        Ok(Some(facts)) if facts.mode & 0o002 != 0 => Sharing::World,
        Ok(Some(facts)) if facts.mode & 0o020 != 0 => Sharing::Group,
        Ok(Some(_)) => Sharing::Private,
        Ok(None) | Err(_) => Sharing::World,
    }
}

/// Returns the first symbolic link on the way from `base` down to `folder`.
///
/// `base` itself may be a link. A folder that is not below `base` has no links between the two.
pub(crate) fn link_between(
    disk: &impl Disk,
    base: &Path,
    folder: &Path,
) -> io::Result<Option<PathBuf>> {
    let Ok(rest) = folder.strip_prefix(base) else {
        return Ok(None);
    };
    let mut path = base.to_owned();
    for part in rest {
        path.push(part);
        if disk
            .facts(&path)?
            .is_some_and(|facts| facts.kind == Kind::Link)
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Creates a folder and its missing parents. Appends the created ones to `made`, the outermost
/// first.
///
/// A folder that another process creates at the same time is no error, and is not in `made`, so
/// that this run will not remove it.
pub(crate) fn make(disk: &impl Disk, folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut missing = Vec::new();
    let mut next = Some(folder);
    while let Some(folder) = next.filter(|folder| !folder.as_os_str().is_empty()) {
        match Facts::behind(folder)? {
            Some(_) => break,
            None => missing.push(folder),
        }
        next = folder.parent();
    }
    for folder in missing.into_iter().rev() {
        match disk.make_folder(folder) {
            Ok(()) => made.push(folder.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
