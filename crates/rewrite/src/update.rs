//! What a stack update from one template to another does to what runs, as far as the templates tell.
//!
//! Source: CloudFormation template reference: `AWS::ECS::TaskDefinition` ("Update requires: Replacement" for all but
//! `Tags`), `AWS::ECS::Service`; CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`".

use std::collections::BTreeMap;

use byref_template::{Intrinsic, NodeRef, Template};

use crate::container::{Guard, branches, literal};

/// What becomes of a resource that has containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Created,
    /// Another one takes its place: for a task definition, a new revision.
    Replaced,
    /// It stays, and changes.
    Updated,
    /// Nothing.
    Kept,
    /// It goes.
    Removed,
}

/// A task definition, or another resource that has containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderUpdate {
    /// Its logical id.
    pub logical_id: String,
    /// `AWS::ECS::TaskDefinition`, for example.
    pub resource_type: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// A resource that starts tasks of a task definition of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserUpdate {
    /// Its logical id.
    pub logical_id: String,
    /// `AWS::ECS::Service`, for example.
    pub resource_type: String,
    /// The task definitions that it refers to.
    pub task_definitions: Vec<String>,
    /// A service's `DeploymentController.Type`: `ECS` (also where there is none), `CODE_DEPLOY`, `EXTERNAL`; not known
    /// where it is computed.
    pub controller: Option<String>,
    /// Whether a service's deployment circuit breaker is on: not known where it is computed.
    pub has_circuit_breaker: Option<bool>,
}

/// What a stack update does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackUpdate {
    /// What has containers, in the order of the new template; those that go come last.
    pub holders: Vec<HolderUpdate>,
    /// What starts tasks with the task definitions, in the order of the new template.
    pub users: Vec<UserUpdate>,
    /// Whether the new template has the transform `AWS::CodeDeployBlueGreen`, with which task definitions can't change
    /// together with other resources.
    pub is_blue_green: bool,
    /// Other resources that are new, change, or go.
    pub others: Vec<String>,
}

/// Compares two templates of one stack; without an old one everything is created.
pub fn stack_update(old: Option<&Template>, new: &Template) -> StackUpdate {
    let (old, resources) = (old.map(resources).unwrap_or_default(), resources(new));
    let find = |list: &[(String, NodeRef<'_>)], id: &str| list.iter().any(|(own, _)| own == id);
    let before: BTreeMap<&str, NodeRef<'_>> = old.iter().map(|(id, node)| (id.as_str(), *node)).collect();
    let mut update = StackUpdate { is_blue_green: is_blue_green(new), ..StackUpdate::default() };
    for (id, node) in &resources {
        let resource_type = type_of(*node);
        let fate = fate(before.get(id.as_str()).copied(), *node, &resource_type);
        if has_containers(&resource_type) {
            update.holders.push(HolderUpdate { logical_id: id.clone(), resource_type: resource_type.clone(), fate });
        } else if fate != Fate::Kept {
            update.others.push(id.clone());
        }
    }
    for (id, node) in old.iter().filter(|(id, _)| !find(&resources, id)) {
        let resource_type = type_of(*node);
        if has_containers(&resource_type) {
            update.holders.push(HolderUpdate { logical_id: id.clone(), resource_type, fate: Fate::Removed });
        } else {
            update.others.push(id.clone());
        }
    }
    for (id, node) in &resources {
        update.users.extend(user(id, *node, &update.holders));
    }
    update
}

fn resources(template: &Template) -> Vec<(String, NodeRef<'_>)> {
    let section = template.root().and_then(|root| root.get("Resources"));
    let entries = section.into_iter().flat_map(NodeRef::entries);
    entries.filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value))).collect()
}

fn type_of(resource: NodeRef<'_>) -> String {
    resource.get("Type").and_then(literal).unwrap_or_default()
}

fn has_containers(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "AWS::ECS::TaskDefinition"
            | "AWS::ECS::DaemonTaskDefinition"
            | "AWS::ECS::ExpressGatewayService"
            | "AWS::Batch::JobDefinition"
            | "AWS::AppRunner::Service"
            | "AWS::CodeBuild::Project"
    )
}

fn is_blue_green(template: &Template) -> bool {
    let transform = template.root().and_then(|root| root.get("Transform"));
    transform
        .is_some_and(|node| node.subtree().any(|node| literal(node).as_deref() == Some("AWS::CodeDeployBlueGreen")))
}

