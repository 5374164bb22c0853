//! The evaluator of intrinsic functions.
//!
//! There is one evaluator, and one answer: a [`Value`] lists the texts that a node may evaluate to,
//! each in pieces with their places in the template, and with the facts that unknown pieces depend
//! on. Callers differ only in the values that they give names, and [`Names`] is that difference:
//! the values in a stack with the defaults of its parameters, those that hold whatever is passed to
//! a stack, or none, for a reader of the template as it is written.
//!
//! The evaluator knows `Ref`, `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::FindInMap` and `Fn::If`.
//! The results of other functions depend on a deployment (`Fn::GetAtt`, `Fn::ImportValue`, …), and
//! are unknown. Nothing is guessed: a value is known only if CloudFormation would make exactly this
//! text of it.
//!
//! ```
//! use byref_cloudformation::{Written, evaluate};
//! use byref_template::Template;
//! let template = Template::parse("!Join ['/', [db, !Ref Stage]]").unwrap();
//! let value = evaluate(&Written, template.root().unwrap());
//! let text = value.only().unwrap();
//! assert_eq!(text.known(), Err("`Stage`".to_owned()));
//! assert_eq!(text.with(|_| "?".to_owned()), "db/?");
//! ```
//!
//! Source: CloudFormation template reference, "Intrinsic function reference".

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use byref_template::{Intrinsic, MAX_DEPTH, NodeRef};

use crate::guard::conditional;
use crate::intrinsics::is_function;
use crate::node::{is_nothing, is_untagged};
use crate::sub::{SubPart, sub_parts};
use crate::value::{Lookup, Names, Piece, Side, TOO_MANY, Text, Value};

/// Evaluates a scalar or a call.
///
/// A list, a mapping and a null are no texts, and so unknown. Recursion is bounded by the depth
/// that a template may have.
pub fn evaluate<'t>(names: &dyn Names<'t>, node: NodeRef<'t>) -> Value<'t> {
    Evaluator {
        names,
        conditions: Conditions::Decided,
    }
    .node(node, 0)
}

/// The treatment of `Fn::If`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conditions {
    /// By the names.
    Decided,
    /// Not at all.
    Unknown,
}

/// An evaluation in progress. It is copied rather than changed: the value of another resource is
/// evaluated by a copy that looks at no conditions.
#[derive(Clone, Copy)]
struct Evaluator<'n, 't> {
    /// The values of names.
    names: &'n dyn Names<'t>,
    /// The treatment of `Fn::If`.
    conditions: Conditions,
}

