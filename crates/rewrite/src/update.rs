//! The effect of a stack update, as far as two templates tell: which resources with containers
//! change, and which services get to them.
//!
//! Source: CloudFormation template reference: `AWS::ECS::TaskDefinition` ("Update requires:
//! Replacement" for all but `Tags`), `AWS::ECS::Service`; CloudFormation user guide, "Perform ECS
//! blue/green deployments through `CodeDeploy`".

mod changed;
mod user;

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{ResourceType, blue_green, literal};
use byref_template::{NodeRef, Template};

use changed::Changed;
pub use user::{CircuitBreaker, UserUpdate};

/// The change of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceChange {
    /// The resource is new.
    Created,
    /// A new resource takes its place: for a task definition, a new revision.
    Replaced,
    /// The resource is changed in place.
    Updated,
    /// The resource is not touched.
    Unchanged,
    /// The resource is removed.
    Removed,
}

/// A task definition, or another resource that has containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderUpdate {
    /// Its logical id.
    pub logical_id: String,
    /// `AWS::ECS::TaskDefinition`, for example.
    pub resource_type: String,
    /// The change of the resource.
    pub change: ResourceChange,
    /// Whether a replaced resource is kept, by `UpdateReplacePolicy`: an old revision then stays
    /// active.
    pub is_retained: bool,
}

/// The effect of a stack update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackUpdate {
    /// The resources with containers, in the order of the new template; removed ones come last.
    pub holders: Vec<HolderUpdate>,
    /// The resources that start tasks with the task definitions, in the order of the new template.
    pub users: Vec<UserUpdate>,
    /// Whether the new template has the transform `AWS::CodeDeployBlueGreen`, with which task
    /// definitions can't change together with other resources.
    pub is_blue_green: bool,
    /// Other resources that are created, changed or removed. Task sets are left out, since they
    /// begin a blue-green deployment too.
    pub others: Vec<String>,
}

/// The type of a task set, which a deployment controller creates and not a template.
const TASK_SET: &str = "AWS::ECS::TaskSet";

/// Compares two templates of one stack. Without an old one, everything is created.
///
/// Resources are matched by their logical ids, as CloudFormation does. Values are compared as trees
/// and not as text: quotes, the order of keys and the form of a function do not count.
/// Nothing is asked of AWS.
///
/// ```
/// use byref_rewrite::{ResourceChange, stack_update};
/// use byref_template::Template;
///
/// let old = Template::parse(
///     "
/// Resources:
///   Task:
///     Type: AWS::ECS::TaskDefinition
///     Properties:
///       ContainerDefinitions:
///         - Name: web
///           Environment: [{Name: TOKEN, Value: not-a-secret}]
///   Service:
///     Type: AWS::ECS::Service
///     Properties: {TaskDefinition: !Ref Task}
/// ",
/// )?;
/// let by_value = "Environment: [{Name: TOKEN, Value: not-a-secret}]";
/// let new = old.text().replace(by_value, "Secrets: [{Name: TOKEN, ValueFrom: /web/token}]");
/// let update = stack_update(Some(&old), &Template::parse(new)?);
///
/// assert_eq!(update.holders[0].change, ResourceChange::Replaced);
/// // The text of the service is the same: it refers to whichever revision is the current one.
/// assert_eq!(update.users[0].change, ResourceChange::Unchanged);
/// assert_eq!(update.users[0].strategy.as_deref(), Some("ROLLING"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stack_update(old: Option<&Template>, new: &Template) -> StackUpdate {
    let changed = old.map(|old| Changed::of(old, new)).unwrap_or_default();
    let (old, resources) = (old.map(resources).unwrap_or_default(), resources(new));
    let after: BTreeSet<&str> = resources.iter().map(|(id, _)| id.as_str()).collect();
    let before: BTreeMap<&str, NodeRef<'_>> =
        old.iter().map(|(id, node)| (id.as_str(), *node)).collect();
    let mut update = StackUpdate {
        is_blue_green: blue_green(new).is_some(),
        ..StackUpdate::default()
    };
    for (id, node) in &resources {
        let resource_type = type_of(*node);
        let change = change_of(
            before.get(id.as_str()).copied(),
            *node,
            &resource_type,
            &changed,
        );
        if ResourceType::of(&resource_type).is_some() {
            let is_retained = is_retained(*node);
            update.holders.push(HolderUpdate {
                logical_id: id.clone(),
                resource_type,
                change,
                is_retained,
            });
        } else if change != ResourceChange::Unchanged && resource_type != TASK_SET {
            update.others.push(id.clone());
        }
    }
    for (id, node) in old.iter().filter(|(id, _)| !after.contains(id.as_str())) {
        let resource_type = type_of(*node);
        if ResourceType::of(&resource_type).is_some() {
            let (change, is_retained) = (ResourceChange::Removed, is_retained(*node));
            update.holders.push(HolderUpdate {
                logical_id: id.clone(),
                resource_type,
                change,
                is_retained,
            });
        } else if resource_type != TASK_SET {
            update.others.push(id.clone());
        }
    }
    for (id, node) in &resources {
        let change = change_of(
            before.get(id.as_str()).copied(),
            *node,
            &type_of(*node),
            &changed,
        );
        update
            .users
            .extend(user::user(id, *node, change, &update.holders));
    }
    update
}

