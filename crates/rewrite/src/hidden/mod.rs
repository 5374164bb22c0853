//! The parts of a template that may be a secret: every renderer masks by this one function.
//!
//! The position of a value decides, and not the name of its key: a resource may have the logical id
//! `TaskDefinition`, a label the key `Image`. The walk follows CloudFormation's grammar (section,
//! logical id, `Type`, property path) and shows what the table of resource types
//! knows to be a name there. At every other position everything is hidden.
//!
//! A table of secrets would be open at the end: a property that is new, or misspelt, would be
//! shown. A table of names errs on the safe side.

mod names;

use byref_cloudformation::{ATTRIBUTES, PARAMETER, Shape, literal, properties};
use byref_template::{Intrinsic, Kind, NodeRef, Span, Template};

use names::{Declared, is_key, is_part, is_reference};

/// The functions whose arguments are parts of the text that they make.
const TEXT_CALLS: [&str; 4] = ["Join", "Select", "Split", "Sub"];

/// The functions whose arguments are values of their own.
///
/// Source: CloudFormation template reference, "Intrinsic function reference".
const OTHER_CALLS: [&str; 14] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "GetAZs",
    "GetStackOutput",
    "Length",
    "Not",
    "Or",
    "ToJsonString",
    "Transform",
];

/// Returns every part of a template that may hold a secret, in order and without overlaps:
/// comments, and all scalars but keys and those at positions where CloudFormation has names (types,
/// references, images and the like).
///
/// Names in calls are shown if the template declares them, and texts at the position of a reference
/// if they have its grammar.
pub fn hidden_spans(template: &Template) -> Vec<Span> {
    let mut walk = Walk {
        declared: Declared::of(template),
        spans: template.comments().to_vec(),
        open: Vec::new(),
    };
    if let Some(root) = template.root() {
        walk.template(root);
    }
    while let Some((node, shape)) = walk.open.pop() {
        walk.visit(node, shape);
    }
    Span::merged(walk.spans)
}

/// The walk through a template, without recursion.
struct Walk<'t> {
    /// The names that the template declares.
    declared: Declared,
    /// The hidden places so far, in any order.
    spans: Vec<Span>,
    /// Nodes to visit, each with the shape of its position.
    open: Vec<(NodeRef<'t>, Shape)>,
}

impl<'t> Walk<'t> {
    /// Opens the sections of a template.
    fn template(&mut self, root: NodeRef<'t>) {
        if !root.kind().is_mapping() || root.intrinsic().is_some() {
            self.open.push((root, Shape::Hidden));
            return;
        }
        self.hide_properties(root);
        for entry in root.entries() {
            self.key(entry.key);
            let section = entry.key.text().unwrap_or_default();
            let is_plain = entry.value.kind().is_mapping() && entry.value.intrinsic().is_none();
            match section.as_ref() {
                "AWSTemplateFormatVersion" | "Transform" => {
                    self.open.push((entry.value, Shape::Name));
                }
                "Resources" | "Parameters" | "Outputs" if is_plain => {
                    self.hide_properties(entry.value);
                    for item in entry.value.entries() {
                        self.key(item.key);
                        self.declaration(&section, item.value);
                    }
                }
                _ => self.open.push((entry.value, Shape::Hidden)),
            }
        }
    }

    /// Opens the attributes of a resource, a parameter or an output.
    ///
    /// The type of a resource chooses the grammar of its properties. If it is written twice, either
    /// may be the one that CloudFormation reads, so neither counts.
    fn declaration(&mut self, section: &str, node: NodeRef<'t>) {
        if !node.kind().is_mapping() || node.tag().is_some() {
            self.open.push((node, Shape::Hidden));
            return;
        }
        self.hide_properties(node);
        let mut types = node
            .entries()
            .filter(|entry| entry.key.text().as_deref() == Some("Type"));
        // Of two types, either may be the one that counts.
        let only = types.next().filter(|_| types.next().is_none());
        let resource_type = only
            .and_then(|entry| literal(entry.value))
            .unwrap_or_default();
        for entry in node.entries() {
            self.key(entry.key);
            let key = entry.key.text().unwrap_or_default();
            let shape = match (section, key.as_ref()) {
                ("Resources" | "Outputs", "Condition") => Shape::Condition,
                ("Resources", "Properties") => properties(&resource_type),
                ("Resources", key) => ATTRIBUTES.key(key),
                ("Parameters", key) => PARAMETER.key(key),
                _ => Shape::Hidden,
            };
            self.open.push((entry.value, shape));
        }
    }

