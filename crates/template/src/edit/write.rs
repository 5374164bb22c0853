//! Writing of values as text.
//!
//! A value is first written as lines relative to its own column and then placed, because the column
//! is known only to the caller: the same item may be written below a key, after a dash or at the
//! end of a list.
//!
//! Texts are written without quotes only if parsers of YAML 1.1 and 1.2 agree on them. `on`,
//! `1_000` and `2026-01-01` are quoted, since one of the two reads something other than a text.
//!
//! A list item of two lines, for example, is written as `Name: TOKEN` and `ValueFrom: …`, then gets
//! `- ` and two blanks in front, and only then the columns of its place. Nesting adds a fixed
//! number of columns to the lines of a value, so no line is ever measured again.
//!
//! | Value | In block style | In brackets |
//! | --- | --- | --- |
//! | text | `db` | `db` |
//! | mapping | lines `A: 1`, `B: 2` | `{A: 1, B: 2}` |
//! | sequence | lines `- a`, `- b` | `[a, b]` |
//! | call, short form | `!Ref X` | `!Ref X` |
//! | call, long form | line `Ref: X` | `{Ref: X}` |
//!
//! JSON is flow style with double quotes everywhere.

use std::fmt::Write as _;

use super::Build;
use super::reflow;
use super::render::Renderer;
use super::style::Quote;
use crate::tree::{NodeRef, Syntax};

/// A value in block style.
pub(super) enum Written {
    /// Text for the line of the key or the dash.
    Inline(String),
    /// Lines below the key or after the dash, relative to the column of the value.
    Lines(Vec<String>),
    /// A tag for the line of the key or the dash, and lines below it.
    Tagged(String, Vec<String>),
}

