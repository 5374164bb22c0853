//! Errors of reading and writing files. All of them name the path.

use std::io;
use std::path::{Path, PathBuf};

/// A failed read or write.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system reported an error.
    #[error("cannot {action} `{}`: {error}", path.display())]
    System {
        /// The failed action: `read`, `write`, `create` or `lock`.
        action: &'static str,
        /// The file, as the caller named it.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// byref refuses the file.
    #[error("cannot {action} `{}`: {problem}", path.display())]
    Refused {
        /// The refused action: `read`, `write`, `create` or `lock`.
        action: &'static str,
        /// The file, as the caller named it.
        path: PathBuf,
        /// The problem, completing "cannot ACTION `PATH`: ".
        problem: String,
        /// An instruction that solves the problem.
        help: &'static str,
    },
}

impl FileError {
    /// Creates the error for a failed system call.
    pub(crate) fn system(action: &'static str, path: &Path, error: io::Error) -> Self {
        Self::System {
            action,
            path: path.to_owned(),
            error,
        }
    }

    /// Creates the error for a file that byref refuses, with an instruction.
    pub(crate) fn refused(
        action: &'static str,
        path: &Path,
        problem: impl Into<String>,
        help: &'static str,
    ) -> Self {
        Self::Refused {
            action,
            path: path.to_owned(),
            problem: problem.into(),
            help,
        }
    }
}

/// A failed commit. If `unrestored` is empty, all files have their old content.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct CommitError {
    /// The first error.
    pub cause: FileError,
    /// All files of the transaction with their content, if some are new and some are old.
    pub unrestored: Vec<Unrestored>,
}

impl From<FileError> for CommitError {
    fn from(cause: FileError) -> Self {
        Self {
            cause,
            unrestored: Vec::new(),
        }
    }
}

/// A file of a transaction that failed and could not be undone completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrestored {
    /// The file.
    pub path: PathBuf,
    /// The content of the file.
    pub state: State,
}

/// The content of a file after an unfinished transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The old content.
    Old,
    /// The new content.
    New {
        /// The path of the old content, if there was any.
        old: Option<PathBuf>,
    },
    /// Other content: the file was changed after the transaction.
    Changed,
}
