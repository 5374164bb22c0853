//! Which names may be shown: what stands where a name belongs may be a value that was pasted there.

use byref_parameter::MASK;

use crate::pasted::suspect;

/// No name that byref reads is longer than a parameter's name.
const LONGEST_NAME: usize = 1024;

/// Returns a text from a place where a name belongs if it has the grammar of a name and does not look like a secret,
/// and the mask if not.
pub fn shown_name(text: &str) -> &str {
    // Base64 has slashes; names have them as paths and ARNs alone.
    let is_path = text.starts_with('/') || text.starts_with("arn:");
    if is_showable(text) && (is_path || !text.contains('/')) { text } else { MASK }
}

/// Returns whether a text is surely the path of a file, and may be shown if there is no such file.
pub fn is_path(text: &str) -> bool {
    let mut parts = text.split(['/', '\\']);
    parts.clone().all(|part| part.is_empty() || shown_name(part) == part)
        && parts.next_back().is_some_and(|name| name.contains('.'))
}

/// Returns whether a text from a place where a key or a name belongs looks like a value that was pasted there.
pub fn looks_pasted(text: &str) -> bool {
    suspect(text).is_some() || byref_judge::looks_random(text)
}

/// Returns whether a key of the configuration may be shown: base64 has slashes, and keys have none.
pub(crate) fn is_showable_key(key: &str) -> bool {
    !key.contains('/') && is_showable(key)
}

/// Returns whether a text has the grammar of a name and does not look like a secret.
pub(crate) fn is_showable(text: &str) -> bool {
    let has_grammar = !text.is_empty()
        && text.len() <= LONGEST_NAME
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:[]{}*".contains(&byte));
    has_grammar && suspect(&text.replace('*', "")).is_none() && !byref_judge::looks_random(text)
}
