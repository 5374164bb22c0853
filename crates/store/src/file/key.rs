//! The key of a store: an age identity or a passphrase.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{Read as _, Write as _};

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, EncryptError, Encryptor, scrypt, x25519};
use zeroize::Zeroizing;

/// The work that turns a passphrase into a key, as the exponent of scrypt's N (r = 8, p = 1, which age fixes).
///
/// 2^17 is the least that OWASP's password storage cheat sheet recommends for p = 1. It takes 128 MB, and 0.4 seconds in
/// a release build on a slow shared core, once to open a store and once to write it. age's own tools aim at a whole
/// second, which is much for a command that is run for every deploy.
const WORK_FACTOR: u8 = 17;
/// The same for a passphrase that a machine has drawn. Work makes guessing slow; what nobody can guess needs none, and
/// age's format wants some: 1 MB and a few milliseconds.
const WORK_FACTOR_OF_DRAWN: u8 = 10;
/// So many drawn bytes are a key in themselves.
const DRAWN_BYTES: usize = 32;
/// The most work that a file may ask for: 1 GB and a few seconds. Files of age's own tools ask for 18 or so.
const MAX_WORK_FACTOR: u8 = 20;

const AGE_MAGIC: &[u8] = b"age-encryption.org/";
const ARMOR_MAGIC: &[u8] = b"-----BEGIN AGE";

/// What a store is encrypted with.
pub struct StoreKey {
    secret: Secret,
    work_factor: u8,
}

enum Secret {
    Identity(x25519::Identity),
    Passphrase(SecretString),
}

/// Why a text is no key of a store. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreKeyError {
    /// There is nothing, or nothing but blanks.
    #[error("the store's key is empty")]
    Empty,
    /// Several lines that are not the key file of `age-keygen`.
    #[error("the store's key has several lines: it must be one line, an age identity or a passphrase")]
    Lines,
    /// It begins as an identity and is not one.
    #[error(
        "the store's key begins as an age identity and is none that can be used: it must be of the X25519 kind, whole"
    )]
    Identity,
    /// The public half of an identity.
    #[error("the store's key is a public key of age, which can't decrypt: give the identity, `AGE-SECRET-KEY-1…`")]
    PublicKey,
}

/// Why an encrypted text can't be decrypted. Never holds what it says.
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
    /// Reads a key: one line, an age identity (`AGE-SECRET-KEY-1…`) or else a passphrase. A line break at the end is no
    /// part of it. A key file as `age-keygen` writes it, with its comments, is taken too.
    ///
    /// # Errors
    ///
    /// It is empty, has several lines, or is a broken identity or a public key.
    pub fn parse(text: &str) -> Result<Self, StoreKeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            return Err(StoreKeyError::Empty);
        }
        let work_factor = if is_drawn(line) { WORK_FACTOR_OF_DRAWN } else { WORK_FACTOR };
        let secret = if line.contains(['\n', '\r']) {
            Secret::Identity(identity_in_key_file(line)?)
        } else if is_identity(line) {
            Secret::Identity(line.trim().parse().map_err(|_| StoreKeyError::Identity)?)
        } else if line.trim().parse::<x25519::Recipient>().is_ok() {
            return Err(StoreKeyError::PublicKey);
        } else {
            Secret::Passphrase(SecretString::from(line.to_owned()))
        };
        Ok(Self { secret, work_factor })
    }

    /// Less work, so that tests can open many stores with a passphrase.
    #[cfg(test)]
    pub(super) fn with_work_factor(mut self, work_factor: u8) -> Self {
        self.work_factor = work_factor;
        self
    }

    /// Encrypts for this key alone. age's writer holds up to 64 KB of the text in a buffer that it frees unwiped.
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
            (Secret::Identity(identity), false) => decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)),
            (Secret::Passphrase(passphrase), true) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MAX_WORK_FACTOR);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
            }
            (Secret::Identity(_), true) => return Err(Undecryptable::NeedsPassphrase),
            (Secret::Passphrase(_), false) => return Err(Undecryptable::NeedsIdentity),
        }
        .map_err(|error| match error {
            DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
                Undecryptable::OtherKey
            }
            DecryptError::ExcessiveWork { .. } => Undecryptable::TooMuchWork,
            _ => Undecryptable::Damaged,
        })?;
        // The text is shorter than its encrypted form: the buffer never grows, and leaves no copy behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(encrypted.len()));
        reader.read_to_end(&mut plain).map_err(|_| Undecryptable::Damaged)?;
        Ok(plain)
    }
}

fn is_identity(line: &str) -> bool {
    let start = "AGE-SECRET-KEY-";
    line.trim().get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start))
}

/// Whether a line holds [`DRAWN_BYTES`] bytes in base64 or in hexadecimal digits that look drawn: `head -c 32 /dev/urandom |
/// base64` and the like. Words that somebody has thought of have not so many digits and changes of case in them; what
/// is wrongly held for words costs time only.
fn is_drawn(line: &str) -> bool {
    let line = line.trim_end_matches('=');
    let of = |is: fn(&u8) -> bool| line.bytes().filter(is).count();
    let (digits, upper, lower) = (of(u8::is_ascii_digit), of(u8::is_ascii_uppercase), of(u8::is_ascii_lowercase));
    let letters: BTreeSet<u8> = line.bytes().collect();
    if digits + of(|byte| matches!(byte, b'a'..=b'f')) == line.len() {
        return line.len() >= DRAWN_BYTES * 2 && letters.len() >= 12 && digits * 4 >= line.len();
    }
    let is_base64 = digits + upper + lower + of(|byte| b"+/-_".contains(byte)) == line.len();
    let is_mixed = [digits * 3, upper, lower].iter().all(|count| *count * 6 >= line.len());
    is_base64 && line.len() >= (DRAWN_BYTES * 8).div_ceil(6) && letters.len() >= 22 && is_mixed
}

/// The one identity in a file with comments, as `age-keygen` writes it.
fn identity_in_key_file(text: &str) -> Result<x25519::Identity, StoreKeyError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    match (lines.next(), lines.next()) {
        (Some(line), None) if is_identity(line) => line.parse().map_err(|_| StoreKeyError::Identity),
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
