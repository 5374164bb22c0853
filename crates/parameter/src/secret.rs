//! Values that must not be seen.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// What stands in every output where a secret might have stood: always the same, whatever it hides.
pub const MASK: &str = "******";

/// A secret's value. It is wiped from memory when it is dropped, has no `Display`, and its `Debug` shows [`MASK`].
#[derive(Clone)]
pub struct SecretValue(SecretString);

impl SecretValue {
    /// Takes a value over.
    pub fn new(value: String) -> Self {
        // Its buffer may be larger than the value: shrinking it could leave a copy behind.
        let value = Zeroizing::new(value);
        Self(SecretString::from(Box::<str>::from(value.as_str())))
    }

    /// The value itself. Every call of this is a place where a secret is handed over.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Whether two values are the same; the time that this takes says nothing about where they differ.
impl PartialEq for SecretValue {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.expose().as_bytes(), other.expose().as_bytes());
        one.len() == two.len() && one.iter().zip(two).fold(0, |all, (one, two)| all | (one ^ two)) == 0
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
    fn values_are_compared_whole() {
        let value = |text: &str| SecretValue::new(text.to_owned());
        assert!(value("EXAMPLE-a") == value("EXAMPLE-a"));
        assert!(value("EXAMPLE-a") != value("EXAMPLE-b"));
        assert!(value("EXAMPLE-a") != value("EXAMPLE-ab"));
    }
}
