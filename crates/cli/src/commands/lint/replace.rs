//! Several files that change together or not at all.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use byref_files::{MissingFolders, Output, Policy, Transaction};

use crate::failure::Failure;

/// A file and what becomes of it.
pub(super) struct Replacement {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// Writes the new contents beside the files, which must be as they were read. What can go wrong goes wrong here, before
/// anything else is written.
pub(super) fn prepare(files: &[Replacement]) -> Result<Transaction, Failure> {
    let changed = || files.iter().filter(|file| file.after != file.before);
    for file in changed() {
        let failed = |error: Error| Failure::file("write", &file.path, &error);
        // A folder that can be written is enough to replace a file, but whoever protects it means it.
        if fs_err::metadata(&file.path).map_err(failed)?.permissions().readonly() {
            return Err(failed(Error::from(ErrorKind::PermissionDenied)));
        }
    }
    let output = |file: &Replacement| Output {
        path: file.path.clone(),
        content: file.after.clone().into_bytes(),
        policy: Policy::Source,
        before: Some(file.before.clone().into_bytes()),
        folders: MissingFolders::Refuse,
    };
    Ok(Transaction::prepare(&changed().map(output).collect::<Vec<_>>())?)
}
