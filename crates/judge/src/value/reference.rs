//! Values that name something kept or computed elsewhere.
//!
//! | value | kind |
//! | --- | --- |
//! | `vault:secret/db`, `ENC[…]` | kept in a store, or encrypted |
//! | `DB_PASSWORD` | the name of a variable |
//! | `ssm:GetParameter` | an action of IAM |
//! | `os.environ["X"]`, `getToken()` | an expression |

use super::randomness::{is_spoken, looks_random};
use super::wordy::is_mixed_up;
use crate::words::words;

/// Returns `true` for a value that refers to another: a name in code, an action, a location in a
/// secret store.
pub(crate) fn is_reference(text: &str) -> bool {
    is_kept_elsewhere(text) || is_variable_name(text) || is_action(text) || is_expression(text)
}

/// Returns `true` for a location in a secret store, `vault:secret/db` or `op://vault/item`, and for
/// encrypted text, `ENC[…]` or a ciphertext of KMS.
fn is_kept_elsewhere(text: &str) -> bool {
    let schemes = [
        "vault:",
        "ssm:",
        "secretsmanager:",
        "awssm:",
        "env:",
        "file:",
        "secret:",
        "keyvault:",
        "kms:",
        "sops:",
        "op:",
        "gcpsm:",
    ];
    let is_scheme = schemes.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(' ');
    is_scheme || text.starts_with("ENC[") || text.starts_with("AQICAH") && text.len() >= 100
}

/// Returns `true` for the name of an environment variable: `DB_PASSWORD`.
fn is_variable_name(text: &str) -> bool {
    let is_upper = text
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('_').filter(|part| !part.is_empty()).collect();
    is_upper
        && parts.len() >= 2
        && parts.iter().filter(|part| looks_random(part)).count() * 2 < parts.len()
        && parts.iter().any(|part| part.len() >= 2 && is_spoken(part))
}

/// Returns `true` for an IAM action: `secretsmanager:GetSecretValue`, `ssm:Get*`.
fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty()
            && service
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && (action == "*" || action.starts_with(|first: char| first.is_ascii_uppercase()))
            && action
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'*')
    })
}

/// Returns `true` for an expression of a program or mapping template: `event.token`,
/// `os.environ["X"]`, `getToken()`, `$.detail.key`, `token.actions.example.com:sub`.
fn is_expression(text: &str) -> bool {
    if text.starts_with("$.")
        || text.starts_with("$context")
        || text.starts_with("$request")
        || text.starts_with("$input")
    {
        return true;
    }
    let name_end = text
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"_.$".contains(&byte)))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    let is_dotted_name = name.contains('.')
        && name.split('.').all(|part| {
            let is_word = words(part)
                .iter()
                .all(|word| word.len() <= 2 || is_spoken(word));
            part.starts_with(|first: char| {
                first.is_ascii_alphabetic() || first == '_' || first == '$'
            }) && !looks_random(part)
                && is_word
        })
        && !(name.len() >= 8 && is_mixed_up(name));
    let starts_like_name = name
        .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && !looks_random(name);
    match rest.as_bytes() {
        [] => is_dotted_name,
        [b'(', ..] => starts_like_name && rest.trim_end_matches([';', ',']).ends_with(')'),
        [b'[', ..] => starts_like_name && rest.contains(']'),
        [b':', ..] => is_dotted_name && !rest[1..].contains(':'),
        _ => false,
    }
}
