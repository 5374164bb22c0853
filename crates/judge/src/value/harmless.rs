//! Values that cannot be a secret, whatever they are called: switches, numbers, places, references,
//! public keys.
//!
//! Every check recognises a syntax as a whole. A value that merely contains a number, a host or a
//! path may still be a password: `12.34-lagoon` is not a version, `kJ8/fQ2+xZ9v` is not a path.

use super::Harmless;
use super::place::is_place;
use super::reference::is_reference;
use super::setting::{is_algorithm, is_version};
use crate::decode::percent_decoded;
use crate::words::WordList;

/// Returns why a value cannot be a secret, or `None` if it can. The value has no spaces around it.
///
/// The checks are ordered by cost and by how specific their reason is.
pub(crate) fn harmless(text: &str) -> Option<Harmless> {
    let lower = text.to_ascii_lowercase();
    if SWITCHES.contains(&lower) {
        return Some(Harmless::Switch);
    }
    if is_number(&lower) {
        return Some(Harmless::Number);
    }
    if is_version(&lower) || is_algorithm(&lower) {
        return Some(Harmless::Switch);
    }
    if is_mark(text)
        || is_written_placeholder(&lower)
        || percent_decoded(&lower).is_some_and(|text| is_masked(&text))
    {
        return Some(Harmless::Mark);
    }
    if is_public(text) {
        return Some(Harmless::Public);
    }
    if is_place(text) {
        return Some(Harmless::Place);
    }
    if is_reference(text) {
        return Some(Harmless::Reference);
    }
    (text.chars().count() < 3).then_some(Harmless::Tiny)
}

/// Words that turn something on or off, or name a type or an encoding.
static SWITCHES: WordList = WordList::new(
    "true false yes no on off none null nil undefined enabled disabled enable disable required optional always never \
     auto automatic n/a na empty unset unused unknown default string str bytes int bearer basic plaintext \
     securestring stringlist nan ascii latin1 latin-1 utf8 utf-8 utf-16 iso-8859-1 x86_64 amd64 arm64",
);

/// Units of durations, sizes and counts, and endings of versions.
static UNITS: WordList = WordList::new(
    "s ms m h d w y sec secs second seconds min mins minute minutes hour hours day days week weeks month months year \
     years b k kb kib mb mib gb gib tb vcpu px rc1 alpha beta snapshot latest",
);

/// Returns `true` for a number with its sign, fraction, groups and unit, and for durations, dates
/// and addresses.
///
/// `3600`, `-1.5`, `10:30`, `512mb`, `PT15M`, `v2` and `10.0.0.0/16` → `true`; `0x1f` and `2b4f` →
/// `false`.
fn is_number(lower: &str) -> bool {
    let body = lower.trim_start_matches(['+', '-', '~', '^', '=', 'v', '<', '>']);
    let Some(first) = body.bytes().next() else {
        return false;
    };
    if !first.is_ascii_digit() && !body.starts_with('p') {
        return false;
    }
    let is_figure = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".,:_/-x*%".contains(&byte))
            && !text.starts_with("0x")
    };
    if is_figure(body) {
        return true;
    }
    let unit_at = body
        .bytes()
        .position(|byte| !(byte.is_ascii_digit() || byte == b'.'))
        .unwrap_or(body.len());
    let unit = body[unit_at..].trim();
    if unit_at > 0 && UNITS.contains(unit) {
        return true;
    }
    // ISO 8601: `PT15M`, `2026-11-24T10:00:00Z`.
    let is_duration = body.starts_with('p')
        && body.len() <= 12
        && body[1..].bytes().any(|byte| byte.is_ascii_digit())
        && body[1..]
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"tdhmswy.".contains(&byte));
    let is_date = body.len() >= 10
        && body.as_bytes().get(4) == Some(&b'-')
        && body
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-:t.z+ ".contains(&byte));
    is_duration || is_date
}

/// Returns `true` for a single character repeated: `****`, `xxxx`, `...`, `----`.
pub(crate) fn is_mark(text: &str) -> bool {
    let mut characters = text
        .chars()
        .filter(|character| !matches!(character, '-' | ' ' | '_'));
    let Some(first) = characters.next() else {
        return true;
    };
    let is_filler = matches!(
        first,
        '*' | 'x' | 'X' | '.' | '?' | '#' | '0' | '…' | '=' | '•' | '●' | '∗' | '█' | '·'
    );
    is_filler && characters.all(|character| character == first)
}

/// Returns `true` for a decoded mask: `%2A%2A%2A`, `%3Credacted%3E`.
fn is_masked(decoded: &str) -> bool {
    is_mark(decoded) || is_written_placeholder(decoded)
}

/// Words that tools write in place of a value that they hide.
static MASKS: WordList = WordList::new(
    "censored concealed elided filtered hidden masked obfuscated omitted redacted removed sanitised sanitized scrubbed \
     stripped suppressed withheld",
);

/// Verbs that begin a request for a value: `enter-token-here`.
static REQUESTS: WordList =
    WordList::new("insert enter put paste fill replace provide specify add set use see");

/// Words that mark a value as missing or hidden, anywhere in it.
static FILLERS: WordList =
    WordList::new("redacted todo tbd fixme placeholder xxx xxxx xxxxx xxxxxx xxxxxxxx");

/// Returns `true` for words that ask the reader to fill in a value: `your-api-key`, `<token>`,
/// `REPLACE_ME`.
fn is_written_placeholder(lower: &str) -> bool {
    if MASKS.contains(lower.trim_matches(|character: char| !character.is_ascii_alphabetic())) {
        return true;
    }
    let is_bracketed = (lower.starts_with('<') && lower.ends_with('>'))
        || (lower.starts_with('[') && lower.ends_with(']'));
    if is_bracketed {
        return true;
    }
    // A digit inside a word makes it a part of something else.
    let words: Vec<&str> = lower
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let Some(first) = words.first() else {
        return false;
    };
    // Random text contains `your` only by accident.
    let few_digits = lower.bytes().filter(u8::is_ascii_digit).count() * 4 <= lower.len();
    let asks = words.len() > 1 && (words.contains(&"your") || REQUESTS.contains(first));
    few_digits && (asks || words.iter().any(|word| FILLERS.contains(word)))
}

/// Returns `true` for the beginning of a public key or certificate.
fn is_public(text: &str) -> bool {
    let begins = [
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
        "ssh-dss ",
        "AAAAB3Nza",
        "AAAAC3Nza",
        "AAAAE2Vj",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN PUBLIC",
        "-----BEGIN RSA PUBLIC",
        "-----BEGIN PGP PUBLIC",
        "pk_live_",
        "pk_test_",
    ];
    begins.iter().any(|begin| text.starts_with(begin))
}
