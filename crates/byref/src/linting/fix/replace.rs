//! Several files that change together or not at all.
//!
//! A fix changes templates and the configuration together: a template with a reference and a
//! configuration without its line would not deploy. The new texts are written to temporary files
//! first, and then renamed one after the other.

use std::io;
use std::path::PathBuf;

use byref_files::{MissingFolders, Output, Policy, Transaction};

use crate::error::Error;

/// A file with its text and its new text.
pub(super) struct Replacement {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// Writes the new texts beside the files, which must still have their old texts. Everything that
/// can fail for want of space or permissions fails here.
///
/// Unchanged files are left out. The transaction that is returned has changed nothing yet.
///
/// # Errors
///
/// [`Error`] for a file that is read-only, cannot be read, or has another text by now.
pub(super) fn prepare(files: &[Replacement]) -> Result<Transaction, Error> {
    let changed = || files.iter().filter(|file| file.after != file.before);
    for file in changed() {
        let failed = |error: io::Error| Error::file("write", &file.path, &error);
        // Write permission for the folder is enough to replace a file, but a read-only file is
        // protected on purpose.
        if fs_err::metadata(&file.path)
            .map_err(failed)?
            .permissions()
            .readonly()
        {
            return Err(failed(io::Error::from(io::ErrorKind::PermissionDenied)));
        }
    }
    let output = |file: &Replacement| Output {
        path: file.path.clone(),
        content: file.after.clone().into_bytes(),
        policy: Policy::Source,
        before: Some(file.before.clone().into_bytes()),
        folders: MissingFolders::Refuse,
    };
    Ok(Transaction::prepare(
        &changed().map(output).collect::<Vec<_>>(),
    )?)
}
