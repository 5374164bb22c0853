//! The forms in which a text may hold a value: encoded, decoded, or a part of it.
//!
//! | value | one of its forms |
//! | --- | --- |
//! | `p@ss/w0rd` | `p%40ss%2Fw0rd` |
//! | `a"b\c1` | `a\"b\\c1` |
//! | `it's-7` | `it''s-7`, as YAML writes it between single quotes |
//! | `postgres://app:zebra7@db` | `zebra7`, the password by itself |
//! | `{"token": "zebra7"}` | `zebra7`, a text of the document |
//!
//! Base64 has three forms, one for each place of the value in a group of three bytes.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use byref_judge::{classify_name, decode_base64, percent_decoded};
use byref_template::{NodeRef, Template};

use crate::encoding::{json_escaped, percent_encoded};

/// The length of the shortest value that is masked, in bytes. Shorter ones are everyday words and
/// numbers, and masks over them would hide a whole template.
const SHORTEST: usize = 4;

/// The length of the shortest encoding that is searched for, in bytes.
const SHORTEST_ENCODED: usize = 5;

/// The length of the shortest distinctive value, in bytes. Shorter ones occur in any text by
/// accident.
const SHORTEST_DISTINCTIVE: usize = 6;

/// How much of a form is searched for, in bytes: a text that holds all of a long value holds its
/// beginning.
const LONGEST: usize = 64;

/// The greatest length of a parameter's value in Parameter Store, in bytes.
const LONGEST_VALUE: usize = 8192;

/// The greatest number of lines, members or URLs of one value that are searched for by themselves.
const MOST_PARTS: usize = 256;

/// Returns `true` if a value is not a number or word that every template contains.
///
/// `abc`, `true` and `8080` → `false`; `80801`, `demo` and `p@ss` → `true`.
pub(crate) fn is_maskable(text: &str) -> bool {
    let text = text.trim();
    let is_number = text.len() < 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = ["true", "false", "null", "none"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    text.len() >= SHORTEST && !is_number && !is_word
}

/// Returns `true` if a value is not an everyday word or name. Such values are in texts that have
/// nothing to do with the secret, so that only names are masked for them.
///
/// `password` and `Production` → `false`; `zebra7`, `camelCase` and `p@ssword` → `true`.
pub(crate) fn is_distinctive(text: &str) -> bool {
    let has = |is: fn(char) -> bool| text.chars().any(is);
    let is_mixed =
        has(char::is_uppercase) && has(char::is_lowercase) && !text.starts_with(char::is_uppercase);
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let has_sign = has(|character| !character.is_alphanumeric() && !"-_./: ".contains(character));
    text.len() >= SHORTEST_DISTINCTIVE
        && !is_number
        && (has(|character| character.is_ascii_digit()) || is_mixed || has_sign)
}

/// Returns a value in the forms in which a template or a message may hold it.
///
/// These are the value without spaces around it, each of its lines or JSON members, and the
/// password of a URL in it; each of them as it is, decoded, and encoded for a URL, for JSON, in
/// hexadecimal and in base64.
pub(crate) fn forms(value: &str) -> Vec<String> {
    let mut parts = vec![value.trim().to_owned()];
    parts.extend(decoded(value.trim()));
    for index in 0..parts.len() {
        let inner = parts_of(&parts[index]);
        parts.extend(inner);
    }
    let mut forms: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| is_maskable(part)) {
        forms.extend(
            encoded(part)
                .into_iter()
                .filter(|form| form.len() >= SHORTEST_ENCODED),
        );
        if !part.is_ascii() {
            // The search itself folds the case of ASCII letters only.
            forms.extend([part.to_lowercase(), part.to_uppercase()]);
        }
        forms.push(part.clone());
    }
    for form in &mut forms {
        let end = form.floor_char_boundary(LONGEST);
        form.truncate(end);
    }
    forms
}

/// Returns the texts that a text decodes to: from percent signs, hexadecimal digits, base64, or
/// backslash escapes.
pub(crate) fn decoded(text: &str) -> Vec<String> {
    let mut decoded = Vec::new();
    if text.contains('\\') {
        let quoted = format!("\"{}\"", text.trim_matches('"'));
        let document = Template::parse(Arc::from(quoted)).ok();
        let read = document
            .as_ref()
            .and_then(Template::root)
            .and_then(|root| root.text().map(Cow::into_owned));
        decoded.extend(read.map(|text| text.trim().to_owned()));
    }
    decoded.extend(percent_decoded(text).map(|text| text.trim().to_owned()));
    if text.len() >= 2 * SHORTEST
        && text.len().is_multiple_of(2)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        let pairs = text.as_bytes().chunks_exact(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
        decoded.extend(bytes.and_then(|bytes| String::from_utf8(bytes).ok()));
    }
    let digits = text.trim_end_matches('=');
    if digits.len() >= SHORTEST_ENCODED {
        decoded.extend(decode_base64(text).map(|text| text.trim().to_owned()));
    }
    decoded
}

