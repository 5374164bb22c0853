//! Predicates for values that are made of words: what people make up as a password, and what they
//! call their resources.
//!
//! `silver_zephyr_biscuit_walnut` and `prod_database_backup_bucket` have the same syntax. Only the
//! first is a passphrase, because none of its words is one that names of resources are made of. The
//! predicates here combine the number of words, their letters and digits, and such lists of words.
//!
//! | value | predicate |
//! | --- | --- |
//! | `Rocket-1709` | [`is_made_up`] |
//! | `heron lagoon` | [`is_passphrase`] |
//! | `silver_zephyr_biscuit_walnut` | [`is_joined_phrase`] |
//! | `silver.zephyr.biscuit.walnut` | [`is_dotted_phrase`] |
//! | `lantern-4308` | [`is_word_and_number`] |
//! | `quiz-db-password` | [`names_a_secret`] |
//!
//! There is no dictionary: it would be large, know one language, and contain the words of resources
//! as well.

use crate::value::{Rest, is_spoken, without_placeholders};
use crate::words::{WordList, words};

/// Returns `true` if a value has the digits or capitals by which people turn words into passwords:
/// `Rocket-1709`, but not `prod-db-2`.
///
/// Three digits are enough without a capital, since numbers of instances and versions are shorter.
pub(crate) fn is_made_up(value: &str) -> bool {
    let digits = digits(value);
    digits >= 3 || digits > 0 && value.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns `true` for a number of at least `least` digits.
pub(crate) fn is_digits(value: &str, least: usize) -> bool {
    value.len() >= least && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words that the names of secrets are made of.
static SECRET_WORDS: WordList = WordList::new(
    "password passwd pwd pass secret secrets token key credential credentials creds auth apikey arn param parameter \
     name",
);

/// Returns `true` if a value is the name of a secret rather than a secret: `quiz-db-password`.
///
/// The ends are compared without splitting as well, for words that are written together:
/// `quizpassword`.
pub(crate) fn names_a_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    words(value).iter().any(|word| SECRET_WORDS.contains(word))
        || ["password", "secret", "token", "credential"]
            .iter()
            .any(|word| lower.ends_with(word))
}

/// Returns `true` if a value repeats its own name: `dbpassword` for `DB_PASSWORD`.
///
/// Such values are fillers: the author of a template had to type something.
pub(crate) fn repeats(name: &str, value: &str) -> bool {
    let flat = |text: &str| words(text).concat();
    let (name, value) = (flat(name), flat(value));
    name.contains(&value) || value.contains(&name)
}

/// Words that sentences about passwords are made of, such as "enter the password of your database".
pub(crate) static ABOUT: WordList = WordList::new(
    "a admin administrator an and any are as ask at auto automatically be by can change config contact database default empty \
     enter env environment file for from generate generated hidden if in is managed manager manually master may must name new no \
     none not of old on optional parameter parameters please prompt provide provided random randomly required root same see service \
     set should ssm store stored string text that the this to unset unused use used user using value variable vault via when where \
     will with your",
);

/// Returns `true` for a passphrase: two words or more that do not form a sentence, with one number
/// at most, such as `heron lagoon` or `Amber Lagoon 896!`.
pub(crate) fn is_passphrase(value: &str) -> bool {
    let all: Vec<&str> = value
        .trim_end_matches(['!', '?'])
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect();
    let is_word =
        |word: &&str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    (2..=25).contains(&all.len())
        && all
            .iter()
            .all(|word| is_number(word) || word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && all.iter().filter(|word| is_word(word)).count() >= 2
        && all.iter().filter(|word| is_number(word)).count() <= 1
        && !all
            .iter()
            .any(|word| ABOUT.contains(&word.to_ascii_lowercase()))
        && !names_a_secret(value)
}

/// Returns `true` for a recovery phrase: `least` words or more in lower case, with one number at
/// most, that do not form a sentence.
///
/// Unlike [`is_passphrase`], it takes no capitals. Above eight words, each word must have three
/// letters, as those of BIP-39 have.
pub(crate) fn is_phrase(value: &str, least: usize) -> bool {
    let all: Vec<&str> = value.split(' ').collect();
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let longer = all
        .iter()
        .filter(|word| word.len() >= 3 && is_word(word))
        .count();
    let grammar = [
        "the", "for", "and", "with", "from", "use", "used", "must", "this", "that", "your", "are",
        "not", "see",
    ];
    (least..=25).contains(&longer)
        && all.iter().all(|word| is_word(word) || is_number(word))
        && all.iter().filter(|word| is_number(word)).count() <= 1
        && (all.len() <= 8 || longer == all.len())
        && !all.iter().any(|word| grammar.contains(word))
        && !names_a_secret(value)
}

/// Returns `true` for a passphrase joined like a name, `silver_zephyr_biscuit_walnut`: four words
/// or more, none of which is a word for resources.
pub(crate) fn is_joined_phrase(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.']).collect();
    let is_word = |part: &&str| {
        part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_lowercase()) && is_spoken(part)
    };
    parts.len() >= 4
        && parts.iter().all(is_word)
        && !parts.iter().any(|part| RESOURCE_WORDS.contains(part))
        && !names_a_secret(value)
}

/// Returns `true` for a passphrase joined by dots, which has the syntax of a host name.
pub(crate) fn is_dotted_phrase(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'.')
        && is_joined_phrase(value)
}

