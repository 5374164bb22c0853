//! The policies named `byref-secrets` of a role: inline policies, and policy resources that are
//! attached to it.
//!
//! They belong to byref. A grant extends them, and `--prune-grants` takes rights out of them; other
//! policies are read, and never changed.
//!
//! A name is the mark, and not a tag or a comment: inline policies have no tags, and comments do
//! not survive a conversion to JSON. A user who wants to keep a policy away from byref renames it.

use byref_cloudformation::{
    Declarations, Evaluation, Guard, Role, branches, is_inline_policy, is_nothing, literal,
    roles_of,
};
use byref_template::{NodeId, NodeRef};

use super::grant::resources;
use super::inventory::Inventory;
use crate::list::Leaf;
use byref_iam::POLICY_NAME;

/// One of byref's policies.
#[derive(Clone)]
pub(super) struct OwnPolicy<'t> {
    /// The mapping of the policy: an inline policy, or the properties of a policy resource.
    pub(super) node: NodeRef<'t>,
    /// The conditions under which the role has it.
    pub(super) guard: Guard,
    /// Of an inline policy, the list, and the item of it that holds the policy.
    pub(super) list: Option<NodeId>,
    pub(super) item: Option<NodeRef<'t>>,
    /// Of a policy resource, its logical id.
    pub(super) id: String,
}

/// Returns the policies that count: of several that hold under the same conditions, the last one.
/// Which conditions a policy has, its guard tells.
///
/// Inline policies of one name replace each other in a role, so only one of them is in force: the
/// last one of the template is taken for it. Extending an earlier one might give the role nothing.
pub(super) fn latest<'a, 't>(
    policies: &'a [OwnPolicy<'t>],
) -> impl Iterator<Item = &'a OwnPolicy<'t>> {
    policies.iter().enumerate().filter_map(|(index, policy)| {
        let is_covered = policies[index + 1..]
            .iter()
            .any(|later| later.guard.covers(&policy.guard));
        (!is_covered).then_some(policy)
    })
}

/// The places of a role for grants: byref's existing policies, and the lists that a new one can be
/// added to.
pub(super) struct OwnPolicies<'t> {
    /// The lists of inline policies.
    pub(super) leaves: Vec<Leaf<'t>>,
    /// Policies of byref's in them.
    pub(super) inline: Vec<OwnPolicy<'t>>,
    /// Policy resources of byref's.
    pub(super) attached: Vec<OwnPolicy<'t>>,
    /// Whether the lists can be edited.
    pub(super) is_editable: bool,
    pub(super) last_property: Option<NodeRef<'t>>,
}

impl<'t> OwnPolicies<'t> {
    /// Returns byref's inline policies in one of the lists.
    pub(super) fn inline_of(&self, leaf: &Leaf<'t>) -> impl Iterator<Item = &OwnPolicy<'t>> {
        let list = leaf.node.id();
        self.inline
            .iter()
            .filter(move |policy| policy.list == Some(list))
    }
}

/// Returns the inline policies that count: of each list, the last one of those that hold at the
/// same time.
pub(super) fn latest_inline<'t>(own: &OwnPolicies<'t>) -> Vec<OwnPolicy<'t>> {
    let of_leaf = |leaf: &Leaf<'t>| {
        let inline: Vec<OwnPolicy<'t>> = own.inline_of(leaf).cloned().collect();
        latest(&inline).cloned().collect::<Vec<_>>()
    };
    own.leaves.iter().flat_map(of_leaf).collect()
}

impl<'p> Inventory<'p> {
    /// Finds byref's policies of a role, and the lists that can take another one.
    pub(super) fn own_policies(&self, index: usize, role: &Role<'p>) -> OwnPolicies<'p> {
        let (leaves, inline) = (Vec::new(), Vec::new());
        let attached = self.own_resources(index, role);
        let mut own = OwnPolicies {
            leaves,
            inline,
            attached,
            is_editable: false,
            last_property: None,
        };
        let mut opaque = Vec::new();
        let properties = role.resource.get("Properties");
        let Some(properties) =
            properties.and_then(|node| byref_cloudformation::mapping(node, &mut opaque))
        else {
            return own;
        };
        own.last_property = properties.entries().last().map(|entry| entry.key);
        own.is_editable = own.last_property.is_some();
        let Some(policies) = properties.get("Policies") else {
            return own;
        };
        for (node, guard) in branches(policies, &Guard::default()) {
            let no_value = node
                .intrinsic()
                .is_some_and(byref_template::Intrinsic::is_no_value);
            let is_list = node.kind().is_sequence() && node.tag().is_none();
            own.is_editable &= is_list || no_value || is_nothing(node);
            for item in node.items().filter(|_| is_list) {
                for (policy, guard) in branches(item, &guard)
                    .into_iter()
                    .filter(|(policy, _)| is_own(*policy))
                {
                    let (list, item, id) = (Some(node.id()), Some(item), String::new());
                    own.inline.push(OwnPolicy {
                        node: policy,
                        guard,
                        list,
                        item,
                        id,
                    });
                }
            }
            own.leaves.push(Leaf {
                node,
                guard,
                is_list,
            });
        }
        own
    }

    /// Returns byref's policy resources that are attached to a role, each with the conditions under
    /// which it is.
    fn own_resources(&self, index: usize, role: &Role<'p>) -> Vec<OwnPolicy<'p>> {
        let declarations = &self.declarations[index];
        let evaluation = self.evaluation(index, self.request.region);
        let of_role = role.resource.get("Condition").and_then(literal);
        let mut found = Vec::new();
        for (id, resource) in declarations.policies.of_a_role(&role.id, role.resource) {
            let properties = resource
                .get("Properties")
                .filter(|_| is_inline_policy(resource));
            let Some(properties) = properties.filter(|properties| is_own(*properties)) else {
                continue;
            };
            let Some(names) = roles_of(properties) else {
                continue;
            };
            let own = resource
                .get("Condition")
                .and_then(literal)
                .filter(|own| of_role.as_ref() != Some(own));
            let made = own.map_or_else(Guard::default, |condition| {
                Guard::default().and(&condition, true)
            });
            let lists = branches(names, &made);
            let items = lists.into_iter().flat_map(|(list, guard)| {
                resources(list)
                    .into_iter()
                    .flat_map(move |item| branches(item, &guard))
            });
            for (name, guard) in items {
                if is_role(declarations, &evaluation, name, role) {
                    found.push(OwnPolicy {
                        node: properties,
                        guard,
                        list: None,
                        item: None,
                        id: id.to_owned(),
                    });
                }
            }
        }
        found
    }
}

/// Returns whether a policy has the name that byref gives to its own.
fn is_own(policy: NodeRef<'_>) -> bool {
    policy.get("PolicyName").and_then(literal).as_deref() == Some(POLICY_NAME)
}

/// Returns whether a name among the roles of a policy resource is that of a role.
fn is_role(
    declarations: &Declarations<'_>,
    evaluation: &Evaluation<'_>,
    name: NodeRef<'_>,
    role: &Role<'_>,
) -> bool {
    if byref_cloudformation::target(name).is_some_and(|id| id == role.id) {
        return true;
    }
    evaluation
        .symbolic(name)
        .and_then(|text| declarations.policies.role_named(evaluation, &text))
        == Some(&role.id)
}
