//! The file itself: read as a whole, locked, and replaced in one step.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) use byref_files::Lock;
use byref_files::{FileError, Input, LockError, Policy, Streams, folder_of};

use crate::error::StoreError;

/// The number of symbolic links to follow, as many as Linux follows.
const LINKS: usize = 40;
/// The time to wait for another process that holds the lock.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn failure(
    action: &'static str,
    path: &Path,
    problem: impl Into<String>,
    help: &'static str,
) -> StoreError {
    StoreError::File {
        action,
        path: path.to_owned(),
        problem: problem.into(),
        help,
    }
}

/// Converts an error of the system. The message is the kind of the error, and the help depends on
/// it.
fn io_failure(action: &'static str, path: &Path, error: &io::Error) -> StoreError {
    let help = match error.kind() {
        io::ErrorKind::PermissionDenied => "check the permissions of the file and of its folder",
        io::ErrorKind::ReadOnlyFilesystem => "move the store to a writable disk",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some disk space; the old file is intact"
        }
        io::ErrorKind::NotADirectory => "correct the path: one of its folders is a file",
        _ => "check the path, the disk and its file system",
    };
    failure(action, path, error.kind().to_string(), help)
}

/// Resolves symbolic links to the file. The file need not exist, but its folder must.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let is_folder = path
        .as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator);
    if is_folder || path.file_name().is_none() {
        return Err(is_a_folder(path));
    }
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return check_folder(path, target),
        }
    }
    Err(failure(
        "read",
        path,
        "too many symbolic links lead to it",
        "fix the links",
    ))
}

fn is_a_folder(path: &Path) -> StoreError {
    failure(
        "read",
        path,
        "it is a folder",
        "pass the path of a file, such as `secrets.age`",
    )
}

/// Returns the target if its folder exists. byref does not create folders for a store.
fn check_folder(path: &Path, target: PathBuf) -> Result<PathBuf, StoreError> {
    let help = "create the folder, or correct the path";
    match std::fs::metadata(folder_of(&target)) {
        Ok(folder) if folder.is_dir() => Ok(target),
        Ok(_) => Err(failure("read", path, "its folder is a file", help)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(failure("read", path, "its folder does not exist", help))
        }
        Err(error) => Err(io_failure("read", path, &error)),
    }
}

/// Returns `true` if the file exists. A folder or a device is an error.
pub(super) fn is_there(path: &Path) -> Result<bool, StoreError> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(is_a_folder(path)),
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(failure(
            "read",
            path,
            "it is a device or a pipe",
            "pass the path of a file",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_failure("read", path, &error)),
    }
}

/// Returns the content of the file, or `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    if !is_there(path)? {
        return Ok(None);
    }
    byref_files::read(path, Input::Store, Streams::Refuse)
        .map(Some)
        .map_err(|error| file_failure(path, error))
}

/// Rejects symbolic links that another user may have created.
pub(super) fn check_links(path: &Path) -> Result<(), StoreError> {
    byref_files::follow(path, Policy::Store)
        .map(|_| ())
        .map_err(|error| file_failure(path, error))
}

/// Locks `PATH.lock`, waiting up to [`PATIENCE`] for another process.
pub(super) fn lock(path: &Path) -> Result<Lock, StoreError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    byref_files::lock(&lock_path, PATIENCE).map_err(|error| match error {
        LockError::System(error) => io_failure("lock", &lock_path, &error),
        LockError::NoFile(problem) => failure("lock", &lock_path, problem, "remove it"),
        LockError::InUse(process) => {
            let problem = match process {
                Some(process) => format!("process {process} is using it"),
                None => "another process is using it".to_owned(),
            };
            failure(
                "lock",
                path,
                problem,
                "wait until that process ends, or stop it, and run the command again",
            )
        }
    })
}

/// Replaces the content in one step: a reader sees the old file or the new one at any moment, even
/// after a crash. A new file gets mode 0600 regardless of the umask, and an existing one keeps its
/// permissions and its owner.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    byref_files::write(path, content, Policy::Store).map_err(|error| file_failure(path, error))
}

fn file_failure(path: &Path, error: FileError) -> StoreError {
    match error {
        FileError::System { action, error, .. } => io_failure(action, path, &error),
        FileError::Refused {
            action,
            problem,
            help,
            ..
        } => failure(action, path, problem, help),
    }
}
