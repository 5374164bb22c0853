//! Values that must not be seen.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// What stands in every output where a secret might have stood: always the same, whatever it hides.
pub const MASK: &str = "******";

/// A secret's value. It is wiped from memory when it is dropped, has no `Display`, and its `Debug` shows [`MASK`].
#[derive(Clone)]
pub struct SecretValue(SecretString);

impl SecretValue {
    /// Takes a value over.
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// The value itself. Every call of this is a place where a secret is handed over.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

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
}
