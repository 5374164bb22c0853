//! Writing files: all of the new content, or the old one.

use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Links are followed this far, as far as Linux follows them.
const LINKS: usize = 40;

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Those who might before; of a new file, those whom the umask lets.
    AsBefore,
    /// Its owner (mode 0600): it holds secret values.
    Owner,
}

/// Replaces a file's content in one step: whoever looks at any moment, also after a crash, sees the old file or the
/// new one. A link is followed to what it points at. Devices and pipes are written to directly.
pub(crate) fn write_atomically(path: &Path, text: &str, readers: Readers) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::file("write", path, &error);
    let target = follow(path).map_err(failed)?;
    let old = match fs_err::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    match &old {
        Some(metadata) if metadata.is_dir() => Err(failed(io::Error::from(io::ErrorKind::IsADirectory))),
        Some(metadata) if !metadata.is_file() => {
            let mut device = fs_err::OpenOptions::new().write(true).open(&target).map_err(failed)?;
            device.write_all(text.as_bytes()).and_then(|()| device.flush()).map_err(failed)
        }
        _ => replace(&target, text, old.as_ref(), readers).map_err(failed),
    }
}

/// The file that a path means, through links to links; it need not exist.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many links"))
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn replace(target: &Path, text: &str, old: Option<&Metadata>, readers: Readers) -> io::Result<()> {
    let folder = folder_of(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".byref-").suffix(".tmp");
    #[cfg(unix)]
    if old.is_none() && readers == Readers::AsBefore {
        // As any new file: the umask takes away from this.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    // Without permissions of its own a temporary file is its owner's alone.
    let mut file = builder.tempfile_in(&folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(old) = old {
        if readers == Readers::AsBefore {
            file.as_file().set_permissions(old.permissions())?;
        }
        keep_owner(file.as_file(), old);
    }
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    // The rename itself is on disk only when the folder is; not every file system can do that.
    let _ = File::open(&folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Where the user may give files away, the owner stays; elsewhere the writer owns the new file, as editors do it.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &Metadata) {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o777)
    }

    #[test]
    fn values_are_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old, link) = (folder.path().join("new"), folder.path().join("old"), folder.path().join("link"));
        std::fs::write(&old, "x").unwrap();
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink("old", &link).unwrap();
        for path in [&new, &link, &new] {
            write_atomically(path, "EXAMPLE-not-a-secret", Readers::Owner).unwrap();
            assert_eq!((mode(path), std::fs::read_to_string(path).unwrap().as_str()), (0o600, "EXAMPLE-not-a-secret"));
        }
        assert!(link.is_symlink() && mode(&old) == 0o600);
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o640)).unwrap();
        write_atomically(&old, "no value", Readers::AsBefore).unwrap();
        assert_eq!(mode(&old), 0o640);
    }
}
