//! What a write asks of the system, as a trait: tests make each request fail.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;

use crate::facts::Facts;

/// The requests that a write makes, each of which can fail.
pub(crate) trait Disk {
    /// What is at a path; a link is not followed.
    fn facts(&self, path: &Path) -> io::Result<Option<Facts>> {
        Facts::of_path(path)
    }

    /// What an open file is.
    fn facts_of(&self, file: &File) -> io::Result<Facts> {
        file.metadata().map(|metadata| Facts::of(&metadata))
    }

    /// Makes a file that must not be there yet.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options.open(path)
    }

    /// Writes all of it.
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

    /// Gives the file away, if the user may do that; otherwise it stays the writer's, as editors do it.
    fn set_owner(&self, file: &File, owner: u32, group: u32) {
        #[cfg(unix)]
        let _ = std::os::unix::fs::fchown(file, Some(owner), Some(group));
        #[cfg(not(unix))]
        let _ = (file, owner, group);
    }

    /// Brings the content to the disk.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// Brings a folder's names to the disk. Not every file system can do that.
    fn sync_folder(&self, folder: &Path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }

    /// Gives a file one more name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }

    /// Opens a file to read it; a link is not followed.
    fn open(&self, path: &Path) -> io::Result<File> {
        no_link(OpenOptions::new().read(true)).open(path)
    }

    /// Reads an open file to its end.
    fn read(&self, file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, limit), &mut bytes)?;
        Ok(bytes)
    }

    /// Replaces what is at `to`, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// Makes a folder whose own folder is there.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    /// Locks a file for as long as it is open. `false` where somebody else has it. A file system without locks gives
    /// everybody the lock.
    fn lock(&self, file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The system itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RealDisk;

impl Disk for RealDisk {}

/// Opens no link, and does not wait for the other end of a pipe.
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
