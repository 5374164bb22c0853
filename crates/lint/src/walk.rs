//! The one pass over a template: every value gets its place, its name, its path and its literal parts, and is handed to
//! the rules.

use std::borrow::Cow;
use std::collections::BTreeMap;

use byref_cloudformation::sub_names;
use byref_template::{NodeRef, Template};

use crate::compose::{Composed, compose};
use crate::judge::NameSays;
use crate::judge::says;
use crate::pair::Pair;
use crate::path::{Path, Step};
use crate::place::{Place, is_schema_key};
use crate::properties;
use crate::subject::{Resource, Subject};
use crate::template_facts::{Facts, Use};

/// Takes what the pass comes across.
pub(crate) trait Visitor<'t> {
    /// A value with something literal in it.
    fn value(&mut self, subject: &Subject<'_, 't>);
    /// A reference to a parameter.
    fn parameter_used(&mut self, subject: &Subject<'_, 't>, parameter: &str);
    /// A reference to an attribute of a resource.
    fn attribute_used(&mut self, subject: &Subject<'_, 't>, attribute: &str);
}

/// The pass.
pub(crate) struct Walk<'v, 't, V> {
    visitor: &'v mut V,
    facts: &'v Facts<'t>,
    path: Path<'t>,
    resource: Option<Resource<'t>>,
    /// How many steps of the path lead to the resource's `Properties`.
    properties_at: usize,
    /// Where parameters are used, by their names.
    parameter_uses: BTreeMap<String, Vec<Use>>,
    /// Where mappings are used, by their names and second keys; an empty key stands for any.
    mapping_uses: BTreeMap<(String, String), Vec<Use>>,
    /// A name for the values of what is walked now, above that of the path.
    given_name: Option<String>,
}

