//! Scanning of bytes: quoted and plain scalars, tags and anchors.
//!
//! Everything that has a meaning in YAML is ASCII, so the parsers work on bytes. Other characters
//! are only checked once, at the start, by [`check`](super::characters::check).

use memchr::{memchr_iter, memchr2, memchr3};

use super::ParseError;
use super::build::{Waiting, offset};
use crate::span::Span;

/// The class of spaces and tabs. Classes are bits, so that a loop can stop at several of them.
pub(super) const BLANK: u8 = 1;
/// The class of line breaks.
pub(super) const BREAK: u8 = 2;
const COLON: u8 = 4;
const HASH: u8 = 8;
/// The class of indicators of flow style.
pub(super) const FLOW: u8 = 16;

/// The class of every byte.
///
/// One lookup replaces a chain of comparisons in the loops over plain text, which most bytes of a
/// template are.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    classes[b' ' as usize] = BLANK;
    classes[b'\t' as usize] = BLANK;
    classes[b'\n' as usize] = BREAK;
    classes[b'\r' as usize] = BREAK;
    classes[b':' as usize] = COLON;
    classes[b'#' as usize] = HASH;
    classes[b',' as usize] = FLOW;
    classes[b'[' as usize] = FLOW;
    classes[b']' as usize] = FLOW;
    classes[b'{' as usize] = FLOW;
    classes[b'}' as usize] = FLOW;
    classes
};

/// Returns the class of a byte.
pub(super) fn class(byte: u8) -> u8 {
    CLASSES[byte as usize]
}

/// A position in a text.
pub(super) struct Cursor<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) position: usize,
}

