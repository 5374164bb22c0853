//! The meaning of scalars: resolved quotes and escapes, folded lines.
//!
//! Follows libyaml, the parser family that CloudFormation templates are written for. Every function
//! expects the raw text of a node that the parser accepted, so errors can't occur: an invalid
//! escape was rejected with its position before.
//!
//! Scalars are resolved when their text is asked for, not while parsing: most scalars of a template
//! are never compared with anything. A scalar on one line without escapes is borrowed from the
//! text, so asking for it costs no allocation. All others are resolved in time proportional to
//! their raw text.
//!
//! | Written | Text |
//! | --- | --- |
//! | `'it''s'` | `it's` |
//! | `"a\tb"` | `a`, a tab, `b` |
//! | `"a` and `b"` on two lines | `a b` |
//! | the same with a blank line between | `a`, a line break, `b` |
//! | `\|-` above two lines | both lines, without the last break |
//! | `*name` and collections | none |
//!
//! Types are not resolved. `yes`, `0777` and `null` are the texts `yes`, `0777` and `null`, since
//! CloudFormation converts them by the type of the property, not by the rules of YAML.

use std::borrow::Cow;

use crate::parse::hexadecimal;
use crate::tree::{Kind, NodeId, Syntax, Template};

/// Returns the meaning of a scalar, or `None` for collections and aliases. The text is borrowed
/// unless something has to be resolved.
///
/// The indentation of a block scalar depends on the column of its parent, which is computed here
/// because the tree does not store columns.
pub(crate) fn text(template: &Template, id: NodeId) -> Option<Cow<'_, str>> {
    let node = template.node(id);
    let raw = node.raw();
    let inner = || raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    Some(match node.kind() {
        Kind::Empty => Cow::Borrowed(""),
        Kind::Plain if node.is_multiline() => Cow::Owned(fold_lines(raw)),
        Kind::Plain => Cow::Borrowed(raw),
        Kind::SingleQuoted if !node.is_multiline() && !inner().contains('\'') => {
            Cow::Borrowed(inner())
        }
        Kind::SingleQuoted => Cow::Owned(fold_lines(inner()).replace("''", "'")),
        Kind::DoubleQuoted if !node.is_multiline() && !inner().contains('\\') => {
            Cow::Borrowed(inner())
        }
        Kind::DoubleQuoted if template.syntax() == Syntax::Json => Cow::Owned(json_string(inner())),
        Kind::DoubleQuoted => Cow::Owned(double_quoted(inner())),
        Kind::Literal | Kind::Folded => {
            let parent = node
                .parent()
                .map_or(0, |parent| column(template, parent.span().start));
            Cow::Owned(block_scalar(raw, parent, node.kind()))
        }
        Kind::BlockMapping
        | Kind::BlockSequence
        | Kind::FlowMapping
        | Kind::FlowSequence
        | Kind::Alias => return None,
    })
}

/// Returns the column of an offset in bytes, from 0.
///
/// A byte-order mark has no column. Columns count bytes, not characters: only spaces precede the
/// start of a block collection on its line, apart from indicators, which are ASCII.
fn column(template: &Template, offset: u32) -> usize {
    let before = template.text().get(..offset as usize).unwrap_or_default();
    let line = before
        .rfind(['\n', '\r'])
        .map_or(0, |position| position + 1);
    before[line..].trim_start_matches('\u{feff}').len()
}

/// Returns the lines of a text without their breaks. `\r\n` is one break.
///
/// A text that ends with a break has an empty last line: `a\r\nb\rc\n` has the lines `a`, `b`, `c`
/// and an empty one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let Some(end) = current.find(['\n', '\r']) else {
            rest = None;
            return Some(current);
        };
        let length = if current[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = Some(&current[end + length..]);
        Some(&current[..end])
    })
}

/// The characters that may surround a line break without being part of the text.
const BLANKS: [char; 2] = [' ', '\t'];

/// Folds plain and single-quoted text: a single break becomes a space, and of several breaks one is
/// dropped.
///
/// Spaces around a break are dropped too, but neither before the first line nor after the last one,
/// where they are inside the quotes.
///
/// | Text | Folded |
/// | --- | --- |
/// | `a`, `b` | `a b` |
/// | `a`, an empty line, `b` | `a\nb` |
/// | `a`, two empty lines, `b` | `a\n\nb` |
/// | `" a "`, `" b "` | `" a b "` |
fn fold_lines(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut breaks = 0;
    let mut lines = lines(text).peekable();
    let mut is_first = true;
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let line = if is_first {
            line
        } else {
            line.trim_start_matches(BLANKS)
        };
        let line = if is_last {
            line
        } else {
            line.trim_end_matches(BLANKS)
        };
        if !is_first {
            breaks += 1;
        }
        is_first = false;
        if line.is_empty() && !is_last {
            continue;
        }
        push_breaks(&mut folded, breaks);
        breaks = 0;
        folded.push_str(line);
    }
    folded
}

