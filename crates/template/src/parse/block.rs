//! Block style: lines, documents and collections.
//!
//! Each line is read from its indentation. Collections that are indented deeper are closed, then
//! the indicators (`- `, `? `, `: `) at the start of the line open or continue collections, and
//! finally a key or a value follows (module `value`). A tag or an anchor may be alone on its line
//! and waits for its node.
//!
//! Columns are `i32`, with -1 for the space outside of all collections, and [`INLINE`] for text
//! that can't open a block collection because it follows a key on the same line.

use super::ParseError;
use super::build::{Builder, Expect, Waiting, offset};
use super::scan::Cursor;
use crate::span::Span;
use crate::tree::Kind;

/// The column of text that can't open a block collection: a value on the line of its key.
pub(super) const INLINE: i32 = i32::MAX;

/// The state of the YAML parser, shared by its block and flow parts.
pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) builder: Builder,
    /// The offsets of the open flow collections.
    pub(super) flow_starts: Vec<usize>,
    /// The offset of the newest node in a flow collection.
    pub(super) last_node: usize,
    /// The end of blank lines that belong to the plain text before them and may contain tabs.
    pub(super) plain_until: usize,
    /// The tag and the anchor of an earlier line.
    pub(super) waiting: Waiting,
    document: Document,
}

/// The position relative to the one document of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Document {
    /// Before the document; only comments so far.
    Before,
    /// After a directive, which requires `---`.
    Directive,
    Inside,
    /// After the end of the document, `...`.
    After,
}

/// The continuation after a token: on the next line, or with content on the same line.
pub(super) enum Next {
    Line,
    Content,
}

/// Parses a whole text from an offset after its byte-order mark.
pub(super) fn parse(text: &str, start: usize) -> Result<Builder, ParseError> {
    let mut parser = Parser {
        cursor: Cursor {
            bytes: text.as_bytes(),
            position: start,
        },
        builder: Builder::new(text),
        flow_starts: Vec::new(),
        last_node: 0,
        plain_until: 0,
        waiting: Waiting::default(),
        document: Document::Before,
    };
    while !parser.cursor.is_end() {
        parser.line()?;
    }
    parser.end_document()?;
    Ok(parser.builder)
}

