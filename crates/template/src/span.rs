//! Ranges of bytes, and places for people.

use std::ops::Range;

/// A half-open range of bytes in a text: `start..end`.
///
/// Offsets are `u32`, which halves the size of the tree, and always fall on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl Span {
    /// Creates the span `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Creates an empty span: a place between two bytes.
    pub fn at(offset: u32) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// Returns the range, for indexing a `str`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns `true` if `other` lies completely inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the union of spans, sorted and without overlaps. Adjacent spans are joined and empty
    /// ones are dropped.
    ///
    /// ```
    /// use byref_template::Span;
    /// let spans = [Span::new(5, 9), Span::new(0, 2), Span::new(8, 12), Span::at(3)];
    /// assert_eq!(Span::merged(spans), [Span::new(0, 2), Span::new(5, 12)]);
    /// ```
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

    /// Returns `true` if the span has no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl From<Range<usize>> for Span {
    /// Saturates at 4 GiB. Texts are limited to 1 GiB.
    fn from(range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: clamp(range.start),
            end: clamp(range.end),
        }
    }
}

/// A place as editors show it. Both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line. `\n`, `\r\n` and a lone `\r` end a line.
    pub line: u32,
    /// The column in characters, not bytes. A byte-order mark has no column.
    pub column: u32,
}

impl LineColumn {
    /// Returns the place of an offset by scanning the text. Use a [`LineIndex`](crate::LineIndex)
    /// for more than a few places.
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
        Self {
            line,
            column: u32::try_from(columns).unwrap_or(u32::MAX).saturating_add(1),
        }
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
