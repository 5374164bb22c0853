//! Conversion of changes into text edits.
//!
//! Rendering happens in two passes. The first one renders the changes without moved items,
//! including those inside nodes that will move. The second one renders the rest; a moved item takes
//! its text from the source with the edits of the first pass applied. Finally, edits inside removed
//! and replaced nodes are dropped.

use std::cell::OnceCell;

use super::expected::Expected;
use super::extent::Element;
use super::style::{Style, column};
use super::write::indented;
use super::{Build, Changes, EditError, TextEdit, guard, splice};
use crate::span::Span;
use crate::tree::{Kind, NodeId, NodeRef, Template};

/// An edit with the node that it belongs to.
struct OwnedEdit {
    owner: NodeId,
    edit: TextEdit,
}

/// A writer of changes in the style of one file.
pub(super) struct Renderer<'t> {
    pub(super) template: &'t Template,
    pub(super) changes: &'t Changes,
    pub(super) style: Style,
    /// The text is on one line and has no spaces after colons.
    pub(super) is_minified: bool,
    /// The edits of the first pass, sorted.
    inner: OnceCell<Vec<OwnedEdit>>,
}

/// Converts changes into text edits in the style of the file. The edits are sorted and don't
/// overlap.
///
/// # Errors
///
/// [`EditError`] if a change would pass through an anchor, an alias, a merge key (`<<`), an
/// explicit key (`? `) or a duplicate key.
pub fn render(template: &Template, changes: &Changes) -> Result<Vec<TextEdit>, EditError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    guard::check(template, changes)?;
    let is_minified = !template.text.trim_end().contains('\n') && !template.text.contains(": ");
    let renderer = Renderer {
        template,
        changes,
        style: Style::of(template),
        is_minified,
        inner: OnceCell::new(),
    };
    let mut edits = renderer.renames_and_replacements(Moves::No);
    edits.extend(renderer.collections(Moves::No));
    sort(&mut edits);
    let _ = renderer.inner.set(edits);
    let mut all = renderer.renames_and_replacements(Moves::Yes);
    all.extend(renderer.collections(Moves::Yes));
    let gone = renderer.gone();
    all.retain(|owned| !is_within(&gone, owned.owner));
    sort(&mut all);
    settle_end(template, &mut all);
    check_end(template, all.last())?;
    Ok(all.into_iter().map(|owned| owned.edit).collect())
}

/// Rejects text after a block scalar that ends the file without a line break: the inserted text
/// would give the scalar a line break that it does not have.
fn check_end(template: &Template, last_edit: Option<&OwnedEdit>) -> Result<(), EditError> {
    let end = template.text.len();
    let is_at_end = last_edit.is_some_and(|owned| owned.edit.span.start as usize == end);
    let last = template
        .nodes()
        .last()
        .filter(|_| is_at_end && !template.text.ends_with(['\n', '\r']));
    let is_open_block = |node: &NodeRef<'_>| {
        let header = node.raw().lines().next().unwrap_or_default();
        matches!(node.kind(), Kind::Literal | Kind::Folded) && !header.contains('-')
    };
    match last.filter(is_open_block) {
        None => Ok(()),
        Some(node) => Err(EditError {
            span: node.full_span(),
            message: "a text block ends the file without a line break, and something would follow it",
            help: "end the file with a line break",
        }),
    }
}

