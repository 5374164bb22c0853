//! Credentials that are recognised by their shape alone: what vendors hand out begins with a mark
//! of theirs.
//!
//! A shape is found in three steps. [`Prefixes`] finds a mark in the text; the text in front of the
//! mark must fit it, so that `AKIA` inside a word is not one; the body behind the mark must have
//! the right characters and length. Marks of three letters or fewer also need a body that looks
//! random, since they occur by accident.
//!
//! Examples of documentation are left out: [`is_example`] knows the words and the sequences that
//! vendors use in them.
//!
//! | text | shape |
//! | --- | --- |
//! | `AKIA` and 16 capitals or digits | an AWS access key id |
//! | `xAKIA…` | none: a letter in front |
//! | `AKIAIOSFODNN7EXAMPLE` | none: an example |
//! | `sk-` and 40 letters | an API key, if the letters look random |
//!
//! The marks are not compiled into one regular expression: 200 alternatives with counted
//! repetitions make a large automaton, which is slower to build than a template is to lint.

mod addresses;
mod mark;
mod tokens;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use self::mark::{Body, Head, Mark, mark_at};
use crate::prefixes::Prefixes;
use crate::value::looks_random;

/// The credential that a shape belongs to: a GitHub token, a private key, a Slack webhook.
///
/// The kinds are the entries of one table of marks, and grow with every vendor. `Display` writes a
/// noun phrase with its article.
///
/// ```
/// use byref_judge::find_shapes;
///
/// let token = ["ghp_", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk4Rv7"].concat();
/// assert_eq!(find_shapes(&token)[0].kind.to_string(), "a GitHub token");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialKind(&'static str);

impl CredentialKind {
    /// Returns the noun phrase for messages, such as `a GitHub token`.
    pub fn label(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A credential in a text, recognised by its shape.
///
/// The range begins with the mark, or with the part of the token in front of it, and ends with the
/// body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The bytes of the credential in the text that was searched.
    pub range: Range<usize>,
    /// The vendor and kind of credential.
    pub kind: CredentialKind,
}

/// Returns the index of marks, which is built on first use.
fn marks() -> &'static Prefixes {
    static PREFIXES: OnceLock<Prefixes> = OnceLock::new();
    PREFIXES.get_or_init(|| Prefixes::new(mark::marks().map(|mark| mark.prefix), false))
}

/// The length of the shortest credential, in bytes.
const SHORTEST: usize = 18;

/// Returns the credentials in a text, ordered by place and without overlaps.
///
/// A shape is a credential in every place and under every name. Values that documentation shows in
/// the same shape, such as AWS's `AKIAIOSFODNN7EXAMPLE`, are not.
///
/// ```
/// use byref_judge::find_shapes;
///
/// let token = ["ghp_", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk4Rv7"].concat();
/// let text = format!("git clone https://{token}@github.com/quiz/app");
/// let found = find_shapes(&text);
/// assert_eq!(found[0].kind.label(), "a GitHub token");
/// assert_eq!(&text[found[0].range.clone()], token);
/// ```
pub fn find_shapes(text: &str) -> Vec<Shape> {
    let mut found: Vec<Shape> = Vec::new();
    if text.len() < SHORTEST {
        return found;
    }
    let prefixes = marks();
    let mut at = 0;
    while at < text.len() {
        let Some((index, length)) = prefixes.longest_at(text.as_bytes(), at) else {
            at += 1;
            continue;
        };
        let (begin, end) = (at, at + length);
        at = end;
        let is_new = found.last().is_none_or(|last| last.range.end <= begin);
        let Some(mark) = mark_at(index).filter(|_| is_new) else {
            continue;
        };
        let Some(start) = start(text, begin, mark) else {
            continue;
        };
        if let Some(end) = body_end(text, end, mark).filter(|_| is_near(text, start, mark.near)) {
            found.push(Shape {
                range: start..end,
                kind: CredentialKind(mark.what),
            });
        }
    }
    found
}

