//! Reading files, each kind up to a limit of its own ([`Input`]).

use std::path::Path;

use byref_files::{FileError, folder_of, read, read_from};
pub(crate) use byref_files::{Input, Streams};
use byref_template::LineColumn;

use crate::failure::Failure;

/// Reads a file that was named; `-` is standard input. A pipe is read as standard input is.
pub(crate) fn read_named(path: &Path, input: Input) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(read_from(std::io::stdin().lock(), path, input)?);
    }
    read(path, input, Streams::Read).map_err(|error| match error {
        FileError::System { error, .. } if error.kind() == std::io::ErrorKind::NotFound => not_there(path, &error),
        error => error.into(),
    })
}

/// Reads a text; `-` is standard input.
pub(crate) fn read_text(path: &Path, input: Input) -> Result<String, Failure> {
    String::from_utf8(read_named(path, input)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let LineColumn { line, column } = LineColumn::of(&before, u32::try_from(valid).unwrap_or(u32::MAX));
        let problem = format!("it is not UTF-8, at line {line}, column {column}");
        Failure::File {
            action: "read",
            path: path.to_owned(),
            problem,
            help: "convert it to UTF-8: CloudFormation takes nothing else",
        }
    })
}

/// A missing file, with the neighbour that was probably meant.
fn not_there(path: &Path, error: &std::io::Error) -> Failure {
    let mut failure = Failure::file("read", path, error);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = folder_of(path);
    let mut names: Vec<String> = fs_err::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let scored = names.iter().map(|known| (strsim::damerau_levenshtein(&name, known), known));
    if let (Some((_, meant)), Failure::File { problem, .. }) =
        (scored.filter(|(distance, _)| *distance <= name.len() / 3).min(), &mut failure)
    {
        *problem = format!("{problem}; did you mean `{}`?", folder.join(meant).display());
    }
    failure
}
