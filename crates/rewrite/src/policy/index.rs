//! The policies and roles of a template by what they are looked up by: a template may have thousands of both.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use byref_template::NodeRef;

use super::role::{is_of, is_of_account, target};
use crate::container::{branches, literal};
use crate::value::{Evaluation, names_used};

const POLICIES: [&str; 3] = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"];

/// Policy resources, by the roles that they name, and roles by their names.
#[derive(Default)]
pub(crate) struct PolicyIndex<'t> {
    /// Logical ids and resources, by logical id.
    policies: Vec<(String, NodeRef<'t>)>,
    by_id: BTreeMap<String, usize>,
    /// By the logical id of a role that they refer to.
    of_role: BTreeMap<String, Vec<usize>>,
    /// By the literal name of a role.
    of_name: BTreeMap<String, Vec<usize>>,
    /// Those whose roles are computed: they may be anybody's.
    computed: Vec<usize>,
    /// Managed policies that have a name, with it.
    named: Vec<(usize, NodeRef<'t>)>,
    /// Roles by a literal `RoleName`, the first one by logical id.
    roles: BTreeMap<String, String>,
    /// Roles whose `RoleName` is computed.
    computed_roles: Vec<(String, NodeRef<'t>)>,
    /// The logical ids of those by their names, by Region: evaluated once, for each role is looked for.
    evaluated: RefCell<BTreeMap<String, BTreeMap<String, usize>>>,
}

impl<'t> PolicyIndex<'t> {
    pub(crate) fn of(resources: &BTreeMap<String, NodeRef<'t>>) -> Self {
        let mut index = Self::default();
        for (id, resource) in resources {
            let properties = resource.get("Properties");
            if is_of(*resource, "AWS::IAM::Role") {
                match properties.and_then(|properties| properties.get("RoleName")).map(|name| (literal(name), name)) {
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
        self.named.extend(name.map(|name| (policy, name)));
        let Some(roles) = properties.and_then(roles_of) else { return };
        let (mut ids, mut names, mut is_computed) = (BTreeSet::new(), BTreeSet::new(), false);
        for (list, _) in branches(roles, &crate::container::Guard::default()) {
            let is_list = list.kind().is_sequence() && list.tag().is_none();
            let items: Vec<NodeRef<'t>> = if is_list { list.items().collect() } else { vec![list] };
            for (item, _) in items.into_iter().flat_map(|item| branches(item, &crate::container::Guard::default())) {
                match (literal(item), target(item).filter(|id| resources.contains_key(id))) {
                    (Some(name), _) => names.extend([name]),
                    (None, Some(id)) => ids.extend([id]),
                    (None, None) => {
                        is_computed |= !item.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value);
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

    /// The policy resources that may be attached to a role, by logical id.
    pub(crate) fn of_a_role(&self, id: &str, role: NodeRef<'_>) -> Vec<(&str, NodeRef<'t>)> {
        let mut found: BTreeSet<usize> = self.computed.iter().copied().collect();
        found.extend(self.of_role.get(id).into_iter().flatten());
        match role.get("Properties").and_then(|properties| properties.get("RoleName")).map(literal) {
            Some(Some(name)) => found.extend(self.of_name.get(&name).into_iter().flatten()),
            Some(None) => found.extend(self.of_name.values().flatten()),
            None => {}
        }
        found.into_iter().map(|policy| self.entry(policy)).collect()
    }

    /// The policy resources that a role refers to itself.
    pub(crate) fn named_by(&self, role: NodeRef<'_>) -> Vec<(&str, NodeRef<'t>)> {
        let mut found = BTreeSet::new();
        for node in role.subtree() {
            let target = node.intrinsic().and_then(byref_template::Intrinsic::target).map(|(id, _)| id);
            let names = target.into_iter().chain(names_used(node));
            found.extend(names.filter_map(|id| self.by_id.get(&id).copied()));
        }
        found.into_iter().map(|policy| self.entry(policy)).collect()
    }

    fn entry(&self, policy: usize) -> (&str, NodeRef<'t>) {
        let (id, resource) = &self.policies[policy];
        (id, *resource)
    }

    /// The managed policy that an ARN names.
    pub(crate) fn by_arn(&self, evaluation: &Evaluation<'_>, arn: &str) -> Option<NodeRef<'t>> {
        let (_, path) = arn.split_once(":policy/").filter(|_| is_of_account(arn, evaluation))?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_it = |(_, node): &&(usize, NodeRef<'t>)| evaluation.text_of(*node).is_ok_and(|own| own == name);
        self.named.iter().find(is_it).map(|(policy, _)| self.policies[*policy].1)
    }

    /// The logical id of the role with a name, as the defaults of parameters have it; what is not known in it stands there by
    /// its name.
    pub(crate) fn role_named(&self, evaluation: &Evaluation<'_>, name: &str) -> Option<&str> {
        if let Some(id) = self.roles.get(name) {
            return Some(id);
        }
        let mut evaluated = self.evaluated.borrow_mut();
        let names = evaluated.entry(evaluation.region.to_string()).or_insert_with(|| {
            // The first one by logical id counts.
            let named = self.computed_roles.iter().enumerate().rev();
            named.filter_map(|(role, (_, node))| Some((evaluation.symbolic(*node)?, role))).collect()
        });
        names.get(name).map(|role| self.computed_roles[*role].0.as_str())
    }
}

/// What a policy resource says of its roles.
pub(crate) fn roles_of(properties: NodeRef<'_>) -> Option<NodeRef<'_>> {
    properties.get("Roles").or_else(|| properties.get("RoleName"))
}