impl<'v, 't, V: Visitor<'t>> Walk<'v, 't, V> {
    pub(crate) fn new(visitor: &'v mut V, facts: &'v Facts<'t>) -> Self {
        Self {
            visitor,
            facts,
            path: Path::default(),
            resource: None,
            properties_at: 0,
            parameter_uses: BTreeMap::new(),
            mapping_uses: BTreeMap::new(),
            given_name: None,
        }
    }

    /// Goes over a whole template. Resources come first: how parameters and mappings are used is known after them.
    pub(crate) fn template(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        if !root.kind().is_mapping() {
            self.visit(root, Place::Named);
            return;
        }
        for later in [false, true] {
            for entry in root.entries() {
                let Some(section) = entry.key.text() else { continue };
                if matches!(section.as_ref(), "Parameters" | "Mappings") == later {
                    self.section(section, entry.value);
                }
            }
        }
    }

    /// What was commented out is in the file all the same.
    fn comments(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        for comment in template.comments() {
            let text = &template.text()[comment.range()];
            let located = crate::located::Located::bytes(text, comment.start as usize);
            let composed = Composed { located, holes: Vec::new() };
            self.hand_over(root, &composed, &[(Place::Comment, String::new())], false);
        }
    }

    /// Goes over a task definition or a parameter file: every value has a name of its own.
    pub(crate) fn document(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        self.visit(root, Place::Named);
    }

    /// Goes over a configuration of the Serverless Framework: its resources are sections of a template, or several such.
    ///
    /// Source: Serverless Framework documentation, "AWS Infrastructure resources".
    pub(crate) fn serverless(&mut self, template: &'t Template) {
        let Some(root) = template.root() else { return };
        self.comments(template);
        for entry in root.entries() {
            let Some(key) = entry.key.text() else { continue };
            let is_resources = key == "resources";
            self.path.push(Step::Key(key));
            if is_resources {
                let parts =
                    if entry.value.kind().is_sequence() { entry.value.items().collect() } else { vec![entry.value] };
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

    /// Goes over a tree that is no template.
    pub(crate) fn tree(&mut self, root: NodeRef<'t>, place: Place) {
        self.visit(root, place);
    }

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

    fn resources(&mut self, node: NodeRef<'t>, has_properties: bool) {
        for entry in node.entries() {
            let Some(id) = entry.key.text() else { continue };
            let is_loop = id.starts_with("Fn::ForEach::") && entry.value.kind().is_sequence();
            self.path.push(Step::Key(id.clone()));
            if is_loop {
                // Name, collection, and a mapping of resources.
                for item in entry.value.items().filter(|item| item.kind().is_mapping()) {
                    self.resources(item, has_properties);
                }
            } else if has_properties {
                self.resource(id, entry.value);
            } else {
                self.resource = Some(Resource { id, kind: Cow::Borrowed("AWS::Serverless::Function") });
                self.properties_at = self.path.len();
                self.visit(entry.value, Place::Schema);
                self.resource = None;
            }
            self.path.pop();
        }
    }

    fn resource(&mut self, id: Cow<'t, str>, node: NodeRef<'t>) {
        let kind = node.get("Type").and_then(NodeRef::text).unwrap_or_default();
        let is_known = kind.starts_with("AWS::") && kind != "AWS::CloudFormation::CustomResource";
        self.resource = Some(Resource { id, kind: kind.clone() });
        for entry in node.entries() {
            let Some(key) = entry.key.text() else { continue };
            let place = match key.as_ref() {
                "Properties" if !is_known => Place::Named,
                "Properties" if kind == "AWS::CloudFormation::Stack" => Place::Named,
                "Metadata" => Place::Metadata,
                "Type" | "DependsOn" | "Condition" | "DeletionPolicy" | "UpdateReplacePolicy" => continue,
                _ => Place::Schema,
            };
            self.path.push(Step::Key(key));
            self.properties_at = self.path.len();
            self.visit(entry.value, place);
            self.path.pop();
        }
        self.resource = None;
    }

    /// Where a parameter is used.
    pub(crate) fn uses_of(&self, parameter: &str) -> &[Use] {
        self.parameter_uses.get(parameter).map(Vec::as_slice).unwrap_or_default()
    }

    fn parameters(&mut self, node: NodeRef<'t>) {
        for entry in node.entries() {
            let Some(id) = entry.key.text() else { continue };
            let Some(parameter) = self.facts.parameters.get(&id) else { continue };
            self.path.push(Step::Key(id.clone()));
            for field in parameter.body.entries() {
                let Some(key) = field.key.text() else { continue };
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

    /// The default of a parameter is judged under the parameter's name, and under those of its uses.
    fn default(&mut self, node: NodeRef<'t>, place: Place, id: &str, no_echo: bool) {
        let uses = if place == Place::ParameterDefault { self.uses_of(id).to_vec() } else { Vec::new() };
        let mut contexts = vec![(place, id.to_owned())];
        contexts.extend(uses.iter().map(|used| (used.place, used.name.clone())));
        let Some(composed) = compose(node) else { return };
        self.hand_over(node, &composed, &contexts, no_echo);
    }

    /// Goes over a value of any kind.
    fn visit(&mut self, node: NodeRef<'t>, place: Place) {
        if let Some(call) = node.intrinsic().filter(|call| call.is_short || is_function(call.name)) {
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

    fn mapping(&mut self, node: NodeRef<'t>, place: Place) {
        let keys: Vec<Cow<'t, str>> = node.entries().filter_map(|entry| entry.key.text()).collect();
        let in_free_map = place == Place::Schema && !keys.iter().all(|key| is_schema_key(key));
        let pair = Pair::of(node, &keys);
        let is_reference = pair.as_ref().is_some_and(|pair| pair.is_reference);
        for entry in node.entries() {
            let Some(key) = entry.key.text() else { continue };
            let of_pair = pair.as_ref().filter(|pair| pair.value_key == key);
            let below = place.below(&key, in_free_map);
            let below = match of_pair {
                Some(_) if is_reference => Place::Reference,
                Some(pair) if pair.is_header => Place::Header,
                Some(_) if below == Place::Schema => Place::Named,
                // A file of cfn-init whose content is given as a tree: keys are names.
                _ if below == Place::Script && key == "content" && is_document(entry.value) => Place::Named,
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

    fn sequence(&mut self, node: NodeRef<'t>, place: Place) {
        if place == Place::Command && node.items().all(|item| item.kind().is_scalar() || item.intrinsic().is_some()) {
            self.command(node);
            return;
        }
        for (index, item) in node.items().enumerate() {
            self.path.push(Step::Index(index));
            self.visit(item, place);
            self.path.pop();
        }
    }

    /// The words of a command are judged together: an option is followed by its value.
    fn command(&mut self, node: NodeRef<'t>) {
        let mut whole = Composed { located: crate::located::Located::default(), holes: Vec::new() };
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
                let place = if function == "Base64" && place == Place::Schema { Place::Script } else { place };
                self.composed(node, function, argument, place);
            }
            "GetAtt" => {
                let names: Vec<Cow<'t, str>> = argument.items().skip(1).filter_map(NodeRef::text).collect();
                let written = argument.text().filter(|_| argument.kind().is_scalar()).unwrap_or_default();
                let attribute = written.split_once('.').map_or_else(|| names.join("."), |(_, name)| name.to_owned());
                self.attribute_used(node, &attribute, place);
            }
            "ImportValue" | "GetAZs" | "Condition" | "Equals" | "And" | "Or" | "Not" | "Cidr" | "Length"
            | "GetStackOutput" | "Contains" | "EachMemberIn" | "EachMemberEquals" | "RefAll" | "ValueOf"
            | "ValueOfAll" => {}
            _ => self.visit_arguments(argument, place),
        }
    }

    /// Arguments of a call whose result is not known: each by itself.
    fn visit_arguments(&mut self, argument: NodeRef<'t>, place: Place) {
        if argument.kind().is_mapping() {
            self.mapping(argument, place);
        } else if argument.kind().is_sequence() {
            self.sequence(argument, place);
        } else if let Some(composed) = compose(argument) {
            self.literal(argument, &composed, place);
        }
    }

    fn composed(&mut self, node: NodeRef<'t>, function: &str, argument: NodeRef<'t>, place: Place) {
        let Some(composed) = compose(node) else {
            self.visit_arguments(argument, place);
            return;
        };
        self.literal(node, &composed, place);
        if function == "Sub" {
            // The variables of the call have names of their own.
            let variables = argument.items().nth(1).filter(|variables| variables.kind().is_mapping());
            if let Some(variables) = variables {
                self.mapping(variables, if place == Place::Schema { Place::Named } else { place });
            }
            for name in substituted(&composed.located.text) {
                self.used_inside(node, &name, place);
                if let Some((_, attribute)) = name.split_once('.') {
                    self.attribute_used(node, attribute, place);
                }
            }
        }
    }

    fn find_in_map(&mut self, argument: NodeRef<'t>, place: Place) {
        let items: Vec<NodeRef<'t>> = argument.items().collect();
        let text = |index: usize| {
            let node: &NodeRef<'t> = items.get(index)?;
            node.intrinsic().is_none().then(|| node.text()).flatten()
        };
        if let Some(map) = text(0) {
            let key = text(2).map(Cow::into_owned).unwrap_or_default();
            let used = Use { place: self.place_here(place), name: self.name().into_owned() };
            let known = self.mapping_uses.entry((map.into_owned(), key)).or_default();
            if !known.contains(&used) {
                known.push(used);
            }
        }
        if let Some(default) = items.get(3).and_then(|options| options.get("DefaultValue")) {
            self.visit(default, place);
        }
    }

    fn used(&mut self, node: NodeRef<'t>, parameter: &str, place: Place) {
        if !self.facts.parameters.contains_key(parameter) {
            return;
        }
        let used = Use { place: self.place_here(place), name: self.name().into_owned() };
        let known = self.parameter_uses.entry(parameter.to_owned()).or_default();
        if !known.contains(&used) {
            known.push(used);
        }
        self.used_inside(node, parameter, place);
    }

    fn used_inside(&mut self, node: NodeRef<'t>, parameter: &str, place: Place) {
        if self.facts.parameters.contains_key(parameter) {
            self.reference(node, place, |visitor, subject| visitor.parameter_used(subject, parameter));
        }
    }

    fn attribute_used(&mut self, node: NodeRef<'t>, attribute: &str, place: Place) {
        self.reference(node, place, |visitor, subject| visitor.attribute_used(subject, attribute));
    }

    /// Hands over a reference: a value with nothing literal in it.
    fn reference(&mut self, node: NodeRef<'t>, place: Place, give: impl FnOnce(&mut V, &Subject<'_, 't>)) {
        let name = self.name().into_owned();
        let located = &crate::located::Located::default();
        let place = self.place_here(place);
        let (resource, path) = (self.resource.as_ref(), &self.path);
        give(self.visitor, &Subject { place, name: &name, node, located, resource, path, no_echo: false });
    }

    /// A value with something literal in it.
    fn literal(&mut self, node: NodeRef<'t>, composed: &Composed<'t>, place: Place) {
        let place = self.place_here(place);
        let name = self.name().into_owned();
        let mut contexts = vec![(place, name)];
        if place == Place::Mapping {
            contexts.extend(self.uses_of_mapping().into_iter().map(|used| (used.place, used.name)));
        }
        self.hand_over(node, composed, &contexts, false);
        // A parameter that is a part of a value is no secret by the name of the whole.
        let is_part = place != Place::Command && composed.located.text.chars().any(char::is_alphanumeric);
        for hole in &composed.holes {
            let reference = hole.intrinsic().filter(|call| is_part && call.name == "Ref");
            match reference.and_then(|call| call.argument.text()) {
                Some(parameter) => self.used_inside(*hole, &parameter, place),
                None => self.visit(*hole, place),
            }
        }
    }

    fn hand_over(&mut self, node: NodeRef<'t>, composed: &Composed<'t>, contexts: &[(Place, String)], no_echo: bool) {
        for (place, name) in contexts {
            let (located, resource, path) = (&composed.located, self.resource.as_ref(), &self.path);
            let subject = Subject { place: *place, name, node, located, resource, path, no_echo };
            self.visitor.value(&subject);
        }
    }

    /// Uses of the mapping value that the path leads to.
    fn uses_of_mapping(&self) -> Vec<Use> {
        let (Some(Step::Key(map)), Some(Step::Key(key))) = (self.path.steps().get(1), self.path.steps().get(3)) else {
            return Vec::new();
        };
        let uses = |key: &str| self.mapping_uses.get(&(map.to_string(), key.to_owned())).into_iter().flatten();
        uses(key).chain(uses("")).cloned().collect()
    }

    /// A property that takes a secret is a place of its own, and so is the one that names the function of a custom resource.
    fn place_here(&self, place: Place) -> Place {
        let Some(resource) = &self.resource else { return place };
        let is_property = self.path.steps().get(self.properties_at..).and_then(|steps| steps.first()?.key());
        if place == Place::Named && is_property == Some("ServiceToken") {
            return Place::Reference;
        }
        if !matches!(place, Place::Schema | Place::Named) {
            return place;
        }
        let steps = self.path.steps().get(self.properties_at..).unwrap_or_default();
        if properties::takes_secret(&resource.kind, steps) { Place::SecretProperty } else { place }
    }

    /// A key that says nothing, in a collection that says what is in it: `Secrets: {prod: {db: x}}`.
    fn collection(&self, key: &str) -> Option<&str> {
        if says(key) != NameSays::Nothing {
            return None;
        }
        let above =
            self.path.steps().iter().rev().filter_map(Step::key).skip_while(|above| *above != key).skip(1).take(2);
        let mut collections = above.filter(|above| {
            let is_plural = ["secrets", "passwords", "credentials", "creds", "tokens"]
                .iter()
                .any(|end| above.to_ascii_lowercase().ends_with(end));
            is_plural && says(above).is_strong()
        });
        collections.next()
    }

    /// The name that the value stands under: that of its pair, else the nearest key that says something.
    fn name(&self) -> Cow<'_, str> {
        if let Some(name) = &self.given_name {
            return Cow::Borrowed(name);
        }
        let mut nearest = None;
        let keys = self.path.steps().iter().rev().filter_map(Step::key).take(4);
        for key in keys {
            if matches!(key, "Properties" | "Resources" | "Outputs" | "Mappings" | "Metadata" | "Parameters") {
                break;
            }
            nearest = nearest.or(Some(key));
            // Who owns a file, in cfn-init and cloud-init, whatever the file is called.
            if matches!(key, "owner" | "group" | "mode") {
                return Cow::Borrowed(key);
            }
            if !is_neutral(key) {
                return Cow::Borrowed(self.collection(key).unwrap_or(key));
            }
        }
        // The value of a parameter in Parameter Store is called like the resource.
        let resource = self
            .resource
            .as_ref()
            .filter(|resource| resource.kind == "AWS::SSM::Parameter" && nearest == Some("Value"));
        Cow::Borrowed(resource.map_or(nearest.unwrap_or_default(), |resource| resource.id.as_ref()))
    }
}

/// Long forms that are functions; `Condition` of a statement is none.
fn is_function(name: &str) -> bool {
    name != "Condition"
}

/// Keys that say nothing about their value: `Value`, `Default`, an environment, a Region.
fn is_neutral(key: &str) -> bool {
    let is_word = |word: &str| key.eq_ignore_ascii_case(word);
    let words = [
        "value",
        "default",
        "text",
        "content",
        "contents",
        "data",
        "string",
        "prod",
        "production",
        "dev",
        "development",
        "test",
        "testing",
        "stage",
        "staging",
        "qa",
        "uat",
        "live",
        "sandbox",
        "preprod",
        "all",
        "any",
        "values",
        "plain",
        "raw",
    ];
    words.iter().any(|word| is_word(word)) && says(key) == NameSays::Nothing
        || key.bytes().all(|byte| !byte.is_ascii_alphabetic())
        || is_region(key)
}

fn is_region(key: &str) -> bool {
    let parts: Vec<&str> = key.split('-').collect();
    parts.len() >= 3
        && parts[0].len() == 2
        && parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The names in `${…}` of a `Fn::Sub`.
fn substituted(text: &str) -> Vec<String> {
    sub_names(text).map(str::to_owned).collect()
}

fn is_document(node: NodeRef<'_>) -> bool {
    node.kind().is_mapping() && node.intrinsic().is_none()
}
