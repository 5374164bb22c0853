//! Partitions, Regions and accounts.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A group of Regions with separate accounts and its own second part in ARNs.
///
/// Source: the partition list (`partitions.json`) of the AWS SDKs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`, the commercial Regions
    Aws,
    /// `aws-cn`, Regions that begin with `cn-`
    China,
    /// `aws-us-gov`, Regions that begin with `us-gov-`
    GovCloud,
    /// `aws-iso`, Regions that begin with `us-iso-`
    Iso,
    /// `aws-iso-b`, Regions that begin with `us-isob-`
    IsoB,
    /// `aws-iso-e`, Regions that begin with `eu-isoe-`
    IsoE,
    /// `aws-iso-f`, Regions that begin with `us-isof-`
    IsoF,
    /// `aws-eusc`, Regions that begin with `eusc-`
    EuropeanSovereignCloud,
}

impl Partition {
    /// All partitions, in the order of their declaration.
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

    /// Returns the name of the partition in ARNs.
    pub fn as_str(self) -> &'static str {
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

    /// Returns the partition that a Region belongs to, judging by the prefix of its name. A Region
    /// without a known prefix belongs to [`Partition::Aws`].
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
        let found = prefixes
            .iter()
            .find(|(prefix, _)| region.0.starts_with(prefix));
        found.map_or(Self::Aws, |(_, partition)| *partition)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The error for a text that is not the name of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a partition")]
pub struct PartitionError;

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == text)
            .ok_or(PartitionError)
    }
}

/// The name of a Region, such as `us-west-2`.
///
/// Parsing checks the shape of the name, not its existence, because AWS opens new Regions every
/// year. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

/// The error for a text that does not have the shape of a Region name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Region")]
pub struct RegionError;

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_word = |part: &&str| {
            (2..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let (last, words) = parts.split_last().ok_or(RegionError)?;
        let is_number =
            (1..=2).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_digit());
        let fits = is_number && (2..=3).contains(&words.len()) && words.iter().all(is_word);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(RegionError)
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The id of an AWS account: twelve digits, with leading zeros. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Arc<str>);

/// The error for a text that is not twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an account id")]
pub struct AccountIdError;

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(AccountIdError)
        }
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
    fn regions_parse_by_shape_and_map_to_partitions() {
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
        for text in [
            "",
            "us-west",
            "us_west_2",
            "US-WEST-2",
            "us-west-2a",
            "-west-2",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn account_ids_need_twelve_digits() {
        assert!("012345678901".parse::<AccountId>().is_ok());
        for text in ["12345678901", "1234567890123", "12345678901a", ""] {
            assert!(text.parse::<AccountId>().is_err());
        }
    }
}
