//! The error of operations on a project.

use std::io;
use std::path::{Path, PathBuf};

use byref_files::FileError;
use byref_store::StoreError;

use crate::mistakes::Mistakes;
use crate::project::UnknownName;

/// An error of an operation on a project, one variant for each thing that the user would do
/// differently.
///
/// The text of an error is one sentence without a full stop; [`Error::help`] says what to do. No
/// error contains a secret value.
///
/// ```
/// use byref::{Error, Project};
///
/// let error = Project::load("no/such/deploy.toml".as_ref()).map(|_| ()).unwrap_err();
/// assert!(matches!(&error, Error::File { action: "read", .. }));
/// assert_eq!(error.help().as_deref(), Some("check the path"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Mistakes in the configuration or in templates, each with its place.
    #[error("{0}")]
    Mistakes(Mistakes),
    /// The request does not fit the configuration or the templates.
    #[error("{message}")]
    Request {
        /// One sentence.
        message: String,
        /// One line for each part of the request that does not fit; empty where the sentence says
        /// it all.
        lines: Vec<String>,
        /// An imperative.
        help: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`: {problem}", path.display())]
    File {
        /// An infinitive: `read`, `write`.
        action: &'static str,
        /// The file or folder, as the caller named it.
        path: PathBuf,
        /// The reason, such as "permission denied".
        problem: String,
        /// An imperative.
        help: &'static str,
    },
    /// A store or AWS refused a request, or could not be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Returns the error of a request that does not fit, with an imperative as help.
    pub fn request(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Request {
            message: message.into(),
            lines: Vec::new(),
            help: help.into(),
        }
    }

    /// Returns the error of an action on a file that the operating system refused.
    pub fn file(action: &'static str, path: &Path, error: &io::Error) -> Self {
        let (problem, help) = match error.kind() {
            io::ErrorKind::NotFound => ("there is no such file".to_owned(), "check the path"),
            io::ErrorKind::PermissionDenied => (
                "permission denied".to_owned(),
                "check who may read and write it",
            ),
            io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file"),
            io::ErrorKind::ReadOnlyFilesystem => (
                "the file system is read-only".to_owned(),
                "write somewhere else with `-o FILE`",
            ),
            io::ErrorKind::StorageFull => ("no space is left".to_owned(), "free some space"),
            _ => (error.to_string(), "check the path"),
        };
        Self::File {
            action,
            path: path.to_owned(),
            problem,
            help,
        }
    }

    /// Returns the advice that belongs to the error; none for [`Error::Mistakes`], whose messages
    /// carry their own.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Mistakes(_) => None,
            Self::Request { help, .. } => Some(help.clone()),
            Self::File { help, .. } => Some((*help).to_owned()),
            Self::Store(error) => Some(error.help()),
        }
    }
}

impl From<Mistakes> for Error {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl From<UnknownName> for Error {
    fn from(error: UnknownName) -> Self {
        Self::request(
            format!("there is no {} `{}`", error.kind, error.name),
            error.help(),
        )
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::System {
                action,
                path,
                error,
            } => Self::file(action, &path, &error),
            FileError::Refused {
                action,
                path,
                problem,
                help,
            } => Self::File {
                action,
                path,
                problem,
                help,
            },
        }
    }
}
