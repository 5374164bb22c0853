//! How a command ends.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use byref::{Error, Mistakes, UnknownName};
use byref_files::FileError;
use byref_store::StoreError;

use crate::report::{Shown, report, report_listed, report_plain};

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

/// The reason why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An operation of the library failed.
    #[error(transparent)]
    Operation(#[from] Error),
    /// Standard output can't be written.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Error::request(message, help).into()
    }

    pub(crate) fn file(action: &'static str, path: &Path, error: &io::Error) -> Self {
        Error::file(action, path, error).into()
    }

    /// Prints the reason on standard error, and returns the exit code; a closed pipe is a success.
    pub(crate) fn report(self) -> ExitCode {
        let error = match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Output(_) => {
                let help = "standard output is full or closed: write to a file with `-o FILE`";
                report_plain(&self.to_string(), help);
                return ExitCode::from(2);
            }
            Self::Operation(error) => error,
        };
        let (message, help) = (error.to_string(), error.help().unwrap_or_default());
        match error {
            Error::Mistakes(mistakes) => {
                let (sources, diagnostics) = mistakes.into_parts();
                report(&sources, &diagnostics, Shown::All);
            }
            Error::Request { lines, .. } => report_listed(&message, &lines, &help),
            Error::Store(error) => {
                report_plain(&message, &help);
                return ExitCode::from(exit_code(&error));
            }
            _ => report_plain(&message, &help),
        }
        ExitCode::from(2)
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        Error::from(mistakes).into()
    }
}

impl From<UnknownName> for Failure {
    fn from(error: UnknownName) -> Self {
        Error::from(error).into()
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Error::from(error).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

/// 1 for what is missing, 3 where AWS refused or could not be reached, 2 where the input is wrong.
fn exit_code(error: &StoreError) -> u8 {
    match error {
        StoreError::NotFound { .. } | StoreError::VersionNotFound { .. } => 1,
        error if error.is_of_aws() => 3,
        _ => 2,
    }
}
