//! The containers of a template's task definitions, seen through `Fn::If` at every level.

use byref_template::{Entry, NodeRef};

use crate::request::Document;

/// The resource types whose containers take references.
///
/// Source: CloudFormation template reference, `AWS::ECS::TaskDefinition`, `AWS::ECS::DaemonTaskDefinition`,
/// `AWS::ECS::ExpressGatewayService`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceType {
    TaskDefinition,
    DaemonTaskDefinition,
    ExpressGatewayService,
}

impl ResourceType {
    fn of(text: &str) -> Option<Self> {
        match text {
            "AWS::ECS::TaskDefinition" => Some(Self::TaskDefinition),
            "AWS::ECS::DaemonTaskDefinition" => Some(Self::DaemonTaskDefinition),
            "AWS::ECS::ExpressGatewayService" => Some(Self::ExpressGatewayService),
            _ => None,
        }
    }

    fn containers_key(self) -> &'static str {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition => "ContainerDefinitions",
            Self::ExpressGatewayService => "PrimaryContainer",
        }
    }
}

/// One of the two lists of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListName {
    Environment,
    Secrets,
}

impl ListName {
    /// The property.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Environment => "Environment",
            Self::Secrets => "Secrets",
        }
    }

    /// The key of what an entry says, beside its `Name`.
    pub(crate) fn value_key(self) -> &'static str {
        match self {
            Self::Environment => "Value",
            Self::Secrets => "ValueFrom",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Environment => Self::Secrets,
            Self::Secrets => Self::Environment,
        }
    }
}

/// The conditions under which a part of a template counts, outermost first: the name and the side of each `Fn::If`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard(pub(crate) Vec<(String, bool)>);

impl Guard {
    fn and(&self, condition: &str, side: bool) -> Self {
        let mut conditions = self.0.clone();
        conditions.push((condition.to_owned(), side));
        Self(conditions)
    }

    /// Whether both can never hold at the same time: they take opposite sides of one condition.
    pub(crate) fn excludes(&self, other: &Guard) -> bool {
        self.0
            .iter()
            .any(|(name, side)| other.0.iter().any(|(theirs, other_side)| name == theirs && side != other_side))
    }

    /// Whether this one holds whenever `other` does.
    pub(crate) fn covers(&self, other: &Guard) -> bool {
        self.0.iter().all(|condition| other.0.contains(condition))
    }

    /// The conditions that `other` does not already demand.
    pub(crate) fn beyond(&self, other: &Guard) -> Guard {
        Guard(self.0.iter().filter(|condition| !other.0.contains(condition)).cloned().collect())
    }
}

/// What a container is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ContainerName {
    Literal(String),
    /// Computed, or missing.
    Unknown,
}

/// A task definition, or an Express Gateway service.
pub(crate) struct TaskDefinition<'t> {
    pub(crate) document: usize,
    pub(crate) logical_id: String,
    pub(crate) key: NodeRef<'t>,
    pub(crate) properties: Option<NodeRef<'t>>,
    pub(crate) containers: Vec<Container<'t>>,
    /// Places in the list of containers that can't be seen through.
    pub(crate) opaque: Vec<NodeRef<'t>>,
    /// Keys in the camel case of the ECS API, which CloudFormation does not read.
    pub(crate) camel_case: Vec<NodeRef<'t>>,
}

/// One container.
pub(crate) struct Container<'t> {
    pub(crate) document: usize,
    pub(crate) task_definition: String,
    /// Its place among the containers of the task definition, from 0; both branches of an `Fn::If` count.
    pub(crate) index: usize,
    pub(crate) name: ContainerName,
    pub(crate) node: NodeRef<'t>,
    pub(crate) environment: List<'t>,
    pub(crate) secrets: List<'t>,
}

impl<'t> Container<'t> {
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

/// `Environment` or `Secrets` of a container.
#[derive(Default)]
pub(crate) struct List<'t> {
    pub(crate) entry: Option<Entry<'t>>,
    /// The lists that it may be: one, or one for each branch of the `Fn::If`s around it.
    pub(crate) leaves: Vec<Leaf<'t>>,
    /// Every pair of `Name` and value in them.
    pub(crate) pairs: Vec<Pair<'t>>,
    /// What can't be seen through.
    pub(crate) opaque: Vec<NodeRef<'t>>,
}

/// One of the lists that a property may be.
pub(crate) struct Leaf<'t> {
    pub(crate) node: NodeRef<'t>,
    pub(crate) guard: Guard,
    /// Whether it is a sequence, rather than `AWS::NoValue` or nothing.
    pub(crate) is_list: bool,
}

