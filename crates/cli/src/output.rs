//! Standard output.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes a text as it is, byte for byte.
pub(crate) fn write_bytes(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}

/// Writes a text whose colours are kept only where they are wanted.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}

/// Writes to standard error; what can't be said there is lost.
pub(crate) fn say(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Data as indented JSON, with a line break at the end.
pub(crate) fn json(data: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(data).map(|text| text + "\n").map_err(|error| Failure::Output(error.into()))
}

/// Something good to know, on standard error, unless `--quiet`.
pub(crate) fn note(common: &crate::args::Common, text: &str) {
    if !common.quiet {
        say(&format!("note: {text}\n"));
    }
}
