//! Places in a text.

use std::ops::Range;

/// A half-open range of bytes in one text: `start..end`. Offsets always fall on character borders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// An empty span, a place between two bytes.
    pub fn at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// The same range for indexing a `str`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Spans in order and without overlaps, whatever the order of those that are given; empty ones are left out.
    pub fn merged(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
        let mut spans: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }

    /// Whether the span has no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl From<Range<usize>> for Span {
    /// Saturates at 4 GiB; texts are limited to 1 GiB long before.
    fn from(range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(range.start), end: clamp(range.end) }
    }
}

/// A place as editors show it: both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1. `\n`, `\r\n` and a lone `\r` end a line.
    pub line: u32,
    /// Column in characters, from 1. A byte-order mark takes no column.
    pub column: u32,
}

impl LineColumn {
    /// Where `offset` stands in `text`. Walks the text up to `offset`.
    pub fn of(text: &str, offset: u32) -> Self {
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let bytes = before.as_bytes();
        let mut line = 1;
        let mut line_start = 0;
        for (index, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => text.as_bytes().get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                line += 1;
                line_start = index + 1;
            }
        }
        let in_line = &before[line_start..];
        let columns = in_line.trim_start_matches('\u{feff}').chars().count();
        Self { line, column: u32::try_from(columns).unwrap_or(u32::MAX).saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_index_counts_characters_and_line_ends() {
        let text = "\u{feff}a\r\né: x\rz";
        assert_eq!(LineColumn::of(text, 3), LineColumn { line: 1, column: 1 });
        let x = u32::try_from(text.find('x').unwrap()).unwrap();
        assert_eq!(LineColumn::of(text, x), LineColumn { line: 2, column: 4 });
        let z = u32::try_from(text.find('z').unwrap()).unwrap();
        assert_eq!(LineColumn::of(text, z), LineColumn { line: 3, column: 1 });
    }
}
