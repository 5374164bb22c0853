//! The calls of functions in a value: texts that they put together, and references.
//!
//! A reference has no literal part, and is handed over by itself: a parameter or an attribute that
//! is passed on as a secret is judged by where it is used.

use std::borrow::Cow;

use byref_cloudformation::sub_names;
use byref_template::NodeRef;

use super::{Visitor, Walk};
use crate::compose::compose;
use crate::path::Step;
use crate::place::Place;
use crate::subject::Subject;
use crate::template_facts::Use;

impl<'t, V: Visitor<'t>> Walk<'_, 't, V> {
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
    pub(super) fn call(
        &mut self,
        node: NodeRef<'t>,
        function: &str,
        argument: NodeRef<'t>,
        place: Place,
    ) {
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
    pub(super) fn used_inside(&mut self, node: NodeRef<'t>, parameter: &str, place: Place) {
        if self.facts.parameters.contains_key(parameter) {
            self.reference(node, place, |visitor, subject| {
                visitor.parameter_used(subject, parameter);
            });
        }
    }

    /// Hands over a reference to an attribute.
    fn attribute_used(&mut self, node: NodeRef<'t>, attribute: &str, place: Place) {
        self.reference(node, place, |visitor, subject| {
            visitor.attribute_used(subject, attribute);
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
}
