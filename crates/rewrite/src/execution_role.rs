//! The roles that read the secrets of task definitions, where the template itself does not hold them.

use byref_config::Environment;
use byref_parameter::Region;
use byref_template::{Location, NodeRef};

use crate::container::{Guard, branches, task_definitions};
use crate::request::Document;
use crate::value::{Declarations, Evaluated, Evaluation};

/// A role that a task definition gets from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideRole {
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The role's ARN, where the template says it; else what it depends on.
    pub arn: Result<String, String>,
    /// Where the template says it.
    pub location: Location,
}

/// The execution roles that are no resources of the template: one for each branch of an `Fn::If`, in the order of the
/// text. Evaluated for an environment and a Region: pseudo parameters, and parameters by their defaults.
pub fn outside_roles(document: &Document, environment: &Environment, region: &Region) -> Vec<OutsideRole> {
    let declarations = Declarations::of(&document.template);
    let evaluation = Evaluation { declarations: &declarations, environment, region, environment_parameter: None };
    let mut found = Vec::new();
    let (task_definitions, _) = task_definitions(0, document);
    for task_definition in task_definitions {
        let role = task_definition.properties.and_then(|properties| properties.get("ExecutionRoleArn"));
        for (node, _) in role.into_iter().flat_map(|role| branches(role, &Guard::default())) {
            let call = node.intrinsic();
            let is_here = |(id, _): (String, _)| declarations.resources.contains_key(&id);
            let is_nothing =
                call.is_some_and(byref_template::Intrinsic::is_no_value) || crate::container::is_nothing(node);
            if is_nothing
                || call.and_then(byref_template::Intrinsic::target).is_some_and(is_here)
                || is_sub_of_resource(node, &declarations)
            {
                continue;
            }
            let evaluated = evaluation.alternatives(node).into_iter().next();
            let arn = match evaluated {
                Some(Evaluated::Text(text)) if is_role(&text) => Ok(text),
                Some(Evaluated::Text(_)) => Err("a text that is no ARN of a role".to_owned()),
                Some(Evaluated::Unknown(what)) => Err(what),
                None => Err("a condition".to_owned()),
            };
            let location = document.place(node);
            found.push(OutsideRole { task_definition: task_definition.logical_id.clone(), arn, location });
        }
    }
    found
}

/// `!Sub ${Role.Arn}`
fn is_sub_of_resource(node: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let text =
        node.intrinsic().filter(|call| call.name == "Sub").and_then(|call| crate::value::sub_text(call.argument));
    text.is_some_and(|text| {
        crate::value::sub_names(&text)
            .any(|name| declarations.resources.contains_key(name.split('.').next().unwrap_or(name)))
    })
}

/// `arn:aws:iam::111122223333:role/path/name`
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, resource]
    if partition.starts_with("aws") && account.len() == 12 && resource.strip_prefix("role/").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&byte))
    }))
}
