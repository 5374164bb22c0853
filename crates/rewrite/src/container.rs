//! The containers of a template's task definitions, seen through `Fn::If` at every level.

use std::collections::BTreeSet;

use byref_cloudformation::{
    Facts, Layout, ListName, Place, ResourceType, Step, alternatives, is_nothing, literal, mapping,
    reach,
};
use byref_template::{Entry, NodeRef};

use crate::list::List;
use crate::log::LogConfiguration;
use crate::request::Document;

/// Where a role is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RoleGap<'t> {
    /// The property is empty, or `AWS::NoValue`.
    Empty(NodeRef<'t>),
    /// The mapping lacks the property.
    Holder(NodeRef<'t>),
    /// Even that mapping is missing: it goes here, under this key.
    Owner(NodeRef<'t>, &'static str),
}

/// What a container is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ContainerName {
    Literal(String),
    /// Computed, or missing.
    Unknown,
}

/// A task definition, or another resource that has containers.
pub(crate) struct TaskDefinition<'t> {
    pub(crate) document: usize,
    pub(crate) logical_id: String,
    pub(crate) resource_type: ResourceType,
    pub(crate) containers: Vec<Container<'t>>,
    /// Places in the list of containers that can't be seen through.
    pub(crate) opaque: Vec<NodeRef<'t>>,
    /// Keys in the camel case of the ECS API, which CloudFormation does not read.
    pub(crate) camel_case: Vec<NodeRef<'t>>,
    /// The node by which it runs on container instances, and not on Fargate.
    pub(crate) on_instances: Option<NodeRef<'t>>,
}

/// One container.
pub(crate) struct Container<'t> {
    pub(crate) document: usize,
    pub(crate) task_definition: String,
    /// Its place among the containers of the task definition, from 0; both branches of an `Fn::If`
    /// count.
    pub(crate) index: usize,
    pub(crate) name: ContainerName,
    pub(crate) resource_type: ResourceType,
    pub(crate) node: NodeRef<'t>,
    /// What the role may be that reads its secrets, with the place of the property; none where it
    /// is missing.
    pub(crate) roles: Vec<Option<NodeRef<'t>>>,
    /// The property that names the role, or the resource's key where it is missing.
    pub(crate) role_place: NodeRef<'t>,
    /// Where a role would have to be written that is missing.
    pub(crate) role_gaps: Vec<RoleGap<'t>>,
    /// The roles that the application itself has.
    pub(crate) application_roles: Vec<NodeRef<'t>>,
    pub(crate) environment: List<'t>,
    pub(crate) secrets: List<'t>,
    pub(crate) logs: Vec<LogConfiguration<'t>>,
    /// Log configurations that can't be seen through.
    pub(crate) unseen_logs: Vec<NodeRef<'t>>,
}

impl<'t> Container<'t> {
    pub(crate) fn layout(&self) -> Layout {
        self.resource_type.layout()
    }

    pub(crate) fn list(&self, name: ListName) -> &List<'t> {
        match name {
            ListName::Environment => &self.environment,
            ListName::Secrets => &self.secrets,
        }
    }
    /// Its name, or `WebTask[0]` where the name is not a literal.
    pub(crate) fn label(&self) -> String {
        match &self.name {
            ContainerName::Literal(name) => name.clone(),
            ContainerName::Unknown => format!("{}[{}]", self.task_definition, self.index),
        }
    }
}

/// The containers of a template: the logical id of each one's task definition, and its name.
///
/// A container whose name is computed is listed by its place, as the configuration can name it:
///
/// ```
/// use byref_rewrite::{Document, DocumentRole, container_names};
/// use byref_template::{Sources, Template};
///
/// let yaml = "
/// Resources:
///   Task:
///     Type: AWS::ECS::TaskDefinition
///     Properties:
///       ContainerDefinitions:
///         - Name: web
///         - Name: !Ref SidecarName
/// ";
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let names = container_names(&document);
/// let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
/// assert_eq!(names, ["Task[1]", "web"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn container_names(document: &Document) -> BTreeSet<(String, String)> {
    let (found, _) = task_definitions(0, document);
    let containers = found
        .iter()
        .flat_map(|task_definition| &task_definition.containers);
    containers
        .map(|container| (container.task_definition.clone(), container.label()))
        .collect()
}

/// The task definitions of a template, in its order.
pub(crate) fn task_definitions(
    index: usize,
    document: &Document,
) -> (Vec<TaskDefinition<'_>>, Vec<NodeRef<'_>>) {
    let mut found = Vec::new();
    let mut loops = Vec::new();
    let resources = document
        .template
        .root()
        .and_then(|root| root.get("Resources"));
    for entry in resources.into_iter().flat_map(NodeRef::entries) {
        let Some(logical_id) = entry.key.text() else {
            continue;
        };
        if logical_id.starts_with("Fn::ForEach") {
            if mentions_task_definition(entry.value) {
                loops.push(entry.key);
            }
            continue;
        }
        let resource_type = entry
            .value
            .get("Type")
            .and_then(literal)
            .and_then(|text| ResourceType::of(&text));
        if let Some(resource_type) = resource_type {
            found.push(task_definition(
                index,
                logical_id.into_owned(),
                entry,
                resource_type,
            ));
        }
    }
    (found, loops)
}

