//! Text with everything hidden that may be a secret: the one place where masks are put in.
//!
//! A mask has one width for all values, so it does not tell the length of a value. That is why
//! columns have to be carried over: the text behind a mask moves.

use byref_parameter::MASK;
use byref_template::Span;

/// A line with its masks, and where its parts come from.
///
/// ```
/// use byref::render::mask::MaskedLine;
/// use byref::template::Span;
///
/// let line = MaskedLine::new("Default: not-a-secret # old", 0, &[Span::new(9, 21)]);
/// assert_eq!(line.text, "Default: ****** # old");
/// assert_eq!(line.columns(9, 21), (9, 15)); // the value has become the mask
/// assert_eq!(line.columns(22, 27), (16, 21)); // the comment has moved with it
/// ```
pub struct MaskedLine {
    /// The line, without its line break.
    pub text: String,
    /// The bytes of the source line that each mask replaces, and those of the mask in the masked
    /// line.
    masks: Vec<((usize, usize), (usize, usize))>,
}

impl MaskedLine {
    /// Masks a line of a text that begins at `start`. `hidden` is sorted.
    ///
    /// The spans are of the whole text, in bytes, sorted and not overlapping; one may begin before
    /// the line or end after it. Only spans near the line are looked at: the first one is found by
    /// a binary search.
    ///
    /// Indentation at the start of a span is shown, and so is the sign of a comment: `  # password`
    /// → `  # ******`. A span of white space alone has no mask.
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
    ///
    /// `start` and `end` are bytes from the start of the line. A range inside a mask becomes the
    /// whole mask: a part of it would tell something about the value.
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
///
/// Needed because a mask is longer or shorter than its value: an offset inside has no place of its
/// own, and is moved outwards.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// The lines of a text with their masks, without line breaks.
///
/// A span over several lines gives each of them a mask. A line break at the end begins no further
/// line.
///
/// ```
/// use byref::render::mask::masked_lines;
/// use byref::template::Span;
///
/// let lines = masked_lines("a: one\r\nb: two\n", &[Span::new(3, 6)]);
/// assert_eq!(lines, ["a: ******", "b: two"]);
/// ```
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
