//! The parts of a template that byref can't see through, and what may use a role or a parameter
//! there.
//!
//! A macro, an `Fn::ForEach` or a computed name can use anything. Whatever may be used is kept, so
//! each function here looks for a reason to keep it, and returns the node and the reason for the
//! message. None of them is a complete list of what a template can hide: they look at what byref
//! does not understand, and everything else is read in full.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{
    Defaults, Evaluation, FoundRole, Guard, ResourceType, Role, branches, find_role, literal,
    names_used, opaque_key, roles_of,
};
use byref_template::{Entry, Intrinsic, NodeId, NodeRef};

use super::inventory::Inventory;
use crate::request::Document;

/// AWS's own transforms that bring no text from elsewhere.
///
/// Source: CloudFormation user guide, "Transform reference". `AWS::Include` and macros bring text
/// that can't be seen.
const PLAIN_TRANSFORMS: [&str; 6] = [
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::Serverless-2016-10-31",
    "AWS::ServiceCatalog",
];

/// The properties that name what a task reads with its execution role.
const READ_KEYS: [&str; 2] = ["ValueFrom", "CredentialsParameter"];

/// A node that byref can't see through, with the reason.
pub(super) type Unseen<'t> = (NodeRef<'t>, String);

/// Returns the first macro of a template, or the first snippet that it includes.
///
/// A macro replaces the template by another one, which may use every parameter and role. The name
/// of a macro is repeated in the message only if it is a literal, because a computed text may be a
/// secret.
pub(super) fn macro_of(document: &Document) -> Option<Unseen<'_>> {
    let root = document.template.root()?;
    let is_plain = |node: &NodeRef<'_>| {
        literal(*node).is_some_and(|name| PLAIN_TRANSFORMS.contains(&name.as_str()))
    };
    let transform = root.get("Transform");
    let listed = transform.into_iter().flat_map(|node| {
        if node.kind().is_sequence() && node.tag().is_none() {
            node.items().collect()
        } else {
            vec![node]
        }
    });
    let of_template = listed.into_iter().find(|node| !is_plain(node));
    let called = || {
        let is_called = |node: &NodeRef<'_>| {
            node.intrinsic()
                .is_some_and(|call| call.name == "Transform")
                || node
                    .entries()
                    .any(|entry| entry.key.text().is_some_and(|key| key == "Fn::Transform"))
        };
        document.template.nodes().find(is_called)
    };
    let node = of_template.or_else(called)?;
    let called = node
        .get("Fn::Transform")
        .or_else(|| node.intrinsic().map(|call| call.argument))
        .unwrap_or(node);
    let is_include = called
        .get("Name")
        .and_then(literal)
        .is_some_and(|name| name == "AWS::Include");
    // The text at the place of a macro's name is repeated only if it is one of the template's.
    let what = match literal(node) {
        Some(name) => format!("the macro `{name}`"),
        None if is_include => "what `AWS::Include` brings".to_owned(),
        None => "a macro".to_owned(),
    };
    Some((node, what))
}

/// Returns the first name that is computed where it is used, as in the loops of `Fn::ForEach`. Such
/// a name may be that of any parameter, condition or mapping.
pub(super) fn computed_name(document: &Document) -> Option<Unseen<'_>> {
    let is_of_call = |node: &NodeRef<'_>| {
        let Some(call) = node.intrinsic() else {
            // Of a resource, an output or a statement.
            return node
                .get("Condition")
                .and_then(literal)
                .is_some_and(|name| is_computed(&name));
        };
        match call.name {
            "Ref" => literal(call.argument).is_none_or(|name| is_computed(&name)),
            "Sub" => byref_cloudformation::sub_text(call.argument)
                .is_some_and(|text| has_nested_name(&text)),
            "If" | "FindInMap" => call
                .argument
                .items()
                .next()
                .and_then(literal)
                .is_some_and(|name| is_computed(&name)),
            "Condition" => literal(call.argument).is_some_and(|name| is_computed(&name)),
            _ => false,
        }
    };
    let node = document.template.nodes().find(is_of_call)?;
    Some((node, "a name that is computed".to_owned()))
}

/// Returns whether a name is made in a loop: `Topic${Name}`, `Topic&{Name}`.
fn is_computed(name: &str) -> bool {
    name.contains("${") || name.contains("&{")
}

