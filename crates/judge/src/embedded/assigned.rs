//! Judges values that a script, a configuration or a program assigns to a name.
//!
//! An assignment gives a name and a value, but the value is often not a literal. This module leaves
//! out what a program computes, what a regular expression matches, where a value is looked up, and
//! the ids of public keys, before it asks the decision tables.

use crate::name::{classify_name, may_hint_at_secret};
use crate::shape::is_example;
use crate::value::{ValueClass, classify_value, looks_random};
use crate::words::WordList;
use crate::{Slot, Verdict, judge};

/// Judges names that suggest a secret only in their syntax: `{"tok":"…"}` and `{"pin":"1234"}` in
/// JSON, `K = bytes.fromhex("…")` anywhere.
pub(crate) fn abbreviated(
    name: &str,
    value: &str,
    is_quoted: bool,
    in_json: bool,
) -> Option<Verdict> {
    let is_hexadecimal = value.len() >= 32
        && value.len().is_multiple_of(2)
        && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if in_json && name.eq_ignore_ascii_case("tok") {
        judge(Slot::Named, "token", value)
    } else if in_json && is_quoted && name.eq_ignore_ascii_case("pin") {
        let is_pin =
            (4..=12).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
        is_pin.then_some(Verdict::Unsure)
    } else if is_quoted && is_hexadecimal && name.eq_ignore_ascii_case("k") && !is_example(value) {
        Some(Verdict::Secret)
    } else {
        None
    }
}

/// Options and names that take the id of a public key, in lower case.
static KEY_OPTIONS: WordList = WordList::new(
    "recv-keys recv-key receive-keys send-keys search-keys refresh-keys list-keys delete-keys edit-key sign-key \
     lsign-key default-key trusted-key gpg-key gpg_key gpg_keys gpgkey local-user recipient fingerprint key-id keyid \
     keys key signing-key signingkey export",
);

/// Returns `true` for the id or fingerprint of a public key, under the options and names that take
/// one: `--recv-keys EEA4…`.
///
/// `gpg` prints ids of 8, 16 or 40 hexadecimal digits, which look as random as secrets do.
pub(crate) fn is_key_id(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let digits: String = value
        .strip_prefix("0x")
        .unwrap_or(value)
        .split([' ', ':'])
        .collect();
    let is_id = matches!(digits.len(), 8 | 16 | 40)
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    is_id
        && (KEY_OPTIONS.contains(&lower)
            || lower.ends_with("gpg_key")
            || lower.ends_with("gpg_keys"))
}

/// Judges a value that a text assigns to a name.
///
/// What a program computes, what a regular expression matches and where a value is looked up are
/// not literals. Without quotes, a single word may be a variable, a type or the next argument, so
/// that it counts for passwords only.
pub(crate) fn assigned(slot: Slot, name: &str, value: &str, is_quoted: bool) -> Option<Verdict> {
    // The signature and credential of a presigned URL expire with it.
    if !may_hint_at_secret(name)
        || value.len() > 4096
        || name.to_ascii_lowercase().starts_with("x-amz-")
    {
        return None;
    }
    // `docker build --secret id=npm,src=.npmrc` tells where the secret is kept.
    let is_lookup = ["id=", "type=", "src=", "source=", "env="]
        .iter()
        .any(|key| value.starts_with(key));
    // The keys of an object are judged, not the whole.
    let is_object = value.starts_with('{') && value.contains(':');
    if is_object
        || has_code(value) && !is_quoted
        || is_pattern(value)
        || is_lookup
        || is_computed(name, value, is_quoted)
    {
        return None;
    }
    // `Authorization: Token abc`: the scheme is not a part of the credential.
    let value = value
        .split_once(' ')
        .filter(|(scheme, _)| is_scheme(scheme))
        .map_or(value, |(_, rest)| rest);
    let verdict = judge(slot, name, value)?;
    // Without quotes a word may be a variable, a type or the next argument.
    let is_word = matches!(
        classify_value(value),
        ValueClass::Words(_) | ValueClass::Weak
    );
    let is_bare = !is_quoted && is_word && !classify_name(name).is_password();
    (!is_bare && !is_prose(value)).then_some(verdict)
}

/// Returns `true` for an authentication scheme that precedes a token.
fn is_scheme(word: &str) -> bool {
    [
        "token", "apikey", "key", "bearer", "basic", "digest", "splunk", "genieKey",
    ]
    .iter()
    .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// Returns `true` for a call, an index or an operator: the value is computed, not literal.
pub(crate) fn has_code(value: &str) -> bool {
    let call = value
        .find('(')
        .is_some_and(|at| at > 0 && value.as_bytes()[at - 1].is_ascii_alphanumeric());
    call || value.contains("[\"")
        || value.contains("['")
        || value.contains("??")
        || value.contains("||")
        || value.contains("=>")
}

/// Returns `true` for values that are computed or have another meaning: `password=password`,
/// `(Get-Secret db).Value`, `$util.base64Decode($token)`, a tag of sudoers, `TYPE=ext4` for the
/// token of a device.
fn is_computed(name: &str, value: &str, is_quoted: bool) -> bool {
    let bare = value.trim_matches(|sign: char| !sign.is_alphanumeric() && sign != '_');
    let is_variable = !is_quoted
        && !bare.is_empty()
        && name
            .to_ascii_lowercase()
            .ends_with(&bare.to_ascii_lowercase());
    let is_call = value.starts_with('$') && value.contains(['(', '.'])
        || !is_quoted && value.starts_with('(');
    let is_tag = value.split_once('=').is_some_and(|(tag, _)| {
        (2..=16).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_uppercase())
    });
    let is_sudoers = name.eq_ignore_ascii_case("nopasswd")
        || name.eq_ignore_ascii_case("passwd") && value == "ALL";
    is_variable || is_call || is_sudoers || name.ends_with("match-token") && is_tag
}

/// Returns `true` for a regular expression.
fn is_pattern(value: &str) -> bool {
    [
        "(?", "[a-", "[A-", "[0-", "[^", "\\d", "\\w", "\\s", ".*", ")|(",
    ]
    .iter()
    .any(|sign| value.contains(sign))
        && (value.contains('[') && value.contains(']')
            || value.contains('(') && value.contains(')')
            || value.starts_with('^'))
}

/// Returns `true` for more than three words that do not look random: a sentence.
pub(crate) fn is_prose(value: &str) -> bool {
    value.split(' ').filter(|word| word.len() > 1).count() > 3 && !looks_random(value)
}
