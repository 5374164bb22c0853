//! `SimulatePrincipalPolicy`.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use byref_parameter::Region;
use byref_store::{StoreError, Unreachable};

use super::AwsDeployments;
use crate::failure::{Call, is_refusal};
use crate::pages::Pages;

/// ARNs that one request names: well below what a request may weigh.
const RESOURCES: usize = 50;

/// What shall be simulated: one action of a role on several resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The ARN of the role.
    pub role: String,
    /// `ssm:GetParameters`, for example.
    pub action: &'static str,
    /// ARNs.
    pub resources: Vec<String>,
    /// What conditions may ask for: keys with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What the identity policies of a role say of an action on a resource. Key policies are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They allow it.
    Allowed,
    /// A policy, a permissions boundary or an organization denies it.
    Denied,
    /// Nothing allows it.
    NotAllowed,
    /// It depends on something that only the request itself says.
    Depends,
}

impl AwsDeployments {
    /// What a role may do, in the order of the resources; none where there is no such role.
    ///
    /// # Errors
    ///
    /// The caller may not `iam:SimulatePrincipalPolicy`, or AWS could not be asked.
    pub async fn simulate(&self, simulation: &Simulation) -> Result<Option<Vec<Decision>>, StoreError> {
        let mut decisions = Vec::new();
        for resources in simulation.resources.chunks(RESOURCES) {
            match self.simulate_batch(simulation, resources).await? {
                Some(batch) => decisions.extend(batch),
                None => return Ok(None),
            }
        }
        Ok(Some(decisions))
    }

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
            let Some(answer) = answer else { return Ok(None) };
            for result in answer.evaluation_results.unwrap_or_default() {
                if !result.eval_action_name.eq_ignore_ascii_case(simulation.action) {
                    return Err(call.unexpected("it decides on an action that was not asked for"));
                }
                for (resource, decision) in decisions(&result) {
                    if !resources.contains(&resource) {
                        return Err(call.unexpected("it decides on a resource that was not asked for"));
                    }
                    if known.insert(resource, decision).is_some_and(|other| other != decision) {
                        return Err(call.unexpected("it decides on a resource in two ways"));
                    }
                }
            }
            match (answer.is_truncated, answer.marker.filter(|marker| !marker.is_empty())) {
                (true, None) => return Err(call.unexpected("it is cut off, and says not how to go on")),
                (true, next) => marker = pages.next(next, &call)?,
                (false, _) => break,
            }
        }
        let decided: Option<Vec<Decision>> = resources.iter().map(|resource| known.get(resource).copied()).collect();
        decided.map(Some).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
    }
}

fn context_entry((key, values): (&String, &Vec<String>)) -> ContextEntry {
    let kind = if key == "kms:ResourceAliases" { ContextKeyTypeEnum::StringList } else { ContextKeyTypeEnum::String };
    let entry = ContextEntry::builder().context_key_name(key).context_key_type(kind);
    entry.set_context_key_values(Some(values.clone())).build()
}

/// By resource: several are told apart in `ResourceSpecificResults`, one may stand at the top alone.
fn decisions(result: &EvaluationResult) -> Vec<(String, Decision)> {
    let outer = is_barred(result);
    let mut found: Vec<(String, Decision)> = result
        .resource_specific_results()
        .iter()
        .map(|own| {
            let missing = !own.missing_context_values().is_empty();
            (own.eval_resource_name.clone(), decision(&own.eval_resource_decision, missing, outer))
        })
        .collect();
    if found.is_empty() {
        let missing = !result.missing_context_values().is_empty();
        let resource = result.eval_resource_name.clone().unwrap_or_default();
        found.push((resource, decision(&result.eval_decision, missing, outer)));
    }
    found
}

/// Whether the organization or a permissions boundary stands in the way, whatever the role's policies say.
fn is_barred(result: &EvaluationResult) -> bool {
    let organization = result.organizations_decision_detail.as_ref();
    let boundary = result.permissions_boundary_decision_detail.as_ref();
    organization.is_some_and(|detail| !detail.allowed_by_organizations)
        || boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary)
}

fn decision(said: &PolicyEvaluationDecisionType, misses_context: bool, is_barred: bool) -> Decision {
    match said {
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
