//! How a command ends.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use byref_files::FileError;
use byref_store::StoreError;
use byref_template::{Diagnostic, Sources};

use crate::render::diagnostic::{Shown, report, report_listed};

/// How a command ended that did what it should.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// A plan was shown, and nothing was done: a dry run.
    Stopped,
    /// A plan was shown, and the user said no.
    Declined,
    /// All was written, but another process wrote at the same time: its value is there, after that was said.
    Overtaken,
    /// There are findings or missing secrets; or differences, where they were asked for.
    Differences,
    /// AWS refused, after it was said what stands where.
    Refused,
    /// `^C`, after it was said what stands where.
    Interrupted,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Outcome::Done | Outcome::Stopped => ExitCode::SUCCESS,
            Outcome::Differences | Outcome::Declined | Outcome::Overtaken => ExitCode::from(1),
            Outcome::Refused => ExitCode::from(3),
            Outcome::Interrupted => ExitCode::from(130),
        }
    }
}

/// Why a command could not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Mistakes in files, each with its place.
    #[error("{} mistakes", diagnostics.len())]
    Mistakes { sources: Box<Sources>, diagnostics: Vec<Diagnostic> },
    /// The command line does not fit.
    #[error("{message}")]
    Usage { message: String, help: String },
    /// The command line does not fit, and a line for each place where it does not.
    #[error("{message}")]
    Listed { message: String, lines: Vec<String>, help: String },
    /// A file can't be read or written.
    #[error("cannot {action} `{}`: {problem}", path.display())]
    File { action: &'static str, path: PathBuf, problem: String, help: &'static str },
    /// A store did not do what it was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Standard output can't be written.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    pub(crate) fn file(action: &'static str, path: &Path, error: &io::Error) -> Self {
        let (problem, help) = match error.kind() {
            io::ErrorKind::NotFound => ("there is no such file".to_owned(), "check the path"),
            io::ErrorKind::PermissionDenied => ("permission denied".to_owned(), "check who may read and write it"),
            io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file"),
            io::ErrorKind::ReadOnlyFilesystem => {
                ("the file system is read-only".to_owned(), "write somewhere else with `-o FILE`")
            }
            io::ErrorKind::StorageFull => ("no space is left".to_owned(), "free some space"),
            _ => (error.to_string(), "check the path"),
        };
        Self::File { action, path: path.to_owned(), problem, help }
    }

    /// Says why, on standard error; a closed pipe is a success.
    pub(crate) fn report(&self) -> ExitCode {
        let help = match self {
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Failure::Mistakes { sources, diagnostics } => {
                report(sources, diagnostics, Shown::All);
                return ExitCode::from(2);
            }
            Failure::Output(_) => "standard output is full or closed: write to a file with `-o FILE`",
            Failure::Store(error) => {
                crate::render::diagnostic::report_plain(&error.to_string(), &error.help());
                return ExitCode::from(exit_code(error));
            }
            Failure::Listed { message, lines, help } => {
                report_listed(message, lines, help);
                return ExitCode::from(2);
            }
            Failure::Usage { help, .. } => help,
            Failure::File { help, .. } => help,
        };
        crate::render::diagnostic::report_plain(&self.to_string(), help);
        ExitCode::from(2)
    }
}

impl From<byref::Mistakes> for Failure {
    fn from(mistakes: byref::Mistakes) -> Self {
        let (sources, diagnostics) = mistakes.into_parts();
        Self::Mistakes { sources: Box::new(sources), diagnostics }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::System { action, path, error } => Self::file(action, &path, &error),
            FileError::Refused { action, path, problem, help } => Self::File { action, path, problem, help },
        }
    }
}

/// 1 for what is missing, 3 where AWS refused or could not be reached, 2 where the input is wrong.
fn exit_code(error: &StoreError) -> u8 {
    match error {
        StoreError::NotFound { .. } | StoreError::VersionNotFound { .. } => 1,
        error if error.is_service_error() => 3,
        _ => 2,
    }
}
