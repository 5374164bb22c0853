//! The inventory of the templates of a run: later phases read it, and none of them changes it.
//!
//! Each template is walked here for its declarations, its conditions and its task definitions.
//! Everything that several phases ask for is a field, so that nothing is looked for twice.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Declarations, Defaults, Evaluation, Logic, StackInstance};
use byref_config::ReferenceForm;
use byref_parameter::Region;
use byref_template::{Diagnostic, Location, NodeRef};

use crate::container::{Container, TaskDefinition, task_definitions};
use crate::list::List;
use crate::nested::{nested_stacks, unseen_stacks};
use crate::request::{Document, Request, stack};

/// The request, the templates, and everything that is read off them once.
///
/// Vectors "by template" have one item for each of `documents`, in that order.
pub(super) struct Inventory<'t> {
    pub(super) request: Request<'t>,
    pub(super) documents: &'t [Document],
    /// The parameters, resources and mappings, by template.
    pub(super) declarations: Vec<Declarations<'t>>,
    /// The conditions that exclude or imply each other, by template.
    pub(super) logic: Vec<Logic<'t>>,
    pub(super) task_definitions: Vec<TaskDefinition<'t>>,
    /// The containers of all task definitions that belong to the application, in order; other
    /// phases name a container by its index in this list.
    pub(super) containers: Vec<Container<'t>>,
    /// Indices of the containers that have a name in one of their lists, by that name.
    pub(super) holders: BTreeMap<String, Vec<usize>>,
    /// The parts that byref can't see through of all resources with containers, also of those that
    /// do not belong to the application: by template, then by logical id.
    pub(super) opaque: Vec<BTreeMap<String, Vec<NodeRef<'t>>>>,
    /// The places that may hold containers which are not among `containers`, each with a label for
    /// messages.
    pub(super) unseen_places: Vec<(Location, &'static str)>,
    /// `Fn::ForEach` loops that make task definitions, by template.
    pub(super) loops: Vec<Vec<NodeRef<'t>>>,
    /// The stacks of other templates of the run that each template is nested as: the index of the
    /// parent template, and the logical id of the stack in it.
    pub(super) nested_as: Vec<Vec<(usize, String)>>,
}

impl<'t> Inventory<'t> {
    /// Reads the templates of an application: those that the run writes, and those that it only
    /// reads.
    pub(super) fn new(request: Request<'t>, documents: &'t [Document]) -> Self {
        let mut inventory = Self {
            request,
            documents,
            declarations: documents
                .iter()
                .map(|document| Declarations::of(&document.template))
                .collect(),
            logic: documents
                .iter()
                .map(|document| Logic::of(&document.template))
                .collect(),
            task_definitions: Vec::new(),
            containers: Vec::new(),
            holders: BTreeMap::new(),
            opaque: Vec::new(),
            unseen_places: Vec::new(),
            loops: Vec::new(),
            nested_as: documents
                .iter()
                .map(|document| nested_as(documents, document))
                .collect(),
        };
        for (index, document) in documents.iter().enumerate() {
            inventory.read_task_definitions(index, document);
        }
        inventory.holders = holders(&inventory.containers);
        inventory.unseen_places = inventory.unseen_places();
        inventory
    }

    /// Reads the task definitions of a template. Those that the application does not list are left
    /// out, but for their opaque parts.
    fn read_task_definitions(&mut self, index: usize, document: &'t Document) {
        let only = &self.request.app.task_definitions;
        let (found, loops) = task_definitions(index, document);
        self.loops.push(loops);
        self.opaque.push(
            found
                .iter()
                .map(|found| (found.logical_id.clone(), opaque_parts(found)))
                .collect(),
        );
        for mut task_definition in found {
            if only.is_empty() || only.contains(&task_definition.logical_id) {
                self.containers.append(&mut task_definition.containers);
                self.task_definitions.push(task_definition);
            }
        }
    }

    /// Returns the loops, the opaque lists and the stacks of other templates that may hold further
    /// containers. A stack does not count if the application lists its task definitions and all of
    /// them are there.
    fn unseen_places(&self) -> Vec<(Location, &'static str)> {
        let loops = self
            .loops
            .iter()
            .enumerate()
            .flat_map(|(index, keys)| keys.iter().map(move |key| (index, *key)));
        let opaque = self.task_definitions.iter();
        let opaque =
            opaque.flat_map(|found| found.opaque.iter().map(move |node| (found.document, *node)));
        let parts = loops
            .chain(opaque)
            .map(|(index, node)| self.documents[index].place(node));
        let parts = parts.map(|place| (place, "containers here can't be seen through"));
        let parents = self
            .documents
            .iter()
            .filter(|_| !self.has_all_task_definitions());
        let stacks = parents.flat_map(|document| {
            let keys = unseen_stacks(self.documents, document);
            keys.into_iter().map(|key| {
                (
                    document.place(key),
                    "this may bring containers that are not in view",
                )
            })
        });
        parts.chain(stacks).collect()
    }

    /// Returns whether the application names its task definitions, and all of them are there.
    pub(super) fn has_all_task_definitions(&self) -> bool {
        let only = &self.request.app.task_definitions;
        let is_there = |id: &String| {
            self.task_definitions
                .iter()
                .any(|found| found.logical_id == *id)
        };
        !only.is_empty() && only.iter().all(is_there)
    }

