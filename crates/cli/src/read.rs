//! Reading files and standard input, each kind up to a limit of its own ([`Input`]).

use std::path::Path;

use byref::{Error, read_bytes, utf8};
pub(crate) use byref_files::{Input, Streams};

/// Reads a file that was named; `-` is standard input. A pipe is read as standard input is.
pub(crate) fn read_named(path: &Path, input: Input) -> Result<Vec<u8>, Error> {
    if path.as_os_str() == "-" {
        return Ok(byref_files::read_from(
            std::io::stdin().lock(),
            path,
            input,
        )?);
    }
    read_bytes(path, input, Streams::Read)
}

/// Reads a text; `-` is standard input.
pub(crate) fn read_text(path: &Path, input: Input) -> Result<String, Error> {
    utf8(path, read_named(path, input)?)
}
