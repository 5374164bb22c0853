//! Classifies values by how they look, whatever they are called.
//!
//! The checks go from certain to uncertain: placeholders and variables first, then what cannot be a
//! secret, then common passwords, then words, and what is left is random or mixed. The submodules
//! hold one kind of evidence each:
//!
//! - `placeholder` and `variable`: what is filled in later
//! - `harmless`, `setting`, `place` and `reference`: what has another meaning
//! - `randomness` and `wordy`: letters and digits that form words, or do not
//!
//! | value | class | by |
//! | --- | --- | --- |
//! | `${DbPassword}` | harmless, a reference | placeholders |
//! | `3600`, `PT15M` | harmless, a number | `harmless` |
//! | `aes-256-gcm` | harmless, a switch | `setting` |
//! | `/run/secrets/db` | harmless, a place | `place` |
//! | `changeme` | weak | lists of words |
//! | `sunshine` | words | pairs of letters |
//! | `x7Kq2LmZ9vTr4WbN` | random | pieces of characters |
//! | `hunter2!` | mixed | nothing else fits |

mod harmless;
mod place;
mod placeholder;
mod randomness;
mod reference;
mod setting;
mod variable;
mod wordy;

pub use placeholder::{HOLE, Rest, without_placeholders};
pub use randomness::looks_random;

pub(crate) use randomness::is_spoken;

use crate::value::harmless::{harmless, is_mark};
use crate::value::variable::is_variable;
use crate::value::wordy::is_mixed_up;
use crate::words::{WordList, words};

/// The class of a value by its looks alone.
///
/// ```
/// use byref_judge::{Harmless, ValueClass, classify_value};
///
/// assert_eq!(classify_value("true"), ValueClass::Harmless(Harmless::Switch));
/// assert_eq!(classify_value("letmein"), ValueClass::Weak);
/// assert_eq!(classify_value("x7Kq2LmZ9vTr4WbN"), ValueClass::Random);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueClass {
    /// The value cannot be a secret.
    Harmless(Harmless),
    /// A filler where a secret belongs, or a common password.
    Weak,
    /// A word, or several joined: made up by a person, or the name of something.
    Words(Joined),
    /// Neither words nor clearly random: `hunter2!`, `s3cr3t`.
    Mixed,
    /// Machine-generated: keys, tokens, generated passwords.
    Random,
}

/// How the words of a value are joined.
/// ```
/// use byref_judge::{Joined, ValueClass, classify_value};
///
/// assert_eq!(classify_value("sunshine"), ValueClass::Words(Joined::One));
/// assert_eq!(classify_value("correct horse battery staple"), ValueClass::Words(Joined::ByBlanks));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// One word in one case, or words run together: `sunshine`.
    One,
    /// By hyphens, dots, underscores, slashes or a change of case, as things are named:
    /// `quiz-db-password`.
    AsName,
    /// By spaces: a sentence, or a passphrase.
    ByBlanks,
}

/// Why a value cannot be a secret.
///
/// ```
/// use byref_judge::{Harmless, ValueClass, classify_value};
///
/// let harmless = |value| match classify_value(value) {
///     ValueClass::Harmless(harmless) => Some(harmless),
///     _ => None,
/// };
/// assert_eq!(harmless("2026-11-24T10:00:00Z"), Some(Harmless::Number));
/// assert_eq!(harmless("/run/secrets/db"), Some(Harmless::Place));
/// assert_eq!(harmless("your-api-key"), Some(Harmless::Mark));
/// assert_eq!(harmless("hunter2!"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harmless {
    /// It is empty.
    Empty,
    /// It turns something on or off, or names an algorithm, a type or a version.
    Switch,
    /// A number, a size, a duration, a date, an address.
    Number,
    /// It is filled in later, or names something that is kept elsewhere.
    Reference,
    /// Where something lies: an ARN, a path, a URL, a host, an image.
    Place,
    /// A mark that asks for a value, or hides one: `****`, `your-api-key`.
    Mark,
    /// Fewer than three characters, or only punctuation.
    Tiny,
    /// A public key or certificate.
    Public,
}

