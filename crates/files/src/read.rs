//! Bounded reads.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::error::FileError;
use crate::facts::{Facts, Kind};

/// The kind of a file to read, which decides its maximum size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A template to rewrite. CloudFormation accepts up to 1 MB. Source: [CloudFormation
    /// quotas][quotas].
    ///
    /// [quotas]: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    Template,
    /// `deploy.toml`, or a file that it includes.
    Configuration,
    /// A file that the lint checks as a whole.
    Linted,
    /// The accepted findings of a lint.
    Baseline,
    /// Names with values: a dotenv, JSON or Compose file.
    Import,
    /// A single value. Parameter Store accepts up to 8 KB.
    Value,
    /// The key of a file store.
    StoreKey,
    /// An encrypted file store.
    Store,
}

impl Input {
    /// Returns the maximum size in bytes. It leaves ample room above the limits of AWS, so that
    /// byref can read a file that is too large for AWS and report that precisely.
    pub const fn max_bytes(self) -> u64 {
        match self {
            Input::Template => 32 << 20,
            Input::Configuration | Input::Import => 16 << 20,
            Input::Linted | Input::Baseline => 128 << 20,
            Input::Store => 256 << 20,
            Input::Value => 1 << 20,
            Input::StoreKey => 64 << 10,
        }
    }

    /// Returns the noun for messages.
    const fn noun(self) -> &'static str {
        match self {
            Input::Template => "a template",
            Input::Configuration => "a configuration file",
            Input::Linted => "a file to lint",
            Input::Baseline => "a baseline",
            Input::Import => "a file with secrets",
            Input::Value => "a value",
            Input::StoreKey => "a store's key",
            Input::Store => "a file store",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Input::Template => "CloudFormation takes templates of up to 1,000,000 bytes",
            Input::Value => "Parameter Store takes values of up to 8,192 bytes",
            Input::Linted => "exclude it with `.gitignore`, or split it",
            Input::Configuration
            | Input::Baseline
            | Input::Import
            | Input::StoreKey
            | Input::Store => "check the path",
        }
    }
}

/// The treatment of devices and pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// They are read, up to the same limit.
    Read,
    /// They are an error.
    Refuse,
}

/// Reads a whole file up to the limit of its kind. Follows symbolic links.
///
/// A named pipe without a writer is waited for up to five seconds.
///
/// # Errors
///
/// [`FileError`] if the file is too large, is a folder, is a device or pipe and `streams` refuses
/// those, or the system reports an error.
pub fn read(path: &Path, input: Input, streams: Streams) -> Result<Vec<u8>, FileError> {
    let failed = |error| FileError::system("read", path, error);
    let file = open(path).map_err(failed)?;
    let facts = Facts::of(&file.metadata().map_err(failed)?);
    match facts.kind {
        Kind::Folder => {
            return Err(FileError::refused(
                "read",
                path,
                "it is a folder",
                "pass the path of a file",
            ));
        }
        Kind::File if facts.length > input.max_bytes() => return Err(too_large(path, input)),
        Kind::File => {}
        Kind::Link | Kind::Stream if streams == Streams::Refuse => {
            return Err(FileError::refused(
                "read",
                path,
                "it is a device or a pipe",
                "pass the path of a file",
            ));
        }
        Kind::Link | Kind::Stream => {
            return read_from(stream::WaitingReader::new(file), path, input);
        }
    }
    read_from(file, path, input)
}

/// Reads from a reader up to the limit of the kind. `path` appears in error messages.
///
/// # Errors
///
/// [`FileError`] if the content is too large or the system reports an error.
pub fn read_from(reader: impl Read, path: &Path, input: Input) -> Result<Vec<u8>, FileError> {
    let limit = input.max_bytes();
    // Reserve enough for secrets at once: a buffer that grows leaves copies behind.
    let mut bytes = Vec::new();
    if matches!(input, Input::Value | Input::StoreKey) {
        bytes.reserve(usize::try_from(limit).unwrap_or_default() + 64);
    }
    match reader.take(limit + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > limit => Err(too_large(path, input)),
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(FileError::refused(
            "read",
            path,
            "it is a named pipe without a writer",
            "start the program that writes to it first",
        )),
        Err(error) => Err(FileError::system("read", path, error)),
    }
}

/// Returns the error for a file above its limit, such as "it is larger than 32 MiB, the limit for a
/// template". Limits below 1 MiB are in KiB.
fn too_large(path: &Path, input: Input) -> FileError {
    let limit = input.max_bytes();
    let size = if limit < 1 << 20 {
        format!("{} KiB", limit >> 10)
    } else {
        format!("{} MiB", limit >> 20)
    };
    let problem = format!("it is larger than {size}, the limit for {}", input.noun());
    FileError::refused("read", path, problem, input.help())
}

/// Opens a file without waiting for the writer of a named pipe. Follows symbolic links.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

/// Returns `true` if group or others may read a file, judging by its mode.
///
/// Returns `false` for devices and pipes, for unreadable paths, and on systems other than Unix.
pub fn is_open_to_others(path: &Path) -> bool {
    matches!(Facts::behind(path), Ok(Some(facts)) if facts.kind == Kind::File && facts.mode & 0o044 != 0)
}

#[cfg(unix)]
mod stream {
    use std::fs::File;
    use std::io::{self, Read};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// The number of seconds to wait for a writer of a named pipe.
    const PATIENCE: i64 = 5;

    /// A reader of a device or pipe that was opened in non-blocking mode.
    pub(super) struct WaitingReader {
        file: File,
        /// A writer has opened the pipe.
        has_writer: bool,
    }

    impl WaitingReader {
        pub(super) fn new(file: File) -> Self {
            Self {
                file,
                has_writer: false,
            }
        }

        /// Waits until there is data or the end of the stream. Returns `false` after the timeout.
        fn wait(&self, timeout: Option<&Timespec>) -> io::Result<bool> {
            let mut waited = [PollFd::new(&self.file, PollFlags::IN)];
            Ok(poll(&mut waited, timeout)? > 0)
        }

        fn is_pipe(&self) -> bool {
            use std::os::unix::fs::FileTypeExt as _;
            self.file
                .metadata()
                .is_ok_and(|metadata| metadata.file_type().is_fifo())
        }
    }

    impl Read for WaitingReader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            loop {
                match self.file.read(buffer) {
                    // No writer has opened the pipe yet, which reads like its end.
                    Ok(0) if !self.has_writer && !buffer.is_empty() && self.is_pipe() => {
                        let patience = Timespec {
                            tv_sec: PATIENCE,
                            tv_nsec: 0,
                        };
                        if !self.wait(Some(&patience))? {
                            return Err(io::Error::from(io::ErrorKind::TimedOut));
                        }
                        self.has_writer = true;
                    }
                    Ok(count) => {
                        self.has_writer = true;
                        return Ok(count);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.has_writer = true;
                        self.wait(None)?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod stream {
    pub(super) struct WaitingReader(std::fs::File);

    impl WaitingReader {
        pub(super) fn new(file: std::fs::File) -> Self {
            Self(file)
        }
    }

    impl std::io::Read for WaitingReader {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }
}
