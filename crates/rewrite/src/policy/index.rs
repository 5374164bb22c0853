//! Which policy resources may be a role's, found by name: a template may have thousands of roles, each with its own.

use std::collections::{BTreeMap, BTreeSet};

use byref_template::NodeRef;

use crate::container::literal;

/// The types of resources that attach policies to roles.
const POLICIES: [&str; 3] = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"];

/// The policy resources of a template, by the roles that they may be attached to.
#[derive(Default)]
pub(crate) struct PolicyIndex<'t> {
    policies: Vec<(String, NodeRef<'t>)>,
    /// Indices of the policies whose roles mention a word: a logical id or a literal name.
    by_word: BTreeMap<String, Vec<usize>>,
    /// Indices of the policies whose roles are computed, or not a list of names.
    computed: BTreeSet<usize>,
    by_id: BTreeMap<String, usize>,
}

impl<'t> PolicyIndex<'t> {
    /// Of all resources of a template, by logical id.
    pub(crate) fn of(resources: &BTreeMap<String, NodeRef<'t>>) -> Self {
        let mut index = Self::default();
        let is_policy = |resource: NodeRef<'_>| {
            resource.get("Type").and_then(literal).is_some_and(|kind| POLICIES.contains(&kind.as_str()))
        };
        for (id, resource) in resources.iter().filter(|(_, resource)| is_policy(**resource)) {
            let number = index.policies.len();
            index.policies.push((id.clone(), *resource));
            index.by_id.insert(id.clone(), number);
            let properties = resource.get("Properties");
            let names =
                properties.and_then(|properties| properties.get("Roles").or_else(|| properties.get("RoleName")));
            let Some(names) = names else { continue };
            for word in words(names) {
                index.by_word.entry(word).or_default().push(number);
            }
            let is_computed = |call: byref_template::Intrinsic<'_>| {
                let target = call.target().filter(|_| call.name == "Ref");
                target.is_none_or(|(id, _)| !resources.contains_key(&id))
            };
            if names.subtree().filter_map(NodeRef::intrinsic).any(is_computed) {
                index.computed.insert(number);
            }
        }
        index
    }

    /// The policies that may be a role's, by logical id: the role and the policy mention each other, or the policy's
    /// roles are computed, or the role has a name of its own that may be written anywhere.
    pub(crate) fn of_role(&self, id: &str, role: NodeRef<'t>) -> impl Iterator<Item = (&str, NodeRef<'t>)> {
        let properties = role.get("Properties");
        let name = properties.and_then(|properties| properties.get("RoleName"));
        let mut found: BTreeSet<usize> = match name.map(literal) {
            Some(None) => (0..self.policies.len()).collect(),
            own => {
                let named = own.flatten().and_then(|name| self.by_word.get(&name));
                let mentioned = self.by_word.get(id).into_iter().chain(named).flatten();
                mentioned.copied().chain(self.computed.iter().copied()).collect()
            }
        };
        let own = properties.into_iter().flat_map(words);
        found.extend(own.filter_map(|word| self.by_id.get(&word).copied()));
        found.into_iter().map(|number| (self.policies[number].0.as_str(), self.policies[number].1))
    }
}

/// Every text below a node, and the words of letters and digits in it: logical ids are such words.
fn words(node: NodeRef<'_>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in node.subtree().filter_map(NodeRef::text) {
        words.extend(text.split(|character: char| !character.is_ascii_alphanumeric()).map(str::to_owned));
        words.insert(text.into_owned());
    }
    words.remove("");
    words
}
