//! The grants: which rights roles of the templates get, and the policies that they are written to.
//!
//! A grant goes into the policy `byref-secrets` of the role. If the role has it, the policy is
//! extended; otherwise it is added to the inline policies; where these are computed, it becomes a
//! policy resource of its own. Conditions are respected: a policy under a condition is completed by
//! one for the other side.
//!
//! The place of a grant, for a role that needs rights, is the first of these that exists:
//!
//! | the role has | the grant goes to |
//! |---|---|
//! | an attached `byref-secrets` without a condition | that policy |
//! | `byref-secrets` under conditions | all of them, and new ones for the other sides |
//! | `Policies` as a list, or no `Policies` | a new inline policy |
//! | `Policies` made by a function | a policy resource of its own |
//!
//! Inline policies come before resources because CloudFormation creates them with the role:
//! whatever refers to the role then waits for the rights too. A policy resource needs a `DependsOn`
//! at each reader, and some readers can't have one. Managed policies are not used: a role takes a
//! limited number of them, and one more could exceed that quota.
//!
//! Policies of the user's are read and never written. A right that one of them gives already makes
//! no grant at all.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, Role, blue_green, literal};
use byref_config::ReferenceForm;
use byref_iam::{
    Action, POLICY_NAME, Right, Statement, document, inline_policy, mapping, statements,
};
use byref_template::{Build, Changes, Diagnostic, Location, NodeId, NodeRef};

use super::branch::beyond;
use super::edit::extend;
use super::environment_parameter::without_parameter;
use super::inventory::Inventory;
use super::own::{OwnPolicies, latest, latest_inline};
use super::reach::RoleAt;
use super::wait::Waits;
use crate::binding::{SpecificKind, SpecificPart};
use crate::container::{Container, RoleGap};
use crate::request::Baseline;

/// The rights that one role gets.
pub(super) struct RoleGrant<'t> {
    pub(super) role: Role<'t>,
    pub(super) rights: Vec<Right>,
    /// The resources that read with it, by their logical ids; of another template, the stack that
    /// is made of it.
    pub(super) readers: BTreeSet<String>,
    /// The place of the role's use, and the secret line that asks first.
    pub(super) places: [Location; 2],
}

/// A role that the run adds.
pub(super) struct NewRole<'t> {
    pub(super) id: String,
    pub(super) resource_type: byref_cloudformation::ResourceType,
    pub(super) rights: Vec<Right>,
    /// The places that lack a role.
    pub(super) gaps: Vec<RoleGap<'t>>,
    /// The secret line that asks first.
    pub(super) line: Location,
}

/// The rights that the roles of all templates get.
#[derive(Default)]
pub(super) struct Grants<'t> {
    /// By template and the role's logical id.
    pub(super) roles: BTreeMap<(usize, String), RoleGrant<'t>>,
    /// By template and the logical id of the resource that lacks a role.
    pub(super) new_roles: BTreeMap<(usize, String), NewRole<'t>>,
}

impl<'t> Grants<'t> {
    /// Adds rights for a role of a template, and remembers the resource that reads with it.
    pub(super) fn add(
        &mut self,
        found: &RoleAt<'t>,
        reader: &str,
        rights: &[Right],
        places: [Location; 2],
    ) {
        let grant = self
            .roles
            .entry((found.document, found.role.id.clone()))
            .or_insert_with(|| RoleGrant {
                role: found.role.clone(),
                rights: Vec::new(),
                readers: BTreeSet::new(),
                places,
            });
        grant.rights.extend_from_slice(rights);
        grant.readers.insert(reader.to_owned());
    }

