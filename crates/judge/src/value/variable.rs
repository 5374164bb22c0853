//! Variables of scripts and mapping templates, with the members and calls behind them:
//! `$util.base64Decode($token)`, `$!token`, `($x.Password)`, `:password`.

use crate::value::randomness::looks_random;
use crate::value::wordy::is_mixed_up;

/// Returns `true` if a text is a variable and nothing else.
pub(crate) fn is_variable(text: &str) -> bool {
    let bare = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .unwrap_or(text);
    is_bound(text) || is_chain(bare) || is_cut_off(text)
}

/// Returns `true` for a bound variable of an SQL statement: `:password`.
fn is_bound(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|name| {
        name.len() >= 2
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && !looks_random(name)
    })
}

/// Returns `true` for `$name` with any number of members, calls and indices behind it.
fn is_chain(text: &str) -> bool {
    let Some(body) = text.strip_prefix('$') else {
        return false;
    };
    let mut rest = body.trim_start_matches('!');
    let mut is_first = true;
    loop {
        if is_first || rest.starts_with('.') {
            let Some(after) = after_name(rest.trim_start_matches('.')) else {
                return false;
            };
            rest = after;
        } else if rest.starts_with(['(', '[']) {
            let Some(after) = after_brackets(rest) else {
                return false;
            };
            rest = after;
        } else {
            return rest.is_empty();
        }
        is_first = false;
    }
}

/// Returns the rest of a text behind the name that it begins with, or `None` if it begins with
/// none.
fn after_name(text: &str) -> Option<&str> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = text
        .bytes()
        .position(|byte| !is_name(byte))
        .unwrap_or(text.len());
    let name = &text[..length];
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (begins && !looks_random(name)).then(|| &text[length..])
}

/// Returns the rest of a text behind the bracket that closes its first one.
fn after_brackets(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(&text[at + 1..]);
        }
    }
    None
}

/// Returns `true` for a call or template that a quote inside it has cut off: `#{node[`, `$(get "`.
fn is_cut_off(text: &str) -> bool {
    [
        ("${", '}'),
        ("#{", '}'),
        ("{{", '}'),
        ("$(", ')'),
        ("<%", '>'),
    ]
    .iter()
    .any(|(open, close)| {
        let name = text
            .strip_prefix(open)
            .map(|inner| inner.trim_start_matches([' ', '=', '-', '.', '$', '@']));
        name.is_some_and(|name| {
            after_name(name).is_some_and(|rest| {
                let length = name.len() - rest.len();
                length > 1 && !is_mixed_up(&name[..length]) && !rest.contains(*close)
            })
        })
    })
}

/// Returns `true` for the end of a `sed` substitution behind the variable that it inserts: `/g`,
/// `#g`, `|`.
pub(crate) fn ends_substitution(text: &str) -> bool {
    let Some(delimiter) = text.chars().next() else {
        return false;
    };
    let flags = text[delimiter.len_utf8()..].trim_end_matches(['"', '\'']);
    matches!(delimiter, '/' | '#' | '|' | '@' | '~' | '!' | ',' | '%')
        && flags.len() <= 3
        && flags
            .bytes()
            .all(|byte| b"gGiIpPmMeE0123456789".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_variable_tells_variables_from_literals() {
        for text in [
            "$token",
            "$!token",
            "$util.base64Decode($token)",
            "$input.params('token')",
            "$a.b[0].c",
            "($x.Password1)",
            ":password",
            "#{node[",
            "$(get \"",
        ] {
            assert!(is_variable(text), "{text}");
        }
        for text in [
            "$ecret!9x",
            "$x7Kq2LmZ9vTr4WbN",
            "P$a.b",
            "$a.",
            "a$b",
            ":9",
            "$2y$10$abc",
            "$",
            "#{",
            "$(7",
        ] {
            assert!(!is_variable(text), "{text}");
        }
    }
}
