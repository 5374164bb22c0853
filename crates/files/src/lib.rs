//! Files as byref reads and writes them.
//!
//! Reads are bounded: [`read`] refuses what is larger than its [`Input`] may be before memory grows, never waits for a named
//! pipe that nobody writes to, and says what is no file. Writes go through one place: a [`Policy`] says who may read
//! what is written and which links are followed; a [`Transaction`] replaces several files or none, and an unfinished one is
//! undone by the next run ([`recover`]).
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

/// Writes one file: all of the new content, or the old one stays.
///
/// # Errors
///
/// The target may not be written by this policy, or the system refuses.
pub fn write(path: &std::path::Path, content: &[u8], policy: Policy) -> Result<(), FileError> {
    let folders = MissingFolders::Refuse;
    let output = Output { path: path.to_owned(), content: content.to_vec(), policy, before: None, folders };
    Transaction::prepare(&[output])?.commit().map_err(|error| error.cause)
}
