//! ARNs that `ValueFrom` takes.
//!
//! Source: Amazon ECS developer guide, "Pass Systems Manager parameters / Secrets Manager secrets through environment
//! variables".

use std::fmt;
use std::str::FromStr;

use crate::name::{NameError, ParameterName};
use crate::region::{AccountId, Partition, Region};

/// Why a text is no ARN that `ValueFrom` takes. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArnError {
    /// Not six parts with colons between them.
    #[error("it is not of the form `arn:partition:service:region:account:resource`")]
    Shape,
    /// A partition that does not exist.
    #[error("its partition is none of AWS's")]
    Partition,
    /// Another service than Parameter Store or Secrets Manager.
    #[error("it belongs to another service")]
    Service,
    /// No Region.
    #[error("its Region is not one")]
    Region,
    /// No account.
    #[error("its account is not twelve digits")]
    Account,
    /// `parameter:/x`, `parameterx` or another resource.
    #[error("its resource must be `parameter/` and the name, with one slash")]
    Resource,
    /// A name that Parameter Store does not take.
    #[error("its parameter name is not valid: {0}")]
    Name(NameError),
    /// Secrets Manager: the colons of key, stage and version are not all there.
    #[error("after a secret's name come none or all three of `:json-key:version-stage:version-id`, with their colons")]
    Suffix,
    /// Secrets Manager: both a stage and a version.
    #[error("a version stage and a version id exclude each other")]
    StageAndVersion,
}

/// The ARN of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterArn {
    /// The partition.
    pub partition: Partition,
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// The name, with its leading slash when it has levels.
    pub name: ParameterName,
}

impl fmt::Display for ParameterArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, name } = self;
        write!(formatter, "arn:{partition}:ssm:{region}:{account}:{}", name.arn_resource())
    }
}

/// Partition, Region, account and resource of an ARN.
fn parts<'t>(text: &'t str, service: &str) -> Result<(Partition, Region, AccountId, &'t str), ArnError> {
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
        let path = resource.strip_prefix("parameter/").ok_or(ArnError::Resource)?;
        if path.starts_with('/') {
            return Err(ArnError::Resource);
        }
        // `parameter/a/b` is `/a/b`, `parameter/b` is `b`: a name with levels has a leading slash.
        let name = if path.contains('/') { format!("/{path}") } else { path.to_owned() };
        let name = name.parse().map_err(ArnError::Name)?;
        Ok(Self { partition, region, account, name })
    }
}

/// The ARN of a secret in Secrets Manager, with the JSON key, stage or version that ECS takes after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretsManagerArn {
    /// The partition.
    pub partition: Partition,
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// What stands after the account: `secret:name-AbCdEf` and, if any, `:json-key:stage:version`.
    resource: String,
}

/// An ARN up to its seventh part: that of a secret without the JSON key, stage and version that may follow.
///
/// Source: ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
pub fn without_selectors(arn: &str) -> &str {
    arn.match_indices(':').nth(6).map_or(arn, |(end, _)| &arn[..end])
}

impl SecretsManagerArn {
    /// The ARN of the secret, without what selects a part of it.
    pub fn secret(&self) -> String {
        without_selectors(&self.to_string()).to_owned()
    }
}

impl fmt::Display for SecretsManagerArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, resource } = self;
        write!(formatter, "arn:{partition}:secretsmanager:{region}:{account}:{resource}")
    }
}

impl FromStr for SecretsManagerArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partition, region, account, resource) = parts(text, "secretsmanager")?;
        let parts: Vec<&str> = resource.split(':').collect();
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte))
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
        Ok(Self { partition, region, account, resource: resource.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_arns_read_and_print() {
        for text in
            ["arn:aws:ssm:us-west-2:111122223333:parameter/a/b", "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/b"]
        {
            assert_eq!(text.parse::<ParameterArn>().unwrap().to_string(), text);
        }
        let name = |text: &str| text.parse::<ParameterArn>().map(|arn| arn.name.to_string());
        assert_eq!(name("arn:aws:ssm:us-west-2:111122223333:parameter/a/b").unwrap(), "/a/b");
        assert_eq!(name("arn:aws:ssm:us-west-2:111122223333:parameter/b").unwrap(), "b");
        for (text, error) in [
            ("arn:aws:ssm:us-west-2:111122223333:parameter//a/b", ArnError::Resource),
            ("arn:aws:ssm:us-west-2:111122223333:parameter:/a", ArnError::Resource),
            ("arn:aws:ssm:us-west-2:111122223333:parametera", ArnError::Resource),
            ("arn:aws:ssm:us-west-2:111122223333:parameter/a:3", ArnError::Name(NameError::Selector)),
            ("arn:aws:ssm:us-west-2:1234:parameter/a", ArnError::Account),
            ("arn:amazon:ssm:us-west-2:111122223333:parameter/a", ArnError::Partition),
            ("arn:aws:s3:us-west-2:111122223333:parameter/a", ArnError::Service),
            ("arn:aws:ssm", ArnError::Shape),
        ] {
            assert_eq!(name(text), Err(error), "{text}");
        }
    }

    #[test]
    fn secrets_manager_keeps_its_colons() {
        let parse = |suffix: &str| {
            format!("arn:aws:secretsmanager:us-west-2:111122223333:secret:quiz/db-AbCdEf{suffix}")
                .parse::<SecretsManagerArn>()
        };
        for suffix in ["", ":url::", "::AWSPREVIOUS:", ":::a1b2", ":url:AWSPREVIOUS:"] {
            assert!(parse(suffix).unwrap().to_string().ends_with(suffix), "{suffix}");
        }
        assert_eq!(parse(":url"), Err(ArnError::Suffix));
        assert_eq!(parse(":url:"), Err(ArnError::Suffix));
        assert_eq!(parse(":url:stage:version"), Err(ArnError::StageAndVersion));
    }
}
