//! The actions by which a service reads a secret, and the rights that allow them.
//!
//! ECS reads a parameter with `ssm:GetParameters` and a secret with
//! `secretsmanager:GetSecretValue`, both with the execution role. If a customer-managed key
//! encrypts it, the service also calls `kms:Decrypt` on behalf of that role.
//!
//! Source: ECS developer guide, "Amazon ECS task execution IAM role", "Secrets Manager or Systems
//! Manager permissions".

use std::collections::BTreeMap;

use byref_config::{Environment, Reference};
use byref_parameter::Region;

use super::inventory::Inventory;
use super::line::Line;
use crate::grant::Right;
use crate::policy::Action;

/// A placeholder for a key's id, which only AWS knows where a key is named by its alias.
const SOME_ID: &str = "0byrefZ0-some-id";
/// A placeholder for the hyphen and six characters that Secrets Manager adds to a name.
const SOME_SUFFIX: &str = "-0byrfZ";

/// One action that a binding needs, with its resource in each Region, and the rights that allow it.
pub(super) struct Need {
    /// Index of the binding.
    pub(super) binding: usize,
    /// The action in each Region, in the order of the environment.
    pub(super) actions: Vec<(Region, Action)>,
    /// The rights that allow it.
    pub(super) rights: Vec<Right>,
}

impl Inventory<'_> {
    /// Returns the needs of a binding: to read the secret, and to decrypt it, if the environment
    /// has a key of its own.
    pub(super) fn needs(&self, binding: usize, line: &Line<'_>) -> Vec<Need> {
        let request = &self.request;
        let Ok(reference) = request.config.reference(request.app, request.environment, line.secret) else {
            return Vec::new();
        };
        let actions: Vec<(Region, Action)> =
            self.regions().iter().map(|region| (region.clone(), self.read_action(&reference, region))).collect();
        let rights = vec![self.read_right(line, &reference)];
        let mut needs = vec![Need { binding, actions, rights }];
        if !request.environment.kms_keys.is_empty() && is_encrypted_here(&reference, request.environment) {
            let decrypt = |region: &Region| {
                let read = self.read_action(&reference, region);
                self.decrypt_action(&read, &reference, called(&reference, region))
                    .map(|action| (region.clone(), action))
            };
            let actions = self.regions().iter().filter_map(decrypt).collect();
            needs.push(Need { binding, actions, rights: self.decrypt_rights(&reference) });
        }
        needs
    }

    /// Returns the action that reads a secret, as the policies of a role see it from a Region.
    fn read_action(&self, reference: &Reference, region: &Region) -> Action {
        let environment = self.request.environment;
        let (name, resource, known) = match reference {
            Reference::Parameter(..) | Reference::Arn(_) => {
                ("ssm:GetParameters", reference.resource(environment, region), None)
            }
            Reference::SecretsManager(arn) => {
                let (resource, known) = with_suffix(arn.secret());
                ("secretsmanager:GetSecretValue", resource, known)
            }
        };
        let context = self.context(called(reference, region));
        Action { name, resource, known, context, is_granted: false }
    }

    /// Returns the action by which the service that holds the secret uses the key, on behalf of the
    /// role. `None` if the Region has no key of its own.
    ///
    /// Source: Systems Manager user guide and Secrets Manager user guide, the pages on KMS: the
    /// encryption context.
    fn decrypt_action(&self, read: &Action, reference: &Reference, region: &Region) -> Option<Action> {
        let environment = self.request.environment;
        let key = self.request.config.key_of(environment, reference, region)?.to_string();
        let mut context = self.context(region);
        let suffix = if environment.partition.as_str() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let service = read.name.split(':').next().unwrap_or_default();
        context.insert("kms:ViaService".to_owned(), vec![format!("{service}.{region}.{suffix}")]);
        let holder = if service == "ssm" { "PARAMETER_ARN" } else { "SecretARN" };
        context.insert(format!("kms:EncryptionContext:{holder}"), vec![read.resource.clone()]);
        context.insert("kms:CallerAccount".to_owned(), vec![environment.account.to_string()]);
        let alias = key.find("alias/").map(|start| key[start..].to_owned());
        let (resource, known) = match &alias {
            Some(_) => {
                let prefix = format!("arn:{}:kms:{region}:{}:key/", environment.partition, environment.account);
                (format!("{prefix}{SOME_ID}"), Some(prefix.len()))
            }
            None => (key, None),
        };
        context.extend(alias.map(|alias| ("kms:ResourceAliases".to_owned(), vec![alias])));
        Some(Action { name: "kms:Decrypt", resource, known, context, is_granted: false })
    }

    /// Returns the condition keys that are the same for every action in a Region.
    ///
    /// Source: IAM user guide, "AWS global condition context keys".
    fn context(&self, region: &Region) -> BTreeMap<String, Vec<String>> {
        let account = self.request.environment.account.to_string();
        BTreeMap::from([
            ("aws:RequestedRegion".to_owned(), vec![region.to_string()]),
            ("aws:PrincipalAccount".to_owned(), vec![account.clone()]),
            ("aws:ResourceAccount".to_owned(), vec![account]),
        ])
    }
}

/// Returns whether the environment's key may encrypt a secret: all parameters, and the secrets of
/// Secrets Manager in the environment's own account and Regions.
pub(crate) fn is_encrypted_here(reference: &Reference, environment: &Environment) -> bool {
    match reference {
        Reference::Parameter(..) | Reference::Arn(_) => true,
        Reference::SecretsManager(arn) => {
            arn.account == environment.account && environment.regions.contains(&arn.region)
        }
    }
}

/// Returns the Region whose service is called for a secret: an ARN names its own.
fn called<'r>(reference: &'r Reference, region: &'r Region) -> &'r Region {
    match reference {
        Reference::Arn(arn) => &arn.region,
        Reference::SecretsManager(arn) => &arn.region,
        Reference::Parameter(..) => region,
    }
}

/// Adds a placeholder for the end of a secret's name, if the reference has none, and returns how
/// many bytes of the ARN are known then.
///
/// Source: Secrets Manager user guide: the ARN of a secret ends with a hyphen and six characters.
pub(super) fn with_suffix(secret: String) -> (String, Option<usize>) {
    let is_suffix = |tail: &str| tail.len() == 6 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match secret.rsplit_once('-') {
        Some((_, tail)) if is_suffix(tail) => (secret, None),
        _ => (format!("{secret}{SOME_SUFFIX}"), Some(secret.len() + 1)),
    }
}

/// Returns a resource as messages show it, with wildcards for the parts that only AWS knows.
pub(super) fn shown(action: &Action) -> String {
    match action.known {
        None => action.resource.clone(),
        Some(known) => {
            format!("{}{}", &action.resource[..known], if action.name == "kms:Decrypt" { "*" } else { "??????" })
        }
    }
}
