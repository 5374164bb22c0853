//! Insertion of secret lines into a configuration file. All other bytes stay as they are.

use crate::model::Scope;
use crate::toml_text::{toml_key, toml_string};

/// Returns the text with lines `NAME = "key"` at the end of `[apps.APP.secrets]`.
///
/// If there is no such table, one is added at the end of the file. The table is searched by its
/// header, not by parsing, so parse the result before using it: a table that is written
/// differently, for example inline, is not found.
///
/// ```
/// use byref_config::with_secret_lines;
/// let text = "[apps.web.secrets]\nA = \"a\" # ours\n";
/// let lines = [("DB_PASSWORD".to_owned(), "db-password".to_owned())];
/// assert_eq!(
///     with_secret_lines(text, "web", &lines),
///     "[apps.web.secrets]\nA = \"a\" # ours\nDB_PASSWORD = \"db-password\"\n",
/// );
/// ```
pub fn with_secret_lines(text: &str, app: &str, lines: &[(String, String)]) -> String {
    let written: Vec<String> = lines
        .iter()
        .map(|(name, key)| secret_line(name, key, Scope::App))
        .collect();
    with_secret_lines_written(text, app, &written)
}

/// Returns a secret line: `NAME = "key"`, or a table with `scope` unless it is [`Scope::App`].
///
/// ```
/// use byref_config::{Scope, secret_line};
///
/// assert_eq!(secret_line("TOKEN", "token", Scope::App), r#"TOKEN = "token""#);
/// assert_eq!(
///     secret_line("DSN", "dsn", Scope::Shared),
///     r#"DSN = { key = "dsn", scope = "shared" }"#,
/// );
/// ```
pub fn secret_line(name: &str, key: &str, scope: Scope) -> String {
    let (name, key) = (toml_key(name), toml_string(key));
    match scope {
        Scope::App => format!("{name} = {key}"),
        other => format!("{name} = {{ key = {key}, scope = \"{}\" }}", other.as_str()),
    }
}

/// Returns the text with lines in the form of [`secret_line`]; see [`with_secret_lines`].
pub fn with_secret_lines_written(text: &str, app: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return text.to_owned();
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let written: String = lines
        .iter()
        .flat_map(|line| [line.as_str(), line_end])
        .collect();
    let Some(at) = end_of_table(text, app) else {
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            line_end
        };
        return format!(
            "{text}{gap}{line_end}[apps.{}.secrets]{line_end}{written}",
            toml_key(app)
        );
    };
    let gap = if at > 0 && !text[..at].ends_with('\n') {
        line_end
    } else {
        ""
    };
    format!("{}{gap}{written}{}", &text[..at], &text[at..])
}

/// Returns the offset after the last line of the table that is not blank or a comment.
fn end_of_table(text: &str, app: &str) -> Option<usize> {
    let headers = [
        format!("[apps.{app}.secrets]"),
        format!("[apps.\"{app}\".secrets]"),
        format!("[apps.'{app}'.secrets]"),
    ];
    let mut end = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content: String = line
            .split('#')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        let is_header =
            content.starts_with('[') && content.ends_with(']') && !content.contains('=');
        if is_header {
            if end.is_some() {
                return end;
            }
            if headers.contains(&content) {
                end = Some(start + line.len());
            }
        } else if end.is_some() && !content.is_empty() {
            end = Some(start + line.len());
        }
        start += line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_secret_lines_appends_to_the_table() {
        let text = "# head\n[apps.a.secrets] # mine\nX = \"x\" # why\n\n# about b\n[apps.b]\n";
        let lines = [("DB_PASSWORD".to_owned(), "db-password".to_owned())];
        assert_eq!(
            with_secret_lines(text, "a", &lines),
            "# head\n[apps.a.secrets] # mine\nX = \"x\" # why\nDB_PASSWORD = \"db-password\"\n\n# about b\n[apps.b]\n"
        );
        assert_eq!(
            with_secret_lines("[apps.b]\r\nx = 1", "b", &lines),
            "[apps.b]\r\nx = 1\r\n\r\n[apps.b.secrets]\r\nDB_PASSWORD = \"db-password\"\r\n"
        );
        assert_eq!(with_secret_lines(text, "a", &[]), text);
    }
}
