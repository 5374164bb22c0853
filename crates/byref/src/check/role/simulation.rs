//! The questions to IAM: requests to read that are put together, their context, and the verdict on
//! the answers.

use std::collections::BTreeMap;

use byref_aws::{AwsDeployments, Decision, Simulation};
use byref_iam::Request;
use byref_store::StoreError;

use super::{RoleCheck, Verdict};
use crate::project::listed;

impl RoleCheck<'_> {
    /// Returns the verdict on decrypting with a customer-managed key, as Parameter Store does on
    /// its behalf.
    ///
    /// Asked in two steps. First without the encryption context: most policies allow the key as
    /// such, and one request is enough for all parameters. Only if that is not allowed, once for
    /// each parameter with its ARN as the context, up to the first that fails.
    pub(super) async fn decrypt(
        self,
        role: &str,
        requests: &[&Request],
    ) -> Result<Verdict, StoreError> {
        let first = requests[0];
        let mut verdict = simulate(self.deployments, role, &[first], &context(first)).await?;
        if verdict == Verdict::Allowed {
            return Ok(verdict);
        }
        // Policies may name the parameter that the key is used for.
        for request in requests {
            let mut context = context(request);
            let holder = "kms:EncryptionContext:PARAMETER_ARN";
            context.extend(
                request
                    .context
                    .get(holder)
                    .map(|values| (holder.to_owned(), values.clone())),
            );
            verdict = simulate(self.deployments, role, &[request], &context).await?;
            if verdict != Verdict::Allowed {
                break;
            }
        }
        match (
            verdict,
            first
                .context
                .get(ALIASES)
                .and_then(|aliases| aliases.first()),
        ) {
            (Verdict::NotAllowed { .. }, Some(alias)) => Ok(Verdict::Unknown {
                why: format!(
                    "`{alias}` is an alias, and the role's policies may name the key behind it"
                ),
                help: "give `kms-key` as the ARN of the key in each Region".to_owned(),
            }),
            (verdict, _) => Ok(verdict),
        }
    }
}

/// The context key by which a policy may allow a KMS key by alias.
const ALIASES: &str = "kms:ResourceAliases";

/// Returns requests that IAM is asked about at once, in the order of the first of each group; no
/// group is empty.
///
/// Compares each request with the first of each group, so the cost is the product of requests and
/// groups: some dozens by two or three.
pub(super) fn groups<'r>(
    requests: impl Iterator<Item = &'r Request>,
    belong_together: impl Fn(&Request, &Request) -> bool,
) -> Vec<Vec<&'r Request>> {
    let mut found: Vec<Vec<&Request>> = Vec::new();
    for request in requests {
        match found
            .iter_mut()
            .find(|group| belong_together(group[0], request))
        {
            Some(group) => group.push(request),
            None => found.push(vec![request]),
        }
    }
    found
}

/// Returns the context keys of a simulation. IAM derives the accounts itself.
///
/// Source: IAM user guide, "AWS global condition context keys".
///
/// Only those that are certain for a read by ECS: the Region, the service that calls KMS, and the
/// aliases of the key. A key that is left out makes a condition on it "depends", which is true.
pub(super) fn context(request: &Request) -> BTreeMap<String, Vec<String>> {
    let told = ["aws:RequestedRegion", "kms:ViaService", ALIASES];
    let known = request
        .context
        .iter()
        .filter(|(key, _)| told.contains(&key.as_str()));
    known
        .map(|(key, values)| (key.clone(), values.clone()))
        .collect()
}

/// Asks IAM about requests for one action, and sums up the decisions on its resources: a denial of
/// one denies all.
///
/// A missing role is not allowed anything; a denied question is unknown, not a failure. Source: IAM
/// API reference, `SimulatePrincipalPolicy`.
///
/// | answers | verdict |
/// | --- | --- |
/// | any denied | not allowed, with those resources |
/// | any without an allow | not allowed, with those resources |
/// | any that depends on a condition | unknown |
/// | all allowed | allowed |
pub(super) async fn simulate(
    deployments: &AwsDeployments,
    role: &str,
    requests: &[&Request],
    context: &BTreeMap<String, Vec<String>>,
) -> Result<Verdict, StoreError> {
    let simulation = Simulation {
        role: role.to_owned(),
        action: requests[0].action.name(),
        resources: requests
            .iter()
            .map(|request| request.resource.clone())
            .collect(),
        context: context.clone(),
    };
    let shown = || requests.iter().map(|request| request.resource_pattern());
    let decisions = match deployments.simulate(&simulation).await {
        Ok(Some(decisions)) => decisions,
        Ok(None) => {
            let why = "there is no such role";
            return Ok(Verdict::NotAllowed {
                resources: shown().collect(),
                why,
            });
        }
        Err(error @ StoreError::Denied(_)) => {
            return Ok(Verdict::Unknown {
                why: error.to_string(),
                help: error.help(),
            });
        }
        Err(error) => return Err(error),
    };
    let of = |wanted: Decision| -> Vec<String> {
        shown()
            .zip(&decisions)
            .filter(|(_, decision)| **decision == wanted)
            .map(|(resource, _)| resource)
            .collect()
    };
    for (decision, why) in [
        (
            Decision::Denied,
            "a policy, a permissions boundary or the organization denies it",
        ),
        (Decision::NotAllowed, "no identity policy allows it"),
    ] {
        let resources = of(decision);
        if !resources.is_empty() {
            return Ok(Verdict::NotAllowed { resources, why });
        }
    }
    let depends = of(Decision::Depends);
    if depends.is_empty() {
        return Ok(Verdict::Allowed);
    }
    let why = format!(
        "for {} it depends on conditions that only a request fulfils",
        listed(depends)
    );
    Ok(Verdict::Unknown {
        why,
        help: "look at the conditions of the role's policies".to_owned(),
    })
}
