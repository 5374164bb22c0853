//! Which role a property means: one of the template, one of a template that nests it, or one from elsewhere.

use byref_cloudformation::{FoundRole, Guard, Role, branches, find_role, is_nothing, parameters_in, target};
use byref_template::{Intrinsic, NodeRef};

use super::Planner;

/// A role of a template of the run.
#[derive(Clone)]
pub(super) struct RoleAt<'t> {
    /// Index of the template that holds it.
    pub(super) document: usize,
    pub(super) role: Role<'t>,
    /// The stack that passes it on, by its logical id in that template; none where what reads is in the same one.
    pub(super) stack: Option<String>,
    /// The parameters without whose defaults it would not be found.
    pub(super) by_default: Vec<String>,
}

/// What a property that names a role leads to.
pub(super) enum Reached<'t> {
    Here(RoleAt<'t>),
    /// Why it is not known, and the role's ARN or name where the template says it.
    Elsewhere(String, Option<String>),
}

impl<'p> Planner<'p> {
    /// What a property means by a role, through the parameters that templates of the run pass to one another: one for each
    /// stack that passes one.
    pub(super) fn roles_at(&self, document: usize, node: NodeRef<'p>) -> Vec<Reached<'p>> {
        let mut found = Vec::new();
        let mut open = vec![(document, node, None, 0)];
        while let Some((index, node, stack, depth)) = open.pop() {
            // No chain of nested stacks is longer than the run.
            let passed = if depth < self.documents.len() { self.passed(index, node) } else { Vec::new() };
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

    /// The values that stacks of the run pass for the parameter that a node is; none where one of them passes none.
    fn passed(&self, index: usize, node: NodeRef<'p>) -> Vec<(usize, String, NodeRef<'p>)> {
        let declarations = &self.survey.declarations;
        let stacks = &self.survey.nested_as[index];
        let Some(parameter) = target(node).filter(|name| declarations[index].parameters.contains_key(name)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (parent, stack) in stacks {
            let properties = declarations[*parent].resources.get(stack).and_then(|stack| stack.get("Properties"));
            let value = properties.and_then(|node| node.get("Parameters")).and_then(|node| node.get(&parameter));
            let Some(value) = value else { return Vec::new() };
            for (value, _) in branches(value, &Guard::default()) {
                if value.intrinsic().is_some_and(Intrinsic::is_no_value) || is_nothing(value) {
                    return Vec::new();
                }
                found.push((*parent, stack.clone(), value));
            }
        }
        found
    }

    fn role_at(&self, document: usize, node: NodeRef<'p>, stack: Option<String>) -> Reached<'p> {
        let declarations = &self.survey.declarations[document];
        let evaluation = self.evaluation(document, self.request.region);
        match find_role(declarations, &evaluation, node) {
            FoundRole::InTemplate(role) => {
                let is_named = target(node).is_some_and(|id| id == role.id);
                let by_default = if is_named { Vec::new() } else { self.defaults_between(document, node, &role) };
                Reached::Here(RoleAt { document, role, stack, by_default })
            }
            FoundRole::Elsewhere(why, arn) => Reached::Elsewhere(why, arn),
        }
    }

    /// The parameters with whose defaults alone a text is the name of a role: those that one of the two is made of.
    fn defaults_between(&self, document: usize, node: NodeRef<'p>, role: &Role<'p>) -> Vec<String> {
        let declarations = &self.survey.declarations[document];
        let name = role.resource.get("Properties").and_then(|properties| properties.get("RoleName"));
        let of_name = name.map(|name| parameters_in(name, declarations)).unwrap_or_default();
        let of_text = parameters_in(node, declarations);
        let mut found: Vec<String> = of_text.iter().filter(|name| !of_name.contains(name)).cloned().collect();
        found.extend(of_name.into_iter().filter(|name| !of_text.contains(name)));
        found.retain(|name| Some(name.as_str()) != self.environment_parameter());
        found
    }
}
