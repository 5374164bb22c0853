//! Block scalars: `|` and `>` with their lines.
//!
//! The parser only finds the end of the text. The removal of the indentation and the folding of
//! lines happen in [`scalar`](crate::scalar), when the text is asked for.
//!
//! | Header | Indentation | Line breaks at the end |
//! | --- | --- | --- |
//! | `\|`, `>` | that of the first line with content | outside of the node |
//! | `\|-`, `>-` | the same | outside of the node |
//! | `\|+`, `>+` | the same | part of the node |
//! | `\|2`, `>2+` | two columns more than the parent | as without the digit |

use super::ParseError;
use super::block::{INLINE, Next, Parser, tab};
use super::build::Waiting;
use crate::tree::Kind;

/// The characters after `|` or `>`.
struct Header {
    /// The explicit indentation, relative to the parent.
    indentation: Option<i32>,
    /// `+`: trailing line breaks belong to the scalar.
    keeps: bool,
}

impl Parser<'_> {
    /// Returns the number of leading spaces of a line.
    ///
    /// Tabs do not count: they are never indentation in YAML.
    pub(super) fn spaces(&self, line_start: usize) -> i32 {
        let spaces = self.cursor.bytes[line_start..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        i32::try_from(spaces).unwrap_or(INLINE)
    }

    /// Parses a block scalar with all of its lines.
    ///
    /// The first line with content sets the indentation, unless the header does. The scalar ends
    /// before the first line that is indented less.
    pub(super) fn block_scalar(&mut self, column: i32, own: &Waiting) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        self.check_value_column(column, start)?;
        let waiting = self.take_properties(own)?;
        let kind = if self.cursor.byte() == b'|' {
            Kind::Literal
        } else {
            Kind::Folded
        };
        let parent = self.builder.stack.last().map_or(-1, |frame| frame.column);
        let header = self.block_scalar_header()?;
        let mut end = self.cursor.position;
        let mut indent = header.indentation.map(|digit| parent.max(0) + digit);
        let mut deepest_blank = 0;
        while !self.cursor.is_end() {
            let line_start = self.cursor.position;
            let limit = indent.unwrap_or(INLINE);
            let mut spaces = 0;
            while self.cursor.byte() == b' ' && spaces < limit {
                self.cursor.position += 1;
                spaces += 1;
            }
            let is_blank = self.cursor.is_break_or_end(self.cursor.position);
            if is_blank {
                deepest_blank = deepest_blank.max(spaces);
                if self.cursor.is_end() && header.keeps {
                    end = self.cursor.position;
                }
                self.cursor.skip_break();
                if header.keeps {
                    end = self.cursor.position;
                }
                continue;
            }
            if self.cursor.byte() == b'\t' && indent.is_none_or(|indent| spaces < indent) {
                return Err(tab(self.cursor.position));
            }
            let content =
                *indent.get_or_insert_with(|| spaces.max(deepest_blank).max(parent + 1).max(1));
            if spaces < content {
                self.cursor.position = line_start;
                break;
            }
            self.cursor.skip_line();
            self.cursor.skip_break();
            end = self.cursor.position;
        }
        self.builder.push(kind, (start, end), &waiting, true);
        Ok(Next::Line)
    }

    /// Parses the characters after `|` or `>`: a digit, and `+` or `-`, in either order.
    ///
    /// `2-` and `-2` mean the same. `0`, two digits and two signs are errors, and so is any other
    /// text on the line except a comment.
    fn block_scalar_header(&mut self) -> Result<Header, ParseError> {
        let mut header = Header {
            indentation: None,
            keeps: false,
        };
        let mut has_chomping = false;
        self.cursor.position += 1;
        while !self.cursor.is_space_or_end(self.cursor.position) {
            match self.cursor.byte() {
                sign @ (b'+' | b'-') if !has_chomping => {
                    header.keeps = sign == b'+';
                    has_chomping = true;
                }
                digit @ b'1'..=b'9' if header.indentation.is_none() => {
                    header.indentation = Some(i32::from(digit - b'0'));
                }
                _ => {
                    return Err(ParseError::at(
                        self.cursor.position,
                        "not a valid beginning of a text block",
                        "only `+`, `-` and one digit are allowed after `|` or `>`; quote other text",
                    ));
                }
            }
            self.cursor.position += 1;
        }
        self.finish_line()?;
        Ok(header)
    }
}
