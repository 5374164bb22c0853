//! Which of a few hundred words begins at a place of a text.
//!
//! An automaton finds them quicker in long texts, but takes longer to be built than the lint of a whole template: this is
//! a list that is sorted by first bytes.

/// Words by their first byte, the longest first.
pub(super) struct Prefixes {
    /// A word, and its place in the list that was given.
    sorted: Vec<(&'static str, usize)>,
    /// Where in `sorted` the words of a first byte begin.
    starts: [usize; 257],
    ignores_case: bool,
}

impl Prefixes {
    /// Takes words that are not empty; in lower case, where case does not matter.
    pub(super) fn new(words: impl Iterator<Item = &'static str>, ignores_case: bool) -> Self {
        let first = |word: &str| word.as_bytes().first().copied().unwrap_or_default();
        let mut sorted: Vec<(&'static str, usize)> = words.enumerate().map(|(index, word)| (word, index)).collect();
        sorted.sort_by_key(|(word, _)| (first(word), std::cmp::Reverse(word.len())));
        let mut starts = [sorted.len(); 257];
        for byte in 0..=u8::MAX {
            starts[usize::from(byte)] = sorted.partition_point(|(word, _)| first(word) < byte);
        }
        Self { sorted, starts, ignores_case }
    }

    /// The longest word that begins at a place, as its place in the list, and its length.
    pub(super) fn longest_at(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let rest = text.get(at..)?;
        let first = usize::from(if self.ignores_case { rest.first()?.to_ascii_lowercase() } else { *rest.first()? });
        let begins = |word: &str| {
            let begin = rest.get(..word.len());
            begin.is_some_and(|begin| {
                if self.ignores_case { begin.eq_ignore_ascii_case(word.as_bytes()) } else { begin == word.as_bytes() }
            })
        };
        let words = &self.sorted[self.starts[first]..self.starts[first + 1]];
        words.iter().find(|(word, _)| begins(word)).map(|(word, index)| (*index, word.len()))
    }

    /// Whether any word stands anywhere in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        (0..text.len()).any(|at| self.longest_at(text.as_bytes(), at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_is_found_where_it_begins() {
        let words = Prefixes::new(["ab", "abc", "b", "ÿ"].into_iter(), false);
        assert_eq!(words.longest_at(b"xabcd", 1), Some((1, 3)));
        assert_eq!(words.longest_at(b"xabd", 1), Some((0, 2)));
        assert_eq!(words.longest_at(b"xabcd", 2), Some((2, 1)));
        assert_eq!(words.longest_at(b"xa", 1), None);
        assert_eq!(words.longest_at(b"", 0), None);
        assert!(words.is_in("…ÿ") && !words.is_in("ABC"));
        assert!(Prefixes::new(["abc"].into_iter(), true).is_in("xABC"));
    }
}
