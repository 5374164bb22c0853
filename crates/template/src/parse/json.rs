//! Strict JSON. Source: ECMA-404.
//!
//! Accepts neither comments nor trailing commas. A text with these is read as YAML instead, if it
//! is valid YAML. Duplicate keys are accepted, as by CloudFormation.
//!
//! A loop over the innermost open collection takes the place of recursion, so the depth of a text
//! costs no stack.
//!
//! | Expected | Next byte | Action |
//! | --- | --- | --- |
//! | item or value | `"`, `{`, `[`, a digit, `-`, a letter | adds a scalar or opens a collection |
//! | key | `"` | adds the key |
//! | colon | `:` | expects a value |
//! | comma | `,` | expects an item or a key, and rejects a closing bracket |
//! | comma, or the first element | the bracket of the collection | closes it |

use memchr::memchr2;

use super::ParseError;
use super::build::{Builder, Expect, Frame, Waiting, offset};
use super::scan::hexadecimal;
use crate::span::Span;
use crate::tree::Kind;

/// The state of the JSON parser.
struct Parser<'t> {
    bytes: &'t [u8],
    position: usize,
    builder: Builder,
    /// The offsets of the open collections, for errors about unclosed brackets.
    starts: Vec<usize>,
}

/// Parses a whole text.
pub(super) fn parse(text: &str, start: usize) -> Result<Builder, ParseError> {
    let mut parser = Parser {
        bytes: text.as_bytes(),
        position: start,
        builder: Builder::new(text),
        starts: Vec::new(),
    };
    parser.skip_space();
    parser.value()?;
    while let Some(frame) = parser.builder.stack.last().copied() {
        parser.skip_space();
        parser.inside(frame.kind, frame.expect)?;
    }
    parser.skip_space();
    if parser.position < parser.bytes.len() {
        return Err(ParseError::at(
            parser.position,
            "text after the end of the JSON value",
            "remove it: a template is one value",
        ));
    }
    Ok(parser.builder)
}

