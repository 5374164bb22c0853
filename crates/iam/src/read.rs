//! The rights that reading a secret takes.
//!
//! This is the one place that knows them: who plans grants, prints policies, removes old grants or
//! asks IAM begins here.

use std::borrow::Cow;

use byref_parameter::{
    AccountId, KmsKey, ParameterArn, Partition, Region, SecretsManagerArn, without_selectors,
};

/// An action that a service performs with a role to read a secret.
///
/// Source: ECS developer guide, "Amazon ECS task execution IAM role": the permissions for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// `ssm:GetParameters`, on a parameter.
    GetParameters,
    /// `secretsmanager:GetSecretValue`, on a secret.
    GetSecretValue,
    /// `kms:Decrypt`, on the customer-managed key of either.
    Decrypt,
}

impl Action {
    /// The actions on secrets themselves. A policy that holds neither of them needs no key.
    pub const READS: [Self; 2] = [Self::GetParameters, Self::GetSecretValue];

    /// Returns the name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetParameters => "ssm:GetParameters",
            Self::GetSecretValue => "secretsmanager:GetSecretValue",
            Self::Decrypt => "kms:Decrypt",
        }
    }

    /// Returns the name of the service, as its endpoints have it.
    pub(crate) fn service(self) -> &'static str {
        self.name().split(':').next().unwrap_or_default()
    }
}

/// A right: one action on the resources that a pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The action.
    pub action: Action,
    /// The ARN, with wildcards for what only AWS knows. In the scope [`ArnScope::pseudo`] it has
    /// the pseudo parameters of CloudFormation (`${AWS::Region}`), and is written with `Fn::Sub`.
    pub resource: String,
    /// The alias of a key whose id is not known: `alias/name`. The right then holds for every key
    /// that has it.
    pub alias: Option<String>,
}

impl Right {
    fn new(action: Action, resource: String) -> Self {
        Self {
            action,
            resource,
            alias: None,
        }
    }
}

/// A secret, as a role reads it.
#[derive(Clone, Debug)]
pub enum Secret<'s> {
    /// A parameter of the account and Region that the role reads in, by its name. The name may have
    /// pseudo parameters, parameters of the template and wildcards in it.
    Parameter(Cow<'s, str>),
    /// A parameter by its ARN.
    ParameterArn(&'s ParameterArn),
    /// A secret in Secrets Manager. Its JSON key, stage and version take no other rights.
    SecretsManager(&'s SecretsManagerArn),
}

impl Secret<'_> {
    /// Returns the Region that the secret itself names; none for a parameter by its name.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::Parameter(_) => None,
            Self::ParameterArn(arn) => Some(&arn.region),
            Self::SecretsManager(arn) => Some(&arn.region),
        }
    }
}

/// The location in an ARN: partition, Region and account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnScope {
    /// `aws`, or `${AWS::Partition}`
    pub(crate) partition: String,
    /// `us-west-2`, or `${AWS::Region}`
    pub(crate) region: String,
    /// `111122223333`, or `${AWS::AccountId}`
    pub(crate) account: String,
}

impl ArnScope {
    /// Returns the scope of one Region of one account.
    pub fn of(partition: Partition, region: &Region, account: &AccountId) -> Self {
        Self {
            partition: partition.to_string(),
            region: region.to_string(),
            account: account.to_string(),
        }
    }

    /// Returns the scope of whatever account and Region a template is deployed to, by pseudo
    /// parameters.
    ///
    /// Source: CloudFormation template reference, "Pseudo parameters reference".
    pub fn pseudo() -> Self {
        let [partition, region, account] =
            ["${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"].map(str::to_owned);
        Self {
            partition,
            region,
            account,
        }
    }

    /// Returns the ARN of a parameter. There is exactly one slash between `parameter` and the name.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for AWS
    /// Systems Manager".
    pub fn parameter(&self, name: &str) -> String {
        let slash = if name.starts_with('/') { "" } else { "/" };
        self.arn("ssm", &format!("parameter{slash}{name}"))
    }

