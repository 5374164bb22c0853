//! The roles that a property leads to: a role of the template, a role of a template that nests it,
//! or one from elsewhere.
//!
//! A nested template often gets its role as a parameter. The values that the parents of the run
//! pass for it are followed, so that the grant goes into the template that has the role.
//!
//! For a task definition in `task.yaml` with `ExecutionRoleArn: !Ref RoleArn`:
//!
//! ```text
//! # root.yaml
//! Role: {Type: AWS::IAM::Role, …}
//! Web:
//!   Type: AWS::CloudFormation::Stack
//!   Properties:
//!     TemplateURL: task.yaml
//!     Parameters: {RoleArn: !GetAtt Role.Arn}
//! ```
//!
//! the way leads to `Role` of `root.yaml`, by the stack `Web`: the grant is written there, and
//! `Web` counts as the reader. If the template is nested twice with different roles, there are
//! two ends, and both roles get the grant. If one of the stacks passes nothing, the default of the
//! parameter counts, and the way ends in `task.yaml`.

use byref_cloudformation::{
    FoundRole, Guard, Role, branches, find_role, is_nothing, parameters_in, target,
};
use byref_template::{Intrinsic, NodeRef};

use super::inventory::Inventory;

/// A role of a template of the run.
#[derive(Clone)]
pub(super) struct RoleAt<'t> {
    /// Index of the template that holds it.
    pub(super) document: usize,
    pub(super) role: Role<'t>,
    /// The stack that passes it on, by its logical id in that template; none where what reads is in
    /// the same one.
    pub(super) stack: Option<String>,
    /// The parameters without whose defaults it would not be found.
    pub(super) by_default: Vec<String>,
}

/// The end of the way from a property to a role.
pub(super) enum Reached<'t> {
    /// A role of one of the templates.
    Here(RoleAt<'t>),
    /// The reason why the role is not known, and the role's ARN or name where the template has one.
    Elsewhere(String, Option<String>),
}

impl<'p> Inventory<'p> {
    /// Returns the roles that a property leads to, through the parameters that templates of the run
    /// pass to one another: one for each stack that passes one, in order.
    ///
    /// No chain is followed further than there are templates, so templates that nest each other in
    /// a circle end.
    pub(super) fn roles_at(&self, document: usize, node: NodeRef<'p>) -> Vec<Reached<'p>> {
        let mut found = Vec::new();
        let mut open = vec![(document, node, None, 0)];
        while let Some((index, node, stack, depth)) = open.pop() {
            // No chain of nested stacks is longer than the run.
            let passed = if depth < self.documents.len() {
                self.passed(index, node)
            } else {
                Vec::new()
            };
            if passed.is_empty() {
                found.push(self.role_at(index, node, stack));
                continue;
            }
            for (parent, stack, value) in passed.into_iter().rev() {
                open.push((parent, value, Some(stack), depth + 1));
            }
        }
        found
    }

    /// Returns the values that stacks of the run pass for a parameter: the parent's index, the
    /// stack's logical id, and the value. Empty if the node is no parameter, or if one of the
    /// stacks passes nothing.
    fn passed(&self, index: usize, node: NodeRef<'p>) -> Vec<(usize, String, NodeRef<'p>)> {
        let declarations = &self.declarations;
        let stacks = &self.nested_as[index];
        let Some(parameter) =
            target(node).filter(|name| declarations[index].parameters.contains_key(name))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (parent, stack) in stacks {
            let properties = declarations[*parent]
                .resources
                .get(stack)
                .and_then(|stack| stack.get("Properties"));
            let value = properties
                .and_then(|node| node.get("Parameters"))
                .and_then(|node| node.get(&parameter));
            let Some(value) = value else {
                return Vec::new();
            };
            for (value, _) in branches(value, &Guard::default()) {
                if value.intrinsic().is_some_and(Intrinsic::is_no_value) || is_nothing(value) {
                    return Vec::new();
                }
                found.push((*parent, stack.clone(), value));
            }
        }
        found
    }

    /// Returns the role that a property of one template names, without following parameters.
    fn role_at(&self, document: usize, node: NodeRef<'p>, stack: Option<String>) -> Reached<'p> {
        let declarations = &self.declarations[document];
        let evaluation = self.evaluation(document, self.request.region);
        match find_role(declarations, &evaluation, node) {
            FoundRole::InTemplate(role) => {
                let is_named = target(node).is_some_and(|id| id == role.id);
                let by_default = if is_named {
                    Vec::new()
                } else {
                    self.defaults_between(document, node, &role)
                };
                Reached::Here(RoleAt {
                    document,
                    role,
                    stack,
                    by_default,
                })
            }
            FoundRole::Elsewhere(why, arn) => Reached::Elsewhere(why, arn),
        }
    }

    /// Returns the parameters whose defaults alone make a text the name of a role: those that only
    /// one of the two is made of. With another value in a deploy it would be another role.
    fn defaults_between(&self, document: usize, node: NodeRef<'p>, role: &Role<'p>) -> Vec<String> {
        let declarations = &self.declarations[document];
        let name = role
            .resource
            .get("Properties")
            .and_then(|properties| properties.get("RoleName"));
        let of_name = name
            .map(|name| parameters_in(name, declarations))
            .unwrap_or_default();
        let of_text = parameters_in(node, declarations);
        let mut found: Vec<String> = of_text
            .iter()
            .filter(|name| !of_name.contains(name))
            .cloned()
            .collect();
        found.extend(of_name.into_iter().filter(|name| !of_text.contains(name)));
        found.retain(|name| Some(name.as_str()) != self.environment_parameter());
        found
    }
}
