//! The end of a command: its outcome or its failure, and the exit code.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use byref::{Error, Mistakes, UnknownName};
use byref_files::FileError;
use byref_store::StoreError;

use crate::report::{Shown, report, report_listed, report_plain};

/// The outcome of a command that ran to completion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// A dry run: byref showed a plan and did nothing.
    Stopped,
    /// The user declined a plan.
    Declined,
    /// byref wrote everything, but another process wrote at the same time and its value remains;
    /// byref has reported it.
    Overtaken,
    /// There are findings or missing secrets, or, on request, differences.
    Differences,
    /// AWS refused a request; byref has reported the state of each Region.
    Refused,
    /// `^C`; byref has reported the state of each Region.
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
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return ExitCode::SUCCESS;
            }
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

/// Returns 1 for a missing secret, 3 where AWS refused a request or could not be reached, and 2 for
/// invalid input.
fn exit_code(error: &StoreError) -> u8 {
    match error {
        StoreError::NotFound { .. } | StoreError::VersionNotFound { .. } => 1,
        error if error.is_service_error() => 3,
        _ => 2,
    }
}
