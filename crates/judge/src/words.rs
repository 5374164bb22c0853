//! Splits names into words: `dbPassword`, `DB_PASSWORD`, `db-password` and `DBPassword` are all
//! `db` and `password`.
//!
//! Lists of words are written as one string each. That keeps a list of fifty words in four lines of
//! source, and the compiler builds the index over their lengths, so that a program starts without
//! building anything.
//!
//! | name | words |
//! | --- | --- |
//! | `AWSKeyIDs` | `aws`, `key`, `ids` |
//! | `oauth2Token` | `oauth`, `2`, `token` |
//! | `x-api-key` | `x`, `api`, `key` |

/// A list of lower-case words, separated by spaces.
///
/// It is built at compile time and searched linearly: the lists have a few dozen words, and most
/// questions are answered by the lengths alone.
///
/// A hash set would need memory and code that runs before the first question. Here a word of a
/// length that no entry with its first letter has, as most are, is rejected by one bit.
#[derive(Clone, Copy)]
pub(crate) struct WordList {
    /// The words, separated by spaces.
    words: &'static str,
    /// For every first letter, a bit for each length that words with that letter have. Index 0 is
    /// for words that begin with another character than an ASCII letter.
    lengths: [u32; 27],
}

impl WordList {
    /// Reads the list, at compile time.
    pub(crate) const fn new(words: &'static str) -> Self {
        let bytes = words.as_bytes();
        let mut lengths = [0; 27];
        let mut start = 0;
        let mut at = 0;
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b' ' {
                if at > start {
                    lengths[letter(bytes[start])] |= bit(at - start);
                }
                start = at + 1;
            }
            at += 1;
        }
        Self { words, lengths }
    }

    /// Returns `true` if a word is on the list. The comparison is case-sensitive: words are in
    /// lower case.
    pub(crate) fn contains(&self, word: &str) -> bool {
        let Some(first) = word.as_bytes().first() else {
            return false;
        };
        self.lengths[letter(*first)] & bit(word.len()) != 0
            && self.iter().any(|known| known == word)
    }

    /// Returns `true` if a word is on the list, in any case of its ASCII letters.
    pub(crate) fn contains_ignoring_case(&self, word: &str) -> bool {
        let Some(first) = word.as_bytes().first() else {
            return false;
        };
        self.lengths[letter(first.to_ascii_lowercase())] & bit(word.len()) != 0
            && self.iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    /// Returns the words in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.words.split_ascii_whitespace()
    }
}

/// Returns the index of a first letter in `lengths`.
///
/// `a` → 1, `z` → 26; `é`, `_` and digits → 0.
const fn letter(first: u8) -> usize {
    if first.is_ascii_lowercase() {
        (first - b'a') as usize + 1
    } else {
        0
    }
}

/// Returns the bit of a length in bytes. All lengths above 30 share the last bit.
const fn bit(length: usize) -> u32 {
    1 << if length < 31 { length } else { 31 }
}

/// Splits a name into lower-case words: at every character that is not a letter or digit, where the
/// case changes, and between letters and digits.
///
/// Abbreviations stay together: `AWSKeyIDs` is `aws`, `key` and `ids`. A name without letters and
/// digits has no words.
pub(crate) fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = index
            .checked_sub(1)
            .and_then(|index| characters.get(index))
            .copied();
        let after = characters.get(index + 1).copied();
        if before.is_some_and(|before| is_border(before, character, after)) {
            words.push(std::mem::take(&mut word));
        }
        word.extend(character.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Returns `true` if a word begins with `character`: `aB`, the `B` of `ABc`, and a letter beside a
/// digit.
///
/// `passWord` has a border before `W`, `DBPassword` before `P`, `key2` before `2`; the `s` of `IDs`
/// has none.
fn is_border(before: char, character: char, after: Option<char>) -> bool {
    let hump = before.is_lowercase() && character.is_uppercase();
    // The `s` of `IDs` and `ARNs` belongs to the abbreviation.
    let plural = |after: char| after == 's';
    let end_of_abbreviation = before.is_uppercase()
        && character.is_uppercase()
        && after.is_some_and(|after| after.is_lowercase() && !plural(after));
    let digits = before.is_alphabetic() && character.is_numeric()
        || before.is_numeric() && character.is_alphabetic();
    hump || end_of_abbreviation || digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_splits_every_style_of_name() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "db-password",
            "DBPassword",
            "db.password",
            "db password",
            "db/password",
        ] {
            assert_eq!(words(name), ["db", "password"], "{name}");
        }
        assert_eq!(words("S3AccessKeyIDs"), ["s", "3", "access", "key", "ids"]);
        assert!(words("--").is_empty());
    }
}
