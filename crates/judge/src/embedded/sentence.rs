//! Finds secrets in sentences for human readers: `The initial password is Heron42!Lagoon.`
//!
//! A noun for a secret is followed by a few words that assign a value (`is`, `has been set to`, a
//! colon), and then by the value. Descriptions of templates are full of the nouns, so that the
//! value must not be a word: it needs digits, and mixed case or punctuation. Findings are mostly
//! warnings.

use crate::embedded::EmbeddedKind;
use std::ops::Range;

use crate::Verdict;
use crate::embedded::Embedded;
use crate::shape::is_example;
use crate::value::{Joined, ValueClass, classify_value};
use crate::words::WordList;

/// Nouns for secrets, each with `true` if people make the secret up.
const NOUNS: [(&str, bool); 13] = [
    ("password", true),
    ("passphrase", true),
    ("passcode", true),
    ("passwort", true),
    ("passwd", true),
    ("pwd", true),
    ("pw", true),
    ("secret", false),
    ("token", false),
    ("api key", false),
    ("api-key", false),
    ("apikey", false),
    ("access key", false),
];

/// Words that may come between the noun and its value.
static BETWEEN: WordList = WordList::new(
    "always as be been currently default defaults equals has initially is now set still temporarily the to was will",
);

/// Words behind which a sentence names the owner of the secret, up to `is` or a colon.
static WHOSE: WordList = WordList::new("at for in of on");

/// How many words may come between the noun and its value.
const MOST_BETWEEN: usize = 8;

/// How many bytes behind a noun are searched for its value.
const FARTHEST: usize = 160;

/// Adds the secrets of sentences. A value belongs to the noun before it, and each noun has one
/// value.
pub(crate) fn in_sentences(text: &str, found: &mut Vec<Embedded>) {
    let lower = text.to_ascii_lowercase();
    let mut taken = 0;
    let starts = lower.char_indices().filter(|(at, character)| {
        let is_begin = !lower[..*at].ends_with(|before: char| before.is_alphanumeric());
        matches!(character, 'p' | 's' | 't' | 'a') && is_begin
    });
    for (at, _) in starts {
        let Some((noun, is_password)) =
            NOUNS.iter().find(|(noun, _)| lower[at..].starts_with(noun))
        else {
            continue;
        };
        let after = at + noun.len();
        if at < taken
            || lower[after..]
                .starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_')
        {
            continue;
        }
        let Some((range, is_assigned)) = value_after(text, after) else {
            continue;
        };
        if let Some(verdict) = verdict(&text[range.clone()], *is_password, is_assigned) {
            taken = range.end;
            let kind = if *is_password {
                EmbeddedKind::SentencePassword
            } else {
                EmbeddedKind::SentenceToken
            };
            found.push(Embedded {
                range,
                name: None,
                kind,
                verdict,
            });
        }
    }
}

/// Returns the range of the word that a sentence gives to the noun before it, and `true` if the
/// sentence assigns it, by `is`, a colon or an equals sign.
///
/// In `password for the console is X`, `for` names an owner, which lasts up to `is`; then `X` is
/// the value.
fn value_after(text: &str, from: usize) -> Option<(Range<usize>, bool)> {
    let text = &text[..text.floor_char_boundary(from + FARTHEST)];
    let mut at = from;
    let (mut is_assigned, mut is_owner) = (false, false);
    for _ in 0..=MOST_BETWEEN {
        let gap = text[at..].len()
            - text[at..]
                .trim_start_matches([' ', '\t', ':', '=', '"', '\'', '`', '(', '/', '-'])
                .len();
        is_assigned |= text[at..at + gap].contains([':', '=']);
        at += gap;
        let length = text[at..]
            .find(char::is_whitespace)
            .unwrap_or(text.len() - at);
        let word =
            text[at..at + length].trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '`']);
        if word.is_empty() {
            return None;
        }
        let lower = word.to_ascii_lowercase();
        if is_owner {
            is_owner =
                !matches!(lower.as_str(), "is" | "was") && !text[at..at + length].ends_with(':');
        } else if WHOSE.contains(&lower) {
            is_owner = true;
        } else if BETWEEN.contains(&lower) {
            is_assigned = true;
        } else {
            return Some((at..at + word.len(), is_assigned));
        }
        is_assigned |= !is_owner && text[at..at + length].ends_with(':')
            || matches!(lower.as_str(), "is" | "was");
        at += length;
    }
    None
}

/// Judges a word behind a noun. It needs a digit and a letter: words of a language, and terms such
/// as `OAuth2`, are not secrets.
fn verdict(word: &str, is_password: bool, is_assigned: bool) -> Option<Verdict> {
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    let (digits, upper, lower) = (
        count(u8::is_ascii_digit),
        count(u8::is_ascii_uppercase),
        count(u8::is_ascii_lowercase),
    );
    let signs = count(|byte| b"!@#$%^&*?~".contains(byte));
    if !(6..=64).contains(&word.len()) || digits == 0 || upper + lower == 0 || is_example(word) {
        return None;
    }
    match classify_value(word) {
        ValueClass::Random if word.len() >= 16 || is_password && is_assigned && word.len() >= 8 => {
            Some(Verdict::Secret)
        }
        ValueClass::Random | ValueClass::Mixed if is_password && is_assigned => {
            (signs > 0 || upper > 0 && lower > 0).then_some(Verdict::Unsure)
        }
        ValueClass::Random | ValueClass::Mixed if is_password => {
            (signs > 0).then_some(Verdict::Unsure)
        }
        ValueClass::Words(Joined::One) if is_password && is_assigned => {
            (digits >= 2 && upper > 0 && lower > 3).then_some(Verdict::Unsure)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        in_sentences(text, &mut found);
        found.into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn in_sentences_tells_values_from_words() {
        for text in [
            "The initial password is Heron42!Lagoon.",
            "Password: Heron42!Lagoon",
            "log in (password 'Heron42!Lagoon')",
            "the passphrase was set to `Heron42!Lagoon`, once",
            "The password for the console is Heron42!Lagoon",
            "Password of user admin: Heron42!Lagoon",
        ] {
            assert_eq!(found(text), ["Heron42!Lagoon"], "{text}");
        }
        for text in [
            "The password must have 8-41 characters",
            "The password is SHA256-hashed, and the token is a JWT",
            "Password: OAuth2 or SAML2.0",
            "passwords are kept in Secrets Manager (see DB2Secret)",
            "The password is ${Password1}",
            "Token: the EC2 instance-id2",
            "The password for Route53 and S3Bucket2",
            "The password of DB2Admin is kept in Vault2Go",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
