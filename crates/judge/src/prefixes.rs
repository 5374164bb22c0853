//! Finds which of a few hundred words begins at a place of a text.
//!
//! An Aho-Corasick automaton is faster on long texts, but takes longer to build than linting a
//! whole template takes. This is a list sorted by first bytes, with a bitmap of 65,536 bits in
//! front of it: one for every pair of first bytes. Most places of a text are ruled out by one bit.
//!
//! # Cost
//!
//! | step | per place of the text |
//! | --- | --- |
//! | the bitmap | one load and one mask |
//! | the list, for the few places that pass | one comparison for each word with that first byte |
//!
//! The bitmap takes 8 KiB, which fits the first-level cache beside the text. The longest word wins,
//! so that `sk-proj-` is not taken for `sk-`.

/// A set of words, indexed by their first bytes.
pub(crate) struct Prefixes {
    /// The words by their first byte, the longest first; with each, its index in the list that was
    /// passed to [`Prefixes::new`].
    sorted: Vec<(&'static str, usize)>,
    /// For every byte, the index in `sorted` at which the words with that first byte begin.
    starts: [usize; 257],
    /// A bit for every pair of bytes that a word begins with. It rules out most places of a text
    /// without a comparison.
    pairs: Vec<u64>,
    /// `true` if ASCII letters match in either case.
    ignores_case: bool,
}

impl Prefixes {
    /// Indexes words of two bytes or more. If `ignores_case` is `true`, they must be in lower case.
    pub(crate) fn new(words: impl Iterator<Item = &'static str>, ignores_case: bool) -> Self {
        let first = |word: &str| word.as_bytes().first().copied().unwrap_or_default();
        let mut sorted: Vec<(&'static str, usize)> = words
            .enumerate()
            .map(|(index, word)| (word, index))
            .collect();
        sorted.sort_by_key(|(word, _)| (first(word), std::cmp::Reverse(word.len())));
        let mut starts = [sorted.len(); 257];
        for byte in 0..=u8::MAX {
            starts[usize::from(byte)] = sorted.partition_point(|(word, _)| first(word) < byte);
        }
        let mut pairs = vec![0; (1 << 16) / 64];
        for (word, _) in &sorted {
            let [first, second, ..] = word.as_bytes() else {
                continue;
            };
            let upper = |byte: &u8| {
                if ignores_case {
                    byte.to_ascii_uppercase()
                } else {
                    *byte
                }
            };
            for first in [*first, upper(first)] {
                for second in [*second, upper(second)] {
                    let number = usize::from(u16::from_le_bytes([first, second]));
                    pairs[number / 64] |= 1 << (number % 64);
                }
            }
        }
        Self {
            sorted,
            starts,
            pairs,
            ignores_case,
        }
    }

    /// Returns the longest word that begins at a place: its index in the list that was passed to
    /// [`Prefixes::new`], and its length in bytes.
    #[inline]
    pub(crate) fn longest_at(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let pair = text.get(at..)?.first_chunk()?;
        let number = usize::from(u16::from_le_bytes(*pair));
        if self.pairs[number / 64] & (1 << (number % 64)) == 0 {
            None
        } else {
            self.among(&text[at..])
        }
    }

    /// Compares the words with the first byte of `rest`, the longest first.
    ///
    /// The words with one first byte are a few, sorted by length, so that the first match is the
    /// longest.
    fn among(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let first = usize::from(if self.ignores_case {
            rest.first()?.to_ascii_lowercase()
        } else {
            *rest.first()?
        });
        let begins = |word: &str| {
            rest.len() >= word.len()
                && rest.iter().zip(word.as_bytes()).all(|(byte, known)| {
                    byte == known || self.ignores_case && byte.eq_ignore_ascii_case(known)
                })
        };
        let words = &self.sorted[self.starts[first]..self.starts[first + 1]];
        words
            .iter()
            .find(|(word, _)| begins(word))
            .map(|(word, index)| (*index, word.len()))
    }

    /// Returns `true` if any of the words occurs anywhere in a text, also in the middle of a word.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        (0..text.len()).any(|at| self.longest_at(text.as_bytes(), at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_at_returns_the_longest_word() {
        let words = Prefixes::new(["ab", "abc", "bc", "ÿ"].into_iter(), false);
        assert_eq!(words.longest_at(b"xabcd", 1), Some((1, 3)));
        assert_eq!(words.longest_at(b"xabd", 1), Some((0, 2)));
        assert_eq!(words.longest_at(b"xabcd", 2), Some((2, 2)));
        assert_eq!(words.longest_at(b"xa", 1), None);
        assert_eq!(words.longest_at(b"", 0), None);
        assert!(words.is_in("…ÿ") && !words.is_in("ABC"));
        assert!(Prefixes::new(["abc"].into_iter(), true).is_in("xABC"));
    }
}
