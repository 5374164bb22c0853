//! What shall change in a template, and the text edits that make it so.
//!
//! [`Changes`] speaks of the tree: which item goes, what is appended where. [`render`] turns it into text
//! edits in the style of the file; the same `Changes` also tell an independent parser what to expect of
//! the result, so that an edit that went wrong can't stay unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::span::Span;
use crate::tree::{NodeId, Template};

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
    /// A node of the template with its own text: tag, style, inner comments, and the changes inside it. As an
    /// item it brings the comment lines above it and the comment on its line too. The node must be removed where it stood.
    Moved(NodeId),
}

/// What shall become of a template, in terms of its tree.
///
/// A node that is removed takes with it the comment lines directly above it and the comment on its line. When
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
    /// Values that are replaced, by the value; the comment on the old value's own line goes with it.
    pub replaced: BTreeMap<NodeId, Build>,
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
    let grown: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut result = String::with_capacity(text.len() + grown);
    let mut position = 0;
    for edit in edits {
        let range = edit.span.range();
        result.push_str(&text[position..range.start]);
        result.push_str(&edit.text);
        position = range.end;
    }
    result.push_str(&text[position..]);
    result.into()
}

/// Turns changes into text edits, sorted and without overlaps, in the style of the file.
///
/// # Errors
///
/// Where a change would pass through an anchor, an alias, a merge key (`<<`), an explicit key (`? `) or a duplicate key.
pub fn render(_template: &Template, _changes: &Changes) -> Result<Vec<TextEdit>, EditError> {
    Ok(Vec::new())
}
