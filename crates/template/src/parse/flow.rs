//! Flow style: `[…]` and `{…}`, token by token.
//!
//! Line breaks and comments are white space here, with two exceptions that libyaml makes: a key
//! must be on one line with its colon, and a continued plain scalar must not be indented with a tab
//! left of the innermost block collection.
//!
//! | Text | Result |
//! | --- | --- |
//! | `[a, b: c]` | an item and a pair without braces |
//! | `{a, b: c}` | `a` has an empty value |
//! | `[a, ]` | one item |
//! | `[, a]` | an error: a comma without a value |
//! | `{? a : b}` | an error: an explicit key |
//! | `{a:b}` | a key `a:b` with an empty value |
//! | `{a:[b]}` | an error: no blank after the colon |

use super::ParseError;
use super::block::{Parser, tab};
use super::build::{Expect, Frame, Waiting, offset};
use super::scan::{BREAK, FLOW, InFlow, class};
use crate::span::Span;
use crate::tree::Kind;

/// The maximum length of a key in bytes, as in libyaml.
pub(super) const KEY_BYTES: usize = 1024;

impl Parser<'_> {
    /// Parses the flow collection that begins here, with everything inside it.
    pub(super) fn flow(&mut self, waiting: &Waiting) -> Result<(), ParseError> {
        let base = self.builder.stack.len();
        self.open_flow(waiting)?;
        while self.builder.stack.len() > base {
            self.skip_flow_space()?;
            let Some(frame) = self.builder.stack.last().copied() else {
                break;
            };
            if self.cursor.is_end() {
                return Err(self.unclosed(&frame));
            }
            match frame.expect {
                Expect::Comma => self.flow_after_value(&frame)?,
                Expect::Colon => self.flow_after_key(&frame)?,
                _ => self.flow_node(&frame)?,
            }
        }
        Ok(())
    }

    /// Opens the collection whose bracket is here.
    fn open_flow(&mut self, waiting: &Waiting) -> Result<(), ParseError> {
        let start = self.cursor.position;
        let kind = if self.cursor.byte() == b'[' {
            Kind::FlowSequence
        } else {
            Kind::FlowMapping
        };
        self.builder.open(kind, start, -1, waiting)?;
        self.flow_starts.push(start);
        self.cursor.position += 1;
        Ok(())
    }

    /// Returns the error for a bracket without its counterpart.
    fn unclosed(&self, _frame: &Frame) -> ParseError {
        let start = self.flow_starts.last().copied().unwrap_or(0);
        ParseError {
            span: Span::from(start..start + 1),
            message: "this bracket is never closed",
            help: "close it",
        }
    }

    /// Skips white space and comments. A document marker ends the text inside brackets: the bracket
    /// is then reported as unclosed, at its own position instead of at the end of the file.
    fn skip_flow_space(&mut self) -> Result<(), ParseError> {
        loop {
            self.cursor.skip_blanks();
            if self.cursor.byte() == b'#' {
                self.comment();
            }
            if self.cursor.is_end() || class(self.cursor.byte()) & BREAK == 0 {
                return Ok(());
            }
            self.cursor.skip_break();
            if self.cursor.document_marker(self.cursor.position).is_some() {
                let frame = self.builder.stack.last().copied();
                return frame.map_or(Ok(()), |frame| Err(self.unclosed(&frame)));
            }
        }
    }

    /// Closes a collection, checking that its bracket matches.
    fn close_flow(&mut self, frame: &Frame) -> Result<(), ParseError> {
        let position = self.cursor.position;
        let fits = (self.cursor.byte() == b']') == (frame.kind == Kind::FlowSequence);
        if !fits {
            return Err(ParseError::at(
                position,
                "the wrong bracket",
                "close `[` with `]`, and `{` with `}`",
            ));
        }
        self.cursor.position += 1;
        self.last_node = self.flow_starts.pop().unwrap_or(position);
        self.builder.close_flow(position + 1);
        Ok(())
    }

    /// Sets the expected token of the innermost collection, and the indicator of its next node.
    fn expect(&mut self, expect: Expect, lead: usize) {
        if let Some(frame) = self.builder.stack.last_mut() {
            frame.expect = expect;
            frame.lead = offset(lead);
        }
    }

    /// Parses a comma, a closing bracket, or the colon of a pair without braces.
    fn flow_after_value(&mut self, frame: &Frame) -> Result<(), ParseError> {
        let position = self.cursor.position;
        match self.cursor.byte() {
            _ if frame.is_bare_pair => self.builder.close_flow(position),
            b',' => {
                self.cursor.position += 1;
                let next = if frame.kind == Kind::FlowSequence {
                    Expect::Item
                } else {
                    Expect::Key
                };
                if let Some(frame) = self.builder.stack.last_mut() {
                    frame.expect = next;
                }
            }
            b']' | b'}' => return self.close_flow(frame),
            b':' if frame.kind == Kind::FlowSequence && self.is_key_before(position) => {
                self.builder.open_bare_pair(position)?;
                self.cursor.position += 1;
            }
            _ => {
                return Err(ParseError::at(
                    position,
                    "a comma or a closing bracket belongs here",
                    "put a comma between the items, or quote the text",
                ));
            }
        }
        Ok(())
    }

    /// Returns `true` if the node before a colon can be its key: on one line, and short enough.
    ///
    /// libyaml has the same limits. They bound the look-ahead of a parser that learns only at the
    /// colon that it has read a key.
    fn is_key_before(&self, colon: usize) -> bool {
        let start = self.last_node;
        colon - start <= KEY_BYTES
            && !self.cursor.bytes[start..colon]
                .iter()
                .any(|byte| class(*byte) & BREAK != 0)
    }

    /// Parses the colon after a key. A key without one has an empty value.
    fn flow_after_key(&mut self, _frame: &Frame) -> Result<(), ParseError> {
        let position = self.cursor.position;
        match self.cursor.byte() {
            b':' if self.is_key_before(position) => {
                self.cursor.position += 1;
                self.expect(Expect::Value, position);
            }
            b',' | b'}' => self.builder.complete_one(),
            _ => {
                return Err(ParseError::at(
                    position,
                    "a colon belongs here, on the line of its key",
                    "put `: ` between key and value, or quote the text",
                ));
            }
        }
        Ok(())
    }

    /// Parses a key, a value or an item.
    ///
    /// A missing node is empty before a comma or a bracket, as the value in `{a: , b: c}`. A tag or
    /// an anchor alone is an empty node with properties.
    fn flow_node(&mut self, frame: &Frame) -> Result<(), ParseError> {
        let start = self.cursor.position;
        match (self.cursor.byte(), frame.expect) {
            (b']' | b'}' | b',', Expect::Value) => {
                self.builder.complete_one();
                return Ok(());
            }
            (b']' | b'}', _) => return self.close_flow(frame),
            (b',', _) => {
                return Err(ParseError::at(
                    start,
                    "a comma without a value before it",
                    "remove the comma",
                ));
            }
            (b':', Expect::Key) => {
                return Err(ParseError::at(
                    start,
                    "a colon without a key",
                    "put the key before it, or quote the text",
                ));
            }
            _ => {}
        }
        let waiting = self.cursor.properties(InFlow::Yes)?;
        if !waiting.is_empty() {
            self.skip_flow_space()?;
            if matches!(self.cursor.byte(), b',' | b']' | b'}')
                || self.is_value_colon()
                || self.cursor.is_end()
            {
                self.last_node = start;
                self.builder
                    .push(Kind::Empty, (waiting.end, waiting.end), &waiting, false);
                return Ok(());
            }
        }
        match self.cursor.byte() {
            b'[' | b'{' => self.open_flow(&waiting),
            _ => self.flow_scalar(start, &waiting),
        }
    }

    /// Returns `true` if a colon here ends a key.
    fn is_value_colon(&self) -> bool {
        let next = self.cursor.position + 1;
        self.cursor.byte() == b':'
            && (self.cursor.is_space_or_end(next) || class(self.cursor.at(next)) & FLOW != 0)
    }

    /// Parses a scalar or an alias.
    fn flow_scalar(&mut self, first: usize, waiting: &Waiting) -> Result<(), ParseError> {
        let start = self.cursor.position;
        let (kind, multiline) = match self.cursor.byte() {
            quote @ (b'"' | b'\'') => {
                let multiline = self.cursor.quoted()?;
                (
                    if quote == b'"' {
                        Kind::DoubleQuoted
                    } else {
                        Kind::SingleQuoted
                    },
                    multiline,
                )
            }
            b'*' => {
                self.cursor.name(InFlow::Yes)?;
                (Kind::Alias, false)
            }
            b'%' | b'@' | b'`' | b'|' | b'>' | b':' | b'#' => return Err(bad_start(start)),
            b'?' => {
                return Err(ParseError::at(
                    start,
                    "an explicit key inside brackets",
                    "write `key: value`",
                ));
            }
            b'-' if self.cursor.is_space_or_end(start + 1) => {
                return Err(ParseError::at(
                    start,
                    "a dash inside brackets",
                    "remove it, or quote the text",
                ));
            }
            _ => {
                let multiline = self.flow_plain()?;
                let mut colon = self.cursor.position;
                while matches!(self.cursor.at(colon), b' ' | b'\t') {
                    colon += 1;
                }
                if self.cursor.at(colon) == b':' && !self.cursor.is_space_or_end(colon + 1) {
                    let help = "put a blank after the colon";
                    return Err(ParseError::at(
                        colon,
                        "a colon without a blank after it",
                        help,
                    ));
                }
                (Kind::Plain, multiline)
            }
        };
        self.last_node = first;
        self.builder
            .push(kind, (start, self.cursor.position), waiting, multiline);
        Ok(())
    }

    /// Rejects a tab in the indentation of a continued plain scalar.
    fn check_tabs(&self, line_start: usize) -> Result<(), ParseError> {
        let block = self
            .builder
            .stack
            .iter()
            .rev()
            .map(|frame| frame.column)
            .find(|column| *column >= 0)
            .unwrap_or(-1);
        let spaces = self.spaces(line_start);
        let is_tab = self
            .cursor
            .at(line_start + usize::try_from(spaces).unwrap_or(0))
            == b'\t';
        if spaces <= block && is_tab {
            Err(tab(line_start))
        } else {
            Ok(())
        }
    }

    /// Skips a plain scalar, which may continue on further lines. Returns `true` if it does.
    fn flow_plain(&mut self) -> Result<bool, ParseError> {
        self.cursor.plain_line(InFlow::Yes);
        let mut multiline = false;
        loop {
            let end = self.cursor.position;
            self.cursor.skip_blanks();
            if self.cursor.is_end() || class(self.cursor.byte()) & BREAK == 0 {
                self.cursor.position = end;
                return Ok(multiline);
            }
            while !self.cursor.is_end() && class(self.cursor.byte()) & BREAK != 0 {
                self.cursor.skip_break();
                if self.cursor.document_marker(self.cursor.position).is_some() {
                    break;
                }
                let line_start = self.cursor.position;
                self.cursor.skip_blanks();
                self.check_tabs(line_start)?;
            }
            let position = self.cursor.position;
            let is_other = self.cursor.is_end()
                || matches!(self.cursor.byte(), b'#')
                || class(self.cursor.byte()) & (FLOW | BREAK) != 0;
            if is_other || self.is_value_colon() || self.cursor.document_marker(position).is_some()
            {
                self.cursor.position = end;
                return Ok(multiline);
            }
            self.cursor.plain_line(InFlow::Yes);
            if self.cursor.position == position {
                self.cursor.position = end;
                return Ok(multiline);
            }
            multiline = true;
        }
    }
}

/// Returns the error for a character that can't begin a plain scalar.
pub(super) fn bad_start(position: usize) -> ParseError {
    ParseError::at(
        position,
        "a plain text can't begin with this character",
        "put the text in quotes",
    )
}
