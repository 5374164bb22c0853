//! Recovery from a transaction that was interrupted.
//!
//! The state of each file follows from identities alone:
//!
//! | Temporary name | Target | State |
//! | --- | --- | --- |
//! | new content | any | [`State::Old`], not replaced yet |
//! | gone | new content | [`State::New`] |
//! | gone | old content, by identity or by its bytes | [`State::Old`] |
//! | gone | nothing, if there was no file before | [`State::Old`] |
//! | gone | anything else | [`State::Changed`] |
//!
//! Files that are all old, or of which none is old, are consistent, and only the journals are
//! removed. A mix is turned back to the old contents, never forward: the interrupted run has
//! reported no success.

use std::io;
use std::path::{Path, PathBuf};

use crate::clean::clean;
use crate::disk::{Disk, RealDisk};
use crate::error::{FileError, State, Unrestored};
use crate::journal::{Content, Found, NAME, OpenJournal, Step, find};
use crate::read::Input;

/// The result of [`recover`].
#[derive(Debug, PartialEq, Eq)]
pub enum Recovered {
    /// No file had to be restored.
    Nothing,
    /// These files had a mix of old and new content. All of them have their old content again.
    Restored(Vec<PathBuf>),
    /// Some files have new content and some have old content, and restoring them failed.
    Incomplete(Vec<Unrestored>),
}

/// Undoes the interrupted transaction in a folder, if there is one, and removes its temporary
/// files.
///
/// A transaction that was interrupted before its first or after its last rename needs no undo. One
/// that is still running is left alone.
///
/// # Errors
///
/// [`FileError`] if the system reports an error or the journal belongs to another user.
pub fn recover(folder: &Path) -> Result<Recovered, FileError> {
    recover_on(&RealDisk, here(folder))
}

/// Returns the files of an interrupted transaction in a folder, without changing anything.
///
/// The result is empty if there is no such transaction, or if it is still running.
///
/// # Errors
///
/// [`FileError`] if the system reports an error or the journal belongs to another user.
pub fn unfinished(folder: &Path) -> Result<Vec<Unrestored>, FileError> {
    let (disk, folder) = (RealDisk, here(folder));
    let Some(journals) = journals(&disk, folder)? else {
        return Ok(Vec::new());
    };
    let states = states(&disk, &journals)
        .map_err(|error| FileError::system("read", &folder.join(NAME), error))?;
    Ok(if is_torn(&states) {
        unrestored(states)
    } else {
        Vec::new()
    })
}

/// Returns `.` for an empty path.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// Recovers on any disk; see [`recover`].
pub(crate) fn recover_on(disk: &impl Disk, folder: &Path) -> Result<Recovered, FileError> {
    let failed = |error| FileError::system("read", &folder.join(NAME), error);
    let Some(journals) = journals(disk, folder)? else {
        clean(disk, folder);
        return Ok(Recovered::Nothing);
    };
    let before = states(disk, &journals).map_err(failed)?;
    let is_torn = is_torn(&before);
    if is_torn {
        restore(disk, &journals);
        let after = states(disk, &journals).map_err(failed)?;
        if !after.iter().all(|(_, state)| matches!(state, State::Old)) {
            return Ok(Recovered::Incomplete(unrestored(after)));
        }
    }
    remove(disk, &journals);
    Ok(if is_torn {
        Recovered::Restored(before.into_iter().map(|(path, _)| path).collect())
    } else {
        Recovered::Nothing
    })
}

/// The locked journals of one transaction, each with its folder.
type Journals = Vec<(PathBuf, OpenJournal, Content)>;

/// Returns the journal of a folder and those that belong to it, or `None` if there is nothing to
/// recover. An empty journal names no file, because no file was replaced yet.
fn journals(disk: &impl Disk, folder: &Path) -> Result<Option<Journals>, FileError> {
    let path = folder.join(NAME);
    let failed = |error| FileError::system("read", &path, error);
    let (held, content) = match find(disk, folder).map_err(failed)? {
        Found::None | Found::InUse => return Ok(None),
        Found::Foreign => {
            return Err(FileError::refused(
                "read",
                &path,
                "it belongs to a run that was killed while it replaced files, and is not private to this user",
                "run the same command again as the user who owns it, or remove it",
            ));
        }
        Found::Empty(held) => {
            return Ok(Some(vec![(
                folder.to_owned(),
                held,
                Content::new("", &[], Vec::new()),
            )]));
        }
        Found::Content(held, content) => (held, content),
    };
    let mut journals = vec![(folder.to_owned(), held, content.clone())];
    let whole = std::fs::canonicalize(folder).map_err(failed)?;
    for other in content
        .folders
        .iter()
        .map(PathBuf::from)
        .filter(|other| *other != whole)
    {
        match find(disk, &other)
            .map_err(|error| FileError::system("read", &other.join(NAME), error))?
        {
            Found::Content(held, found) if found.transaction == content.transaction => {
                journals.push((other, held, found));
            }
            // The run is still active.
            Found::InUse => return Ok(None),
            // The run did not get to this folder, or has finished with it.
            Found::None | Found::Foreign | Found::Empty(_) | Found::Content(..) => {}
        }
    }
    Ok(Some(journals))
}