/// Returns the resources of a template with their logical ids, in order.
fn resources(template: &Template) -> Vec<(String, NodeRef<'_>)> {
    let section = template.root().and_then(|root| root.get("Resources"));
    let entries = section.into_iter().flat_map(NodeRef::entries);
    entries
        .filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value)))
        .collect()
}

/// Returns the type of a resource, or an empty text.
fn type_of(resource: NodeRef<'_>) -> String {
    resource.get("Type").and_then(literal).unwrap_or_default()
}

/// Returns whether CloudFormation keeps a resource that it replaces.
///
/// Source: CloudFormation template reference, "`UpdateReplacePolicy` attribute".
fn is_retained(resource: NodeRef<'_>) -> bool {
    resource
        .get("UpdateReplacePolicy")
        .and_then(literal)
        .is_some_and(|policy| policy.starts_with("Retain"))
}

/// Returns the change of a resource. A task definition is replaced by any change but of its tags.
///
/// | difference | task definition | any other resource |
/// |---|---|---|
/// | none, and no changed condition or mapping | unchanged | unchanged |
/// | `Type` | replaced | replaced |
/// | `Tags` alone | updated | updated |
/// | any other property | replaced | updated |
/// | a changed condition or mapping in it | replaced | updated |
///
/// Only `Properties` count: a `DependsOn` or `Metadata` that differs changes no resource.
fn change_of(
    before: Option<NodeRef<'_>>,
    after: NodeRef<'_>,
    resource_type: &str,
    changed: &Changed,
) -> ResourceChange {
    let Some(before) = before else {
        return ResourceChange::Created;
    };
    if type_of(before) != resource_type {
        return ResourceChange::Replaced;
    }
    let (old, new) = (before.get("Properties"), after.get("Properties"));
    let is_concerned = new.is_some_and(|new| changed.concerns(new));
    if same_or_none(old, new, &[]) && !is_concerned {
        return ResourceChange::Unchanged;
    }
    let is_revised = ResourceType::of(resource_type).is_some_and(ResourceType::is_task_definition);
    let is_replaced = is_revised && (is_concerned || !same_or_none(old, new, &["Tags"]));
    if is_replaced {
        ResourceChange::Replaced
    } else {
        ResourceChange::Updated
    }
}

fn same_or_none(one: Option<NodeRef<'_>>, two: Option<NodeRef<'_>>, without: &[&str]) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => is_same(one, two, without),
        (one, two) => one.or(two).is_none(),
    }
}