impl Cursor<'_> {
    /// Returns the byte at a position. After the end it is NUL, which no template contains.
    pub(super) fn at(&self, position: usize) -> u8 {
        self.bytes.get(position).copied().unwrap_or(0)
    }

    /// Returns the byte here.
    pub(super) fn byte(&self) -> u8 {
        self.at(self.position)
    }

    /// Returns `true` at the end of the text.
    pub(super) fn is_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// Returns `true` if there is a line break or the end of the text at a position.
    pub(super) fn is_break_or_end(&self, position: usize) -> bool {
        position >= self.bytes.len() || class(self.bytes[position]) & BREAK != 0
    }

    /// Returns `true` if there is white space or the end of the text at a position.
    pub(super) fn is_space_or_end(&self, position: usize) -> bool {
        position >= self.bytes.len() || class(self.bytes[position]) & (BLANK | BREAK) != 0
    }

    /// Skips spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while class(self.byte()) & BLANK != 0 {
            self.position += 1;
        }
    }

    /// Skips `\n`, `\r\n` or `\r`.
    pub(super) fn skip_break(&mut self) {
        if self.byte() == b'\r' && self.at(self.position + 1) == b'\n' {
            self.position += 2;
        } else if !self.is_end() {
            self.position += 1;
        }
    }

    /// Skips to the line break, or to the end of the text.
    pub(super) fn skip_line(&mut self) {
        self.position = memchr2(b'\n', b'\r', &self.bytes[self.position..])
            .map_or(self.bytes.len(), |length| self.position + length);
    }

    /// Returns the first character of a document marker, `-` or `.`, if there is one at a position,
    /// which must be the start of a line.
    ///
    /// `---` and `--- x` → `-`, `...` → `.`, `----` and `--x` → none.
    pub(super) fn document_marker(&self, position: usize) -> Option<u8> {
        let rest = &self.bytes[position.min(self.bytes.len())..];
        let is_marker = (rest.starts_with(b"---") || rest.starts_with(b"..."))
            && self.is_space_or_end(position + 3);
        is_marker.then(|| rest[0])
    }

    /// Skips a quoted scalar. Returns `true` if it extends over several lines.
    ///
    /// A document marker inside quotes means that the quote was never closed, and is reported at
    /// the quote.
    pub(super) fn quoted(&mut self) -> Result<bool, ParseError> {
        let start = self.position;
        let is_double = self.byte() == b'"';
        let unclosed = || {
            ParseError::at(
                start,
                "this quote is never closed",
                "close it, or double it (`''`) inside single quotes",
            )
        };
        let mut multiline = false;
        self.position += 1;
        loop {
            let rest = &self.bytes[self.position.min(self.bytes.len())..];
            let found = if is_double {
                memchr3(b'"', b'\\', b'\n', rest)
            } else {
                memchr2(b'\'', b'\n', rest)
            };
            // A lone carriage return is a line break too.
            let found = found.ok_or_else(unclosed)?;
            for at in memchr_iter(b'\r', &rest[..found]) {
                multiline = true;
                if self.document_marker(self.position + at + 1).is_some() {
                    return Err(unclosed());
                }
            }
            self.position += found;
            match self.byte() {
                b'\n' => {
                    multiline = true;
                    self.position += 1;
                    if self.document_marker(self.position).is_some() {
                        return Err(unclosed());
                    }
                }
                b'\\' => self.escape(&mut multiline)?,
                b'\'' if self.at(self.position + 1) == b'\'' => self.position += 2,
                _ => {
                    self.position += 1;
                    return Ok(multiline);
                }
            }
        }
    }

    /// Skips an escape in double quotes. Source: YAML 1.1, section 5.6, and `\/` of YAML 1.2, as in
    /// libyaml.
    fn escape(&mut self, multiline: &mut bool) -> Result<(), ParseError> {
        let start = self.position;
        let digits = match self.at(start + 1) {
            b'0' | b'a' | b'b' | b't' | b'\t' | b'n' | b'v' | b'f' | b'r' | b'e' | b' ' | b'"'
            | b'/' | b'\\' | b'N' | b'_' | b'L' | b'P' => 0,
            b'\n' => {
                *multiline = true;
                0
            }
            b'\r' => {
                *multiline = true;
                usize::from(self.at(start + 2) == b'\n')
            }
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => {
                return Err(ParseError::at(
                    start,
                    "an escape that YAML does not know",
                    "double the backslash, or use single quotes",
                ));
            }
        };
        if matches!(self.at(start + 1), b'x' | b'u' | b'U') {
            let code = self
                .bytes
                .get(start + 2..start + 2 + digits)
                .and_then(hexadecimal);
            if code.and_then(char::from_u32).is_none() {
                return Err(ParseError::at(
                    start,
                    "an escape that is not a character",
                    "write one character as `\\U` and eight hexadecimal digits; YAML takes no surrogate pairs",
                ));
            }
        }
        let is_break = matches!(self.at(start + 1), b'\n' | b'\r');
        self.position = start + 2 + digits;
        if is_break && self.document_marker(self.position).is_some() {
            let help = "indent the line, or close the quote before it";
            return Err(ParseError::at(
                self.position,
                "a document mark inside quotes",
                help,
            ));
        }
        Ok(())
    }

    /// Skips plain text on one line and returns its end without trailing spaces.
    ///
    /// Plain text ends at a comment (` #`), at a colon that ends a key (`: `), at the end of the
    /// line, and inside brackets at an indicator of flow style. Quotes and hash signs inside of a
    /// word do not end it.
    ///
    /// | Text | Outside of brackets | Inside |
    /// | --- | --- | --- |
    /// | `a b # c` | `a b` | `a b` |
    /// | `a#b` | `a#b` | `a#b` |
    /// | `a: b` | `a` | `a` |
    /// | `http://x` | `http://x` | `http://x` |
    /// | `a, b` | `a, b` | `a` |
    pub(super) fn plain_line(&mut self, in_flow: InFlow) -> usize {
        let stops = match in_flow {
            InFlow::Yes => BLANK | BREAK | COLON | HASH | FLOW,
            InFlow::No => BLANK | BREAK | COLON | HASH,
        };
        let mut position = self.position;
        let mut end = position;
        loop {
            let run = position;
            while position < self.bytes.len() && class(self.bytes[position]) & stops == 0 {
                position += 1;
            }
            if position > run {
                end = position;
            }
            if position >= self.bytes.len() {
                break;
            }
            let kind = class(self.bytes[position]);
            if kind & BLANK != 0 {
                while class(self.at(position)) & BLANK != 0 {
                    position += 1;
                }
                if self.at(position) == b'#' || self.is_break_or_end(position) {
                    break;
                }
            } else if kind & COLON != 0 {
                let ends = self.is_space_or_end(position + 1)
                    || (in_flow == InFlow::Yes
                        && (class(self.at(position + 1)) & FLOW != 0
                            || self.at(position + 1) == b'?'));
                if ends {
                    break;
                }
                position += 1;
                end = position;
            } else if kind & HASH != 0 {
                position += 1;
                end = position;
            } else {
                break;
            }
        }
        self.position = end;
        end
    }

    /// Parses the tag and the anchor before a node, in either order and at most one of each.
    ///
    /// CloudFormation's short forms are tags, and a node has only one: `!Base64 !Sub …` is not
    /// valid. Source: CloudFormation template reference, "`Fn::Base64`".
    pub(super) fn properties(&mut self, in_flow: InFlow) -> Result<Waiting, ParseError> {
        let mut waiting = Waiting {
            end: self.position,
            ..Waiting::default()
        };
        loop {
            let start = self.position;
            let slot = match self.byte() {
                b'!' => &mut waiting.properties.tag,
                b'&' => &mut waiting.properties.anchor,
                _ => return Ok(waiting),
            };
            if !slot.is_empty() {
                return Err(ParseError::at(
                    start,
                    "two tags or two anchors on one value",
                    "use the long form (`Fn::Base64:`) for one of the functions",
                ));
            }
            if self.at(start) == b'!' {
                self.tag(in_flow)?;
            } else {
                self.name(in_flow)?;
            }
            *slot = Span::new(offset(start), offset(self.position));
            waiting.end = self.position;
            self.skip_blanks();
        }
    }

    /// Skips a tag: `!Name` or `!<uri>`.
    ///
    /// | Text | Result |
    /// | --- | --- |
    /// | `!Ref`, `!!str`, `!<tag:yaml.org,2002:str>` | a tag |
    /// | `!` before a blank | the tag without a name that YAML allows |
    /// | `!!` before a blank | an error: no name |
    /// | `!Base64!Sub` | an error: two tags |
    /// | `!Ref[` | an error: a character that a tag can't hold |
    fn tag(&mut self, in_flow: InFlow) -> Result<(), ParseError> {
        let start = self.position;
        if self.at(start + 1) == b'<' {
            let close = self.bytes[start..]
                .iter()
                .position(|byte| *byte == b'>' || class(*byte) & (BLANK | BREAK) != 0);
            match close
                .map(|length| start + length)
                .filter(|end| self.at(*end) == b'>')
            {
                Some(end) => self.position = end + 1,
                None => {
                    return Err(ParseError::at(
                        start,
                        "a tag without its end",
                        "close it with `>`",
                    ));
                }
            }
        } else {
            self.position += 1;
            while self.byte().is_ascii_alphanumeric()
                || b"-_:;/?@&=+$.!~*'()".contains(&self.byte()) && !self.is_end()
            {
                self.position += 1;
            }
            let name = &self.bytes[start + 1..self.position];
            if name == b"!" {
                return Err(ParseError::at(
                    start,
                    "a tag without a name",
                    "remove it, or quote the text",
                ));
            }
            if name.iter().skip(1).any(|byte| *byte == b'!') {
                return Err(ParseError::at(
                    start,
                    "two tags on one value",
                    "use the long form for one of the functions",
                ));
            }
        }
        let ends =
            self.is_space_or_end(self.position) || (in_flow == InFlow::Yes && self.byte() == b',');
        if ends {
            Ok(())
        } else {
            Err(ParseError::at(
                self.position,
                "a character that a tag can't hold",
                "put a blank between the tag and the value",
            ))
        }
    }

    /// Skips the name of an anchor or an alias, after its indicator.
    ///
    /// `&base` and `*base` are names. `*.example.com` is an error, whose help is to quote the text.
    pub(super) fn name(&mut self, in_flow: InFlow) -> Result<(), ParseError> {
        let start = self.position;
        self.position += 1;
        while self.byte().is_ascii_alphanumeric() || matches!(self.byte(), b'_' | b'-') {
            self.position += 1;
        }
        let ends = self.is_space_or_end(self.position)
            || (in_flow == InFlow::Yes && class(self.byte()) & FLOW != 0)
            || self.byte() == b':';
        if self.position == start + 1 || !ends {
            return Err(ParseError::at(
                start,
                "not the name of an anchor",
                "quote a text that begins with `*` or `&`",
            ));
        }
        Ok(())
    }
}

/// The style around a text: inside brackets, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InFlow {
    /// Inside brackets, where `,`, `[`, `]`, `{` and `}` end plain text.
    Yes,
    /// In block style, where they are part of it.
    No,
}

/// Returns the value of at most eight hexadecimal digits.
///
/// `00e9` → 233; another character, or a value of more than 32 bits → none.
pub(crate) fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, digit| {
        value
            .checked_mul(16)?
            .checked_add(char::from(*digit).to_digit(16)?)
    })
}
