//! Comments that a rewrite removes.

use std::collections::BTreeMap;

use byref_template::{Diagnostic, Template};

use crate::request::Document;

/// Returns a note for each comment of a template that its result no longer has.
///
/// A comment is removed with a value that moves, a list that becomes empty, or a declaration that
/// is pruned. Comments are compared by their text, so one that moved along is not reported. The
/// note does not repeat the comment, which may hold a secret.
///
/// ```
/// use byref_rewrite::{Document, DocumentRole, removed_comments};
/// use byref_template::{Sources, Template};
///
/// let yaml = "# the web stack
/// Resources:
///   Topic: {Type: AWS::SNS::Topic} # for alarms
/// ";
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let result = Template::parse("# the web stack\nResources: {}\n")?;
/// let notes = removed_comments(&document, &result);
/// assert_eq!(notes.len(), 1);
/// let span = notes[0].primary.location.span;
/// assert_eq!(&yaml[span.range()], "# for alarms");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn removed_comments(document: &Document, result: &Template) -> Vec<Diagnostic> {
    let source = &document.template;
    let mut staying: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in result.comments() {
        *staying
            .entry(result.text()[comment.range()].trim_end())
            .or_default() += 1;
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
