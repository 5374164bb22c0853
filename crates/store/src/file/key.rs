//! The key of a file store: an age identity or a passphrase.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{Read as _, Write as _};

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, EncryptError, Encryptor, scrypt, x25519};
use zeroize::Zeroizing;

/// The work to derive a key from a passphrase, as the exponent of scrypt's N (age fixes r = 8, p =
/// 1).
///
/// 2^17 is the minimum that OWASP's password storage cheat sheet recommends for p = 1. It takes 128
/// MB and 0.4 seconds in a release build on a slow shared core, once to open a store and once to
/// write it. age's own tools aim at a full second, which is a lot for a command that runs in every
/// deployment.
const WORK_FACTOR: u8 = 17;
/// The work factor for a machine-generated passphrase, which can't be guessed. age's format
/// requires some work, so this is a low value: 1 MB and a few milliseconds.
const WORK_FACTOR_OF_DRAWN: u8 = 10;
/// The number of random bytes that are a key in themselves.
const DRAWN_BYTES: usize = 32;
/// The largest work factor to accept from a file: 1 GB and a few seconds. Files written by age's
/// own tools need about 18.
const MAX_WORK_FACTOR: u8 = 20;

const AGE_MAGIC: &[u8] = b"age-encryption.org/";
const ARMOR_MAGIC: &[u8] = b"-----BEGIN AGE";

/// The key that encrypts a file store: an age identity (X25519) or a passphrase.
///
/// `Debug` prints the kind of key only.
pub struct StoreKey {
    secret: Secret,
    work_factor: u8,
}

enum Secret {
    Identity(x25519::Identity),
    Passphrase(SecretString),
}

/// The reason why a text is not a valid key of a store. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreKeyError {
    /// The text is empty or consists of white space.
    #[error("the store's key is empty")]
    Empty,
    /// The text has several lines but is not a key file of `age-keygen`.
    #[error(
        "the store's key has several lines: it must be one line, an age identity or a passphrase"
    )]
    Lines,
    /// The text begins like an age identity but is not a valid one.
    #[error("the store's key begins like an age identity but is not a complete X25519 identity")]
    Identity,
    /// The text is the public key that belongs to an identity.
    #[error(
        "the store's key is an age public key, which can't decrypt: pass the identity, `AGE-SECRET-KEY-1…`"
    )]
    PublicKey,
}

/// The reason why a text can't be decrypted. Holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undecryptable {
    Empty,
    NotAge,
    Armored,
    NewerAge,
    OtherKey,
    NeedsPassphrase,
    NeedsIdentity,
    TooMuchWork,
    Damaged,
}

