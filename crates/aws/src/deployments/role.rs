//! Permissions of roles, simulated with `SimulatePrincipalPolicy`.
//!
//! The simulation considers the policies of the role, permissions boundaries, service control
//! policies and conditions. Judging them here would need permission to read them all, and repeat
//! the evaluation of IAM.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType,
};
use byref_parameter::Region;
use byref_store::{StoreError, Unreachable};

use super::AwsDeployments;
use crate::failure::{Call, is_refusal};
use crate::pages::Pages;

/// The number of ARNs in one request, well below the size limit of a request.
const RESOURCES: usize = 50;

/// A simulated request: one action of a role on several resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The ARN of the role.
    pub role: String,
    /// The IAM action, for example `ssm:GetParameters`.
    pub action: &'static str,
    /// The ARNs of the resources.
    pub resources: Vec<String>,
    /// The context keys that conditions may test, with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

/// The decision of a role's identity policies about an action on a resource. Key policies and other
/// resource policies are not part of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A policy allows the action.
    Allowed,
    /// A policy, a permissions boundary or a service control policy denies the action.
    Denied,
    /// No policy allows the action.
    NotAllowed,
    /// The decision depends on context that only the real request has.
    Depends,
}

impl AwsDeployments {
    /// Simulates a request and returns one decision per resource, in the same order, or `None` if
    /// the role does not exist.
    ///
    /// Source: IAM API reference, `SimulatePrincipalPolicy`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `iam:SimulatePrincipalPolicy`, or another
    /// [`StoreError`] if IAM can't be reached.
    pub async fn simulate(
        &self,
        simulation: &Simulation,
    ) -> Result<Option<Vec<Decision>>, StoreError> {
        let mut decisions = Vec::new();
        for resources in simulation.resources.chunks(RESOURCES) {
            match self.simulate_batch(simulation, resources).await? {
                Some(batch) => decisions.extend(batch),
                None => return Ok(None),
            }
        }
        Ok(Some(decisions))
    }

    /// Simulates a request on up to [`RESOURCES`] resources, reading all pages.
    ///
    /// Pages may split the resources of one action, so decisions are collected by resource. Two
    /// that differ are an error.
    async fn simulate_batch(
        &self,
        simulation: &Simulation,
        resources: &[String],
    ) -> Result<Option<Vec<Decision>>, StoreError> {
        let region: &Region = &self.session.connection.primary;
        let call = Call::about("iam:SimulatePrincipalPolicy", region, &simulation.role);
        let client = self.roles().await?;
        let request = client
            .client
            .simulate_principal_policy()
            .policy_source_arn(&simulation.role)
            .action_names(simulation.action)
            .set_resource_arns(Some(resources.to_vec()))
            .set_context_entries(Some(simulation.context.iter().map(context_entry).collect()));
        let mut known: BTreeMap<String, Decision> = BTreeMap::new();
        let mut pages = Pages::default();
        let mut marker = None;
        loop {
            let page = request.clone().set_marker(marker);
            let answer = client
                .send(call, async || match page.clone().send().await {
                    Ok(answer) => Ok(Some(answer)),
                    Err(error) if is_refusal(&error, "NoSuchEntity", "") => Ok(None),
                    Err(error) => Err(error),
                })
                .await?;
            let Some(answer) = answer else {
                return Ok(None);
            };
            for result in answer.evaluation_results.unwrap_or_default() {
                if !result
                    .eval_action_name
                    .eq_ignore_ascii_case(simulation.action)
                {
                    return Err(call.unexpected("it contains a decision about another action"));
                }
                for (resource, decision) in decisions(&result) {
                    if !resources.contains(&resource) {
                        return Err(
                            call.unexpected("it contains a decision about another resource")
                        );
                    }
                    if known
                        .insert(resource, decision)
                        .is_some_and(|other| other != decision)
                    {
                        return Err(
                            call.unexpected("it contains two different decisions about a resource")
                        );
                    }
                }
            }
            match (
                answer.is_truncated,
                answer.marker.filter(|marker| !marker.is_empty()),
            ) {
                (true, None) => {
                    return Err(
                        call.unexpected("it is truncated but has no marker for the next page")
                    );
                }
                (true, next) => marker = pages.next(next, &call)?,
                (false, _) => break,
            }
        }
        let decided: Option<Vec<Decision>> = resources
            .iter()
            .map(|resource| known.get(resource).copied())
            .collect();
        decided
            .map(Some)
            .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
    }
}

/// Converts a context key. `kms:ResourceAliases` is the only multivalued key that byref uses.
fn context_entry((key, values): (&String, &Vec<String>)) -> ContextEntry {
    let kind = if key == "kms:ResourceAliases" {
        ContextKeyTypeEnum::StringList
    } else {
        ContextKeyTypeEnum::String
    };
    let entry = ContextEntry::builder()
        .context_key_name(key)
        .context_key_type(kind);
    entry.set_context_key_values(Some(values.clone())).build()
}

/// Returns the decisions by resource. IAM reports several resources in `ResourceSpecificResults`,
/// and a single one at the top level only.
fn decisions(result: &EvaluationResult) -> Vec<(String, Decision)> {
    let outer = is_barred(result);
    let mut found: Vec<(String, Decision)> = result
        .resource_specific_results()
        .iter()
        .map(|own| {
            let missing = !own.missing_context_values().is_empty();
            (
                own.eval_resource_name.clone(),
                decision(&own.eval_resource_decision, missing, outer),
            )
        })
        .collect();
    if found.is_empty() {
        let missing = !result.missing_context_values().is_empty();
        let resource = result.eval_resource_name.clone().unwrap_or_default();
        found.push((resource, decision(&result.eval_decision, missing, outer)));
    }
    found
}

/// Returns `true` if a service control policy or a permissions boundary prevents the action,
/// whatever the policies of the role allow.
fn is_barred(result: &EvaluationResult) -> bool {
    let organization = result.organizations_decision_detail.as_ref();
    let boundary = result.permissions_boundary_decision_detail.as_ref();
    organization.is_some_and(|detail| !detail.allowed_by_organizations)
        || boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary)
}

/// Converts a decision. An implicit deny is final if a guardrail causes it, and depends on the
/// request if the simulation lacked context.
///
/// | Reported | Barred | Context missing | Decision |
/// | --- | --- | --- | --- |
/// | `allowed` | any | any | [`Decision::Allowed`] |
/// | `explicitDeny` | any | any | [`Decision::Denied`] |
/// | `implicitDeny` | yes | any | [`Decision::Denied`] |
/// | `implicitDeny` | no | yes | [`Decision::Depends`] |
/// | `implicitDeny` | no | no | [`Decision::NotAllowed`] |
fn decision(
    reported: &PolicyEvaluationDecisionType,
    misses_context: bool,
    is_barred: bool,
) -> Decision {
    match reported {
        PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny => Decision::Denied,
        _ if is_barred => Decision::Denied,
        _ if misses_context => Decision::Depends,
        _ => Decision::NotAllowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulation_with_missing_context_depends() {
        use PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
        assert_eq!(decision(&Allowed, true, false), Decision::Allowed);
        assert_eq!(decision(&ExplicitDeny, true, false), Decision::Denied);
        assert_eq!(decision(&ImplicitDeny, false, false), Decision::NotAllowed);
        assert_eq!(decision(&ImplicitDeny, true, false), Decision::Depends);
        assert_eq!(decision(&ImplicitDeny, true, true), Decision::Denied);
    }
}