impl<'t> Evaluator<'_, 't> {
    /// Evaluates a node, `depth` calls below the one that was asked for.
    fn node(&self, node: NodeRef<'t>, depth: usize) -> Value<'t> {
        if depth > MAX_DEPTH {
            return Value::unknown(node, "a value that refers to itself");
        }
        let Some(call) = node.intrinsic() else {
            return self.scalar(node);
        };
        match call.name {
            "Ref" => match plain(call.argument) {
                Some(name) => self.name(&name, node, depth),
                None => Value::unknown(node, "a name that the template does not declare"),
            },
            "Sub" => self.sub(node, call.argument, depth),
            "Join" => self.join(node, call.argument, depth),
            "Select" => match selected(call.argument) {
                Some(item) => self.in_place_of(node, item, depth),
                None => Value::unknown(node, "`Fn::Select`"),
            },
            "Base64" if self.names.is_written() => self.in_place_of(node, call.argument, depth),
            "FindInMap" => self.find_in_map(node, call, depth),
            "If" => self.branch(node, depth),
            name if is_function(name) => Value::unknown(node, format!("`Fn::{name}`")),
            // A value that begins with `!` and has no quotes is a tag for YAML, and may be a
            // secret.
            _ => Value::unknown(node, "an unknown function"),
        }
    }

    /// Evaluates a scalar: its text, unless it is a null.
    fn scalar(&self, node: NodeRef<'t>) -> Value<'t> {
        let text = if self.names.is_written() {
            node.text()
        } else {
            plain(node).filter(|_| !is_nothing(node))
        };
        match text {
            Some(text) => Value::known(text, node, Some(0)),
            None => Value::unknown(node, "a value that is not text"),
        }
    }

    /// Evaluates what takes the place of a call; where nothing is known of it, the call itself is
    /// what is unknown.
    ///
    /// `!Base64 {'Fn::Select': [0, !Ref List]}` is unknown as a whole, and not because of a node
    /// inside.
    fn in_place_of(&self, call: NodeRef<'t>, node: NodeRef<'t>, depth: usize) -> Value<'t> {
        let mut value = self.node(node, depth + 1);
        for text in &mut value.texts {
            if let [Piece::Unknown { node: own, .. }] = text.pieces.as_mut_slice()
                && own.id() == node.id()
            {
                *own = call;
            }
        }
        value
    }

    /// Evaluates a name. What is not known of it keeps the name, so that two unknown values can be
    /// told to be the same.
    fn name(&self, name: &str, node: NodeRef<'t>, depth: usize) -> Value<'t> {
        let unknown = |reason: String| Value {
            texts: vec![Text::of(Piece::Unknown {
                node,
                name: Some(name.to_owned()),
                reason,
            })],
        };
        match self.names.name(name) {
            Lookup::Texts(texts) => Value::any(
                texts
                    .into_iter()
                    .map(|text| Value::known(text.into(), node, None)),
                node,
            ),
            // A part of another resource is known as a whole, or not at all: its conditions are not
            // looked at.
            Lookup::Node(other) => {
                let value = Self {
                    conditions: Conditions::Unknown,
                    ..*self
                }
                .node(other, depth + 1);
                match value
                    .only()
                    .map_or_else(|| Err(TOO_MANY.to_owned()), Text::known)
                {
                    Ok(text) => Value::known(text.into(), node, None),
                    Err(reason) => unknown(reason),
                }
            }
            Lookup::Unknown(reason) => unknown(reason),
        }
    }

    /// Evaluates an `Fn::FindInMap`, whose leaves must all be texts: a list is none.
    fn find_in_map(&self, node: NodeRef<'t>, call: Intrinsic<'t>, depth: usize) -> Value<'t> {
        match self.names.mapped(call, &|key| self.node(key, depth + 1)) {
            Ok(leaves) if leaves.iter().all(|leaf| plain(*leaf).is_some()) => {
                let texts = leaves
                    .into_iter()
                    .filter_map(|leaf| Some((plain(leaf)?, leaf)));
                Value::any(
                    texts.map(|(text, leaf)| Value::known(text, leaf, Some(0))),
                    node,
                )
            }
            Ok(_) => Value::unknown(node, "`Fn::FindInMap`"),
            Err(reason) => Value::unknown(node, reason),
        }
    }

    /// Evaluates an `Fn::If`: one branch, or both where either may count.
    fn branch(&self, node: NodeRef<'t>, depth: usize) -> Value<'t> {
        let unknown = || Value::unknown(node, "a condition");
        let Some((condition, yes, no)) = conditional(node) else {
            return unknown();
        };
        let side = if self.conditions == Conditions::Decided {
            self.names.side(&condition)
        } else {
            Side::Unknown
        };
        match side {
            Side::One(true) => self.node(yes, depth + 1),
            Side::One(false) => self.node(no, depth + 1),
            Side::Either => Value::any([yes, no].map(|branch| self.node(branch, depth + 1)), node),
            Side::Unknown => unknown(),
        }
    }

    /// Evaluates an `Fn::Sub`. Its own variables come before the names of the template.
    fn sub(&self, call: NodeRef<'t>, argument: NodeRef<'t>, depth: usize) -> Value<'t> {
        let is_list = argument.kind().is_sequence();
        let source = if is_list {
            argument.items().next()
        } else {
            Some(argument)
        };
        let Some((source, text)) = source.and_then(|source| Some((source, source.text()?))) else {
            return Value::unknown(call, "`Fn::Sub`");
        };
        let own = if is_list {
            argument.items().nth(1)
        } else {
            None
        };
        // The last of several variables with one name counts.
        let own: BTreeMap<Cow<'t, str>, NodeRef<'t>> = own
            .into_iter()
            .flat_map(NodeRef::entries)
            .filter_map(|entry| Some((entry.key.text()?, entry.value)))
            .collect();
        let mut value = Value {
            texts: vec![Text::default()],
        };
        for (range, part) in sub_parts(&text) {
            let as_written =
                || Value::known(slice(&text, range.clone()), source, Some(range.start));
            let part = match part {
                SubPart::Text(_) => as_written(),
                SubPart::Name(name) if own.contains_key(name) => self.node(own[name], depth + 1),
                SubPart::Name(_) | SubPart::Escaped(_) if self.names.is_written() => as_written(),
                SubPart::Name(name) => self.name(name, source, depth + 1),
                SubPart::Escaped(name) => Value::known(format!("${{{name}}}").into(), source, None),
            };
            value.push(part, call);
        }
        value
    }

    /// Evaluates an `Fn::Join` of a list that is written out; of any other list nothing is known.
    fn join(&self, call: NodeRef<'t>, argument: NodeRef<'t>, depth: usize) -> Value<'t> {
        let mut parts = argument.items();
        let (Some(delimiter), Some(list)) = (parts.next().and_then(plain), parts.next()) else {
            return Value::unknown(call, "`Fn::Join`");
        };
        if !list.kind().is_sequence() || list.tag().is_some() {
            return Value::unknown(list, "`Fn::Join`");
        }
        let mut value = Value {
            texts: vec![Text::default()],
        };
        for (index, item) in list.items().enumerate() {
            if index > 0 && !delimiter.is_empty() {
                value.push(Value::known(delimiter.clone(), item, None), call);
            }
            value.push(self.node(item, depth + 1), call);
        }
        value
    }
}

