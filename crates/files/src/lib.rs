//! Bounded reads, and writes of one file or of several together.
//!
//! Every read names an [`Input`], which limits its size before memory grows. [`read()`] rejects
//! folders, does not wait forever for a named pipe, and reports every failure with the path in its
//! message.
//!
//! Every write names a [`Policy`], which decides who may read the file and which symbolic links are
//! followed. [`write()`] replaces one file in one step. A [`Transaction`] replaces several files or
//! none, even if the process is killed in between: the next run undoes an unfinished transaction
//! (see [`recover()`]).
//!
//! ```
//! use byref_files::{Input, MissingFolders, Output, Policy, Streams, Transaction, read};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let output = |name: &str, content: &str| Output {
//!     path: folder.join(name),
//!     content: content.as_bytes().to_vec(),
//!     policy: Policy::Output,
//!     before: None,
//!     folders: MissingFolders::Refuse,
//! };
//! let outputs = [output("web.yaml", "Resources: {}\n"), output("worker.yaml", "Resources: {}\n")];
//! Transaction::prepare(&outputs)?.commit()?; // both files, or none
//!
//! let text = read(&folder.join("web.yaml"), Input::Template, Streams::Refuse)?;
//! assert_eq!(text, b"Resources: {}\n");
//! # Ok(())
//! # }
//! ```
//!
//! # Limits
//!
//! On systems other than Unix, permissions and owners are neither checked nor preserved, and files
//! are identified by length and time of the last change only.
#![forbid(unsafe_code)]

mod clean;
mod disk;
mod error;
mod facts;
mod folders;
mod journal;
mod lock;
mod policy;
mod read;
mod recover;
mod target;
#[cfg(test)]
mod tests;
mod transaction;

pub use error::{CommitError, FileError, State, Unrestored};
pub use folders::{MissingFolders, folder_of};
pub use lock::{Lock, LockError, lock};
pub use policy::Policy;
pub use read::{Input, Streams, is_open_to_others, read, read_from};
pub use recover::{Recovered, recover, unfinished};
pub use target::{follow, is_stream};
pub use transaction::{Output, Transaction};

/// Replaces one file in one step: a reader sees all of the old content or all of the new one.
///
/// # Errors
///
/// [`FileError`] if the policy forbids the target or the system reports an error. The old content
/// is then unchanged.
pub fn write(path: &std::path::Path, content: &[u8], policy: Policy) -> Result<(), FileError> {
    let folders = MissingFolders::Refuse;
    let output = Output {
        path: path.to_owned(),
        content: content.to_vec(),
        policy,
        before: None,
        folders,
    };
    Transaction::prepare(&[output])?
        .commit()
        .map_err(|error| error.cause)
}
