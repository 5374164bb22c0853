//! Keys of the Key Management Service.

use std::fmt;
use std::str::FromStr;

use crate::region::{AccountId, Partition, Region};

/// A key that encrypts parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KmsKey {
    /// `alias/name`, which exists in every Region.
    Alias(String),
    /// The id of a key, as a parameter may name it. It belongs to one Region.
    Id(String),
    /// The ARN of a key, which belongs to one Region.
    Arn {
        /// The ARN as it stands.
        text: String,
        /// Its partition.
        partition: Partition,
        /// Its Region.
        region: Region,
        /// Its account.
        account: AccountId,
    },
}

/// Neither an alias nor the ARN of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `alias/name` and not the ARN of a key")]
pub struct KmsKeyError;

impl KmsKey {
    /// The key of a parameter as Parameter Store gives it: an alias, an ARN or a bare id.
    ///
    /// # Errors
    ///
    /// The text is none of them.
    pub fn of_parameter(text: &str) -> Result<Self, KmsKeyError> {
        let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_id { Ok(Self::Id(text.to_owned())) } else { text.parse() }
    }
}

impl FromStr for KmsKey {
    type Err = KmsKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
        };
        if text.strip_prefix("alias/").is_some_and(is_word) {
            return Ok(Self::Alias(text.to_owned()));
        }
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "kms", region, account, resource] = parts.as_slice() else { return Err(KmsKeyError) };
        let is_key = ["key/", "alias/"].iter().any(|prefix| resource.strip_prefix(prefix).is_some_and(is_word));
        if !is_key {
            return Err(KmsKeyError);
        }
        let partition = partition.parse().map_err(|_| KmsKeyError)?;
        let region = region.parse().map_err(|_| KmsKeyError)?;
        let account = account.parse().map_err(|_| KmsKeyError)?;
        Ok(Self::Arn { text: text.to_owned(), partition, region, account })
    }
}

impl fmt::Display for KmsKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(text) | Self::Id(text) | Self::Arn { text, .. } => formatter.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_aliases_or_arns() {
        for text in [
            "alias/production",
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab",
            "arn:aws:kms:us-west-2:111122223333:alias/x",
        ] {
            assert_eq!(text.parse::<KmsKey>().unwrap().to_string(), text);
        }
        for text in [
            "production",
            "alias/",
            "arn:aws:kms:us-west-2:111122223333:1234",
            "arn:aws:s3:us-west-2:111122223333:key/1",
        ] {
            assert!(text.parse::<KmsKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_parameter_may_name_a_key_by_its_id() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(KmsKey::of_parameter(id), Ok(KmsKey::Id(id.to_owned())));
        assert_eq!(KmsKey::of_parameter("alias/aws/ssm"), Ok(KmsKey::Alias("alias/aws/ssm".to_owned())));
        assert_eq!(KmsKey::of_parameter("a key"), Err(KmsKeyError));
    }
}
