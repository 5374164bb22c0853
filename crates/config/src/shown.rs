//! Decisions on whether a name may be shown. A text in place of a name may be a pasted secret.

use byref_parameter::MASK;

use crate::pasted::suspect;

/// The length of the longest name to show. Parameter names are shorter.
const LONGEST_NAME: usize = 1024;

/// Returns a text if it has the form of a name and does not look like a secret, and the mask
/// otherwise.
///
/// ```
/// use byref_config::shown_name;
/// assert_eq!(shown_name("/production/web/db-password"), "/production/web/db-password");
/// assert_eq!(shown_name("postgres://user:not-a-secret-1@db/web"), "******");
/// ```
pub fn shown_name(text: &str) -> &str {
    // Base64 may contain slashes. Names do so only as paths and ARNs.
    let is_path = text.starts_with('/') || text.starts_with("arn:");
    if is_showable(text) && (is_path || !text.contains('/')) {
        text
    } else {
        MASK
    }
}

/// Returns `true` if a text is certainly a file path, so that it may be shown even if no such file
/// exists.
pub fn is_path(text: &str) -> bool {
    let mut parts = text.split(['/', '\\']);
    parts
        .clone()
        .all(|part| part.is_empty() || shown_name(part) == part)
        && parts.next_back().is_some_and(|name| name.contains('.'))
}

/// Returns `true` if a text in place of a key or a name looks like a secret.
pub fn looks_pasted(text: &str) -> bool {
    suspect(text).is_some() || byref_judge::looks_random(text)
}

/// Returns `true` if a key may be shown. Unlike base64, keys have no slashes.
pub(crate) fn is_showable_key(key: &str) -> bool {
    !key.contains('/') && is_showable(key)
}

/// Returns `true` if a text has the form of a name and does not look like a secret.
pub(crate) fn is_showable(text: &str) -> bool {
    let has_grammar = !text.is_empty()
        && text.len() <= LONGEST_NAME
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./:[]{}*".contains(&byte));
    has_grammar && suspect(&text.replace('*', "")).is_none() && !byref_judge::looks_random(text)
}