/// Returns whether two values are equal for CloudFormation, whatever the order of their keys, their
/// quotes and the form of their functions. Keys in `without` do not count at the top.
///
/// | one | two | equal |
/// |---|---|---|
/// | `'10'` | `10` | yes |
/// | `{A: 1, B: 2}` | `{B: 2, A: 1}` | yes |
/// | `[a, b]` | `[b, a]` | no: lists have an order |
/// | `!GetAtt A.B` | `{Fn::GetAtt: [A, B]}` | yes |
/// | `!Sub a` | `a` | no, although both give `a` |
///
/// The comparison keeps a list of open pairs instead of recursing.
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
                let counts = |key: &NodeRef<'_>| {
                    key.text()
                        .is_none_or(|key| !without.contains(&key.as_ref()))
                };
                let keys =
                    |node: NodeRef<'_>| node.entries().filter(|entry| counts(&entry.key)).count();
                if keys(one) != keys(two) {
                    return false;
                }
                for entry in one.entries().filter(|entry| counts(&entry.key)) {
                    let Some(other) = entry.key.text().and_then(|key| two.get(&key)) else {
                        return false;
                    };
                    open.push((entry.value, other, &[]));
                }
            }
            (None, None) if one.kind().is_sequence() && two.kind().is_sequence() => {
                if one.items().count() != two.items().count() {
                    return false;
                }
                open.extend(
                    one.items()
                        .zip(two.items())
                        .map(|(one, two)| (one, two, [].as_slice())),
                );
            }
            (None, None)
                if one.kind().is_scalar() && two.kind().is_scalar() && one.text() == two.text() => {
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use ResourceChange::{Replaced, Unchanged};

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
        stack_update(
            Some(&Template::parse(old).unwrap()),
            &Template::parse(new).unwrap(),
        )
    }

    fn resource_changes(update: &StackUpdate) -> Vec<(&str, ResourceChange)> {
        update
            .holders
            .iter()
            .map(|holder| (holder.logical_id.as_str(), holder.change))
            .collect()
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
        assert_eq!(
            resource_changes(&update),
            [
                ("Task", ResourceChange::Unchanged),
                ("Other", ResourceChange::Unchanged)
            ]
        );
        assert_eq!(update.others, [""; 0]);
        let user = &update.users[0];
        assert_eq!(user.task_definitions, ["Task", "Other"]);
        assert_eq!(
            (user.controller.as_deref(), user.circuit_breaker),
            (Some("CODE_DEPLOY"), Some(CircuitBreaker::Off))
        );
    }

    #[test]
    fn a_new_revision_takes_the_place_of_what_changes() {
        let moved = OLD.replace(
            "Environment: [{Name: A, Value: not-a-secret-1}]",
            "Secrets: [{Name: A, ValueFrom: a}]",
        );
        assert_eq!(
            resource_changes(&update(OLD, &moved)),
            [
                ("Task", ResourceChange::Replaced),
                ("Other", ResourceChange::Unchanged)
            ]
        );
        let tagged = OLD.replace("Tags: []", "Tags: [{Key: a, Value: b}]");
        assert_eq!(
            resource_changes(&update(OLD, &tagged))[0],
            ("Task", ResourceChange::Updated)
        );
        let gone = OLD.replace(
            "  Other: {Type: AWS::ECS::TaskDefinition",
            "  New: {Type: AWS::ECS::TaskDefinition",
        );
        let update = update(OLD, &gone.replace("  Old: {Type: AWS::SNS::Topic}\n", ""));
        assert_eq!(
            resource_changes(&update),
            [
                ("Task", ResourceChange::Unchanged),
                ("New", ResourceChange::Created),
                ("Other", ResourceChange::Removed)
            ]
        );
        assert_eq!(update.others, ["Old"]);
    }

    #[test]
    fn mappings_and_conditions_change_what_refers_to_them() {
        let template = |image: &str, environment: &str| {
            format!(
                "Mappings: {{Images: {{a: {{b: {image}}}}}, Other: {{a: {{b: c}}}}}}\nConditions: {{IsLive: !Equals [{environment}, live], Both: !And [!Condition IsLive, !Condition IsLive]}}\n{OLD}  Third: {{Type: AWS::ECS::TaskDefinition, Properties: {{Family: !FindInMap [Images, a, b]}}}}\n  Fourth: {{Type: AWS::ECS::TaskDefinition, Properties: {{Family: !If [Both, a, b]}}}}\n  Fifth: {{Type: AWS::ECS::TaskDefinition, Properties: {{Family: !FindInMap [Other, a, b]}}}}\n"
            )
        };
        let resource_changes = |new: &str| -> Vec<ResourceChange> {
            let update = update(&template("one", "live"), new);
            update.holders.iter().map(|holder| holder.change).collect()
        };
        assert_eq!(resource_changes(&template("one", "live")), [Unchanged; 5]);
        assert_eq!(
            resource_changes(&template("two", "live")),
            [Unchanged, Unchanged, Replaced, Unchanged, Unchanged]
        );
        assert_eq!(
            resource_changes(&template("one", "test")),
            [Unchanged, Unchanged, Unchanged, Replaced, Unchanged]
        );
    }

    #[test]
    fn a_service_that_starts_what_is_new_changes() {
        let renamed = OLD
            .replace("  Task:", "  NewTask:")
            .replace("!Ref Task", "!Ref NewTask");
        let update = update(OLD, &renamed);
        assert_eq!(
            resource_changes(&update),
            [
                ("NewTask", ResourceChange::Created),
                ("Other", ResourceChange::Unchanged),
                ("Task", ResourceChange::Removed)
            ]
        );
        assert_eq!(
            (update.users[0].change, update.others.as_slice()),
            (ResourceChange::Updated, ["Service".to_owned()].as_slice())
        );
        let created = stack_update(None, &Template::parse(OLD).unwrap());
        assert_eq!(created.users[0].change, ResourceChange::Created);
    }

    #[test]
    fn what_is_kept_after_its_replacement() {
        let policy = |policy: &str| {
            let template = OLD.replace(
                "  Other: {",
                &format!("  Other: {{UpdateReplacePolicy: {policy}, "),
            );
            stack_update(None, &Template::parse(template).unwrap()).holders[1].is_retained
        };
        assert!(policy("Retain") && !policy("Delete"));
    }

    #[test]
    fn blue_green_is_a_transform() {
        let green = format!(
            "Transform: [AWS::CodeDeployBlueGreen]\n{OLD}  Set: {{Type: AWS::ECS::TaskSet, Properties: {{TaskDefinition: !Ref Task}}}}\n"
        );
        let update = update(OLD, &green);
        assert!(update.is_blue_green && update.others.is_empty());
        assert_eq!(update.users[1].resource_type, "AWS::ECS::TaskSet");
    }
}
