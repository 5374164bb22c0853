//! The rights that reading a secret needs, as byref writes them to a policy.
//!
//! A right is exact by default: the ARN of one parameter. With `grant-scope = "application"` it
//! covers all parameters of the application, so that a new secret needs no change of the policy.

use byref_config::{ExecutionRole, Grant, Reference, Scope, Target};
use byref_parameter::KmsKey;

use super::inventory::Inventory;
use super::line::Line;
use super::need::with_suffix;
use crate::grant::Right;
use crate::reference::{arn_head, arn_text, path};

impl Inventory<'_> {
    /// Returns whether roles of the templates get the rights that they lack: not with `grant =
    /// "never"`, and not if the application's roles are managed elsewhere.
    pub(super) fn grants_to_roles(&self) -> bool {
        self.request.grant == Grant::Auto && self.request.app.execution_role != ExecutionRole::External
    }

    /// Returns the right to read the secret of a line.
    pub(super) fn read_right(&self, line: &Line<'_>, reference: &Reference) -> Right {
        match reference {
            Reference::SecretsManager(arn) => secret_right(&arn.to_string()),
            Reference::Parameter(..) | Reference::Arn(_) => {
                let resource = self.prefix(line).unwrap_or_else(|| line.target.text.clone());
                Right { action: "ssm:GetParameters", resource, alias: None }
            }
        }
    }

    /// Returns the ARN of all parameters of the line's scope that belong to the application, if
    /// `grant-scope = "application"` asks for it. A pattern that begins with the key has no prefix
    /// of the application's own.
    fn prefix(&self, line: &Line<'_>) -> Option<String> {
        let Target::Key { scope: scope @ (Scope::App | Scope::SharedApp), .. } = &line.secret.target else {
            return None;
        };
        let (names, settings) = (&self.request.config.names, &self.request.config.rewrite);
        let is_wanted = settings.grant_scope == byref_config::GrantScope::Application;
        // A pattern that begins with the key has nothing that is the application's own.
        let pattern = names.pattern(*scope);
        let is_own = pattern.find("{app}").zip(pattern.find("{key}")).is_some_and(|(app, key)| app < key);
        let pieces = names.pieces(*scope, &self.request.app.name, "*");
        (is_wanted && is_own).then(|| arn_text(&self.request, &path(&self.request, &pieces)))
    }

    /// Returns the rights to decrypt with the environment's customer-managed keys, each once.
    ///
    /// A key that is named by its alias is any key of the account that has this alias: policies
    /// can't name an alias as a resource, so a condition on `kms:ResourceAliases` does.
    ///
    /// Source: KMS developer guide, "Use aliases to control access to KMS keys".
    pub(super) fn decrypt_rights(&self, reference: &Reference) -> Vec<Right> {
        let environment = self.request.environment;
        let right = |resource: String, alias: Option<String>| Right { action: "kms:Decrypt", resource, alias };
        let elsewhere = match reference {
            Reference::Arn(arn) => Some(&arn.region),
            Reference::SecretsManager(arn) => Some(&arn.region),
            Reference::Parameter(..) => None,
        };
        let elsewhere = match elsewhere {
            Some(region) if environment.regions != [region.clone()] => Some(region),
            _ => None,
        };
        let head = match elsewhere {
            Some(region) => format!("arn:{}:kms:{region}:{}", environment.partition, environment.account),
            None => arn_head(&self.request, "kms"),
        };
        let regions = elsewhere.map_or(self.regions(), std::slice::from_ref);
        let mut rights: Vec<Right> = Vec::new();
        let config = self.request.config;
        for key in regions.iter().filter_map(|region| config.key_of(environment, reference, region)) {
            let text = key.to_string();
            let own = match key {
                KmsKey::Alias(alias) => right(format!("{head}:key/*"), Some(alias.clone())),
                KmsKey::Id(id) => right(format!("{head}:key/{id}"), None),
                KmsKey::Arn { .. } => match text.split_once(":alias/") {
                    Some((head, name)) => right(format!("{head}:key/*"), Some(format!("alias/{name}"))),
                    None => right(text, None),
                },
            };
            if !rights.contains(&own) {
                rights.push(own);
            }
        }
        rights
    }
}

/// Returns the right to read a secret of Secrets Manager. The selectors of a reference (key, stage,
/// version) belong to no ARN, and wildcards stand for a suffix that the reference leaves out.
pub(crate) fn secret_right(reference: &str) -> Right {
    let secret = byref_parameter::without_selectors(reference).to_owned();
    let resource = match with_suffix(secret.clone()) {
        (whole, None) => whole,
        (_, Some(_)) => format!("{secret}-??????"),
    };
    Right { action: "secretsmanager:GetSecretValue", resource, alias: None }
}
