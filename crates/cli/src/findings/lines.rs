//! Places of findings in lines and columns.

use byref_template::{LineIndex, Span};

/// Where a finding is, as editors count: from 1, columns in characters, the end behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Region {
    /// The region of a span in the text that the index was made of.
    pub(crate) fn of(lines: &LineIndex, text: &str, span: Span) -> Self {
        let start = lines.place(text, span.start as usize);
        let end = lines.place(text, span.end.max(span.start) as usize);
        Self {
            line: start.line as usize,
            column: start.column as usize,
            end_line: end.line as usize,
            end_column: end.column as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_the_diagnostics_do() {
        let text = "\u{feff}a\r\né: x\rz";
        let index = LineIndex::new(text);
        for offset in 0..u32::try_from(text.len()).unwrap() {
            if text.is_char_boundary(offset as usize) {
                let known = byref_template::LineColumn::of(text, offset);
                let region = Region::of(&index, text, Span::at(offset));
                assert_eq!((region.line, region.column), (known.line as usize, known.column as usize), "{offset}");
            }
        }
    }
}