impl Harmless {
    /// Returns `true` if the value has no literal part at all, so that it cannot even be a wrong
    /// one.
    /// ```
    /// use byref_judge::{ValueClass, classify_value};
    ///
    /// let is_literal = |value| !matches!(
    ///     classify_value(value),
    ///     ValueClass::Harmless(harmless) if harmless.is_empty_or_reference()
    /// );
    /// assert!(!is_literal("${DbPassword}"));
    /// assert!(is_literal("3600"));
    /// ```
    pub fn is_empty_or_reference(self) -> bool {
        matches!(self, Harmless::Empty | Harmless::Reference)
    }
}

/// Words that people type in place of a secret, in the languages of templates.
static STAND_INS: WordList = WordList::new(
    "a aendern bar baz beispiel bitte cambia cambiame cambiami cambiar change changeit changeme changer \
     changethis changez changezmoi cámbiame default demo dummy ejemplo example exemple exemplo fake foo foobar \
     here insecure it later me mock mudar must my not notasecret now placeholder please remplacer replace \
     replaced replaceme sample some soon temp the this to tochange todo trocar value wijzig ändern",
);

/// Words that attackers try first.
static FIRST_TRIES: WordList = WordList::new(
    "abc abcdef admin administrator api apikey azerty contrasena contraseña default1 demo dragon geheim guest \
     hunter iloveyou kennwort key letmein local localhost login manager master monkey motdepasse myapikey mypass \
     mypassword mysecret mysql nopassword oracle pass passwd password passwort postgres postgresql pwd qwerty \
     root secret senha superuser sysadmin temp test token user welcome wordpress",
);

/// Classifies a value by its looks.
///
/// Spaces and one pair of quotes around the value are ignored. Placeholders such as `${Name}` are
/// taken out first: a value that consists of them is a reference, and one with a random rest is
/// still random.
///
/// ```
/// use byref_judge::{Harmless, Joined, ValueClass, classify_value};
///
/// assert_eq!(classify_value("x7Kq2LmZ9vTr4WbN"), ValueClass::Random);
/// assert_eq!(classify_value("hunter2!"), ValueClass::Mixed);
/// assert_eq!(classify_value("quiz-db-password"), ValueClass::Words(Joined::AsName));
/// assert_eq!(classify_value("changeme"), ValueClass::Weak);
/// assert_eq!(classify_value("{{resolve:ssm:/a/b}}"), ValueClass::Harmless(Harmless::Reference));
/// ```
pub fn classify_value(value: &str) -> ValueClass {
    let trimmed = unquoted(value.trim());
    let Rest {
        literal,
        had_placeholders,
    } = without_placeholders(trimmed);
    let text = literal.trim();
    if !text.bytes().any(|byte| byte.is_ascii_alphanumeric()) && text.is_ascii() {
        return ValueClass::Harmless(match (had_placeholders, text.is_empty()) {
            (true, _) => Harmless::Reference,
            (false, true) => Harmless::Empty,
            (false, false) if is_mark(text) => Harmless::Mark,
            (false, false) => Harmless::Tiny,
        });
    }
    if is_variable(trimmed) {
        return ValueClass::Harmless(Harmless::Reference);
    }
    if is_noise(trimmed) {
        return ValueClass::Random;
    }
    if had_placeholders {
        return with_holes(text);
    }
    if let Some(harmless) = harmless(text) {
        return ValueClass::Harmless(harmless);
    }
    if is_weak(text) {
        return ValueClass::Weak;
    }
    kind(text)
}

/// Returns `true` for text drawn from all characters of a keyboard: several kinds of punctuation,
/// both cases, and no word.
///
/// Such a text contains the characters of placeholders, numbers and marks by accident, so that it
/// is recognised before those.
fn is_noise(text: &str) -> bool {
    /// The length of the shortest noise, in bytes.
    const SHORTEST: usize = 10;
    /// The least number of different punctuation characters.
    const KINDS: usize = 3;
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    let is_candidate = text.len() >= SHORTEST
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && !["${", "{{", "$(", "://", "\\\"", "\":"]
            .iter()
            .any(|sign| text.contains(sign));
    if !is_candidate {
        return false;
    }
    let kinds: std::collections::BTreeSet<u8> =
        text.bytes().filter(u8::is_ascii_punctuation).collect();
    let signs = text.bytes().filter(u8::is_ascii_punctuation).count();
    let runs = text.split(|character: char| !character.is_ascii_alphabetic());
    let words: Vec<&str> = runs
        .filter(|run| run.len() >= 4 && is_spoken(run))
        .collect();
    let has_word = words.len() >= 2 || words.iter().any(|word| word.len() >= 6);
    // Names, paths and expressions have few kinds of punctuation, with words between them.
    let is_rare = |kind: &u8| !b"-_./:,=".contains(kind);
    kinds.len() >= KINDS && kinds.iter().any(is_rare) && signs * 8 >= text.len() && !has_word
}

