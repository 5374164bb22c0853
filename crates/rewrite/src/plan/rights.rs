//! The rights that reading a secret needs, as byref writes them to a policy.
//!
//! A right is exact by default: the ARN of one parameter. With `grant-scope = "application"` it
//! covers all parameters of the application, so that a new secret needs no change of the policy.

use byref_config::{ExecutionRole, Grant, Reference, Scope, Target};
use byref_iam::{Right, Secret, rights_to_read};

use super::inventory::Inventory;
use super::line::Line;
use crate::iam::{arn_scope, is_encrypted_here, secret};
use crate::reference::{path, written_scope};

impl Inventory<'_> {
    /// Returns whether roles of the templates get the rights that they lack: not with `grant =
    /// "never"`, and not if the application's roles are managed elsewhere.
    pub(super) fn grants_to_roles(&self) -> bool {
        self.request.grant == Grant::Auto
            && self.request.app.execution_role != ExecutionRole::External
    }

    /// Returns the rights to read the secret of a line, in the form of the configuration: first
    /// that on the secret itself.
    pub(super) fn rights(&self, line: &Line<'_>, reference: &Reference) -> Vec<Right> {
        let (environment, config) = (self.request.environment, &self.request.config);
        let secret = match reference {
            Reference::Parameter(_, pieces) => Secret::Parameter(
                self.prefix(line)
                    .unwrap_or_else(|| path(&self.request, pieces))
                    .into(),
            ),
            Reference::Arn(_) | Reference::SecretsManager(_) => secret(reference),
        };
        // An ARN of another Region is read there, wherever the template is deployed.
        let elsewhere = secret
            .region()
            .filter(|region| environment.regions != [(*region).clone()]);
        let scope = match elsewhere {
            Some(region) => arn_scope(environment, region),
            None => written_scope(&self.request),
        };
        let regions = elsewhere
            .map_or(self.regions(), std::slice::from_ref)
            .iter();
        let keys = regions.filter_map(|region| config.key_of(environment, reference, region));
        rights_to_read(
            &secret,
            keys.filter(|_| is_encrypted_here(reference, environment)),
            &scope,
        )
    }

    /// Returns the name of all parameters of the line's scope that belong to the application, if
    /// `grant-scope = "application"` asks for it. A pattern that begins with the key has no prefix
    /// of the application's own.
    fn prefix(&self, line: &Line<'_>) -> Option<String> {
        let Target::Key {
            scope: scope @ (Scope::App | Scope::SharedApp),
            ..
        } = &line.secret.target
        else {
            return None;
        };
        let (names, settings) = (&self.request.config.names, &self.request.config.rewrite);
        let is_wanted = settings.grant_scope == byref_config::GrantScope::Application;
        // A pattern that begins with the key has nothing that is the application's own.
        let pattern = names.pattern(*scope);
        let is_own = pattern
            .find("{app}")
            .zip(pattern.find("{key}"))
            .is_some_and(|(app, key)| app < key);
        let pieces = names.pieces(*scope, &self.request.app.name, "*");
        (is_wanted && is_own).then(|| path(&self.request, &pieces))
    }
}