    /// Adds rights for the role that a container's resource lacks.
    pub(super) fn add_to_new(
        &mut self,
        reader: &Container<'t>,
        id: &str,
        rights: &[Right],
        line: Location,
    ) {
        let key = (reader.document, reader.task_definition.clone());
        let role = self.new_roles.entry(key).or_insert_with(|| NewRole {
            id: id.to_owned(),
            resource_type: reader.resource_type,
            rights: Vec::new(),
            gaps: Vec::new(),
            line,
        });
        role.rights.extend_from_slice(rights);
        let node = |gap: &RoleGap<'_>| match gap {
            RoleGap::Empty(node) | RoleGap::Holder(node) | RoleGap::Owner(node, _) => node.id(),
        };
        for gap in &reader.role_gaps {
            if !role.gaps.iter().any(|known| node(known) == node(gap)) {
                role.gaps.push(*gap);
            }
        }
    }
}

/// Writes all grants into the changes of the templates, and returns the messages about those that
/// can't be written.
///
/// Dependencies are written last: two policies may make the same resource wait, and it gets one
/// `DependsOn`.
pub(super) fn write_grants<'p>(
    inventory: &'p Inventory<'p>,
    grants: &Grants<'p>,
    changes: &mut [Changes],
) -> Vec<Diagnostic> {
    let mut writer = GrantWriter {
        inventory,
        changes,
        waits: Waits::new(),
        appended: BTreeSet::new(),
        messages: Vec::new(),
    };
    for ((document, _), grant) in &grants.roles {
        writer.check_parameter_of(*document, grant);
        writer.grant_to(*document, grant);
    }
    writer.write_waits();
    writer.create_roles(grants);
    writer.messages
}

/// Returns the indices of the templates in which a role gets something.
pub(super) fn granted_documents(grants: &Grants<'_>) -> BTreeSet<usize> {
    grants
        .roles
        .keys()
        .chain(grants.new_roles.keys())
        .map(|(document, _)| *document)
        .collect()
}

/// The state of the phase: the changes so far, and the dependencies that follow from them.
pub(super) struct GrantWriter<'p, 'c> {
    pub(super) inventory: &'p Inventory<'p>,
    pub(super) changes: &'c mut [Changes],
    /// The dependencies that resources get, written once all are known.
    pub(super) waits: Waits,
    /// The resources that are added to lists of policies: the template, the list, and the text.
    pub(super) appended: BTreeSet<(usize, NodeId, String)>,
    pub(super) messages: Vec<Diagnostic>,
}