/// Returns a text without quotes around the whole: API Gateway reads `'true'` in a string as `true`
/// is read elsewhere.
fn unquoted(text: &str) -> &str {
    let inner = ['\'', '"']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.map_or(text, str::trim)
}

/// Classifies what is left of a value with placeholders: `${Prefix}-db-password` is a name, a
/// random or made-up rest is a secret with a hole in it.
///
/// | value | class |
/// | --- | --- |
/// | `${Prefix}-db-password` | reference |
/// | `${Prefix}-x7Kq2LmZ9vTr4WbN` | random |
/// | `${Prefix}-hunter2x` | mixed |
fn with_holes(text: &str) -> ValueClass {
    if harmless(text).is_some() {
        return ValueClass::Harmless(Harmless::Reference);
    }
    if looks_random(text) {
        return ValueClass::Random;
    }
    let parts = || {
        text.split_whitespace()
            .map(|part| part.trim_matches(['-', '_', '.']))
            .filter(|part| part.len() > 2)
    };
    let is_odd = |part: &str| {
        part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.contains(['/', ':', '=', '?', '&', ',', '.', '@'])
            && joined_words(part).is_none()
            && harmless(part).is_none()
    };
    let length: usize = parts().map(str::len).sum();
    let is_whole = length >= 6 && length * 2 >= text.split_whitespace().map(str::len).sum();
    if is_whole && parts().any(is_odd) {
        ValueClass::Mixed
    } else {
        ValueClass::Harmless(Harmless::Reference)
    }
}

/// Returns `true` for groups of one length, as licenses and recovery codes have them:
/// `CTX8W-DB0CP-GE6QC-BTVOJ`.
fn is_in_groups(text: &str) -> bool {
    let groups: Vec<&str> = text.split(['-', ' ']).collect();
    let has_digit = |group: &&str| group.bytes().any(|byte| byte.is_ascii_digit());
    let length = groups.first().map_or(0, |group| group.len());
    groups.len() >= 3
        && (4..=8).contains(&length)
        && groups.iter().all(|group| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && groups.iter().filter(|group| has_digit(group)).count() * 2 >= groups.len()
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Classifies a literal that is neither harmless nor weak.
fn kind(text: &str) -> ValueClass {
    if is_in_groups(text) {
        return ValueClass::Random;
    }
    if let Some(joined) = joined_words(text) {
        return ValueClass::Words(joined);
    }
    if looks_random(text) {
        ValueClass::Random
    } else {
        ValueClass::Mixed
    }
}

/// Returns `true` for a word that attackers try first, and for words that people type in place of a
/// secret.
fn is_weak(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if FIRST_TRIES.contains(&lower) {
        return true;
    }
    let body =
        lower.trim_end_matches(|character: char| character.is_ascii_digit() || character == '!');
    if body
        .bytes()
        .any(|byte| !byte.is_ascii_alphanumeric() && !b"-_. ".contains(&byte))
    {
        return false;
    }
    let words = words(body);
    let is_known = |word: &String| STAND_INS.contains(word);
    let is_any = |word: &String| is_known(word) || FIRST_TRIES.contains(word);
    words.iter().any(is_known) && words.iter().all(is_any)
}

/// Returns `true` for a common password with a number behind it: `test123` is tried as soon as
/// `test` is.
pub(crate) fn is_first_try_with_number(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = lower.trim_end_matches(|character: char| character.is_ascii_digit());
    word.len() < lower.len() && FIRST_TRIES.contains(word)
}

/// Returns how the words of a text are joined, or `None` if it does not consist of pronounceable
/// words.
fn joined_words(text: &str) -> Option<Joined> {
    let text = text.trim_matches(['_', '-', '.']);
    if text.is_empty() {
        return None;
    }
    let is_made_of = |separators: &[char]| {
        text.split(separators).all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && is_word_or_number(part)
        })
    };
    if text.contains(' ') {
        let plain = text.trim_end_matches(['.', '!', '?']);
        let all = plain
            .split(' ')
            .filter(|part| !part.is_empty())
            .all(|part| {
                let part = part.trim_matches(|character: char| character.is_ascii_punctuation());
                part.is_empty()
                    || part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-'/._".contains(&byte))
                        && !looks_random(part)
            });
        return all.then_some(Joined::ByBlanks);
    }
    if text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let humps = text
            .as_bytes()
            .windows(2)
            .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
            .count();
        if words(text).iter().all(|word| is_spoken(word))
            && !looks_random(text)
            && !is_mixed_up(text)
        {
            return Some(if humps > 0 {
                Joined::AsName
            } else {
                Joined::One
            });
        }
        return None;
    }
    if is_word_or_number(text) {
        return Some(Joined::One);
    }
    let separators = ['-', '_', '.', '/', ':'];
    let is_separated = text.contains(separators);
    (is_separated && is_made_of(&separators) && !is_mixed_up(text)).then_some(Joined::AsName)
}

