//! dotenv files: `NAME=value` lines.
//!
//! The crates for this format expand `$VARIABLES` from the environment, but a value must arrive
//! unchanged. Between double quotes `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and a back-tick after a
//! backslash are escapes; between single quotes nothing is. Quoted values may have several lines. A
//! comment begins with `#` at the start of a line, or after a space.
//!
//! | line | value |
//! | --- | --- |
//! | `A=b c # d` | `b c` |
//! | `A=b#c` | `b#c` |
//! | `A="b # c"` | `b # c` |
//! | `A='$B'` or `A=$B` | `$B` |
//! | `A=` or `A=#c` | empty |
//! | `export A=b` | `b` |
//! | `A="b" c` | an error: text after the quotes |
//! | `b c` | an error: no `=` |

use std::collections::BTreeMap;

use byref_config::looks_pasted;
use byref_parameter::SecretValue;

use super::{Contents, ImportError, Imported};

/// Parses a file. The last value of a name counts, as in a shell.
///
/// A byte order mark at the start is ignored. The place of a name is that of its first line, with
/// the value of the last. An error has the number of the line where the entry begins, and the text
/// before its `=` at most.
pub(super) fn parse(text: &str) -> Result<Contents, ImportError> {
    let mut contents = Contents::default();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (first, next) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = first.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            (rest, line) = (next, line + 1);
            continue;
        }
        let (name, text) = entry(first, rest).map_err(|problem| ImportError::new(line, problem))?;
        let (value, next) = value(text).ok_or_else(|| {
            ImportError::new(
                line,
                format!("the quotes of `{name}` don't end, or are followed by other text"),
            )
        })?;
        let value = SecretValue::new(value);
        if let Some(place) = places.get(name) {
            contents.secrets[*place].value = value;
        } else {
            places.insert(name.to_owned(), contents.secrets.len());
            contents.secrets.push(Imported {
                name: name.to_owned(),
                value,
            });
        }
        line += rest[..rest.len() - next.len()].matches('\n').count();
        rest = next;
    }
    Ok(contents)
}

/// Splits the name of an entry from the text after its `=`, which may go on for several lines.
///
/// `export  A = b` → `A` and ` b`. A name has letters, digits, `_`, `.` and `-`.
fn entry<'t>(first: &'t str, rest: &'t str) -> Result<(&'t str, &'t str), &'static str> {
    let equals = first
        .find('=')
        .ok_or("this line is not of the form `NAME=value`")?;
    let name = first[..equals].trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name_byte) || looks_pasted(name) {
        return Err("the text before `=` is not a name");
    }
    Ok((name, &rest[equals + 1..]))
}

/// Returns a value, and the lines after it.
///
/// None for quotes that don't end, and for text after them that is no comment.
fn value(text: &str) -> Option<(String, &str)> {
    let start = text.trim_start_matches([' ', '\t']);
    if let Some(quote @ ('"' | '\'')) = start.chars().next() {
        let (value, behind) = quoted(&start[1..], quote)?;
        let (line, rest) = behind.split_once('\n').unwrap_or((behind, ""));
        let tail = line.trim();
        return (tail.is_empty() || tail.starts_with('#')).then_some((value, rest));
    }
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line[..*at].ends_with([' ', '\t']) || *at == 0);
    let value = comment.map_or(line, |(at, _)| &line[..at]);
    Some((value.trim().to_owned(), rest))
}

/// Returns a value up to its closing quote, and the text after that.
///
/// A backslash before any other character stays: `"\d"` → `\d`. Line breaks are part of the value.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Some((value, &text[at + 1..])),
            '\\' if quote == '"' => match characters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\' | '$' | '`') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let contents = parse(text).unwrap();
        contents
            .secrets
            .iter()
            .map(|secret| (secret.name.clone(), secret.value.expose().to_owned()))
            .collect()
    }

    #[test]
    fn values_arrive_unchanged() {
        let text = "\u{feff}# comment\nA=1\nexport B = two words # comment\r\nC='$x #\ny'\nD=\"a\\nb \\\"c\\\" \\$d\" # x\n\nE=\nF=a#b=c\nA=2";
        let expected = [
            ("A", "2"),
            ("B", "two words"),
            ("C", "$x #\ny"),
            ("D", "a\nb \"c\" $d"),
            ("E", ""),
            ("F", "a#b=c"),
        ];
        assert_eq!(
            pairs(text),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn errors_have_a_line_and_no_value() {
        for (text, line) in [
            ("A=1\nEXAMPLE-canary", 2),
            ("A=\"EXAMPLE-canary", 1),
            ("\n\nb c=EXAMPLE-canary", 3),
            ("A='x' EXAMPLE-canary", 1),
            ("A='x\ny'\n\nEXAMPLE-canary", 4),
        ] {
            let error = parse(text).err().unwrap();
            assert_eq!(error.line, line, "{text}");
            assert!(!error.problem.contains("canary"), "{text}");
        }
    }
}
