//! Values that come in: from standard input, a file, or a prompt without echo; never from an argument.

use std::io::IsTerminal as _;
use std::path::Path;

use byref_parameter::{SecretValue, Tier};

use zeroize::Zeroizing;

use crate::args::secret::ValueSource;
use crate::failure::Failure;
use crate::read::{Input, read_named};

/// Reads a value. One line break at the end is not part of it, unless that was asked for.
pub(crate) fn read_value(source: &ValueSource, what: &str) -> Result<SecretValue, Failure> {
    let text = match &source.file {
        Some(path) if path.as_os_str() != "-" => read_all(path)?,
        None if std::io::stdin().is_terminal() => return prompt(what),
        _ => read_all(Path::new("-"))?,
    };
    let text = if source.keep_newline { text.as_str() } else { single_line_break_stripped(&text) };
    if text.len() > Tier::Advanced.value_bytes() {
        return Err(Failure::usage(
            format!("the value is longer than the {} bytes that Parameter Store takes", Tier::Advanced.value_bytes()),
            "split it, or keep it elsewhere",
        ));
    }
    if text.is_empty() {
        return Err(Failure::usage("the value is empty", "give it on standard input, with `--file`, or at the prompt"));
    }
    Ok(SecretValue::new(text.to_owned()))
}

fn read_all(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = Zeroizing::new(read_named(path, Input::Value)?);
    // The bytes are the value: an error must not hold them.
    std::str::from_utf8(&bytes)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| Failure::usage("the value is not UTF-8", "encode it first, for example with `base64`"))
}

/// A text without the one line break that `echo` and editors put at its end.
pub(crate) fn single_line_break_stripped(text: &str) -> &str {
    let Some(line) = text.strip_suffix('\n') else { return text };
    line.strip_suffix('\r').unwrap_or(line)
}

fn prompt(what: &str) -> Result<SecretValue, Failure> {
    let ask = |text: String| {
        rpassword::prompt_password(text).map_err(|error| {
            Failure::usage(
                format!("cannot prompt for the value: {error}"),
                "give it on standard input or with `--file`",
            )
        })
    };
    let value = SecretValue::new(ask(format!("value of {what}: "))?);
    let again = SecretValue::new(ask("the same again: ".to_owned())?);
    if value != again {
        return Err(Failure::usage("the two values are not the same", "run the command again"));
    }
    if value.expose().is_empty() {
        return Err(Failure::usage("the value is empty", "run the command again"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_goes() {
        for (text, expected) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("a\r", "a\r")]
        {
            assert_eq!(single_line_break_stripped(text), expected, "{text:?}");
        }
    }
}
