//! Connection strings in program code, whose parts have no quotes of their own.

use crate::classify_name;
use crate::embedded::TextKind;
use crate::embedded::assignment::Assignment;

/// A line of program code that may hold connection strings: `"host=db user=app password=x"`. Values
/// are asked for in order, so that the line is read once.
pub(crate) struct Connections {
    /// `true` if the line contains a key of connection strings.
    may_hold: bool,
    /// The place in the line up to which quotes have been counted, in bytes.
    at: usize,
    /// The number of quotes before `at`: an odd one means that a string is open.
    quotes: usize,
}

impl Connections {
    /// Looks for the keys of a connection string, in program code only.
    pub(crate) fn of(line: &str, mode: TextKind) -> Self {
        /// Keys that come together with a password.
        const OTHERS: [&str; 9] = [
            "host=",
            "user=",
            "dbname=",
            "server=",
            "uid=",
            "user id=",
            "username=",
            "data source=",
            "database=",
        ];
        let may_hold = mode == TextKind::Code && {
            let lower = line.to_ascii_lowercase();
            OTHERS.iter().any(|other| lower.contains(other))
        };
        Self {
            may_hold,
            at: 0,
            quotes: 0,
        }
    }

    /// Returns `true` if a value without quotes is a part of a connection string, inside the quotes
    /// of the whole.
    pub(crate) fn hold(&mut self, line: &str, start: usize, assignment: &Assignment<'_>) -> bool {
        if !self.may_hold || assignment.is_quoted || start < self.at {
            return false;
        }
        let is_quote = |byte: &&u8| matches!(byte, b'"' | b'\'' | b'`');
        self.quotes += line.as_bytes()[self.at..start]
            .iter()
            .filter(is_quote)
            .count();
        self.at = start;
        line[..start].ends_with('=')
            && self.quotes % 2 == 1
            && classify_name(assignment.name).is_password()
    }
}