/// Returns the parts of a value: its lines, the texts of its JSON document, the password of a URL,
/// and the values of pairs whose name suggests a secret.
fn parts_of(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    if text.contains('\n') {
        // The lines around a PEM block are the same for every key.
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("-----"));
        parts.extend(lines.take(MOST_PARTS).map(str::to_owned));
    }
    if text.starts_with(['{', '[']) {
        parts.extend(texts_of(text));
    }
    for (at, mark) in text.match_indices("://").take(MOST_PARTS) {
        let rest = &text[at + mark.len()..];
        let rest = &rest[..rest.floor_char_boundary(LONGEST_VALUE)];
        let authority = rest
            .split(['/', '?', '#', ' ', '\n', '"', '\''])
            .next()
            .unwrap_or_default();
        // A password may contain a slash that was not encoded.
        let user = [authority, rest]
            .into_iter()
            .find_map(|part| part.rsplit_once('@')?.0.split_once(':'));
        if let Some((_, password)) = user {
            parts.push(password.to_owned());
            parts.extend(percent_decoded(password));
        }
    }
    let pairs = text
        .split([';', '&', '?', ' ', ','])
        .filter_map(|pair| pair.split_once('='));
    let secret = pairs.filter(|(name, _)| classify_name(name.trim()).is_strong());
    parts.extend(
        secret
            .take(MOST_PARTS)
            .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned()),
    );
    parts
}

/// Returns the texts in a JSON document, without its keys.
fn texts_of(text: &str) -> Vec<String> {
    let Ok(document) = Template::parse(Arc::from(text)) else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    let mut open: Vec<NodeRef<'_>> = document.root().into_iter().collect();
    while let Some(node) = open.pop().filter(|_| texts.len() < MOST_PARTS) {
        texts.extend(
            node.text()
                .filter(|_| node.kind().is_scalar())
                .map(Cow::into_owned),
        );
        open.extend(node.items().chain(node.entries().map(|entry| entry.value)));
    }
    texts
}

/// Returns a text in its encodings: with percent signs, in hexadecimal, as JSON and YAML write it
/// between quotes, and the part of its base64 that does not depend on the bytes around it.
fn encoded(text: &str) -> Vec<String> {
    let bytes = [
        percent_encoded(text.as_bytes(), true),
        json_escaped(text.as_bytes()),
    ];
    let mut encoded: Vec<String> = bytes
        .into_iter()
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect();
    encoded.push(text.replace('\'', "''"));
    let end = text.floor_char_boundary(LONGEST);
    encoded.push(
        text.bytes()
            .take(end)
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")),
    );
    for shift in 0..3 {
        let shifted = [&[0; 3][..shift], &text.as_bytes()[..end]].concat();
        // Digits that encode bytes in front or behind as well are left out.
        let digits = (shift * 8).div_ceil(6)..shifted.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            encoded.push(engine.encode(&shifted)[digits.clone()].to_owned());
        }
    }
    encoded.retain(|form| form != text);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_include_encoded_and_decoded_parts() {
        let cases: [(&str, &[&str]); 8] = [
            ("p@ss/wörd 7", &["p@ss/wörd 7", "p%40ss%2Fw%C3%B6rd%207"]),
            (" zebra7\n", &["zebra7"]),
            ("zebra7\ncrossing9", &["zebra7", "crossing9"]),
            ("zebra%2F7%20crossing", &["zebra/7 crossing"]),
            ("emVicmE3LWNyb3NzaW5n", &["zebra7-crossing"]),
            (
                "postgres://admin:zebra%2F7@db:5432/orders",
                &["zebra%2F7", "zebra/7"],
            ),
            (
                r#"{"username":"admin","nested":{"password":"zebra\"7"}}"#,
                &["admin", "zebra\"7", "zebra\\\"7"],
            ),
            ("Server=db;User Id=sa;Password=zebra7!;", &["zebra7!"]),
        ];
        for (value, expected) in cases {
            let forms = forms(value);
            for form in expected {
                assert!(
                    forms.iter().any(|known| known == form),
                    "{form} of {value}: {forms:?}"
                );
            }
        }
        let text = "zebra7-crossing";
        let known = forms(text);
        for around in ["", "x", "xy"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{around}{text}{around}"));
            assert!(
                known.iter().any(|form| encoded.contains(form.as_str())),
                "{around}: {encoded}"
            );
        }
    }

    #[test]
    fn forms_of_a_long_value_are_cut() {
        let value = "zebra7 ".repeat(100_000);
        assert!(forms(&value).iter().all(|form| form.len() <= LONGEST));
    }

    #[test]
    fn is_distinctive_rejects_everyday_words() {
        for word in [
            "postgres",
            "production",
            "correct-horse",
            "Zebra",
            "/a/b",
            "123456",
            "a b c d",
        ] {
            assert!(!is_distinctive(word), "{word}");
        }
        for value in ["hunter2", "zEbra-x", "zebra!", "111122223333x"] {
            assert!(is_distinctive(value), "{value}");
        }
    }
}
