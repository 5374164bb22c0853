//! Takes the parts of templating engines out of a text: Jinja, Go, ERB.
//!
//! A template of Ansible, Helm or Sceptre is a CloudFormation template only after its engine has
//! run. With statements removed and expressions replaced by placeholders, most of them can be
//! parsed as they are.
//!
//! | text | becomes |
//! | --- | --- |
//! | `{# note #}`, `{% if x %}` | spaces |
//! | `{{ name }}` inside a line | `${___}`, as long as it was |
//! | `{{ include "x" }}`, or an expression alone on its lines | spaces |
//! | `<%= x %>` | `${___}` |

use std::sync::Arc;

/// Returns a text without the parts of an engine, or `None` if it has none.
///
/// Statements and comments become spaces, expressions become `${___}`, which is a placeholder.
/// Every byte keeps its place, so that findings point at the original text.
pub(crate) fn without_engine(text: &str) -> Option<Arc<str>> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    for (open, close, is_expression) in [
        ("{#", "#}", false),
        ("{%", "%}", false),
        ("<%", "%>", true),
        ("{{", "}}", true),
    ] {
        let mut from = 0;
        while let Some(start) = find(&bytes, open, from) {
            let Some(end) = find(&bytes, close, start + 2).map(|at| at + 2) else {
                break;
            };
            from = end;
            changed = true;
            let is_whole_line = stands_alone(&bytes, start, end);
            // `<%= x %>` inserts a value, `<% if x %>` does not.
            let gives_value = is_expression
                && !is_whole_line
                && (open == "{{" || bytes.get(start + 2) == Some(&b'='));
            let is_keyword = open == "{{" && is_statement(&bytes[start + 2..end - 2]);
            blank(&mut bytes[start..end]);
            if gives_value && !is_keyword {
                bytes[start..end].fill(b'_');
                bytes[start..start + 2].copy_from_slice(b"${");
                bytes[end - 1] = b'}';
            }
        }
    }
    changed
        .then(|| String::from_utf8(bytes).ok())
        .flatten()
        .map(Arc::from)
}

/// Returns where a word begins, at or behind an offset.
fn find(bytes: &[u8], word: &str, from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, word.as_bytes()).map(|at| from + at)
}

/// Replaces everything but line breaks by spaces.
fn blank(bytes: &mut [u8]) {
    bytes
        .iter_mut()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .for_each(|byte| *byte = b' ');
}

/// Returns `true` if nothing else is on the lines of a range.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let before = bytes[..start]
        .iter()
        .rev()
        .find(|byte| !is_blank(byte))
        .is_none_or(|byte| *byte == b'\n');
    let after = bytes[end..]
        .iter()
        .find(|byte| !is_blank(byte))
        .is_none_or(|byte| *byte == b'\n');
    before && after
}

/// Returns `true` for a statement of Go: `{{ if … }}`, `{{- end }}`.
fn is_statement(inside: &[u8]) -> bool {
    let inside = String::from_utf8_lossy(inside);
    let first = inside
        .trim_start_matches(['-', ' '])
        .split([' ', '-'])
        .next()
        .unwrap_or_default()
        .to_owned();
    [
        "if", "else", "end", "range", "with", "define", "template", "block", "include", "#if",
        "/if", "#each", "/each", "/*",
    ]
    .contains(&first.as_str())
}