    /// Visits one node: a call, a collection, or a scalar, which is hidden unless its position
    /// shows it. A sequence where a single name is expected shows its items as names, since most
    /// properties take either.
    fn visit(&mut self, node: NodeRef<'t>, shape: Shape) {
        if let Some(call) = node.intrinsic() {
            self.call(node, call, shape);
            return;
        }
        self.hide_properties(node);
        let kind = node.kind();
        if kind.is_mapping() {
            self.mapping(node, shape);
        } else if kind.is_sequence() {
            let item = match shape {
                Shape::List(item) => *item,
                Shape::Name | Shape::Resource => shape,
                _ => Shape::Hidden,
            };
            self.open.extend(node.items().map(|node| (node, item)));
        } else if !self.is_shown(node, shape) {
            self.spans.push(node.span());
        }
    }

    /// Opens the entries of a mapping. The only item of a list may be written without the list, so
    /// a list's shape counts for its item.
    fn mapping(&mut self, node: NodeRef<'t>, shape: Shape) {
        // The only item of a list may be written without the list.
        let shape = if let Shape::List(item) = shape {
            *item
        } else {
            shape
        };
        let variable = match shape {
            Shape::TypedVariable => typed_variable(node),
            _ => Shape::Hidden,
        };
        for entry in node.entries() {
            self.key(entry.key);
            let key = entry.key.text().unwrap_or_default();
            let value = match (shape, key.as_ref()) {
                (Shape::TypedVariable, "Name" | "Type") => Shape::Name,
                (Shape::TypedVariable, "Value") => variable,
                (_, key) => shape.key(key),
            };
            self.open.push((entry.value, value));
        }
    }

    /// Returns whether a scalar is shown at a position of this shape.
    ///
    /// A name is shown unless it looks like a credential. References and parts must have their
    /// grammar; logical ids and conditions must be declared.
    fn is_shown(&self, node: NodeRef<'t>, shape: Shape) -> bool {
        let Some(text) = node.text() else {
            return false;
        };
        match shape {
            Shape::Name => node.kind() != Kind::Alias && !looks_secret(&text),
            Shape::Reference => is_reference(&text),
            Shape::Part => is_part(&text),
            Shape::Resource => self.declared.is_resource(&text),
            Shape::Condition => self.declared.is_condition(&text),
            Shape::Hidden | Shape::List(_) | Shape::Map(_) | Shape::TypedVariable => false,
        }
    }

    /// Opens the arguments of an intrinsic function.
    ///
    /// Names in them are shown if the template declares them, since a text in the place of a name
    /// may be a value that was pasted there. The arguments of `Fn::If` have the shape of the call
    /// itself, and those of an unknown function are hidden with its name.
    fn call(&mut self, node: NodeRef<'t>, call: Intrinsic<'t>, shape: Shape) {
        let argument = call.argument;
        // Where any name may be, one of another template may be too.
        let undeclared = if matches!(shape, Shape::Name) {
            Shape::Name
        } else {
            Shape::Hidden
        };
        let is_known = match call.name {
            "Ref" => {
                let is_declared = call
                    .target()
                    .is_some_and(|(id, _)| self.declared.is_referable(&id));
                self.open
                    .extend((!is_declared).then_some((argument, undeclared)));
                true
            }
            "GetAtt" => {
                let is_declared = call.target().is_some_and(|(id, attribute)| {
                    self.declared.is_resource(&id)
                        && attribute.is_none_or(|attribute| names::is_attribute(&attribute))
                });
                self.open
                    .extend((!is_declared).then_some((argument, undeclared)));
                true
            }
            "Condition" => {
                self.open.push((argument, Shape::Condition));
                true
            }
            "If" if argument.kind().is_sequence() => {
                let shapes = std::iter::once(Shape::Condition).chain(std::iter::repeat(shape));
                self.open.extend(argument.items().zip(shapes));
                true
            }
            "FindInMap" if argument.kind().is_sequence() => {
                self.find_in_map(argument);
                true
            }
            "ImportValue" => {
                self.open.push((argument, Shape::Part));
                true
            }
            name if TEXT_CALLS.contains(&name) => {
                self.text_call(argument, shape);
                true
            }
            name => {
                self.open.push((argument, Shape::Hidden));
                OTHER_CALLS.contains(&name)
            }
        };
        // A value that begins with `!` and has no quotes is a tag for YAML.
        if !call.is_short {
            self.hide_properties(node);
            self.open.extend(
                node.entries()
                    .map(|entry| entry.key)
                    .filter(|_| !is_known)
                    .map(|key| (key, Shape::Hidden)),
            );
        } else if !is_known || node.anchor().is_some() {
            self.spans.push(before(node));
        }
    }

