//! Standard output and standard error.
//!
//! Everything meant to be read goes through [`page`], whatever it was made of, and nothing of it holds a value that a plan
//! knows to be secret ([`keep_secret`]). Only results that must keep their bytes (templates, values, policies, scripts) are
//! written with [`write_bytes`].

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::Mutex;

use byref_known::KnownValues;

use crate::failure::Failure;
use crate::render::escape::{json_text, one_line, page};

/// What no report may hold. One list for the process: whatever writes a report, now or later, must not have to ask.
static SECRET: Mutex<Vec<KnownValues>> = Mutex::new(Vec::new());

/// From now on, masks these values in everything that is written but results. Names in reports are masked where they are
/// shown, by [`KnownValues::shown`], which knows more: this is the net below.
pub(crate) fn keep_secret(known: &KnownValues) {
    if let Ok(mut secret) = SECRET.lock()
        && !secret.iter().any(|other| known.adds_nothing_to(other))
    {
        secret.push(known.clone());
    }
}

fn redacted(text: &str) -> Cow<'_, str> {
    let Ok(secret) = SECRET.lock() else { return Cow::Borrowed("") };
    secret.iter().fold(Cow::Borrowed(text), |text, known| match known.redacted(&text) {
        Cow::Owned(redacted) => Cow::Owned(redacted),
        Cow::Borrowed(_) => text,
    })
}

/// Writes a result as it is, byte for byte.
pub(crate) fn write_bytes(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}

/// Writes a report, without characters and lines that a terminal or a build server would act upon.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    write_bytes(&page(&redacted(text)))
}

/// Writes lines for a build server: each is escaped already where it is made.
pub(crate) fn write_annotations(lines: &str) -> Result<(), Failure> {
    write_bytes(&redacted(lines))
}

/// Writes a report whose colours are kept only where they are wanted.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(page(&redacted(text)).as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}

/// Writes to standard error; an error of the stream is ignored.
pub(crate) fn say(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(page(&redacted(text)).as_bytes()).and_then(|()| stderr.flush());
}

/// Data as indented JSON, with a line break at the end.
pub(crate) fn json(data: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(data).map_err(|error| Failure::Output(error.into()))?;
    Ok(json_text(&text) + "\n")
}

/// Something good to know, on standard error, unless `--quiet`.
pub(crate) fn note(common: &crate::args::Common, text: &str) {
    if !common.quiet {
        say(&format!("note: {}\n", one_line(text)));
    }
}
