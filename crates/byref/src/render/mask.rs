//! Text with everything hidden that may be a secret: the one place where masks are put in.

use byref_parameter::MASK;
use byref_template::Span;

/// A line with its masks, and where its parts come from.
pub struct MaskedLine {
    /// The line, without its line break.
    pub text: String,
    /// The bytes of the source line that each mask replaces, and those of the mask in the masked
    /// line.
    masks: Vec<((usize, usize), (usize, usize))>,
}

impl MaskedLine {
    /// Masks a line of a text that begins at `start`. `hidden` is sorted.
    pub fn new(line: &str, start: usize, hidden: &[Span]) -> Self {
        let end = start + line.len();
        let first = hidden.partition_point(|span| (span.end as usize) <= start);
        let mut masked = Self {
            text: String::with_capacity(line.len()),
            masks: Vec::new(),
        };
        let mut position = 0;
        for span in hidden[first..]
            .iter()
            .take_while(|span| (span.start as usize) < end)
        {
            let from = ((span.start as usize).max(start) - start).max(position);
            let range = from..((span.end as usize).min(end) - start).max(from);
            // Indentation and the comment sign are no secrets.
            let part = &line[range.clone()];
            let shown = part.len() - part.trim_start().len();
            let shown = shown + usize::from(part[shown..].starts_with('#'));
            let from = range.start + shown;
            masked.text.push_str(&line[position..from]);
            position = range.end;
            if part[shown..].trim().is_empty() {
                continue;
            }
            let blank = if shown > 0 && line[..from].ends_with('#') {
                " "
            } else {
                ""
            };
            masked.text.push_str(blank);
            let at = masked.text.len();
            masked.text.push_str(MASK);
            masked
                .masks
                .push(((from, range.end), (at, masked.text.len())));
        }
        masked.text.push_str(&line[position..]);
        masked
    }

    /// The columns of the masked line, in characters from 0, that a range of bytes of the source
    /// line has become.
    pub fn columns(&self, start: usize, end: usize) -> (usize, usize) {
        let (start, end) = (self.place(start, Edge::Start), self.place(end, Edge::End));
        let count = |end: usize| self.text.get(..end).map_or(0, |text| text.chars().count());
        (count(start), count(end.max(start)))
    }

    /// Returns the byte in the masked line for a byte of the source line. A byte inside a mask
    /// becomes its start or its end.
    fn place(&self, offset: usize, edge: Edge) -> usize {
        for ((from, to), (at, until)) in &self.masks {
            let is_inside = match edge {
                Edge::Start => (*from..*to).contains(&offset),
                Edge::End => *from < offset && offset <= *to,
            };
            if is_inside {
                return if edge == Edge::Start { *at } else { *until };
            }
        }
        let moved = self.masks.iter().rev().find(|((_, to), _)| offset >= *to);
        moved.map_or(offset, |((_, to), (_, until))| offset - to + until)
    }
}

/// The end of a range that a position is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// The lines of a text with their masks, without line breaks.
pub fn masked_lines(text: &str, hidden: &[Span]) -> Vec<String> {
    let mut start = 0;
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // `\n`, `\r\n` and a lone `\r` end a line, as in the diff.
        let content = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        let end = &rest[content.len()..];
        let length = content.len()
            + if end.starts_with("\r\n") {
                2
            } else {
                end.len().min(1)
            };
        lines.push(MaskedLine::new(content, start, hidden).text);
        start += length;
        rest = &rest[length..];
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_moves_what_comes_after_it() {
        let line = MaskedLine::new(
            "  - {Value: CANARY, Name: B} # CANARY",
            0,
            &[Span::new(12, 18), Span::new(29, 37)],
        );
        assert_eq!(line.text, "  - {Value: ******, Name: B} # ******");
        assert_eq!(line.columns(12, 18), (12, 18));
        assert_eq!(line.columns(26, 27), (26, 27));
        let long = MaskedLine::new("a: EXAMPLE-CANARY b", 0, &[Span::new(3, 17)]);
        assert_eq!(long.text, "a: ****** b");
        assert_eq!(long.columns(18, 19), (10, 11));
        assert_eq!(long.columns(5, 7), (3, 9));
    }

    #[test]
    fn a_comment_inside_something_hidden_needs_no_mask_of_its_own() {
        let line = MaskedLine::new(
            "  Input: !Sub | # CANARY",
            0,
            &[Span::new(14, 24), Span::new(16, 24)],
        );
        assert_eq!(line.text, "  Input: !Sub ******");
    }
}