fn fate(before: Option<NodeRef<'_>>, after: NodeRef<'_>, resource_type: &str) -> Fate {
    let Some(before) = before else { return Fate::Created };
    if type_of(before) != resource_type {
        return Fate::Replaced;
    }
    let (old, new) = (before.get("Properties"), after.get("Properties"));
    if same_or_none(old, new, &[]) {
        return Fate::Kept;
    }
    let is_revised = matches!(resource_type, "AWS::ECS::TaskDefinition" | "AWS::ECS::DaemonTaskDefinition");
    if is_revised && !same_or_none(old, new, &["Tags"]) { Fate::Replaced } else { Fate::Updated }
}

fn same_or_none(one: Option<NodeRef<'_>>, two: Option<NodeRef<'_>>, without: &[&str]) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => is_same(one, two, without),
        (one, two) => one.or(two).is_none(),
    }
}

/// Whether two values are the same to CloudFormation, whatever the order of their keys, their quotes and the form of
/// their functions. `without` are keys at the top that don't count.
fn is_same(one: NodeRef<'_>, two: NodeRef<'_>, without: &[&str]) -> bool {
    let mut open = vec![(one, two, without)];
    while let Some((one, two, without)) = open.pop() {
        match (one.intrinsic(), two.intrinsic()) {
            (Some(one), Some(two)) if one.name == two.name => {
                if one.name == "GetAtt" {
                    if one.target() != two.target() {
                        return false;
                    }
                } else {
                    open.push((one.argument, two.argument, &[]));
                }
            }
            (None, None) if one.kind().is_mapping() && two.kind().is_mapping() => {
                let counts = |key: &NodeRef<'_>| key.text().is_none_or(|key| !without.contains(&key.as_ref()));
                let keys = |node: NodeRef<'_>| node.entries().filter(|entry| counts(&entry.key)).count();
                if keys(one) != keys(two) {
                    return false;
                }
                for entry in one.entries().filter(|entry| counts(&entry.key)) {
                    let Some(other) = entry.key.text().and_then(|key| two.get(&key)) else { return false };
                    open.push((entry.value, other, &[]));
                }
            }
            (None, None) if one.kind().is_sequence() && two.kind().is_sequence() => {
                if one.items().count() != two.items().count() {
                    return false;
                }
                open.extend(one.items().zip(two.items()).map(|(one, two)| (one, two, [].as_slice())));
            }
            (None, None) if one.kind().is_scalar() && two.kind().is_scalar() && one.text() == two.text() => {}
            _ => return false,
        }
    }
    true
}

/// A resource that is no holder itself and refers to one where a task definition is named.
fn user(id: &str, node: NodeRef<'_>, holders: &[HolderUpdate]) -> Option<UserUpdate> {
    const TASK_DEFINITION_KEYS: [&str; 3] = ["TaskDefinition", "TaskDefinitionArn", "DaemonTaskDefinitionArn"];
    let resource_type = type_of(node);
    if has_containers(&resource_type) {
        return None;
    }
    let properties = node.get("Properties")?;
    let mut task_definitions: Vec<String> = Vec::new();
    for mapping in properties.subtree().filter(|node| node.kind().is_mapping()) {
        for value in TASK_DEFINITION_KEYS.iter().filter_map(|key| mapping.get(key)) {
            let targets = value.subtree().filter_map(|node| node.intrinsic().and_then(Intrinsic::target));
            for (target, _) in targets {
                let is_holder = holders.iter().any(|holder| holder.logical_id == target);
                if is_holder && !task_definitions.contains(&target) {
                    task_definitions.push(target);
                }
            }
        }
    }
    if task_definitions.is_empty() {
        return None;
    }
    let only = |node: NodeRef<'_>| match branches(node, &Guard::default()).as_slice() {
        [(node, _)] => literal(*node),
        _ => None,
    };
    let controller = match properties.get("DeploymentController") {
        None => Some("ECS".to_owned()),
        Some(controller) => controller.get("Type").and_then(only),
    };
    let configuration = properties.get("DeploymentConfiguration");
    let has_circuit_breaker = match configuration {
        None => Some(false),
        Some(configuration) if configuration.intrinsic().is_some() => None,
        Some(configuration) => match configuration.get("DeploymentCircuitBreaker") {
            None => Some(false),
            Some(breaker) => breaker.get("Enable").and_then(only).map(|text| text.eq_ignore_ascii_case("true")),
        },
    };
    Some(UserUpdate { logical_id: id.to_owned(), resource_type, task_definitions, controller, has_circuit_breaker })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: web, Tags: [], ContainerDefinitions: [{Name: web, Cpu: 10, Environment: [{Name: A, Value: not-a-secret-1}]}]}
  Other: {Type: AWS::ECS::TaskDefinition, Properties: {Family: !GetAtt A.B}}
  Service:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !If [X, !Ref Task, !Ref Other], DeploymentController: {Type: CODE_DEPLOY}}
  Old: {Type: AWS::SNS::Topic}
