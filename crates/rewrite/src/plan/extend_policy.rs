//! Further rights in a policy that byref wrote in an earlier run.
//!
//! The policy keeps its text: a resource joins the list of the statement with the same action, and
//! only an action that is new gets a statement. Writing the whole policy anew would be simpler, and
//! would lose the resources of earlier runs, along with the order and the comments that the user
//! gave it. Resources that nothing needs any more are the concern of pruning.

use std::collections::BTreeSet;

use byref_cloudformation::{Guard, literal};
use byref_iam::{POLICY_NAME, Statement, statements};
use byref_template::{Diagnostic, NodeRef};

use super::edit::extend;
use super::grant::{GrantWriter, RoleGrant, is_action, is_list, resources};
use super::inventory::Inventory;
use crate::list::Leaf;

impl<'p> GrantWriter<'p, '_> {
    /// Adds the rights to an existing policy that it does not give yet.
    ///
    /// A right joins the resources of the statement that byref wrote for the same action. A
    /// statement whose resources are no list gets another statement beside it. If even the
    /// statements are no list, the policy can't be extended, which is an error.
    ///
    /// For a grant of `parameter/b`, with the statement of the same action:
    ///
    /// | `Resource` today | becomes |
    /// |---|---|
    /// | `[parameter/a]` | `[parameter/a, parameter/b]` |
    /// | `[parameter/b]` in any form | unchanged |
    /// | `parameter/a`, without a list | unchanged, and a second statement is added |
    /// | no statement of the action | unchanged, and a statement is added |
    pub(super) fn extend_policy(
        &mut self,
        index: usize,
        policy: NodeRef<'p>,
        grant: &RoleGrant<'p>,
    ) {
        let written = policy
            .get("PolicyDocument")
            .and_then(|document| document.get("Statement"));
        for statement in statements(&grant.rights) {
            let own = written.into_iter().flat_map(resources);
            let existing: Vec<NodeRef<'p>> =
                own.filter(|item| is_statement(*item, &statement)).collect();
            let missing = self.missing_resources(index, &existing, &statement);
            if missing.is_empty() {
                continue;
            }
            let target = existing
                .iter()
                .filter_map(|item| item.get("Resource"))
                .rfind(is_list);
            if let Some(target) = target.filter(|target| target.items().next().is_some()) {
                self.append_resources(index, target, &missing);
            } else if let Some(list) = written.filter(is_list) {
                self.append_statement(
                    index,
                    list,
                    &Statement {
                        resources: missing,
                        ..statement
                    },
                );
            } else {
                self.refuse_to_extend(index, policy, grant);
                return;
            }
        }
    }

    /// Returns the resources of a statement that none of the existing ones names in every Region.
    /// Texts are compared as they evaluate, so that an existing ARN in another form counts.
    fn missing_resources(
        &self,
        index: usize,
        existing: &[NodeRef<'p>],
        wanted: &Statement,
    ) -> Vec<String> {
        let written = existing
            .iter()
            .filter_map(|item| item.get("Resource"))
            .flat_map(resources);
        let known: BTreeSet<Vec<String>> = written
            .filter_map(|node| self.inventory.text_by_region(index, node))
            .collect();
        let is_missing =
            |resource: &&String| !known.contains(&self.inventory.evaluated_by_region(resource));
        wanted
            .resources
            .iter()
            .filter(is_missing)
            .cloned()
            .collect()
    }

    /// Adds resources to the list of a statement, each once: two roles may have one policy.
    fn append_resources(&mut self, index: usize, list: NodeRef<'p>, resources: &[String]) {
        let appended = self.changes[index].appended.entry(list.id()).or_default();
        let new = resources.iter().filter(|resource| {
            self.appended
                .insert((index, list.id(), (*resource).clone()))
        });
        appended.extend(new.map(|resource| byref_iam::text(resource)));
    }

    /// Adds a statement to the list of a policy, once: two roles may have one policy, and each of
    /// them asks for the same right.
    fn append_statement(&mut self, index: usize, list: NodeRef<'p>, statement: &Statement) {
        let build = statement.build();
        let changes = &mut self.changes[index];
        if !changes
            .appended
            .get(&list.id())
            .is_some_and(|appended| appended.contains(&build))
        {
            extend(
                &Leaf {
                    node: list,
                    guard: Guard::default(),
                    is_list: true,
                },
                vec![build],
                changes,
            );
        }
    }

    /// Reports one of byref's policies that can't be extended, because its statements are not a
    /// list.
    pub(super) fn refuse_to_extend(
        &mut self,
        index: usize,
        policy: NodeRef<'p>,
        grant: &RoleGrant<'p>,
    ) {
        let message = format!("the policy `{POLICY_NAME}` can't be brought up to date here");
        self.report(
            Diagnostic::error(
                "cannot-grant",
                message,
                self.inventory.documents[index].place(policy),
            )
            .with(grant.places[1], "a secret is asked for here")
            .help("write its `Statement` as a list, or rename the policy: byref then adds its own"),
        );
    }
}

impl Inventory<'_> {
    /// Returns the text of a policy's resource in each Region; none if it is not known in one of
    /// them.
    fn text_by_region(&self, index: usize, node: NodeRef<'_>) -> Option<Vec<String>> {
        let regions = self.regions().iter();
        regions
            .map(|region| self.evaluation(index, region).text_of(node).ok())
            .collect()
    }

    /// Returns a text that byref writes, evaluated in each Region.
    fn evaluated_by_region(&self, text: &str) -> Vec<String> {
        self.regions()
            .iter()
            .map(|region| self.evaluated(text, region))
            .collect()
    }

    /// Evaluates a text that byref writes, for a Region.
    fn evaluated(&self, text: &str, region: &byref_parameter::Region) -> String {
        let environment = self.request.environment;
        let mut result = text
            .replace("${AWS::Partition}", environment.partition.as_str())
            .replace("${AWS::Region}", &region.to_string())
            .replace("${AWS::AccountId}", &environment.account.to_string());
        if let Some(parameter) = self.environment_parameter() {
            result = result.replace(&format!("${{{parameter}}}"), &environment.name);
        }
        result
    }
}

/// Returns whether a statement of a policy is the one that byref writes for the same action and
/// alias.
///
/// A statement that byref did not write may be equal, and is extended as well: only its effect,
/// action and condition count, and not its `Sid`. A condition other than the alias of a key rules
/// it out, since the new resources would be under that condition too.
fn is_statement(item: NodeRef<'_>, statement: &Statement) -> bool {
    let is_allow = item
        .get("Effect")
        .and_then(literal)
        .is_some_and(|effect| effect == "Allow");
    let alias = condition_alias(item);
    let has_condition = item.get("Condition").is_some();
    is_allow
        && is_action(item, statement.action)
        && alias == statement.alias
        && has_condition == alias.is_some()
}

/// Returns the alias that a statement asks of a key.
///
/// Read is `Condition: {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias/web}}`, with the
/// alias as a text or as the first item of a list.
fn condition_alias(item: NodeRef<'_>) -> Option<String> {
    let keys = item.get("Condition")?.get("ForAnyValue:StringEquals")?;
    resources(keys.get("kms:ResourceAliases")?)
        .into_iter()
        .next()
        .and_then(literal)
}
