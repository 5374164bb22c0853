//! Tells machine-generated text from words.
//!
//! Entropy alone cannot tell a key from the name of a bucket. The structure can: random text
//! changes between letters, digits and cases every few characters, and its letters are in pairs
//! that words do not have. A text is split into runs at spaces and at the punctuation of names and
//! paths, and each run is judged by two measures:
//!
//! - how long its pieces of one kind of character are: words have pieces of several letters, random
//!   text has not
//! - which percentage of its pairs of letters is common in English words, by a table of 257 pairs
//!
//! The table also fits languages that spell like English. It does not fit abbreviations, which
//! `wordy` knows.
//!
//! | text | pieces | plausible pairs | random |
//! | --- | --- | --- | --- |
//! | `x7Kq2LmZ9vTr4WbN` | 1 or 2 characters each | not asked | yes |
//! | `DatabaseCluster` | `Database`, `Cluster` | most | no |
//! | `xqzjvkwpfb` | one | few | yes |
//!
//! The table takes a few hundred bytes, and no part of a text is copied or hashed. A list of words
//! would be far larger, and would not contain the names that people make up for resources.

/// Returns `true` if a text looks machine-generated: keys, tokens and generated passwords.
///
/// At least half of its characters must be in random-looking runs, and at least 8 of them. Runs end
/// at spaces and at the punctuation of names and paths.
///
/// ```
/// use byref_judge::looks_random;
///
/// assert!(looks_random("8f14e45fceea167a5a36dedd4bea2543"));
/// assert!(!looks_random("arn:aws:iam::111122223333:role/admin"));
/// ```
pub fn looks_random(text: &str) -> bool {
    let mut drawn = 0;
    let mut all = 0;
    let separates =
        |character: char| character.is_whitespace() || "-_./:@,;=\\\"'".contains(character);
    for run in text.split(separates).filter(|run| !run.is_empty()) {
        all += run.len();
        drawn += if is_drawn(run) { run.len() } else { 0 };
    }
    drawn >= 8 && drawn * 2 >= all
}

/// The length of the shortest run that can be judged, in bytes.
const SHORTEST_RUN: usize = 7;

/// Returns `true` if a run of letters, digits and punctuation looks random.
fn is_drawn(run: &str) -> bool {
    if run.len() < SHORTEST_RUN || run.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let pieces = pieces(run.as_bytes());
    let word_bytes: usize = pieces
        .iter()
        .filter(|piece| piece.len() >= 4 && is_spoken_bytes(piece))
        .map(|piece| piece.len())
        .sum();
    let is_chopped = run.len() < pieces.len() * 3;
    if is_chopped && pieces.len() >= 4 {
        return word_bytes * 2 < run.len();
    }
    // Long runs of letters that do not form a word.
    let letters: usize = pieces
        .iter()
        .filter(|piece| piece[0].is_ascii_alphabetic())
        .map(|piece| piece.len())
        .sum();
    letters * 2 >= run.len()
        && letters >= SHORTEST_RUN
        && word_bytes * 3 < letters
        && plausibility(run.as_bytes()) < 70
}

/// Splits a run where the case changes, and between letters, digits and punctuation.
///
/// `x7Kq2` → `x`, `7`, `Kq`, `2`; `AWSCloud` → `AWS`, `Cloud`.
fn pieces(run: &[u8]) -> Vec<&[u8]> {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        byte if byte.is_ascii_alphabetic() => 1,
        _ => 2,
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    for index in 1..run.len() {
        let (before, byte) = (run[index - 1], run[index]);
        let hump = before.is_ascii_lowercase() && byte.is_ascii_uppercase();
        // `AWSCloud` is `AWS` and `Cloud`.
        let after_capitals = before.is_ascii_uppercase()
            && byte.is_ascii_uppercase()
            && run.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        if class(before) != class(byte) || hump || after_capitals {
            pieces.push(&run[start..index]);
            start = index;
        }
    }
    pieces.push(&run[start..]);
    pieces
}

/// Returns `true` if letters can be a word of English, or of a language that spells like it.
pub(crate) fn is_spoken(word: &str) -> bool {
    is_spoken_bytes(word.as_bytes())
}

/// Returns `true` for three letters or fewer, and for longer words if most of their pairs are
/// common.
fn is_spoken_bytes(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_alphabetic) && (word.len() <= 3 || plausibility(word) >= 60)
}

/// Returns the percentage of common pairs among the pairs of letters; 100 if there is no pair.
pub(crate) fn plausibility(word: &[u8]) -> usize {
    let pairs = word
        .windows(2)
        .filter(|pair| pair.iter().all(u8::is_ascii_alphabetic));
    let (mut all, mut common) = (0, 0);
    for pair in pairs {
        let (first, second) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
        all += 1;
        let following = FOLLOWING
            .get(usize::from(first - b'a'))
            .copied()
            .unwrap_or_default();
        common += usize::from(following.as_bytes().contains(&second));
    }
    usize::checked_div(common * 100, all).unwrap_or(100)
}

/// For every letter, the letters that often follow it in English words.
///
/// These are the 257 pairs that make up 93 % of the pairs in a list of 12,574 words from templates
/// and documentation. Of the pairs of random letters, 38 % are among them.
const FOLLOWING: [&str; 26] = [
    "bcdfgiklmnprstuvwy",
    "aeilorsu",
    "acehiklorstu",
    "adeilorsu",
    "abcdefgilmnoprstuvwxy",
    "aefiloru",
    "aehilnorsu",
    "aeiortu",
    "abcdefgklmnoprstvz",
    "aeo",
    "aeios",
    "adeilostuy",
    "abeimopsu",
    "acdefgiknostuv",
    "abcdfgiklmnoprstuvw",
    "aehiloprstu",
    "u",
    "acdegiklmnoprstuvy",
    "acehiklmopstuy",
    "acehilorstuy",
    "abcdegilmnprst",
    "aeio",
    "aeios",
    "pt",
    "aps",
    "ae",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_random_tells_random_text_from_names() {
        for text in [
            "x7Kq2LmZ9vTr4WbN",
            "8f14e45fceea167a5a36dedd4bea2543",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzKEY",
            "Zm9vYmFyYmF6cXV4MTIz",
            "kvtqhrnzplxw",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "hG7!kq2#Lm9",
            "qPzRvXcWbNmK",
        ] {
            assert!(looks_random(text), "{text}");
        }
        for text in [
            "my-database-password",
            "us-east-1",
            "WordPressBucket",
            "quiz-api-prod-2",
            "AWSCloudFormationTemplate",
            "https://example.com/path/index.html",
            "sunshine",
            "t3.micro",
            "postgres14",
            "arn:aws:iam::111122223333:role/admin",
            "EcsTaskExecutionRole",
            "amzn2-ami-hvm-x86_64-gp2",
            "S3BucketV2",
            "lengths",
            "ap-northeast-1",
            "kubernetes",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}