impl Parser<'_> {
    /// Returns the byte here, or NUL at the end.
    fn byte(&self) -> u8 {
        self.bytes.get(self.position).copied().unwrap_or(0)
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.position += 1;
        }
    }

    /// Parses the next token inside a collection.
    ///
    /// The expected token comes from the builder. A closing bracket is valid after a value and in
    /// an empty collection, but not after a comma.
    fn inside(&mut self, kind: Kind, expect: Expect) -> Result<(), ParseError> {
        let close = if kind == Kind::FlowSequence {
            b']'
        } else {
            b'}'
        };
        if self.position >= self.bytes.len() {
            let start = self.starts.last().copied().unwrap_or(0);
            return Err(ParseError {
                span: Span::from(start..start + 1),
                message: "this bracket is never closed",
                help: "close it",
            });
        }
        let is_fresh = self.builder.stack.last().is_some_and(Frame::is_vacant);
        match (expect, self.byte()) {
            (Expect::Comma, b',') => {
                self.position += 1;
                self.set(if kind == Kind::FlowSequence {
                    Expect::Item
                } else {
                    Expect::Key
                });
                self.skip_space();
                if matches!(self.byte(), b']' | b'}') {
                    return Err(ParseError::at(
                        self.position,
                        "a comma before the closing bracket",
                        "remove the comma: JSON has none there",
                    ));
                }
                Ok(())
            }
            (Expect::Comma, byte) if byte == close => {
                self.close();
                Ok(())
            }
            (Expect::Item | Expect::Key, byte) if byte == close && is_fresh => {
                self.close();
                Ok(())
            }
            (Expect::Key, b'"') => self.string(),
            (Expect::Key, _) => Err(ParseError::at(
                self.position,
                "a key in double quotes belongs here",
                "put the key in double quotes, or remove the comma before it",
            )),
            (Expect::Colon, b':') => {
                let colon = offset(self.position);
                self.position += 1;
                if let Some(frame) = self.builder.stack.last_mut() {
                    frame.expect = Expect::Value;
                    frame.lead = colon;
                }
                Ok(())
            }
            (Expect::Colon, _) => Err(ParseError::at(
                self.position,
                "a colon belongs here",
                "put `:` between key and value",
            )),
            (Expect::Item | Expect::Value, _) => self.value(),
            _ => Err(ParseError::at(
                self.position,
                "a comma or a closing bracket belongs here",
                "put a comma between the values",
            )),
        }
    }

    /// Sets the expected token of the innermost collection.
    fn set(&mut self, expect: Expect) {
        if let Some(frame) = self.builder.stack.last_mut() {
            frame.expect = expect;
        }
    }

    /// Closes the innermost collection.
    fn close(&mut self) {
        self.position += 1;
        self.starts.pop();
        self.builder.close_flow(self.position);
    }

    /// Parses a value, or opens a collection.
    fn value(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        match self.byte() {
            b'"' => self.string(),
            byte @ (b'{' | b'[') => {
                let kind = if byte == b'{' {
                    Kind::FlowMapping
                } else {
                    Kind::FlowSequence
                };
                self.builder.open(kind, start, -1, &Waiting::default())?;
                self.starts.push(start);
                self.position += 1;
                Ok(())
            }
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.literal(),
        }
    }

    /// Adds the scalar that ends here.
    fn put(&mut self, kind: Kind, start: usize) {
        self.builder
            .push(kind, (start, self.position), &Waiting::default(), false);
    }

    /// Parses `true`, `false` or `null`.
    fn literal(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        for word in ["true", "false", "null"] {
            let end = start + word.len();
            if self.bytes[start..].starts_with(word.as_bytes())
                && !self.bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
            {
                self.position = end;
                self.put(Kind::Plain, start);
                return Ok(());
            }
        }
        Err(ParseError::at(
            start,
            "not a JSON value",
            "put text in double quotes",
        ))
    }

    /// Skips digits and returns their number.
    fn digits(&mut self) -> usize {
        let start = self.position;
        while self.byte().is_ascii_digit() {
            self.position += 1;
        }
        self.position - start
    }

    /// Parses a number. A leading zero, and a point without digits, are errors in JSON.
    ///
    /// `0`, `-1.5` and `1e+9` are numbers. `01`, `1.`, `.5` and `+1` are not.
    fn number(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        let invalid = || {
            ParseError::at(
                start,
                "not a JSON number",
                "put it in double quotes if it is text",
            )
        };
        if self.byte() == b'-' {
            self.position += 1;
        }
        let begins_with_zero = self.byte() == b'0';
        let whole = self.digits();
        if whole == 0 || (begins_with_zero && whole > 1) {
            return Err(invalid());
        }
        if self.byte() == b'.' {
            self.position += 1;
            if self.digits() == 0 {
                return Err(invalid());
            }
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.position += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.position += 1;
            }
            if self.digits() == 0 {
                return Err(invalid());
            }
        }
        self.put(Kind::Plain, start);
        Ok(())
    }

    /// Parses a string. Control characters must be escaped.
    fn string(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        self.position += 1;
        loop {
            let rest = &self.bytes[self.position.min(self.bytes.len())..];
            let Some(length) = memchr2(b'"', b'\\', rest) else {
                return Err(ParseError {
                    span: Span::from(start..start + 1),
                    message: "this quote is never closed",
                    help: "close it",
                });
            };
            if let Some(control) = rest[..length].iter().position(|byte| *byte < 0x20) {
                let position = self.position + control;
                return Err(ParseError::at(
                    position,
                    "a control character or line break in a string",
                    "write it as an escape, such as `\\n`",
                ));
            }
            self.position += length;
            if self.byte() == b'"' {
                self.position += 1;
                self.put(Kind::DoubleQuoted, start);
                return Ok(());
            }
            self.escape()?;
        }
    }

    /// Skips an escape. A surrogate must be part of a pair.
    fn escape(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        match self.bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.position += 2,
            Some(b'u') => {
                let code = |at: usize| self.bytes.get(at..at + 4).and_then(hexadecimal);
                let invalid = || {
                    ParseError::at(
                        start,
                        "an escape that is not a character",
                        "write `\\u` and four hexadecimal digits, twice for a surrogate pair",
                    )
                };
                let first = code(start + 2).ok_or_else(invalid)?;
                let is_low = |code: u32| (0xdc00..0xe000).contains(&code);
                if (0xd800..0xdc00).contains(&first) {
                    let has_pair = self.bytes.get(start + 6..start + 8) == Some(b"\\u")
                        && code(start + 8).is_some_and(is_low);
                    if !has_pair {
                        return Err(invalid());
                    }
                    self.position += 12;
                } else if is_low(first) {
                    return Err(invalid());
                } else {
                    self.position += 6;
                }
            }
            _ => {
                return Err(ParseError::at(
                    start,
                    "an escape that JSON does not know",
                    "double the backslash",
                ));
            }
        }
        Ok(())
    }
}
