//! The tree: an arena of nodes with byte spans into the text.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::intrinsic::Intrinsic;
use crate::parse::{self, ParseError};
use crate::scalar;
use crate::span::Span;

/// How many levels deep a template may nest. The deepest public template has 17; the independent
/// parser that checks every output stops at 128.
pub const MAX_DEPTH: usize = 100;

/// No node, no offset.
pub(crate) const NIL: u32 = u32::MAX;

/// Names a node of one [`Template`]. Ids grow in the order of the text, parents before children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl fmt::Debug for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

/// What a node is, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing is written where a value belongs: `Key:`, or `!Tag` alone.
    Empty,
    /// A scalar without quotes, JSON's numbers and words among them.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// A mapping by indentation.
    BlockMapping,
    /// A sequence by dashes.
    BlockSequence,
    /// `{…}`, or the single pair in `[a: b]`
    FlowMapping,
    /// `[…]`
    FlowSequence,
    /// `*name`
    Alias,
}

impl Kind {
    /// A scalar of any style, the empty one among them.
    pub fn is_scalar(self) -> bool {
        matches!(
            self,
            Kind::Empty | Kind::Plain | Kind::SingleQuoted | Kind::DoubleQuoted | Kind::Literal | Kind::Folded
        )
    }

    /// A mapping of either style.
    pub fn is_mapping(self) -> bool {
        matches!(self, Kind::BlockMapping | Kind::FlowMapping)
    }

    /// A sequence of either style.
    pub fn is_sequence(self) -> bool {
        matches!(self, Kind::BlockSequence | Kind::FlowSequence)
    }

    /// A collection in flow style.
    pub fn is_flow(self) -> bool {
        matches!(self, Kind::FlowMapping | Kind::FlowSequence)
    }
}

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// The YAML that CloudFormation reads.
    Yaml,
    /// Strict JSON (ECMA-404): chosen when the first character is `{` and the text is valid so far.
    Json,
}

/// One node of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// The value itself, without tag and anchor. A block collection ends with its last child's value; a
    /// block scalar starts at `|` or `>` and ends after its last line break (trailing blank lines of `+` included).
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Where the node's indicator stands: an item's dash in a block sequence; a value's colon in a mapping;
    /// a key's `?` where it has one; `NIL` elsewhere.
    pub(crate) lead: u32,
    pub(crate) first_child: u32,
    pub(crate) next_sibling: u32,
    pub(crate) parent: u32,
    /// Index into [`Template::properties`], or `NIL`.
    pub(crate) properties: u32,
    pub(crate) kind: Kind,
    /// A scalar over several lines.
    pub(crate) multiline: bool,
}

/// Tag and anchor of a node; an empty span stands for none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Properties {
    pub(crate) tag: Span,
    pub(crate) anchor: Span,
}

/// A parsed template: the text and the tree over it. Its `Debug` shows no text.
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
    /// Parses a text, as JSON when its first character is `{` and as YAML otherwise.
    ///
    /// # Errors
    ///
    /// The first place that CloudFormation's parsers would refuse, or that byref does not read: more than
    /// [`MAX_DEPTH`] levels, several documents, control characters, tabs as indentation, two tags on a node.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, ParseError> {
        parse::parse(text.into())
    }

    /// The text that was parsed.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The language it is written in.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The root node; `None` when the text holds only blanks and comments.
    pub fn root(&self) -> Option<NodeRef<'_>> {
        (!self.nodes.is_empty()).then(|| self.node(NodeId(0)))
    }

    /// The node that `id` names.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { template: self, id, untagged: false }
    }

    /// All nodes in the order of the text, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(NIL)).map(|index| self.node(NodeId(index)))
    }

    /// All comments in order, each from its `#` to before its line break.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }
}

/// An entry of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: NodeRef<'t>,
    /// Its value.
    pub value: NodeRef<'t>,
}

/// A node of a template, with all that can be asked of it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    template: &'t Template,
    id: NodeId,
    untagged: bool,
}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {:?} {:?}", self.id, self.kind(), self.span())
    }
}

