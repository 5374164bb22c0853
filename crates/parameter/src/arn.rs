//! ARNs that `ValueFrom` of an ECS secret accepts: of parameters and of Secrets Manager secrets.
//!
//! The grammar follows the Amazon ECS developer guide, [Pass Systems Manager parameters through
//! environment variables][ssm] and "Pass Secrets Manager secrets through environment variables".
//!
//! [ssm]: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html

use std::fmt;
use std::str::FromStr;

use crate::name::{NameError, ParameterName};
use crate::region::{AccountId, Partition, Region};

/// The reason why a text is not an ARN that `ValueFrom` accepts. Never holds the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArnError {
    /// Fewer than six parts separated by colons, or a first part other than `arn`.
    #[error("it is not of the form `arn:partition:service:region:account:resource`")]
    Shape,
    /// A partition that does not exist; see [`Partition`].
    #[error("its partition is none of AWS's")]
    Partition,
    /// A service other than Parameter Store (`ssm`) or Secrets Manager (`secretsmanager`).
    #[error("it belongs to another service")]
    Service,
    /// A Region that does not have the shape of a Region name.
    #[error("its Region is not one")]
    Region,
    /// An account that is not twelve digits.
    #[error("its account is not twelve digits")]
    Account,
    /// `parameter:/x`, `parameter//x`, `parameterx`, or the resource of another type.
    #[error("its resource must be `parameter/` and the name, with one slash")]
    Resource,
    /// A name that Parameter Store does not accept.
    #[error("its parameter name is not valid: {0}")]
    Name(NameError),
    /// Secrets Manager: some of the colons around JSON key, stage and version are missing. ECS
    /// requires all three or none of these parts, even when they are empty.
    #[error(
        "after a secret's name come none or all three of `:json-key:version-stage:version-id`, with their colons"
    )]
    Suffix,
    /// Secrets Manager: both a version stage and a version id.
    #[error("a version stage and a version id exclude each other")]
    StageAndVersion,
}

/// The ARN of a parameter: `arn:PARTITION:ssm:REGION:ACCOUNT:parameter/NAME`.
///
/// `Display` prints the one form that IAM and ECS both match, with exactly one slash after
/// `parameter`.
///
/// ```
/// use byref_parameter::ParameterArn;
/// let text = "arn:aws:ssm:us-west-2:111122223333:parameter/production/web/db-password";
/// let arn: ParameterArn = text.parse().unwrap();
/// assert_eq!(arn.name.as_str(), "/production/web/db-password");
/// assert_eq!(arn.to_string(), text);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterArn {
    /// The partition, second part of the ARN.
    pub partition: Partition,
    /// The Region that stores the parameter.
    pub region: Region,
    /// The account that owns the parameter.
    pub account: AccountId,
    /// The name, with a leading slash if it has more than one level.
    pub name: ParameterName,
}

impl fmt::Display for ParameterArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            name,
        } = self;
        write!(
            formatter,
            "arn:{partition}:ssm:{region}:{account}:{}",
            name.arn_resource()
        )
    }
}

/// Splits an ARN of `service` into partition, Region, account and resource. The resource keeps its
/// own colons.
fn parts<'t>(
    text: &'t str,
    service: &str,
) -> Result<(Partition, Region, AccountId, &'t str), ArnError> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().ok_or(ArnError::Shape);
    if next()? != "arn" {
        return Err(ArnError::Shape);
    }
    let partition = next()?.parse().map_err(|_| ArnError::Partition)?;
    if next()? != service {
        return Err(ArnError::Service);
    }
    let region = next()?.parse().map_err(|_| ArnError::Region)?;
    let account = next()?.parse().map_err(|_| ArnError::Account)?;
    Ok((partition, region, account, next()?))
}

impl FromStr for ParameterArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partition, region, account, resource) = parts(text, "ssm")?;
        let path = resource
            .strip_prefix("parameter/")
            .ok_or(ArnError::Resource)?;
        if path.starts_with('/') {
            return Err(ArnError::Resource);
        }
        // `parameter/a/b` is `/a/b`, `parameter/b` is `b`: a name with levels has a leading slash.
        let name = if path.contains('/') {
            format!("/{path}")
        } else {
            path.to_owned()
        };
        let name = name.parse().map_err(ArnError::Name)?;
        Ok(Self {
            partition,
            region,
            account,
            name,
        })
    }
}

