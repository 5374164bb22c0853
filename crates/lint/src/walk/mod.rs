//! The single pass over a document: it gives every value its place, its name, its path and its
//! literal text, and hands it to the rules.
//!
//! # Order
//!
//! Resources are walked before parameters and mappings. A default has no meaning by itself:
//! `Default: x` of a parameter `Value1` is a password if an environment variable `DB_PASSWORD`
//! refers to it. The uses are known once all resources have been walked, so that one pass over the
//! tree is enough.
//!
//! # Places and names
//!
//! | part of the template | place | name |
//! | --- | --- | --- |
//! | `Environment: [{Name: DB_PASSWORD, Value: x}]` | environment | `DB_PASSWORD`, by the pair |
//! | `Properties: {MasterUserPassword: x}` | a property that takes a secret | the key |
//! | `UserData: !Base64 x` | script | the key |
//! | `Tags: [{Key: a, Value: x}]` | named | `a`, by the pair |
//! | `Description: x` | prose | the key |
//! | `# x` | comment | none |

mod name;
mod uses;

use std::borrow::Cow;

use byref_cloudformation::sub_names;
use byref_template::{NodeRef, Template};

use crate::compose::{Composed, compose};
use crate::pair::Pair;
use crate::path::{Path, Step};
use crate::place::{Place, is_schema_key};
use crate::properties;
use crate::subject::{Resource, Subject};
use crate::template_facts::{Facts, Use};

pub(crate) use self::uses::Uses;

/// The receiver of what a walk comes across, in the order of the walk.
///
/// Judging and walking are apart, so that the JSON inside a value is walked by the same code with
/// another visitor.
pub(crate) trait Visitor<'t> {
    /// Receives a value with a literal part.
    fn value(&mut self, subject: &Subject<'_, 't>);
    /// Receives a reference to a parameter of the template.
    fn parameter_used(&mut self, subject: &Subject<'_, 't>, parameter: &str);
    /// Receives a reference to an attribute of a resource.
    fn attribute_used(&mut self, subject: &Subject<'_, 't>, attribute: &str);
}

/// A walk in progress.
pub(crate) struct Walk<'v, 't, V> {
    /// The receiver of what the walk comes across.
    visitor: &'v mut V,
    /// The parameters of the document.
    facts: &'v Facts<'t>,
    /// The path to the current value.
    path: Path<'t>,
    /// The resource that the walk is in.
    resource: Option<Resource<'t>>,
    /// The number of steps that lead to the resource's `Properties`.
    properties_at: usize,
    /// The uses that the walk has come across so far.
    uses: Uses,
    /// A name that a pair gives to the values below it, and that counts more than the path.
    given_name: Option<String>,
}

