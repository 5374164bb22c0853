//! Comments that a rewrite takes out.

use std::collections::BTreeMap;

use byref_template::{Diagnostic, Template};

use crate::request::Document;

/// A note for each comment of a template that its result no longer has: with a value that moved, a list that was emptied,
/// or a declaration that was pruned. A comment that moved along is still there.
pub fn removed_comments(document: &Document, result: &Template) -> Vec<Diagnostic> {
    let source = &document.template;
    let mut staying: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in result.comments() {
        *staying.entry(result.text()[comment.range()].trim_end()).or_default() += 1;
    }
    let mut notes = Vec::new();
    for comment in source.comments() {
        match staying.get_mut(source.text()[comment.range()].trim_end()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => notes.push(
                Diagnostic::note(
                    "removed-comment",
                    "byref removes this comment with the entry that it belongs to",
                    document.location(*comment),
                )
                .help("write it elsewhere, if it is still needed"),
            ),
        }
    }
    notes
}
