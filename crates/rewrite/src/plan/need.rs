//! The actions by which a service reads a secret, and the rights that allow them.
//!
//! ECS reads a parameter with `ssm:GetParameters` and a secret with
//! `secretsmanager:GetSecretValue`, both with the execution role. If a customer-managed key
//! encrypts it, the service also calls `kms:Decrypt` on behalf of that role.
//!
//! Source: ECS developer guide, "Amazon ECS task execution IAM role", "Secrets Manager or Systems
//! Manager permissions".

use byref_iam::{Request, Right};
use byref_parameter::Region;

use super::inventory::Inventory;
use super::line::Line;
use crate::iam::requests_to_read;

/// One action that a binding needs, with the request in each Region, and the rights that allow it.
pub(super) struct Need {
    /// Index of the binding.
    pub(super) binding: usize,
    /// The request in each Region, in the order of the environment.
    pub(super) requests: Vec<(Region, Request)>,
    /// The rights that allow it.
    pub(super) rights: Vec<Right>,
}

impl Inventory<'_> {
    /// Returns the needs of a binding: to read the secret, and to decrypt it, if the environment
    /// has a key of its own.
    pub(super) fn needs(&self, binding: usize, line: &Line<'_>) -> Vec<Need> {
        let crate::request::Request {
            config,
            app,
            environment,
            ..
        } = self.request;
        let Ok(reference) = config.reference(app, environment, line.secret) else {
            return Vec::new();
        };
        let (mut reads, mut decrypts) = (Vec::new(), Vec::new());
        for region in self.regions() {
            let mut requests =
                requests_to_read(config, environment, &reference, region).into_iter();
            reads.extend(requests.next().map(|request| (region.clone(), request)));
            decrypts.extend(requests.next().map(|request| (region.clone(), request)));
        }
        let mut rights = self.rights(line, &reference);
        let of_keys = rights.split_off(1);
        let mut needs = vec![Need {
            binding,
            requests: reads,
            rights,
        }];
        if !decrypts.is_empty() {
            needs.push(Need {
                binding,
                requests: decrypts,
                rights: of_keys,
            });
        }
        needs
    }
}
