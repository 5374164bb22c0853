//! The bytes that belong to an element of a collection: its lines and its comments.
//!
//! The tree records where nodes are, but not which comments and line breaks go with them. These
//! functions decide it, for [`block`](super::block) and for moved items alike, so that an item that
//! is removed in one place and written in another takes the same lines with it:
//!
//! 1. the comment lines directly above, up to a blank line or another element;
//! 2. the lines of the element, from its dash or key to its last line with the comment there;
//! 3. the comment lines below that are indented deeper.
//!
//! All places are byte offsets. Apart from [`elements`], every function reads only the lines around
//! the element, so its cost does not grow with the template.

use super::style::{column, is_first_on_line, line_start};
use crate::tree::{NodeRef, Template};

/// An element of a collection: an item, or an entry with key and value.
#[derive(Clone, Copy)]
pub(super) struct Element<'t> {
    /// The item, or the key of the entry.
    pub(super) node: NodeRef<'t>,
    /// The item, or the value of the entry.
    pub(super) value: NodeRef<'t>,
    /// The start: the dash, the key, or the item of a flow sequence.
    pub(super) start: usize,
    /// The end of the text, before the line break.
    pub(super) end: usize,
}

/// Returns the elements of a collection in order.
///
/// An entry with an empty value ends after its colon, and an item without a value after its dash:
/// `A:` is two bytes long, although its value has none.
pub(super) fn elements(collection: NodeRef<'_>) -> Vec<Element<'_>> {
    if collection.kind().is_mapping() {
        let element = |key: NodeRef<'_>, value: NodeRef<'_>| {
            let start = key.full_span().start as usize;
            let colon = value.indicator().map_or(start, |colon| colon as usize + 1);
            (
                start,
                text_end(value).max(colon).max(key.span().end as usize),
            )
        };
        collection
            .entries()
            .map(|entry| {
                let (start, end) = element(entry.key, entry.value);
                Element {
                    node: entry.key,
                    value: entry.value,
                    start,
                    end,
                }
            })
            .collect()
    } else {
        let element = |item: NodeRef<'_>| {
            let start = item.full_span().start as usize;
            let dash = item.indicator().map(|dash| dash as usize);
            (
                dash.unwrap_or(start),
                text_end(item).max(dash.map_or(0, |dash| dash + 1)),
            )
        };
        let item = |node| {
            let (start, end) = element(node);
            Element {
                node,
                value: node,
                start,
                end,
            }
        };
        collection.children().map(item).collect()
    }
}

/// Returns the end of a value without trailing white space, such as the final line breaks of a
/// block scalar.
///
/// The span of a literal block scalar includes its last line break, which belongs to the value but
/// not to the lines of the element.
pub(super) fn text_end(node: NodeRef<'_>) -> usize {
    let span = node.full_span();
    let text = &node.template().text[span.range()];
    span.start as usize + text.trim_end_matches(['\n', '\r', ' ', '\t']).len()
}

/// Returns the end of the line that contains an offset, after its line break.
pub(super) fn line_end(template: &Template, offset: usize) -> usize {
    let bytes = &template.text.as_bytes()[offset..];
    match memchr::memchr2(b'\n', b'\r', bytes) {
        Some(length) if bytes[length..].starts_with(b"\r\n") => offset + length + 2,
        Some(length) => offset + length + 1,
        None => template.text.len(),
    }
}

/// Returns the line that begins at an offset.
fn line(template: &Template, start: usize) -> &str {
    template.text[start..line_end(template, start)].trim_end_matches(['\n', '\r'])
}

/// Returns the column of the `#` in a line that has only a comment.
///
/// Returns `None` if the line has other text or none: `A: 1 # one` → none, two blanks and `# one` →
/// 2.
fn comment_column(template: &Template, start: usize) -> Option<usize> {
    let line = line(template, start);
    let text = line.trim_start_matches([' ', '\t']);
    text.starts_with('#').then(|| line.len() - text.len())
}

/// Returns `true` if a line is empty or has only spaces and tabs.
fn is_blank_line(template: &Template, start: usize) -> bool {
    line(template, start)
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Returns the lines of an element: the comment lines directly above it, its own lines, and comment
/// lines below that are indented deeper.
///
/// ```yaml
/// Web:
///   # belongs to `Type`
///   Type: AWS::ECS::Service   # so does this
///     # and this, indented deeper
///   # belongs to `Properties`
///   Properties: {}
/// ```
///
/// `floor` is the column of the collection's parent. A comment left of it belongs to the parent.
pub(super) fn line_extent(
    template: &Template,
    element: &Element<'_>,
    floor: Option<usize>,
) -> (usize, usize) {
    let own_column = column(template, element.start);
    let mut start = element.start;
    if is_first_on_line(template, element.start) {
        start = line_start(template, element.start);
        while start > 0 {
            let above = line_start(template, start - break_length(template, start));
            let belongs = |column: usize| {
                column <= own_column
                    && floor.is_none_or(|floor| column > floor || column == own_column)
            };
            if !comment_column(template, above).is_some_and(belongs) {
                break;
            }
            start = above;
        }
    }
    let value_end = element.value.span().end as usize;
    // A block scalar that keeps its final line breaks ends at the start of a line.
    let is_at_line_start =
        value_end > element.end && template.text[..value_end].ends_with(['\n', '\r']);
    let mut end = if is_at_line_start {
        value_end
    } else {
        line_end(template, element.end)
    };
    while end < template.text.len()
        && comment_column(template, end).is_some_and(|column| column > own_column)
    {
        end = line_end(template, end);
    }
    (start, end)
}

/// Returns the length of the line break before the start of a line.
///
/// Two for `\r\n`, otherwise one. The caller has checked that there is a line before.
fn break_length(template: &Template, line_start: usize) -> usize {
    if template.text[..line_start].ends_with("\r\n") {
        2
    } else {
        1
    }
}

/// Returns the end of a removal of whole lines, extended over blank lines where two would meet.
///
/// Without this, removing a resource between two blank lines would leave both of them.
///
/// Blank lines below go if there is one above, or if the removed element was the first. Blank lines
/// above stay in any case, since they may separate other elements.
pub(super) fn without_double_blank(
    template: &Template,
    start: usize,
    end: usize,
    is_first: First,
) -> usize {
    let is_blank_above = start == 0
        || is_blank_line(
            template,
            line_start(template, start - break_length(template, start)),
        );
    let mut end = end;
    if is_blank_above || is_first == First::Yes {
        while end < template.text.len() && is_blank_line(template, end) {
            end = line_end(template, end);
        }
    }
    end
}

/// The position of a removed element: the first of its collection, or a later one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Yes,
    No,
}