/// Corrects edits at the end of a text without a final line break.
///
/// Removing the last lines also removes the break before them. If something is inserted after that
/// break, the break must stay, and the last inserted text must end without one. Both edits were
/// rendered independently, so they are reconciled here.
fn settle_end(template: &Template, edits: &mut [OwnedEdit]) {
    let text = &template.text;
    let takes_break = |owned: &OwnedEdit| {
        let range = owned.edit.span.range();
        owned.edit.text.is_empty()
            && range.end == text.len()
            && text[range].starts_with(['\n', '\r'])
    };
    let Some(removal) = edits.iter().position(takes_break) else {
        return;
    };
    let start = edits[removal].edit.span.range().start;
    let length = if text[start..].starts_with("\r\n") {
        2
    } else {
        1
    };
    let place = Span::from(start + length..start + length);
    let Some(last) = edits.iter().rposition(|owned| owned.edit.span == place) else {
        return;
    };
    edits[removal].edit.span.start = place.start;
    let inserted = &mut edits[last].edit.text;
    let kept = inserted
        .strip_suffix("\r\n")
        .or_else(|| inserted.strip_suffix(['\n', '\r']))
        .map_or(inserted.len(), str::len);
    inserted.truncate(kept);
    sort(edits);
}

/// Sorts edits by place. At the same place, the end of an inner collection precedes that of an
/// outer one.
fn sort(edits: &mut [OwnedEdit]) {
    edits.sort_by_key(|owned| (owned.edit.span, std::cmp::Reverse(owned.owner)));
}

/// The pass: with or without changes that contain moved items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moves {
    Yes,
    No,
}

/// A range of node ids: the first id, and the one after the last.
type Range = (u32, u32);

/// Returns `true` if one of the sorted ranges contains the id.
fn is_within(ranges: &[Range], id: NodeId) -> bool {
    let after = ranges.partition_point(|range| range.0 <= id.0);
    ranges[..after].last().is_some_and(|range| id.0 < range.1)
}

/// Returns the ids of a node and everything below it.
fn ids(node: NodeRef<'_>) -> Range {
    let count = u32::try_from(node.subtree().count()).unwrap_or(0);
    (node.id().0, node.id().0 + count)
}

/// Returns `true` if a value contains a moved item. The recursion is bounded by the value, which
/// byref builds itself.
fn holds_moved(build: &Build) -> bool {
    match build {
        Build::Moved(_) => true,
        Build::Text(_) => false,
        Build::Mapping(entries) => entries.iter().any(|(_, value)| holds_moved(value)),
        Build::Sequence(items) => items.iter().any(holds_moved),
        Build::Call(_, argument) => holds_moved(argument),
    }
}

