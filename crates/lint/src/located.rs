//! A text with the place in the file that every part of it comes from.
//!
//! A scalar says something else than what is written: quotes and escapes are resolved, lines are folded, indentation
//! is gone; `Fn::Join` and `Fn::Sub` put several together. A finding inside must still point at its own line.

use std::borrow::Cow;
use std::ops::Range;

use byref_template::{Kind, NodeRef, Span};

use byref_judge::HOLE;

/// A text that is judged, made of parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Located<'t> {
    pub(crate) text: Cow<'t, str>,
    parts: Vec<Part<'t>>,
}

#[derive(Clone, Debug)]
struct Part<'t> {
    /// Where the part begins in the text.
    start: usize,
    origin: Origin<'t>,
}

#[derive(Clone, Debug)]
enum Origin<'t> {
    /// What a scalar says, from this byte of it on.
    Scalar(NodeRef<'t>, usize),
    /// The bytes of the file from here on, as they stand there.
    Bytes(usize),
    /// Something that has no more exact place, such as a join's delimiter.
    Whole(Span),
}

impl<'t> Located<'t> {
    /// What a scalar says.
    pub(crate) fn scalar(node: NodeRef<'t>) -> Option<Self> {
        let text = node.text()?;
        let parts = vec![Part { start: 0, origin: Origin::Scalar(node, 0) }];
        Some(Self { text, parts })
    }

    /// A part of the file as it stands there.
    pub(crate) fn bytes(text: &'t str, offset: usize) -> Self {
        Self { text: Cow::Borrowed(text), parts: vec![Part { start: 0, origin: Origin::Bytes(offset) }] }
    }

    /// Adds a part.
    pub(crate) fn push(&mut self, other: &Located<'t>) {
        let start = self.text.len();
        self.parts
            .extend(other.parts.iter().map(|part| Part { start: start + part.start, origin: part.origin.clone() }));
        self.text.to_mut().push_str(&other.text);
    }

    /// Adds text that stands between parts, such as a join's delimiter; its place is that of `node`.
    pub(crate) fn push_between(&mut self, text: &str, node: NodeRef<'t>) {
        self.parts.push(Part { start: self.text.len(), origin: Origin::Whole(node.span()) });
        self.text.to_mut().push_str(text);
    }

    /// Adds a hole: something that is not literal.
    pub(crate) fn push_hole(&mut self, node: NodeRef<'t>) {
        self.push_between(HOLE.encode_utf8(&mut [0; 4]), node);
    }

    /// Adds a part of what a scalar says.
    pub(crate) fn push_piece(&mut self, text: &str, node: NodeRef<'t>, offset: usize) {
        self.parts.push(Part { start: self.text.len(), origin: Origin::Scalar(node, offset) });
        self.text.to_mut().push_str(text);
    }

    /// The place of a range of the text, in the file.
    pub(crate) fn locate(&self, range: &Range<usize>) -> Span {
        let start = self.place(range.start);
        let end = self.place(range.end.saturating_sub(1).max(range.start));
        Span::new(start.start.min(end.start), end.end.max(start.end))
    }

    /// The place of one byte of the text.
    fn place(&self, offset: usize) -> Span {
        let index = self.parts.partition_point(|part| part.start <= offset).saturating_sub(1);
        let Some(part) = self.parts.get(index) else { return Span::default() };
        let inside = offset.saturating_sub(part.start);
        match part.origin {
            Origin::Whole(span) => span,
            Origin::Bytes(start) => Span::from(start + inside..start + inside + 1),
            Origin::Scalar(node, from) => {
                let written = written_offset(node, from + inside);
                let start = node.span().start as usize + written;
                Span::from(start..(start + 1).min(node.span().end as usize).max(start))
            }
        }
    }
}

/// Where in a node's raw text the byte stands that is at `offset` of what it says.
fn written_offset(node: NodeRef<'_>, offset: usize) -> usize {
    let raw = node.raw();
    let Some(said) = node.text() else { return 0 };
    let is_quoted = matches!(node.kind(), Kind::SingleQuoted | Kind::DoubleQuoted);
    if matches!(said, Cow::Borrowed(_)) {
        return (offset + usize::from(is_quoted)).min(raw.len());
    }
    let head = match node.kind() {
        Kind::Literal | Kind::Folded => raw.find(['\n', '\r']).unwrap_or(raw.len()),
        _ => usize::from(is_quoted),
    };
    let mut written = Written { raw, at: head, kind: node.kind() };
    for (index, character) in said.char_indices() {
        let place = written.find(character);
        if index + character.len_utf8() > offset {
            return place;
        }
    }
    raw.len()
}

/// Goes over what is written, character by character of what is said.
struct Written<'t> {
    raw: &'t str,
    at: usize,
    kind: Kind,
}

impl Written<'_> {
    /// Where the next character that is said is written. Blanks that are said may stand for folded lines, and have no
    /// place of their own.
    fn find(&mut self, said: char) -> usize {
        if said.is_whitespace() && !(self.kind == Kind::DoubleQuoted && self.rest().starts_with('\\')) {
            let place = self.at;
            if self.rest().starts_with(said) {
                self.at += said.len_utf8();
            }
            return place;
        }
        loop {
            let Some(next) = self.rest().chars().next() else { return self.at };
            if self.kind == Kind::DoubleQuoted && next == '\\' {
                let continues = self.rest()[1..].starts_with(['\n', '\r']);
                if continues {
                    self.at += 2;
                    continue;
                }
                let place = self.at;
                self.at += escape_length(self.rest());
                return place;
            }
            let place = self.at;
            self.at += next.len_utf8();
            if next == said {
                // `''` says one quote.
                if self.kind == Kind::SingleQuoted && said == '\'' && self.rest().starts_with('\'') {
                    self.at += 1;
                }
                return place;
            }
        }
    }

    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }
}

/// The length of an escape in bytes; two halves of a character beyond the first 65,536 are one.
fn escape_length(text: &str) -> usize {
    let kind = text.chars().nth(1).unwrap_or('n');
    let length = match kind {
        'x' => 4,
        'u' => 6,
        'U' => 10,
        _ => 1 + kind.len_utf8(),
    };
    let unit = text.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let is_half = kind == 'u' && unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
    let length = if is_half && text.get(6..8) == Some("\\u") { 12 } else { length };
    length.min(text.len())
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;

    #[test]
    fn a_place_is_found_in_every_style() {
        let templates = [
            "a: needle\n",
            "a: 'it''s a needle'\n",
            "a: \"tab\\tand \\u00e9 needle\"\n",
            "a: |\n  first\n  needle\n",
            "a: |\n  first \\\n    \\n '' needle\n",
            "a: >\n  first\n  second needle\n\n  third\n",
            "a: first\n  second needle\n",
            "a: \"first\n  second needle\"\n",
            "a: \"first \\\n  needle\"\n",
            "{\"a\": \"line\\nnext \\ud83d\\ude00 needle\"}",
        ];
        for text in templates {
            let template = Template::parse(text).unwrap();
            let node = template.root().unwrap().get("a").unwrap();
            let located = Located::scalar(node).unwrap();
            let at = located.text.find("needle").unwrap();
            let span = located.locate(&(at..at + 6));
            assert_eq!(&text[span.range()], "needle", "{text}");
        }
    }
}