impl<'t> NodeRef<'t> {
    fn node(self) -> &'t Node {
        &self.template.nodes[self.id.0 as usize]
    }

    fn other(self, index: u32) -> Option<NodeRef<'t>> {
        (index != NIL).then(|| self.template.node(NodeId(index)))
    }

    /// Its name in the template.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The template that it belongs to.
    pub fn template(self) -> &'t Template {
        self.template
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// The value itself, without tag and anchor.
    pub fn span(self) -> Span {
        Span::new(self.node().start, self.node().end)
    }

    /// The value with its tag and anchor.
    pub fn full_span(self) -> Span {
        let span = self.span();
        let starts = [self.properties().tag, self.properties().anchor];
        let first = starts.iter().filter(|span| !span.is_empty()).map(|span| span.start).min();
        Span::new(first.unwrap_or(span.start).min(span.start), span.end)
    }

    /// Where its indicator stands: an item's dash in a block sequence, a value's colon in a mapping, a key's `?`.
    pub fn indicator(self) -> Option<u32> {
        (self.node().lead != NIL).then(|| self.node().lead)
    }

    /// A scalar over several lines.
    pub fn is_multiline(self) -> bool {
        self.node().multiline
    }

    fn properties(self) -> Properties {
        self.template.properties.get(self.node().properties as usize).copied().unwrap_or_default()
    }

    /// Its tag with the exclamation mark, such as `!Ref`.
    pub fn tag(self) -> Option<&'t str> {
        self.tag_span().map(|span| &self.template.text[span.range()])
    }

    /// Where its tag stands.
    pub fn tag_span(self) -> Option<Span> {
        let tag = self.properties().tag;
        (!self.untagged && !tag.is_empty()).then_some(tag)
    }

    /// Its anchor with the `&`.
    pub fn anchor(self) -> Option<&'t str> {
        let anchor = self.properties().anchor;
        (!anchor.is_empty()).then(|| &self.template.text[anchor.range()])
    }

    /// The same node as the argument of its own tag: [`NodeRef::tag`] and [`NodeRef::intrinsic`] say nothing.
    pub(crate) fn without_tag(self) -> Self {
        Self { untagged: true, ..self }
    }

    /// Its text as it is written, quotes included, tag and anchor not.
    pub fn raw(self) -> &'t str {
        &self.template.text[self.span().range()]
    }

    /// What a scalar says: quotes and escapes resolved, lines folded; the empty text for [`Kind::Empty`].
    /// `None` for collections and aliases.
    pub fn text(self) -> Option<Cow<'t, str>> {
        scalar::text(self.template, self.id)
    }

    /// The collection that it stands in. A key and its value both have the mapping as parent.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        self.other(self.node().parent)
    }

    /// Its children in order; keys and values in turn for a mapping.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'t>> {
        std::iter::successors(self.other(self.node().first_child), |child| child.other(child.node().next_sibling))
    }

    /// The node and all below it, in the order of the text.
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

    /// The items of a sequence; none for other nodes.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        let is_sequence = self.kind().is_sequence();
        self.children().take_while(move |_| is_sequence)
    }

    /// The entries of a mapping; none for other nodes.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let first = self.other(self.node().first_child).filter(|_| self.kind().is_mapping());
        let pair = |key: NodeRef<'t>| key.other(key.node().next_sibling).map(|value| Entry { key, value });
        std::iter::successors(first.and_then(pair), move |entry| {
            entry.value.other(entry.value.node().next_sibling).and_then(pair)
        })
    }

    /// The last entry with this key, as CloudFormation takes it.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entries().filter(|entry| entry.key.text().as_deref() == Some(key)).last()
    }

    /// The value of the last entry with this key.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The intrinsic function that this node is, in short (`!Ref X`) or long form (`Ref: X`).
    pub fn intrinsic(self) -> Option<Intrinsic<'t>> {
        Intrinsic::of(self)
    }
}
