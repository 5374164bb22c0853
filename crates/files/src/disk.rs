//! System calls of a write, as a trait that lets tests make each of them fail.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;

use crate::facts::Facts;

/// The system calls of a write, each of which can fail.
pub(crate) trait Disk {
    /// Returns the metadata of a path, or `None` if nothing is there. Does not follow a link.
    fn facts(&self, path: &Path) -> io::Result<Option<Facts>> {
        Facts::of_path(path)
    }

    /// Returns the metadata of an open file.
    fn facts_of(&self, file: &File) -> io::Result<Facts> {
        file.metadata().map(|metadata| Facts::of(&metadata))
    }

    /// Creates a file. Fails if the path exists.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options.open(path)
    }

    /// Writes all bytes.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Sets the permissions.
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(std::fs::Permissions::from_mode(mode))
        }
        #[cfg(not(unix))]
        {
            let _ = (file, mode);
            Ok(())
        }
    }

    /// Gives the file to another owner if the user may do that. Otherwise the writer keeps it, as
    /// with text editors.
    fn set_owner(&self, file: &File, owner: u32, group: u32) {
        #[cfg(unix)]
        let _ = std::os::unix::fs::fchown(file, Some(owner), Some(group));
        #[cfg(not(unix))]
        let _ = (file, owner, group);
    }

    /// Flushes the content of a file to the disk.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// Flushes the entries of a folder to the disk. Errors are ignored: some file systems can't.
    fn sync_folder(&self, folder: &Path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }

    /// Creates a hard link.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }

    /// Opens a file for reading. Does not follow a link.
    fn open(&self, path: &Path) -> io::Result<File> {
        no_link(OpenOptions::new().read(true)).open(path)
    }

    /// Reads up to `limit` bytes of an open file.
    fn read(&self, file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, limit), &mut bytes)?;
        Ok(bytes)
    }

    /// Replaces the file at `to` in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// Creates a folder in an existing one.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    /// Locks an open file until it is closed. Returns `false` if another process has the lock. On a
    /// file system without locks, every process gets the lock.
    fn lock(&self, file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(true)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The real system calls.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RealDisk;

impl Disk for RealDisk {}

/// Sets options so that opening fails on a link and does not wait for the other end of a pipe.
pub(crate) fn no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}
