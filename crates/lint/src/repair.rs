//! Repairs JSON with mistakes, so that its values can be judged in their places.
//!
//! Templates in JSON are often written by hand or by string concatenation. CloudFormation rejects a
//! missing comma, but the secret behind it is in the repository all the same; judged line by line,
//! it would have neither a path nor a resource. The repair reads the text once, without a tree, and
//! never changes a string's content other than wrong escapes.
//!
//! | mistake | repair |
//! | --- | --- |
//! | `{"a": 1 "b": 2}` | the space in front of `"b"` becomes a comma |
//! | `[1, 2,]` | the last comma becomes a space |
//! | `{"a" = 1}` | the equals sign becomes a colon |
//! | `"\d"` | the backslash becomes a space |
//! | `// note` | spaces |
//! | `{"a": [1` | brackets are added at the end |

use std::sync::Arc;

/// Returns JSON without the mistakes that people and tools make in it, or `None` if the text is not
/// JSON, or has none of them.
///
/// These are wrong escapes, control characters, comments, missing and extra commas, and brackets
/// that are missing or left over. Every byte keeps its place, so that findings point at the
/// original text; only brackets that are missing at the end are added.
pub(crate) fn repaired(text: &str) -> Option<Arc<str>> {
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with(['{', '['])
        .then_some(())?;
    let mut repair = Repair {
        bytes: text.as_bytes().to_vec(),
        open: Vec::new(),
        last: Last::Opening,
        changed: false,
    };
    repair.run();
    repair
        .changed
        .then(|| String::from_utf8(repair.bytes).ok())
        .flatten()
        .map(Arc::from)
}

/// The kind of token that was read last, spaces aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// An opening bracket.
    Opening,
    /// A comma, with its offset in bytes.
    Comma(usize),
    /// A colon behind a key.
    Colon,
    /// A string, a number, a word or a closing bracket.
    Value,
}

/// A repair in progress.
struct Repair {
    /// The text, as far as it has been repaired.
    bytes: Vec<u8>,
    /// The closing brackets that are still missing, innermost last.
    open: Vec<u8>,
    /// The token before the current place.
    last: Last,
    /// `true` if anything was repaired.
    changed: bool,
}

impl Repair {
    /// Reads the text once, and repairs it on the way.
    fn run(&mut self) {
        let mut at = 0;
        while at < self.bytes.len() {
            let byte = self.bytes[at];
            at = match byte {
                b'"' => {
                    self.begin_value(at);
                    self.string(at + 1)
                }
                b'{' | b'[' => {
                    self.begin_value(at);
                    self.open.push(if byte == b'{' { b'}' } else { b']' });
                    self.last = Last::Opening;
                    at + 1
                }
                b'}' | b']' => self.close(at),
                b',' => self.comma(at),
                b':' => {
                    self.last = Last::Colon;
                    at + 1
                }
                b'/' if matches!(self.bytes.get(at + 1), Some(b'/' | b'*')) => self.comment(at),
                _ if byte.is_ascii_whitespace() || byte >= 0x80 => at + 1,
                _ => self.word(at),
            };
            // Text behind the document is not a part of it.
            if self.open.is_empty() && self.last == Last::Value {
                self.blank(at, self.bytes.len());
                return;
            }
        }
        while let Some(bracket) = self.open.pop() {
            self.bytes.push(bracket);
            self.changed = true;
        }
    }

    /// Replaces everything but spaces by spaces. Line breaks stay, so that lines keep their
    /// numbers.
    fn blank(&mut self, start: usize, end: usize) {
        for byte in self.bytes[start..end]
            .iter_mut()
            .filter(|byte| !byte.is_ascii_whitespace())
        {
            *byte = b' ';
            self.changed = true;
        }
    }

    /// Writes the comma that is missing in front of a value into the space before it.
    fn begin_value(&mut self, at: usize) {
        if self.last == Last::Value && at > 0 && self.bytes[at - 1].is_ascii_whitespace() {
            self.bytes[at - 1] = b',';
            self.changed = true;
        }
    }

    /// Reads a comma, and removes it behind another comma or an opening bracket.
    fn comma(&mut self, at: usize) -> usize {
        if matches!(self.last, Last::Comma(_) | Last::Opening) {
            self.blank(at, at + 1);
        } else {
            self.last = Last::Comma(at);
        }
        at + 1
    }

