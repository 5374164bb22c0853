//! A text with the place in the file that every part of it comes from.
//!
//! The text of a scalar differs from what is written: quotes and escapes are resolved, lines are
//! folded, and indentation is removed; `Fn::Join` and `Fn::Sub` put several scalars together. A
//! finding inside such a text must still point at its own line.
//!
//! | value in the template | text | place of a byte |
//! | --- | --- | --- |
//! | `"a\tb"` | `a`, a tab, `b` | the escape for the tab |
//! | `!Join ['-', [a, b]]` | `a-b` | the item; the node behind it for the delimiter |
//! | `!Sub 'x${A}'` | `x${A}` | as it is written |
//!
//! An index of every byte would be the obvious alternative. It takes memory for each value, while a
//! finding is rare: here the raw text is read again up to the byte that is asked for.

use std::borrow::Cow;
use std::ops::Range;

use byref_template::{Kind, NodeRef, Span};

use byref_judge::HOLE;

/// A text to be judged, made of parts of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Located<'t> {
    pub(crate) text: Cow<'t, str>,
    parts: Vec<Part<'t>>,
}

/// A part of the text; it ends where the next one begins.
#[derive(Clone, Debug)]
struct Part<'t> {
    /// Where the part begins in the text, in bytes.
    start: usize,
    origin: Origin<'t>,
}

/// The origin of a part in the file.
#[derive(Clone, Debug)]
enum Origin<'t> {
    /// The text of a scalar, from this byte on.
    Scalar(NodeRef<'t>, usize),
    /// The bytes of the file from this offset on, as they are written.
    Bytes(usize),
    /// A place that cannot be narrowed down further, such as that of a join's delimiter.
    Whole(Span),
}

impl<'t> Located<'t> {
    /// Returns the text of a scalar, or `None` for other nodes.
    pub(crate) fn scalar(node: NodeRef<'t>) -> Option<Self> {
        let text = node.text()?;
        let parts = vec![Part {
            start: 0,
            origin: Origin::Scalar(node, 0),
        }];
        Some(Self { text, parts })
    }

    /// Returns a part of the file as it is written; `offset` is where it begins.
    pub(crate) fn bytes(text: &'t str, offset: usize) -> Self {
        Self {
            text: Cow::Borrowed(text),
            parts: vec![Part {
                start: 0,
                origin: Origin::Bytes(offset),
            }],
        }
    }

    /// Adds all parts of another text.
    pub(crate) fn push(&mut self, other: &Located<'t>) {
        let start = self.text.len();
        self.parts.extend(other.parts.iter().map(|part| Part {
            start: start + part.start,
            origin: part.origin.clone(),
        }));
        self.text.to_mut().push_str(&other.text);
    }

    /// Adds text between parts, such as a join's delimiter. Its place is that of `node`.
    pub(crate) fn push_between(&mut self, text: &str, node: NodeRef<'t>) {
        self.parts.push(Part {
            start: self.text.len(),
            origin: Origin::Whole(node.span()),
        });
        self.text.to_mut().push_str(text);
    }

    /// Adds a hole for something that is not literal.
    pub(crate) fn push_hole(&mut self, node: NodeRef<'t>) {
        self.push_between(HOLE.encode_utf8(&mut [0; 4]), node);
    }

    /// Adds a part of a scalar's text, which begins at `offset` of it.
    pub(crate) fn push_piece(&mut self, text: &str, node: NodeRef<'t>, offset: usize) {
        self.parts.push(Part {
            start: self.text.len(),
            origin: Origin::Scalar(node, offset),
        });
        self.text.to_mut().push_str(text);
    }

    /// Returns the place in the file of a range of the text.
    ///
    /// The range begins where its first byte is written, and ends behind its last one, so that it
    /// may span several nodes.
    pub(crate) fn locate(&self, range: &Range<usize>) -> Span {
        let start = self.place(range.start);
        let end = self.place(range.end.saturating_sub(1).max(range.start));
        Span::new(start.start.min(end.start), end.end.max(start.end))
    }

    /// Returns the place in the file of one byte of the text.
    fn place(&self, offset: usize) -> Span {
        let index = self
            .parts
            .partition_point(|part| part.start <= offset)
            .saturating_sub(1);
        let Some(part) = self.parts.get(index) else {
            return Span::default();
        };
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

/// Returns where in a node's raw text the byte at `offset` of its text is written.
///
/// A text without escapes or folded lines is borrowed from the template: its bytes are those of the
/// raw text, behind the quote.
fn written_offset(node: NodeRef<'_>, offset: usize) -> usize {
    let raw = node.raw();
    let Some(wanted) = node.text() else { return 0 };
    let is_quoted = matches!(node.kind(), Kind::SingleQuoted | Kind::DoubleQuoted);
    if matches!(wanted, Cow::Borrowed(_)) {
        return (offset + usize::from(is_quoted)).min(raw.len());
    }
    let head = match node.kind() {
        Kind::Literal | Kind::Folded => raw.find(['\n', '\r']).unwrap_or(raw.len()),
        _ => usize::from(is_quoted),
    };
    let mut written = Written {
        raw,
        at: head,
        kind: node.kind(),
    };
    for (index, character) in wanted.char_indices() {
        let place = written.find(character);
        if index + character.len_utf8() > offset {
            return place;
        }
    }
    raw.len()
}

/// A walk over a scalar as it is written, character by character of its text.
struct Written<'t> {
    raw: &'t str,
    at: usize,
    kind: Kind,
}

impl Written<'_> {
    /// Returns where the next character of the text is written, and moves behind it. Spaces may
    /// come from folded lines, and have no place of their own then.
    fn find(&mut self, wanted: char) -> usize {
        if wanted.is_whitespace()
            && !(self.kind == Kind::DoubleQuoted && self.rest().starts_with('\\'))
        {
            let place = self.at;
            if self.rest().starts_with(wanted) {
                self.at += wanted.len_utf8();
            }
            return place;
        }
        loop {
            let Some(next) = self.rest().chars().next() else {
                return self.at;
            };
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
            if next == wanted {
                // `''` is a single quote.
                if self.kind == Kind::SingleQuoted
                    && wanted == '\''
                    && self.rest().starts_with('\'')
                {
                    self.at += 1;
                }
                return place;
            }
        }
    }

    /// Returns the raw text that has not been read yet.
    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }
}

/// Returns the length of an escape sequence in bytes. The two halves of a surrogate pair are one
/// sequence.
///
/// `\n` → 2, `\x41` → 4, `\u00e9` → 6, `\ud83d\ude00` → 12.
fn escape_length(text: &str) -> usize {
    let kind = text.chars().nth(1).unwrap_or('n');
    let length = match kind {
        'x' => 4,
        'u' => 6,
        'U' => 10,
        _ => 1 + kind.len_utf8(),
    };
    let unit = text
        .get(2..6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let is_half = kind == 'u' && unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
    let length = if is_half && text.get(6..8) == Some("\\u") {
        12
    } else {
        length
    };
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
