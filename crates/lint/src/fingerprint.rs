//! What tells a finding from others without its value, and the baseline that is made of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;

/// Fingerprints of the findings of one file, in their order: the same in every run, and after lines have moved. They
/// are made of rule, file, path and name, and of nothing of the value.
pub fn fingerprints(file: &str, findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<(&str, &str, Option<&str>), usize> = BTreeMap::new();
    let fingerprints = findings.iter().map(|finding| {
        let key = (finding.rule.id, finding.path.as_str(), finding.name.as_deref());
        let count = seen.entry(key).or_default();
        *count += 1;
        let parts =
            [finding.rule.id, file, &finding.path, finding.name.as_deref().unwrap_or_default(), &count.to_string()];
        hexadecimal(&digest(&parts), 16)
    });
    fingerprints.collect()
}

/// What a baseline holds of a finding: its fingerprint, salted, and 16 bits of the salted value. Those tell with near
/// certainty that another value stands there now, and are too few to find the value by trying: of a million guesses,
/// fifteen fit.
pub fn baseline_entry(salt: &str, fingerprint: &str, value: &str) -> String {
    let place = hexadecimal(&digest(&[salt, fingerprint]), 24);
    let value = hexadecimal(&digest(&[salt, fingerprint, value]), 4);
    format!("{place}-{value}")
}

/// A digest of parts, each with its length before it.
fn digest(parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(digits);
    text
}