/// `{Name: …, Value: …}` or `{Name: …, ValueFrom: …}`.
pub(crate) struct Pair<'t> {
    /// Index into [`List::leaves`].
    pub(crate) leaf: usize,
    /// The item of the list; the pair itself, or the outermost `Fn::If` around it.
    pub(crate) item: NodeRef<'t>,
    pub(crate) mapping: NodeRef<'t>,
    /// The conditions of the list and of the item.
    pub(crate) guard: Guard,
    /// The name, where it is a literal.
    pub(crate) name: Option<String>,
    pub(crate) name_key: Option<NodeRef<'t>>,
    pub(crate) value: Option<Entry<'t>>,
}

impl Pair<'_> {
    /// The conditions of the item alone.
    pub(crate) fn item_guard(&self, list: &List<'_>) -> Guard {
        Guard(self.guard.0[list.leaves[self.leaf].guard.0.len()..].to_vec())
    }
}

impl<'t> List<'t> {
    fn of(container: NodeRef<'t>, name: ListName) -> Self {
        let mut list = List { entry: container.entry(name.key()), ..List::default() };
        let Some(entry) = list.entry else { return list };
        for (node, guard) in branches(entry.value, &Guard::default()) {
            let no_value = node.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value);
            if node.kind().is_sequence() && node.tag().is_none() {
                list.leaves.push(Leaf { node, guard, is_list: true });
                let leaf = list.leaves.len() - 1;
                for item in node.items() {
                    list.read_item(leaf, item, name.value_key());
                }
            } else if no_value || is_nothing(node) {
                list.leaves.push(Leaf { node, guard, is_list: false });
            } else {
                list.opaque.push(node);
            }
        }
        list
    }

    fn read_item(&mut self, leaf: usize, item: NodeRef<'t>, value_key: &str) {
        for (node, guard) in branches(item, &self.leaves[leaf].guard) {
            let call = node.intrinsic();
            if call.is_some_and(byref_template::Intrinsic::is_no_value) {
                continue;
            }
            if call.is_some() || !node.kind().is_mapping() || node.entries().any(|entry| opaque_key(entry.key)) {
                self.opaque.push(node);
                continue;
            }
            let name_entry = node.entry("Name");
            let name = name_entry.and_then(|entry| literal(entry.value));
            self.pairs.push(Pair {
                leaf,
                item,
                mapping: node,
                guard,
                name,
                name_key: name_entry.map(|entry| entry.key),
                value: node.entry(value_key),
            });
        }
    }

    /// Indices of the pairs with this name.
    pub(crate) fn named(&self, name: &str) -> Vec<usize> {
        let named = |(index, pair): (usize, &Pair<'_>)| (pair.name.as_deref() == Some(name)).then_some(index);
        self.pairs.iter().enumerate().filter_map(named).collect()
    }

    /// Whether the property is missing, `AWS::NoValue` or an empty list in every branch.
    pub(crate) fn is_vacant(&self) -> bool {
        self.pairs.is_empty() && self.opaque.is_empty()
    }
}

/// The text of a scalar without a tag.
pub(crate) fn literal(node: NodeRef<'_>) -> Option<String> {
    (node.tag().is_none_or(|tag| tag == "!" || tag == "!!str"))
        .then(|| node.text())
        .flatten()
        .map(std::borrow::Cow::into_owned)
}

