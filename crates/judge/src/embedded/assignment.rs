//! Finds assignments in scripts, configuration, code and connection strings.
//!
//! | syntax | where |
//! | --- | --- |
//! | `KEY=value`, `key = value`, `key := value`, `key => value` | shells, properties, programs, connection strings |
//! | `key: value`, `"key": "value"` | YAML, JSON, headers |
//! | `--key value` | arguments of commands |
//! | `<key>value</key>`, `<add key="X" value="Y"/>` | XML |
//! | `get("KEY", "value")`, `KEY \|\| "value"`, `${KEY:-value}` | defaults of settings |
//!
//! A line is read once. The value of an assignment is searched again, since connection strings
//! assign inside of it.
//!
//! # Cost
//!
//! Each byte that can be an operator is looked at once, and each name reads at most 256 bytes
//! backwards, so that a line is read in linear time also where it is a minified file. A grammar for
//! each language would know more of one line, and nothing of a line that is cut off.

use std::ops::Range;

use super::setting_default::{
    default_of_variable, fallback, fallback_in_block, looks_up, setting_before,
};
use crate::embedded::assigned_value::{Ends, LONGEST_VALUE, near, value};

/// A name with the value that a line assigns to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'t> {
    /// The name, without quotes and brackets.
    pub(crate) name: &'t str,
    /// The bytes of the value in the text, without its quotes.
    pub(crate) value: Range<usize>,
    /// `true` if the value is in quotes, and so a literal even in program code.
    pub(crate) is_quoted: bool,
    /// `true` for the value of a setting, also the one it has by default:
    /// `getenv("NAME", "value")`. Nothing but a literal can be there.
    pub(crate) is_setting: bool,
}

/// Returns the assignments of one line, ordered by place; `offset` is where the line begins in the
/// text, and is added to the ranges.
///
/// One pass looks at every byte that can be an operator. Pairs of a name and a value that are
/// written as two assignments come last.
pub(crate) fn assignments(line: &str, offset: usize) -> Vec<Assignment<'_>> {
    let mut found: Vec<Assignment<'_>> = Vec::new();
    let bytes = line.as_bytes();
    let has_variables = line.contains("${");
    let mut quotes = OpenQuote::default();
    let mut at = 0;
    while at < bytes.len() {
        let found_here = match bytes[at] {
            b'=' => operator(line, at, &mut quotes),
            b':' => operator(line, at, &mut quotes).or_else(|| {
                has_variables
                    .then(|| default_of_variable(line, at))
                    .flatten()
            }),
            b'-' if bytes.get(at + 1) == Some(&b'-')
                && (at == 0 || is_blank_or_quote(bytes[at - 1])) =>
            {
                option(line, at)
            }
            b'>' => element(line, at),
            b',' => arguments(line, at),
            b'|' | b'?' | b'.' | b'o' => fallback(line, at),
            b'{' => fallback_in_block(line, at),
            _ => None,
        };
        match found_here {
            Some(assignment) => {
                // A value may hold assignments of its own: `-e "PASSWORD=x"`, `user=a;password=b`.
                let end = assignment.value.start.max(at + 1);
                let value = assignment.value.start + offset..assignment.value.end + offset;
                found.push(Assignment {
                    value,
                    ..assignment
                });
                at = end;
            }
            None => at += 1,
        }
    }
    let pairs = pairs(line, offset, &found);
    found.extend(pairs);
    found
}

