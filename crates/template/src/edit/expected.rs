//! The tree that the result of an edit must have.
//!
//! An [`Expected`] node refers to a node of the source or to a [`Build`], and answers questions
//! about it as if the changes had been made. Walking the tree needs no copy of it. A verifier walks
//! this tree and an independent parse of the result side by side, and compares every node.

use std::borrow::Cow;

use super::style::uses_short_forms;
use super::write::{long_name, looks_typed};
use super::{Build, Changes};
use crate::tree::{Kind, NodeRef, Syntax, Template};

/// The kind of an expected node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedKind {
    /// A mapping.
    Mapping,
    /// A sequence.
    Sequence,
    /// A scalar.
    Scalar,
    /// An alias, unchanged from the source.
    Alias,
}

/// A node that the result must have.
///
/// ```
/// use byref_template::edit::Expected;
/// use byref_template::{Build, Changes, Template};
///
/// let template = Template::parse("Name: TOKEN\nValue: x\n")?;
/// let value = template.root().and_then(|root| root.entry("Value")).unwrap();
/// let mut changes = Changes::default();
/// changes.renamed.insert(value.key.id(), "ValueFrom".to_owned());
/// changes.replaced.insert(value.value.id(), Build::Text("/web/token".to_owned()));
///
/// let expected = Expected::root(&template, &changes).unwrap();
/// let (key, value) = expected.entries().pop().unwrap();
/// assert_eq!(key.text().as_deref(), Some("ValueFrom"));
/// assert_eq!(value.text().as_deref(), Some("/web/token"));
/// # Ok::<(), byref_template::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Expected<'t> {
    template: &'t Template,
    changes: &'t Changes,
    form: Form,
    source: From<'t>,
    /// The node is inside a moved item, which may be rewritten in another style.
    has_moved: bool,
}

/// The form in which function calls are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Short,
    Long,
}

