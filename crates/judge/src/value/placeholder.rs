//! Separates the literal part of a value from what is filled in later.
//!
//! Templates, shells, build tools and templating engines have a dozen syntaxes for placeholders,
//! and the judgement does not know which of them will read a value. It therefore takes all of them
//! out, unless random text is inside. What is left is judged: `${Prefix}-x7Kq2LmZ` still holds a
//! secret.

use crate::value::variable::ends_substitution;
use crate::value::wordy::is_mixed_up;

/// The character that represents a part of a text that is not literal: a reference, or a call.
///
/// Callers that put a text together from a template's literals write it for everything else. It is
/// U+FFFC, the object replacement character, which templates do not contain.
/// ```
/// use byref_judge::{HOLE, Slot, judge};
///
/// // What `!Sub '${Env}-db-password'` leaves is the name of a secret.
/// assert_eq!(judge(Slot::Named, "DB_PASSWORD", &format!("{HOLE}-db-password")), None);
/// ```
pub const HOLE: char = '\u{fffc}';

/// A value without its placeholders.
///
/// ```
/// use byref_judge::without_placeholders;
///
/// let rest = without_placeholders("${Stage}-db");
/// assert!(rest.had_placeholders);
/// assert_eq!(rest.literal.trim(), "-db");
/// ```
pub struct Rest {
    /// The literal characters, with a space for each placeholder.
    pub literal: String,
    /// `true` if there was a placeholder.
    pub had_placeholders: bool,
}

/// Takes the placeholders out of a value: `${X}`, `{{X}}`, `$(X)`, `<X>`, `%X%`, `#{X}`, `@X@`,
/// `__X__`, `{x}`, and `$X` where it is a whole word.
///
/// What looks like a placeholder, but holds random text, is kept: generated passwords contain
/// brackets and dollar signs.
///
/// ```
/// use byref_judge::without_placeholders;
///
/// assert_eq!(without_placeholders("a-${B}-c").literal, "a- -c");
/// assert!(!without_placeholders("P@$$w0rd").had_placeholders);
/// ```
pub fn without_placeholders(text: &str) -> Rest {
    let mut literal = String::with_capacity(text.len());
    let mut had_placeholders = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at_start = literal
            .chars()
            .next_back()
            .is_none_or(|last| !last.is_alphanumeric() && last != '$');
        let length = if first == HOLE {
            Some(first.len_utf8())
        } else {
            placeholder(rest, first, at_start)
        };
        had_placeholders |= length.is_some();
        literal.push(if length.is_some() { ' ' } else { first });
        rest = &rest[length.unwrap_or(first.len_utf8())..];
    }
    Rest {
        literal,
        had_placeholders,
    }
}

/// Returns the length in bytes of the placeholder that a text begins with. `at_start` is `true` if
/// no letter, digit or dollar sign precedes it.
fn placeholder(text: &str, first: char, at_start: bool) -> Option<usize> {
    match first {
        '$' if text.starts_with("${{") => enclosed(text, "${{", "}}"),
        '$' if text.starts_with("${") => enclosed(text, "${", "}"),
        '$' if text.starts_with("$((") => enclosed(text, "$((", "))"),
        '$' if text.starts_with("$(") => {
            enclosed(text, "$(", ")").filter(|length| is_call(&text[2..length - 1]))
        }
        '$' if at_start => variable(text),
        '{' if text.starts_with("{{") => enclosed(text, "{{", "}}"),
        '{' => named(text, "{", "}").or_else(|| formatted(text)),
        '#' if text.starts_with("#{") => enclosed(text, "#{", "}"),
        '`' => enclosed(text, "`", "`").filter(|length| is_call(&text[1..length - 1])),
        '<' => named(text, "<", ">"),
        '%' if at_start && is_format(text) => Some(2),
        '%' => named(text, "%", "%"),
        '@' if at_start => named(text, "@@", "@@").or_else(|| named(text, "@", "@")),
        '_' if at_start => named(text, "__", "__"),
        '[' if text.starts_with("[[") => enclosed(text, "[[", "]]"),
        _ => None,
    }
}