/// Returns whether a name in `${…}` holds a name itself: `${Password${Name}}`,
/// `${Password&{Name}}`.
///
/// `${Password}` has none; `${Password${Name}}` and `${Password&{Name}}` have one.
fn has_nested_name(text: &str) -> bool {
    text.split("${")
        .skip(1)
        .any(|rest| match rest.split_once('}') {
            Some((name, _)) => name.contains("&{"),
            // Something else begins before this one ends.
            None => text.contains('}'),
        })
}

/// The references of a template to its own resources, read in one pass: pruning asks for them once
/// for each policy.
pub(super) struct Mentions<'t> {
    /// Resources by the names that they refer to, other than in `DependsOn`: the logical id, the
    /// resource, and a node that refers.
    resources: BTreeMap<String, Vec<(String, NodeRef<'t>, NodeRef<'t>)>>,
    /// Nodes of outputs, by the names that they refer to.
    outputs: BTreeMap<String, NodeRef<'t>>,
    macros: Option<Unseen<'t>>,
    /// The `Fn::ForEach` loops among the resources.
    loops: Vec<NodeRef<'t>>,
}

impl<'t> Mentions<'t> {
    /// Returns a node that refers to a resource, other than by `DependsOn`: another resource before
    /// an output.
    pub(super) fn user(&self, id: &str) -> Option<NodeRef<'t>> {
        let of_resource = self
            .resources
            .get(id)
            .and_then(|users| users.first())
            .map(|(_, _, node)| *node);
        of_resource.or_else(|| self.outputs.get(id).copied())
    }
}

/// Returns the names that a node itself refers to.
fn names_of(node: NodeRef<'_>) -> Vec<String> {
    let target = node
        .intrinsic()
        .and_then(Intrinsic::target)
        .map(|(id, _)| id);
    target.into_iter().chain(names_used(node)).collect()
}

