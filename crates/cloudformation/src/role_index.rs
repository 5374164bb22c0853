//! An index of the policies and roles of a template. A template may have thousands of both, and
//! each role is looked for by each of its readers.
//!
//! Source: CloudFormation template reference, "`AWS::IAM::Policy`", "`AWS::IAM::RolePolicy`" and
//! "`AWS::IAM::ManagedPolicy`": the properties `Roles` and `RoleName`.
//!
//! | what a policy names | where it is kept |
//! | --- | --- |
//! | `Roles: [!Ref R]` | by the logical id |
//! | `Roles: [reader]` | by the name |
//! | `Roles: !Ref Names` | among those that may be attached to any role |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use byref_template::NodeRef;

use crate::evaluation::Evaluation;
use crate::guard::alternatives;
use crate::names::names_used;
use crate::node::literal;
use crate::role::{is_of, is_of_account, target};

/// The policy resources that may be attached to roles.
const POLICIES: [&str; 3] = [
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
];

/// Policy resources, by the roles that they name, and roles by their names.
#[derive(Default)]
pub struct PolicyIndex<'t> {
    /// Logical ids and resources, by logical id.
    policies: Vec<(String, NodeRef<'t>)>,
    by_id: BTreeMap<String, usize>,
    /// By the logical id of a role that they refer to.
    of_role: BTreeMap<String, Vec<usize>>,
    /// By the literal name of a role.
    of_name: BTreeMap<String, Vec<usize>>,
    /// Policies whose roles are computed: they may be attached to any role.
    computed: Vec<usize>,
    /// Managed policies by a literal name, the first one by logical id.
    named: BTreeMap<String, usize>,
    /// Managed policies whose names are computed, with the names.
    computed_named: Vec<(usize, NodeRef<'t>)>,
    /// Roles by a literal `RoleName`, the first one by logical id.
    roles: BTreeMap<String, String>,
    /// Roles whose `RoleName` is computed.
    computed_roles: Vec<(String, NodeRef<'t>)>,
    /// The same roles by their evaluated names, by Region. They are evaluated when the first role
    /// of a Region is looked for.
    evaluated: Mutex<BTreeMap<String, BTreeMap<String, usize>>>,
}

impl<'t> PolicyIndex<'t> {
    /// Reads the policies and roles of a template.
    pub fn of(resources: &BTreeMap<String, NodeRef<'t>>) -> Self {
        let mut index = Self::default();
        for (id, resource) in resources {
            let properties = resource.get("Properties");
            if is_of(*resource, "AWS::IAM::Role") {
                match properties
                    .and_then(|properties| properties.get("RoleName"))
                    .map(|name| (literal(name), name))
                {
                    Some((Some(name), _)) => {
                        index.roles.entry(name).or_insert_with(|| id.clone());
                    }
                    Some((None, name)) => index.computed_roles.push((id.clone(), name)),
                    None => {}
                }
            } else if POLICIES.iter().any(|kind| is_of(*resource, kind)) {
                index.add(id, *resource, properties, resources);
            }
        }
        index
    }

    /// Adds a policy resource under the roles that its list may hold.
    fn add(
        &mut self,
        id: &str,
        resource: NodeRef<'t>,
        properties: Option<NodeRef<'t>>,
        resources: &BTreeMap<String, NodeRef<'t>>,
    ) {
        let policy = self.policies.len();
        self.policies.push((id.to_owned(), resource));
        self.by_id.insert(id.to_owned(), policy);
        let name = properties.and_then(|properties| properties.get("ManagedPolicyName"));
        match name.map(|name| (literal(name), name)) {
            Some((Some(name), _)) => {
                self.named.entry(name).or_insert(policy);
            }
            Some((None, name)) => self.computed_named.push((policy, name)),
            None => {}
        }
        let Some(roles) = properties.and_then(roles_of) else {
            return;
        };
        let (mut ids, mut names, mut is_computed) = (BTreeSet::new(), BTreeSet::new(), false);
        for list in alternatives(roles) {
            let is_list = list.kind().is_sequence() && list.tag().is_none();
            let items: Vec<NodeRef<'t>> = if is_list {
                list.items().collect()
            } else {
                vec![list]
            };
            for item in items.into_iter().flat_map(alternatives) {
                match (
                    literal(item),
                    target(item).filter(|id| resources.contains_key(id)),
                ) {
                    (Some(name), _) => names.extend([name]),
                    (None, Some(id)) => ids.extend([id]),
                    (None, None) => {
                        is_computed |= !item
                            .intrinsic()
                            .is_some_and(byref_template::Intrinsic::is_no_value);
                    }
                }
            }
        }
        for id in ids {
            self.of_role.entry(id).or_default().push(policy);
        }
        for name in names {
            self.of_name.entry(name).or_default().push(policy);
        }
        if is_computed {
            self.computed.push(policy);
        }
    }

    /// Returns the policy resources that may be attached to a role, with their logical ids, sorted
    /// by those: policies that name the role, policies whose roles are computed, and for a role
    /// with a computed name all that name a role by a text.
    pub fn of_a_role(&self, id: &str, role: NodeRef<'_>) -> Vec<(&str, NodeRef<'t>)> {
        let mut found: BTreeSet<usize> = self.computed.iter().copied().collect();
        found.extend(self.of_role.get(id).into_iter().flatten());
        match role
            .get("Properties")
            .and_then(|properties| properties.get("RoleName"))
            .map(literal)
        {
            Some(Some(name)) => found.extend(self.of_name.get(&name).into_iter().flatten()),
            Some(None) => found.extend(self.of_name.values().flatten()),
            None => {}
        }
        found.into_iter().map(|policy| self.entry(policy)).collect()
    }

    /// Returns the policy resources that a role refers to itself, in `ManagedPolicyArns` or as its
    /// boundary.
    pub fn named_by(&self, role: NodeRef<'_>) -> Vec<(&str, NodeRef<'t>)> {
        let mut found = BTreeSet::new();
        for node in role.subtree() {
            let target = node
                .intrinsic()
                .and_then(byref_template::Intrinsic::target)
                .map(|(id, _)| id);
            let names = target.into_iter().chain(names_used(node));
            found.extend(names.filter_map(|id| self.by_id.get(&id).copied()));
        }
        found.into_iter().map(|policy| self.entry(policy)).collect()
    }

    fn entry(&self, policy: usize) -> (&str, NodeRef<'t>) {
        let (id, resource) = &self.policies[policy];
        (id, *resource)
    }

    /// Returns the managed policy of the template that has an ARN. The path in the ARN does not
    /// count: names of policies are unique in an account.
    pub fn by_arn(&self, evaluation: &Evaluation<'_>, arn: &str) -> Option<NodeRef<'t>> {
        let (_, path) = arn
            .split_once(":policy/")
            .filter(|_| is_of_account(arn, evaluation))?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_it = |(_, node): &&(usize, NodeRef<'t>)| {
            evaluation.text_of(*node).is_ok_and(|own| own == name)
        };
        let computed = || {
            self.computed_named
                .iter()
                .find(is_it)
                .map(|(policy, _)| *policy)
        };
        self.named
            .get(name)
            .copied()
            .or_else(computed)
            .map(|policy| self.policies[policy].1)
    }

    /// Returns the logical id of the role with a name, which is one of [`Evaluation::symbolic`]:
    /// parts that are not known are in it by their names. Of several roles with one name the first
    /// one by logical id counts.
    pub fn role_named(&self, evaluation: &Evaluation<'_>, name: &str) -> Option<&str> {
        if let Some(id) = self.roles.get(name) {
            return Some(id);
        }
        let mut evaluated = self
            .evaluated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let names = evaluated
            .entry(evaluation.stack.region.to_string())
            .or_insert_with(|| {
                // The first one by logical id counts.
                let named = self.computed_roles.iter().enumerate().rev();
                named
                    .filter_map(|(role, (_, node))| Some((evaluation.symbolic(*node)?, role)))
                    .collect()
            });
        names
            .get(name)
            .map(|role| self.computed_roles[*role].0.as_str())
    }
}

/// Returns whether a resource adds an inline policy to roles. Managed policies count against
/// another quota of IAM.
pub fn is_inline_policy(resource: NodeRef<'_>) -> bool {
    is_of(resource, "AWS::IAM::Policy") || is_of(resource, "AWS::IAM::RolePolicy")
}

/// Returns the property of a policy resource that names its roles.
pub fn roles_of(properties: NodeRef<'_>) -> Option<NodeRef<'_>> {
    properties
        .get("Roles")
        .or_else(|| properties.get("RoleName"))
}
