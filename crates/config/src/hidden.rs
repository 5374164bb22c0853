//! The parts of a configuration that a renderer must mask: everything that is not known to be
//! harmless at its position.
//!
//! A message shows the line that it points to. The line may contain a secret, either in the wrong
//! place or in a comment. This module therefore lists harmless texts, not secrets: a text is shown
//! only if it is a keyword, has the grammar of its key, or is a lower-case name or path that does
//! not look random.
//!
//! | Text | Shown |
//! | --- | --- |
//! | keys such as `regions`, names of variables and applications | unless they look random |
//! | `scope = "shared"` | yes, a keyword |
//! | `account = "111122223333"` | yes, twelve digits |
//! | `DB_PASSWORD = "db-password"` | yes, the key that the name gives |
//! | `DB_PASSWORD = "Tr0ub4dor"` | no, it has capitals |
//! | `port = 5432`, dates | no, no key takes them |
//! | comments | never |

use byref_template::Span;
use toml::de::{DeTable, DeValue};

use crate::pasted::suspect;
use crate::secret_line::derived_key;
use crate::shown::{is_showable, is_showable_key};

/// All keys of the configuration.
///
/// They may be shown in a text that is not valid TOML, where the position of a word proves nothing.
const KNOWN_KEYS: [&str; 37] = [
    "account",
    "allow",
    "app",
    "apps",
    "containers",
    "default",
    "environment",
    "environment-parameter",
    "environments",
    "execution-role",
    "flag",
    "grant",
    "grant-scope",
    "include",
    "key",
    "kms-key",
    "lint",
    "log-option",
    "name",
    "names",
    "partition",
    "path",
    "property",
    "reason",
    "reference",
    "regions",
    "replace-computed",
    "rewrite",
    "role-arn",
    "rule",
    "same-value",
    "scheme",
    "scope",
    "secrets",
    "stack",
    "templates",
    "until",
];

/// Keys whose values are harmless names.
const HARMLESS_KEYS: [&str; 6] = [
    "containers",
    "log-option",
    "partition",
    "reference",
    "task-definitions",
    "value",
];

/// Values that are keywords of the configuration, at any key.
const WORDS: [&str; 14] = [
    "app",
    "application",
    "auto",
    "checked",
    "environment",
    "exact",
    "external",
    "literal",
    "never",
    "pseudo",
    "reference",
    "shared",
    "shared-app",
    "value",
];

/// Returns every part of a configuration that may be a secret, sorted.
///
/// These are comments, keys that may not be names, and strings that are not harmless at their
/// position. In a text that is not valid TOML they are everything but known keys, names of
/// variables and table headers.
pub fn hidden_spans(text: &str) -> Vec<Span> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut spans = comments(text);
    if errors.is_empty() {
        values(table.get_ref(), &mut spans);
    } else {
        spans.extend(in_unparsed(text));
    }
    spans.sort_unstable();
    spans
}

/// Adds the keys and values of a table that may be secrets.
///
/// The loop has its own stack, so the depth of the tables does not matter. Items of a list are
/// judged by the key of the list.
fn values(table: &DeTable<'_>, spans: &mut Vec<Span>) {
    let entries = |table: &DeTable<'_>, spans: &mut Vec<Span>| {
        spans.extend(
            table
                .keys()
                .filter(|key| !is_showable_key(key.get_ref()))
                .map(|key| Span::from(key.span())),
        );
    };
    entries(table, spans);
    let mut open: Vec<(&str, &toml::Spanned<DeValue<'_>>)> = table
        .iter()
        .map(|(key, value)| (key.get_ref().as_ref(), value))
        .collect();
    while let Some((key, value)) = open.pop() {
        match value.get_ref() {
            DeValue::Table(table) => {
                entries(table, spans);
                open.extend(
                    table
                        .iter()
                        .map(|(key, value)| (key.get_ref().as_ref(), value)),
                );
            }
            DeValue::Array(items) => open.extend(items.iter().map(|item| (key, item))),
            DeValue::String(text) => {
                if !is_harmless(key, text) {
                    spans.push(Span::from(value.span()));
                }
            }
            DeValue::Boolean(_) => {}
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
                spans.push(Span::from(value.span()));
            }
        }
    }
}

