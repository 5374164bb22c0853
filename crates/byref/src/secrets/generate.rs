//! Random values.

use std::str::FromStr;

use byref_parameter::SecretValue;
use zeroize::Zeroizing;

use crate::error::Error;

/// The entropy, in bits, below which a value can be guessed.
pub const WEAK_BITS: f64 = 80.0;

const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The characters of generated values: at least two different printable ASCII characters.
///
/// Parses from `alphanumeric`, `hex`, `base64url`, `printable`, or from the characters themselves.
///
/// ```
/// use byref::secrets::Alphabet;
///
/// let alphabet: Alphabet = "hex".parse()?;
/// assert_eq!(alphabet.bits(40), 160.0);
/// // A caller passes the random source of the operating system here.
/// let value = alphabet.value(40, |bytes| -> Result<(), byref::Error> { bytes.fill(7); Ok(()) })?;
/// assert_eq!(value.expose(), "7".repeat(40));
/// # Ok::<(), byref::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alphabet(Vec<u8>);

impl FromStr for Alphabet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let characters = match text {
            "alphanumeric" => ALPHANUMERIC.to_owned(),
            "hex" => "0123456789abcdef".to_owned(),
            "base64url" => format!("{ALPHANUMERIC}-_"),
            "printable" => (b'!'..=b'~').map(char::from).collect(),
            own => own.to_owned(),
        };
        let mut bytes: Vec<u8> = characters.bytes().collect();
        bytes.sort_unstable();
        bytes.dedup();
        if bytes.len() < 2 || !bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Err(Error::request(
                "`--alphabet` needs at least two different printable ASCII characters",
                "for example `alphanumeric`, `hex` or `abcdef0123456789`",
            ));
        }
        Ok(Self(bytes))
    }
}

impl Alphabet {
    /// Returns the entropy of a value with this many characters, in bits. Values below
    /// [`WEAK_BITS`] can be guessed.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an alphabet has at most 95 characters"
    )]
    pub fn bits(&self, length: u16) -> f64 {
        (self.0.len() as f64).log2() * f64::from(length)
    }

    /// Returns a value of random characters, each as likely as any other. `fill` fills a buffer
    /// from a source of random bytes, which must be one for cryptography.
    ///
    /// # Errors
    ///
    /// The first error of `fill`.
    pub fn value<E>(
        &self,
        length: u16,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<SecretValue, E> {
        // Bytes beyond the last whole multiple of the alphabet's length would favour its first
        // characters.
        let size = u16::try_from(self.0.len()).unwrap_or(u16::MAX);
        let limit = 256 / size * size;
        let length = usize::from(length);
        let mut value = String::with_capacity(length);
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while value.len() < length {
            fill(bytes.as_mut_slice())?;
            let fair = bytes.iter().filter(|byte| u16::from(**byte) < limit);
            let missing = length - value.len();
            value.extend(
                fair.map(|byte| char::from(self.0[usize::from(u16::from(*byte) % size)]))
                    .take(missing),
            );
        }
        Ok(SecretValue::new(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator of bytes that are all equally frequent: a linear congruential one.
    fn even_bytes() -> impl FnMut(&mut [u8]) -> Result<(), Error> {
        let mut state = 1_u64;
        move |bytes| {
            for byte in bytes {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = u8::try_from(state >> 56).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn every_character_is_as_likely() {
        let alphabet: Alphabet = "abc".parse().unwrap();
        let mut counts = [0_usize; 3];
        let mut fill = even_bytes();
        for _ in 0..20 {
            for byte in alphabet.value(1500, &mut fill).unwrap().expose().bytes() {
                counts[usize::from(byte - b'a')] += 1;
            }
        }
        assert_eq!(counts.iter().sum::<usize>(), 30_000);
        // Ten standard deviations around 10,000.
        assert!(
            counts.iter().all(|count| (9_200..10_800).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn alphabets_have_each_character_once() {
        for (name, size) in [
            ("alphanumeric", 62),
            ("hex", 16),
            ("base64url", 64),
            ("printable", 94),
            ("aab", 2),
        ] {
            assert_eq!(name.parse::<Alphabet>().unwrap().0.len(), size, "{name}");
        }
        assert!("a".parse::<Alphabet>().is_err());
        assert!("aä".parse::<Alphabet>().is_err());
        let alphabet: Alphabet = "ab".parse().unwrap();
        assert_eq!(alphabet.value(7, even_bytes()).unwrap().expose().len(), 7);
    }

    #[test]
    fn an_error_of_the_random_source_is_passed_on() {
        let alphabet: Alphabet = "ab".parse().unwrap();
        assert_eq!(
            alphabet.value(1, |_| Err("no random bytes")).unwrap_err(),
            "no random bytes"
        );
    }
}