    /// Returns whether the run writes the template of a container.
    pub(super) fn writes_container(&self, container: usize) -> bool {
        self.documents[self.containers[container].document].is_written()
    }

    /// Returns the place of a container in its template.
    pub(super) fn place(&self, container: &Container<'_>) -> Location {
        self.documents[container.document].place(container.node)
    }

    /// Returns the template parameter whose value is the environment's name, if the configuration
    /// sets one.
    pub(super) fn environment_parameter(&self) -> Option<&'t str> {
        self.request
            .config
            .rewrite
            .environment_parameter
            .as_ref()
            .map(|(name, _)| name.as_str())
    }

    /// Returns the Regions in which the text of a template must hold: all of the environment's for
    /// references made of pseudo parameters, the Region of the request for literal ones.
    pub(super) fn regions(&self) -> &'t [Region] {
        match self.request.config.rewrite.reference {
            ReferenceForm::Pseudo => self.request.environment.regions.as_slice(),
            ReferenceForm::Literal => std::slice::from_ref(self.request.region),
        }
    }

    /// Returns the stack that a template becomes in a Region.
    pub(super) fn stack_in<'e>(&'e self, region: &'e Region) -> StackInstance<'e> {
        stack(
            self.request.environment,
            region,
            self.environment_parameter(),
        )
    }

    /// Returns the evaluation of a template as it is deployed to a Region, parameters at their
    /// defaults.
    pub(super) fn evaluation<'e>(&'e self, document: usize, region: &'e Region) -> Evaluation<'e> {
        Evaluation {
            declarations: &self.declarations[document],
            stack: self.stack_in(region),
            defaults: Defaults::All,
        }
    }

    /// Returns a warning for each part of the templates that may hold containers and that byref
    /// can't see through.
    pub(super) fn opaque_parts(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (index, loops) in self.loops.iter().enumerate() {
            let places = loops.iter().map(|key| self.documents[index].place(*key));
            found.extend(places.map(opaque_loop));
        }
        for task_definition in &self.task_definitions {
            let document = &self.documents[task_definition.document];
            let camel_case = task_definition.camel_case.iter();
            found.extend(camel_case.map(|key| camel_case_key(*key, document.place(*key))));
            let opaque = task_definition.opaque.iter();
            found.extend(
                opaque.map(|node| {
                    opaque_containers(&task_definition.logical_id, document.place(*node))
                }),
            );
        }
        found
    }
}

/// Returns the parts of a resource with containers in which byref can't see what it reads.
fn opaque_parts<'t>(task_definition: &TaskDefinition<'t>) -> Vec<NodeRef<'t>> {
    let mut opaque = task_definition.opaque.clone();
    for container in &task_definition.containers {
        opaque.extend(&container.secrets.opaque);
        opaque.extend(&container.unseen_logs);
        opaque.extend(container.logs.iter().flat_map(|log| &log.opaque));
    }
    opaque
}

/// Returns the warning for a loop that makes task definitions.
fn opaque_loop(place: Location) -> Diagnostic {
    Diagnostic::warning(
        "unseen-list",
        "task definitions made by `Fn::ForEach` can't be seen through",
        place,
    )
    .help("write the task definition out, if it holds one of the secrets")
}

/// Returns the warning for a key such as `containerDefinitions`, which CloudFormation ignores.
fn camel_case_key(key: NodeRef<'_>, place: Location) -> Diagnostic {
    let spelled = key.text().unwrap_or_default();
    let message =
        format!("`{spelled}` is spelled as in the ECS API, CloudFormation does not read it");
    Diagnostic::warning("camel-case", message, place)
        .help("begin the property's name with a capital letter")
}

/// Returns the warning for a part of a list of containers that byref can't see through.
fn opaque_containers(task_definition: &str, place: Location) -> Diagnostic {
    let message = format!("containers of `{task_definition}` can't be seen through here");
    Diagnostic::warning("unseen-list", message, place)
        .help("write the containers out, if one of them holds a secret")
}

/// Indexes the containers by every name that an entry of theirs has, or may have.
fn holders(containers: &[Container<'_>]) -> BTreeMap<String, Vec<usize>> {
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, container) in containers.iter().enumerate() {
        let lists = [&container.environment, &container.secrets];
        let certain = lists.into_iter().flat_map(List::names);
        let possible = lists
            .into_iter()
            .flat_map(|list| &list.pairs)
            .flat_map(|pair| &pair.possible_names);
        let names: BTreeSet<&str> = certain.chain(possible.map(String::as_str)).collect();
        for name in names {
            holders.entry(name.to_owned()).or_default().push(index);
        }
    }
    holders
}

/// Returns the stacks of other templates of the run that a template is nested as: the index of the
/// parent, and the logical id of the stack in it.
fn nested_as(documents: &[Document], child: &Document) -> Vec<(usize, String)> {
    let stacks = |(index, parent)| {
        nested_stacks(parent, child)
            .into_iter()
            .map(move |stack| (index, stack))
    };
    documents.iter().enumerate().flat_map(stacks).collect()
}