/// The origin of an expected node.
#[derive(Clone)]
enum From<'t> {
    Node(NodeRef<'t>),
    /// A key with a new name.
    Renamed(NodeRef<'t>, &'t str),
    Build(&'t Build),
    /// A key of a built mapping.
    Key(Cow<'t, str>),
}

impl<'t> Expected<'t> {
    /// Returns the root of the result, or `None` for a template without nodes.
    pub fn root(template: &'t Template, changes: &'t Changes) -> Option<Self> {
        let root = template.root()?;
        let form = if uses_short_forms(template) {
            Form::Short
        } else {
            Form::Long
        };
        Some(
            Self {
                template,
                changes,
                form,
                source: From::Node(root),
                has_moved: false,
            }
            .value(root),
        )
    }

    /// Returns a moved node with the changes inside it.
    pub(super) fn of_node(template: &'t Template, changes: &'t Changes, node: NodeRef<'t>) -> Self {
        let form = if uses_short_forms(template) {
            Form::Short
        } else {
            Form::Long
        };
        Self {
            template,
            changes,
            form,
            source: From::Node(node),
            has_moved: true,
        }
    }

    /// Returns a node with another origin and the same settings.
    fn with(&self, source: From<'t>) -> Self {
        Self {
            source,
            ..self.clone()
        }
    }

    /// Returns a value of the source, or the value that replaces it.
    fn value(&self, node: NodeRef<'t>) -> Self {
        match self.changes.replaced.get(&node.id()) {
            Some(build) => self.built(build),
            None => self.with(From::Node(node)),
        }
    }

    /// Returns a built value, looking through [`Build::Moved`].
    fn built(&self, build: &'t Build) -> Self {
        match build {
            Build::Moved(id) => Self {
                has_moved: true,
                ..self.with(From::Node(self.template.node(*id)))
            },
            _ => self.with(From::Build(build)),
        }
    }

    /// Returns name and argument of a call in short form. The result has no node for the call
    /// itself, because the tag is on the argument.
    fn argument(&self) -> Option<(&'static str, Self)> {
        match &self.source {
            From::Build(Build::Call(name, argument)) if self.form == Form::Short => {
                // A node has one tag, so a call that is an argument takes the long form.
                let inner = self.built(argument);
                let inner = if matches!(argument.as_ref(), Build::Call(..)) {
                    Self {
                        form: Form::Long,
                        ..inner
                    }
                } else {
                    inner
                };
                Some((name, inner))
            }
            _ => None,
        }
    }

    /// Returns the kind of the node.
    pub fn kind(&self) -> ExpectedKind {
        if let Some((_, argument)) = self.argument() {
            return argument.kind();
        }
        match &self.source {
            From::Node(node) if node.kind().is_mapping() => ExpectedKind::Mapping,
            From::Node(node) if node.kind().is_sequence() => ExpectedKind::Sequence,
            From::Node(node) if node.kind() == Kind::Alias => ExpectedKind::Alias,
            From::Build(Build::Mapping(_) | Build::Call(..)) => ExpectedKind::Mapping,
            From::Build(Build::Sequence(_)) => ExpectedKind::Sequence,
            _ => ExpectedKind::Scalar,
        }
    }

    /// Returns the tag with its exclamation mark.
    pub fn tag(&self) -> Option<Cow<'t, str>> {
        if let Some((name, _)) = self.argument() {
            return Some(Cow::Owned(format!("!{name}")));
        }
        match &self.source {
            From::Node(node) | From::Renamed(node, _) => node.tag().map(Cow::Borrowed),
            _ => None,
        }
    }

    /// Returns `true` for a scalar that must have no quotes, and `None` if the writer may choose.
    ///
    /// Quotes matter where a parser would read a number or a boolean without them.
    pub fn is_plain(&self) -> Option<bool> {
        match &self.source {
            From::Node(node) => {
                let is_plain = matches!(node.kind(), Kind::Plain | Kind::Empty);
                let is_open = self.has_moved
                    && self.template.syntax == Syntax::Yaml
                    && !looks_typed(node.raw());
                (!is_open || !is_plain && looks_typed(&node.text()?)).then_some(is_plain)
            }
            From::Renamed(node, _) => Some(node.kind() == Kind::Plain),
            _ => None,
        }
    }

    /// Returns the meaning of a scalar, as [`NodeRef::text`].
    pub fn text(&self) -> Option<Cow<'t, str>> {
        if let Some((_, argument)) = self.argument() {
            return argument.text();
        }
        match &self.source {
            From::Node(node) => node.text(),
            From::Renamed(_, name) => Some(Cow::Borrowed(*name)),
            From::Key(name) => Some(name.clone()),
            From::Build(Build::Text(text)) => Some(Cow::Borrowed(text.as_str())),
            From::Build(_) => None,
        }
    }

    /// Returns the raw text of a scalar that comes from the source unchanged.
    pub(super) fn raw(&self) -> Option<&'t str> {
        match &self.source {
            From::Node(node) => Some(node.raw()),
            _ => None,
        }
    }

    /// Returns the entries of a mapping in order, and nothing for other nodes.
    pub fn entries(&self) -> Vec<(Self, Self)> {
        if let Some((_, argument)) = self.argument() {
            return argument.entries();
        }
        match &self.source {
            From::Node(node) => self.entries_of(*node),
            From::Build(Build::Mapping(entries)) => entries
                .iter()
                .map(|(key, value)| {
                    (
                        self.with(From::Key(Cow::Borrowed(key.as_str()))),
                        self.built(value),
                    )
                })
                .collect(),
            From::Build(Build::Call(name, argument)) => {
                vec![(
                    self.with(From::Key(Cow::Owned(long_name(name)))),
                    self.built(argument),
                )]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the entries of a mapping of the source, with removals, renames and insertions
    /// applied.
    fn entries_of(&self, node: NodeRef<'t>) -> Vec<(Self, Self)> {
        let mut found = Vec::new();
        for entry in node.entries() {
            let key = entry.key.id();
            if !self.changes.removed.contains(&key) {
                let renamed = self.changes.renamed.get(&key);
                let source = renamed.map_or(From::Node(entry.key), |name| {
                    From::Renamed(entry.key, name.as_str())
                });
                found.push((self.with(source), self.value(entry.value)));
            }
            for (name, build) in self.changes.inserted.get(&key).into_iter().flatten() {
                found.push((
                    self.with(From::Key(Cow::Borrowed(name.as_str()))),
                    self.built(build),
                ));
            }
        }
        found
    }

    /// Returns the items of a sequence in order, and nothing for other nodes.
    pub fn items(&self) -> Vec<Self> {
        if let Some((_, argument)) = self.argument() {
            return argument.items();
        }
        match &self.source {
            From::Node(node) => {
                let stays = |item: &NodeRef<'t>| !self.changes.removed.contains(&item.id());
                let mut found: Vec<Self> = node
                    .items()
                    .filter(stays)
                    .map(|item| self.value(item))
                    .collect();
                found.extend(
                    self.changes
                        .appended
                        .get(&node.id())
                        .into_iter()
                        .flatten()
                        .map(|build| self.built(build)),
                );
                found
            }
            From::Build(Build::Sequence(items)) => {
                items.iter().map(|item| self.built(item)).collect()
            }
            _ => Vec::new(),
        }
    }
}
