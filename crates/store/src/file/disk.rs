//! The file itself: read whole, locked, and replaced in one step.

use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::StoreError;

/// Links are followed this far, as far as Linux follows them.
const LINKS: usize = 40;
/// How long a store that is in use is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(25);

pub(super) fn failure(action: &'static str, path: &Path, problem: impl Into<String>, help: &'static str) -> StoreError {
    StoreError::File { action, path: path.to_owned(), problem: problem.into(), help }
}

fn io_failure(action: &'static str, path: &Path, error: &io::Error) -> StoreError {
    let help = match error.kind() {
        io::ErrorKind::PermissionDenied => "check the permissions of the file and of its folder",
        io::ErrorKind::ReadOnlyFilesystem => "put the store on a disk that can be written",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk; the old file is whole",
        io::ErrorKind::NotADirectory => "correct the path: a file stands where a folder should be",
        _ => "check the path, the disk and its file system",
    };
    failure(action, path, error.kind().to_string(), help)
}

/// The file that a path means, through links to links; it need not exist, but its folder must.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let is_folder = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
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
    Err(failure("read", path, "too many links lead to it", "correct the links"))
}

fn is_a_folder(path: &Path) -> StoreError {
    failure("read", path, "it is a folder", "give the path of a file, such as `secrets.age`")
}

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

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Whether the file is there. A folder or a device is an error.
pub(super) fn is_there(path: &Path) -> Result<bool, StoreError> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(is_a_folder(path)),
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(failure("read", path, "it is a device or a pipe", "give the path of a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_failure("read", path, &error)),
    }
}

/// The content of the file; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    if !is_there(path)? {
        return Ok(None);
    }
    std::fs::read(path).map(Some).map_err(|error| io_failure("read", path, &error))
}

/// The lock of a store; it is let go when this is dropped, also when the process is killed. The lock's file stays:
/// removing it could take it from under somebody who has just opened it.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Locks `PATH.lock`, waiting a little for somebody who has it.
pub(super) fn lock(path: &Path) -> Result<Lock, StoreError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let failed = |error: io::Error| io_failure("lock", &lock_path, &error);
    let mut file = open_lock(&lock_path).map_err(failed)?;
    if !std::fs::symlink_metadata(&lock_path).map_err(failed)?.is_file() {
        return Err(failure("lock", &lock_path, "it is no file", "remove it"));
    }
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut file)),
        }
    }
    keep_usable(&file);
    // Who has it, for those who wait in vain. Nothing depends on it.
    let _ = file.set_len(0).and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
    Ok(Lock(file))
}

/// A strange umask must not lock the owner out for ever.
#[cfg(unix)]
fn keep_usable(file: &File) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = file.metadata() else { return };
    let mode = metadata.permissions().mode();
    if mode & 0o600 != 0o600 {
        let _ = file.set_permissions(std::fs::Permissions::from_mode(mode | 0o600));
    }
}

#[cfg(not(unix))]
fn keep_usable(_file: &File) {}

fn open_lock(lock_path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(lock_path)
}

fn in_use(path: &Path, file: &mut File) -> StoreError {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.take(32).read_to_string(&mut text));
    let problem = match text.trim().parse::<u32>() {
        Ok(process) => format!("process {process} is using it"),
        Err(_) => "another process is using it".to_owned(),
    };
    failure("lock", path, problem, "wait until it is done, or end it, and run the command again")
}

/// Replaces the content in one step: whoever looks at any moment, also after a crash, sees the old file or the new
/// one. A new file is for its owner alone, whatever the umask; an old one keeps its permissions and its owner.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    write_aside_and_rename(path, content).map_err(|error| io_failure("write", path, &error))
}

fn write_aside_and_rename(path: &Path, content: &[u8]) -> io::Result<()> {
    let old = match std::fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let folder = folder_of(path);
    let mut file = tempfile::Builder::new().prefix(".byref-").suffix(".tmp").tempfile_in(&folder)?;
    file.write_all(content)?;
    set_access(file.as_file(), old.as_ref())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is on disk only when the folder is; not every file system can do that.
    let _ = File::open(&folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(unix)]
fn set_access(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    if let Some(old) = old {
        // Where the user may give files away, the owner stays; elsewhere the writer owns the new file, as editors do.
        let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        file.set_permissions(old.permissions())
    } else {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
    }
}

#[cfg(not(unix))]
fn set_access(_file: &File, _old: Option<&Metadata>) -> io::Result<()> {
    Ok(())
}