/// Returns the steps of all journals with their folders.
fn steps(journals: &Journals) -> impl Iterator<Item = (&Path, &Step)> {
    journals
        .iter()
        .flat_map(|(folder, _, content)| content.files.iter().map(|step| (folder.as_path(), step)))
}

/// Returns the state of every file.
fn states(disk: &impl Disk, journals: &Journals) -> io::Result<Vec<(PathBuf, State)>> {
    steps(journals)
        .map(|(folder, step)| Ok((folder.join(&step.name), state(disk, folder, step)?)))
        .collect()
}

/// Returns the state of a file. It was not replaced as long as the new content has its temporary
/// name.
pub(crate) fn state(disk: &impl Disk, folder: &Path, step: &Step) -> io::Result<State> {
    let identity =
        |path: PathBuf| Ok::<_, io::Error>(disk.facts(&path)?.map(|facts| facts.identity));
    if identity(folder.join(&step.temporary))? == Some(step.new) {
        return Ok(State::Old);
    }
    let there = identity(folder.join(&step.name))?;
    if there == Some(step.new) {
        let old = step.old.as_ref().map(|(name, _)| folder.join(name));
        return Ok(State::New { old });
    }
    let is_back = match &step.old {
        None => there.is_none(),
        Some((_, old)) if there == Some(*old) => true,
        Some((old, _)) => {
            there.is_some() && is_same_text(disk, &folder.join(old), &folder.join(&step.name))
        }
    };
    Ok(if is_back { State::Old } else { State::Changed })
}

/// Returns `true` if the user has restored the old content by hand.
fn is_same_text(disk: &impl Disk, old: &Path, now: &Path) -> bool {
    let read = |path: &Path| {
        disk.open(path)
            .and_then(|mut file| disk.read(&mut file, Input::Template.max_bytes()))
            .ok()
    };
    read(old).is_some_and(|old| read(now) == Some(old))
}

/// Returns `true` if some files were replaced and some were not.
fn is_torn(states: &[(PathBuf, State)]) -> bool {
    let has_old = states.iter().any(|(_, state)| *state == State::Old);
    let has_new = states.iter().any(|(_, state)| *state != State::Old);
    has_old && has_new
}

fn unrestored(states: Vec<(PathBuf, State)>) -> Vec<Unrestored> {
    states
        .into_iter()
        .map(|(path, state)| Unrestored { path, state })
        .collect()
}

fn restore(disk: &impl Disk, journals: &Journals) {
    for (folder, step) in steps(journals) {
        let _ = restore_file(disk, folder, step);
    }
    for (folder, _, _) in journals {
        disk.sync_folder(folder);
    }
}

/// Restores the old content of a file that was replaced. A file that was changed since is left
/// alone.
pub(crate) fn restore_file(disk: &impl Disk, folder: &Path, step: &Step) -> io::Result<()> {
    if !matches!(state(disk, folder, step)?, State::New { .. }) {
        return Ok(());
    }
    let target = folder.join(&step.name);
    match &step.old {
        None => disk.remove(&target),
        Some((name, identity)) => {
            let old = folder.join(name);
            if disk.facts(&old)?.map(|facts| facts.identity) != Some(*identity) {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            disk.rename(&old, &target)
        }
    }
}

/// Removes the journals, and then the files that only they referred to. This order makes sure that
/// no run acts on a half-removed transaction.
fn remove(disk: &impl Disk, journals: &Journals) {
    let is_removed = journals
        .iter()
        .all(|(_, held, _)| disk.remove(&held.path).is_ok());
    if is_removed {
        for (folder, _, _) in journals {
            clean(disk, folder);
        }
    }
}
