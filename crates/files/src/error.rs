//! Why a file could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses.
    #[error("cannot {action} `{}`: {error}", path.display())]
    System {
        /// `read`, `write`, `create`, `lock`.
        action: &'static str,
        /// The file, as the caller named it.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// byref refuses.
    #[error("cannot {action} `{}`: {problem}", path.display())]
    Refused {
        /// `read`, `write`, `create`, `lock`.
        action: &'static str,
        /// The file, as the caller named it.
        path: PathBuf,
        /// What is wrong, beginning with `it is`.
        problem: String,
        /// What to do.
        help: &'static str,
    },
}

impl FileError {
    pub(crate) fn system(action: &'static str, path: &Path, error: io::Error) -> Self {
        Self::System { action, path: path.to_owned(), error }
    }

    pub(crate) fn refused(action: &'static str, path: &Path, problem: impl Into<String>, help: &'static str) -> Self {
        Self::Refused { action, path: path.to_owned(), problem: problem.into(), help }
    }
}

/// Why files could not be replaced. Where `unrestored` is empty, all of them are as they were before.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct CommitError {
    /// What went wrong first.
    pub cause: FileError,
    /// The files, if some have the new content and some have the old one; each with what it has.
    pub unrestored: Vec<Unrestored>,
}

impl From<FileError> for CommitError {
    fn from(cause: FileError) -> Self {
        Self { cause, unrestored: Vec::new() }
    }
}

/// One file of a transaction that could not be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrestored {
    /// The file.
    pub path: PathBuf,
    /// What it has.
    pub state: State,
}

/// What a file of an unfinished transaction has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The content from before.
    Old,
    /// The new content; the old one is in this file, if there was any.
    New {
        /// Where the old content is.
        old: Option<PathBuf>,
    },
    /// Something else: somebody has changed it since.
    Changed,
}
