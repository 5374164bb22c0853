//! Reading, up to a limit.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::error::FileError;
use crate::facts::{Facts, Kind};

/// What is read, which decides how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A template that is rewritten. CloudFormation takes 1 MB.
    Template,
    /// `deploy.toml`, or a file that it includes.
    Configuration,
    /// A file that the lint judges as a whole.
    Linted,
    /// The accepted findings of a lint.
    Baseline,
    /// Names with values: dotenv, JSON, a compose file.
    Import,
    /// One value. Parameter Store takes 8 KB.
    Value,
    /// The key of a file store.
    StoreKey,
    /// A file store, encrypted.
    Store,
}

impl Input {
    /// The most that is read, in bytes.
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

    /// What it is, as messages say it.
    const fn noun(self) -> &'static str {
        match self {
            Input::Template => "a template",
            Input::Configuration => "a configuration file",
            Input::Linted => "a file to judge",
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
            Input::Configuration | Input::Baseline | Input::Import | Input::StoreKey | Input::Store => "check the path",
        }
    }
}

/// Whether a device or a pipe is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// As standard input is, up to the same limit.
    Read,
    /// It is an error: nobody has asked for one.
    Refuse,
}

/// Reads a whole file, if it is no larger than it may be. A named pipe that nobody opens to write is not waited for longer
/// than five seconds.
///
/// # Errors
///
/// It is too large, no file, or the system refuses.
pub fn read(path: &Path, input: Input, streams: Streams) -> Result<Vec<u8>, FileError> {
    let failed = |error| FileError::system("read", path, error);
    let file = open(path).map_err(failed)?;
    let facts = Facts::of(&file.metadata().map_err(failed)?);
    match facts.kind {
        Kind::Folder => return Err(FileError::refused("read", path, "it is a folder", "name a file")),
        Kind::File if facts.length > input.max_bytes() => return Err(too_large(path, input)),
        Kind::File => {}
        Kind::Link | Kind::Stream if streams == Streams::Refuse => {
            return Err(FileError::refused("read", path, "it is a device or a pipe", "name a file"));
        }
        Kind::Link | Kind::Stream => return read_from(stream::WaitingReader::new(file), path, input),
    }
    read_from(file, path, input)
}

/// Reads all that a reader gives, if it is no more than it may be. `path` is what messages name.
///
/// # Errors
///
/// It is too large, or the system refuses.
pub fn read_from(reader: impl Read, path: &Path, input: Input) -> Result<Vec<u8>, FileError> {
    let limit = input.max_bytes();
    // What holds secrets is read into a place that is large enough, so that it never moves and leaves no copies behind.
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
            "it is a named pipe, and nobody writes to it",
            "start what writes to it first",
        )),
        Err(error) => Err(FileError::system("read", path, error)),
    }
}

fn too_large(path: &Path, input: Input) -> FileError {
    let limit = input.max_bytes();
    let size = if limit < 1 << 20 { format!("{} KiB", limit >> 10) } else { format!("{} MiB", limit >> 20) };
    let problem = format!("it is larger than {size}, which is the most that byref reads of {}", input.noun());
    FileError::refused("read", path, problem, input.help())
}

/// Opens without waiting for somebody who writes to a named pipe. A link is followed.
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

/// Whether others than the owner may read a file (on Unix, by its mode); `false` for devices and pipes, and where that
/// can't be told.
pub fn is_open_to_others(path: &Path) -> bool {
    matches!(Facts::behind(path), Ok(Some(facts)) if facts.kind == Kind::File && facts.mode & 0o044 != 0)
}

#[cfg(unix)]
mod stream {
    use std::fs::File;
    use std::io::{self, Read};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// How long somebody is waited for who opens a named pipe to write.
    const PATIENCE: i64 = 5;

    /// A device or a pipe that was opened without waiting; waits for what it gives.
    pub(super) struct WaitingReader {
        file: File,
        /// Whether anybody has it open to write, or had.
        has_writer: bool,
    }

    impl WaitingReader {
        pub(super) fn new(file: File) -> Self {
            Self { file, has_writer: false }
        }

        /// Whether there is something to read, or its end.
        fn wait(&self, timeout: Option<&Timespec>) -> io::Result<bool> {
            let mut waited = [PollFd::new(&self.file, PollFlags::IN)];
            Ok(poll(&mut waited, timeout)? > 0)
        }

        fn is_pipe(&self) -> bool {
            use std::os::unix::fs::FileTypeExt as _;
            self.file.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo())
        }
    }

    impl Read for WaitingReader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            loop {
                match self.file.read(buffer) {
                    // The end of a pipe that nobody has opened yet.
                    Ok(0) if !self.has_writer && !buffer.is_empty() && self.is_pipe() => {
                        let patience = Timespec { tv_sec: PATIENCE, tv_nsec: 0 };
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
