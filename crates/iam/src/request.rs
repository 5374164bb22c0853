//! Requests: the calls that a service makes with a role, as IAM evaluates them.

use std::collections::BTreeMap;

use byref_parameter::KmsKey;

use crate::pattern::Pattern;
use crate::read::{
    Action, ArnScope, Right, Secret, rights_to_read, with_some_suffix, without_random_suffix,
};
use crate::truth::Truth;

/// A call that a service makes with a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The action.
    pub action: Action,
    /// The ARN of the resource. Where only AWS knows its end (the id of a key, the random
    /// characters of a secret), the end is one that could be.
    pub resource: String,
    /// The number of bytes of that ARN that are certain; none where all are.
    pub known: Option<usize>,
    /// The condition keys of the request that are known, with their values.
    pub context: BTreeMap<String, Vec<String>>,
    /// Set if a policy allows it that is not written yet.
    pub is_granted: bool,
}

/// The id of no key. A service decrypts with the key behind an alias, and only AWS knows its id.
const SOME_KEY: &str = "00000000-0000-0000-0000-000000000000";

impl Request {
    /// Matches the resource with a pattern of a policy.
    pub(crate) fn is_on(&self, pattern: &Pattern) -> Truth {
        match self.known {
            Some(known) => pattern.matches_partly_known(&self.resource, known),
            None => pattern.matches_resource(&self.resource),
        }
    }

    /// Returns the part of the resource that is certain.
    pub(crate) fn certain_part(&self) -> &str {
        self.known
            .and_then(|known| self.resource.get(..known))
            .unwrap_or(&self.resource)
    }

    /// Returns whether all of the resource is certain.
    pub(crate) fn is_certain(&self) -> bool {
        self.known.is_none()
    }

    /// Returns the resource for messages and policies: with wildcards for what only AWS knows.
    pub fn resource_pattern(&self) -> String {
        match self.known {
            None => self.resource.clone(),
            Some(known) if self.action == Action::Decrypt => {
                format!("{}*", &self.resource[..known])
            }
            Some(known) => format!("{}??????", &self.resource[..known]),
        }
    }

    /// Returns the request that a right is for, in a context.
    fn of(right: &Right, context: BTreeMap<String, Vec<String>>) -> Self {
        let request = |resource: String, known: Option<usize>| Self {
            action: right.action,
            resource,
            known,
            context,
            is_granted: false,
        };
        let resource = &right.resource;
        match (right.action, &right.alias) {
            (Action::Decrypt, Some(_)) => {
                let head = resource.trim_end_matches('*');
                request(format!("{head}{SOME_KEY}"), Some(head.len()))
            }
            (Action::GetSecretValue, _) => match without_random_suffix(resource) {
                Some(name) => request(with_some_suffix(name), Some(name.len() + 1)),
                None => request(resource.clone(), None),
            },
            _ => request(resource.clone(), None),
        }
    }
}

/// Returns the calls that a service makes to read a secret: the one for the secret, and with a
/// customer-managed key the one to decrypt, which Parameter Store or Secrets Manager makes on
/// behalf of the role.
///
/// `scope` is one Region of one account, that of the role. Their contexts hold the condition keys
/// that are certain there: the Region, the accounts, and for the key its alias, the calling service
/// and the encryption context.
///
/// Source: IAM user guide, "AWS global condition context keys"; AWS KMS developer guide, "AWS KMS
/// condition keys"; Systems Manager user guide and Secrets Manager user guide, the pages on KMS,
/// for the encryption context.
pub fn requests_to_read(
    secret: &Secret<'_>,
    key: Option<&KmsKey>,
    scope: &ArnScope,
) -> Vec<Request> {
    let called = match secret.region() {
        Some(region) => ArnScope {
            region: region.to_string(),
            ..scope.clone()
        },
        None => scope.clone(),
    };
    let mut rights = rights_to_read(secret, key, &called).into_iter();
    let Some(read) = rights
        .next()
        .map(|right| Request::of(&right, context(&called)))
    else {
        return Vec::new();
    };
    let decrypt: Vec<Request> = rights
        .map(|right| decrypt(&right, &read, &called))
        .collect();
    std::iter::once(read).chain(decrypt).collect()
}

/// Returns the request to decrypt that another request leads to.
fn decrypt(right: &Right, read: &Request, scope: &ArnScope) -> Request {
    let mut context = context(scope);
    let mut know = |key: &str, value: String| context.insert(key.to_owned(), vec![value]);
    know(
        "kms:ViaService",
        format!(
            "{}.{}.{}",
            read.action.service(),
            scope.region,
            scope.dns_suffix()
        ),
    );
    let holder = if read.action == Action::GetSecretValue {
        "SecretARN"
    } else {
        "PARAMETER_ARN"
    };
    know(
        &format!("kms:EncryptionContext:{holder}"),
        read.resource.clone(),
    );
    know("kms:CallerAccount", scope.account.clone());
    if let Some(alias) = &right.alias {
        know("kms:ResourceAliases", alias.clone());
    }
    Request::of(right, context)
}

fn context(scope: &ArnScope) -> BTreeMap<String, Vec<String>> {
    let known = [
        ("aws:RequestedRegion", &scope.region),
        ("aws:PrincipalAccount", &scope.account),
        ("aws:ResourceAccount", &scope.account),
    ];
    known
        .into_iter()
        .map(|(key, value)| (key.to_owned(), vec![value.clone()]))
        .collect()
}

impl ArnScope {
    /// Returns the domain of the partition's services.
    fn dns_suffix(&self) -> &'static str {
        if self.partition == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        }
    }
}

#[cfg(test)]
mod tests {
    use byref_parameter::{Partition, SecretsManagerArn};

    use super::*;

    fn scope(partition: Partition, region: &str) -> ArnScope {
        ArnScope::of(
            partition,
            &region.parse().unwrap(),
            &"111122223333".parse().unwrap(),
        )
    }

    #[test]
    fn decryption_is_done_through_the_service_and_for_the_secret() {
        let key: KmsKey = "alias/k".parse().unwrap();
        let requests = requests_to_read(
            &Secret::Parameter("/a/b".into()),
            Some(&key),
            &scope(Partition::China, "cn-north-1"),
        );
        let [read, decrypt] = requests.as_slice() else {
            unreachable!("two requests: {requests:?}")
        };
        let is = |key: &str, value: &str| assert_eq!(decrypt.context[key], [value], "{key}");
        is("kms:ViaService", "ssm.cn-north-1.amazonaws.com.cn");
        is("kms:EncryptionContext:PARAMETER_ARN", &read.resource);
        is("kms:ResourceAliases", "alias/k");
        assert_eq!(
            decrypt.resource_pattern(),
            "arn:aws-cn:kms:cn-north-1:111122223333:key/*"
        );
        assert_eq!(read.known, None);
    }

    #[test]
    fn a_secret_is_asked_for_in_its_own_region() {
        let arn: SecretsManagerArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"
            .parse()
            .unwrap();
        let request = requests_to_read(
            &Secret::SecretsManager(&arn),
            None,
            &scope(Partition::Aws, "us-west-2"),
        )
        .remove(0);
        assert_eq!(request.context["aws:RequestedRegion"], ["eu-west-1"]);
        assert_eq!(request.resource_pattern(), format!("{arn}-??????"));
        assert_eq!(
            &request.resource[..request.known.unwrap()],
            format!("{arn}-")
        );
    }
}