impl StoreKey {
    /// Parses a key: one line with an age identity (`AGE-SECRET-KEY-1…`), or else a passphrase.
    ///
    /// One line break at the end is ignored. A whole key file as `age-keygen` writes it, with its
    /// comments, is accepted too.
    ///
    /// # Errors
    ///
    /// [`StoreKeyError`] if the text is empty, has several lines, is an incomplete identity, or is
    /// a public key.
    pub fn parse(text: &str) -> Result<Self, StoreKeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            return Err(StoreKeyError::Empty);
        }
        let work_factor = if is_drawn(line) {
            WORK_FACTOR_OF_DRAWN
        } else {
            WORK_FACTOR
        };
        let secret = if line.contains(['\n', '\r']) {
            Secret::Identity(identity_in_key_file(line)?)
        } else if is_identity(line) {
            Secret::Identity(line.trim().parse().map_err(|_| StoreKeyError::Identity)?)
        } else if line.trim().parse::<x25519::Recipient>().is_ok() {
            return Err(StoreKeyError::PublicKey);
        } else {
            Secret::Passphrase(SecretString::from(line.to_owned()))
        };
        Ok(Self {
            secret,
            work_factor,
        })
    }

    /// Lowers the work factor, so that tests can open many stores with a passphrase.
    #[cfg(test)]
    pub(super) fn with_work_factor(mut self, work_factor: u8) -> Self {
        self.work_factor = work_factor;
        self
    }

    /// Encrypts for this key alone. age's writer keeps up to 64 KB of the plaintext in a buffer
    /// that it frees without wiping.
    pub(super) fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, EncryptError> {
        let encryptor = match &self.secret {
            Secret::Identity(identity) => {
                let recipient = identity.to_public();
                Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))?
            }
            Secret::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(self.work_factor);
                Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))?
            }
        };
        let mut encrypted = Vec::with_capacity(plain.len() + plain.len() / 1024 + 1024);
        let mut writer = encryptor.wrap_output(&mut encrypted)?;
        writer.write_all(plain)?;
        writer.finish()?;
        Ok(encrypted)
    }

    /// Decrypts a whole file into a buffer that is wiped on drop.
    pub(super) fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
        if encrypted.is_empty() {
            return Err(Undecryptable::Empty);
        }
        if encrypted.starts_with(ARMOR_MAGIC) {
            return Err(Undecryptable::Armored);
        }
        if !encrypted.starts_with(AGE_MAGIC) {
            return Err(Undecryptable::NotAge);
        }
        let decryptor = Decryptor::new_buffered(encrypted).map_err(|error| match error {
            DecryptError::UnknownFormat => Undecryptable::NewerAge,
            _ => Undecryptable::Damaged,
        })?;
        let mut reader = match (&self.secret, decryptor.is_scrypt()) {
            (Secret::Identity(identity), false) => {
                decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))
            }
            (Secret::Passphrase(passphrase), true) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MAX_WORK_FACTOR);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
            }
            (Secret::Identity(_), true) => return Err(Undecryptable::NeedsPassphrase),
            (Secret::Passphrase(_), false) => return Err(Undecryptable::NeedsIdentity),
        }
        .map_err(|error| match error {
            DecryptError::NoMatchingKeys
            | DecryptError::KeyDecryptionFailed
            | DecryptError::DecryptionFailed => Undecryptable::OtherKey,
            DecryptError::ExcessiveWork { .. } => Undecryptable::TooMuchWork,
            _ => Undecryptable::Damaged,
        })?;
        // Plaintext is shorter than its encrypted form, so the buffer never grows and leaves no
        // copies.
        let mut plain = Zeroizing::new(Vec::with_capacity(encrypted.len()));
        reader
            .read_to_end(&mut plain)
            .map_err(|_| Undecryptable::Damaged)?;
        Ok(plain)
    }
}

/// Returns `true` if a line begins like an age identity, in upper or lower case.
fn is_identity(line: &str) -> bool {
    let start = "AGE-SECRET-KEY-";
    line.trim()
        .get(..start.len())
        .is_some_and(|first| first.eq_ignore_ascii_case(start))
}

/// Returns `true` if a line looks like [`DRAWN_BYTES`] random bytes in base64 or hexadecimal, for
/// example from `head -c 32 /dev/urandom | base64`.
///
/// Passphrases that people make up have fewer digits and changes of case. A random key that is
/// taken for a passphrase only costs time.
fn is_drawn(line: &str) -> bool {
    let line = line.trim_end_matches('=');
    let of = |is: fn(&u8) -> bool| line.bytes().filter(is).count();
    let (digits, upper, lower) = (
        of(u8::is_ascii_digit),
        of(u8::is_ascii_uppercase),
        of(u8::is_ascii_lowercase),
    );
    let letters: BTreeSet<u8> = line.bytes().collect();
    if digits + of(|byte| matches!(byte, b'a'..=b'f')) == line.len() {
        return line.len() >= DRAWN_BYTES * 2 && letters.len() >= 12 && digits * 4 >= line.len();
    }
    let is_base64 = digits + upper + lower + of(|byte| b"+/-_".contains(byte)) == line.len();
    let is_mixed = [digits * 3, upper, lower]
        .iter()
        .all(|count| *count * 6 >= line.len());
    is_base64 && line.len() >= (DRAWN_BYTES * 8).div_ceil(6) && letters.len() >= 22 && is_mixed
}

/// Returns the only identity in a key file with comments, as `age-keygen` writes it.
fn identity_in_key_file(text: &str) -> Result<x25519::Identity, StoreKeyError> {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    match (lines.next(), lines.next()) {
        (Some(line), None) if is_identity(line) => {
            line.parse().map_err(|_| StoreKeyError::Identity)
        }
        _ => Err(StoreKeyError::Lines),
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.secret {
            Secret::Identity(_) => "StoreKey(identity)",
            Secret::Passphrase(_) => "StoreKey(passphrase)",
        })
    }
}
