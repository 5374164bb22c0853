//! Several files that change together or not at all.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::project::folder_of;
use crate::read::read_text;
use crate::write::{Readers, write_atomically};

/// A file and what becomes of it.
pub(super) struct Replacement {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// What can be known before anything is written: every file is as it was read, and can be replaced.
pub(super) fn check_writable(files: &[Replacement]) -> Result<(), Failure> {
    for file in files {
        if read_text(&file.path)? != file.before {
            return Err(Failure::usage(
                format!("`{}` was changed in the meantime; nothing was written", file.path.display()),
                "run the same command again",
            ));
        }
        let failed = |error: std::io::Error| Failure::file("write", &file.path, &error);
        if fs_err::metadata(&file.path).map_err(failed)?.permissions().readonly() {
            return Err(failed(std::io::Error::from(std::io::ErrorKind::PermissionDenied)));
        }
        // A file is replaced by one that is made beside it.
        let target = fs_err::canonicalize(&file.path).map_err(failed)?;
        tempfile::Builder::new().prefix(".byref-").suffix(".tmp").tempfile_in(folder_of(&target)).map_err(failed)?;
    }
    Ok(())
}

/// All files, in their order, or none.
pub(super) fn replace_all(files: &[Replacement]) -> Result<(), Failure> {
    let changed: Vec<&Replacement> = files.iter().filter(|file| file.after != file.before).collect();
    for (index, file) in changed.iter().enumerate() {
        let Err(failure) = write_atomically(&file.path, &file.after, Readers::AsBefore) else { continue };
        let back =
            changed[..index].iter().map(|file| (file, write_atomically(&file.path, &file.before, Readers::AsBefore)));
        let stuck: Vec<String> = back
            .filter(|(_, put_back)| put_back.is_err())
            .map(|(file, _)| format!("`{}`", file.path.display()))
            .collect();
        let rest = if stuck.is_empty() {
            "every file is as it was before".to_owned()
        } else {
            format!(
                "{} could not be put back and {} changed",
                stuck.join(", "),
                if stuck.len() == 1 { "is" } else { "are" }
            )
        };
        return Err(Failure::usage(
            format!("{failure}; the store has the secrets already, and {rest}"),
            "when it can be written, run the same command again: what is stored stays, and the rest is done",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_change_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            Replacement { path, before: "before".to_owned(), after: format!("after of {name}") }
        };
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let files = [file("a"), file("b"), file("missing/c")];
        for known in &files[..2] {
            std::fs::write(&known.path, &known.before).unwrap();
        }
        // No folder for the third: the first two are put back.
        let said = replace_all(&files).unwrap_err().to_string();
        assert!(said.contains("missing/c") && said.contains("every file is as it was before"), "{said}");
        assert_eq!((read("a"), read("b")), ("before".to_owned(), "before".to_owned()));
        replace_all(&files[..2]).unwrap();
        assert_eq!((read("a"), read("b")), ("after of a".to_owned(), "after of b".to_owned()));
        // What was changed by somebody else is not overwritten.
        assert!(check_writable(&files[..1]).unwrap_err().to_string().contains("in the meantime"));
    }
}
