//! Values from standard input, a file, or a prompt without echo; never from an argument.

use std::io::IsTerminal as _;
use std::path::Path;

use byref::secrets::{FinalLineBreak, value_of_text};
use byref_parameter::SecretValue;
use zeroize::Zeroizing;

use crate::args::secret::ValueSource;
use crate::failure::Failure;
use crate::read::{Input, read_named};

/// Reads a value. `name` is the secret's, for the prompt.
pub(crate) fn read_value(source: &ValueSource, name: &str) -> Result<SecretValue, Failure> {
    let text = match &source.file {
        Some(path) if path.as_os_str() != "-" => read_all(path)?,
        None if std::io::stdin().is_terminal() => return prompt(name),
        _ => read_all(Path::new("-"))?,
    };
    let line_break = if source.keep_newline {
        FinalLineBreak::Keep
    } else {
        FinalLineBreak::Strip
    };
    Ok(value_of_text(&text, line_break)?)
}

fn read_all(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = Zeroizing::new(read_named(path, Input::Value)?);
    // The bytes are the value: an error must not hold them.
    std::str::from_utf8(&bytes)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| {
            Failure::usage(
                "the value is not UTF-8",
                "encode it first, for example with `base64`",
            )
        })
}

fn prompt(name: &str) -> Result<SecretValue, Failure> {
    let ask = |text: String| {
        rpassword::prompt_password(text).map_err(|error| {
            Failure::usage(
                format!("cannot prompt for the value: {error}"),
                "give it on standard input or with `--file`",
            )
        })
    };
    let value = SecretValue::new(ask(format!("value of {name}: "))?);
    let again = SecretValue::new(ask("the same again: ".to_owned())?);
    if value != again {
        return Err(Failure::usage(
            "the two values are not the same",
            "run the command again",
        ));
    }
    if value.expose().is_empty() {
        return Err(Failure::usage(
            "the value is empty",
            "run the command again",
        ));
    }
    Ok(value)
}