impl<'p> GrantWriter<'p, '_> {
    /// Adds a message.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.messages.push(diagnostic);
    }

    /// Refuses a grant whose ARN takes the environment's name from a parameter that the template
    /// does not have.
    fn check_parameter_of(&mut self, index: usize, grant: &RoleGrant<'p>) {
        let Some((parameter, place)) = self
            .inventory
            .request
            .config
            .rewrite
            .environment_parameter
            .as_ref()
        else {
            return;
        };
        let (name, is_used) = (parameter.as_str(), format!("${{{parameter}}}"));
        let is_missing = !self.inventory.declarations[index]
            .parameters
            .contains_key(name);
        if is_missing
            && grant
                .rights
                .iter()
                .any(|right| right.resource.contains(&is_used))
        {
            self.report(without_parameter(name, *place));
        }
    }

    /// Writes the rights of one role into its policies, and lets the readers wait for them.
    ///
    /// A policy resource of byref's that holds unconditionally is enough. Otherwise all of byref's
    /// policies are extended, and the circumstances that none of them covers get a new one.
    fn grant_to(&mut self, index: usize, grant: &RoleGrant<'p>) {
        let own = self.inventory.own_policies(index, &grant.role);
        let condition = grant.role.resource.get("Condition").and_then(literal);
        let help = format!(
            "let `DependsOn` name `{}` where that is possible",
            grant.role.id
        );
        // A role that is named by a text is waited for by nothing, and neither is what is attached
        // to it.
        let strangers = self
            .inventory
            .strangers(index, &grant.readers, &grant.role.id);
        let waited = (grant.role.id.as_str(), condition.as_deref());
        self.wait(index, &strangers, waited, (grant.places[0], &help));
        if let Some(policy) = own
            .attached
            .iter()
            .rfind(|policy| policy.guard.0.is_empty())
        {
            self.extend_policy(index, policy.node, grant);
            self.wait(
                index,
                &strangers,
                (&policy.id, condition.as_deref()),
                (grant.places[0], &help),
            );
            return;
        }
        for policy in latest(&own.attached) {
            self.extend_policy(index, policy.node, grant);
        }
        for policy in latest_inline(&own) {
            self.extend_policy(index, policy.node, grant);
        }
        if own.is_editable {
            self.add_inline(index, grant, &own);
        } else if let Some(policy) = own.attached.last() {
            self.refuse_to_extend(index, policy.node, grant);
        } else {
            self.attach_policy(index, grant);
        }
    }

    /// Adds inline policies under all conditions under which none of byref's policies holds yet.
    ///
    /// A list in a branch of a condition gets the policy in that branch. A role without `Policies`
    /// gets the property as its last one.
    fn add_inline(&mut self, index: usize, grant: &RoleGrant<'p>, own: &OwnPolicies<'p>) {
        let policy = inline_policy(&grant.rights);
        let given = given(self.inventory, index, grant);
        let attached = || own.attached.iter().map(|policy| &policy.guard);
        let changes = &mut self.changes[index];
        for leaf in &own.leaves {
            let assumed: Vec<(String, bool)> = given.iter().chain(&leaf.guard.0).cloned().collect();
            let inline = own.inline_of(leaf).map(|policy| &policy.guard);
            let guards: Vec<&Guard> = attached().chain(inline).collect();
            extend(
                leaf,
                beyond(&policy, &assumed, &guards).into_iter().collect(),
                changes,
            );
        }
        if let Some(last) = own.last_property.filter(|_| own.leaves.is_empty()) {
            let policy = beyond(&policy, &given, &attached().collect::<Vec<_>>());
            let policies =
                policy.map(|policy| ("Policies".to_owned(), Build::Sequence(vec![policy])));
            changes
                .inserted
                .entry(last.id())
                .or_default()
                .extend(policies);
        }
    }

    /// Adds a policy resource for a role whose inline policies can't be edited, because a function
    /// computes them. It has the condition of the role, and all readers are made to wait for it.
    fn attach_policy(&mut self, index: usize, grant: &RoleGrant<'p>) {
        let inventory = self.inventory;
        let resources = &inventory.declarations[index].resources;
        let Some(key) = inventory.declarations[index]
            .keys
            .get(&grant.role.id)
            .copied()
        else {
            return;
        };
        let id = free_id(&format!("{}ByrefSecrets", grant.role.id), |id| {
            resources.contains_key(id)
        });
        let statements = statements(&grant.rights)
            .iter()
            .map(Statement::build)
            .collect();
        let role = Build::Call("Ref", Box::new(Build::Text(grant.role.id.clone())));
        let mut entries = vec![("Type", byref_iam::literal("AWS::IAM::Policy"))];
        let condition = grant.role.resource.get("Condition").and_then(literal);
        entries.extend(
            condition
                .clone()
                .map(|condition| ("Condition", Build::Text(condition))),
        );
        let properties = mapping(vec![
            ("PolicyName", byref_iam::literal(POLICY_NAME)),
            ("PolicyDocument", document(statements)),
            ("Roles", Build::Sequence(vec![role])),
        ]);
        entries.push(("Properties", properties));
        self.changes[index]
            .inserted
            .entry(key.id())
            .or_default()
            .push((id.clone(), mapping(entries)));
        let help = format!("write `Policies` of `{}` as a list", grant.role.id);
        let waited = (id.as_str(), condition.as_deref());
        self.wait(index, &grant.readers, waited, (grant.places[0], &help));
    }
}