    /// Reads a closing bracket. Removes a comma in front of it, and the bracket itself if none of
    /// its kind is open.
    fn close(&mut self, at: usize) -> usize {
        if let Last::Comma(comma) = self.last {
            self.blank(comma, comma + 1);
        }
        if self.open.last() == Some(&self.bytes[at]) {
            self.open.pop();
        } else {
            self.blank(at, at + 1);
        }
        self.last = Last::Value;
        at + 1
    }

    /// Removes a comment.
    fn comment(&mut self, at: usize) -> usize {
        let close: &[u8] = if self.bytes[at + 1] == b'*' {
            b"*/"
        } else {
            b"\n"
        };
        let length = memchr::memmem::find(&self.bytes[at + 2..], close);
        let end = length.map_or(self.bytes.len(), |length| at + 2 + length + close.len());
        self.blank(at, end);
        end
    }

    /// Reads a number or a word. A character that was typed instead of a comma or colon becomes
    /// one.
    fn word(&mut self, at: usize) -> usize {
        if self.bytes[at].is_ascii_punctuation()
            && !matches!(self.bytes[at], b'-' | b'\'' | b'_' | b'$')
        {
            if self.last != Last::Value {
                self.blank(at, at + 1);
                return at + 1;
            }
            self.changed = true;
            let is_colon = self.bytes[at] == b'=';
            self.bytes[at] = if is_colon { b':' } else { b',' };
            self.last = if is_colon {
                Last::Colon
            } else {
                Last::Comma(at)
            };
            return at + 1;
        }
        self.begin_value(at);
        self.last = Last::Value;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:{}[]\"".contains(byte);
        self.bytes[at..]
            .iter()
            .position(ends)
            .map_or(self.bytes.len(), |length| at + length.max(1))
    }

    /// Reads to the end of a string. A backslash that escapes nothing becomes a space.
    fn string(&mut self, start: usize) -> usize {
        self.last = Last::Value;
        let mut at = start;
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'"' => return at + 1,
                b'\\' => {
                    let is_known = match self.bytes.get(at + 1) {
                        Some(b'u') => self
                            .bytes
                            .get(at + 2..at + 6)
                            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
                        Some(kind) => b"\"\\/bfnrt".contains(kind),
                        None => false,
                    };
                    if is_known {
                        at += 1;
                    } else {
                        self.blank(at, at + 1);
                    }
                }
                _ if byte.is_ascii_control() && !byte.is_ascii_whitespace() => {
                    self.blank(at, at + 1);
                }
                _ => {}
            }
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repair_removes_mistakes_and_keeps_offsets() {
        for (text, expected) in [
            (r#"{"a": "b\d"}"#, r#"{"a": "b d"}"#),
            (r#"{"a": "b\u12"}"#, r#"{"a": "b u12"}"#),
            (r#"{"a": 1,, "b": 2}"#, r#"{"a": 1 , "b": 2}"#),
            (r#"{"a": 1, }"#, r#"{"a": 1  }"#),
            (r#"{"a": 1 "b": 2}"#, r#"{"a": 1,"b": 2}"#),
            (r#"{"a": 1 "b"= 2}"#, r#"{"a": 1,"b": 2}"#),
            (r#"{"a": "1". "b": 2}"#, r#"{"a": "1", "b": 2}"#),
            (r#"{"a": [1}}"#, r#"{"a": [1  ]}"#),
            (r#"{"a": 1}} x"#, r#"{"a": 1}   "#),
            (r#"{"a": {"b": 1}"#, r#"{"a": {"b": 1}}"#),
            ("{// c\n\"a\": 1 /* \"d\" */}", "{    \n\"a\": 1          }"),
        ] {
            let repaired = repaired(text);
            let repaired = repaired.as_deref().unwrap_or(text);
            assert_eq!(
                repaired.replace(' ', ""),
                expected.replace(' ', ""),
                "{text}"
            );
            assert!(repaired.len() >= text.len(), "{text}");
        }
        assert_eq!(repaired(r#"{"a": ["b\n", {"c": 1}]}"#), None);
        assert_eq!(repaired("a: b\n"), None);
    }
}
