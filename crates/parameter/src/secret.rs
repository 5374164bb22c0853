//! Secret values, kept out of logs and error messages.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The text that replaces a secret in every output. Its length does not depend on the secret.
pub const MASK: &str = "******";

/// The value of a secret.
///
/// The value is wiped from memory on drop. There is no `Display`, and `Debug` prints [`MASK`], so
/// that formatting a struct that contains one can't leak it.
///
/// ```
/// use byref_parameter::{MASK, SecretValue};
/// let value = SecretValue::new("not-a-secret-1".to_owned());
/// assert_eq!(format!("{value:?}"), MASK);
/// assert_eq!(value.expose(), "not-a-secret-1");
/// ```
#[derive(Clone)]
pub struct SecretValue(SecretString);

impl SecretValue {
    /// Takes ownership of a value and wipes the original buffer.
    pub fn new(value: String) -> Self {
        // The buffer may be larger than the value. Shrinking it could leave a copy behind.
        let value = Zeroizing::new(value);
        Self(SecretString::from(Box::<str>::from(value.as_str())))
    }

    /// Returns the value in plaintext. Search for callers of this method to review every place
    /// where a secret leaves its type.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Compares two values in time that depends on their length only, not on where they differ.
impl PartialEq for SecretValue {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.expose().as_bytes(), other.expose().as_bytes());
        one.len() == two.len()
            && one
                .iter()
                .zip(two)
                .fold(0, |all, (one, two)| all | (one ^ two))
                == 0
    }
}

impl Eq for SecretValue {}

impl fmt::Debug for SecretValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_mask() {
        let value = SecretValue::new("EXAMPLE-not-a-secret".to_owned());
        assert_eq!(format!("{value:?}"), MASK);
        assert_eq!(value.expose(), "EXAMPLE-not-a-secret");
    }

    #[test]
    fn equality_compares_whole_values() {
        let value = |text: &str| SecretValue::new(text.to_owned());
        assert!(value("EXAMPLE-a") == value("EXAMPLE-a"));
        assert!(value("EXAMPLE-a") != value("EXAMPLE-b"));
        assert!(value("EXAMPLE-a") != value("EXAMPLE-ab"));
    }
}
