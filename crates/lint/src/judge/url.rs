//! Passwords and tokens in the user part of URLs.

use super::Verdict;
use super::embedded::{Embedded, Mode, percent_decoded};
use super::shape::is_example;
use super::value::{Harmless, Looks, looks};

/// Passwords in the user part of URLs.
pub(super) fn urls(text: &str, mode: Mode, found: &mut Vec<Embedded>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at) {
        let start = at + 3;
        from = start;
        let rest = &text[start..];
        let end = rest
            .find(|end: char| {
                end.is_whitespace()
                    || matches!(end, '"' | '\'' | '`' | '<' | '>' | '\\' | '|' | ')' | ']') && !rest.starts_with('<')
            })
            .unwrap_or(rest.len());
        let whole = &rest[..end];
        let authority = authority(whole);
        let Some((user_info, host)) = authority.rsplit_once('@') else { continue };
        if host.is_empty() && !whole.contains(super::HOLE) {
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
                what: "a password in a URL",
                verdict,
            });
        }
    }
}

/// Up to the path; but a password may hold a slash, where an `@` comes later and no other slash before it.
fn authority(whole: &str) -> &str {
    let plain = whole.split(['/', '?', '#']).next().unwrap_or(whole);
    let has_password_so_far = plain.contains(':')
        && !plain.contains('@')
        && !plain.split_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    match whole.find('@') {
        Some(at) if has_password_so_far && at > plain.len() => {
            let end = whole[at..].find(['/', '?', '#']).map_or(whole.len(), |end| at + end);
            &whole[..end]
        }
        _ => plain,
    }
}

pub(super) fn url_password(user: &str, password: &str, mode: Mode) -> Option<Verdict> {
    let decoded = percent_decoded(password).unwrap_or_else(|| password.to_owned());
    match looks(&decoded) {
        Looks::Harmless(Harmless::Number) if decoded.len() >= 4 => Some(Verdict::Weak),
        // `p/a+th` and `abc.def` are passwords here: nothing else can stand behind the colon.
        Looks::Harmless(Harmless::Place) => Some(Verdict::Secret),
        Looks::Harmless(_) => None,
        _ if password.eq_ignore_ascii_case("pass") || is_example(password) => Some(Verdict::Weak),
        Looks::Weak => Some(Verdict::Weak),
        _ if mode == Mode::Prose => matches!(looks(&decoded), Looks::Random).then_some(Verdict::Secret),
        _ if user.eq_ignore_ascii_case(&decoded) => Some(Verdict::Weak),
        _ => Some(Verdict::Secret),
    }
}

/// `https://token@host`: drawn, and long enough to be one.
fn token_as_user(text: &str, start: usize, user: &str, host: &str, found: &mut Vec<Embedded>) {
    let is_public_key = host.contains("sentry");
    let is_token = user.len() >= 20 && looks(user) == Looks::Random && !is_example(user);
    if is_token && !is_public_key && text[start..].starts_with(user) {
        found.push(Embedded {
            range: start..start + user.len(),
            name: None,
            what: "a token in a URL",
            verdict: Verdict::Secret,
        });
    }
}