/// The text of a scalar without a tag of CloudFormation.
fn plain(node: NodeRef<'_>) -> Option<Cow<'_, str>> {
    if is_untagged(node) { node.text() } else { None }
}

/// The item that `Fn::Select` chooses, where its index and the list are written out.
///
/// Source: CloudFormation template reference, "`Fn::Select`".
fn selected(argument: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let mut items = argument.items();
    let index: usize = items.next()?.text()?.parse().ok()?;
    items
        .next()
        .filter(|list| list.intrinsic().is_none())?
        .items()
        .nth(index)
}

/// Returns a part of a text, borrowed where the text is.
fn slice<'t>(text: &Cow<'t, str>, range: std::ops::Range<usize>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    }
}

/// Returns the values of mappings under three keys, each one of several texts, or any where there
/// are none to choose from.
pub(crate) fn mapped<'t>(
    mappings: NodeRef<'t>,
    keys: &[Option<BTreeSet<String>>],
) -> Vec<NodeRef<'t>> {
    let mut nodes = vec![mappings];
    for key in keys {
        let mut next = Vec::new();
        for node in nodes {
            match key {
                Some(names) => next.extend(names.iter().filter_map(|name| node.get(name))),
                None => next.extend(node.entries().map(|entry| entry.value)),
            }
        }
        nodes = next;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;
    use crate::value::Written;

    fn written(value: &str) -> (String, Vec<Option<usize>>) {
        let template = Template::parse(format!("Value: {value}\n")).unwrap();
        let value = evaluate(&Written, template.root().unwrap().get("Value").unwrap());
        let text = value.only().unwrap();
        let offsets = text.pieces.iter().map(|piece| match piece {
            Piece::Known { offset, .. } => *offset,
            Piece::Unknown { .. } => Some(usize::MAX),
        });
        (text.with(|_| "?".to_owned()), offsets.collect())
    }

    #[test]
    fn pieces_say_where_a_text_is_written() {
        assert_eq!(
            written("!Join ['-', [a, !Ref B]]"),
            ("a-?".to_owned(), vec![Some(0), None, Some(usize::MAX)])
        );
        assert_eq!(
            written("!Sub ['x${A}${!B}${C}', {A: !Base64 y}]"),
            (
                "xy${!B}${C}".to_owned(),
                vec![Some(0), Some(0), Some(5), Some(10)]
            )
        );
        assert_eq!(written("!Select [1, [a, b]]").0, "b");
    }

    #[test]
    fn the_reason_is_the_first_unknown_part() {
        let template = Template::parse("!Join ['', [a, !GetAtt B.C, !If [D, e, f]]]").unwrap();
        let value = evaluate(&Written, template.root().unwrap());
        assert_eq!(
            value.only().unwrap().known(),
            Err("`Fn::GetAtt`".to_owned())
        );
    }

    #[test]
    fn a_value_that_takes_the_place_of_a_call_is_the_call() {
        let template = Template::parse("!Base64 {'Fn::Select': [0, !Ref List]}").unwrap();
        let root = template.root().unwrap();
        let value = evaluate(&Written, root);
        let Some(Text { pieces }) = value.only() else {
            unreachable!("one text")
        };
        assert!(
            matches!(pieces.as_slice(), [Piece::Unknown { node, .. }] if node.id() == root.id())
        );
    }
}