/// The ARN of a Secrets Manager secret, with the optional selectors that ECS accepts after it:
/// `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME[:JSON-KEY:STAGE:VERSION]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretsManagerArn {
    /// The partition, second part of the ARN.
    pub partition: Partition,
    /// The Region that stores the secret.
    pub region: Region,
    /// The account that owns the secret.
    pub account: AccountId,
    /// Everything after the account: `secret:name-AbCdEf`, then `:json-key:stage:version` if given.
    resource: String,
}

/// Returns the ARN of a secret without the JSON key, stage and version after it: the first seven
/// parts. A text with fewer parts is returned whole.
///
/// Policies name secrets in this form, because IAM does not know the selectors. Source: ECS
/// developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
pub fn without_selectors(arn: &str) -> &str {
    arn.match_indices(':')
        .nth(6)
        .map_or(arn, |(end, _)| &arn[..end])
}

impl SecretsManagerArn {
    /// Returns the ARN of the whole secret, without selectors; see [`without_selectors`].
    pub fn secret(&self) -> String {
        without_selectors(&self.to_string()).to_owned()
    }
}

impl fmt::Display for SecretsManagerArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            resource,
        } = self;
        write!(
            formatter,
            "arn:{partition}:secretsmanager:{region}:{account}:{resource}"
        )
    }
}

impl FromStr for SecretsManagerArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partition, region, account, resource) = parts(text, "secretsmanager")?;
        let parts: Vec<&str> = resource.split(':').collect();
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte))
        };
        match parts.as_slice() {
            ["secret", name] if is_name(name) => {}
            ["secret", name, _, stage, version] if is_name(name) => {
                if !stage.is_empty() && !version.is_empty() {
                    return Err(ArnError::StageAndVersion);
                }
            }
            ["secret", name, ..] if is_name(name) => return Err(ArnError::Suffix),
            _ => return Err(ArnError::Shape),
        }
        Ok(Self {
            partition,
            region,
            account,
            resource: resource.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_arns_round_trip() {
        for text in [
            "arn:aws:ssm:us-west-2:111122223333:parameter/a/b",
            "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/b",
        ] {
            assert_eq!(text.parse::<ParameterArn>().unwrap().to_string(), text);
        }
        let name = |text: &str| text.parse::<ParameterArn>().map(|arn| arn.name.to_string());
        assert_eq!(
            name("arn:aws:ssm:us-west-2:111122223333:parameter/a/b").unwrap(),
            "/a/b"
        );
        assert_eq!(
            name("arn:aws:ssm:us-west-2:111122223333:parameter/b").unwrap(),
            "b"
        );
        for (text, error) in [
            (
                "arn:aws:ssm:us-west-2:111122223333:parameter//a/b",
                ArnError::Resource,
            ),
            (
                "arn:aws:ssm:us-west-2:111122223333:parameter:/a",
                ArnError::Resource,
            ),
            (
                "arn:aws:ssm:us-west-2:111122223333:parametera",
                ArnError::Resource,
            ),
            (
                "arn:aws:ssm:us-west-2:111122223333:parameter/a:3",
                ArnError::Name(NameError::Selector),
            ),
            ("arn:aws:ssm:us-west-2:1234:parameter/a", ArnError::Account),
            (
                "arn:amazon:ssm:us-west-2:111122223333:parameter/a",
                ArnError::Partition,
            ),
            (
                "arn:aws:s3:us-west-2:111122223333:parameter/a",
                ArnError::Service,
            ),
            ("arn:aws:ssm", ArnError::Shape),
        ] {
            assert_eq!(name(text), Err(error), "{text}");
        }
    }

    #[test]
    fn secrets_manager_arns_keep_selectors() {
        let parse = |suffix: &str| {
            format!("arn:aws:secretsmanager:us-west-2:111122223333:secret:quiz/db-AbCdEf{suffix}")
                .parse::<SecretsManagerArn>()
        };
        for suffix in [
            "",
            ":url::",
            "::AWSPREVIOUS:",
            ":::a1b2",
            ":url:AWSPREVIOUS:",
        ] {
            assert!(
                parse(suffix).unwrap().to_string().ends_with(suffix),
                "{suffix}"
            );
        }
        assert_eq!(parse(":url"), Err(ArnError::Suffix));
        assert_eq!(parse(":url:"), Err(ArnError::Suffix));
        assert_eq!(parse(":url:stage:version"), Err(ArnError::StageAndVersion));
    }
}
