//! Errors of the command line. They do not repeat the arguments, which may contain a value.

use std::ffi::OsString;
use std::process::ExitCode;

use byref_parameter::MASK;
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::Arguments;
use crate::report::report_plain;

/// Parses the command line. Prints an error or the requested help, and returns the exit code for
/// it.
pub(crate) fn parse() -> Result<Arguments, ExitCode> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    Arguments::try_parse_from(&typed).map_err(|error| {
        if let Some(message) = message(&error, &typed) {
            report_plain(&message, &help(&error, &typed));
            return ExitCode::from(2);
        }
        // Help, or a message that is made of the names of options alone; a closed pipe is a
        // success.
        let _ = error.print();
        ExitCode::from(u8::from(error.use_stderr()) * 2)
    })
}

/// Returns a message in place of one of clap's that would repeat an argument.
fn message(error: &Error, typed: &[OsString]) -> Option<String> {
    let option = text(error, ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => Some(unexpected(&option, typed)),
        ErrorKind::InvalidSubcommand => Some("there is no such command".to_owned()),
        ErrorKind::InvalidValue
            if text(error, ContextKind::InvalidValue).is_none_or(|value| value.is_empty()) =>
        {
            Some(format!("`{option}` has no value"))
        }
        ErrorKind::InvalidValue => Some(format!(
            "the value of `{option}` is not one that it accepts"
        )),
        ErrorKind::ValueValidation => {
            let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
            let why = std::error::Error::source(error)
                .map(ToString::to_string)
                .unwrap_or_default();
            let why = without(&why, &value);
            Some(format!("the value of `{option}` is not valid: {why}"))
        }
        ErrorKind::TooManyValues => Some(format!("`{option}` takes no value, or fewer of them")),
        ErrorKind::InvalidUtf8 => Some("an argument is not UTF-8".to_owned()),
        _ => None,
    }
}

/// Masks a value in the reason why it is refused. byref's own parsers do not repeat it, clap's do.
/// A part of a word is not the value, and a value of three characters hides nothing: masks in
/// their place would garble the reason.
fn without(why: &str, value: &str) -> String {
    if value.chars().count() < 4 {
        return why.to_owned();
    }
    let mut masked = String::with_capacity(why.len());
    let mut rest = why;
    while let Some(start) = rest.find(value) {
        let (before, after) = (&rest[..start], &rest[start + value.len()..]);
        let is_word = |edge: Option<char>| edge.is_some_and(char::is_alphanumeric);
        masked.push_str(before);
        let is_part = is_word(before.chars().next_back()) || is_word(after.chars().next());
        masked.push_str(if is_part { value } else { MASK });
        rest = after;
    }
    masked + rest
}

/// Returns the message about an unexpected option or argument. It gives its number, since the
/// argument may be a value.
fn unexpected(argument: &str, typed: &[OsString]) -> String {
    let is_it = |typed: &OsString| {
        let typed = typed.to_string_lossy();
        // `-x` may be the first of several letters: `-xyz`.
        let is_short = argument.len() == 2 && argument.starts_with('-') && !typed.starts_with("--");
        typed == argument
            || typed.split('=').next() == Some(argument)
            || is_short && typed.starts_with(argument)
    };
    let what = if argument.starts_with('-') {
        "is not an option of this command"
    } else {
        "is one too many"
    };
    match typed.iter().skip(1).position(is_it) {
        Some(index) => format!("argument {} {what}", index + 1),
        None => format!("one of the arguments {what}"),
    }
}

fn help(error: &Error, typed: &[OsString]) -> String {
    let meant = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    if let Some(meant) = meant.into_iter().find_map(|kind| text(error, kind)) {
        return format!("did you mean `{meant}`?");
    }
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue)
        && !valid.is_empty()
    {
        return format!("it takes {}", byref::listed(valid.iter().cloned()));
    }
    // Names of commands are words; a value among the arguments is none of them.
    let mut words = typed.iter().skip(1).filter_map(|word| word.to_str());
    let is_command =
        |word: &&str| ["put", "generate", "import", "duplicates", "copy"].contains(word);
    if error.kind() == ErrorKind::UnknownArgument && words.any(|word| word == "secret") {
        return match words.find(is_command) {
            Some("put" | "duplicates") => {
                "the value comes from standard input, from `--file`, or from the prompt, never from an argument: the shell keeps those in its history, so consider a value that you typed there leaked".to_owned()
            }
            Some("generate") => "`generate` makes a random value; `byref secret put` stores one of yours".to_owned(),
            _ => "see `byref secret --help`; a value is never an argument".to_owned(),
        };
    }
    "see `byref --help`, and `--help` of the command".to_owned()
}

/// A part of the message as text. The suggestions are names that byref knows.
fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}
