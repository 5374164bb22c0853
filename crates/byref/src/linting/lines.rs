//! Places of findings in lines and columns.

use byref_template::{LineIndex, Span};

/// A place as editors count: lines and columns from 1, columns in characters, the end behind the
/// last character.
///
/// In files that are not templates and were only searched for stored values, columns are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    /// The line of the first character.
    pub line: usize,
    /// The column of the first character.
    pub column: usize,
    /// The line of the last character.
    pub end_line: usize,
    /// The column behind the last character.
    pub end_column: usize,
}

impl LineRange {
    /// Returns the place of a span in the text that the index was made of.
    pub(super) fn of(lines: &LineIndex, text: &str, span: Span) -> Self {
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
    fn counts_lines_and_columns_as_diagnostics_do() {
        let text = "\u{feff}a\r\né: x\rz";
        let index = LineIndex::new(text);
        for offset in 0..u32::try_from(text.len()).unwrap() {
            if text.is_char_boundary(offset as usize) {
                let known = byref_template::LineColumn::of(text, offset);
                let range = LineRange::of(&index, text, Span::at(offset));
                assert_eq!(
                    (range.line, range.column),
                    (known.line as usize, known.column as usize),
                    "{offset}"
                );
            }
        }
    }
}
