//! Partitions, Regions and accounts.

use std::fmt;
use std::str::FromStr;

/// A group of Regions with its own accounts and ARNs.
///
/// Source: the list of partitions in the AWS SDKs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`
    Aws,
    /// `aws-cn`
    China,
    /// `aws-us-gov`
    GovCloud,
    /// `aws-iso`
    Iso,
    /// `aws-iso-b`
    IsoB,
    /// `aws-iso-e`
    IsoE,
    /// `aws-iso-f`
    IsoF,
    /// `aws-eusc`
    EuropeanSovereignCloud,
}

impl Partition {
    /// All partitions.
    pub const ALL: [Partition; 8] = [
        Self::Aws,
        Self::China,
        Self::GovCloud,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
        Self::EuropeanSovereignCloud,
    ];

    /// Its name in ARNs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
            Self::EuropeanSovereignCloud => "aws-eusc",
        }
    }

    /// The partition that a Region belongs to, by its prefix.
    pub fn of_region(region: &Region) -> Self {
        let prefixes = [
            ("cn-", Self::China),
            ("us-gov-", Self::GovCloud),
            ("us-iso-", Self::Iso),
            ("us-isob-", Self::IsoB),
            ("eu-isoe-", Self::IsoE),
            ("us-isof-", Self::IsoF),
            ("eusc-", Self::EuropeanSovereignCloud),
        ];
        let found = prefixes.iter().find(|(prefix, _)| region.0.starts_with(prefix));
        found.map_or(Self::Aws, |(_, partition)| *partition)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Not the name of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a partition")]
pub struct PartitionError;

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|partition| partition.name() == text).ok_or(PartitionError)
    }
}

/// A Region's name, such as `us-west-2`. Its shape is checked, not its existence: new ones come every year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// Not shaped like a Region's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Region")]
pub struct RegionError;

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_word =
            |part: &&str| (2..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let (last, words) = parts.split_last().ok_or(RegionError)?;
        let is_number = (1..=2).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_digit());
        let fits = is_number && (2..=3).contains(&words.len()) && words.iter().all(is_word);
        if fits { Ok(Self(text.to_owned())) } else { Err(RegionError) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An account's number: twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// Not twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an account id")]
pub struct AccountIdError;

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(AccountIdError) }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_a_shape_and_a_partition() {
        for (text, partition) in [
            ("us-west-2", Partition::Aws),
            ("ap-southeast-10", Partition::Aws),
            ("cn-north-1", Partition::China),
            ("us-gov-east-1", Partition::GovCloud),
            ("us-isob-east-1", Partition::IsoB),
            ("eusc-de-east-1", Partition::EuropeanSovereignCloud),
        ] {
            let region: Region = text.parse().unwrap();
            assert_eq!(Partition::of_region(&region), partition, "{text}");
        }
        for text in ["", "us-west", "us_west_2", "US-WEST-2", "us-west-2a", "-west-2"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn accounts_have_twelve_digits() {
        assert!("012345678901".parse::<AccountId>().is_ok());
        for text in ["12345678901", "1234567890123", "12345678901a", ""] {
            assert!(text.parse::<AccountId>().is_err());
        }
    }
}
