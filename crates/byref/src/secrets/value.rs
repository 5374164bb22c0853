//! Values as users give them: the content of a file or of standard input.

use byref_parameter::{SecretValue, Tier};

use crate::error::Error;

/// The treatment of a line break at the end of a value.
///
/// | text | `Strip` | `Keep` |
/// | --- | --- | --- |
/// | `a` | `a` | `a` |
/// | `a\n` | `a` | `a\n` |
/// | `a\r\n` | `a` | `a\r\n` |
/// | `a\n\n` | `a\n` | `a\n\n` |
/// | `a\r` | `a\r` | `a\r` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalLineBreak {
    /// One line break (`\n` or `\r\n`), as `echo` and editors put it at the end of a text, is not a
    /// part of the value.
    Strip,
    /// The value is the whole text.
    Keep,
}

/// Returns the value that a text gives.
///
/// ```
/// use byref::secrets::{FinalLineBreak, value_of_text};
///
/// assert_eq!(value_of_text("not-a-secret\n", FinalLineBreak::Strip)?.expose(), "not-a-secret");
/// assert!(value_of_text("\n", FinalLineBreak::Strip).is_err());
/// # Ok::<(), byref::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Request`] for an empty value, and for one that is larger than the 8 KB of the Advanced
/// tier.
pub fn value_of_text(text: &str, line_break: FinalLineBreak) -> Result<SecretValue, Error> {
    let text = match line_break {
        FinalLineBreak::Strip => without_line_break(text),
        FinalLineBreak::Keep => text,
    };
    let limit = Tier::Advanced.value_bytes();
    if text.len() > limit {
        let message =
            format!("the value is longer than the {limit} bytes that Parameter Store takes");
        return Err(Error::request(message, "split it, or keep it elsewhere"));
    }
    if text.is_empty() {
        let help = "give it on standard input, with `--file`, or at the prompt";
        return Err(Error::request("the value is empty", help));
    }
    Ok(SecretValue::new(text.to_owned()))
}

fn without_line_break(text: &str) -> &str {
    let Some(line) = text.strip_suffix('\n') else {
        return text;
    };
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_is_stripped() {
        for (text, expected) in [
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a", "a"),
            ("\n", ""),
            ("a\r", "a\r"),
        ] {
            assert_eq!(without_line_break(text), expected, "{text:?}");
        }
        assert_eq!(
            value_of_text("a\n", FinalLineBreak::Keep).unwrap().expose(),
            "a\n"
        );
    }

    #[test]
    fn sizes_are_those_of_the_advanced_tier() {
        assert!(value_of_text(&"x".repeat(8192), FinalLineBreak::Keep).is_ok());
        assert!(value_of_text(&"x".repeat(8193), FinalLineBreak::Keep).is_err());
    }
}
