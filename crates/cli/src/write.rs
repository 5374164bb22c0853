//! Writing files: all of the new content, or the old one; several of them together, or none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) use byref_files::Policy;
use byref_files::{
    CommitError, FileError, Recovered, State, Transaction, Unrestored, recover, unfinished,
};

use crate::failure::Failure;
use crate::output::{say, write_bytes};
use crate::report::warn_plain;
use byref::listed;
use byref::render::escape::one_line;

/// Writes one file. Its policy decides who may read it, and if links are followed.
pub(crate) fn write(path: &Path, text: &str, policy: Policy) -> Result<(), Failure> {
    // As `-`, so that every kind of redirection works.
    if is_stdout(path) {
        return write_bytes(text);
    }
    Ok(byref_files::write(path, text.as_bytes(), policy)?)
}

/// Returns whether a path means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-" || path.as_os_str() == "/dev/stdout"
}

/// Returns whether two paths lead to the same file, through any spelling, symbolic or hard link.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| fs_err::canonicalize(path).ok();
    let is_same_path = whole(one).is_some_and(|one| whole(other) == Some(one));
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let inode = |path: &Path| {
            fs_err::metadata(path)
                .ok()
                .map(|metadata| (metadata.dev(), metadata.ino()))
        };
        is_same_path || inode(one).is_some_and(|one| inode(other) == Some(one))
    }
    #[cfg(not(unix))]
    is_same_path
}

/// Replaces all files of a transaction, or none. `also` is added to an error: the work that was
/// done before.
pub(crate) fn commit(transaction: Transaction, also: &str) -> Result<(), Failure> {
    let Err(CommitError { cause, unrestored }) = transaction.commit() else {
        return Ok(());
    };
    if !unrestored.is_empty() {
        return Err(torn(
            &format!("{cause}{also}; and what was replaced before could not be put back"),
            &unrestored,
        ));
    }
    match byref::Error::from(cause) {
        byref::Error::File {
            action,
            path,
            problem,
            help,
        } => {
            let problem = format!("{problem}{also}; every file is as it was before");
            Err(byref::Error::File {
                action,
                path,
                problem,
                help,
            }
            .into())
        }
        other => Err(other.into()),
    }
}

/// Undoes unfinished replacements of an earlier run in these folders. Returns whether files have
/// changed.
pub(crate) fn recover_in(folders: impl IntoIterator<Item = PathBuf>) -> Result<bool, Failure> {
    let mut has_changed = false;
    for folder in folders.into_iter().collect::<BTreeSet<_>>() {
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            continue;
        }
        match recover(&folder)? {
            Recovered::Nothing => {}
            Recovered::Restored(files) => {
                has_changed = true;
                let files = listed(files.iter().map(|file| file.display().to_string()));
                say(&format!(
                    "note: an earlier run was stopped while it replaced several files; they have their old content again: {}\n",
                    one_line(&files)
                ));
            }
            Recovered::Incomplete(unrestored) => {
                return Err(torn(
                    "an earlier run was stopped while it replaced several files",
                    &unrestored,
                ));
            }
        }
    }
    Ok(has_changed)
}

/// Warns of files that an interrupted run left with new content, and of those with the old one.
/// Changes nothing.
pub(crate) fn warn_of_unfinished(folders: impl IntoIterator<Item = PathBuf>) {
    let mut named = BTreeSet::new();
    for folder in folders.into_iter().collect::<BTreeSet<_>>() {
        match unfinished(&folder) {
            Ok(unrestored) => {
                named.extend(
                    unrestored
                        .iter()
                        .map(|file| format!("`{}` {}", file.path.display(), words(&file.state))),
                );
            }
            // Whose it is can't be told from here, so the user must know.
            Err(FileError::Refused {
                path,
                problem,
                help,
                ..
            }) => {
                warn_plain(&format!("`{}`: {problem}", path.display()), help);
            }
            // Reading the files will fail, too, and report it.
            Err(FileError::System { .. }) => {}
        }
    }
    if !named.is_empty() {
        let files = named.into_iter().collect::<Vec<_>>().join(", ");
        warn_plain(
            &format!("an earlier run was stopped while it replaced several files: {files}"),
            "run the same command again: it first puts the old content back",
        );
    }
}

fn torn(message: &str, unrestored: &[Unrestored]) -> Failure {
    let line = |file: &Unrestored| format!("`{}` {}", file.path.display(), words(&file.state));
    byref::Error::Request {
        message: message.to_owned(),
        lines: unrestored.iter().map(line).collect(),
        help: "make these files agree, and remove `.byref.journal` in their folders".to_owned(),
    }
    .into()
}

fn words(state: &State) -> String {
    match state {
        State::Old => "has the old content".to_owned(),
        State::New { old: None } => "is new".to_owned(),
        State::New { old: Some(old) } => {
            format!("has the new content; the old one is in `{}`", old.display())
        }
        State::Changed => "was changed since".to_owned(),
    }
}