/// Recognises what a format string computes: `{token[:20]}`, `{get(x)}`.
///
/// `{token[:20]}` → 12 bytes; `{token}` → none: it is a name, which [`named`] recognises.
fn formatted(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('{')?;
    let end = find(inner, "}", LONGEST)?;
    let inside = &inner[..end];
    let name = inside.find(['[', '(', '.', ':', '!'])?;
    let is_name = name > 0
        && inside[..name]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && !crate::value::randomness::looks_random(&inside[..name])).then_some(end + 2)
}

/// Returns `true` for a conversion of a format string: `%s`, `%d`, `%v`.
fn is_format(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    characters
        .next()
        .is_some_and(|kind| matches!(kind, 's' | 'd' | 'v'))
        && characters
            .next()
            .is_none_or(|after| !after.is_alphanumeric())
}

/// The greatest length of a placeholder, in bytes: one that is never closed must not be searched
/// for to the end of the text.
const LONGEST: usize = 1024;

/// The greatest length of a name in a placeholder, in bytes.
const LONGEST_NAME: usize = 48;

/// Returns the length of a placeholder with these brackets, whatever is inside.
fn enclosed(text: &str, open: &str, close: &str) -> Option<usize> {
    let end = find(&text[open.len()..], close, LONGEST)?;
    Some(open.len() + end + close.len())
}

/// Returns where a mark begins in the first `within` bytes of a text.
fn find(text: &str, mark: &str, within: usize) -> Option<usize> {
    let near = &text.as_bytes()[..text.len().min(within)];
    match mark.as_bytes() {
        [mark] => memchr::memchr(*mark, near),
        mark => memchr::memmem::find(near, mark),
    }
}

/// Returns `true` for a command with its arguments, or the name of a command.
fn is_call(inside: &str) -> bool {
    let name = inside.trim_start_matches(['(', '<', ' ', '$', '.', '/', '@', '~', '!']);
    let is_name = name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    inside.contains(' ')
        || is_name && !is_mixed_up(name) && !crate::value::randomness::looks_random(name)
}

/// Returns the length of a placeholder with these brackets, if a name or a few words are inside.
///
/// `<your token>` and `%DB_PASSWORD%` → their length; `<x7Kq2LmZ9vTr4WbN>` → none, since random
/// text is no name.
fn named(text: &str, open: &str, close: &str) -> Option<usize> {
    let inner = text.strip_prefix(open)?;
    let end = find(inner, close, LONGEST_NAME + close.len())?;
    let inside = &inner[..end];
    let is_name = (1..=LONGEST_NAME).contains(&inside.len())
        && inside
            .starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '.'))
        && inside
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" _-.:'".contains(&byte))
        && !crate::value::randomness::looks_random(inside);
    is_name.then_some(open.len() + end + close.len())
}

/// Returns the length of a variable, `$NAME`, `$env:NAME` or `$1`, if nothing but a separator
/// follows its name.
///
/// `$DB_PASSWORD` and `$1` → their length; `$ecret!9x` → none, by the exclamation mark behind the
/// name.
fn variable(text: &str) -> Option<usize> {
    let body = &text[1..];
    let length = body
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"_:".contains(&byte)))
        .unwrap_or(body.len());
    let name = &body[..length];
    let after = body[length..].chars().next();
    let ends = after.is_none_or(|after| !matches!(after, '!' | '$' | '@' | '#' | '^' | '&' | '*'))
        || ends_substitution(&body[length..]);
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && !crate::value::randomness::looks_random(name)
        && !(name.len() >= 4 && is_mixed_up(name));
    (ends && is_name || length == 1 && name.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some(1 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_placeholders_removes_every_syntax() {
        for text in [
            "${A}",
            "{{ a.b }}",
            "$(cat x)",
            "<your key>",
            "%PASSWORD%",
            "#{x}",
            "@PASSWORD@",
            "__PASSWORD__",
            "$PASSWORD",
            "$env:PW",
            "{password}",
            "%s",
        ] {
            let rest = without_placeholders(text);
            assert!(
                rest.had_placeholders && rest.literal.trim().is_empty(),
                "{text}"
            );
        }
        for text in ["P@$$w0rd", "a$b!c", "pa%ss", "hunter2", "a<b", "$ecret!9x"] {
            assert!(!without_placeholders(text).had_placeholders, "{text}");
        }
        assert_eq!(without_placeholders("a-${B}-c").literal, "a- -c");
    }
}
