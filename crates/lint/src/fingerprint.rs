//! Identifies findings across runs without their values, and makes the entries of a baseline.
//!
//! | changes | the fingerprint | the entry of a baseline |
//! | --- | --- | --- |
//! | lines are added above | stays | stays |
//! | the value is rotated | stays | changes in its last four digits |
//! | the variable or the file is renamed | changes | changes |
//!
//! A fingerprint of the value itself was the alternative. It would be a digest that can be guessed
//! offline, in a file that is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;

/// Returns the fingerprints of the findings of one file, in their order.
///
/// A fingerprint is a digest of the rule, the file, the path and the name, and of nothing of the
/// value. It is the same in every run, and after lines have moved. Findings that agree in all of
/// these are numbered.
/// ```
/// use byref_lint::{Context, fingerprints, lint};
///
/// let template = |comment| {
///     let parameters = "Parameters:\n  ApiKey: {Type: String, Default: x7Kq2LmZ9vTr4WbN}\n";
///     format!("{comment}{parameters}Resources:\n  Topic: {{Type: AWS::SNS::Topic}}\n")
/// };
/// let of = |text: String| fingerprints("web.yaml", &lint(&text.into(), Context::default()).findings);
/// assert_eq!(of(template("")).len(), 1);
/// assert_eq!(of(template("")), of(template("# a new line\n")));
/// ```
pub fn fingerprints(file: &str, findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<(&str, &str, Option<&str>), usize> = BTreeMap::new();
    let fingerprints = findings.iter().map(|finding| {
        let key = (
            finding.rule.id,
            finding.path.as_str(),
            finding.name.as_deref(),
        );
        let count = seen.entry(key).or_default();
        *count += 1;
        let parts = [
            finding.rule.id,
            file,
            &finding.path,
            finding.name.as_deref().unwrap_or_default(),
            &count.to_string(),
        ];
        hexadecimal(&digest(&parts), 16)
    });
    fingerprints.collect()
}

/// What a baseline holds of a finding: a digest of its fingerprint, and 16 bits of a digest of its
/// value. Those tell with near certainty that the value has changed, and are too few to find it by
/// trying: of a million guesses, fifteen fit.
///
/// Neither has a salt: the same value gives the same 16 bits in every place, in every version of
/// the file and in every repository, so that all of them together give away no more than one.
///
/// The entry has 24 digits for the place, a hyphen, and 4 digits for the value, all in lower-case
/// hexadecimal.
///
/// ```
/// use byref_lint::baseline_entry;
///
/// let entry = baseline_entry("8f14e45fceea167a", "\"Rocket-1709\"");
/// assert_eq!(entry.len(), 24 + 1 + 4);
/// assert_eq!(entry, baseline_entry("8f14e45fceea167a", "Rocket-1709"), "quotes do not count");
/// ```
pub fn baseline_entry(fingerprint: &str, written: &str) -> String {
    let place = hexadecimal(&digest(&["byref baseline, place", fingerprint]), 24);
    let value = hexadecimal(&digest(&["byref baseline, value", &plain(written)]), 4);
    format!("{place}-{value}")
}

/// Returns a value without what the syntax around it requires: quotes, escapes with a backslash,
/// percent encoding.
///
/// The same value must give the same bits in YAML, in JSON and in a URL.
fn plain(written: &str) -> String {
    let inner = written.trim().trim_matches(['"', '\'']);
    let bytes = inner.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded = inner.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match (
            bytes[at],
            encoded.and_then(|digits| u8::from_str_radix(digits, 16).ok()),
        ) {
            (_, Some(byte)) => {
                plain.push(byte);
                at += 3;
            }
            (b'\\', None) => at += 1,
            (byte, None) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Returns the digest of parts. Each is hashed with its length in front, so that two lists with the
/// same concatenation differ.
fn digest(parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

/// Returns the first digits of a digest, in lower-case hexadecimal.
fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(fingerprint: &str, written: &str) -> String {
        baseline_entry(fingerprint, written)
            .rsplit('-')
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn baseline_entry_has_the_same_value_bits_in_every_spelling() {
        let spellings = [
            "not/a secret",
            "\"not/a secret\"",
            "'not/a secret'",
            "not%2Fa%20secret",
            "not\\/a secret",
            " not/a secret ",
        ];
        for (index, written) in spellings.iter().enumerate() {
            assert_eq!(
                bits(&index.to_string(), written),
                bits("another place", spellings[0]),
                "{written}"
            );
        }
        assert_ne!(bits("a", "not-a-secret-1"), bits("a", "not-a-secret-2"));
        assert_ne!(baseline_entry("a", "x"), baseline_entry("b", "x"));
    }

    #[test]
    fn baseline_entry_matches_many_guesses() {
        // All that baselines ever hold of one value: the same 16 bits. Of 2^18 guesses, about four
        // match.
        let known = bits("a", "not-a-secret-77777");
        let fitting = (0..1 << 18)
            .filter(|guess| bits("b", &format!("not-a-secret-{guess}")) == known)
            .count();
        assert!((2..20).contains(&fitting), "{fitting}");
    }
}
