//! Reading the files of a project.

use std::path::Path;
use std::sync::Arc;

use byref_files::{FileError, Input, Streams, folder_of, read};
use byref_template::LineColumn;

use crate::error::Error;

/// A function that reads one file of a project as text: [`read_file`], or one that a front end
/// gives.
pub type Reader = Arc<dyn Fn(&Path, Input) -> Result<String, Error> + Send + Sync>;

/// Reads a file, up to the size that its kind may have. Named pipes and devices are refused.
///
/// # Errors
///
/// [`Error::File`], for a missing file with the name in its folder that was probably meant.
pub fn read_file(path: &Path, input: Input) -> Result<String, Error> {
    utf8(path, read_bytes(path, input, Streams::Refuse)?)
}

/// Reads the bytes of a file, up to the size that its kind may have.
///
/// # Errors
///
/// As of [`read_file`].
pub fn read_bytes(path: &Path, input: Input, streams: Streams) -> Result<Vec<u8>, Error> {
    read(path, input, streams).map_err(|error| match error {
        FileError::System { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
            not_there(path, &error)
        }
        error => error.into(),
    })
}

/// Takes bytes as the UTF-8 that templates and configurations are.
///
/// # Errors
///
/// [`Error::File`] with the line and column of the first byte that is not UTF-8.
pub fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let LineColumn { line, column } =
            LineColumn::of(&before, u32::try_from(valid).unwrap_or(u32::MAX));
        Error::File {
            action: "read",
            path: path.to_owned(),
            problem: format!("it is not UTF-8, at line {line}, column {column}"),
            help: "convert it to UTF-8: CloudFormation takes nothing else",
        }
    })
}

/// Returns the error for a missing file, with the neighbour that was probably meant.
fn not_there(path: &Path, error: &std::io::Error) -> Error {
    let mut failure = Error::file("read", path, error);
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let folder = folder_of(path);
    let mut names: Vec<String> = fs_err::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let scored = names
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&name, known), known));
    if let (Some((_, meant)), Error::File { problem, .. }) = (
        scored
            .filter(|(distance, _)| *distance <= name.len() / 3)
            .min(),
        &mut failure,
    ) {
        *problem = format!(
            "{problem}; did you mean `{}`?",
            folder.join(meant).display()
        );
    }
    failure
}