    /// Opens the parts of a text that `Fn::Join`, `Fn::Sub` and their like make: each is shown
    /// where the whole text would be. The variables of `Fn::Sub` are keys, and their values are
    /// parts.
    fn text_call(&mut self, argument: NodeRef<'t>, shape: Shape) {
        let part = match shape {
            Shape::Name => Shape::Name,
            Shape::Reference | Shape::Part => Shape::Part,
            _ => Shape::Hidden,
        };
        if !argument.kind().is_sequence() {
            self.open.push((
                argument,
                if argument.kind().is_scalar() {
                    shape.scalar()
                } else {
                    Shape::Hidden
                },
            ));
            return;
        }
        for item in argument.items() {
            if item.kind().is_sequence() && item.intrinsic().is_none() {
                self.hide_properties(item);
                self.open.extend(item.items().map(|item| (item, part)));
            } else if item.kind().is_mapping() && item.intrinsic().is_none() {
                self.hide_properties(item);
                for entry in item.entries() {
                    self.key(entry.key);
                    self.open.push((entry.value, part));
                }
            } else {
                self.open.push((item, part));
            }
        }
    }

    /// Opens the arguments of `Fn::FindInMap`: the mapping's name and its two keys are shown if
    /// they are declared; a `DefaultValue` is a value.
    fn find_in_map(&mut self, argument: NodeRef<'t>) {
        let name = argument
            .items()
            .next()
            .and_then(literal)
            .unwrap_or_default();
        for (index, item) in argument.items().enumerate() {
            let is_declared = item.text().is_some_and(|text| match index {
                0 => self.declared.is_mapping(&text),
                1 | 2 => self.declared.is_key_of(&name, &text),
                _ => false,
            });
            if !item.kind().is_scalar() || item.tag().is_some() || !is_declared {
                self.open.push((item, Shape::Hidden));
            }
        }
    }

    /// Shows a key that is a name, and hides any other one: a value may have been written as a key
    /// by a missing space or quote.
    fn key(&mut self, key: NodeRef<'t>) {
        let is_shown = key.kind().is_scalar() && key.text().is_some_and(|text| is_key(&text));
        if is_shown {
            self.hide_properties(key);
        } else {
            self.open.push((key, Shape::Hidden));
        }
    }

    /// Hides a tag and an anchor: for YAML, an unquoted value that begins with `!` or `&` is one.
    fn hide_properties(&mut self, node: NodeRef<'t>) {
        let is_standard = node.anchor().is_none()
            && node
                .tag()
                .is_none_or(|tag| tag == "!" || tag.starts_with("!!"));
        if !is_standard {
            self.spans.push(before(node));
        }
    }
}

/// Returns whether the text at the position of a name is a credential that was pasted there: a
/// vendor's token, a URL with a password.
fn looks_secret(text: &str) -> bool {
    byref_judge::secret_reason("Name", text).is_some()
}

/// Returns the text before a node's value: its tag and its anchor, without the spaces behind them.
fn before(node: NodeRef<'_>) -> Span {
    let (full, span) = (node.full_span(), node.span());
    let text = &node.template().text()[full.start as usize..span.start as usize];
    Span::from(full.start as usize..full.start as usize + text.trim_end().len())
}

/// Returns the shape of a CodeBuild variable's value: a reference if its type is one.
fn typed_variable(node: NodeRef<'_>) -> Shape {
    let mut types = node
        .entries()
        .filter(|entry| entry.key.text().as_deref() == Some("Type"));
    let only = types
        .next()
        .filter(|_| types.next().is_none())
        .and_then(|entry| literal(entry.value));
    match only.as_deref() {
        Some("PARAMETER_STORE" | "SECRETS_MANAGER") => Shape::Reference,
        _ => Shape::Hidden,
    }
}

#[cfg(test)]
mod tests;