impl<'t> Renderer<'t> {
    /// Returns the nodes whose own edits must be dropped, because they or a parent are removed or
    /// replaced. The ranges are sorted and don't overlap.
    ///
    /// A subtree is a range of ids, so one binary search per edit decides whether it is dropped.
    fn gone(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        for id in &self.changes.removed {
            let node = self.template.node(*id);
            let range = ids(node);
            // The value of an entry directly follows its key.
            let is_key = node
                .parent()
                .is_some_and(|parent| parent.kind().is_mapping());
            let end = if is_key {
                ids(self.template.node(NodeId(range.1))).1
            } else {
                range.1
            };
            // The key itself may own the entries inserted in its place.
            ranges.push((if is_key { range.0 + 1 } else { range.0 }, end));
        }
        for id in self.changes.replaced.keys() {
            let range = ids(self.template.node(*id));
            ranges.push((range.0 + 1, range.1));
        }
        ranges.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges.into_iter().filter(|range| range.0 < range.1) {
            match merged.last_mut() {
                Some(last) if range.0 < last.1 => last.1 = last.1.max(range.1),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// Returns the edits of renamed keys and replaced values.
    fn renames_and_replacements(&self, moves: Moves) -> Vec<OwnedEdit> {
        let mut edits = Vec::new();
        for (id, name) in &self.changes.renamed {
            let key = self.template.node(*id);
            let mut span = key.span();
            if matches!(key.kind(), Kind::SingleQuoted | Kind::DoubleQuoted) {
                span = Span::new(span.start + 1, span.end - 1);
            }
            edits.push(OwnedEdit {
                owner: *id,
                edit: TextEdit {
                    span,
                    text: name.clone(),
                },
            });
        }
        for (id, build) in &self.changes.replaced {
            if moves == Moves::Yes || !holds_moved(build) {
                edits.push(OwnedEdit {
                    owner: *id,
                    edit: self.replacement(self.template.node(*id), build),
                });
            }
        }
        edits
    }

    /// Returns the edits of every collection that loses or gains elements.
    fn collections(&self, moves: Moves) -> Vec<OwnedEdit> {
        let changed = self
            .changes
            .removed
            .iter()
            .chain(self.changes.inserted.keys());
        let parents = changed
            .filter_map(|id| self.template.node(*id).parent())
            .map(NodeRef::id);
        let mut collections: Vec<NodeId> = parents
            .chain(self.changes.appended.keys().copied())
            .collect();
        collections.sort_unstable();
        collections.dedup();
        let mut edits = Vec::new();
        for id in collections
            .into_iter()
            .filter(|id| !self.changes.replaced.contains_key(id))
        {
            let node = self.template.node(id);
            if moves == Moves::No && self.gets_moved(node) {
                continue;
            }
            let own = if node.kind().is_flow() {
                self.flow_edits(node)
            } else {
                self.block_edits(node)
            };
            edits.extend(own.into_iter().map(|edit| OwnedEdit { owner: id, edit }));
        }
        edits
    }

    /// Returns `true` if a moved item is inserted into a collection.
    fn gets_moved(&self, collection: NodeRef<'_>) -> bool {
        let appended = self
            .changes
            .appended
            .get(&collection.id())
            .into_iter()
            .flatten();
        let keys = collection
            .entries()
            .filter_map(|entry| self.changes.inserted.get(&entry.key.id()));
        appended
            .chain(keys.flatten().map(|(_, value)| value))
            .any(holds_moved)
    }

    /// Returns `true` if the element is removed.
    pub(super) fn is_removed(&self, element: &Element<'_>) -> bool {
        self.changes.removed.contains(&element.node.id())
    }

    /// Returns the expected tree of a moved node.
    pub(super) fn expected_of(&self, node: NodeRef<'t>) -> Expected<'t> {
        Expected::of_node(self.template, self.changes, node)
    }

    /// Returns a part of the text with the edits inside a node applied.
    pub(super) fn part(&self, node: NodeRef<'_>, start: usize, end: usize) -> String {
        let inner = self.inner.get().map_or(&[][..], Vec::as_slice);
        let range = ids(node);
        let first = inner.partition_point(|owned| (owned.edit.span.start as usize) < start);
        let edits = inner[first..]
            .iter()
            .take_while(|owned| (owned.edit.span.start as usize) <= end);
        let is_own = |owned: &&OwnedEdit| range.0 <= owned.owner.0 && owned.owner.0 < range.1;
        let own = edits
            .filter(is_own)
            .filter(|owned| (owned.edit.span.end as usize) <= end);
        splice(
            &self.template.text[start..end],
            start,
            own.map(|owned| (owned.edit.span, owned.edit.text.as_str())),
        )
    }

    /// Returns the column of the mapping or sequence around a collection.
    pub(super) fn floor(&self, collection: Option<NodeRef<'_>>) -> Option<usize> {
        let outer = collection?.parent()?;
        Some(column(self.template, outer.span().start as usize))
    }

    /// Joins lines at a column, with the line breaks of the file.
    pub(super) fn joined(&self, lines: &[String], column: usize, first: FirstLine) -> String {
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str(self.style.newline);
            }
            if index > 0 || first == FirstLine::Indented {
                text.push_str(&indented(line, column));
            } else {
                text.push_str(line);
            }
        }
        text
    }

    /// Returns the end of the comment on the line of an offset, or the offset itself.
    pub(super) fn with_comment(&self, end: usize) -> usize {
        let rest = &self.template.text[end..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if !rest[blanks..].starts_with('#') {
            return end;
        }
        rest.find(['\n', '\r'])
            .map_or(self.template.text.len(), |length| end + length)
    }
}

/// The position of the first of several lines: at the column, or continuing the current line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstLine {
    Indented,
    Inline,
}
