//! Offsets to lines and columns, fast for many places in one text.

use byref_template::Span;

/// Where something stands, as editors count: from 1, columns in characters, the end behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

/// Where the lines of a text begin.
pub(crate) struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            // `\n`, `\r\n` and a lone `\r` end a line.
            if *byte == b'\n' || *byte == b'\r' && bytes.get(index + 1) != Some(&b'\n') {
                starts.push(index + 1);
            }
        }
        Self { text, starts }
    }

    pub(crate) fn region(&self, span: Span) -> Region {
        let (line, column) = self.place(span.start as usize);
        let (end_line, end_column) = self.place((span.end as usize).max(span.start as usize));
        Region { line, column, end_line, end_column }
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.trim_start_matches('\u{feff}').chars().count() + 1)
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
                let region = index.region(Span::at(offset));
                // Between the two halves of `\r\n` the line has not ended for one, and has no next column for the other.
                assert_eq!(region.line, known.line as usize, "{offset}");
            }
        }
    }
}
