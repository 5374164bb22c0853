//! Values that describe how something is done, and open nothing: versions, algorithms, routes.
//!
//! They contain letters, digits and punctuation as passwords do, and are common under names such as
//! `TOKEN_ALGORITHM`, `KEY_SPEC` or `PASSWORD_RESET_ROUTE`. Only known words may be in them, so
//! that `1.2.3-lagoon` is a version and `12.34-lagoon` may be a password.

use crate::value::randomness::{is_spoken, looks_random};
use crate::words::WordList;

/// Returns `true` for a version: `1.24.3-alpine`, `v2.0.0-rc.1+build.5`, `16-alpine3.19`,
/// `1.4.0-5-g2f3a1b9`.
///
/// A version is numbers joined by dots, with qualifiers behind them. A single number needs a
/// qualifier that is known.
pub(crate) fn is_version(lower: &str) -> bool {
    let body = lower.strip_prefix('v').unwrap_or(lower);
    if let Some(rest) = ["latest-", "stable-", "edge-", "nightly-"]
        .iter()
        .find_map(|tag| lower.strip_prefix(tag))
    {
        return rest.split('-').all(|part| {
            QUALIFIERS.contains(part.trim_end_matches(|end: char| end.is_ascii_digit()))
        });
    }
    let length = body
        .bytes()
        .position(|byte| !(byte.is_ascii_digit() || byte == b'.'))
        .unwrap_or(body.len());
    let (numbers, rest) = body.split_at(length);
    let numbers = numbers.trim_end_matches('.');
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &&str| {
        !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if rest.is_empty() || body.len() > 60 || !parts.iter().all(is_number) {
        return false;
    }
    let rest = &body[numbers.len()..];
    let qualifiers: Vec<&str> = rest
        .split(['-', '.', '+', '_', '~'])
        .filter(|part| !part.is_empty())
        .collect();
    let is_separated = rest.starts_with(['-', '.', '+', '_', '~']);
    let is_known = |part: &&str| {
        let word = part.trim_end_matches(|end: char| end.is_ascii_digit());
        word.is_empty() || QUALIFIERS.contains(word)
    };
    let is_qualifier = |part: &&str| {
        let word = part.trim_end_matches(|end: char| end.is_ascii_digit());
        is_known(part)
            || word.bytes().all(|byte| byte.is_ascii_lowercase()) && is_spoken(word)
            || is_commit(part)
    };
    // Two numbers and a word may be a password: `12.34-lagoon`.
    let all = if parts.len() > 2 {
        qualifiers.iter().all(is_qualifier)
    } else {
        qualifiers.iter().all(is_known)
    };
    // `3.0.0b2`, but not `6b5882949397`.
    let is_joined = || {
        qualifiers
            .first()
            .is_some_and(|part| part.len() <= 8 && is_known(part))
    };
    all && (is_separated || is_joined())
        && qualifiers.iter().filter(|part| is_commit(part)).count() <= 1
}

/// Words behind the numbers of a version.
static QUALIFIERS: WordList = WordList::new(
    "a alpha alpine amd amzn arm b beta bionic bookworm build bullseye buster canary ce centos debian dev distroless ea \
     edge ee el fc final focal fpm ga jammy jdk jre lts m nightly noble post pre preview r rc rel release rhel slim \
     snapshot sp stable stretch trixie ubi ubuntu wheezy windowsservercore x xenial",
);

/// Returns `true` for the abbreviated id of a commit: `g2f3a1b9`, `8f14e45`.
///
/// Seven digits are the shortest that `git` prints, 40 are the whole SHA-1.
fn is_commit(part: &str) -> bool {
    let digits = part.strip_prefix('g').unwrap_or(part);
    (7..=40).contains(&digits.len())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The names of ciphers, hashes, signatures and curves.
static ALGORITHMS: WordList = WordList::new(
    "aes argon argon2 argon2d argon2i argon2id bcrypt blake blowfish chacha curve25519 des dilithium dsa ec ecc ecdh ecdsa ed \
     ed25519 ed448 eddsa es hmac hs md ml pbkdf pbkdf2 poly1305 ps rs rsa rsaes rsassa scram scrypt secp sha ssh ssl sslv tls tlsv x25519 xchacha",
);

/// Words that the names of algorithms are combined with: modes, paddings, roles.
static WITH_ALGORITHMS: WordList = WordList::new(
    "cbc ccm ctr default dss edwards ecb gcm k key kem kms kw nist oaep openssh p padding pkcs pkcs1 plus pss siv symmetric v with wrap",
);

/// Returns `true` for the name of an algorithm: `aes-256-gcm`, `ssh-ed25519`, `ECC_NIST_P256`,
/// `scram-sha-256`.
pub(crate) fn is_algorithm(lower: &str) -> bool {
    let parts: Vec<&str> = lower.split(['-', '_', '/', '.']).collect();
    let word = |part: &str| {
        part.trim_end_matches(|end: char| end.is_ascii_digit())
            .to_owned()
    };
    let is_algorithm = |part: &&str| ALGORITHMS.contains(part) || ALGORITHMS.contains(&word(part));
    let is_other = |part: &&str| {
        let word = word(part);
        !part.is_empty()
            && (word.is_empty()
                || WITH_ALGORITHMS.contains(part)
                || WITH_ALGORITHMS.contains(&word))
    };
    lower.len() >= 3
        && (parts.iter().any(is_algorithm) || parts == ["symmetric", "default"])
        && parts
            .iter()
            .all(|part| is_algorithm(part) || is_other(part))
}

/// Returns `true` for a path with a query and without a host: `reset-password?code=`,
/// `account/change?next=/home`.
pub(crate) fn is_route(text: &str) -> bool {
    let Some((path, query)) = text.split_once('?') else {
        return false;
    };
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/.:{}~*".contains(&byte);
    let is_pair = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, value)| {
            name.len() >= 2
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
                && !looks_random(name)
                && !looks_random(value)
        })
    };
    path.contains(['/', '-'])
        && path.bytes().all(is_path)
        && !looks_random(path)
        && query.split('&').all(is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_version_tells_versions_from_passwords() {
        for version in [
            "1.24.3-alpine",
            "1.0.0+build.5",
            "16-alpine3.19",
            "3.0.0b2",
            "1.4.0-5-g2f3a1b9",
            "17.0.9_9-jre",
        ] {
            assert!(is_version(version), "{version}");
        }
        for text in [
            "12.34-lagoon",
            "1.2",
            "4lagoon",
            "2024-lagoon",
            "7lagoon.2",
            "1.2.3-X7kq",
            "1.2.3!",
            "8f14e45-1",
            "6b5882949397",
        ] {
            assert!(!is_version(text), "{text}");
        }
    }

    #[test]
    fn is_algorithm_and_is_route_recognise_settings() {
        for text in [
            "aes-256-gcm",
            "ssh-ed25519",
            "ecc_nist_p256",
            "scram-sha-256",
            "hs256",
            "symmetric_default",
            "sha512",
        ] {
            assert!(is_algorithm(text), "{text}");
        }
        for text in ["lagoon-256", "aes-lagoon", "256", "p", "default", "key"] {
            assert!(!is_algorithm(text), "{text}");
        }
        assert!(is_route("reset-password?code=") && is_route("a/b?next=/home&x-y=1"));
        assert!(!is_route("Why?no") && !is_route("Lagoon?x=1") && !is_route("a-b?"));
    }
}