    /// Returns the ARN of a key by its id, or `*`.
    pub fn key(&self, id: &str) -> String {
        self.arn("kms", &format!("key/{id}"))
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Self {
            partition,
            region,
            account,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Returns the rights that a role needs to read a secret: first the one on the secret itself, then
/// one to decrypt for each key, each once.
///
/// `keys` are the customer-managed keys that may encrypt the secret; AWS's own keys
/// (`alias/aws/ssm`) take no right, for their key policies allow every principal of the account
/// that may read. `scope` is the location of the reader; a secret given by its ARN is read in the
/// Region of the ARN.
///
/// Source: Systems Manager user guide, "AWS KMS encryption for AWS Systems Manager Parameter Store
/// `SecureString` parameters"; Secrets Manager user guide, "Secret encryption and decryption in AWS
/// Secrets Manager".
pub fn rights_to_read<'k>(
    secret: &Secret<'_>,
    keys: impl IntoIterator<Item = &'k KmsKey>,
    scope: &ArnScope,
) -> Vec<Right> {
    let mut rights = vec![match secret {
        Secret::Parameter(name) => Right::new(Action::GetParameters, scope.parameter(name)),
        Secret::ParameterArn(arn) => Right::new(Action::GetParameters, arn.to_string()),
        Secret::SecretsManager(arn) => {
            Right::new(Action::GetSecretValue, secret_pattern(&arn.to_string()))
        }
    }];
    for key in keys {
        let right = right_to_decrypt(key, scope);
        if !rights.contains(&right) {
            rights.push(right);
        }
    }
    rights
}

/// Returns the right to decrypt with a key. IAM knows keys by their ids alone, so a right on an
/// alias is one on all keys that have it, by a condition.
///
/// Source: AWS KMS developer guide, "Use aliases to control access to KMS keys".
fn right_to_decrypt(key: &KmsKey, scope: &ArnScope) -> Right {
    let by_alias = |resource: String, alias: String| Right {
        alias: Some(alias),
        ..Right::new(Action::Decrypt, resource)
    };
    match key {
        KmsKey::Alias(alias) => by_alias(scope.key("*"), alias.clone()),
        KmsKey::Id(id) => Right::new(Action::Decrypt, scope.key(id)),
        KmsKey::Arn { text, .. } => match text.split_once(":alias/") {
            Some((head, name)) => by_alias(format!("{head}:key/*"), format!("alias/{name}")),
            None => Right::new(Action::Decrypt, text.clone()),
        },
    }
}

/// The pattern of the hyphen and six characters that Secrets Manager adds to the name of every
/// secret.
///
/// Source: Secrets Manager user guide, "What's in a Secrets Manager secret?".
const RANDOM_SUFFIX: &str = "-??????";

/// A suffix of that shape, in place of the one that only AWS knows.
const SOME_SUFFIX: &str = "-0byrfZ";

/// Returns the pattern for the ARN of a secret: with wildcards for the random characters where the
/// ARN ends before them.
fn secret_pattern(reference: &str) -> String {
    let secret = without_selectors(reference);
    let is_suffix =
        |tail: &str| tail.len() == 6 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let suffix = if secret
        .rsplit_once('-')
        .is_some_and(|(_, tail)| is_suffix(tail))
    {
        ""
    } else {
        RANDOM_SUFFIX
    };
    format!("{secret}{suffix}")
}

/// Returns the ARN that a pattern is about if it is one of a secret whose random characters are
/// open, else nothing.
pub fn without_random_suffix(pattern: &str) -> Option<&str> {
    pattern.strip_suffix(RANDOM_SUFFIX)
}

/// Returns an ARN that a secret may have whose reference ends before the random characters.
pub fn with_some_suffix(reference: &str) -> String {
    format!("{reference}{SOME_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> ArnScope {
        let account = "111122223333".parse().unwrap();
        ArnScope::of(Partition::Aws, &"us-west-2".parse().unwrap(), &account)
    }

    fn rights(secret: &Secret<'_>, key: &str) -> Vec<(&'static str, String, Option<String>)> {
        let key: KmsKey = key.parse().unwrap();
        let rights = rights_to_read(secret, [&key, &key], &scope());
        rights
            .into_iter()
            .map(|right| (right.action.name(), right.resource, right.alias))
            .collect()
    }

    #[test]
    fn a_parameter_takes_a_right_on_itself_and_on_its_key_once() {
        let parameter = "arn:aws:ssm:us-west-2:111122223333:parameter/a".to_owned();
        let read = ("ssm:GetParameters", parameter, None);
        for name in ["a", "/a"] {
            assert_eq!(
                rights(&Secret::Parameter(name.into()), "alias/k"),
                [
                    read.clone(),
                    (
                        "kms:Decrypt",
                        "arn:aws:kms:us-west-2:111122223333:key/*".to_owned(),
                        Some("alias/k".to_owned())
                    ),
                ]
            );
        }
        let key = "arn:aws:kms:eu-west-1:444455556666:key/1234";
        assert_eq!(
            rights(&Secret::Parameter("a".into()), key),
            [read, ("kms:Decrypt", key.to_owned(), None)]
        );
    }

    #[test]
    fn an_alias_by_arn_is_one_of_its_own_account() {
        let found = rights(
            &Secret::Parameter("a".into()),
            "arn:aws:kms:us-west-2:444455556666:alias/k",
        );
        let resource = "arn:aws:kms:us-west-2:444455556666:key/*".to_owned();
        assert_eq!(
            found[1],
            ("kms:Decrypt", resource, Some("alias/k".to_owned()))
        );
    }

    #[test]
    fn a_secret_is_read_whole_and_with_its_random_characters() {
        let head = "arn:aws:secretsmanager:us-west-2:111122223333:secret:";
        for (reference, resource) in [
            ("db:url::", "db-??????"),
            ("db-AbCdEf", "db-AbCdEf"),
            ("my-db", "my-db-??????"),
        ] {
            let arn: SecretsManagerArn = format!("{head}{reference}").parse().unwrap();
            let right = rights_to_read(&Secret::SecretsManager(&arn), [], &scope()).remove(0);
            assert_eq!(right.resource, format!("{head}{resource}"));
        }
    }
}
