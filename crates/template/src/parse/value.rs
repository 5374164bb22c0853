//! Keys and values in block style.
//!
//! A scalar turns out to be a key only when a colon follows it, so it is scanned first and then
//! added as a key or as a value. Plain scalars may continue on further lines; a key may not.
//!
//! | Line | Parsed as |
//! | --- | --- |
//! | `Key: v` | a key, then a value on its line |
//! | `Key:v` | plain text |
//! | `"Key" : v` | a key, with a blank before its colon |
//! | `Key: a: b` | an error: a second key on the line |
//! | `[a]: v` | an error: a collection as a key |

use super::ParseError;
use super::block::{INLINE, Next, Parser, tab};
use super::build::{Expect, Waiting};
use super::flow::{KEY_BYTES, bad_start};
use super::scan::{BREAK, InFlow, class};
use crate::span::Span;
use crate::tree::Kind;

impl Parser<'_> {
    /// Parses a key with its colon, or a value.
    ///
    /// Tag and anchor may precede either of them, and may be alone on their line:
    ///
    /// ```yaml
    /// Policy: !Sub
    ///   - ${Name}-policy
    ///   - Name: web
    /// ```
    pub(super) fn node(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        let own = self.cursor.properties(InFlow::No)?;
        if !own.is_empty() && self.rest_is_empty() {
            if !self.waiting.is_empty() {
                return Err(ParseError::at(
                    start,
                    "two tags or two anchors on one value",
                    "use the long form for one of the functions",
                ));
            }
            self.check_value_column(column, start)?;
            self.waiting = own;
            self.finish_line()?;
            return Ok(Next::Line);
        }
        let first = self.cursor.position;
        let (kind, multiline) = match self.cursor.byte() {
            b'[' | b'{' => return self.flow_value(column, &own),
            b'|' | b'>' => return self.block_scalar(column, &own),
            b'"' => (Kind::DoubleQuoted, self.cursor.quoted()?),
            b'\'' => (Kind::SingleQuoted, self.cursor.quoted()?),
            b'*' => {
                self.cursor.name(InFlow::No)?;
                (Kind::Alias, false)
            }
            b'%' | b'@' | b'`' | b']' | b'}' | b',' | b'#' => return Err(bad_start(first)),
            b'-' | b'?' | b':' if self.cursor.is_space_or_end(first + 1) => {
                return Err(bad_start(first));
            }
            _ => {
                self.cursor.plain_line(InFlow::No);
                (Kind::Plain, false)
            }
        };
        let end = self.cursor.position;
        let mut colon = end;
        while matches!(self.cursor.at(colon), b' ' | b'\t') {
            colon += 1;
        }
        let is_key = column != INLINE
            && self.cursor.at(colon) == b':'
            && self.cursor.is_space_or_end(colon + 1);
        if !is_key {
            return self.scalar_value(column, kind, first, multiline, &own);
        }
        if multiline || colon - start > KEY_BYTES {
            return Err(ParseError::at(
                first,
                "a key over several lines, or longer than 1,024 bytes",
                "put the key on one line",
            ));
        }
        self.enter_mapping(start, column)?;
        self.builder.push(kind, (first, end), &own, false);
        self.cursor.position = colon;
        self.after_indicator(Expect::Value)
    }

    /// Checks that a value on a line of its own is indented deeper than its parent.
    pub(super) fn check_value_column(&self, column: i32, start: usize) -> Result<(), ParseError> {
        self.check_takes_node(start)?;
        match self.builder.stack.last() {
            Some(frame) if column <= frame.column => Err(ParseError::at(
                start,
                "a key belongs here",
                "write `key: value`, or indent the value deeper than its key",
            )),
            _ => Ok(()),
        }
    }

    /// Returns the tag and the anchor of a value, from its own line or from the line before.
    ///
    /// `!Sub` on the line of the key and `&x` on the next line belong to the same value. Two tags,
    /// or two anchors, are an error wherever they are.
    pub(super) fn take_properties(&mut self, own: &Waiting) -> Result<Waiting, ParseError> {
        let before = std::mem::take(&mut self.waiting);
        if before.is_empty() {
            return Ok(*own);
        }
        let clash = |a: Span, b: Span| !a.is_empty() && !b.is_empty();
        if clash(before.properties.tag, own.properties.tag)
            || clash(before.properties.anchor, own.properties.anchor)
        {
            return Err(ParseError::at(
                own.start(),
                "two tags or two anchors on one value",
                "use the long form for one of the functions",
            ));
        }
        let pick = |a: Span, b: Span| if a.is_empty() { b } else { a };
        let mut merged = before;
        merged.properties.tag = pick(before.properties.tag, own.properties.tag);
        merged.properties.anchor = pick(before.properties.anchor, own.properties.anchor);
        Ok(merged)
    }

    /// Parses a flow collection as a value. As a key it would be valid YAML, but CloudFormation
    /// accepts only text there.
    fn flow_value(&mut self, column: i32, own: &Waiting) -> Result<Next, ParseError> {
        self.check_value_column(column, self.cursor.position)?;
        let waiting = self.take_properties(own)?;
        self.flow(&waiting)?;
        self.cursor.skip_blanks();
        if self.cursor.byte() == b':' {
            return Err(ParseError::at(
                self.cursor.position,
                "a collection as a key",
                "CloudFormation takes only text as keys",
            ));
        }
        self.finish_line()?;
        Ok(Next::Line)
    }

    /// Adds a scalar as a value and finishes its line. A colon after it, as in `a: b: c`, is an
    /// error.
    fn scalar_value(
        &mut self,
        column: i32,
        kind: Kind,
        first: usize,
        multiline: bool,
        own: &Waiting,
    ) -> Result<Next, ParseError> {
        self.check_value_column(column, first)?;
        let multiline = if kind == Kind::Plain {
            self.plain_lines()?
        } else {
            multiline
        };
        if kind == Kind::Alias && !(own.is_empty() && self.waiting.is_empty()) {
            return Err(ParseError::at(
                first,
                "a tag or an anchor on an alias",
                "put it on the value that the alias stands for",
            ));
        }
        let end = self.cursor.position;
        let waiting = self.take_properties(own)?;
        self.builder.push(kind, (first, end), &waiting, multiline);
        self.cursor.skip_blanks();
        if self.cursor.byte() == b':' {
            return Err(ParseError::at(
                self.cursor.position,
                "a second key on the line",
                "quote the text, or put the inner mapping on the next line",
            ));
        }
        self.finish_line()?;
        Ok(Next::Line)
    }

    /// Skips the further lines of a plain scalar, which are indented deeper than its parent.
    /// Returns `true` if there are any.
    ///
    /// A colon that ends a key on one of these lines is an error, as in libyaml: most likely the
    /// line is a key with wrong indentation.
    fn plain_lines(&mut self) -> Result<bool, ParseError> {
        let parent = self.builder.stack.last().map_or(-1, |frame| frame.column);
        let mut multiline = false;
        loop {
            let end = self.cursor.position;
            self.cursor.skip_blanks();
            if self.cursor.is_end() || class(self.cursor.byte()) & BREAK == 0 {
                self.cursor.position = end;
                return Ok(multiline);
            }
            let mut line_start = self.cursor.position;
            while !self.cursor.is_end() && class(self.cursor.byte()) & BREAK != 0 {
                self.cursor.skip_break();
                line_start = self.cursor.position;
                self.cursor.skip_blanks();
                let spaces = self.spaces(line_start);
                if spaces <= parent
                    && self
                        .cursor
                        .at(line_start + usize::try_from(spaces).unwrap_or(0))
                        == b'\t'
                {
                    return Err(tab(line_start));
                }
            }
            let position = self.cursor.position;
            let column = self.spaces(line_start);
            let is_marker =
                position == line_start && self.cursor.document_marker(position).is_some();
            if self.cursor.is_end() || column <= parent || self.cursor.byte() == b'#' || is_marker {
                self.plain_until = position;
                self.cursor.position = end;
                return Ok(multiline);
            }
            let line_end = self.cursor.plain_line(InFlow::No);
            let mut colon = line_end;
            while matches!(self.cursor.at(colon), b' ' | b'\t') {
                colon += 1;
            }
            if self.cursor.at(colon) == b':' && self.cursor.is_space_or_end(colon + 1) {
                return Err(ParseError::at(
                    colon,
                    "a key inside a text of several lines",
                    "indent it like its neighbours, or quote the text",
                ));
            }
            multiline = true;
        }
    }
}