/// Returns where a token begins whose mark begins at `at`, or `None` if the text before the mark
/// does not fit the mark.
///
/// The part in front must look random if it has eight bytes or more: a path in front of `-us1` is
/// no key.
fn start(text: &str, at: usize, mark: &Mark) -> Option<usize> {
    let (is_head, length): (fn(&u8) -> bool, _) = match mark.head {
        // `a?sig=…`: the character before the name separates.
        Head::Nothing if mark.prefix.starts_with(['?', '&']) => return Some(at),
        Head::Nothing => return (!is_glued(text, at)).then_some(at),
        Head::Digits(least, most) => (u8::is_ascii_digit, (least, most)),
        Head::Letters(least, most) => (
            |byte| byte.is_ascii_alphanumeric() || b"_~.-".contains(byte),
            (least, most),
        ),
        Head::Hex(digits) => (
            |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
            (digits, digits),
        ),
    };
    let before = &text.as_bytes()[..at];
    let head = before
        .iter()
        .rev()
        .take(length.1 + 1)
        .take_while(|byte| is_head(byte))
        .count();
    let begin = at - head;
    let is_token =
        matches!(mark.head, Head::Digits(..)) || looks_random(&text[begin..at]) || head < 8;
    ((length.0..=length.1).contains(&head) && is_token).then_some(begin)
}

/// The distance in bytes within which the word of [`Mark::near`] counts.
const NEAR: usize = 300;

/// Returns `true` if a word occurs shortly before a token, or none is required.
fn is_near(text: &str, start: usize, word: &str) -> bool {
    let before = &text.as_bytes()[start.saturating_sub(NEAR)..start];
    word.is_empty()
        || before
            .windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Returns `true` if a letter or digit directly precedes a mark: then it is a part of something
/// else.
///
/// A letter behind a backslash is an escape, `\n`, and does not count.
fn is_glued(text: &str, start: usize) -> bool {
    let before = text.as_bytes()[..start].last().copied();
    let escape = start >= 2 && text.as_bytes()[start - 2] == b'\\';
    before.is_some_and(|before| before.is_ascii_alphanumeric() || before == b'_') && !escape
}

/// Returns where the body ends that begins at `start`, or `None` if its characters or its length do
/// not fit the mark.
fn body_end(text: &str, start: usize, mark: &Mark) -> Option<usize> {
    let rest = &text[start..];
    let is_body: fn(&u8) -> bool = match mark.body {
        Body::Alnum => u8::is_ascii_alphanumeric,
        Body::UpperBase32 => |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Body::LowerHex => |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        Body::Word => |byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte),
        Body::Loose => |byte| byte.is_ascii_alphanumeric() || b"_-.+/=~".contains(byte),
        Body::Printable => |byte| byte.is_ascii_graphic() && !b"\"'`<>\\".contains(byte),
        Body::WebToken => return web_token_end(text, start),
        Body::Pem => return pem_end(text, start),
        Body::Uuid => |byte| byte.is_ascii_hexdigit() || *byte == b'-',
        Body::LowerAlnum => |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        Body::UpperDash => {
            |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-'
        }
        Body::Url => |byte| byte.is_ascii_alphanumeric() || b"_-.~/%@+=:".contains(byte),
        Body::AirtableParts => |byte| byte.is_ascii_alphanumeric() || *byte == b'.',
        Body::CloudflareParts => {
            |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte) || *byte == b'-'
        }
        Body::Digits => u8::is_ascii_digit,
    };
    let length = rest
        .bytes()
        .position(|byte| !is_body(&byte))
        .unwrap_or(rest.len());
    let body = &rest[..length];
    let ends = rest
        .as_bytes()
        .get(length)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let fits = (mark.length.0..=mark.length.1).contains(&length) && ends;
    let has_parts = match mark.body {
        Body::Uuid => is_uuid(body),
        Body::AirtableParts => has_parts(body, '.', 14, 64),
        Body::CloudflareParts => has_parts(body, '-', 24, 146),
        _ => true,
    };
    // The head was checked before.
    if matches!(mark.body, Body::Digits) {
        return fits.then_some(start + length);
    }
    // A mark of a few letters occurs by accident: the rest must look random.
    let is_hexadecimal = matches!(mark.body, Body::Uuid | Body::LowerHex);
    let is_drawn = mark.prefix.len() > 3 || is_hexadecimal || looks_random(body);
    (fits && has_parts && is_drawn && !is_example(body)).then_some(start + length)
}

