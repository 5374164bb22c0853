//! `Authorization` headers, wherever a line holds one.
//!
//! Source: RFC 6750 for `Bearer`, RFC 7617 for `Basic`.

use super::{Embedded, EmbeddedKind};
use crate::shape::is_example;
use crate::value::{Harmless, ValueClass, classify_value};
use crate::{Verdict, decode_base64};

/// Adds the credentials of `Authorization: Bearer …` and `Basic …` in a line that begins at
/// `offset` of the text.
///
/// The word `Authorization` is not asked for: tools take the scheme and the token as one argument
/// (`--header-value "Bearer …"`).
pub(crate) fn headers(line: &str, offset: usize, found: &mut Vec<Embedded>) {
    for (scheme, kind) in [
        ("bearer ", EmbeddedKind::BearerToken),
        ("basic ", EmbeddedKind::BasicHeader),
    ] {
        let mut from = 0;
        while let Some(at) = find_ignoring_case(&line[from..], scheme).map(|at| from + at) {
            let start = at + scheme.len();
            from = start;
            let length = line[start..]
                .bytes()
                .position(|byte| !is_token(byte))
                .unwrap_or(line.len() - start);
            let token = &line[start..start + length];
            let verdict = if kind == EmbeddedKind::BearerToken {
                bearer(token)
            } else {
                basic(token)
            };
            let range = start + offset..start + length + offset;
            found.extend(verdict.map(|verdict| Embedded {
                range,
                name: None,
                kind,
                verdict,
            }));
        }
    }
}

/// Returns `true` for the characters of RFC 7235's `token68`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte)
}

/// Judges a token of OAuth 2.0: random, and at least 16 bytes long.
fn bearer(token: &str) -> Option<Verdict> {
    (token.len() >= 16 && classify_value(token) == ValueClass::Random && !is_example(token))
        .then_some(Verdict::Secret)
}

/// Judges the password of the base64-encoded `user:password`.
fn basic(token: &str) -> Option<Verdict> {
    let decoded = decode_base64(token).filter(|_| token.len() >= 8)?;
    let (_, password) = decoded.split_once(':')?;
    match classify_value(password) {
        ValueClass::Harmless(Harmless::Reference | Harmless::Empty | Harmless::Mark) => None,
        ValueClass::Weak => Some(Verdict::Weak),
        _ => Some(Verdict::Secret),
    }
}

/// Returns where a word begins in a text. The word is in lower case, the text in any.
fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes()
        .windows(word.len())
        .position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