/// Returns `true` for a pronounceable word with four digits behind it at most, or for a number.
fn is_word_or_number(part: &str) -> bool {
    let letters = part.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = part.len() - letters.len();
    digits <= 4
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (letters.is_empty() || is_spoken(letters))
        && !looks_random(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classify_value_recognises_harmless_values() {
        let cases = [
            (
                Harmless::Number,
                "30 3600s 10MB 1.2.3 v1.2.3 2026-11-24 PT15M 10.0.0.0/16 111122223333 50%",
            ),
            (
                Harmless::Reference,
                "${Password} {{resolve:ssm:/a/b}} $DB_PASSWORD $(cat/x) DB_PASSWORD os.environ[\"X\"] secretsmanager:GetSecretValue ${Env}-db-password",
            ),
            (
                Harmless::Place,
                "arn:aws:ssm:us-east-1:1:parameter/x /prod/db/password prod/db/password https://example.com/x db.example.internal db:5432 ./secret.txt s3://bucket/key nginx:1.25 user@example.com vpc-0123456789abcdef0 token.txt",
            ),
            (Harmless::Mark, "**** xxxxxxxx your-api-key-here REPLACE_ME"),
            (Harmless::Switch, "true no None disabled"),
        ];
        for (expected, values) in cases {
            for value in values.split(' ') {
                assert_eq!(
                    classify_value(value),
                    ValueClass::Harmless(expected),
                    "{value}"
                );
            }
        }
    }

    #[test]
    fn classify_value_tells_passwords_words_and_random_text_apart() {
        for value in [
            "changeme",
            "password",
            "change-me",
            "Password",
            "changeme123",
            "my-secret",
            "admin",
            "example-password",
        ] {
            assert_eq!(classify_value(value), ValueClass::Weak, "{value}");
        }
        for value in ["sunshine", "password123", "supersecret", "TestPassword"] {
            assert!(
                matches!(classify_value(value), ValueClass::Words(_)),
                "{value}"
            );
        }
        assert_eq!(
            classify_value("quiz-api-db-password"),
            ValueClass::Words(Joined::AsName)
        );
        assert_eq!(
            classify_value("correct horse battery staple"),
            ValueClass::Words(Joined::ByBlanks)
        );
        for value in [
            "hunter2!",
            "Summer2019!",
            "P@ssw0rd",
            "s3cr3t",
            "Tr0ub4dor&3",
        ] {
            assert!(
                matches!(
                    classify_value(value),
                    ValueClass::Mixed | ValueClass::Random
                ),
                "{value}"
            );
        }
        for value in [
            "x7Kq2LmZ9vTr4WbN",
            "8f14e45fceea167a5a36dedd4bea2543",
            "kJ8/fQ2+xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk9Mn2",
        ] {
            assert_eq!(classify_value(value), ValueClass::Random, "{value}");
        }
    }
}