/// Returns `true` if a value is harmless at this key.
///
/// The judge, which decides by the name of the variable, has the last word for keys that the
/// configuration does not know: those are names of variables.
fn is_harmless(key: &str, text: &str) -> bool {
    if WORDS.contains(&text) || text == derived_key(key) {
        return true;
    }
    match key {
        "account" => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "regions" => {
            text.parse::<byref_parameter::Region>().is_ok() && is_showable(text) && is_lower(text)
        }
        "include" => text.strip_suffix(".toml").is_some_and(is_showable),
        _ => {
            let is_known = HARMLESS_KEYS.contains(&key) && is_showable_key(text);
            let is_path = text.starts_with('/') || text.starts_with("arn:");
            let is_secret = || {
                !KNOWN_KEYS.contains(&key)
                    && !is_path
                    && byref_judge::secret_reason(key, text).is_some()
            };
            suspect(&text.replace('*', "")).is_none()
                && is_showable(text)
                && (is_known || is_path || is_lower(text))
                && !is_secret()
        }
    }
}

/// Returns `true` for lower-case words with separators, as keys and paths are written.
///
/// `db-password` and `smtp/v2` are such words, `Password` is not, and neither is a word with five
/// digits, like `a12345`.
fn is_lower(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text
            .split(['-', '_', '.', '/'])
            .all(|word| word.bytes().filter(u8::is_ascii_digit).count() <= 4)
}

/// Returns the comments of a text: `#` outside of quotes, judged line by line.
///
/// A string of several lines is judged as if each line were alone. A `#` inside it may then count
/// as a comment, which hides too much rather than too little.
fn comments(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut quote = None;
        let mut escaped = false;
        for (index, character) in line.char_indices() {
            match (quote, character) {
                (Some('"'), '\\') if !escaped => {
                    escaped = true;
                    continue;
                }
                (Some(open), close) if open == close && !escaped => quote = None,
                (None, '"' | '\'') => quote = Some(character),
                (None, '#') => {
                    spans.push(Span::from(
                        start + index..start + line.trim_end().len().max(index),
                    ));
                    break;
                }
                _ => {}
            }
            escaped = false;
        }
        start += line.len();
    }
    spans
}

/// Returns the parts of a text that is not valid TOML: of every line, everything but a table
/// header, or a known key or a variable name before an equals sign.
///
/// `account = "1111` shows `account =` and hides the rest of the line. Inside a string of several
/// lines, whole lines are hidden.
fn in_unparsed(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut is_inside = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        // The error may be an unclosed string of several lines.
        let quotes = content.matches("\"\"\"").count() + content.matches("\'\'\'").count();
        let from = if is_inside { 0 } else { shown_start(content) };
        is_inside ^= quotes % 2 == 1;
        spans.push(Span::from(start + from..start + content.len().max(from)));
        start += line.len();
    }
    spans.retain(|span| !span.is_empty());
    spans
}

