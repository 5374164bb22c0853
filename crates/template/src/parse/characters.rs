//! The characters that a template may have.
//!
//! They are checked once for the whole text, before it is parsed, so that the parsers need to know
//! ASCII only.

use super::ParseError;

const CONTROL_HELP: &str = "remove it, or write it as an escape in double quotes";

/// The number of bytes to check at once.
const CHUNK: usize = 256;

/// Returns `true` for control characters, and for first bytes of characters that need a closer
/// look.
fn is_suspect(byte: u8) -> bool {
    ((byte < 0x20) && (byte != b'\t') && (byte != b'\n') && (byte != b'\r'))
        || (byte == 0x7f)
        || (byte == 0xc2)
        || (byte == 0xe2)
        || (byte == 0xef)
}

/// Rejects characters that YAML does not allow, and line separators that parsers treat differently.
///
/// The second group are U+0085, U+2028 and U+2029: YAML 1.1 reads them as line breaks, YAML 1.2 as
/// text. An edit of a text with these would depend on the parser that reads it.
///
/// Source: YAML 1.1, `c-printable` and `b-char`.
///
/// | Characters | Reported as |
/// | --- | --- |
/// | U+0000 to U+001F without tab and line breaks, U+007F | a control character |
/// | U+0080 to U+009F without U+0085 | a control character |
/// | U+0085, U+2028, U+2029 | a line separator |
/// | U+FEFF after the start | a byte-order mark inside the text |
/// | U+FFFE, U+FFFF | a character that is not valid in YAML |
///
/// In UTF-8, all those outside of ASCII begin with one of the bytes C2, E2 and EF. Only these lead
/// to a look at the next bytes.
pub(super) fn check(text: &str, start: usize) -> Result<(), ParseError> {
    let bytes = text.as_bytes();
    let mut position = start;
    while position < bytes.len() {
        let chunk = &bytes[position..bytes.len().min(position + CHUNK)];
        // Without an early exit, the compiler vectorizes this loop. Most chunks have no suspect
        // byte.
        if !chunk
            .iter()
            .fold(false, |any, byte| any | is_suspect(*byte))
        {
            position += chunk.len();
            continue;
        }
        let Some(found) = chunk.iter().position(|byte| is_suspect(*byte)) else {
            continue;
        };
        position += found;
        let next = |ahead: usize| bytes.get(position + ahead).copied().unwrap_or(0);
        match bytes[position] {
            0xc2 if (0x80..0xa0).contains(&next(1)) && next(1) != 0x85 => {
                return Err(ParseError::at(
                    position,
                    "a control character",
                    CONTROL_HELP,
                ));
            }
            0xc2 if next(1) == 0x85 => return Err(line_separator(position)),
            0xe2 if next(1) == 0x80 && matches!(next(2), 0xa8 | 0xa9) => {
                return Err(line_separator(position));
            }
            0xef if next(1) == 0xbf && matches!(next(2), 0xbe | 0xbf) => {
                return Err(ParseError::at(
                    position,
                    "a character that is not valid in YAML",
                    CONTROL_HELP,
                ));
            }
            0xef if next(1) == 0xbb && next(2) == 0xbf => {
                return Err(ParseError::at(
                    position,
                    "a byte-order mark inside the text",
                    "remove it: it is allowed only at the beginning",
                ));
            }
            0xc2 | 0xe2 | 0xef => {}
            _ => {
                return Err(ParseError::at(
                    position,
                    "a control character",
                    CONTROL_HELP,
                ));
            }
        }
        position += 1;
    }
    Ok(())
}

/// Returns the error for a line separator outside of ASCII.
fn line_separator(position: usize) -> ParseError {
    ParseError::at(
        position,
        "a Unicode line separator",
        "parsers disagree on what it means: write `\\N`, `\\L` or `\\P` in double quotes, or a plain line break",
    )
}