/// Nothing, `~` or `null`.
pub(crate) fn is_nothing(node: NodeRef<'_>) -> bool {
    use byref_template::Kind;
    node.tag().is_none()
        && match node.kind() {
            Kind::Empty => true,
            Kind::Plain => matches!(node.raw(), "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
}

fn opaque_key(key: NodeRef<'_>) -> bool {
    key.text().is_some_and(|text| text == "Fn::Transform" || text.starts_with("Fn::ForEach"))
}

/// What a value may be, through any number of `Fn::If`s, in the order of the text.
pub(crate) fn branches<'t>(node: NodeRef<'t>, guard: &Guard) -> Vec<(NodeRef<'t>, Guard)> {
    let mut found = Vec::new();
    let mut open = vec![(node, guard.clone())];
    while let Some((node, guard)) = open.pop() {
        match conditional(node) {
            Some((condition, yes, no)) => {
                open.push((no, guard.and(&condition, false)));
                open.push((yes, guard.and(&condition, true)));
            }
            None => found.push((node, guard)),
        }
    }
    found
}

/// The condition and the two branches of an `Fn::If`.
pub(crate) fn conditional(node: NodeRef<'_>) -> Option<(String, NodeRef<'_>, NodeRef<'_>)> {
    let call = node.intrinsic().filter(|call| call.name == "If")?;
    let mut items = call.argument.items();
    let (condition, yes, no) = (items.next()?, items.next()?, items.next()?);
    if items.next().is_some() {
        return None;
    }
    Some((condition.text()?.into_owned(), yes, no))
}

/// The task definitions of a template, in its order.
pub(crate) fn task_definitions(index: usize, document: &Document) -> (Vec<TaskDefinition<'_>>, Vec<NodeRef<'_>>) {
    let mut found = Vec::new();
    let mut loops = Vec::new();
    let resources = document.template.root().and_then(|root| root.get("Resources"));
    for entry in resources.into_iter().flat_map(NodeRef::entries) {
        let Some(logical_id) = entry.key.text() else { continue };
        if logical_id.starts_with("Fn::ForEach") {
            if mentions_task_definition(entry.value) {
                loops.push(entry.key);
            }
            continue;
        }
        let resource_type = entry.value.get("Type").and_then(literal).and_then(|text| ResourceType::of(&text));
        if let Some(resource_type) = resource_type {
            found.push(task_definition(index, logical_id.into_owned(), entry, resource_type));
        }
    }
    (found, loops)
}

fn mentions_task_definition(body: NodeRef<'_>) -> bool {
    body.subtree().any(|node| node.text().is_some_and(|text| ResourceType::of(&text).is_some()))
}

fn task_definition(
    document: usize,
    logical_id: String,
    entry: Entry<'_>,
    resource_type: ResourceType,
) -> TaskDefinition<'_> {
    let properties = entry.value.get("Properties");
    let mut result = TaskDefinition {
        document,
        logical_id,
        key: entry.key,
        properties,
        containers: Vec::new(),
        opaque: Vec::new(),
        camel_case: Vec::new(),
    };
    let Some(properties) = properties else { return result };
    if !properties.kind().is_mapping() || properties.tag().is_some() {
        result.opaque.push(properties);
        return result;
    }
    result.opaque.extend(properties.entries().map(|entry| entry.key).filter(|key| opaque_key(*key)));
    let camel_case = ["containerDefinitions", "primaryContainer"];
    result.camel_case.extend(camel_case.iter().filter_map(|key| properties.entry(key)).map(|entry| entry.key));
    if let Some(containers) = properties.get(resource_type.containers_key()) {
        match resource_type {
            ResourceType::ExpressGatewayService => result.read_containers(vec![containers], Some("Main")),
            ResourceType::TaskDefinition | ResourceType::DaemonTaskDefinition => result.read_lists(containers),
        }
    }
    result
}

impl<'t> TaskDefinition<'t> {
    fn read_lists(&mut self, containers: NodeRef<'t>) {
        for (list, _) in branches(containers, &Guard::default()) {
            if list.kind().is_sequence() && list.tag().is_none() {
                self.read_containers(list.items().collect(), None);
            } else if !list.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value) && !is_nothing(list) {
                self.opaque.push(list);
            }
        }
    }

    fn read_containers(&mut self, items: Vec<NodeRef<'t>>, only_name: Option<&str>) {
        for item in items {
            for (node, _) in branches(item, &Guard::default()) {
                let call = node.intrinsic();
                if call.is_some_and(byref_template::Intrinsic::is_no_value) || is_nothing(node) {
                    continue;
                }
                if call.is_some() || !node.kind().is_mapping() || node.entries().any(|entry| opaque_key(entry.key)) {
                    self.opaque.push(node);
                    continue;
                }
                self.read_container(node, only_name);
            }
        }
    }

    fn read_container(&mut self, node: NodeRef<'t>, only_name: Option<&str>) {
        let literal_name = node.get("Name").and_then(literal).or_else(|| only_name.map(str::to_owned));
        let camel_case = ["environment", "secrets", "name"];
        self.camel_case.extend(camel_case.iter().filter_map(|key| node.entry(key)).map(|entry| entry.key));
        self.containers.push(Container {
            document: self.document,
            task_definition: self.logical_id.clone(),
            index: self.containers.len(),
            name: literal_name.map_or(ContainerName::Unknown, ContainerName::Literal),
            node,
            environment: List::of(node, ListName::Environment),
            secrets: List::of(node, ListName::Secrets),
        });
    }
}
