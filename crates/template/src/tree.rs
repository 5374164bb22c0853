//! The tree: an arena of nodes with byte spans into the text.
//!
//! Nodes refer to each other by index, parents precede their children, and siblings form a linked
//! list. A subtree is therefore a contiguous range of indexes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::intrinsic::Intrinsic;
use crate::parse::{self, ParseError};
use crate::scalar;
use crate::span::Span;

/// The maximum nesting depth of a template.
///
/// The deepest public template has 17 levels. The limit is below 128, at which the independent
/// parser that verifies every output stops.
pub const MAX_DEPTH: usize = 100;

/// The value for a missing node or offset.
pub(crate) const NIL: u32 = u32::MAX;

/// The id of a node in one [`Template`]. Ids are ordered as the text, parents before children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl fmt::Debug for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

/// The kind of a node and the style in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A missing value: `Key:`, or `!Tag` alone.
    Empty,
    /// A scalar without quotes, including numbers and literals of JSON.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// A block scalar that keeps its line breaks: `|`.
    Literal,
    /// A block scalar that folds its line breaks: `>`.
    Folded,
    /// A mapping structured by indentation.
    BlockMapping,
    /// A sequence of dashes.
    BlockSequence,
    /// `{…}`, or the single pair in `[a: b]`.
    FlowMapping,
    /// `[…]`
    FlowSequence,
    /// `*name`
    Alias,
}

impl Kind {
    /// Returns `true` for scalars of any style, including the empty one.
    pub fn is_scalar(self) -> bool {
        matches!(
            self,
            Kind::Empty
                | Kind::Plain
                | Kind::SingleQuoted
                | Kind::DoubleQuoted
                | Kind::Literal
                | Kind::Folded
        )
    }

    /// Returns `true` for mappings in block or flow style.
    pub fn is_mapping(self) -> bool {
        matches!(self, Kind::BlockMapping | Kind::FlowMapping)
    }

    /// Returns `true` for sequences in block or flow style.
    pub fn is_sequence(self) -> bool {
        matches!(self, Kind::BlockSequence | Kind::FlowSequence)
    }

    /// Returns `true` for collections in flow style.
    pub fn is_flow(self) -> bool {
        matches!(self, Kind::FlowMapping | Kind::FlowSequence)
    }
}

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// YAML as CloudFormation reads it.
    Yaml,
    /// Strict JSON (ECMA-404). Chosen if the text begins with `{` and is valid JSON.
    Json,
}

/// A node of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// The start of the value without tag and anchor. A block scalar starts at `|` or `>`.
    pub(crate) start: u32,
    /// The end of the value. A block collection ends with the value of its last child. A block
    /// scalar ends after its last line break, with `+` including trailing blank lines.
    pub(crate) end: u32,
    /// The indicator of the node: the dash of an item in a block sequence, the colon of a value in
    /// a mapping, or the `?` of an explicit key. `NIL` otherwise.
    pub(crate) lead: u32,
    /// The first child, or `NIL`. The first child of a mapping is a key.
    pub(crate) first_child: u32,
    /// The next child of the same parent, or `NIL`. A key is followed by its value.
    pub(crate) next_sibling: u32,
    /// The collection around the node, or `NIL` for the root.
    pub(crate) parent: u32,
    /// The index into [`Template::properties`], or `NIL`.
    pub(crate) properties: u32,
    pub(crate) kind: Kind,
    /// A scalar that extends over several lines.
    pub(crate) multiline: bool,
}

/// Tag and anchor of a node. An empty span means that there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Properties {
    pub(crate) tag: Span,
    pub(crate) anchor: Span,
}