impl Renderer<'_> {
    /// Writes a value in block style, with its texts quoted like `quote`.
    ///
    /// A sequence of items that all come out of brackets stays in brackets, on one line. A call
    /// whose argument is a call has the outer one as its tag and the inner one in long form:
    /// `!Base64` above `Fn::Sub: …`.
    pub(super) fn write_block(&self, build: &Build, quote: Quote) -> Written {
        match build {
            Build::Text(text) => Written::Inline(self.scalar(text, quote, Place::Block)),
            Build::Mapping(entries) => Written::Lines(
                entries
                    .iter()
                    .flat_map(|(key, value)| self.entry_lines(key, value, quote))
                    .collect(),
            ),
            Build::Sequence(items)
                if items.iter().all(|item| self.is_moved_flow_item(item)) && !items.is_empty() =>
            {
                Written::Inline(self.write_flow(build, quote))
            }
            Build::Sequence(items) => Written::Lines(
                items
                    .iter()
                    .flat_map(|item| self.item_lines(item, quote))
                    .collect(),
            ),
            Build::Call(name, argument) if self.style.short_forms => {
                match self.write_block(argument, quote) {
                    Written::Inline(text) => Written::Inline(format!("!{name} {text}")),
                    Written::Lines(lines) => Written::Tagged(format!("!{name}"), lines),
                    // A node has one tag, so the inner call takes the long form, as in `Expected`.
                    Written::Tagged(tag, lines) => {
                        Written::Tagged(format!("!{name}"), long_form(&tag, lines))
                    }
                }
            }
            Build::Call(name, argument) => {
                Written::Lines(self.entry_lines(&long_name(name), argument, quote))
            }
            Build::Moved(id) => self.write_moved(self.template.node(*id)),
        }
    }

    /// Writes a moved item without its dash, as a value.
    ///
    /// The first line loses its dash and the blanks after it, and the other lines move left by the
    /// same distance. An item with a comment line above it has no dash in its first line; it is
    /// rewritten in flow style.
    fn write_moved(&self, item: NodeRef<'_>) -> Written {
        let lines = self.moved_lines(item);
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else {
            return Written::Inline(String::new());
        };
        let Some(rest) = first.strip_prefix('-') else {
            return Written::Inline(reflow::flow_text(&self.expected_of(item)));
        };
        let text = rest.trim_start_matches(' ');
        let offset = first.len() - text.len();
        let more: Vec<String> = lines.map(|line| dedent(&line, offset)).collect();
        if more.is_empty() {
            return Written::Inline(text.to_owned());
        }
        Written::Lines(std::iter::once(text.to_owned()).chain(more).collect())
    }

    /// Returns the lines of an entry of a block mapping.
    pub(super) fn entry_lines(&self, key: &str, value: &Build, quote: Quote) -> Vec<String> {
        let key = self.scalar(key, self.style.key_quote, Place::Block);
        let below = if matches!(value, Build::Sequence(_)) {
            self.style.list_indent
        } else {
            self.style.indent
        };
        match self.write_block(value, quote) {
            Written::Inline(text) => vec![format!("{key}: {text}")],
            Written::Lines(lines) => under(format!("{key}:"), lines, below),
            Written::Tagged(tag, lines) => under(format!("{key}: {tag}"), lines, self.style.indent),
        }
    }

    /// Returns the lines of an item of a block sequence with its dash. A moved item includes its
    /// comment lines.
    pub(super) fn item_lines(&self, item: &Build, quote: Quote) -> Vec<String> {
        if let Build::Moved(id) = item {
            return self.moved_lines(self.template.node(*id));
        }
        match self.write_block(item, quote) {
            Written::Inline(text) => vec![format!("- {text}")],
            Written::Lines(lines) => {
                let mut lines = lines.into_iter();
                let first = format!("- {}", lines.next().unwrap_or_default());
                under(first, lines.collect(), 2)
            }
            Written::Tagged(tag, lines) => under(format!("- {tag}"), lines, 2),
        }
    }

    /// Returns `true` if a value is an item that moves out of a flow collection.
    fn is_moved_flow_item(&self, build: &Build) -> bool {
        let Build::Moved(id) = build else {
            return false;
        };
        self.template
            .node(*id)
            .parent()
            .is_some_and(|parent| parent.kind().is_flow())
    }

    /// Writes a value on one line, for brackets and JSON.
    pub(super) fn write_flow(&self, build: &Build, quote: Quote) -> String {
        match build {
            Build::Text(text) => self.scalar(text, quote, Place::Flow),
            Build::Mapping(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| self.flow_entry(key, value, quote))
                    .collect();
                format!("{{{}}}", entries.join(self.separator()))
            }
            Build::Sequence(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| self.write_flow(item, quote))
                    .collect();
                format!("[{}]", items.join(self.separator()))
            }
            Build::Call(name, argument) if self.style.short_forms => {
                format!("!{name} {}", self.write_flow(argument, quote))
            }
            Build::Call(name, argument) => {
                format!("{{{}}}", self.flow_entry(&long_name(name), argument, quote))
            }
            Build::Moved(id) => self.moved_flow(self.template.node(*id)),
        }
    }

    /// Returns the text between two elements on one line.
    fn separator(&self) -> &'static str {
        if self.is_minified { "," } else { ", " }
    }

    /// Writes an entry on one line.
    pub(super) fn flow_entry(&self, key: &str, value: &Build, quote: Quote) -> String {
        let key = self.scalar(key, self.style.key_quote, Place::Flow);
        let blank = if self.is_minified { "" } else { " " };
        format!("{key}:{blank}{}", self.write_flow(value, quote))
    }

    /// Writes a value for brackets that extend over several lines: one element per line, and
    /// function calls on one line.
    ///
    /// `Fn::If` in long form is the exception: its condition and its branches get lines of their
    /// own.
    ///
    /// ```yaml
    /// {
    ///   Name: TOKEN,
    ///   ValueFrom: {Ref: Token}
    /// }
    /// ```
    pub(super) fn write_flow_lines(&self, build: &Build, quote: Quote) -> Vec<String> {
        let (open, close, elements): (_, _, Vec<Vec<String>>) = match build {
            Build::Mapping(entries) => (
                "{",
                "}",
                entries
                    .iter()
                    .map(|(key, value)| self.flow_entry_lines(key, value, quote))
                    .collect(),
            ),
            Build::Sequence(items) if !items.is_empty() => (
                "[",
                "]",
                items
                    .iter()
                    .map(|item| self.write_flow_lines(item, quote))
                    .collect(),
            ),
            Build::Moved(id) => return self.moved_flow_lines(self.template.node(*id)),
            Build::Call("If", argument) if !self.style.short_forms => (
                "{",
                "}",
                vec![self.flow_entry_lines("Fn::If", argument, quote)],
            ),
            _ => return vec![self.write_flow(build, quote)],
        };
        let count = elements.len();
        let mut lines = vec![open.to_owned()];
        for (index, mut element) in elements.into_iter().enumerate() {
            if let Some(last) = element.last_mut().filter(|_| index + 1 < count) {
                last.push(',');
            }
            lines.extend(
                element
                    .into_iter()
                    .map(|line| indented(&line, self.style.indent)),
            );
        }
        lines.push(close.to_owned());
        lines
    }

    /// Writes an entry for brackets that extend over several lines.
    pub(super) fn flow_entry_lines(&self, key: &str, value: &Build, quote: Quote) -> Vec<String> {
        let key = self.scalar(key, self.style.key_quote, Place::Flow);
        let mut lines = self.write_flow_lines(value, quote);
        if let Some(first) = lines.first_mut() {
            *first = format!("{key}: {first}");
        }
        lines
    }

    /// Writes a text as a scalar, without quotes if every parser reads the same text without them.
    ///
    /// | Text | `quote` | Written |
    /// | --- | --- | --- |
    /// | `db` | plain | `db` |
    /// | `on` | plain | `'on'`, or in the quotes of the file |
    /// | `it's` | single | `'it''s'` |
    /// | two lines | any | `"a\nb"` |
    pub(super) fn scalar(&self, text: &str, quote: Quote, place: Place) -> String {
        if self.style.syntax == Syntax::Json {
            return double_quoted(text);
        }
        if text.chars().any(needs_escape) {
            return double_quoted(text);
        }
        let quote = match quote {
            Quote::Plain if stays_text(text, place) => return text.to_owned(),
            Quote::Plain => self.style.quote,
            other => other,
        };
        match quote {
            Quote::Double => double_quoted(text),
            Quote::Plain | Quote::Single => format!("'{}'", text.replace('\'', "''")),
        }
    }
}

