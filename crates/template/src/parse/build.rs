//! The arena under construction, with the stack of open collections.
//!
//! The parsers add nodes in the order of the text. The builder links each one to its parent and
//! sibling, and keeps track of the token that the innermost collection expects next. For a block
//! mapping these are:
//!
//! 1. [`Expect::Key`]: a scalar becomes a key;
//! 2. [`Expect::Colon`]: only after an explicit key (`? `), where the colon may be missing;
//! 3. [`Expect::Value`]: the next node is the value. If another key comes first, the value is empty
//!    ([`Builder::complete`]).
//!
//! Flow collections expect [`Expect::Comma`] after each element.
//!
//! For `A: [x, y]` the stack develops like this:
//!
//! | Token | Node added | Open collections | Innermost expects |
//! | --- | --- | --- | --- |
//! | `A` | block mapping, plain | mapping | colon |
//! | `:` | | mapping | value |
//! | `[` | flow sequence | mapping, sequence | item |
//! | `x` | plain | mapping, sequence | comma |
//! | `,` | | mapping, sequence | item |
//! | `y` | plain | mapping, sequence | comma |
//! | `]` | | mapping | key |

use std::sync::Arc;

use super::ParseError;
use crate::span::Span;
use crate::tree::{Kind, MAX_DEPTH, NIL, Node, Properties, Syntax, Template};

/// The token that an open collection expects next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// The next dash of a block sequence.
    Dash,
    /// An item of a sequence.
    Item,
    /// A key of a mapping.
    Key,
    /// The node of an explicit key, after `?`.
    ExplicitKey,
    /// The colon after a key.
    Colon,
    /// The value after a colon.
    Value,
    /// A comma or the end of a flow collection.
    Comma,
}

/// An open collection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The index of the collection in the arena.
    pub(super) node: u32,
    pub(super) kind: Kind,
    /// The newest child, whose sibling is added next, or `NIL`.
    last_child: u32,
    /// The column of the keys or dashes of a block collection; -1 for flow collections.
    pub(super) column: i32,
    /// Set by [`Builder::push`] after a node, and by the parsers after an indicator.
    pub(super) expect: Expect,
    /// The indicator of the next node.
    pub(super) lead: u32,
    /// The collection is the single pair in `[a: b]`, which has no brackets of its own.
    pub(super) is_bare_pair: bool,
}

impl Frame {
    /// Returns `true` if the collection has no children yet.
    pub(super) fn is_vacant(&self) -> bool {
        self.last_child == NIL
    }
}

/// A tag and an anchor that precede their node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    pub(super) properties: Properties,
    /// The offset after them.
    pub(super) end: usize,
}

impl Waiting {
    /// Returns `true` if there is neither a tag nor an anchor.
    pub(super) fn is_empty(&self) -> bool {
        self.properties.tag.is_empty() && self.properties.anchor.is_empty()
    }

    /// Returns the offset of the first of them.
    pub(super) fn start(&self) -> usize {
        let spans = [self.properties.tag, self.properties.anchor];
        spans
            .iter()
            .filter(|span| !span.is_empty())
            .map(|span| span.start as usize)
            .min()
            .unwrap_or(self.end)
    }
}

/// The nodes so far and the open collections, innermost last.
pub(super) struct Builder {
    nodes: Vec<Node>,
    properties: Vec<Properties>,
    pub(super) comments: Vec<Span>,
    pub(super) stack: Vec<Frame>,
}

/// Converts an offset. It fits, because a text has at most 1 GiB.
pub(super) fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(NIL)
}

impl Builder {
    /// Creates a builder with room for a typical number of nodes.
    ///
    /// The guess is a node for every 12 bytes. A denser text costs further allocations, nothing
    /// else.
    pub(super) fn new(text: &str) -> Self {
        Self {
            nodes: Vec::with_capacity(text.len() / 12 + 8),
            properties: Vec::new(),
            comments: Vec::new(),
            stack: Vec::with_capacity(MAX_DEPTH),
        }
    }

    /// Creates the template.
    pub(super) fn finish(self, text: Arc<str>, syntax: Syntax) -> Template {
        Template {
            text,
            syntax,
            nodes: self.nodes,
            properties: self.properties,
            comments: self.comments,
        }
    }

