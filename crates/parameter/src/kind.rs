//! What kind of parameter a parameter is, and what it may hold.

use std::fmt;
use std::str::FromStr;

use crate::secret::SecretValue;

/// The type of a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterType {
    /// A text that everybody with read access sees.
    String,
    /// Texts with commas between them.
    StringList,
    /// A text that is encrypted with a key: the one type for secrets.
    #[default]
    SecureString,
}

impl ParameterType {
    /// All types.
    pub const ALL: [Self; 3] = [Self::String, Self::StringList, Self::SecureString];

    /// Its name in Parameter Store.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

impl fmt::Display for ParameterType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Not the name of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a parameter's type: `String`, `StringList` or `SecureString`")]
pub struct ParameterTypeError;

impl FromStr for ParameterType {
    type Err = ParameterTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(ParameterTypeError)
    }
}

/// How much a parameter may hold, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// 4 KB, free.
    #[default]
    Standard,
    /// 8 KB, paid by the month.
    Advanced,
}

impl Tier {
    /// Both tiers.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Advanced];

    /// Its name in Parameter Store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }

    /// Bytes of a value. Source: Systems Manager quotas, "Parameter Store".
    pub fn value_bytes(self) -> usize {
        match self {
            Self::Standard => 4096,
            Self::Advanced => 8192,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Not the name of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a tier: `Standard` or `Advanced`")]
pub struct TierError;

impl FromStr for Tier {
    type Err = TierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|tier| tier.name() == text).ok_or(TierError)
    }
}

/// Why Parameter Store does not take a value. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// There is nothing.
    #[error("the value is empty")]
    Empty,
    /// More bytes than the tier takes.
    #[error("the value is longer than the {limit} bytes that the {tier} tier takes")]
    Length {
        /// The tier.
        tier: Tier,
        /// Its bytes.
        limit: usize,
    },
    /// A byte that an environment variable can't hold.
    #[error("the value holds a NUL byte, which no environment variable can hold")]
    Nul,
}

/// Whether a tier takes a value. Source: `PutParameter`, "Value".
///
/// # Errors
///
/// The value is empty, too long for the tier, or holds a NUL byte.
pub fn check_value(value: &SecretValue, tier: Tier) -> Result<(), ValueError> {
    let (text, limit) = (value.expose(), tier.value_bytes());
    if text.is_empty() {
        Err(ValueError::Empty)
    } else if text.len() > limit {
        Err(ValueError::Length { tier, limit })
    } else if text.contains('\0') {
        Err(ValueError::Nul)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_and_print() {
        for kind in ParameterType::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
        }
        assert_eq!("Securestring".parse::<ParameterType>(), Err(ParameterTypeError));
        assert_eq!("Gold".parse::<Tier>(), Err(TierError));
    }

    #[test]
    fn sizes_are_counted_in_bytes() {
        let check = |text: String, tier| check_value(&SecretValue::new(text), tier);
        assert_eq!(check("x".repeat(4096), Tier::Standard), Ok(()));
        let too_long = |tier: Tier| Err(ValueError::Length { tier, limit: tier.value_bytes() });
        assert_eq!(check("x".repeat(4097), Tier::Standard), too_long(Tier::Standard));
        assert_eq!(check("ü".repeat(2049), Tier::Standard), too_long(Tier::Standard));
        assert_eq!(check("x".repeat(4097), Tier::Advanced), Ok(()));
        assert_eq!(check("x".repeat(8193), Tier::Advanced), too_long(Tier::Advanced));
        assert_eq!(check(String::new(), Tier::Standard), Err(ValueError::Empty));
        assert_eq!(check("a\0b".to_owned(), Tier::Standard), Err(ValueError::Nul));
    }
}