/// Returns the first part of the grants that holds only in this environment: a literal ARN, the
/// environment's name, or its key where other environments have other keys.
pub(super) fn environment_specific(
    inventory: &Inventory<'_>,
    grants: &Grants<'_>,
) -> Option<SpecificPart> {
    let config = inventory.request.config;
    let own = &inventory.request.environment.kms_keys;
    let keys_differ = config
        .environments
        .values()
        .any(|environment| environment.kms_keys != *own);
    let is_literal = config.rewrite.reference == ReferenceForm::Literal;
    let name = &inventory.request.environment.name;
    let kind_of = |right: &Right| match right.action {
        Action::Decrypt | Action::GetParameters if is_literal => Some(SpecificKind::LiteralArn),
        Action::Decrypt => keys_differ.then_some(SpecificKind::Key),
        Action::GetParameters => right
            .resource
            .contains(&format!("/{name}/"))
            .then_some(SpecificKind::Name),
        Action::GetSecretValue => None,
    };
    let roles = grants
        .roles
        .values()
        .map(|grant| (&grant.rights, grant.places[1]));
    let new = grants
        .new_roles
        .values()
        .map(|role| (&role.rights, role.line));
    let mut found = roles.chain(new).filter_map(|(rights, line)| {
        let kind = rights.iter().find_map(kind_of)?;
        Some(SpecificPart { kind, line })
    });
    found.next()
}

/// Refuses to change roles and task definitions of a template in one update, if its deployments are
/// blue-green by a transform: such an update must change nothing else.
///
/// Source: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`",
/// "Considerations".
pub(super) fn blue_green_error(inventory: &Inventory<'_>, index: usize) -> Option<Diagnostic> {
    if inventory.request.baseline != Baseline::Source {
        return None;
    }
    let node = blue_green(&inventory.documents[index].template)?;
    let place = inventory.documents[index].place(node);
    let message = "with this transform, roles and task definitions can't change in one update, and here both would";
    Some(Diagnostic::error("blue-green", message, place).help(
        "grant first: deploy what `byref rewrite --grants-only` writes; then rewrite that template, and deploy the references. Where the stack has the grant already, `--deployed` sees it",
    ))
}

/// Returns the condition under which all readers of a role are created, if they share one: under
/// its other side nothing has to be allowed.
///
/// Readers under `IsLive` and nothing else give `[(IsLive, true)]`. A reader without a condition,
/// or two readers under different ones, give nothing: the grant must then hold in any case.
fn given(inventory: &Inventory<'_>, index: usize, grant: &RoleGrant<'_>) -> Vec<(String, bool)> {
    let resources = &inventory.declarations[index].resources;
    let condition = |reader: &String| resources.get(reader)?.get("Condition").and_then(literal);
    let mut conditions: Vec<Option<String>> = grant.readers.iter().map(condition).collect();
    conditions.dedup();
    match conditions.as_slice() {
        [Some(condition)] => vec![(condition.clone(), true)],
        _ => Vec::new(),
    }
}

/// Returns a logical id that nothing has: the wanted one, or with the first free number from 2.
///
/// `WebByrefSecrets` is `WebByrefSecrets2` if the template has a resource of that name, then
/// `WebByrefSecrets3`, and so on.
pub(super) fn free_id(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let with_number = (2..).map(|number| format!("{wanted}{number}"));
    std::iter::once(wanted.to_owned())
        .chain(with_number)
        .find(|id| !is_taken(id))
        .unwrap_or_default()
}

/// Returns whether a statement is about one action alone.
///
/// `Action: ssm:GetParameters` and `Action: [ssm:GetParameters]` are equal. A list of two actions
/// is neither of them: a resource that joins it would get both rights.
pub(super) fn is_action(item: NodeRef<'_>, action: Action) -> bool {
    let Some(node) = item.get("Action") else {
        return false;
    };
    let mut actions = resources(node).into_iter();
    let is_it = actions
        .next()
        .and_then(literal)
        .is_some_and(|found| found == action.name());
    is_it && actions.next().is_none()
}

/// Returns whether a node is a list that can be added to.
pub(super) fn is_list(node: &NodeRef<'_>) -> bool {
    node.kind().is_sequence() && node.tag().is_none()
}

/// Returns the items of a list, or the one that is written without a list: IAM takes both.
pub(super) fn resources(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    if is_list(&node) {
        node.items().collect()
    } else {
        vec![node]
    }
}
