//! Identifiers of AWS KMS keys.

use std::fmt;
use std::str::FromStr;

use crate::region::{AccountId, Partition, Region};

/// A KMS key that encrypts parameters, in one of the forms that `KeyId` of `PutParameter` takes.
///
/// Source: Systems Manager user guide, "AWS KMS encryption for AWS Systems Manager Parameter Store
/// `SecureString` parameters". Only symmetric encryption keys work; the type can't tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KmsKey {
    /// An alias, `alias/name`. The same alias can exist in every Region, each with a key of its
    /// own.
    Alias(String),
    /// The bare id of a key, as Parameter Store may report it. An id is valid in one Region.
    Id(String),
    /// The ARN of a key or of an alias, which is valid in one Region.
    Arn {
        /// The ARN as it was written.
        text: String,
        /// The partition of the ARN.
        partition: Partition,
        /// The Region of the key.
        region: Region,
        /// The account that owns the key.
        account: AccountId,
    },
}

/// The error for a text that is neither an alias nor the ARN of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `alias/name` and not the ARN of a key")]
pub struct KmsKeyError;

impl KmsKey {
    /// Parses the `KeyId` that Parameter Store reports for a parameter: an alias, an ARN or a bare
    /// id. [`FromStr`] does not accept bare ids, since a configuration that names one works in a
    /// single Region only.
    ///
    /// # Errors
    ///
    /// [`KmsKeyError`] if the text is none of them.
    pub fn of_parameter(text: &str) -> Result<Self, KmsKeyError> {
        let is_id = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_id {
            Ok(Self::Id(text.to_owned()))
        } else {
            text.parse()
        }
    }
}

impl FromStr for KmsKey {
    type Err = KmsKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
        };
        if text.strip_prefix("alias/").is_some_and(is_word) {
            return Ok(Self::Alias(text.to_owned()));
        }
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "kms", region, account, resource] = parts.as_slice() else {
            return Err(KmsKeyError);
        };
        let is_key = ["key/", "alias/"]
            .iter()
            .any(|prefix| resource.strip_prefix(prefix).is_some_and(is_word));
        if !is_key {
            return Err(KmsKeyError);
        }
        let partition = partition.parse().map_err(|_| KmsKeyError)?;
        let region = region.parse().map_err(|_| KmsKeyError)?;
        let account = account.parse().map_err(|_| KmsKeyError)?;
        Ok(Self::Arn {
            text: text.to_owned(),
            partition,
            region,
            account,
        })
    }
}

impl fmt::Display for KmsKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(text) | Self::Id(text) | Self::Arn { text, .. } => {
                formatter.write_str(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kms_keys_parse_aliases_and_arns() {
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
    fn of_parameter_accepts_bare_key_ids() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(KmsKey::of_parameter(id), Ok(KmsKey::Id(id.to_owned())));
        assert_eq!(
            KmsKey::of_parameter("alias/aws/ssm"),
            Ok(KmsKey::Alias("alias/aws/ssm".to_owned()))
        );
        assert_eq!(KmsKey::of_parameter("a key"), Err(KmsKeyError));
    }
}
