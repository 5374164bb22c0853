//! The sections of a document, and the place that each gives its values.

use std::borrow::Cow;

use byref_template::{NodeRef, Template};

use super::{Visitor, Walk};
use crate::compose::{Composed, compose};
use crate::path::Step;
use crate::place::Place;
use crate::subject::Resource;

impl<'t, V: Visitor<'t>> Walk<'_, 't, V> {
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
}