impl<'p> Inventory<'p> {
    /// Reads the references of a template.
    pub(super) fn mentions(&self, index: usize) -> Mentions<'p> {
        let document = &self.documents[index];
        let mut found = Mentions {
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            macros: macro_of(document),
            loops: Vec::new(),
        };
        for (id, resource) in &self.declarations[index].resources {
            if id.starts_with("Fn::ForEach") {
                found.loops.push(*resource);
                continue;
            }
            let own = resource
                .entries()
                .filter(|entry| entry.key.text().is_none_or(|key| key != "DependsOn"));
            for node in own.flat_map(|entry| entry.value.subtree()) {
                for name in names_of(node) {
                    let users = found.resources.entry(name).or_default();
                    if users.last().is_none_or(|(user, ..)| user != id) {
                        users.push((id.clone(), *resource, node));
                    }
                }
            }
        }
        let outputs = document
            .template
            .root()
            .and_then(|root| root.get("Outputs"));
        for node in outputs.into_iter().flat_map(NodeRef::subtree) {
            for name in names_of(node) {
                found.outputs.entry(name).or_insert(node);
            }
        }
        found
    }

    /// Returns something that may read with a role of a template and that byref can't see through;
    /// `None` if everything is in sight.
    ///
    /// The role may be used by a macro or a loop, by another stack that gets it from an output, by
    /// anything in the account if it has a name of its own, and by a resource that runs code with
    /// it.
    pub(super) fn unseen_reader(
        &self,
        index: usize,
        role: &Role<'p>,
        mentions: &Mentions<'p>,
    ) -> Option<Unseen<'p>> {
        if let Some((node, what)) = &mentions.macros {
            return Some((*node, format!("{what} may bring what reads with it")));
        }
        let properties = role.resource.get("Properties");
        if let Some(name) = properties.and_then(|properties| properties.get("RoleName")) {
            return Some((name, "the role has a name that anything may use".to_owned()));
        }
        if let Some(node) = mentions.outputs.get(&role.id) {
            return Some((*node, "an output hands the role to others".to_owned()));
        }
        if let Some((_, node)) = mentions.outputs.iter().find(|(name, _)| is_computed(name)) {
            return Some((
                *node,
                "an output with a computed name may hand it to others".to_owned(),
            ));
        }
        for body in &mentions.loops {
            let is_it = |node: &NodeRef<'p>| {
                names_of(*node)
                    .iter()
                    .any(|name| *name == role.id || is_computed(name))
            };
            if let Some(node) = body.subtree().find(is_it) {
                return Some((node, "a loop of `Fn::ForEach` may use it".to_owned()));
            }
        }
        let users = mentions.resources.get(&role.id).into_iter().flatten();
        users
            .filter(|(id, ..)| *id != role.id)
            .find_map(|(id, resource, node)| self.unseen_in(index, role, (id, *resource, *node)))
    }

    /// Returns the part of one resource that may read with a role it refers to.
    ///
    /// ECS and AWS Batch read with the execution role only what the template lists, so a list that
    /// byref can see is no reason. The code of a task role, of a build or of an App Runner service
    /// may read anything.
    fn unseen_in(
        &self,
        index: usize,
        role: &Role<'p>,
        (id, resource, node): (&str, NodeRef<'p>, NodeRef<'p>),
    ) -> Option<Unseen<'p>> {
        let kind = resource.get("Type").and_then(literal).unwrap_or_default();
        match ResourceType::of(&kind) {
            // Policies that are attached to it, and others that speak of it.
            None if kind.starts_with("AWS::IAM::") && kind != "AWS::IAM::InstanceProfile" => None,
            None => Some((node, format!("`{id}` uses the role"))),
            Some(ResourceType::CodeBuildProject | ResourceType::AppRunnerService) => {
                Some((node, format!("the code of `{id}` runs with the role")))
            }
            Some(_) => {
                let is_of_execution = |entry: &Entry<'_>| {
                    entry
                        .key
                        .text()
                        .is_some_and(|key| key == "ExecutionRoleArn")
                };
                let execution = resource
                    .subtree()
                    .flat_map(NodeRef::entries)
                    .filter(is_of_execution);
                let own: BTreeSet<NodeId> = execution
                    .flat_map(|entry| entry.value.subtree())
                    .map(NodeRef::id)
                    .collect();
                let is_other = |node: &NodeRef<'p>| {
                    names_of(*node).contains(&role.id) && !own.contains(&node.id())
                };
                if let Some(node) = resource.subtree().find(is_other) {
                    return Some((node, format!("the application of `{id}` may use the role")));
                }
                if let Some(node) = self.opaque[index].get(id).and_then(|opaque| opaque.first()) {
                    return Some((
                        *node,
                        format!("what `{id}` reads can't be seen through here"),
                    ));
                }
                self.unknown_reference(index, id, resource)
            }
        }
    }

    /// Returns the first reference of a resource whose target is known only in a deploy: it may be
    /// the parameter that looks unneeded. Defaults of parameters don't count here, since a deploy
    /// may pass another value.
    fn unknown_reference(
        &self,
        index: usize,
        id: &str,
        resource: NodeRef<'p>,
    ) -> Option<Unseen<'p>> {
        let evaluation = Evaluation {
            defaults: Defaults::None,
            ..self.evaluation(index, self.request.region)
        };
        for node in resource.subtree() {
            if let Some(entry) = node.entries().find(|entry| opaque_key(entry.key)) {
                return Some((
                    entry.key,
                    format!("what `{id}` reads can't be seen through here"),
                ));
            }
            let read = node.entries().filter(|entry| {
                entry
                    .key
                    .text()
                    .is_some_and(|key| READ_KEYS.contains(&&*key))
            });
            for (value, _) in read.flat_map(|entry| branches(entry.value, &Guard::default())) {
                if value.intrinsic().is_some_and(Intrinsic::is_no_value) {
                    continue;
                }
                if let Err(why) = evaluation.text_of(value) {
                    return Some((value, format!("what `{id}` reads here depends on {why}")));
                }
            }
        }
        None
    }

    /// Returns something other than the roles in sight that one of byref's policy resources is
    /// attached to: users, groups, or a role from elsewhere. Their reason is not in the template.
    pub(super) fn unseen_holder(
        &self,
        index: usize,
        policy: NodeRef<'p>,
        mentions: &Mentions<'p>,
    ) -> Option<Unseen<'p>> {
        for key in ["Users", "Groups"] {
            if let Some(node) = policy.get(key) {
                return Some((node, "the policy is attached to others too".to_owned()));
            }
        }
        let evaluation = self.evaluation(index, self.request.region);
        let declarations = &self.declarations[index];
        for (list, _) in branches(roles_of(policy)?, &Guard::default()) {
            let names = super::grant::resources(list)
                .into_iter()
                .flat_map(|name| branches(name, &Guard::default()));
            for (name, _) in names {
                if name.intrinsic().is_some_and(Intrinsic::is_no_value) {
                    continue;
                }
                match find_role(declarations, &evaluation, name) {
                    FoundRole::InTemplate(role) => {
                        if let Some(unseen) = self.unseen_reader(index, &role, mentions) {
                            return Some(unseen);
                        }
                    }
                    FoundRole::Elsewhere(..) => {
                        return Some((name, "the policy is attached to others too".to_owned()));
                    }
                }
            }
        }
        None
    }
}
