//! Detection of a file's style: line ends, indentation, quotes, forms of functions.
//!
//! A new element should look as if the author of the file had written it. Where the neighbours of
//! an edit show a style, the edit follows them; this module finds the style of the whole file for
//! all other cases.
//!
//! | Property | Source | Default |
//! | --- | --- | --- |
//! | line end | the first one in the file | `\n` |
//! | indentation of mappings | the first block mapping inside another | 2 |
//! | indentation of lists | the first block sequence below a key, which may be 0 | as mappings |
//! | quotes of texts | the more frequent kind | single |
//! | quotes of keys | double if more keys have these than no quotes | none |
//! | form of calls | short if any call is | short |
//!
//! The first occurrence decides the indentation, because files with mixed indentation have no
//! majority that an edit could meet everywhere. Finding the style takes time proportional to the
//! template, once per rendering.

use crate::tree::{Kind, NodeRef, Syntax, Template};

/// The quotes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// No quotes, if the text means the same without.
    Plain,
    /// `'…'`, with `''` for a quote inside.
    Single,
    /// `"…"`, with escapes.
    Double,
}

/// The style of a whole file.
pub(super) struct Style {
    /// JSON knows only double quotes, flow style and long forms.
    pub(super) syntax: Syntax,
    /// `\n`, `\r\n` or `\r`.
    pub(super) newline: &'static str,
    /// The number of columns by which a nested mapping is indented.
    pub(super) indent: usize,
    /// The number of columns by which a list is indented below its key.
    pub(super) list_indent: usize,
    /// The most common quotes, for texts that need some.
    pub(super) quote: Quote,
    /// The quotes of most keys.
    pub(super) key_quote: Quote,
    /// New function calls are written as `!Name`.
    pub(super) short_forms: bool,
}

impl Style {
    /// Detects the style of a template. A template without nested collections gets an indentation
    /// of two columns.
    pub(super) fn of(template: &Template) -> Self {
        let (mut singles, mut doubles) = (0_usize, 0_usize);
        let mut indent = None;
        let mut list_indent = None;
        for node in template.nodes() {
            match node.kind() {
                Kind::SingleQuoted => singles += 1,
                Kind::DoubleQuoted => doubles += 1,
                Kind::BlockMapping | Kind::BlockSequence
                    if indent.is_none() || list_indent.is_none() =>
                {
                    let own = column(template, node.span().start as usize);
                    let parent = node
                        .parent()
                        .filter(|parent| parent.kind() == Kind::BlockMapping);
                    let outer = parent.map(|parent| column(template, parent.span().start as usize));
                    let deeper = outer.and_then(|outer| own.checked_sub(outer));
                    match node.kind() {
                        Kind::BlockSequence => list_indent = list_indent.or(deeper),
                        _ => indent = indent.or(deeper.filter(|deeper| *deeper > 0)),
                    }
                }
                _ => {}
            }
        }
        let indent = if template.syntax == Syntax::Json {
            json_indent(template)
        } else {
            indent.unwrap_or(2)
        };
        Self {
            syntax: template.syntax,
            newline: newline(template),
            indent,
            list_indent: list_indent.unwrap_or(indent),
            quote: if doubles > singles {
                Quote::Double
            } else {
                Quote::Single
            },
            key_quote: key_quote(template),
            short_forms: uses_short_forms(template),
        }
    }
}

/// Returns the quotes of most keys. YAML that was converted from JSON has keys in double quotes.
fn key_quote(template: &Template) -> Quote {
    let keys = template
        .nodes()
        .flat_map(NodeRef::entries)
        .map(|entry| entry.key.kind());
    let (mut plain, mut double) = (0_usize, 0_usize);
    for kind in keys {
        plain += usize::from(kind == Kind::Plain);
        double += usize::from(kind == Kind::DoubleQuoted);
    }
    if double > plain {
        Quote::Double
    } else {
        Quote::Plain
    }
}

/// Returns the first line end of the file.
///
/// A file with mixed line ends keeps the mixture: only new lines get this one.
fn newline(template: &Template) -> &'static str {
    match template.text.find(['\n', '\r']) {
        Some(position) if template.text[position..].starts_with("\r\n") => "\r\n",
        Some(position) if template.text[position..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// Returns the indentation of a JSON text: the column of its first key.
///
/// Minified JSON gives 1, which has no effect, since its collections are on one line.
fn json_indent(template: &Template) -> usize {
    let first = template.root().and_then(|root| root.children().next());
    first.map_or(2, |key| column(template, key.span().start as usize))
}

/// Returns `true` if new function calls should have the short form: in YAML, unless the file has
/// calls in long form only.
///
/// A key `Condition` with a text below it does not count as a long form: resources have such a
/// property in every style.
///
/// ```
/// use byref_template::{Template, edit};
///
/// for (text, short) in [
///     ("A: !Ref B\nC: {Ref: D}\n", true),
///     ("A: {Ref: B}\n", false),
///     ("A: B\n", true),
///     (r#"{"A": "B"}"#, false),
/// ] {
///     assert_eq!(edit::uses_short_forms(&Template::parse(text)?), short);
/// }
/// # Ok::<(), byref_template::ParseError>(())
/// ```
pub fn uses_short_forms(template: &Template) -> bool {
    if template.syntax == Syntax::Json {
        return false;
    }
    let mut has_long_form = false;
    for call in template.nodes().filter_map(NodeRef::intrinsic) {
        if call.is_short {
            return true;
        }
        has_long_form |= call.name != "Condition";
    }
    !has_long_form
}

/// Returns the start of the line that contains an offset.
pub(super) fn line_start(template: &Template, offset: usize) -> usize {
    let before = &template.text.as_bytes()[..offset];
    memchr::memrchr2(b'\n', b'\r', before).map_or(0, |position| position + 1)
}

/// Returns the column of an offset in bytes, from 0.
pub(super) fn column(template: &Template, offset: usize) -> usize {
    let start = line_start(template, offset);
    template.text[start..offset]
        .trim_start_matches('\u{feff}')
        .len()
}

/// Returns the number of leading spaces and tabs on the line of an offset.
pub(super) fn indentation(template: &Template, offset: usize) -> usize {
    let line = &template.text[line_start(template, offset)..];
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Returns `true` if only spaces and tabs precede an offset on its line.
pub(super) fn is_first_on_line(template: &Template, offset: usize) -> bool {
    let start = line_start(template, offset);
    template.text[start..offset]
        .trim_start_matches('\u{feff}')
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t'))
}