fn mentions_task_definition(body: NodeRef<'_>) -> bool {
    body.subtree().any(|node| {
        node.text()
            .is_some_and(|text| ResourceType::of(&text).is_some())
    })
}

fn task_definition(
    document: usize,
    logical_id: String,
    entry: Entry<'_>,
    resource_type: ResourceType,
) -> TaskDefinition<'_> {
    let mut result = TaskDefinition {
        document,
        logical_id,
        resource_type,
        containers: Vec::new(),
        opaque: Vec::new(),
        camel_case: Vec::new(),
        on_instances: None,
    };
    let Some(properties) = entry.value.get("Properties") else {
        return result;
    };
    let Some(properties) = mapping(properties, &mut result.opaque) else {
        return result;
    };
    let camel_case = [
        "containerDefinitions",
        "primaryContainer",
        "containerProperties",
        "ecsProperties",
    ];
    result.camel_case.extend(
        camel_case
            .iter()
            .filter_map(|key| properties.entry(key))
            .map(|entry| entry.key),
    );
    result.on_instances = on_instances(properties);
    for place in resource_type.places() {
        for owner in reach(properties, place.owner, &mut result.opaque) {
            let roles = Roles::of(entry, resource_type, owner, place);
            for node in reach(owner, place.containers, &mut result.opaque) {
                result.read_container(node, &roles);
            }
        }
    }
    result
}

/// Source: ECS API reference, `TaskDefinition.requiresCompatibilities`.
fn on_instances(properties: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let steps = [Step::Key("RequiresCompatibilities"), Step::Items];
    let is_instance =
        |node: &NodeRef<'_>| matches!(literal(*node).as_deref(), Some("EC2" | "EXTERNAL"));
    reach(properties, &steps, &mut Vec::new())
        .into_iter()
        .find(is_instance)
}

/// The roles of containers that share them.
#[derive(Clone)]
struct Roles<'t> {
    found: Vec<Option<NodeRef<'t>>>,
    place: NodeRef<'t>,
    gaps: Vec<RoleGap<'t>>,
    of_application: Vec<NodeRef<'t>>,
}

impl<'t> Roles<'t> {
    /// What a role may be: the alternatives of the property in each of the mappings that may hold
    /// it.
    fn of(
        resource: Entry<'t>,
        resource_type: ResourceType,
        owner: NodeRef<'t>,
        place: &Place,
    ) -> Self {
        let key = resource_type.role_key();
        let holders = reach(owner, place.role, &mut Vec::new());
        let property = holders.iter().find_map(|holder| holder.entry(key));
        let mut roles = Self {
            found: Vec::new(),
            place: property.map_or(resource.key, |property| property.value),
            gaps: Vec::new(),
            of_application: Vec::new(),
        };
        for name in ["TaskRoleArn", "JobRoleArn"] {
            roles
                .of_application
                .extend(reach(owner, &[Step::Key(name)], &mut Vec::new()));
        }
        for holder in &holders {
            let Some(value) = holder.get(key) else {
                roles.found.push(None);
                roles.gaps.push(RoleGap::Holder(*holder));
                continue;
            };
            for node in alternatives(value) {
                let is_missing = node
                    .intrinsic()
                    .is_some_and(byref_template::Intrinsic::is_no_value);
                if is_missing || is_nothing(node) {
                    roles.found.push(None);
                    roles.gaps.push(RoleGap::Empty(node));
                } else {
                    roles.found.push(Some(node));
                }
            }
        }
        if roles.found.is_empty() {
            roles.found.push(None);
            if let ([Step::Key(name)], None) = (
                place.role,
                place.role.first().and_then(|step| step.of(owner)),
            ) {
                roles.gaps.push(RoleGap::Owner(owner, name));
            }
        }
        roles
    }
}

impl<'t> TaskDefinition<'t> {
    fn read_container(&mut self, node: NodeRef<'t>, roles: &Roles<'t>) {
        let Some(node) = mapping(node, &mut self.opaque) else {
            return;
        };
        let only_name = self.resource_type.only_name().map(str::to_owned);
        let certain =
            |name: NodeRef<'t>| literal(name).or_else(|| Facts::of(name.template()).text(name));
        let certain_name = node.get("Name").and_then(certain).or(only_name);
        let layout = self.resource_type.layout();
        if layout == Layout::EnvironmentAndSecrets {
            let camel_case = ["environment", "secrets", "name"];
            self.camel_case.extend(
                camel_case
                    .iter()
                    .filter_map(|key| node.entry(key))
                    .map(|entry| entry.key),
            );
        }
        let (logs, unseen_logs) = LogConfiguration::of(node);
        self.containers.push(Container {
            document: self.document,
            task_definition: self.logical_id.clone(),
            index: self.containers.len(),
            name: certain_name.map_or(ContainerName::Unknown, ContainerName::Literal),
            resource_type: self.resource_type,
            node,
            roles: roles.found.clone(),
            role_place: roles.place,
            role_gaps: roles.gaps.clone(),
            application_roles: roles.of_application.clone(),
            environment: List::of(node, layout, ListName::Environment),
            secrets: List::of(node, layout, ListName::Secrets),
            logs,
            unseen_logs,
        });
    }
}
