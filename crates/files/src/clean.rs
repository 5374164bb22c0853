//! Temporary files: their names, and the removal of those that killed runs left behind.
//!
//! | File | Name |
//! | --- | --- |
//! | new content | `.byref-` 16 hexadecimal digits `.tmp` |
//! | old content | `.byref-` 16 hexadecimal digits `.old` |
//! | journal | `.byref.journal` |
//!
//! A run locks its temporary files while it is alive, and the system releases the locks when it
//! ends in any way. A lock therefore tells a file in use from an abandoned one, which an age or a
//! process id can't.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::disk::Disk;
use crate::facts::Kind;
use crate::journal;

/// The suffix of new content that has not replaced its file yet.
pub(crate) const NEW: &str = ".tmp";
/// The suffix of old content that is kept until a transaction ends.
pub(crate) const OLD: &str = ".old";

const PREFIX: &str = ".byref-";
const DIGITS: usize = 16;
/// The age after which a temporary file of an earlier byref version, which did not lock its files,
/// is considered abandoned.
const UNLOCKED_FOR: Duration = Duration::from_hours(1);

/// Returns an unpredictable name for a temporary file.
///
/// Random names keep another user from preparing a file or a link under the next one.
pub(crate) fn name(suffix: &str) -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!(
        "{PREFIX}{:0DIGITS$x}{suffix}",
        u64::from_be_bytes(random)
    ))
}

/// Returns `true` if [`name`] could have returned this name.
///
/// `.byref-0123456789abcdef.tmp` is a name with the suffix `.tmp`; with fewer digits, or as
/// `.byref.journal`, it is none.
pub(crate) fn is_name(name: &str, suffix: &str) -> bool {
    let middle = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(suffix));
    middle.is_some_and(|middle| {
        middle.len() == DIGITS && middle.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Removes temporary files that killed runs of this user left in a folder.
///
/// Files of running processes are locked and stay. So do those of an unfinished transaction, which
/// still needs them. Errors are ignored, because cleaning must never prevent a write.
pub(crate) fn clean(disk: &impl Disk, folder: &Path) {
    if !matches!(disk.facts(&folder.join(journal::NAME)), Ok(None)) {
        return;
    }
    for path in candidates(folder) {
        let _ = remove_stale(disk, &path);
    }
}

/// Returns the paths in a folder whose names are those of temporary files, in alphabetical order.
fn candidates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| {
        let of_earlier = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix(NEW));
        is_name(name, OLD)
            || of_earlier
                .is_some_and(|middle| middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Removes one temporary file if it belongs to this user and no process holds its lock.
///
/// The identity is compared after opening, so that a file that took the place of the first one in
/// between stays.
fn remove_stale(disk: &impl Disk, path: &Path) -> io::Result<()> {
    let is_ours = |facts: &crate::facts::Facts| facts.kind == Kind::File && facts.is_own();
    let Some(found) = disk.facts(path)?.filter(is_ours) else {
        return Ok(());
    };
    let file = disk.open(path)?;
    let opened = disk.facts_of(&file)?;
    let has_name_of_now = path
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| is_name(name, NEW) || is_name(name, OLD));
    let is_old = || {
        let age = file
            .metadata()?
            .modified()
            .map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
        age.map(|age| age > UNLOCKED_FOR)
    };
    let is_stale =
        opened.identity == found.identity && disk.lock(&file)? && (has_name_of_now || is_old()?);
    if is_stale { disk.remove(path) } else { Ok(()) }
}
