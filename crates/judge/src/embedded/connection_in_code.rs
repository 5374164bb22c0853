//! Connection strings in program code, whose parts have no quotes of their own.

use crate::classify_name;
use crate::embedded::TextKind;
use crate::embedded::assignment::Assignment;

/// A line of program code in which connection strings may be: `"host=db user=app password=x"`. Values come in order, so
/// that the line is walked once.
pub(crate) struct Connections {
    may_hold: bool,
    at: usize,
    quotes: usize,
}

impl Connections {
    pub(crate) fn of(line: &str, mode: TextKind) -> Self {
        const OTHERS: [&str; 9] =
            ["host=", "user=", "dbname=", "server=", "uid=", "user id=", "username=", "data source=", "database="];
        let may_hold = mode == TextKind::Code && {
            let lower = line.to_ascii_lowercase();
            OTHERS.iter().any(|other| lower.contains(other))
        };
        Self { may_hold, at: 0, quotes: 0 }
    }

    /// Whether a value without quotes is a part of one, inside the quotes of the whole.
    pub(crate) fn hold(&mut self, line: &str, start: usize, assignment: &Assignment<'_>) -> bool {
        if !self.may_hold || assignment.is_quoted || start < self.at {
            return false;
        }
        let is_quote = |byte: &&u8| matches!(byte, b'"' | b'\'' | b'`');
        self.quotes += line.as_bytes()[self.at..start].iter().filter(is_quote).count();
        self.at = start;
        line[..start].ends_with('=') && self.quotes % 2 == 1 && classify_name(assignment.name).is_password()
    }
}