/// A parsed template: its text and the tree over it.
///
/// Cloning copies the tree and shares the text. `Debug` prints no text, since it may contain
/// secrets.
#[derive(Clone)]
pub struct Template {
    pub(crate) text: Arc<str>,
    pub(crate) syntax: Syntax,
    pub(crate) nodes: Vec<Node>,
    pub(crate) properties: Vec<Properties>,
    pub(crate) comments: Vec<Span>,
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, nodes) = (self.text.len(), self.nodes.len());
        formatter
            .debug_struct("Template")
            .field("syntax", &self.syntax)
            .field("bytes", &bytes)
            .field("nodes", &nodes)
            .finish_non_exhaustive()
    }
}

impl Template {
    /// Parses a text, as JSON if it is strict JSON and as YAML otherwise.
    ///
    /// A leading byte-order mark is skipped. An empty text, or one with comments only, is a
    /// template without a root.
    ///
    /// # Errors
    ///
    /// [`ParseError`] with the first place that CloudFormation's parser would reject, or that byref
    /// does not support: more than [`MAX_DEPTH`] levels, a second document, control characters,
    /// tabs as indentation, or two tags on one node.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, ParseError> {
        parse::parse(text.into())
    }

    /// Returns the text that was parsed.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns the language of the template.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Returns the root node, or `None` if the text has only white space and comments.
    pub fn root(&self) -> Option<NodeRef<'_>> {
        (!self.nodes.is_empty()).then(|| self.node(NodeId(0)))
    }

    /// Returns the node with this id, which must come from this template.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef {
            template: self,
            id,
            untagged: false,
        }
    }

    /// Returns all nodes in the order of the text, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(NIL)).map(|index| self.node(NodeId(index)))
    }

    /// Returns all comments in order, each from its `#` to the end of its line.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }
}

/// An entry of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: NodeRef<'t>,
    /// The value, which may be [`Kind::Empty`].
    pub value: NodeRef<'t>,
}

/// A node of a template. Cheap to copy.
///
/// ```
/// use byref_template::Template;
///
/// let template = Template::parse("Environment:\n- Name: HOST # where\n  Value: \"db\"\n")?;
/// let list = template.root().and_then(|root| root.get("Environment")).unwrap();
/// for item in list.items() {
///     let value = item.get("Value").unwrap();
///     assert_eq!((value.raw(), value.text().as_deref()), ("\"db\"", Some("db")));
///     assert_eq!(item.parent().map(|parent| parent.id()), Some(list.id()));
/// }
/// # Ok::<(), byref_template::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    template: &'t Template,
    id: NodeId,
    untagged: bool,
}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:?} {:?} {:?}",
            self.id,
            self.kind(),
            self.span()
        )
    }
}