/// The position of a scalar, in block or flow style. More characters are special in flow style.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Below a key or after a dash.
    Block,
    /// Inside brackets.
    Flow,
}

/// Returns `true` if parsers of YAML 1.1 and 1.2 read a text as itself without quotes.
///
/// This is stricter than either grammar. Quoting a text that needs no quotes is harmless, but a
/// missing quote changes the value.
///
/// | Text | Block | Flow |
/// | --- | --- | --- |
/// | `arn:aws:ssm:eu-west-1` | yes | yes |
/// | `${AWS::Region}`, `a, b` | yes | no |
/// | `a: b`, `a #b`, `a:` | no | no |
/// | `*`, `-x`, `@x`, a leading blank | no | no |
/// | `on`, `5432`, an empty text | no | no |
/// | `é` | no | no |
///
/// Text outside of ASCII is quoted as well, which spares a list of the characters that parsers
/// treat as white space.
pub(super) fn stays_text(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let is_indicator = "-?:,[]{}#&*!|>'\"%@`~=<".contains(first) || first.is_whitespace();
    let ends_badly = text.ends_with(|last: char| last.is_whitespace() || last == ':');
    let has_break = text.contains(": ")
        || text.contains(" #")
        || text.contains(|character: char| character.is_ascii_control() || !character.is_ascii());
    // `${AWS::Region}` needs no quotes in block style.
    let has_flow_indicator = place == Place::Flow && text.contains([',', '[', ']', '{', '}']);
    let colon_in_flow = place == Place::Flow
        && [":,", ":[", ":]", ":{", ":}", ":?"]
            .iter()
            .any(|bad| text.contains(bad));
    !(is_indicator
        || ends_badly
        || has_break
        || has_flow_indicator
        || colon_in_flow
        || looks_typed(text))
}

/// Returns `true` if some parser reads a plain text as a number, a boolean, null or a date.
///
/// - Words: `on`, `No`, `NULL`, `~`, `.inf`, and the empty text.
/// - Numbers of any base and their neighbours: `5432`, `0x1F`, `0o17`, `1_000`, `1e3`, `10.0.0.1`.
/// - Dates and times: `2026-01-01`, `12:30`, `2026-01-01T00:00:00Z`.
///
/// A text such as `1.2.3-beta` is included by accident of its letters. This only costs a pair of
/// quotes.
pub(super) fn looks_typed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_word = matches!(
        lower.as_str(),
        "" | "~"
            | "null"
            | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "y"
            | "n"
            | ".inf"
            | "-.inf"
            | "+.inf"
            | ".nan"
    );
    let starts_like_number =
        text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    let is_numeric = starts_like_number
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || "+-._:xobtTzZ ".contains(c));
    is_word || is_numeric
}

/// Returns `true` for characters that YAML 1.1 reads as line breaks or rejects, and for invisible
/// control characters.
///
/// Source: YAML 1.1, `c-printable` and `b-char`. libyaml rejects a byte-order mark inside a text.
/// All characters that need more than the four digits of `\u` are printable.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Writes a text in double quotes, with escapes that YAML and JSON share.
///
/// The escapes `\"`, `\\`, `\n`, `\r`, `\t` and `\uXXXX` mean the same in YAML and JSON, so one
/// function serves both.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            escaped if needs_escape(escaped) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(escaped));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a text in double quotes.
///
/// Serves [`reflow`], which has no [`Renderer`] and therefore no style to follow.
pub(super) fn quoted(text: &str) -> String {
    double_quoted(text)
}

/// Returns the key of a call in long form: `Ref`, `Condition`, or the name with `Fn::`.
///
/// `Ref` → `Ref`, `GetAtt` → `Fn::GetAtt`.
pub(super) fn long_name(name: &str) -> String {
    if matches!(name, "Ref" | "Condition") {
        name.to_owned()
    } else {
        format!("Fn::{name}")
    }
}

/// Converts a call in short form with lines below it to the long form.
///
/// `!Sub` above `- a` becomes `Fn::Sub:` above an indented `- a`.
fn long_form(tag: &str, lines: Vec<String>) -> Vec<String> {
    under(
        format!("{}:", long_name(tag.trim_start_matches('!'))),
        lines,
        2,
    )
}

/// Returns a first line followed by indented lines.
///
/// `under("A:", ["b", "c"], 2)` returns `A:`, and `b` and `c` indented by two columns.
fn under(first: String, lines: Vec<String>, indent: usize) -> Vec<String> {
    std::iter::once(first)
        .chain(lines.into_iter().map(|line| indented(&line, indent)))
        .collect()
}

/// Indents a line. An empty line stays empty.
pub(super) fn indented(line: &str, columns: usize) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{:columns$}{line}", "")
    }
}

/// Removes up to `columns` leading spaces.
///
/// A line with fewer blanks loses all of them. Tabs stay: YAML does not take them as indentation.
pub(super) fn dedent(line: &str, columns: usize) -> String {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    line[blanks.min(columns)..].to_owned()
}