impl<'v, 't, V: Visitor<'t>> Walk<'v, 't, V> {
    /// Starts a walk without a path.
    pub(crate) fn new(visitor: &'v mut V, facts: &'v Facts<'t>) -> Self {
        Self {
            visitor,
            facts,
            path: Path::default(),
            resource: None,
            properties_at: 0,
            uses: Uses::default(),
            given_name: None,
        }
    }

    /// Returns the uses of parameters and mappings, after the walk.
    pub(crate) fn into_uses(self) -> Uses {
        self.uses
    }

    /// Walks a whole template. Resources come before parameters and mappings, whose values are
    /// judged by their uses.
    pub(crate) fn template(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        if !root.kind().is_mapping() {
            self.visit(root, Place::Named);
            return;
        }
        for later in [false, true] {
            for entry in root.entries() {
                let Some(section) = entry.key.text() else {
                    continue;
                };
                if matches!(section.as_ref(), "Parameters" | "Mappings") == later {
                    self.section(section, entry.value);
                }
            }
        }
    }

    /// Hands over the comments. A value that was commented out is still in the file.
    fn comments(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        for comment in template.comments() {
            let text = &template.text()[comment.range()];
            let located = crate::located::Located::bytes(text, comment.start as usize);
            let composed = Composed {
                located,
                holes: Vec::new(),
            };
            self.hand_over(root, &composed, &[(Place::Comment, String::new())], false);
        }
    }

    /// Walks a task definition or a parameter file, in which every value has a name of its own.
    pub(crate) fn document(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        self.visit(root, Place::Named);
    }

    /// Walks a configuration of the Serverless Framework, whose resources are the sections of one
    /// template or several.
    ///
    /// Source: Serverless Framework documentation, "AWS Infrastructure resources".
    pub(crate) fn serverless(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        for entry in root.entries() {
            let Some(key) = entry.key.text() else {
                continue;
            };
            let is_resources = key == "resources";
            self.path.push(Step::Key(key));
            if is_resources {
                let parts = if entry.value.kind().is_sequence() {
                    entry.value.items().collect()
                } else {
                    vec![entry.value]
                };
                for section in parts.into_iter().flat_map(NodeRef::entries) {
                    if let Some(name) = section.key.text() {
                        self.section(name, section.value);
                    }
                }
            } else {
                self.visit(entry.value, Place::Named);
            }
            self.path.pop();
        }
    }

    /// Walks a tree that is not a template.
    pub(crate) fn tree(&mut self, root: NodeRef<'t>, place: Place) {
        self.visit(root, place);
    }

    /// Walks a section of a template. Conditions and rules hold no values that are deployed.
    ///
    /// | section | place |
    /// | --- | --- |
    /// | `Mappings`, `Outputs`, `Metadata` | one of the same name |
    /// | `Description` | prose |
    /// | `Conditions`, `Rules`, `Transform` | not walked |
    /// | any other, such as `Hooks` | named |
    fn section(&mut self, name: Cow<'t, str>, node: NodeRef<'t>) {
        let key = name.clone();
        self.path.push(Step::Key(name));
        match key.as_ref() {
            "Resources" => self.resources(node, true),
            "Globals" => self.resources(node, false),
            "Parameters" => self.parameters(node),
            "Mappings" => self.visit(node, Place::Mapping),
            "Outputs" => self.visit(node, Place::Output),
            "Metadata" => self.visit(node, Place::Metadata),
            "Conditions" | "Rules" | "AWSTemplateFormatVersion" | "Transform" => {}
            "Description" => self.visit(node, Place::Prose),
            _ => self.visit(node, Place::Named),
        }
        self.path.pop();
    }

    /// Walks the resources of a section; those of `Globals` have no `Properties` of their own.
    fn resources(&mut self, node: NodeRef<'t>, has_properties: bool) {
        for entry in node.entries() {
            let Some(id) = entry.key.text() else { continue };
            let is_loop = id.starts_with("Fn::ForEach::") && entry.value.kind().is_sequence();
            self.path.push(Step::Key(id.clone()));
            if is_loop {
                // A loop has a name, a collection, and a mapping of resources.
                for item in entry.value.items().filter(|item| item.kind().is_mapping()) {
                    self.resources(item, has_properties);
                }
            } else if has_properties {
                self.resource(id, entry.value);
            } else {
                self.resource = Some(Resource {
                    id,
                    kind: Cow::Borrowed("AWS::Serverless::Function"),
                });
                self.properties_at = self.path.len();
                self.visit(entry.value, Place::Schema);
                self.resource = None;
            }
            self.path.pop();
        }
    }

    /// Walks a resource. Custom resources and nested stacks have properties that their authors
    /// name.
    fn resource(&mut self, id: Cow<'t, str>, node: NodeRef<'t>) {
        let kind = node.get("Type").and_then(NodeRef::text).unwrap_or_default();
        let is_known = kind.starts_with("AWS::") && kind != "AWS::CloudFormation::CustomResource";
        self.resource = Some(Resource {
            id,
            kind: kind.clone(),
        });
        for entry in node.entries() {
            let Some(key) = entry.key.text() else {
                continue;
            };
            let place = match key.as_ref() {
                "Properties" if !is_known => Place::Named,
                "Properties" if kind == "AWS::CloudFormation::Stack" => Place::Named,
                "Metadata" => Place::Metadata,
                "Type" | "DependsOn" | "Condition" | "DeletionPolicy" | "UpdateReplacePolicy" => {
                    continue;
                }
                _ => Place::Schema,
            };
            self.path.push(Step::Key(key));
            self.properties_at = self.path.len();
            self.visit(entry.value, place);
            self.path.pop();
        }
        self.resource = None;
    }

    /// Walks the parameters: their defaults and descriptions.
    fn parameters(&mut self, node: NodeRef<'t>) {
        for entry in node.entries() {
            let Some(id) = entry.key.text() else { continue };
            let Some(parameter) = self.facts.parameters.get(&id) else {
                continue;
            };
            self.path.push(Step::Key(id.clone()));
            for field in parameter.body.entries() {
                let Some(key) = field.key.text() else {
                    continue;
                };
                let place = match key.as_ref() {
                    "Default" if parameter.is_plain => Place::ParameterDefault,
                    "Default" => Place::Reference,
                    "Description" | "ConstraintDescription" => Place::Prose,
                    _ => continue,
                };
                self.path.push(Step::Key(key));
                self.default(field.value, place, &id, parameter.no_echo);
                self.path.pop();
            }
            self.path.pop();
        }
    }

    /// Hands over the default of a parameter, under the parameter's name and under the names of its
    /// uses.
    fn default(&mut self, node: NodeRef<'t>, place: Place, id: &str, no_echo: bool) {
        let uses = if place == Place::ParameterDefault {
            self.uses.of_parameter(id).to_vec()
        } else {
            Vec::new()
        };
        let mut contexts = vec![(place, id.to_owned())];
        contexts.extend(uses.iter().map(|used| (used.place, used.name.clone())));
        let Some(composed) = compose(node) else {
            return;
        };
        self.hand_over(node, &composed, &contexts, no_echo);
    }

    /// Walks a value of any kind.
    fn visit(&mut self, node: NodeRef<'t>, place: Place) {
        if let Some(call) = node
            .intrinsic()
            .filter(|call| call.is_short || is_function(call.name))
        {
            let function = call.name;
            if !call.is_short {
                self.path.push(Step::Call(function));
            }
            self.call(node, function, call.argument, place);
            if !call.is_short {
                self.path.pop();
            }
            return;
        }
        if node.kind().is_mapping() {
            self.mapping(node, place);
        } else if node.kind().is_sequence() {
            self.sequence(node, place);
        } else if let Some(composed) = compose(node) {
            self.literal(node, &composed, place);
        }
    }

    /// Walks a mapping. A pair gives its value a name and a place of its own.
    fn mapping(&mut self, node: NodeRef<'t>, place: Place) {
        let keys: Vec<Cow<'t, str>> = node
            .entries()
            .filter_map(|entry| entry.key.text())
            .collect();
        let in_free_map = place == Place::Schema && !keys.iter().all(|key| is_schema_key(key));
        let pair = Pair::of(node, &keys);
        let is_reference = pair.as_ref().is_some_and(|pair| pair.is_reference);
        for entry in node.entries() {
            let Some(key) = entry.key.text() else {
                continue;
            };
            let of_pair = pair.as_ref().filter(|pair| pair.value_key == key);
            let below = place.below(&key, in_free_map);
            let below = match of_pair {
                Some(_) if is_reference => Place::Reference,
                Some(pair) if pair.is_header => Place::Header,
                Some(_) if below == Place::Schema => Place::Named,
                // A file of cfn-init whose content is written as a tree: its keys are names.
                _ if below == Place::Script && key == "content" && is_document(entry.value) => {
                    Place::Named
                }
                _ => below,
            };
            let name = of_pair.map(|pair| pair.name.clone());
            self.path.push(Step::Key(key));
            let outer = match name {
                Some(name) => self.given_name.replace(name),
                None => self.given_name.take(),
            };
            self.visit(entry.value, below);
            self.given_name = outer;
            self.path.pop();
        }
    }

    /// Walks a list. A list of words in the place of a command is one command.
    fn sequence(&mut self, node: NodeRef<'t>, place: Place) {
        if place == Place::Command
            && node
                .items()
                .all(|item| item.kind().is_scalar() || item.intrinsic().is_some())
        {
            self.command(node);
            return;
        }
        for (index, item) in node.items().enumerate() {
            self.path.push(Step::Index(index));
            self.visit(item, place);
            self.path.pop();
        }
    }

    /// Hands over the words of a command together: an option is followed by its value.
    ///
    /// `["mysql", "-u", "root", !Ref Pw]` is judged as `mysql -u root`, a space, and a hole. A
    /// finding in it is located in the item that it comes from.
    fn command(&mut self, node: NodeRef<'t>) {
        let mut whole = Composed {
            located: crate::located::Located::default(),
            holes: Vec::new(),
        };
        for item in node.items() {
            if !whole.located.text.is_empty() {
                whole.located.push_between(" ", item);
            }
            if let Some(composed) = compose(item) {
                whole.located.push(&composed.located);
                whole.holes.extend(composed.holes);
            } else {
                whole.located.push_hole(item);
                whole.holes.push(item);
            }
        }
        self.literal(node, &whole, Place::Command);
    }

    /// Walks a call by what its function returns. Functions whose result is never a secret are
    /// passed over.
    ///
    /// | function | walked |
    /// | --- | --- |
    /// | `Ref`, `Fn::GetAtt` | as a reference |
    /// | `Fn::If` | both branches, not the condition |
    /// | `Fn::FindInMap` | as the use of a mapping, and its `DefaultValue` |
    /// | `Fn::Sub`, `Fn::Join`, `Fn::Base64`, `Fn::Select` | as one text, with holes |
    /// | `Fn::ImportValue`, conditions, functions of rules | not at all |
    /// | any other | each argument by itself |
    fn call(&mut self, node: NodeRef<'t>, function: &str, argument: NodeRef<'t>, place: Place) {
        match function {
            "Ref" => self.used(node, &argument.text().unwrap_or_default(), place),
            "If" => {
                for (index, branch) in argument.items().enumerate().skip(1) {
                    self.path.push(Step::Branch(index));
                    self.visit(branch, place);
                    self.path.pop();
                }
            }
            "FindInMap" => self.find_in_map(argument, place),
            "Sub" | "Join" | "Base64" | "Select" => {
                let place = if function == "Base64" && place == Place::Schema {
                    Place::Script
                } else {
                    place
                };
                self.composed(node, function, argument, place);
            }
            "GetAtt" => {
                let names: Vec<Cow<'t, str>> =
                    argument.items().skip(1).filter_map(NodeRef::text).collect();
                let written = argument
                    .text()
                    .filter(|_| argument.kind().is_scalar())
                    .unwrap_or_default();
                let attribute = written
                    .split_once('.')
                    .map_or_else(|| names.join("."), |(_, name)| name.to_owned());
                self.attribute_used(node, &attribute, place);
            }
            "ImportValue" | "GetAZs" | "Condition" | "Equals" | "And" | "Or" | "Not" | "Cidr"
            | "Length" | "GetStackOutput" | "Contains" | "EachMemberIn" | "EachMemberEquals"
            | "RefAll" | "ValueOf" | "ValueOfAll" => {}
            _ => self.visit_arguments(argument, place),
        }
    }

    /// Walks the arguments of a call whose result is unknown, each by itself.
    fn visit_arguments(&mut self, argument: NodeRef<'t>, place: Place) {
        if argument.kind().is_mapping() {
            self.mapping(argument, place);
        } else if argument.kind().is_sequence() {
            self.sequence(argument, place);
        } else if let Some(composed) = compose(argument) {
            self.literal(argument, &composed, place);
        }
    }

    /// Hands over the text that a call puts together, and walks the variables of `Fn::Sub`.
    fn composed(&mut self, node: NodeRef<'t>, function: &str, argument: NodeRef<'t>, place: Place) {
        let Some(composed) = compose(node) else {
            self.visit_arguments(argument, place);
            return;
        };
        self.literal(node, &composed, place);
        if function == "Sub" {
            // The variables of the call have names of their own.
            let variables = argument
                .items()
                .nth(1)
                .filter(|variables| variables.kind().is_mapping());
            if let Some(variables) = variables {
                self.mapping(
                    variables,
                    if place == Place::Schema {
                        Place::Named
                    } else {
                        place
                    },
                );
            }
            for name in sub_names(&composed.located.text) {
                self.used_inside(node, name, place);
                if let Some((_, attribute)) = name.split_once('.') {
                    self.attribute_used(node, attribute, place);
                }
            }
        }
    }

    /// Records the use of a mapping, and walks the default of the lookup.
    fn find_in_map(&mut self, argument: NodeRef<'t>, place: Place) {
        let items: Vec<NodeRef<'t>> = argument.items().collect();
        let text = |index: usize| {
            let node: &NodeRef<'t> = items.get(index)?;
            node.intrinsic().is_none().then(|| node.text()).flatten()
        };
        if let Some(map) = text(0) {
            let key = text(2).map(Cow::into_owned).unwrap_or_default();
            let used = Use {
                place: self.place_here(place),
                name: self.name().into_owned(),
            };
            self.uses.add_mapping(map.into_owned(), key, used);
        }
        if let Some(default) = items.get(3).and_then(|options| options.get("DefaultValue")) {
            self.visit(default, place);
        }
    }

    /// Records the use of a parameter as a whole value.
    fn used(&mut self, node: NodeRef<'t>, parameter: &str, place: Place) {
        if !self.facts.parameters.contains_key(parameter) {
            return;
        }
        let used = Use {
            place: self.place_here(place),
            name: self.name().into_owned(),
        };
        self.uses.add_parameter(parameter, used);
        self.used_inside(node, parameter, place);
    }

    /// Hands over a reference to a parameter, which may be a part of a value.
    fn used_inside(&mut self, node: NodeRef<'t>, parameter: &str, place: Place) {
        if self.facts.parameters.contains_key(parameter) {
            self.reference(node, place, |visitor, subject| {
                visitor.parameter_used(subject, parameter)
            });
        }
    }

    /// Hands over a reference to an attribute.
    fn attribute_used(&mut self, node: NodeRef<'t>, attribute: &str, place: Place) {
        self.reference(node, place, |visitor, subject| {
            visitor.attribute_used(subject, attribute)
        });
    }

    /// Hands over a reference: a value without a literal part.
    fn reference(
        &mut self,
        node: NodeRef<'t>,
        place: Place,
        give: impl FnOnce(&mut V, &Subject<'_, 't>),
    ) {
        let name = self.name().into_owned();
        let located = &crate::located::Located::default();
        let place = self.place_here(place);
        let (resource, path) = (self.resource.as_ref(), &self.path);
        give(
            self.visitor,
            &Subject {
                place,
                name: &name,
                node,
                located,
                resource,
                path,
                no_echo: false,
            },
        );
    }

    /// Hands over a value with a literal part, and walks its holes.
    fn literal(&mut self, node: NodeRef<'t>, composed: &Composed<'t>, place: Place) {
        let place = self.place_here(place);
        let name = self.name().into_owned();
        let mut contexts = vec![(place, name)];
        if place == Place::Mapping {
            contexts.extend(
                self.uses_of_mapping()
                    .into_iter()
                    .map(|used| (used.place, used.name)),
            );
        }
        self.hand_over(node, composed, &contexts, false);
        // A parameter that is a part of a value is not a secret by the name of the whole.
        let is_part =
            place != Place::Command && composed.located.text.chars().any(char::is_alphanumeric);
        for hole in &composed.holes {
            let reference = hole
                .intrinsic()
                .filter(|call| is_part && call.name == "Ref");
            match reference.and_then(|call| call.argument.text()) {
                Some(parameter) => self.used_inside(*hole, &parameter, place),
                None => self.visit(*hole, place),
            }
        }
    }

    /// Hands over a value once for each place and name that it has.
    ///
    /// A value with two contexts may have two findings at one place; the later step keeps one of
    /// them.
    fn hand_over(
        &mut self,
        node: NodeRef<'t>,
        composed: &Composed<'t>,
        contexts: &[(Place, String)],
        no_echo: bool,
    ) {
        for (place, name) in contexts {
            let (located, resource, path) = (&composed.located, self.resource.as_ref(), &self.path);
            let subject = Subject {
                place: *place,
                name,
                node,
                located,
                resource,
                path,
                no_echo,
            };
            self.visitor.value(&subject);
        }
    }

    /// Returns the uses of the mapping's value that the path leads to.
    fn uses_of_mapping(&self) -> Vec<Use> {
        let (Some(Step::Key(map)), Some(Step::Key(key))) =
            (self.path.steps().get(1), self.path.steps().get(3))
        else {
            return Vec::new();
        };
        self.uses.of_mapping(map, key)
    }

    /// Returns the place of a value, which its property may change: a property that takes a secret,
    /// and one that names the function of a custom resource.
    ///
    /// Only a place that is `Schema` or `Named` changes. A script in a property stays a script.
    fn place_here(&self, place: Place) -> Place {
        let Some(resource) = &self.resource else {
            return place;
        };
        let is_property = self
            .path
            .steps()
            .get(self.properties_at..)
            .and_then(|steps| steps.first()?.key());
        if place == Place::Named && is_property == Some("ServiceToken") {
            return Place::Reference;
        }
        if !matches!(place, Place::Schema | Place::Named) {
            return place;
        }
        let steps = self
            .path
            .steps()
            .get(self.properties_at..)
            .unwrap_or_default();
        if properties::takes_secret(&resource.kind, steps) {
            Place::SecretProperty
        } else {
            place
        }
    }
}

/// Returns `true` for long forms that are functions. `Condition` in a policy statement is not.
fn is_function(name: &str) -> bool {
    name != "Condition"
}

/// Returns `true` for a mapping that is not a call.
fn is_document(node: NodeRef<'_>) -> bool {
    node.kind().is_mapping() && node.intrinsic().is_none()
}
