//! What shall change in a template, and the text edits that make it so.
//!
//! [`Changes`] speaks of the tree: which item goes, what is appended where. [`render`] turns it into text
//! edits in the style of the file; [`Expected`] is the tree that the result must have, so that an independent
//! parser can be driven by it and an edit that went wrong can't stay unseen.

mod block;
mod expected;
mod extent;
mod flow;
mod guard;
mod reflow;
mod render;
mod style;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::span::Span;
use crate::tree::NodeId;

pub use expected::{Expected, ExpectedKind};
pub use render::render;
pub use style::uses_short_forms;

/// A value to be written. Its text is written in the style of the place where it goes: block or flow,
/// quotes as needed and as the neighbours have them, short or long form of functions as the file has them.
#[derive(Clone, PartialEq, Eq)]
pub enum Build {
    /// A string.
    Text(String),
    /// A mapping, in this order.
    Mapping(Vec<(String, Build)>),
    /// A sequence.
    Sequence(Vec<Build>),
    /// A call of an intrinsic function: its name without `!` and `Fn::`, and its argument.
    Call(&'static str, Box<Build>),
    /// An item of a sequence with its own text: tag, style, inner comments, and the changes inside it, the comment
    /// lines above it and the comment on its line. The item must be removed where it stood.
    Moved(NodeId),
}

/// What shall become of a template, in terms of its tree.
///
/// A node that is removed takes with it the comment lines directly above it, unless they are to stay, and the comment on
/// its line. When
/// a change lies inside a node that is removed, it counts only where that node is [`Build::Moved`].
#[derive(Clone, Default)]
pub struct Changes {
    /// Items (of a sequence) and entries (named by their key) that go. When all items of a sequence go and
    /// nothing is appended, an empty `[]` stays: whoever wants the key to go removes the entry.
    pub removed: BTreeSet<NodeId>,
    /// Items that are added at the end of a sequence, by the sequence.
    pub appended: BTreeMap<NodeId, Vec<Build>>,
    /// Entries that are added directly after an entry, by that entry's key. The key may itself be removed: then
    /// they stand in its place.
    pub inserted: BTreeMap<NodeId, Vec<(String, Build)>>,
    /// Keys that are called something else from now on; their quotes stay as they are.
    pub renamed: BTreeMap<NodeId, String>,
    /// Values that are replaced, by the value; the comment on the old value's own line stays, where there is a place for it.
    pub replaced: BTreeMap<NodeId, Build>,
    /// Replaced values that take the comment on their own line with them.
    pub uncommented: BTreeSet<NodeId>,
    /// Keys of removed entries whose comment lines above stay.
    pub headed: BTreeSet<NodeId>,
}

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty()
            && self.appended.is_empty()
            && self.inserted.is_empty()
            && self.renamed.is_empty()
            && self.replaced.is_empty()
    }
}

/// A replacement of bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes that go.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Why a change can't be written without touching what nobody asked to touch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EditError {
    /// Where.
    pub span: Span,
    /// What stands in the way, in one line.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// Splices sorted edits that don't overlap into a text, in one pass.
pub fn apply(text: &str, edits: &[TextEdit]) -> Arc<str> {
    splice(text, 0, edits.iter().map(|edit| (edit.span, edit.text.as_str()))).into()
}

/// Splices sorted edits into a part of a text that begins at `start`.
fn splice<'e>(part: &str, start: usize, edits: impl Iterator<Item = (Span, &'e str)>) -> String {
    let mut result = String::with_capacity(part.len());
    let mut position = 0;
    for (span, text) in edits {
        let range = span.range();
        result.push_str(&part[position..range.start - start]);
        result.push_str(text);
        position = range.end - start;
    }
    result.push_str(&part[position..]);
    result
}
