//! Passwords in SQL statements that create or change users.
//!
//! The statements of `MySQL`, `PostgreSQL`, Oracle and SQL Server are recognised by their keywords;
//! only a quoted literal counts, since bound variables and parameters are not in the text.

use crate::embedded::EmbeddedKind;
use crate::embedded::command::Argument;

/// Adds the passwords of SQL statements that manage users: `IDENTIFIED BY '…'`, `PASSWORD '…'`,
/// `WITH PASSWORD = N'…'`.
pub(crate) fn statements(line: &str, found: &mut Vec<Argument<'_>>) {
    let upper = line.to_ascii_uppercase();
    let is_statement = upper.contains("IDENTIFIED")
        || ["CREATE", "ALTER", "SET PASSWORD", "GRANT"]
            .iter()
            .any(|word| upper.contains(word))
            && upper.contains("PASSWORD");
    if !is_statement {
        return;
    }
    for word in [" BY ", "PASSWORD"] {
        let mut from = 0;
        while let Some(at) = upper[from..].find(word).map(|at| from + at + word.len()) {
            from = at;
            let rest = &line[at..];
            let gap = rest.len() - rest.trim_start_matches([' ', '=', '(', 'N', ':']).len();
            let Some(quote) = rest[gap..]
                .chars()
                .next()
                .filter(|quote| matches!(quote, '\'' | '"'))
            else {
                continue;
            };
            let start = at + gap + 1;
            if let Some(length) = line[start..].find(quote).filter(|length| *length > 0) {
                found.push(Argument::of(
                    start..start + length,
                    EmbeddedKind::SqlPassword,
                ));
            }
        }
    }
}