/// Appends the folded form of a number of line breaks.
///
/// No break adds nothing, one adds a space, and three add two `\n`.
fn push_breaks(text: &mut String, breaks: usize) {
    match breaks {
        0 => {}
        1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more - 1)),
    }
}

/// Resolves the escapes and line breaks of double-quoted YAML text.
///
/// Blanks before a line break are dropped, unless an escape made them. An escaped break joins two
/// lines without a space: `a\` above `b` is `ab`.
fn double_quoted(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find(['\\', '\n', '\r']) {
        if rest[position..].starts_with('\\') {
            output.push_str(&rest[..position]);
            rest = unescape(&rest[position + 1..], &mut output);
        } else {
            output.push_str(rest[..position].trim_end_matches(BLANKS));
            rest = fold_breaks(&rest[position..], &mut output);
        }
    }
    output.push_str(rest);
    output
}

/// Skips line breaks with the spaces around them, and appends their folded form.
fn fold_breaks<'t>(text: &'t str, output: &mut String) -> &'t str {
    let (rest, breaks) = skip_breaks(text);
    push_breaks(output, breaks);
    rest
}

/// Skips line breaks and leading spaces. Returns the rest and the number of breaks.
fn skip_breaks(text: &str) -> (&str, usize) {
    let mut rest = text;
    let mut breaks = 0;
    loop {
        let trimmed = rest.trim_start_matches(BLANKS);
        let next = trimmed
            .strip_prefix("\r\n")
            .or_else(|| trimmed.strip_prefix('\n'))
            .or_else(|| trimmed.strip_prefix('\r'));
        match next {
            Some(next) => {
                rest = next;
                breaks += 1;
            }
            None => return (trimmed, breaks),
        }
    }
}

/// Resolves the escape after a backslash and returns the text after it.
///
/// `x41`, `u0041` and `U00000041` are `A`. An escape is resolved after folding was decided, so that
/// `\n` is never folded into a space.
fn unescape<'t>(text: &'t str, output: &mut String) -> &'t str {
    let Some(kind) = text.chars().next() else {
        return text;
    };
    let rest = &text[kind.len_utf8()..];
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\n' | '\r' => {
            // An escaped break joins the lines; further breaks stay.
            let (rest, breaks) = skip_breaks(text);
            output.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
            return rest;
        }
        _ => {
            output.push(simple_escape(kind));
            return rest;
        }
    };
    let code = rest
        .get(..digits)
        .map(str::as_bytes)
        .and_then(hexadecimal)
        .and_then(char::from_u32);
    output.extend(code);
    rest.get(digits..).unwrap_or_default()
}

/// Returns the character of an escape without digits. Source: YAML 1.1, section 5.6.
///
/// Serves JSON as well: its escapes are a subset with the same meanings. `\"`, `\\`, `\/` and an
/// escaped blank are the characters themselves.
fn simple_escape(kind: char) -> char {
    match kind {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    }
}

/// Resolves the escapes of a JSON string, including surrogate pairs. Source: ECMA-404, "Strings".
///
/// `\ud83d\ude00` is one character. The parser has rejected surrogates without a partner, so the
/// difference of two surrogates can't underflow here.
fn json_string(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        output.push_str(before);
        if let Some(digits) = after.strip_prefix('u') {
            let unit = |text: &str| text.get(..4).map(str::as_bytes).and_then(hexadecimal);
            let first = unit(digits).unwrap_or_default();
            let second = digits
                .get(4..)
                .and_then(|next| next.strip_prefix("\\u"))
                .and_then(unit);
            if let Some(second) = second.filter(|_| (0xd800..0xdc00).contains(&first)) {
                let code = 0x10000 + ((first - 0xd800) << 10) + second.saturating_sub(0xdc00);
                output.extend(char::from_u32(code));
                rest = digits.get(10..).unwrap_or_default();
            } else {
                output.extend(char::from_u32(first));
                rest = digits.get(4..).unwrap_or_default();
            }
        } else {
            let kind = after.chars().next().unwrap_or('\\');
            output.push(simple_escape(kind));
            rest = &after[kind.len_utf8().min(after.len())..];
        }
    }
    output.push_str(rest);
    output
}

