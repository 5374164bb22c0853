//! What a renderer must mask in a configuration.

use byref_template::Span;
use toml::de::{DeTable, DeValue};

use crate::pasted::suspect;

/// Keys of tables whose values are names of harmless things.
const HARMLESS_KEYS: [&str; 16] = [
    "account",
    "containers",
    "default",
    "execution-role",
    "grant",
    "grant-scope",
    "include",
    "log-option",
    "partition",
    "reference",
    "regions",
    "replace-computed",
    "scheme",
    "scope",
    "task-definitions",
    "value",
];

/// Every part of a configuration that may hold a secret, in order: comments, strings that are not plainly harmless,
/// and, where the text is not valid TOML, everything after an equals sign.
pub fn hidden_spans(text: &str) -> Vec<Span> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut spans = comments(text);
    if errors.is_empty() {
        values(table.get_ref(), &mut spans);
    } else {
        spans.extend(after_equals_signs(text));
    }
    spans.sort_unstable();
    spans
}

fn values(table: &DeTable<'_>, spans: &mut Vec<Span>) {
    let mut open: Vec<(&str, &toml::Spanned<DeValue<'_>>)> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect();
    while let Some((key, value)) = open.pop() {
        match value.get_ref() {
            DeValue::Table(table) => open.extend(table.iter().map(|(key, value)| (key.get_ref().as_ref(), value))),
            DeValue::Array(items) => open.extend(items.iter().map(|item| (key, item))),
            DeValue::String(text) => {
                let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./_-:{}*".contains(&byte));
                let is_known = HARMLESS_KEYS.binary_search(&key).is_ok();
                let is_path = text.starts_with('/') || text.starts_with("arn:");
                if !is_plain || suspect(text).is_some() || !(is_known || is_path || is_lower(text)) {
                    spans.push(Span::from(value.span()));
                }
            }
            DeValue::Boolean(_) => {}
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => spans.push(Span::from(value.span())),
        }
    }
}

/// Lower-case words with separators, as keys and paths are written.
fn is_lower(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.split(['-', '_', '.', '/']).all(|word| word.bytes().filter(u8::is_ascii_digit).count() <= 4)
}

/// Comments, as far as lines tell: a `#` outside of quotes.
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
                    spans.push(Span::from(start + index..start + line.trim_end().len().max(index)));
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

/// Of every line: what stands after its first equals sign, or all of it where there is none and it is no table's name.
fn after_equals_signs(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let is_table =
            content.trim_start().starts_with('[') && content.ends_with(']') && !content.contains(['"', '\'', ' ']);
        let from = match content.find('=') {
            Some(equals) => equals + 1,
            None if is_table => content.len(),
            None => 0,
        };
        spans.push(Span::from(start + from..start + content.len().max(from)));
        start += line.len();
    }
    spans.retain(|span| !span.is_empty());
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = text.to_owned();
        for span in hidden_spans(text).iter().rev().filter(|span| (span.end as usize) <= text.len()) {
            shown.replace_range(span.range(), "*");
        }
        shown
    }

    #[test]
    fn keys_are_shown_and_values_are_not() {
        assert!(HARMLESS_KEYS.is_sorted());
        assert_eq!(
            shown("a = \"db-password\" # CANARY\nb = \"CANARY\"\nregions = [\"us-west-2\"]\n"),
            "a = \"db-password\" *\nb = *\nregions = [\"us-west-2\"]\n"
        );
        assert_eq!(shown("a = \"CANARY\nb = \"x\"\n"), "a =*\nb =*\n");
    }
}
