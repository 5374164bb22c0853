//! Assignments in scripts, configuration, code and connection strings: `KEY=value`, `key: value`, `"key": "value"`,
//! `--key value`, `$env:KEY = 'value'`, `<key>value</key>`.

use std::ops::Range;

/// A name and the value that is given to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'t> {
    pub(crate) name: &'t str,
    pub(crate) value: Range<usize>,
    pub(crate) is_quoted: bool,
}

/// The assignments of one line, in order. `offset` is where the line begins in the text.
pub(crate) fn assignments(line: &str, offset: usize) -> Vec<Assignment<'_>> {
    let mut found: Vec<Assignment<'_>> = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let found_here = match bytes[at] {
            b'=' | b':' => operator(line, at),
            b'-' if bytes.get(at + 1) == Some(&b'-') && (at == 0 || is_blank_or_quote(bytes[at - 1])) => {
                option(line, at)
            }
            b'>' => element(line, at),
            b',' => arguments(line, at),
            _ => None,
        };
        match found_here {
            Some(assignment) => {
                // A value may hold assignments of its own: `-e "PASSWORD=x"`, `user=a;password=b`.
                let end = assignment.value.start.max(at + 1);
                let value = assignment.value.start + offset..assignment.value.end + offset;
                found.push(Assignment { value, ..assignment });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn is_blank_or_quote(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'(' | b',' | b'[' | b'`')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name that ends before `end`, without the quotes and brackets around it.
fn name_before(line: &str, end: usize) -> Option<&str> {
    let bytes = line.as_bytes();
    let mut end = end;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    while end > 0 && matches!(bytes[end - 1], b'"' | b'\'' | b']' | b')' | b'\\' | b'?') {
        end -= 1;
    }
    let start = bytes[..end].iter().rposition(|byte| !is_name(*byte)).map_or(0, |before| before + 1);
    let name = line[start..end].trim_start_matches('-');
    (!name.is_empty() && name.len() <= 100 && name.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(name)
}

/// `name = value`, `name: value` and the like, around an operator.
fn operator(line: &str, at: usize) -> Option<Assignment<'_>> {
    let bytes = line.as_bytes();
    let next = bytes.get(at + 1).copied();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    let mut after = at + 1;
    if bytes[at] == b'=' {
        if matches!(before, Some(b'=' | b'!' | b'<' | b'>' | b'~' | b'+' | b'*')) || matches!(next, Some(b'=' | b'~')) {
            return None;
        }
        if next == Some(b'>') {
            after += 1;
        }
    } else {
        if next == Some(b':') || before == Some(b':') || next == Some(b'/') {
            return None;
        }
        if next == Some(b'=') {
            after += 1;
        } else if !next.is_none_or(|next| matches!(next, b' ' | b'\t' | b'"' | b'\'' | b'\\')) {
            return None;
        }
    }
    let before_operator = if bytes[at] == b'=' && before == Some(b':') { at - 1 } else { at };
    let name = name_before(line, before_operator)?;
    let is_spaced = before.is_some_and(|before| matches!(before, b' ' | b'\t' | b'"' | b'\'' | b']'));
    let blanks = bytes[after..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    // `KEY= command` gives nothing to the key.
    if bytes[at] == b'=' && blanks > 0 && !is_spaced && after == at + 1 {
        return None;
    }
    let is_line = bytes[at] == b':' || is_spaced && blanks > 0;
    let ends = if is_line { open_quote(&line[..at]).map_or(Ends::Line, Ends::Quote) } else { Ends::Blank };
    value(line, after + blanks, ends).map(|(value, is_quoted)| Assignment { name, value, is_quoted })
}

/// The quote that is open at the end of a text: `'X-Api-Key: x'` ends with it.
fn open_quote(text: &str) -> Option<char> {
    let mut open = None;
    for character in text.chars().filter(|character| matches!(character, '"' | '\'')) {
        match open {
            None => open = Some(character),
            Some(quote) if quote == character => open = None,
            Some(_) => {}
        }
    }
    open
}

/// `"name", "value"`: the arguments of a call.
fn arguments(line: &str, at: usize) -> Option<Assignment<'_>> {
    let bytes = line.as_bytes();
    let before = line[..at].trim_end();
    let after = at + 1 + bytes[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let is_quoted = before.ends_with(['"', '\'']) && matches!(bytes.get(after), Some(b'"' | b'\''));
    let name = name_before(line, at).filter(|_| is_quoted)?;
    // A string behind a colon is a value, and no name.
    let begin = before.rfind(name).unwrap_or(0);
    let opener = line[..begin].trim_end_matches(['"', '\'', '\\', '-', ' ', '\t']).chars().next_back();
    if !matches!(opener, Some('(' | '[' | ',')) {
        return None;
    }
    value(line, after, Ends::Blank).map(|(value, is_quoted)| Assignment { name, value, is_quoted })
}

/// `--name value`; `--name=value` is found by its operator.
fn option(line: &str, at: usize) -> Option<Assignment<'_>> {
    let bytes = line.as_bytes();
    let start = at + 2;
    let length = bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
    let end = start + length;
    let name = line.get(start..end).filter(|name| !name.is_empty())?;
    if !matches!(bytes.get(end), Some(b' ' | b'\t')) {
        return None;
    }
    let blanks = bytes[end..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if bytes.get(end + blanks) == Some(&b'-') {
        return None;
    }
    value(line, end + blanks, Ends::Blank).map(|(value, is_quoted)| Assignment { name, value, is_quoted })
}

/// `<name>value</name>`
fn element(line: &str, at: usize) -> Option<Assignment<'_>> {
    let start = line[..at].rfind('<')?;
    let name = &line[start + 1..at];
    let is_tag = !name.is_empty() && name.len() <= 60 && name.bytes().all(is_name);
    let length = line[at + 1..].find("</")?;
    (is_tag && length > 0 && line[at + 1 + length + 2..].starts_with(name)).then(|| Assignment {
        name,
        value: at + 1..at + 1 + length,
        is_quoted: true,
    })
}

/// Where a value without quotes ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// At a blank, or a sign that ends a word for a shell, a query or a connection string.
    Blank,
    /// At the end of the line, or a comment.
    Line,
    /// At a quote that was opened before.
    Quote(char),
}

/// The value that begins at `start`, without its quotes.
pub(crate) fn value(line: &str, start: usize, ends: Ends) -> Option<(Range<usize>, bool)> {
    let rest = line.get(start..)?;
    // Quotes that are themselves inside quotes: `\"value\"`.
    for quote in ["\\\"", "\\'", "\"", "'", "`"] {
        let Some(inner) = rest.strip_prefix(quote) else { continue };
        let end = closing(inner, quote)?;
        let from = start + quote.len();
        return (end > 0).then_some((from..from + end, true));
    }
    let rest = if let Some(inner) = rest.strip_prefix("$'") {
        return closing(inner, "'").map(|end| (start + 2..start + 2 + end, true));
    } else {
        rest
    };
    let length = match ends {
        Ends::Blank => unquoted_end(rest),
        Ends::Quote(quote) => rest.find(quote).unwrap_or(rest.len()),
        Ends::Line => rest.find(" #").or_else(|| rest.find("\\n")).unwrap_or(rest.len()),
    };
    let found = rest[..length].trim_end_matches([' ', '\t', ',', ';', '\r']);
    // `{key: value}` closes behind its last value; `${X}` closes itself.
    let found = if found.contains(['{', '[']) { found } else { found.trim_end_matches(['}', ']', ' ']) };
    (!found.is_empty()).then(|| (start..start + found.len(), false))
}

/// Where a word ends; what is computed in it belongs together, blanks and all.
fn unquoted_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut last = ' ';
    for (at, character) in text.char_indices() {
        let opens = matches!(character, '(' | '{') && (last == '$' || depth > 0 || last == '{');
        match character {
            _ if opens => depth += 1,
            ')' | '}' if depth > 0 => depth -= 1,
            ' ' | '\t' | ';' | '&' | ',' | '|' | ')' | ']' | '"' | '\'' | '`' | '<' | '>' | '\\' if depth == 0 => {
                return at;
            }
            _ => {}
        }
        last = character;
    }
    text.len()
}