/// The treatment of line breaks at the end of a block scalar: `-`, none, or `+`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: no line break at the end.
    Strip,
    /// No sign: one line break at the end, if the text has any.
    Clip,
    /// `+`: all line breaks at the end.
    Keep,
}

/// Returns the meaning of a literal (`|`) or folded (`>`) block scalar.
///
/// The header may set the indentation as a digit, relative to the parent, and the treatment of
/// final line breaks: `-` removes them, `+` keeps all, and without either one of them stays.
///
/// | Header | Lines | Text |
/// | --- | --- | --- |
/// | `\|` | `a`, `b`, an empty line | `a\nb\n` |
/// | `\|-` | `a`, `b`, an empty line | `a\nb` |
/// | `\|+` | `a`, `b`, an empty line | `a\nb\n\n` |
/// | `>` | `a`, `b`, an empty line | `a b\n` |
/// | `\|1` | two blanks and `a`, in a mapping at column 0 | a blank and `a\n` |
///
/// The digit counts from the column of the parent, not from that of the key above.
fn block_scalar(raw: &str, parent_column: usize, kind: Kind) -> String {
    let header_end = raw.find(['\n', '\r']).unwrap_or(raw.len());
    let header = raw[1..header_end].split(BLANKS).next().unwrap_or_default();
    let chomping = match header.chars().find(|sign| matches!(sign, '+' | '-')) {
        Some('+') => Chomping::Keep,
        Some(_) => Chomping::Strip,
        None => Chomping::Clip,
    };
    let explicit = header
        .chars()
        .find_map(|digit| digit.to_digit(10))
        .map(|digit| parent_column + digit as usize);
    let body_start = header_end
        + if raw[header_end..].starts_with("\r\n") {
            2
        } else {
            usize::from(header_end < raw.len())
        };
    let body = &raw[body_start.min(raw.len())..];
    let mut lines: Vec<&str> = lines(body).collect();
    // The text after the last break is a line only if it has content.
    let ends_with_break = lines
        .last()
        .is_some_and(|last| last.trim_start_matches(' ').is_empty());
    if ends_with_break {
        lines.pop();
    }
    let indent = explicit.unwrap_or_else(|| {
        let first = lines
            .iter()
            .find(|line| !line.trim_start_matches(' ').is_empty());
        first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len())
    });
    let mut output = String::with_capacity(body.len());
    let mut folder = Folder {
        kind,
        breaks: 0,
        last_was_blank: false,
        has_content: false,
    };
    for line in &lines {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        folder.line(
            line.get(spaces.min(indent)..).unwrap_or_default(),
            &mut output,
        );
    }
    let has_final_break = ends_with_break && folder.has_content;
    match chomping {
        Chomping::Clip if has_final_break => output.push('\n'),
        Chomping::Clip | Chomping::Strip => {}
        Chomping::Keep => output.extend(std::iter::repeat_n(
            '\n',
            folder.breaks + usize::from(has_final_break),
        )),
    }
    output
}

/// A writer that joins the lines of a block scalar.
struct Folder {
    /// [`Kind::Folded`] or [`Kind::Literal`].
    kind: Kind,
    /// The number of empty lines since the last content.
    breaks: usize,
    /// The last line with content began with a blank.
    last_was_blank: bool,
    /// A line with content was written.
    has_content: bool,
}

impl Folder {
    /// Appends a line. In folded scalars, indented lines keep their breaks.
    ///
    /// Two adjacent lines of a folded scalar are joined with a space unless one of them is
    /// indented. Empty lines between them become line breaks.
    ///
    /// - `a`, `b` → `a b`;
    /// - `a`, an empty line, `b` → `a\nb`;
    /// - `a`, a line with a blank and `b`, `c` → all three on their own lines.
    fn line(&mut self, line: &str, output: &mut String) {
        if line.is_empty() {
            self.breaks += 1;
            return;
        }
        let is_blank = line.starts_with(BLANKS);
        if self.has_content {
            let folds = self.kind == Kind::Folded && !is_blank && !self.last_was_blank;
            match (folds, self.breaks) {
                (true, 0) => output.push(' '),
                (true, breaks) => output.extend(std::iter::repeat_n('\n', breaks)),
                (false, breaks) => output.extend(std::iter::repeat_n('\n', breaks + 1)),
            }
        } else {
            output.extend(std::iter::repeat_n('\n', self.breaks));
        }
        output.push_str(line);
        self.breaks = 0;
        self.last_was_blank = is_blank;
        self.has_content = true;
    }
}
