//! Predicates of names and values that single rows of the decision tables ask for.
//!
//! A class tells how a value looks. Some rows need one more fact: the kind of the name, such as that
//! of a salt, or the characters of the value, such as those of a scope of OAuth.

use crate::name::vocabulary::{PASSWORD, SALTS};
use crate::words::words;

/// Returns `true` if a value mixes characters as passwords do and identifiers do not: punctuation,
/// or both cases with digits.
pub(crate) fn has_signs_or_cases(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    has(|byte| b"!@#$^&*?~+=".contains(byte))
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// Returns `true` for a scope of OAuth, `write:pets`, which has the syntax of a user and a
/// password.
///
/// `read:pets` and `write:orders.items` are scopes; `admin:Rocket-1709` is a user and a password.
pub(crate) fn is_scope(action: &str, of: &str) -> bool {
    let actions = [
        "admin", "create", "delete", "list", "manage", "read", "update", "view", "write",
    ];
    actions.contains(&action)
        && of
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-.:".contains(&byte))
}

/// Returns `true` if any word of a name is a word for passwords.
pub(crate) fn is_about_password(name: &str) -> bool {
    words(name).iter().any(|word| PASSWORD.contains(word))
}

/// Returns `true` if a name is that of a salt, which is random and short.
pub(crate) fn is_salt(name: &str) -> bool {
    head(name).is_some_and(|head| SALTS.contains(&head) || head.ends_with("salt"))
}

/// Returns the last word of a name that is not a number.
///
/// `DB_PASSWORD_2` → `password`; `42` → none.
pub(crate) fn head(name: &str) -> Option<String> {
    words(name)
        .into_iter()
        .rfind(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns `true` if a word is the last of a name, numbers aside.
pub(crate) fn has_head(name: &str, word: &str) -> bool {
    head(name).is_some_and(|head| head == word)
}

/// Returns `true` for a number of 4 to 12 digits, or a list of such numbers: PINs and recovery
/// codes.
///
/// `4711`, `123456` and `1234 5678 9012` are codes; `123` and `12-34` are not.
pub(crate) fn is_code(value: &str) -> bool {
    let is_number = |part: &str| {
        (4..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    value
        .split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .all(is_number)
        && !value.trim().is_empty()
}
