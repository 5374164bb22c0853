//! Types and tiers of parameters, and the limits of their values.

use std::fmt;
use std::str::FromStr;

use crate::secret::SecretValue;

/// The type of a parameter. It can't change after the parameter was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterType {
    /// Plaintext, readable by every principal with read access to the parameter.
    String,
    /// Plaintext items separated by commas.
    StringList,
    /// A value encrypted with a KMS key: the only type for secrets.
    #[default]
    SecureString,
}

impl ParameterType {
    /// All types, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::String, Self::StringList, Self::SecureString];

    /// Returns the value of `Type` in the Parameter Store API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

impl fmt::Display for ParameterType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The error for a text that is not a parameter type. Names are case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a parameter's type: `String`, `StringList` or `SecureString`")]
pub struct ParameterTypeError;

impl FromStr for ParameterType {
    type Err = ParameterTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(ParameterTypeError)
    }
}

/// The tier of a parameter, which limits its size and sets its price.
///
/// Tiers are ordered: a parameter can be raised to [`Tier::Advanced`] and never lowered again.
/// Source: `PutParameter`, "Tier".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Values up to 4 KB, free of charge.
    #[default]
    Standard,
    /// Values up to 8 KB, billed per parameter and month.
    Advanced,
}

impl Tier {
    /// Both tiers, the smaller one first.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Advanced];

    /// Returns the value of `Tier` in the Parameter Store API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }

    /// Returns the largest size of a value, in bytes: 4,096 or 8,192.
    ///
    /// Source: [Service quotas for Parameter
    /// Store](https://docs.aws.amazon.com/general/latest/gr/ssm.html).
    pub fn value_bytes(self) -> usize {
        match self {
            Self::Standard => 4096,
            Self::Advanced => 8192,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The error for a text that is not a tier. Names are case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a tier: `Standard` or `Advanced`")]
pub struct TierError;

impl FromStr for Tier {
    type Err = TierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or(TierError)
    }
}

/// The reason why Parameter Store or ECS does not accept a value. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The value is empty. Parameter Store requires at least one character.
    #[error("the value is empty")]
    Empty,
    /// The value has more bytes than the tier accepts.
    #[error("the value is longer than the {limit} bytes that the {tier} tier takes")]
    Length {
        /// The tier of the parameter.
        tier: Tier,
        /// The limit of that tier, in bytes.
        limit: usize,
    },
    /// The value contains a NUL byte. Parameter Store would store it, but no environment variable
    /// can hold it.
    #[error("the value holds a NUL byte, which no environment variable can hold")]
    Nul,
}

/// Checks that a parameter of this tier can hold the value and that an environment variable can
/// receive it. Size counts in bytes of UTF-8, not in characters. Source: `PutParameter`, "Value".
///
/// # Errors
///
/// [`ValueError`] if the value is empty, too long for the tier, or contains a NUL byte.
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
    fn types_and_tiers_parse_their_own_names() {
        for kind in ParameterType::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
        }
        assert_eq!(
            "Securestring".parse::<ParameterType>(),
            Err(ParameterTypeError)
        );
        assert_eq!("Gold".parse::<Tier>(), Err(TierError));
    }

    #[test]
    fn check_value_counts_bytes() {
        let check = |text: String, tier| check_value(&SecretValue::new(text), tier);
        assert_eq!(check("x".repeat(4096), Tier::Standard), Ok(()));
        let too_long = |tier: Tier| {
            Err(ValueError::Length {
                tier,
                limit: tier.value_bytes(),
            })
        };
        assert_eq!(
            check("x".repeat(4097), Tier::Standard),
            too_long(Tier::Standard)
        );
        assert_eq!(
            check("ü".repeat(2049), Tier::Standard),
            too_long(Tier::Standard)
        );
        assert_eq!(check("x".repeat(4097), Tier::Advanced), Ok(()));
        assert_eq!(
            check("x".repeat(8193), Tier::Advanced),
            too_long(Tier::Advanced)
        );
        assert_eq!(check(String::new(), Tier::Standard), Err(ValueError::Empty));
        assert_eq!(
            check("a\0b".to_owned(), Tier::Standard),
            Err(ValueError::Nul)
        );
    }
}