/// Returns the number of bytes at the start of a line that may be shown.
///
/// - `[apps.quiz-api.secrets]` → the whole line;
/// - `DB_PASSWORD = "…"` → up to and including the equals sign;
/// - `DB_PASSWORD = hunter2` → 0, since an unquoted value suggests that the line is no TOML at all;
/// - `hunter2` → 0.
fn shown_start(line: &str) -> usize {
    let trimmed = line.trim_start();
    if let Some(header) = trimmed
        .strip_prefix('[')
        .and_then(|header| header.strip_suffix(']'))
    {
        let header = header
            .strip_prefix('[')
            .and_then(|header| header.strip_suffix(']'))
            .unwrap_or(header);
        let is_name = |part: &str| {
            part.len() <= 64 && !part.contains(['/', ':', '[', ']', '{']) && is_showable(part)
        };
        return if header.split('.').all(is_name) {
            line.len()
        } else {
            0
        };
    }
    let Some((key, value)) = line.split_once('=') else {
        return 0;
    };
    let name = key.trim();
    let is_variable = name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && name
            .split('_')
            .all(|word| word.bytes().filter(u8::is_ascii_digit).count() <= 2)
        && is_showable(name);
    let has_value = value
        .trim_start()
        .starts_with(['"', '\'', '{', '[', 't', 'f']);
    if KNOWN_KEYS.contains(&name) || is_variable && has_value {
        key.len() + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = String::new();
        let mut position = 0;
        for span in hidden_spans(text)
            .iter()
            .filter(|span| (span.end as usize) <= text.len())
        {
            let range = span.range();
            if range.end > position {
                shown.push_str(text.get(position..range.start).unwrap_or_default());
                shown.push('*');
                position = range.end;
            }
        }
        shown + &text[position..]
    }

    #[test]
    fn hidden_spans_show_keys_and_hide_values() {
        assert_eq!(
            shown("A = \"db-password\" # CANARY\nb = \"CANARY\"\nregions = [\"us-west-2\"]\n"),
            "A = \"db-password\" *\nb = *\nregions = [\"us-west-2\"]\n"
        );
        assert_eq!(
            shown("A = \"CANARY\nregions = \"x\"\n[apps.web]\n"),
            "A =*\nregions =*\n[apps.web]\n"
        );
        for plain in [
            "account = \"111122223333\"\n",
            "[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\nAPI_TOKEN = { key = \"api-token\", scope = \"shared\" }\n",
            "[flag]\ndefault = \"reference\"\n",
            "templates = [\"stacks/quiz-api.yaml\"]\n",
        ] {
            assert_eq!(shown(plain), plain);
        }
    }

    /// Values as they are pasted, of every make.
    const PASTED: [&str; 12] = [
        "c3VwZXItc2VjcmV0LXBhc3N3b3JkLTEyMzQ=",
        "Sup3rS3cret!pw",
        "3f2a9c81b7d04e6f",
        "3f2a9c81b7d04e6f8a1c5b2d3f2a9c81b7d04e6f8a1c5b2d",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "jbswy3dpehpk3pxp",
        "JBSWY3DPEHPK3PXP",
        "q7Rk2LmX9vTz4WbN8cYs",
        "correct horse battery",
        "hG7+kq2/Lm9==",
        "postgres://a:b@db/x",
        "kvtqhrnzplxw",
    ];

    #[test]
    fn pasted_values_are_hidden_at_every_position() {
        let places = [
            "[apps.web.secrets]\n{}\n",
            "[apps.web.secrets]\n{}\nDB_PASSWORD = \"x\n",
            "[apps.web.secrets]\n\"{}\" = \"db-password\"\n",
            "[apps.web.secrets]\n\"{}\" = true\n\"{}\" = true\n",
            "[apps.web.secrets]\nTOKEN = \"{}\"\n",
            "[apps.web.secrets]\nTOKEN = {}\n",
            "[apps.web.secrets]\nTOKEN = \"\"\"\n{}\n{} = x\n",
            "[apps.web.secrets]\nTOKEN = { key = \"{}\" }\n",
            "[apps.\"{}\"]\n",
            "[apps.{}]\nx = \n",
            "[environments.\"{}\"]\naccount = \"{}\"\nregions = [\"{}\"]\npartition = \"{}\"\n",
            "[apps.web]\ntemplates = [\"{}\"]\ncontainers = [\"{}\"]\nstack = \"{}\"\nscheme = \"{}\"\n",
            "\"{}\" = 1\n",
            "[{}\n",
            "x = {} # {}\n",
        ];
        for value in PASTED {
            for place in places {
                let text = place.replace("{}", value);
                assert!(!shown(&text).contains(value), "{text}\n{}", shown(&text));
            }
        }
    }
}
