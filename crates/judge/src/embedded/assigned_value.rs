//! Finds where an assigned value begins and ends: behind an operator, an option or a comma.
//!
//! Three kinds of values have different ends:
//!
//! - A quoted value ends at its quote. Prefixes of literals (`b"…"`, `N'…'`) and conversions
//!   (`bytes.fromhex("…")`) are looked through, since the literal is what is stored in the text.
//! - A value behind `key: ` takes the rest of the line, up to a comment.
//! - Any other value is a word, and `$(…)` in it belongs to it.
//!
//! | text behind the operator | value |
//! | --- | --- |
//! | `"a b" rest` | `a b` |
//! | `b"abc"`, `bytes.fromhex("abc")` | `abc` |
//! | `a b # comment`, behind `key: ` | `a b` |
//! | `$(get x) rest`, behind `KEY=` | `$(get x)` |

use std::ops::Range;

use crate::words::WordList;

/// How many bytes behind an operator may belong to its value. In a minified file, each value would
/// otherwise reach to the end of the line.
pub(crate) const LONGEST_VALUE: usize = 4096;

/// Returns the part of a text that a value may take.
pub(crate) fn near(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_VALUE)]
}

/// Where a value without quotes ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// At a space, or at a character that ends a word for a shell, a query or a connection string.
    Blank,
    /// At the end of the line, or a comment.
    Line,
    /// At a quote that was opened before the name.
    Quote(char),
}

/// Returns the range of the value that begins at `start`, without its quotes, and whether it was
/// quoted. An empty value is `None`.
pub(crate) fn value(line: &str, start: usize, ends: Ends) -> Option<(Range<usize>, bool)> {
    let whole = near(line.get(start..)?);
    let (prefix, rest) = whole.split_at(literal_prefix(whole));
    let start = start + prefix.len();
    // Quotes that are themselves inside quotes: `\"value\"`.
    for quote in ["\\\"", "\\'", "\"", "'", "`"] {
        let Some(inner) = rest.strip_prefix(quote) else {
            continue;
        };
        let end = closing(inner, quote)?;
        let from = start + quote.len();
        return (end > 0).then_some((from..from + end, true));
    }
    let rest = if let Some(inner) = rest.strip_prefix("$'") {
        return closing(inner, "'").map(|end| (start + 2..start + 2 + end, true));
    } else {
        rest
    };
    if let Some(range) = converted(rest) {
        return Some((start + range.start..start + range.end, true));
    }
    let length = match ends {
        Ends::Blank => unquoted_end(rest),
        Ends::Quote(quote) => rest.find(quote).unwrap_or(rest.len()),
        Ends::Line => rest
            .find(" #")
            .or_else(|| rest.find("\\n"))
            .unwrap_or(rest.len()),
    };
    let found = rest[..length].trim_end_matches([' ', '\t', ',', ';', '\r']);
    // `{key: value}` closes behind its last value; `${X}` closes itself.
    let found = if found.contains(['{', '[']) {
        found
    } else {
        found.trim_end_matches(['}', ']', ' '])
    };
    (!found.is_empty()).then(|| (start..start + found.len(), false))
}

/// Returns the length of the letters in front of the quote of a literal: `b"…"`, `r'…'`, `@"…"`,
/// `N'…'`.
fn literal_prefix(text: &str) -> usize {
    let letters = text
        .bytes()
        .take(2)
        .take_while(|byte| b"bBrRuUN@".contains(byte))
        .count();
    if matches!(text.as_bytes().get(letters), Some(b'"' | b'\'')) {
        letters
    } else {
        0
    }
}

/// Functions that convert a literal, by the last part of their names, in lower case.
static CONVERSIONS: WordList = WordList::new(
    "a2b_hex atob b64decode base64_decode base64decode bytearray bytes byte buffer decode decode64 decode_string \
     decodestring encode from frombase64string fromhex fromhexstring fromstring from_hex getbytes hex2bin secret \
     secretstr securestring str string strict_decode64 to_bytes unhexlify urlsafe_b64decode urlsafe_decode64 utf8",
);

/// How many bytes may precede the quote of such a call.
const LONGEST_CALL: usize = 80;

/// Returns the range of the literal in `bytes.fromhex("…")`, `Buffer.from('…', 'hex')`,
/// `[]byte("…")`.
fn converted(text: &str) -> Option<Range<usize>> {
    let open = text[..text.floor_char_boundary(LONGEST_CALL)].find(['"', '\''])?;
    let head = text[..open].trim_end_matches(['b', 'r', 'u']);
    let call = head.strip_suffix('(')?;
    let is_call = call.len() <= 60
        && call
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:()[] ".contains(&byte))
        && (!call.contains(' ') || call.starts_with("new "));
    let name = call
        .rsplit(['.', ':', ']', ' '])
        .next()?
        .to_ascii_lowercase();
    let quote = &text[open..=open];
    let end =
        closing(&text[open + 1..], quote).filter(|_| is_call && CONVERSIONS.contains(&name))?;
    (end > 0).then(|| open + 1..open + 1 + end)
}

/// Returns the length of a word without quotes. A computed part, `$(…)` or `${…}`, belongs to it
/// with its spaces.
fn unquoted_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut last = ' ';
    for (at, character) in text.char_indices() {
        let opens = matches!(character, '(' | '{') && (last == '$' || depth > 0 || last == '{');
        match character {
            _ if opens => depth += 1,
            ')' | '}' if depth > 0 => depth -= 1,
            ' ' | '\t' | ';' | '&' | ',' | '|' | ')' | ']' | '"' | '\'' | '`' | '<' | '>'
            | '\\'
                if depth == 0 =>
            {
                return at;
            }
            _ => {}
        }
        last = character;
    }
    text.len()
}

/// Returns where the closing quote is. An escaped quote does not close.
fn closing(inner: &str, quote: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = inner[from..].find(quote).map(|at| from + at) {
        let escapes = inner[..at]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if quote.len() > 1 || quote == "'" || escapes % 2 == 0 {
            return Some(at);
        }
        from = at + quote.len();
    }
    None
}
