//! Rewriting of a tree on one line, for items that move from block style into brackets.
//!
//! A block collection can't be inside brackets, so an item that moves from a block sequence into a
//! flow sequence is written anew from its meaning:
//!
//! ```yaml
//! - Name: TOKEN        # becomes {Name: TOKEN, ValueFrom: !Ref Token}
//!   ValueFrom: !Ref Token
//! ```
//!
//! Its comments are lost, since a comment would hide the rest of the line. Tags stay, and quoted
//! scalars on one line stay as they are written. The text comes from the same [`Expected`] tree
//! that the verifier compares the result with, so the changes inside the item are included.

use super::expected::{Expected, ExpectedKind};
use super::write::{Place, quoted, stays_text};

/// Returns the text of a node in flow style, with the changes inside it. The recursion is bounded
/// by [`MAX_DEPTH`](crate::MAX_DEPTH).
///
/// Elements are separated by `, ` as in `{a: 1, b: [2, 3]}`. An empty value outside of brackets
/// leaves no blank.
pub(super) fn flow_text(node: &Expected<'_>) -> String {
    let tag = node.tag().map_or(String::new(), |tag| format!("{tag} "));
    let text = match node.kind() {
        ExpectedKind::Mapping => {
            let entry = |(key, value): (Expected<'_>, Expected<'_>)| {
                format!("{}: {}", flow_text(&key), flow_text(&value))
            };
            let entries: Vec<String> = node.entries().into_iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        ExpectedKind::Sequence => {
            let items: Vec<String> = node.items().iter().map(flow_text).collect();
            format!("[{}]", items.join(", "))
        }
        ExpectedKind::Scalar | ExpectedKind::Alias => scalar(node),
    };
    format!("{tag}{text}").trim_end().to_owned()
}

/// Returns the text of a scalar in flow style, raw if it means the same there.
///
/// | Raw | Written | Reason |
/// | --- | --- | --- |
/// | `"a"`, `'a'` | unchanged | quotes protect it in flow style too |
/// | `80` | `80` | quotes would make a text of a number |
/// | `a, b` | `"a, b"` | a comma ends plain text inside brackets |
/// | a block scalar | `"…\n"` | it has no form on one line |
fn scalar(node: &Expected<'_>) -> String {
    let text = node.text().unwrap_or_default();
    match node.raw() {
        Some(raw)
            if !raw.contains(['\n', '\r']) && (raw.starts_with(['"', '\'']) || raw.is_empty()) =>
        {
            raw.to_owned()
        }
        Some(raw)
            if raw == text
                && (stays_text(&text, Place::Flow) || super::write::looks_typed(raw)) =>
        {
            raw.to_owned()
        }
        None if stays_text(&text, Place::Flow) => text.into_owned(),
        _ => quoted(&text),
    }
}
