//! Finds passwords and tokens in the user part of URLs.
//!
//! The position makes the password: behind `scheme://user:` nothing else can be, so that its value
//! is judged without a name, and words count. Source: RFC 3986, section 3.2.1.
//!
//! | URL | finding |
//! | --- | --- |
//! | `postgres://app:X@db/shop` | a password |
//! | `https://X@github.com/quiz`, with a random `X` | a token |
//! | `postgres://${User}:${Password}@db` | none: computed |
//! | `https://example.com:8080/a@b` | none: the at sign is in the path |

use crate::Verdict;
use crate::decode::percent_decoded;
use crate::embedded::EmbeddedKind;
use crate::embedded::{Embedded, TextKind};
use crate::shape::is_example;
use crate::value::{Harmless, ValueClass, classify_value};

/// The bytes of a URL that are looked at, behind its scheme. Without a bound, a text of nothing but
/// `://` would take time with the square of its length.
const LONGEST_URL: usize = 2048;

/// Adds the passwords and tokens of the URLs in a text.
pub(crate) fn urls(text: &str, mode: TextKind, found: &mut Vec<Embedded>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at) {
        let start = at + 3;
        from = start;
        let longest = text.floor_char_boundary(start.saturating_add(LONGEST_URL));
        let rest = &text[start..longest];
        let end = rest
            .find(|end: char| {
                end.is_whitespace()
                    || matches!(end, '"' | '\'' | '`' | '<' | '>' | '\\' | '|' | ')' | ']')
                        && !rest.starts_with('<')
            })
            .unwrap_or(rest.len());
        let whole = &rest[..end];
        let authority = authority(whole);
        let Some((user_info, host)) = authority.rsplit_once('@') else {
            continue;
        };
        if host.is_empty() && !whole.contains(crate::HOLE) {
            continue;
        }
        let Some((user, password)) = user_info.split_once(':') else {
            token_as_user(text, start, user_info, host, found);
            continue;
        };
        if let Some(verdict) = url_password(user, password, mode) {
            let start = start + user.len() + 1;
            found.push(Embedded {
                range: start..start + password.len(),
                name: None,
                kind: EmbeddedKind::UrlPassword,
                verdict,
            });
        }
    }
}

/// Returns the authority of a URL without its scheme: the text up to the path.
///
/// A password may contain a slash that should have been encoded: then the authority goes on up to
/// the `@`.
fn authority(whole: &str) -> &str {
    let plain = whole.split(['/', '?', '#']).next().unwrap_or(whole);
    let has_password_so_far = plain.contains(':')
        && !plain.contains('@')
        && !plain
            .split_once(':')
            .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    match whole.find('@') {
        Some(at) if has_password_so_far && at > plain.len() => {
            let end = whole[at..]
                .find(['/', '?', '#'])
                .map_or(whole.len(), |end| at + end);
            &whole[..end]
        }
        _ => plain,
    }
}

/// Judges the password of a URL, after decoding its percent signs. Without a name, its position
/// makes anything a password that is not computed.
///
/// | password | verdict |
/// | --- | --- |
/// | `${Password}` | none |
/// | `pass`, a common password, an example, or the user again | weak |
/// | a number of 4 digits or more | weak |
/// | anything else | secret |
///
/// In prose, only a random password counts.
pub(crate) fn url_password(user: &str, password: &str, mode: TextKind) -> Option<Verdict> {
    let decoded = percent_decoded(password).unwrap_or_else(|| password.to_owned());
    match classify_value(&decoded) {
        ValueClass::Harmless(Harmless::Number) if decoded.len() >= 4 => Some(Verdict::Weak),
        // `p/a+th` and `abc.def` are passwords here: nothing else can be behind the colon.
        ValueClass::Harmless(Harmless::Place) => Some(Verdict::Secret),
        ValueClass::Harmless(_) => None,
        _ if password.eq_ignore_ascii_case("pass") || is_example(password) => Some(Verdict::Weak),
        ValueClass::Weak => Some(Verdict::Weak),
        _ if mode == TextKind::Prose => {
            matches!(classify_value(&decoded), ValueClass::Random).then_some(Verdict::Secret)
        }
        _ if user.eq_ignore_ascii_case(&decoded) => Some(Verdict::Weak),
        _ => Some(Verdict::Secret),
    }
}

/// Adds a user that is a token, `https://token@host`: random, and at least 20 bytes long. The user
/// in a Sentry address is a public key.
fn token_as_user(text: &str, start: usize, user: &str, host: &str, found: &mut Vec<Embedded>) {
    let is_public_key = host.contains("sentry");
    let is_token =
        user.len() >= 20 && classify_value(user) == ValueClass::Random && !is_example(user);
    if is_token && !is_public_key && text[start..].starts_with(user) {
        found.push(Embedded {
            range: start..start + user.len(),
            name: None,
            kind: EmbeddedKind::UrlToken,
            verdict: Verdict::Secret,
        });
    }
}