impl<'t> NodeRef<'t> {
    /// Returns the node in the arena.
    fn node(self) -> &'t Node {
        &self.template.nodes[self.id.0 as usize]
    }

    /// Returns the node with this index, unless it is `NIL`.
    fn other(self, index: u32) -> Option<NodeRef<'t>> {
        (index != NIL).then(|| self.template.node(NodeId(index)))
    }

    /// Returns the id of the node.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Returns the template of the node.
    pub fn template(self) -> &'t Template {
        self.template
    }

    /// Returns kind and style of the node.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Returns the span of the value, without tag and anchor.
    pub fn span(self) -> Span {
        Span::new(self.node().start, self.node().end)
    }

    /// Returns the span of the value with its tag and anchor.
    pub fn full_span(self) -> Span {
        let span = self.span();
        let starts = [self.properties().tag, self.properties().anchor];
        let first = starts
            .iter()
            .filter(|span| !span.is_empty())
            .map(|span| span.start)
            .min();
        Span::new(first.unwrap_or(span.start).min(span.start), span.end)
    }

    /// Returns the offset of the node's indicator: the dash of an item in a block sequence, the
    /// colon of a value in a mapping, or the `?` of an explicit key.
    pub fn indicator(self) -> Option<u32> {
        (self.node().lead != NIL).then(|| self.node().lead)
    }

    /// Returns `true` for scalars that extend over several lines.
    pub fn is_multiline(self) -> bool {
        self.node().multiline
    }

    /// Returns tag and anchor.
    fn properties(self) -> Properties {
        self.template
            .properties
            .get(self.node().properties as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Returns the tag with its exclamation mark, such as `!Ref`.
    pub fn tag(self) -> Option<&'t str> {
        self.tag_span()
            .map(|span| &self.template.text[span.range()])
    }

    /// Returns the span of the tag.
    pub fn tag_span(self) -> Option<Span> {
        let tag = self.properties().tag;
        (!self.untagged && !tag.is_empty()).then_some(tag)
    }

    /// Returns the anchor with its `&`.
    pub fn anchor(self) -> Option<&'t str> {
        let anchor = self.properties().anchor;
        (!anchor.is_empty()).then(|| &self.template.text[anchor.range()])
    }

    /// Returns the same node viewed as the argument of its own tag, without a tag and therefore not
    /// an intrinsic function.
    pub(crate) fn without_tag(self) -> Self {
        Self {
            untagged: true,
            ..self
        }
    }

    /// Returns the text as it is written, with quotes but without tag and anchor.
    ///
    /// ```
    /// use byref_template::Template;
    ///
    /// let template = Template::parse("Run: |\n  a\n  b\nNext: 1\n")?;
    /// let run = template.root().and_then(|root| root.get("Run")).unwrap();
    /// assert_eq!(run.raw(), "|\n  a\n  b\n");
    /// assert_eq!(run.text().as_deref(), Some("a\nb\n"));
    /// # Ok::<(), byref_template::ParseError>(())
    /// ```
    pub fn raw(self) -> &'t str {
        &self.template.text[self.span().range()]
    }

    /// Returns the meaning of a scalar: quotes and escapes resolved, lines folded. An empty text
    /// for [`Kind::Empty`], and `None` for collections and aliases.
    ///
    /// Numbers and booleans are returned as written. CloudFormation's own conversion of `yes` or
    /// `0777` is not applied.
    pub fn text(self) -> Option<Cow<'t, str>> {
        scalar::text(self.template, self.id)
    }

    /// Returns the collection that contains the node. The parent of a key and of its value is the
    /// mapping.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        self.other(self.node().parent)
    }

    /// Returns the children in order, keys and values alternating for a mapping.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'t>> {
        std::iter::successors(self.other(self.node().first_child), |child| {
            child.other(child.node().next_sibling)
        })
    }

    /// Returns the node and everything below it, in the order of the text.
    pub fn subtree(self) -> impl Iterator<Item = NodeRef<'t>> {
        let mut climbing = self;
        let end = loop {
            if climbing.node().next_sibling != NIL {
                break climbing.node().next_sibling;
            }
            match climbing.parent() {
                Some(parent) => climbing = parent,
                None => break u32::try_from(self.template.nodes.len()).unwrap_or(NIL),
            }
        };
        (self.id.0..end).map(move |index| self.template.node(NodeId(index)))
    }

    /// Returns the items of a sequence, and nothing for other nodes.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        let is_sequence = self.kind().is_sequence();
        self.children().take_while(move |_| is_sequence)
    }

    /// Returns the entries of a mapping, and nothing for other nodes.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let first = self
            .other(self.node().first_child)
            .filter(|_| self.kind().is_mapping());
        let pair = |key: NodeRef<'t>| {
            key.other(key.node().next_sibling)
                .map(|value| Entry { key, value })
        };
        std::iter::successors(first.and_then(pair), move |entry| {
            entry
                .value
                .other(entry.value.node().next_sibling)
                .and_then(pair)
        })
    }

    /// Returns the last entry with this key. CloudFormation ignores earlier duplicates.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entries()
            .filter(|entry| entry.key.text().as_deref() == Some(key))
            .last()
    }

    /// Returns the value of the last entry with this key; see [`NodeRef::entry`].
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// Returns the intrinsic function call that this node is, in short (`!Ref X`) or long form
    /// (`Ref: X`).
    pub fn intrinsic(self) -> Option<Intrinsic<'t>> {
        Intrinsic::of(self)
    }
}
