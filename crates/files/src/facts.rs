//! Metadata of files.
//!
//! The standard library's type has the fields of Unix only there.
//! These types hold the part that decisions need, with neutral values on other systems.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// The metadata of a file.
///
/// From one system call, so that the fields belong to the same moment and the same file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    /// In bytes. 0 for most devices and pipes.
    pub(crate) length: u64,
    /// The permission bits without the file type. 0 on systems other than Unix.
    pub(crate) mode: u32,
    pub(crate) owner: u32,
    pub(crate) group: u32,
    /// The number of hard links.
    pub(crate) names: u64,
    pub(crate) identity: Identity,
}

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A symbolic link, only if it was not followed.
    Link,
    /// A device, a pipe or a socket.
    Stream,
}

/// An identity that distinguishes a file from all others, and from itself with other content.
///
/// It can't be predicted, because the time of the last change has nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Facts {
    /// Returns the metadata of the path itself, without following a link, or `None` if nothing is
    /// there.
    ///
    /// `lstat` on Unix. An error other than a missing path is not taken for one: a folder without
    /// permission may well contain the file.
    pub(crate) fn of_path(path: &Path) -> io::Result<Option<Self>> {
        found(std::fs::symlink_metadata(path))
    }

    /// Returns the metadata of the file that a path leads to, following links.
    pub(crate) fn behind(path: &Path) -> io::Result<Option<Self>> {
        found(std::fs::metadata(path))
    }

    /// Converts metadata of the standard library.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let kind = if metadata.is_file() {
            Kind::File
        } else if metadata.is_dir() {
            Kind::Folder
        } else if metadata.is_symlink() {
            Kind::Link
        } else {
            Kind::Stream
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Self {
                kind,
                length: metadata.len(),
                mode: metadata.mode() & 0o7777,
                owner: metadata.uid(),
                group: metadata.gid(),
                names: metadata.nlink(),
                identity: Identity {
                    device: metadata.dev(),
                    inode: metadata.ino(),
                    length: metadata.len(),
                    seconds: metadata.mtime(),
                    nanoseconds: metadata.mtime_nsec(),
                },
            }
        }
        #[cfg(not(unix))]
        {
            let since = metadata
                .modified()
                .ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let identity = Identity {
                device: 0,
                inode: 0,
                length: metadata.len(),
                seconds: since.map_or(0, |since| since.as_secs().cast_signed()),
                nanoseconds: since.map_or(0, |since| since.subsec_nanos().into()),
            };
            Self {
                kind,
                length: metadata.len(),
                mode: 0,
                owner: 0,
                group: 0,
                names: 1,
                identity,
            }
        }
    }

    /// Returns `true` if the file belongs to the effective user.
    ///
    /// Always `true` on systems other than Unix.
    pub(crate) fn is_own(&self) -> bool {
        self.owner == user()
    }
}

fn found(metadata: io::Result<Metadata>) -> io::Result<Option<Facts>> {
    match metadata {
        Ok(metadata) => Ok(Some(Facts::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn user() -> u32 {
    0
}