impl Parser<'_> {
    /// Records the comment here and skips it.
    pub(super) fn comment(&mut self) {
        let start = self.cursor.position;
        self.cursor.skip_line();
        self.builder
            .comments
            .push(Span::from(start..self.cursor.position));
    }

    /// Skips spaces and a comment after a value, and requires the end of the line.
    pub(super) fn finish_line(&mut self) -> Result<(), ParseError> {
        self.cursor.skip_blanks();
        if self.cursor.byte() == b'#' {
            self.comment();
        }
        if !self.cursor.is_break_or_end(self.cursor.position) {
            return Err(ParseError::at(
                self.cursor.position,
                "text after the end of a value",
                "quote the whole value, or put the text on a line of its own",
            ));
        }
        self.cursor.skip_break();
        Ok(())
    }

    /// Returns `true` if only a comment or the end of the line follows.
    pub(super) fn rest_is_empty(&self) -> bool {
        self.cursor.byte() == b'#' || self.cursor.is_break_or_end(self.cursor.position)
    }

    /// Closes all collections.
    fn end_document(&mut self) -> Result<(), ParseError> {
        if self.document == Document::Directive {
            return Err(ParseError::at(
                self.cursor.position,
                "a directive without a document",
                "add `---` after it",
            ));
        }
        self.put_waiting()?;
        while !self.builder.stack.is_empty() {
            self.builder.close_block();
        }
        Ok(())
    }

    /// Adds an empty node for a tag or an anchor without a value.
    fn put_waiting(&mut self) -> Result<(), ParseError> {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.check_takes_node(waiting.start())?;
            self.builder
                .push(Kind::Empty, (waiting.end, waiting.end), &waiting, false);
        }
        Ok(())
    }

    /// Parses one line.
    ///
    /// The indentation decides which collections end: those that are indented deeper than the line,
    /// and a sequence at the same column unless the line begins with a dash. A sequence may have
    /// the same column as the key that it belongs to.
    fn line(&mut self) -> Result<(), ParseError> {
        let line_start = self.cursor.position;
        while self.cursor.byte() == b' ' {
            self.cursor.position += 1;
        }
        let indented = self.cursor.position;
        if self.cursor.byte() == b'\t' {
            self.cursor.skip_blanks();
            if self.cursor.position > self.plain_until {
                return Err(tab(indented));
            }
        }
        if self.rest_is_empty() {
            return self.finish_line();
        }
        let mut column = i32::try_from(indented - line_start).unwrap_or(INLINE - 1);
        if column == 0 {
            match self.markers()? {
                Next::Line => return Ok(()),
                // No block collection can begin on the line of `---`.
                Next::Content if self.cursor.position > line_start => column = INLINE,
                Next::Content => {}
            }
        }
        if self.document == Document::After {
            return Err(second_document(indented));
        }
        self.document = Document::Inside;
        let is_dash =
            self.cursor.byte() == b'-' && self.cursor.is_space_or_end(self.cursor.position + 1);
        if let Some(frame) = self
            .builder
            .stack
            .last()
            .filter(|_| !self.waiting.is_empty())
        {
            let belongs = column > frame.column
                || (frame.kind == Kind::BlockMapping && is_dash && column == frame.column);
            if !belongs {
                self.put_waiting()?;
            }
        }
        while let Some(frame) = self.builder.stack.last() {
            let ends = frame.column > column
                || (frame.column == column && frame.kind == Kind::BlockSequence && !is_dash);
            if !ends {
                break;
            }
            self.builder.close_block();
        }
        self.content(column)
    }

    /// Parses directives and document markers at the start of a line.
    ///
    /// Only `%YAML` and `%TAG` directives are known. They require `---`, and `...` ends the
    /// document, after which only comments may follow.
    fn markers(&mut self) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if self.cursor.byte() == b'%'
            && matches!(self.document, Document::Before | Document::Directive)
        {
            let rest = &self.cursor.bytes[start..];
            if !rest.starts_with(b"%YAML ") && !rest.starts_with(b"%TAG ") {
                return Err(ParseError::at(
                    start,
                    "a directive that YAML does not know",
                    "remove the line, or quote the text",
                ));
            }
            self.document = Document::Directive;
            self.cursor.skip_line();
            self.cursor.skip_break();
            return Ok(Next::Line);
        }
        let Some(marker) = self.cursor.document_marker(start) else {
            return if self.document == Document::Directive {
                Err(ParseError::at(
                    start,
                    "a directive without a document",
                    "add `---` after it",
                ))
            } else {
                Ok(Next::Content)
            };
        };
        self.cursor.position += 3;
        if marker == b'.' && self.document == Document::Before {
            return Err(ParseError::at(
                start,
                "the end of a document before its beginning",
                "remove the line",
            ));
        }
        if marker == b'.' {
            self.end_document()?;
            self.document = Document::After;
            self.finish_line()?;
            return Ok(Next::Line);
        }
        if matches!(self.document, Document::Inside | Document::After) {
            return Err(second_document(start));
        }
        self.document = Document::Inside;
        self.cursor.skip_blanks();
        if self.rest_is_empty() {
            self.finish_line()?;
            return Ok(Next::Line);
        }
        Ok(Next::Content)
    }

    /// Parses a line from its first character after the indentation.
    fn content(&mut self, column: i32) -> Result<(), ParseError> {
        let mut column = column;
        loop {
            let start = self.cursor.position;
            let is_indicator = self.cursor.is_space_or_end(start + 1);
            let next = match self.cursor.byte() {
                b'-' if is_indicator => self.dash(column)?,
                b'?' if is_indicator => self.question_mark(column)?,
                b':' if is_indicator => self.lone_colon(column)?,
                _ => {
                    match self.node(column)? {
                        Next::Line => return Ok(()),
                        Next::Content => column = INLINE,
                    }
                    continue;
                }
            };
            if matches!(next, Next::Line) {
                return Ok(());
            }
            column = column
                .saturating_add(i32::try_from(self.cursor.position - start).unwrap_or(INLINE));
        }
    }

    /// Skips an indicator. Continues with content on its line, or with the next line.
    pub(super) fn after_indicator(&mut self, expect: Expect) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if let Some(frame) = self.builder.stack.last_mut() {
            frame.expect = expect;
            frame.lead = offset(start);
        }
        self.cursor.position += 1;
        let blanks = self.cursor.position;
        self.cursor.skip_blanks();
        if expect != Expect::Value
            && self.cursor.bytes[blanks..self.cursor.position].contains(&b'\t')
        {
            return Err(tab(blanks));
        }
        if self.rest_is_empty() {
            self.finish_line()?;
            return Ok(Next::Line);
        }
        Ok(Next::Content)
    }

    /// Parses `- `, which continues a sequence or opens one.
    fn dash(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if column == INLINE {
            return Err(ParseError::at(
                start,
                "a list on the line of its key",
                "begin the list on the next line, or quote the text",
            ));
        }
        let goes_on = self
            .builder
            .stack
            .last()
            .is_some_and(|frame| frame.kind == Kind::BlockSequence && frame.column == column);
        if goes_on {
            self.builder.complete();
        } else {
            let may_open = match self.builder.stack.last() {
                None => !self.builder.has_root(),
                Some(frame) if frame.kind == Kind::BlockMapping => {
                    matches!(frame.expect, Expect::Value | Expect::ExplicitKey)
                        && column >= frame.column
                }
                Some(frame) => frame.expect == Expect::Item && column > frame.column,
            };
            if !may_open {
                return Err(ParseError::at(
                    start,
                    "a list item that belongs to no list",
                    "indent it like the other items",
                ));
            }
            let waiting = std::mem::take(&mut self.waiting);
            self.builder
                .open(Kind::BlockSequence, start, column, &waiting)?;
        }
        self.after_indicator(Expect::Item)
    }

    /// Parses `? `, the start of an explicit key.
    fn question_mark(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        self.enter_mapping(start, column)?;
        self.after_indicator(Expect::ExplicitKey)
    }

    /// Parses the colon after an explicit key.
    ///
    /// ```yaml
    /// ? key
    /// : value
    /// ```
    fn lone_colon(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if self
            .builder
            .stack
            .last()
            .is_some_and(|frame| frame.column == column && frame.expect == Expect::ExplicitKey)
        {
            self.builder.complete_one();
        }
        match self.builder.stack.last() {
            Some(frame) if frame.column == column && frame.expect == Expect::Colon => {
                self.after_indicator(Expect::Value)
            }
            _ => Err(ParseError::at(
                start,
                "a colon without a key",
                "put the key before it, or quote the text",
            )),
        }
    }

    /// Makes the block mapping at this column the innermost open collection, ready for a key.
    ///
    /// Continues the mapping if there is one at this column, and opens a new one if the innermost
    /// collection can take a node here. Anything else is a mistake in the indentation.
    pub(super) fn enter_mapping(&mut self, start: usize, column: i32) -> Result<(), ParseError> {
        let goes_on = self
            .builder
            .stack
            .last()
            .is_some_and(|frame| frame.kind == Kind::BlockMapping && frame.column == column);
        if goes_on {
            self.builder.complete();
            return Ok(());
        }
        let may_open = match self.builder.stack.last() {
            None => !self.builder.has_root(),
            Some(frame) => {
                matches!(
                    frame.expect,
                    Expect::Value | Expect::ExplicitKey | Expect::Item
                ) && column > frame.column
            }
        };
        if !may_open || column == INLINE {
            return Err(ParseError::at(
                start,
                "the indentation of this key fits no mapping",
                "indent it like its neighbours",
            ));
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.builder
            .open(Kind::BlockMapping, start, column, &waiting)
    }

    /// Checks that the innermost collection can take a node here.
    pub(super) fn check_takes_node(&self, start: usize) -> Result<(), ParseError> {
        let takes = match self.builder.stack.last() {
            None => !self.builder.has_root(),
            Some(frame) => matches!(
                frame.expect,
                Expect::Value | Expect::ExplicitKey | Expect::Item
            ),
        };
        if takes {
            Ok(())
        } else {
            Err(ParseError::at(
                start,
                "a key belongs here",
                "write `key: value`, or indent the text like the value it goes on with",
            ))
        }
    }
}

/// Returns the error for a tab in the indentation.
pub(super) fn tab(position: usize) -> ParseError {
    ParseError::at(position, "a tab as indentation", "indent with spaces")
}

/// Returns the error for a second document. CloudFormation reads one per file.
fn second_document(position: usize) -> ParseError {
    ParseError::at(
        position,
        "a second document",
        "CloudFormation reads one document a file: split the file",
    )
}
