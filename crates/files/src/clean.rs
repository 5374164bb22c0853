//! Temporary files: their names, and those of earlier runs that were stopped.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::disk::Disk;
use crate::facts::Kind;
use crate::journal;

/// New content, until it takes the place of a file.
pub(crate) const NEW: &str = ".tmp";
/// Old content, until a transaction is done.
pub(crate) const OLD: &str = ".old";

const PREFIX: &str = ".byref-";
const DIGITS: usize = 16;
/// Temporary files with names of another form, which earlier versions of byref did not lock, are left alone for so long.
const UNLOCKED_FOR: Duration = Duration::from_hours(1);

/// A name that nobody can foresee, for a file in this folder.
pub(crate) fn name(suffix: &str) -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{PREFIX}{:0DIGITS$x}{suffix}", u64::from_be_bytes(random)))
}

/// Whether a name is one that [`name`] gives.
pub(crate) fn is_name(name: &str, suffix: &str) -> bool {
    let middle = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(suffix));
    middle.is_some_and(|middle| middle.len() == DIGITS && middle.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Removes the temporary files that stopped runs of this user have left in a folder. Those of running ones are locked,
/// and those that an unfinished transaction needs stay. What goes wrong here stops nothing.
pub(crate) fn clean(disk: &impl Disk, folder: &Path) {
    if !matches!(disk.facts(&folder.join(journal::NAME)), Ok(None)) {
        return;
    }
    for path in candidates(folder) {
        let _ = remove_stale(disk, &path);
    }
}

fn candidates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| {
        let of_earlier = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(NEW));
        is_name(name, OLD) || of_earlier.is_some_and(|middle| middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let mut found: Vec<PathBuf> =
        entries.filter(|entry| entry.file_name().to_str().is_some_and(is_ours)).map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn remove_stale(disk: &impl Disk, path: &Path) -> io::Result<()> {
    let is_ours = |facts: &crate::facts::Facts| facts.kind == Kind::File && facts.is_own();
    let Some(found) = disk.facts(path)?.filter(is_ours) else { return Ok(()) };
    let file = disk.open(path)?;
    let opened = disk.facts_of(&file)?;
    let has_name_of_now =
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| is_name(name, NEW) || is_name(name, OLD));
    let is_old = || {
        let age = file.metadata()?.modified().map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
        age.map(|age| age > UNLOCKED_FOR)
    };
    let is_stale = opened.identity == found.identity && disk.lock(&file)? && (has_name_of_now || is_old()?);
    if is_stale { disk.remove(path) } else { Ok(()) }
}