/// Returns `true` for two parts of these lengths, the second of them hexadecimal.
fn has_parts(body: &str, separator: char, first: usize, second: usize) -> bool {
    body.split_once(separator).is_some_and(|(head, tail)| {
        head.len() == first
            && !head.contains(separator)
            && tail.len() == second
            && tail
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// Returns `true` if a text is a UUID with hyphens, in either case.
///
/// `123e4567-e89b-12d3-a456-426614174000` → `true`; without hyphens → `false`.
pub(crate) fn is_uuid(text: &str) -> bool {
    let is_dash_place = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| {
            if is_dash_place(index) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Returns `true` for what documentation shows instead of a credential: `AKIAIOSFODNN7EXAMPLE`,
/// `ghp_xxxxxxxx…`, `sk-1234567890…`.
///
/// Words such as `example`, fewer than five different characters, and sequences that count up give
/// an example away.
pub(crate) fn is_example(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    if [
        "example",
        "xxxx",
        "your",
        "redacted",
        "placeholder",
        "changeme",
        "dummy",
    ]
    .iter()
    .any(|word| lower.contains(word))
    {
        return true;
    }
    let bytes = lower.as_bytes();
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let steps = bytes
        .windows(2)
        .filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1))
        .count();
    distinct < 5 || steps * 10 >= bytes.len() * 7
}

/// Returns where a JSON Web Token ends, or `None` if one of its parts is too short or its payload
/// is not an object.
///
/// The three parts have at least 8, 8 and 16 bytes. The payload begins with `ey`, which is the
/// base64 of `{` and a quote.
fn web_token_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let mut parts = [0; 3];
    let mut at = 0;
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            if rest.as_bytes().get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        *part = rest[at..]
            .bytes()
            .position(|byte| !is_part(byte))
            .unwrap_or(rest.len() - at);
        at += *part;
    }
    // The payload is an object as well.
    let payload = &rest[parts[0] + 1..];
    let is_token = parts[0] >= 8
        && parts[1] >= 8
        && parts[2] >= 16
        && (payload.starts_with("eyJ") || payload.starts_with("ey"));
    (is_token && !is_example(&rest[..at])).then_some(start + at)
}

/// Returns where a PEM block ends, or `None` if it is not a private key, or has no body.
///
/// The text may have been cut off: a block without an end reaches to the end of the text.
///
/// The body needs 32 characters of base64, and a run of 16: `-----BEGIN PRIVATE KEY-----` alone, or
/// with dots in place of the key, is documentation. `PuTTY`'s format has another head, and ends at
/// its `Private-MAC`.
fn pem_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let line_end = rest
        .find("-----")
        .or_else(|| rest.find('\n'))
        .unwrap_or(rest.len());
    let is_putty = text[..start].ends_with("PuTTY-User-Key-File-");
    let head = &rest[..line_end];
    if !is_putty && !head.ends_with("PRIVATE KEY") && !head.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let body_start = line_end + if is_putty { 0 } else { 5 };
    let after = rest.get(body_start..)?;
    // The next dashes end the key, or begin another one: a text may hold thousands of heads.
    let end = if is_putty {
        let next = after.find("PuTTY-User-Key-File-").unwrap_or(after.len());
        let own = &after[..next];
        own.find("-----END").or_else(|| own.find("Private-MAC"))
    } else {
        after.find("-----")
    };
    let body = &after[..end.unwrap_or(after.len())];
    let letters = body
        .replace("\\n", "")
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
        .count();
    let drawn = body.split(|character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '='))
    });
    let longest = drawn.map(str::len).max().unwrap_or(0);
    let closing = end.map_or(after.len(), |end| {
        if after[end..].starts_with("-----BEGIN") {
            return end;
        }
        let after_mark = after[end..].find('\n').unwrap_or(after.len() - end);
        let dashes = after[end + 8..]
            .find("-----")
            .map_or(after_mark, |at| at + 13);
        end + dashes.min(after_mark.max(13)).min(after.len() - end)
    });
    (letters >= 32 && longest >= 16 && !body.contains("...") && !is_example(body))
        .then_some(start + body_start + closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(length: usize) -> String {
        "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk"
            .chars()
            .cycle()
            .take(length)
            .collect()
    }

    fn hex(length: usize) -> String {
        "8f14e45fceea167a5a36dedd4bea2543"
            .chars()
            .cycle()
            .take(length)
            .collect()
    }

    #[test]
    fn find_shapes_requires_a_body_that_fits_the_mark() {
        for mark in mark::marks() {
            let (length, _) = mark.length;
            let body = match mark.body {
                Body::Alnum | Body::Word | Body::Loose | Body::Printable | Body::Url => {
                    drawn(length)
                }
                Body::UpperBase32 | Body::UpperDash => drawn(length).to_uppercase(),
                Body::LowerHex => hex(length),
                Body::LowerAlnum => drawn(length).to_lowercase(),
                Body::AirtableParts => format!("{}.{}", drawn(14), hex(64)),
                Body::CloudflareParts => format!("{}-{}", hex(24), hex(146)),
                Body::Digits => "1".repeat(length),
                Body::Uuid => "3f2504e0-4f89-41d3-9a0c-0305e82c3301".to_owned(),
                Body::WebToken => format!("{}.eyJ{}.{}", drawn(20), drawn(30), drawn(43)),
                Body::Pem => {
                    format!(
                        "RSA PRIVATE KEY-----\n{}\n{}\n-----END RSA PRIVATE KEY-----",
                        drawn(64),
                        drawn(64)
                    )
                }
            };
            let head = match mark.head {
                Head::Nothing => String::new(),
                Head::Digits(least, _) => "7351946280".chars().take(least).collect(),
                Head::Letters(least, _) => drawn(least),
                Head::Hex(digits) => hex(digits),
            };
            let token = format!("{head}{}{body}", mark.prefix);
            let near = format!("before {} ", mark.near);
            let text = format!("{near}{token} after");
            let found = find_shapes(&text);
            assert_eq!(found.len(), 1, "{}", mark.prefix);
            assert_eq!(
                found[0].range,
                near.len()..near.len() + token.len(),
                "{}",
                mark.prefix
            );
            assert!(
                find_shapes(&format!("a {}short b and more of the text", mark.prefix)).is_empty(),
                "{}",
                mark.prefix
            );
        }
    }

    #[test]
    fn find_shapes_ignores_examples_and_public_keys() {
        for text in [
            format!("AKIA{}", "IOSFODNN7EXAMPLE"),
            format!("ghp_{}", "x".repeat(36)),
            format!("sk_live_{}", "abcdefghijklmnopqrstuvwxyz"),
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----"
                .to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".to_owned(),
            format!("prefixAKIA{}", "Z7Q2LMX9VTR4WBNS"),
            format!("key-{}", hex(32)),
            format!("sha1 {}-us-east-1", hex(40)),
            format!("12:AA{}", drawn(33)),
            format!("path/{}.{}", "x".repeat(14), hex(64)),
            "https://example.com/x?sig=short&code=abc and more".to_owned(),
            "https://example.com/v3/8f14e45fceea167a5a36dedd4bea2543".to_owned(),
            "re_the_words_of_a_name_are_no_token_at_all".to_owned(),
        ] {
            assert!(find_shapes(&text).is_empty(), "{text}");
        }
    }
}
