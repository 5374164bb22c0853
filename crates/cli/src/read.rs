//! Reading files.

use std::io::Read as _;
use std::path::Path;

use byref_template::LineColumn;

use crate::failure::Failure;

/// Templates larger than this are refused before they are read.
const MAX_BYTES: u64 = 1 << 30;

/// Reads a text; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| Failure::file("read", path, &error))?;
        bytes
    } else {
        let metadata = fs_err::metadata(path).map_err(|error| not_there(path, &error))?;
        if metadata.is_dir() {
            return Err(Failure::File {
                action: "read",
                path: path.to_owned(),
                problem: "it is a folder".to_owned(),
                help: "name a file",
            });
        }
        if metadata.len() > MAX_BYTES {
            return Err(too_large(path));
        }
        fs_err::read(path).map_err(|error| Failure::file("read", path, &error))?
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(path));
    }
    String::from_utf8(bytes).map_err(|error| {
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

fn too_large(path: &Path) -> Failure {
    Failure::File {
        action: "read",
        path: path.to_owned(),
        problem: "it is larger than 1 GiB".to_owned(),
        help: "CloudFormation takes templates of up to 1,000,000 bytes",
    }
}

/// A missing file, with the neighbour that was probably meant.
fn not_there(path: &Path, error: &std::io::Error) -> Failure {
    let mut failure = Failure::file("read", path, error);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = fs_err::read_dir(folder)
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