/// Returns the assignments that are written as a `name` and a `value` beside each other, as
/// attributes, in JSON, or as arguments: `<add key="X" value="Y"/>`, `{"name": "X", "value": "Y"}`,
/// `ParameterKey=X,ParameterValue=Y`.
///
/// The name and the value are at most 60 bytes apart, and without a bracket between them.
fn pairs<'t>(line: &'t str, offset: usize, found: &[Assignment<'t>]) -> Vec<Assignment<'t>> {
    let is_name = |name: &str| {
        ["name", "key", "parameterkey", "optionname"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let is_value = |name: &str| {
        ["value", "parametervalue", "optionvalue"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let mut pairs = Vec::new();
    for two in found.windows(2) {
        let [first, second] = two else { continue };
        if !is_name(first.name) || !is_value(second.name) {
            continue;
        }
        let between = line
            .get(first.value.end - offset..second.value.start - offset)
            .unwrap_or_default();
        let name = line
            .get(first.value.start - offset..first.value.end - offset)
            .unwrap_or_default();
        if between.len() <= 60
            && !between.contains(['{', '}', '<', '>'])
            && name.len() <= 100
            && !name.is_empty()
        {
            let second = second.clone();
            pairs.push(Assignment {
                name,
                is_setting: false,
                ..second
            });
        }
    }
    pairs
}

/// Returns `true` for characters that may precede an option.
fn is_blank_or_quote(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'"' | b'\'' | b'(' | b',' | b'[' | b'`'
    )
}

/// Returns `true` for the characters of names in all of these languages.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Returns the name that ends before `end`, without the quotes and brackets around it.
///
/// `config['secret'] =` → `secret`; `--token=` → `token`; `1 =` → none, since a name has a letter.
pub(super) fn name_before(line: &str, end: usize) -> Option<&str> {
    let bytes = line.as_bytes();
    let mut end = end;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    while end > 0
        && matches!(
            bytes[end - 1],
            b'"' | b'\'' | b']' | b')' | b'\\' | b'?' | b'$' | b'%'
        )
    {
        end -= 1;
    }
    let first = end.saturating_sub(LONGEST_BEFORE);
    let start = bytes[first..end]
        .iter()
        .rposition(|byte| !is_name(*byte))
        .map_or(first, |before| first + before + 1);
    let name = line[start..end].trim_start_matches('-');
    (!name.is_empty() && name.len() <= 100 && name.bytes().any(|byte| byte.is_ascii_alphabetic()))
        .then_some(name)
}

/// Returns the assignment around an operator: `name = value`, `name: value`, `name := value`,
/// `name => value`.
///
/// Comparisons, URLs, paths of modules and times have the same characters, and are left out.
///
/// | line | assignment |
/// | --- | --- |
/// | `key = value` | yes |
/// | `a == b`, `a != b`, `a =~ b` | no: a comparison |
/// | `https://…`, `a::b` | no |
/// | `KEY= command` | no: an empty value for one command |
fn operator<'t>(line: &'t str, at: usize, quotes: &mut OpenQuote) -> Option<Assignment<'t>> {
    let bytes = line.as_bytes();
    let next = bytes.get(at + 1).copied();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    let mut after = at + 1;
    if bytes[at] == b'=' {
        if matches!(before, Some(b'=' | b'!' | b'<' | b'>' | b'~' | b'+' | b'*'))
            || matches!(next, Some(b'=' | b'~'))
        {
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
    let before_operator = if bytes[at] == b'=' && before == Some(b':') {
        at - 1
    } else {
        at
    };
    let name = name_before(line, before_operator)?;
    let is_spaced =
        before.is_some_and(|before| matches!(before, b' ' | b'\t' | b'"' | b'\'' | b']'));
    let blanks = bytes[after..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    // `KEY= command` assigns nothing to the key.
    if bytes[at] == b'=' && blanks > 0 && !is_spaced && after == at + 1 {
        return None;
    }
    let is_line = bytes[at] == b':' || is_spaced && blanks > 0;
    let ends = if is_line {
        quotes.before(line, at).map_or(Ends::Line, Ends::Quote)
    } else {
        Ends::Blank
    };
    let setting = setting_before(line, name, before_operator);
    let (value, is_quoted) = value(line, after + blanks, ends)?;
    Some(Assignment {
        name: setting.unwrap_or(name),
        value,
        is_quoted,
        is_setting: setting.is_some(),
    })
}

/// The quote that is open at a place of a line: the value in `'X-Api-Key: x'` ends with it. Places
/// are asked for in order, so that a line is read once.
#[derive(Default)]
struct OpenQuote {
    /// The quote that is open at `at`.
    open: Option<u8>,
    /// The place in the line up to which quotes have been counted, in bytes.
    at: usize,
}

impl OpenQuote {
    /// Returns the quote that is open before a place.
    fn before(&mut self, line: &str, at: usize) -> Option<char> {
        let quotes = line.as_bytes()[self.at.min(at)..at]
            .iter()
            .filter(|byte| matches!(byte, b'"' | b'\''));
        for byte in quotes {
            match self.open {
                None => self.open = Some(*byte),
                Some(quote) if quote == *byte => self.open = None,
                Some(_) => {}
            }
        }
        self.at = at;
        self.open.map(char::from)
    }
}

/// Returns the second of two literals that are the arguments of a call: `"name", "value"`.
fn arguments(line: &str, at: usize) -> Option<Assignment<'_>> {
    let bytes = line.as_bytes();
    let before = line[..at].trim_end();
    let after = at
        + 1
        + bytes[at + 1..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
    let is_quoted = before.ends_with(['"', '\'']) && matches!(bytes.get(after), Some(b'"' | b'\''));
    let name = name_before(line, at).filter(|_| is_quoted)?;
    // A string behind a colon is a value, not a name.
    let begin = before.rfind(name).unwrap_or(0);
    let opener = line[..begin]
        .trim_end_matches(['"', '\'', '\\', '-', ' ', '\t'])
        .chars()
        .next_back();
    if !matches!(opener, Some('(' | '[' | ',')) {
        return None;
    }
    let head = line[..begin].trim_end_matches(['"', '\'', '\\', ' ', '\t']);
    let call = head
        .strip_suffix('(')
        .and_then(|head| name_before(line, head.len()));
    let is_setting = call.is_some_and(|call| looks_up(call, name));
    let (value, is_quoted) = value(line, after, Ends::Blank)?;
    Some(Assignment {
        name,
        value,
        is_quoted,
        is_setting,
    })
}

/// Returns the value of an option: `--name value`. The form `--name=value` is found by its
/// operator.
fn option(line: &str, at: usize) -> Option<Assignment<'_>> {
    let bytes = line.as_bytes();
    let start = at + 2;
    let length = bytes[start..]
        .iter()
        .take_while(|byte| is_name(**byte))
        .count();
    let end = start + length;
    let name = line.get(start..end).filter(|name| !name.is_empty())?;
    if !matches!(bytes.get(end), Some(b' ' | b'\t')) {
        return None;
    }
    let blanks = bytes[end..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if bytes.get(end + blanks) == Some(&b'-') {
        return None;
    }
    let (value, is_quoted) = value(line, end + blanks, Ends::Blank)?;
    Some(Assignment {
        name,
        value,
        is_quoted,
        is_setting: false,
    })
}

/// Returns the content of an XML element: `<name>value</name>`.
fn element(line: &str, at: usize) -> Option<Assignment<'_>> {
    let first = line.ceil_char_boundary(at.saturating_sub(LONGEST_VALUE));
    let start = first + line[first..at].rfind('<')?;
    let (tag, attributes) = line[start + 1..at]
        .split_once(' ')
        .unwrap_or((&line[start + 1..at], ""));
    let is_tag = !tag.is_empty() && tag.len() <= 60 && tag.bytes().all(is_name);
    let length = near(&line[at + 1..]).find("</")?;
    let name = if attributes.is_empty() {
        Some(tag)
    } else {
        attribute_that_names(attributes)
    }?;
    (is_tag && length > 0 && line[at + 1 + length + 2..].starts_with(tag)).then(|| Assignment {
        name,
        value: at + 1..at + 1 + length,
        is_quoted: true,
        is_setting: false,
    })
}

/// Returns the value of `name="…"` or `key="…"` among the attributes of an element.
fn attribute_that_names(attributes: &str) -> Option<&str> {
    let value = ["name=", "key=", "Name=", "Key=", "id="]
        .iter()
        .find_map(|attribute| {
            let at = attributes.find(attribute)?;
            let is_whole = at == 0 || attributes[..at].ends_with(' ');
            is_whole.then(|| &attributes[at + attribute.len()..])
        })?;
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..]
        .split(quote)
        .next()
        .filter(|name| !name.is_empty() && name.len() <= 100)
}

/// How many bytes before an operator may belong to its name, with the quotes and brackets around
/// it.
const LONGEST_BEFORE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(line: &str) -> Vec<(&str, &str)> {
        assignments(line, 0)
            .into_iter()
            .map(|found| (found.name, &line[found.value]))
            .collect()
    }

    #[test]
    fn assignments_reads_many_languages() {
        assert_eq!(pairs("export DB_PASSWORD=abc"), [("DB_PASSWORD", "abc")]);
        assert_eq!(pairs("password: 'a b'"), [("password", "a b")]);
        assert_eq!(
            pairs("\"apiKey\": \"x1\", \"b\": 2"),
            [("apiKey", "x1"), ("b", "2")]
        );
        assert_eq!(
            pairs("run --token abc --user=me"),
            [("token", "abc"), ("user", "me")]
        );
        assert_eq!(
            pairs("$env:DB_PASSWORD = \"abc\""),
            [("DB_PASSWORD", "abc")]
        );
        assert_eq!(pairs("config['secret'] = 'abc'"), [("secret", "abc")]);
        assert_eq!(
            pairs("Server=a;User Id=b;Password=c;"),
            [("Server", "a"), ("Id", "b"), ("Password", "c")]
        );
        assert_eq!(pairs("<password>abc</password>"), [("password", "abc")]);
        assert_eq!(
            pairs("{\\\"password\\\":\\\"abc\\\"}"),
            [("password", "abc")]
        );
        assert_eq!(
            pairs("docker run -e PASSWORD=abc image"),
            [("PASSWORD", "abc")]
        );
        assert_eq!(pairs("K = b\"abc\""), [("K", "abc")]);
        assert_eq!(pairs("K = bytes.fromhex(\"abc\")"), [("K", "abc")]);
        assert_eq!(pairs("k := []byte('abc')"), [("k", "abc")]);
        assert_eq!(
            pairs("const key = Buffer.from('abc', 'hex')")[0],
            ("key", "abc")
        );
        assert_eq!(
            pairs("f(process.env.DB_PASS || 'abc')"),
            [("process.env.DB_PASS", "abc")]
        );
        assert_eq!(pairs("getenv('PW') ?: 'abc'"), [("PW", "abc")]);
        assert_eq!(pairs("os.getenv(\"PW\") or \"abc\""), [("PW", "abc")]);
        assert_eq!(
            pairs("env::var(\"PW\").unwrap_or(\"abc\")"),
            [("PW", "abc")]
        );
        assert_eq!(pairs("echo ${PW:-abc}"), [("PW", "abc")]);
        assert_eq!(pairs("$PASSWD$=abc"), [("PASSWD", "abc")]);
        assert_eq!(
            pairs("<property name=\"password\">abc</property>")[1],
            ("password", "abc")
        );
        for line in [
            "<add key=\"apiSecret\" value=\"abc\"/>",
            "{\"name\":\"apiSecret\",\"value\":\"abc\"}",
            "ParameterKey=apiSecret,ParameterValue=abc",
        ] {
            assert_eq!(pairs(line).last(), Some(&("apiSecret", "abc")), "{line}");
        }
        assert_eq!(pairs("[ -z $PW ] || exit 1"), []);
        assert_eq!(pairs("${AWS::Region} ${A:?abc}"), []);
        assert_eq!(
            pairs("token = get_token('abc')"),
            [("token", "get_token('abc')")]
        );
        assert_eq!(pairs("if a == b; then x != y"), []);
        assert_eq!(pairs("KEY= command"), []);
        assert_eq!(pairs("https://example.com"), []);
    }
}