    /// Returns `true` if there is a node.
    pub(super) fn has_root(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Adds a node as the next child of the innermost open collection and returns its index.
    pub(super) fn push(
        &mut self,
        kind: Kind,
        span: (usize, usize),
        waiting: &Waiting,
        multiline: bool,
    ) -> u32 {
        let id = offset(self.nodes.len());
        let mut properties = NIL;
        if !waiting.is_empty() {
            properties = offset(self.properties.len());
            self.properties.push(waiting.properties);
        }
        let (parent, lead) = self.link(id);
        let (start, end) = (offset(span.0), offset(span.1));
        self.nodes.push(Node {
            start,
            end,
            lead,
            first_child: NIL,
            next_sibling: NIL,
            parent,
            properties,
            kind,
            multiline,
        });
        id
    }

    /// Links a node to its parent and to the sibling before it, and updates the expected token.
    /// Returns the parent and the indicator of the node.
    fn link(&mut self, id: u32) -> (u32, u32) {
        let Some(frame) = self.stack.last_mut() else {
            return (NIL, NIL);
        };
        if frame.last_child == NIL {
            self.nodes[frame.node as usize].first_child = id;
        } else {
            self.nodes[frame.last_child as usize].next_sibling = id;
        }
        frame.last_child = id;
        let lead = std::mem::replace(&mut frame.lead, NIL);
        frame.expect = match (frame.kind, frame.expect) {
            (Kind::BlockSequence, _) => Expect::Dash,
            (Kind::FlowSequence, _) => Expect::Comma,
            (_, Expect::Key | Expect::ExplicitKey) => Expect::Colon,
            (Kind::FlowMapping, _) => Expect::Comma,
            (_, _) => Expect::Key,
        };
        (frame.node, lead)
    }

    /// Adds a collection and makes it the innermost open one.
    ///
    /// # Errors
    ///
    /// [`ParseError`] if the template would nest deeper than [`MAX_DEPTH`].
    pub(super) fn open(
        &mut self,
        kind: Kind,
        start: usize,
        column: i32,
        waiting: &Waiting,
    ) -> Result<(), ParseError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(ParseError::at(
                start,
                "the template nests more than 100 levels deep",
                "split it: the deepest public templates have 17 levels",
            ));
        }
        let node = self.push(kind, (start, start), waiting, true);
        let expect = match kind {
            Kind::BlockSequence => Expect::Dash,
            Kind::FlowSequence => Expect::Item,
            _ => Expect::Key,
        };
        self.stack.push(Frame {
            node,
            kind,
            last_child: NIL,
            column,
            expect,
            lead: NIL,
            is_bare_pair: false,
        });
        Ok(())
    }

    /// Converts the last item of a flow sequence into the key of a pair without braces (`[a: b]`).
    ///
    /// The pair takes the place of the item in the arena, and the key follows it, so that parents
    /// still precede their children.
    ///
    /// `[a: b]` has been read up to the colon: the arena ends with the sequence and `a`. Afterwards
    /// it ends with the sequence, a flow mapping at the index of `a`, and `a` as its key. This
    /// works only for the newest node, because other nodes would have to move.
    ///
    /// # Errors
    ///
    /// [`ParseError`] without an item before the colon, for a collection as the key
    /// (`[[a]: b]`), and at [`MAX_DEPTH`].
    pub(super) fn open_bare_pair(&mut self, colon: usize) -> Result<(), ParseError> {
        let Some(last) = self
            .stack
            .last()
            .map(|frame| frame.last_child)
            .filter(|last| *last != NIL)
        else {
            return Err(ParseError::at(
                colon,
                "a colon where an item belongs",
                "quote the text, or remove the colon",
            ));
        };
        let old = self.nodes[last as usize];
        if !old.kind.is_scalar() || last as usize != self.nodes.len() - 1 {
            return Err(ParseError::at(
                colon,
                "a collection as the key of a pair without brackets",
                "CloudFormation takes only text as keys",
            ));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(ParseError::at(
                colon,
                "the template nests more than 100 levels deep",
                "split it: the deepest public templates have 17 levels",
            ));
        }
        let key = offset(self.nodes.len());
        let start = self
            .properties
            .get(old.properties as usize)
            .map_or(old.start, |properties| {
                let tag = if properties.tag.is_empty() {
                    old.start
                } else {
                    properties.tag.start
                };
                let anchor = if properties.anchor.is_empty() {
                    old.start
                } else {
                    properties.anchor.start
                };
                tag.min(anchor).min(old.start)
            });
        self.nodes[last as usize] = Node {
            start,
            first_child: key,
            properties: NIL,
            kind: Kind::FlowMapping,
            multiline: false,
            ..old
        };
        self.nodes.push(Node {
            lead: NIL,
            next_sibling: NIL,
            parent: last,
            ..old
        });
        let expect = Expect::Value;
        self.stack.push(Frame {
            node: last,
            kind: Kind::FlowMapping,
            last_child: key,
            column: -1,
            expect,
            lead: offset(colon),
            is_bare_pair: true,
        });
        Ok(())
    }

    /// Closes the innermost block collection at the end of its last child.
    ///
    /// The collection ends where its last child does, so line breaks and comments after it belong
    /// to no node.
    pub(super) fn close_block(&mut self) {
        self.complete();
        if let Some(frame) = self.stack.pop() {
            let end = self
                .nodes
                .get(frame.last_child as usize)
                .map(|child| child.end);
            let node = &mut self.nodes[frame.node as usize];
            node.end = end.unwrap_or(node.start).max(node.start);
        }
    }

    /// Closes the innermost flow collection at an offset.
    pub(super) fn close_flow(&mut self, end: usize) {
        if let Some(frame) = self.stack.pop() {
            let last = self
                .nodes
                .get(frame.last_child as usize)
                .map_or(end, |child| child.end as usize);
            let text_end = if frame.is_bare_pair { last } else { end };
            self.nodes[frame.node as usize].end = offset(text_end);
        }
    }

    /// Adds the empty nodes that the innermost collections still need, directly after their
    /// indicator.
    pub(super) fn complete(&mut self) {
        while let Some(frame) = self.stack.last() {
            let is_due = match frame.expect {
                Expect::Value | Expect::ExplicitKey | Expect::Colon => true,
                Expect::Item => frame.kind == Kind::BlockSequence,
                Expect::Dash | Expect::Key | Expect::Comma => false,
            };
            if !is_due {
                return;
            }
            self.complete_one();
        }
    }

    /// Adds the empty key or value that the innermost collection needs.
    pub(super) fn complete_one(&mut self) {
        if let Some(frame) = self.stack.last() {
            let place = if frame.lead == NIL {
                self.end_of(frame.last_child)
            } else {
                frame.lead as usize + 1
            };
            self.push(Kind::Empty, (place, place), &Waiting::default(), false);
        }
    }

    /// Returns the end of a node, or 0 if there is none.
    fn end_of(&self, node: u32) -> usize {
        self.nodes
            .get(node as usize)
            .map_or(0, |node| node.end as usize)
    }
}
