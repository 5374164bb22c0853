//! Edits of a template that keep all other bytes.
//!
//! Edits happen in three steps:
//!
//! 1. The caller collects [`Changes`], which refer to nodes of the tree.
//! 2. [`render()`] converts them into [`TextEdit`]s in the style of the file: block or flow,
//!    quotes, indentation, line ends, short or long forms of functions. It rejects changes that it
//!    can't make without touching other nodes, for example below an anchor.
//! 3. [`apply`] splices the text edits into the text.
//!
//! [`Expected`] is the tree that the result must have: the tree of the source, seen through the
//! changes. It is computed from the changes alone, not from the rendered text. Comparing it with an
//! independent parse of the result therefore proves that the edit did exactly what was asked.
//!
//! Comments move with their element: a comment belongs to the element below it at the same column,
//! or to the element on whose line it is.

mod block;
mod expected;
mod extent;
mod flow;
mod guard;
mod moved;
mod reflow;
mod render;
mod replace;
mod style;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::span::Span;
use crate::tree::NodeId;

pub use expected::{Expected, ExpectedKind};
pub use render::render;
pub use style::uses_short_forms;

/// A value to write.
///
/// Its text takes the style of the place where it is written: block or flow, the quotes of its
/// neighbours or those that the text needs, and the form of function calls that the file uses.
#[derive(Clone, PartialEq, Eq)]
pub enum Build {
    /// A string.
    Text(String),
    /// A mapping with its entries in order.
    Mapping(Vec<(String, Build)>),
    /// A sequence.
    Sequence(Vec<Build>),
    /// A call of an intrinsic function: the name without `!` and `Fn::`, and the argument.
    Call(&'static str, Box<Build>),
    /// An existing item of a sequence, with its original text: tag, style, inner comments, changes
    /// inside it, the comment lines above it and the comment on its line. The item must be removed
    /// from its old place.
    Moved(NodeId),
}

/// The changes to a template, in terms of its tree.
///
/// A removed node takes the comment lines directly above it and the comment on its line with it,
/// except those in [`Changes::headed`]. A change inside a removed node has an effect only if that
/// node is [`Build::Moved`].
///
/// ```
/// use byref_template::{Build, Changes, Template, edit};
///
/// let text = "Environment:\n- Name: HOST\n  Value: db\n# from the vault\n- Name: TOKEN\n  Value: x\n";
/// let template = Template::parse(text)?;
/// let list = template.root().and_then(|root| root.get("Environment")).unwrap();
/// let token = list.items().last().unwrap();
///
/// let mut changes = Changes::default();
/// changes.removed.insert(token.id());
/// let edits = edit::render(&template, &changes)?;
/// assert_eq!(&*edit::apply(text, &edits), "Environment:\n- Name: HOST\n  Value: db\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Changes {
    /// Removed items of sequences, and removed entries of mappings, which are named by their key.
    ///
    /// If all items are removed and none is appended, an empty `[]` remains. Remove the entry
    /// itself to remove the key as well.
    pub removed: BTreeSet<NodeId>,
    /// Items to append to a sequence, by the id of the sequence.
    pub appended: BTreeMap<NodeId, Vec<Build>>,
    /// Entries to insert directly after an entry, by the id of that entry's key. The key may be
    /// removed itself; the new entries then take its place.
    pub inserted: BTreeMap<NodeId, Vec<(String, Build)>>,
    /// New names of keys. Quotes stay as they are.
    pub renamed: BTreeMap<NodeId, String>,
    /// New values, by the id of the old value. The comment on the line of the old value stays if
    /// the new value leaves room for it.
    pub replaced: BTreeMap<NodeId, Build>,
    /// Replaced values whose comment on the same line is removed.
    pub uncommented: BTreeSet<NodeId>,
    /// Keys of removed entries whose comment lines above stay.
    pub headed: BTreeSet<NodeId>,
}

impl Changes {
    /// Returns `true` if there are no changes.
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
    /// The bytes to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that can't be made without touching other nodes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EditError {
    /// The node that prevents the change.
    pub span: Span,
    /// The problem, in one line.
    pub message: &'static str,
    /// The solution, as an instruction.
    pub help: &'static str,
}

/// Returns the text with all edits applied. The edits must be sorted and must not overlap, which
/// [`render()`] guarantees.
pub fn apply(text: &str, edits: &[TextEdit]) -> Arc<str> {
    splice(
        text,
        0,
        edits.iter().map(|edit| (edit.span, edit.text.as_str())),
    )
    .into()
}

/// Returns a part of a text, which begins at offset `start`, with sorted edits applied.
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