/// Returns `true` for words and a number, `lantern-4308` or `amber-lagoon-896`, but not `app-2024`.
///
/// The words must not be those of resources, and a year behind several words makes the value a
/// name.
pub(crate) fn is_word_and_number(value: &str) -> bool {
    let Some((front, number)) = value.rsplit_once(['-', '_', '.']) else {
        return false;
    };
    let words: Vec<&str> = front.split(['-', '_', '.']).collect();
    let is_word = |word: &&str| {
        word.len() >= 4
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !RESOURCE_WORDS.contains(&word.to_ascii_lowercase())
    };
    // Several words and a year are more likely a name.
    let is_year = words.len() > 1 && number.len() == 4 && number.starts_with("20");
    words.iter().all(is_word)
        && (3..=6).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !is_year
        && !names_a_secret(value)
}

/// Words that names of hosts, resources and variables are made of.
pub(crate) static RESOURCE_WORDS: WordList = WordList::new(
    "admin alpha amazon amazonaws api app application apps aws backend beta bucket build cache cluster com config data \
     database demo dev development docker eu event events example frontend github host http https image info internal \
     io job jobs key lambda lib local localhost log logs main master module name net node org output outputs param \
     params prod production process project props public queue redis region release role root sandbox schema secret \
     server service services session settings site stack stage staging state store svc system table task team template \
     test tests token topic user users util utils values var vars version web worker www",
);

/// Returns how many digits a value has.
pub(crate) fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// Returns the part of a computed value that its author made up: `Zebra7` of `${Env}-Zebra7`.
///
/// Values that are paths, URLs or expressions are computed from names, and have no such part.
///
/// | value | part |
/// | --- | --- |
/// | `${Env}-Zebra7` | `Zebra7` |
/// | `${Env}-database-7` | none: no part has both a capital or three digits and four letters |
/// | `Zebra7` | none: nothing is computed |
/// | `${Env}/Zebra7` | none: a path |
pub(crate) fn made_up_part(value: &str) -> Option<String> {
    let Rest {
        literal,
        had_placeholders,
    } = without_placeholders(value);
    let parts =
        || literal.split(|character: char| character.is_whitespace() || "-_".contains(character));
    let is_part = |part: &&str| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        letters >= 4
            && is_made_up(part)
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#%&*?@^~".contains(&byte))
            && !words(part).iter().any(|word| RESOURCE_WORDS.contains(word))
    };
    let is_plain = had_placeholders && !literal.contains(['/', ':', '{', '}']);
    parts()
        .find(is_part)
        .filter(|_| is_plain)
        .map(str::to_owned)
}