";

    fn update(old: &str, new: &str) -> StackUpdate {
        stack_update(Some(&Template::parse(old).unwrap()), &Template::parse(new).unwrap())
    }

    fn fates(update: &StackUpdate) -> Vec<(&str, Fate)> {
        update.holders.iter().map(|holder| (holder.logical_id.as_str(), holder.fate)).collect()
    }

    #[test]
    fn only_what_counts_is_a_change() {
        let new = "\
{\"Resources\": {
  \"Task\": {\"Type\": \"AWS::ECS::TaskDefinition\", \"Properties\": {\"Tags\": [], \"Family\": \"web\", \"ContainerDefinitions\": [{\"Cpu\": 10, \"Name\": \"web\", \"Environment\": [{\"Name\": \"A\", \"Value\": \"not-a-secret-1\"}]}]}},
  \"Other\": {\"Type\": \"AWS::ECS::TaskDefinition\", \"Properties\": {\"Family\": {\"Fn::GetAtt\": [\"A\", \"B\"]}}},
  \"Service\": {\"Type\": \"AWS::ECS::Service\", \"Properties\": {\"TaskDefinition\": {\"Fn::If\": [\"X\", {\"Ref\": \"Task\"}, {\"Ref\": \"Other\"}]}, \"DeploymentController\": {\"Type\": \"CODE_DEPLOY\"}}},
  \"Old\": {\"Type\": \"AWS::SNS::Topic\"}}}";
        let update = update(OLD, new);
        assert_eq!(fates(&update), [("Task", Fate::Kept), ("Other", Fate::Kept)]);
        assert_eq!(update.others, [""; 0]);
        let user = &update.users[0];
        assert_eq!(user.task_definitions, ["Task", "Other"]);
        assert_eq!((user.controller.as_deref(), user.has_circuit_breaker), (Some("CODE_DEPLOY"), Some(false)));
    }

    #[test]
    fn a_new_revision_takes_the_place_of_what_changes() {
        let moved =
            OLD.replace("Environment: [{Name: A, Value: not-a-secret-1}]", "Secrets: [{Name: A, ValueFrom: a}]");
        assert_eq!(fates(&update(OLD, &moved)), [("Task", Fate::Replaced), ("Other", Fate::Kept)]);
        let tagged = OLD.replace("Tags: []", "Tags: [{Key: a, Value: b}]");
        assert_eq!(fates(&update(OLD, &tagged))[0], ("Task", Fate::Updated));
        let gone = OLD.replace("  Other: {Type: AWS::ECS::TaskDefinition", "  New: {Type: AWS::ECS::TaskDefinition");
        let update = update(OLD, &gone.replace("  Old: {Type: AWS::SNS::Topic}\n", ""));
        assert_eq!(fates(&update), [("Task", Fate::Kept), ("New", Fate::Created), ("Other", Fate::Removed)]);
        assert_eq!(update.others, ["Old"]);
    }

    #[test]
    fn what_is_computed_is_not_known() {
        let service = |configuration: &str| {
            let old = OLD.replace(", DeploymentController: {Type: CODE_DEPLOY}", configuration);
            stack_update(None, &Template::parse(old).unwrap()).users.remove(0).has_circuit_breaker
        };
        assert_eq!(service(""), Some(false));
        let breaker =
            |enable: &str| format!(", DeploymentConfiguration: {{DeploymentCircuitBreaker: {{Enable: {enable}}}}}");
        assert_eq!(service(&breaker("true")), Some(true));
        assert_eq!(service(&breaker("false")), Some(false));
        assert_eq!(service(&breaker("!If [X, true, false]")), None);
        assert_eq!(service(", DeploymentConfiguration: !If [X, {}, !Ref AWS::NoValue]"), None);
        let green = format!("Transform: [AWS::CodeDeployBlueGreen]\n{OLD}");
        assert!(stack_update(None, &Template::parse(green).unwrap()).is_blue_green);
    }
}
