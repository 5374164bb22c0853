//! Conversion of byte offsets to lines and columns.

use std::ops::Range;

use crate::span::LineColumn;

/// The number of bytes between two offsets whose character count is stored.
const BLOCK: usize = 1024;

/// An index of the lines of a text.
///
/// Looking up a place takes a binary search instead of a scan from the start of the text. This
/// matters for reports with as many places as the text has lines, and for minified templates, in
/// which all places are on one line. The index does not hold the text; pass the same text to every
/// method.
///
/// ```
/// use byref_template::{LineColumn, LineIndex};
///
/// let text = "Ä: 1\r\nB: 2\n";
/// let index = LineIndex::new(text);
/// assert_eq!(index.place(text, 10), LineColumn { line: 2, column: 4 });
/// assert_eq!(&text[index.line(text, 10)], "B: 2");
/// ```
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// The offset of the first byte of each line.
    starts: Vec<usize>,
    /// The number of characters before each block.
    characters: Vec<usize>,
}

impl LineIndex {
    /// Scans the text once.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        let mut characters = Vec::with_capacity(bytes.len() / BLOCK + 1);
        let mut count = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if index % BLOCK == 0 {
                characters.push(count);
            }
            count += usize::from(is_first_byte(*byte));
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(index + 1);
            }
        }
        Self { starts, characters }
    }

    /// Returns line and column of an offset. An offset beyond the end means the end.
    pub fn place(&self, text: &str, offset: usize) -> LineColumn {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let mark = text[start..offset]
            .chars()
            .take_while(|character| *character == '\u{feff}')
            .count();
        let column =
            self.characters_before(text, offset) - self.characters_before(text, start) - mark;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        LineColumn {
            line: count(line),
            column: count(column).saturating_add(1),
        }
    }

    /// Returns the range of the line that contains an offset, without its line break.
    pub fn line(&self, text: &str, offset: usize) -> Range<usize> {
        let next = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[next - 1];
        let end = self.starts.get(next).copied().unwrap_or(text.len());
        start..start + text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// Returns the number of characters before an offset, counting from the start of its block.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.characters.len().saturating_sub(1));
        let known = self.characters.get(block).copied().unwrap_or_default();
        known
            + text.as_bytes()[block * BLOCK..offset]
                .iter()
                .filter(|byte| is_first_byte(**byte))
                .count()
    }
}

/// Returns `true` if a byte of UTF-8 begins a character.
fn is_first_byte(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_index_matches_a_linear_scan() {
        let long = "é{\"a\": \"x\"},\r".repeat(400);
        for text in [
            "",
            "a",
            "\u{feff}a\r\né: x\rz",
            "\n\n\r\r\n",
            "\u{feff}",
            &long,
        ] {
            let index = LineIndex::new(text);
            for offset in 0..=text.len() + 2 {
                let known = LineColumn::of(text, u32::try_from(offset).unwrap());
                assert_eq!(index.place(text, offset), known, "{offset} of {text:?}");
                let line = index.line(text, offset);
                assert!(
                    !text[line.clone()].contains(['\n', '\r']),
                    "{offset} of {text:?}"
                );
                assert!(
                    line.start <= offset.min(text.len()) && offset.min(text.len()) <= line.end + 2
                );
            }
        }
    }
}