/// Where the closing quote stands; an escaped one does not close.
fn closing(inner: &str, quote: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = inner[from..].find(quote).map(|at| from + at) {
        let escapes = inner[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if quote.len() > 1 || quote == "'" || escapes % 2 == 0 {
            return Some(at);
        }
        from = at + quote.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(line: &str) -> Vec<(&str, &str)> {
        assignments(line, 0).into_iter().map(|found| (found.name, &line[found.value])).collect()
    }

    #[test]
    fn assignments_of_many_languages() {
        assert_eq!(pairs("export DB_PASSWORD=abc"), [("DB_PASSWORD", "abc")]);
        assert_eq!(pairs("password: 'a b'"), [("password", "a b")]);
        assert_eq!(pairs("\"apiKey\": \"x1\", \"b\": 2"), [("apiKey", "x1"), ("b", "2")]);
        assert_eq!(pairs("run --token abc --user=me"), [("token", "abc"), ("user", "me")]);
        assert_eq!(pairs("$env:DB_PASSWORD = \"abc\""), [("DB_PASSWORD", "abc")]);
        assert_eq!(pairs("config['secret'] = 'abc'"), [("secret", "abc")]);
        assert_eq!(pairs("Server=a;User Id=b;Password=c;"), [("Server", "a"), ("Id", "b"), ("Password", "c")]);
        assert_eq!(pairs("<password>abc</password>"), [("password", "abc")]);
        assert_eq!(pairs("{\\\"password\\\":\\\"abc\\\"}"), [("password", "abc")]);
        assert_eq!(pairs("docker run -e PASSWORD=abc image"), [("PASSWORD", "abc")]);
        assert_eq!(pairs("if a == b; then x != y"), []);
        assert_eq!(pairs("KEY= command"), []);
        assert_eq!(pairs("https://example.com"), []);
    }
}
