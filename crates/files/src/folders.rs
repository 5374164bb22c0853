//! Folders: who can write to them, and those that are made on the way.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::facts::{Facts, Kind};

/// The folder that a path is in.
pub fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// What is done about a folder that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingFolders {
    /// Nothing can be written.
    Refuse,
    /// It is made. What is below this folder is reached through no link.
    MakeBelow(PathBuf),
}

/// Who else can make files in a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    Private,
    Group,
    World,
}

/// Who else can make files in a folder. What is not known counts as everybody.
pub(crate) fn sharing(folder: &Path) -> Sharing {
    match Facts::behind(folder) {
        Ok(Some(facts)) if facts.mode & 0o002 != 0 => Sharing::World,
        Ok(Some(facts)) if facts.mode & 0o020 != 0 => Sharing::Group,
        Ok(Some(_)) => Sharing::Private,
        Ok(None) | Err(_) => Sharing::World,
    }
}

/// The first link on the way from one folder to another one below it.
pub(crate) fn link_between(disk: &impl Disk, base: &Path, folder: &Path) -> io::Result<Option<PathBuf>> {
    let Ok(rest) = folder.strip_prefix(base) else { return Ok(None) };
    let mut path = base.to_owned();
    for part in rest {
        path.push(part);
        if disk.facts(&path)?.is_some_and(|facts| facts.kind == Kind::Link) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Makes a folder and those that it is in; adds what was not there before to `made`, the outermost first.
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
