//! Block style, line by line.

use super::ParseError;
use super::build::{Builder, Expect, Waiting, offset};
use super::flow::{KEY_BYTES, bad_start};
use super::scan::{BREAK, Cursor, InFlow, class};
use crate::span::Span;
use crate::tree::Kind;

/// The column of text that can't open a block collection: a value on its key's line.
pub(super) const INLINE: i32 = i32::MAX;

/// Both halves of the YAML parser.
pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) builder: Builder,
    /// Where the open flow collections begin.
    pub(super) flow_starts: Vec<usize>,
    /// Where the newest node of a flow collection begins.
    pub(super) last_node: usize,
    /// Blank lines up to here belong to the plain text before them, and may hold tabs.
    plain_until: usize,
    /// Tag and anchor from an earlier line.
    waiting: Waiting,
    document: Document,
}

/// How far the one document is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Document {
    /// Nothing but comments yet.
    Before,
    /// A directive that needs `---`.
    Directive,
    Inside,
    /// After `...`
    After,
}

/// What a line goes on with.
pub(super) enum Next {
    Line,
    Content,
}

pub(super) fn parse(text: &str, start: usize) -> Result<Builder, ParseError> {
    let mut parser = Parser {
        cursor: Cursor { bytes: text.as_bytes(), position: start },
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
    /// Notes the comment here, and goes to its end.
    pub(super) fn comment(&mut self) {
        let start = self.cursor.position;
        self.cursor.skip_line();
        self.builder.comments.push(Span::from(start..self.cursor.position));
    }

    /// After a value: blanks and a comment, and then the end of the line.
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

    fn rest_is_empty(&self) -> bool {
        self.cursor.byte() == b'#' || self.cursor.is_break_or_end(self.cursor.position)
    }

    fn end_document(&mut self) -> Result<(), ParseError> {
        if self.document == Document::Directive {
            return Err(ParseError::at(self.cursor.position, "a directive without a document", "add `---` after it"));
        }
        self.put_waiting()?;
        while !self.builder.stack.is_empty() {
            self.builder.close_block();
        }
        Ok(())
    }

    /// Tag and anchor without a value are an empty node.
    fn put_waiting(&mut self) -> Result<(), ParseError> {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.check_takes_node(waiting.start())?;
            self.builder.push(Kind::Empty, (waiting.end, waiting.end), &waiting, false);
        }
        Ok(())
    }

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
                // Behind `---` no block collection can begin.
                Next::Content if self.cursor.position > line_start => column = INLINE,
                Next::Content => {}
            }
        }
        if self.document == Document::After {
            return Err(second_document(indented));
        }
        self.document = Document::Inside;
        let is_dash = self.cursor.byte() == b'-' && self.cursor.is_space_or_end(self.cursor.position + 1);
        if let Some(frame) = self.builder.stack.last().filter(|_| !self.waiting.is_empty()) {
            let belongs =
                column > frame.column || (frame.kind == Kind::BlockMapping && is_dash && column == frame.column);
            if !belongs {
                self.put_waiting()?;
            }
        }
        while let Some(frame) = self.builder.stack.last() {
            let ends =
                frame.column > column || (frame.column == column && frame.kind == Kind::BlockSequence && !is_dash);
            if !ends {
                break;
            }
            self.builder.close_block();
        }
        self.content(column)
    }

    /// Directives and document markers at a line's start.
    fn markers(&mut self) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if self.cursor.byte() == b'%' && matches!(self.document, Document::Before | Document::Directive) {
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
                Err(ParseError::at(start, "a directive without a document", "add `---` after it"))
            } else {
                Ok(Next::Content)
            };
        };
        self.cursor.position += 3;
        if marker == b'.' && self.document == Document::Before {
            return Err(ParseError::at(start, "the end of a document before its beginning", "remove the line"));
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

    /// Everything from the first character of a line on.
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
            column = column.saturating_add(i32::try_from(self.cursor.position - start).unwrap_or(INLINE));
        }
    }

    /// After an indicator: the content on its line, or the next line.
    fn after_indicator(&mut self, expect: Expect) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if let Some(frame) = self.builder.stack.last_mut() {
            frame.expect = expect;
            frame.lead = offset(start);
        }
        self.cursor.position += 1;
        let blanks = self.cursor.position;
        self.cursor.skip_blanks();
        if expect != Expect::Value && self.cursor.bytes[blanks..self.cursor.position].contains(&b'\t') {
            return Err(tab(blanks));
        }
        if self.rest_is_empty() {
            self.finish_line()?;
            return Ok(Next::Line);
        }
        Ok(Next::Content)
    }

    fn dash(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if column == INLINE {
            return Err(ParseError::at(
                start,
                "a list on the line of its key",
                "begin the list on the next line, or quote the text",
            ));
        }
        let goes_on =
            self.builder.stack.last().is_some_and(|frame| frame.kind == Kind::BlockSequence && frame.column == column);
        if goes_on {
            self.builder.complete();
        } else {
            let may_open = match self.builder.stack.last() {
                None => !self.builder.has_root(),
                Some(frame) if frame.kind == Kind::BlockMapping => {
                    matches!(frame.expect, Expect::Value | Expect::ExplicitKey) && column >= frame.column
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
            self.builder.open(Kind::BlockSequence, start, column, &waiting)?;
        }
        self.after_indicator(Expect::Item)
    }

    /// `? key`
    fn question_mark(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        self.enter_mapping(start, column)?;
        self.after_indicator(Expect::ExplicitKey)
    }

    /// The colon after an explicit key.
    fn lone_colon(&mut self, column: i32) -> Result<Next, ParseError> {
        let start = self.cursor.position;
        if self.builder.stack.last().is_some_and(|frame| frame.column == column && frame.expect == Expect::ExplicitKey)
        {
            self.builder.complete_one();
        }
        match self.builder.stack.last() {
            Some(frame) if frame.column == column && frame.expect == Expect::Colon => {
                self.after_indicator(Expect::Value)
            }
            _ => Err(ParseError::at(start, "a colon without a key", "put the key before it, or quote the text")),
        }
    }

    /// Makes the block mapping at this column the innermost open collection, ready for a key.
    fn enter_mapping(&mut self, start: usize, column: i32) -> Result<(), ParseError> {
        let goes_on =
            self.builder.stack.last().is_some_and(|frame| frame.kind == Kind::BlockMapping && frame.column == column);
        if goes_on {
            self.builder.complete();
            return Ok(());
        }
        let may_open = match self.builder.stack.last() {
            None => !self.builder.has_root(),
            Some(frame) => {
                matches!(frame.expect, Expect::Value | Expect::ExplicitKey | Expect::Item) && column > frame.column
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
        self.builder.open(Kind::BlockMapping, start, column, &waiting)
    }

    fn check_takes_node(&self, start: usize) -> Result<(), ParseError> {
        let takes = match self.builder.stack.last() {
            None => !self.builder.has_root(),
            Some(frame) => matches!(frame.expect, Expect::Value | Expect::ExplicitKey | Expect::Item),
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

    /// A key with its colon, or a value.
    fn node(&mut self, column: i32) -> Result<Next, ParseError> {
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
            b'-' | b'?' | b':' if self.cursor.is_space_or_end(first + 1) => return Err(bad_start(first)),
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
        let is_key = column != INLINE && self.cursor.at(colon) == b':' && self.cursor.is_space_or_end(colon + 1);
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

    /// A value on a line of its own is indented deeper than what it belongs to.
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

    /// The properties of a value: from its own line, or from the line before.
    pub(super) fn take_properties(&mut self, own: &Waiting) -> Result<Waiting, ParseError> {
        let before = std::mem::take(&mut self.waiting);
        if before.is_empty() {
            return Ok(*own);
        }
        let clash = |a: Span, b: Span| !a.is_empty() && !b.is_empty();
        if clash(before.properties.tag, own.properties.tag) || clash(before.properties.anchor, own.properties.anchor) {
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

    fn scalar_value(
        &mut self,
        column: i32,
        kind: Kind,
        first: usize,
        multiline: bool,
        own: &Waiting,
    ) -> Result<Next, ParseError> {
        self.check_value_column(column, first)?;
        let multiline = if kind == Kind::Plain { self.plain_lines()? } else { multiline };
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

    /// Goes over the further lines of plain text: those indented deeper than its parent.
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
                if spaces <= parent && self.cursor.at(line_start + usize::try_from(spaces).unwrap_or(0)) == b'\t' {
                    return Err(tab(line_start));
                }
            }
            let position = self.cursor.position;
            let column = self.spaces(line_start);
            let is_marker = position == line_start && self.cursor.document_marker(position).is_some();
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

pub(super) fn tab(position: usize) -> ParseError {
    ParseError::at(position, "a tab as indentation", "indent with spaces")
}

fn second_document(position: usize) -> ParseError {
    ParseError::at(position, "a second document", "CloudFormation reads one document a file: split the file")
}
