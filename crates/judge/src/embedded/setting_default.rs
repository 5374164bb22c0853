//! Finds the values that settings have by default.
//!
//! | syntax | where |
//! | --- | --- |
//! | `NAME \|\| "value"`, `NAME ?? "value"`, `NAME or "value"` | programs |
//! | `NAME.unwrap_or("value")`, `NAME.orElse("value")` | calls of programs |
//! | `fetch("NAME") { "value" }` | blocks of Ruby |
//! | `config("NAME", default="value")` | named arguments |
//! | `${NAME:-value}`, `${NAME:value}` | shells, Spring |
//!
//! The name in front is that of the setting, and decides as it does for an environment variable. A
//! default is used wherever nothing else is set, so that a password there is one in production as well.

use crate::embedded::assigned_value::{Ends, near, value};
use crate::embedded::assignment::{Assignment, name_before};
use crate::words::WordList;

/// Returns the value that a program falls back to: `NAME || 'value'`, `NAME ?? "value"`,
/// `getenv('NAME') ?: 'value'`, `NAME or 'value'`, `NAME.unwrap_or("value")`.
pub(super) fn fallback(line: &str, at: usize) -> Option<Assignment<'_>> {
    /// Operators and methods with a fallback, the longer first.
    const OPERATORS: [&str; 10] = [
        "||=",
        "??=",
        "||",
        "??",
        "?:",
        "or ",
        ".unwrap_or(",
        ".unwrap_or_else(|_| ",
        ".orElse(",
        ".getOrElse(",
    ];
    // Most dots and letters begin none of them.
    let next = line.as_bytes().get(at + 1)?;
    if !matches!(next, b'|' | b'?' | b':' | b'r' | b'u' | b'o' | b'g') {
        return None;
    }
    let operator = OPERATORS
        .iter()
        .find(|operator| line.as_bytes()[at..].starts_with(operator.as_bytes()))?;
    let is_word = *operator == "or ";
    if is_word && !line[..at].ends_with([' ', ')']) {
        return None;
    }
    let start = at + operator.len();
    let start = start
        + line[start..]
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
    let name = name_before(line, at)?;
    let (value, is_quoted) = value(line, start, Ends::Blank).filter(|(_, is_quoted)| *is_quoted)?;
    Some(Assignment {
        name,
        value,
        is_quoted,
        is_setting: true,
    })
}

/// Returns the value that a block of Ruby falls back to: `fetch("NAME") { "value" }`.
pub(super) fn fallback_in_block(line: &str, at: usize) -> Option<Assignment<'_>> {
    let call = line[..at].trim_end().strip_suffix(')')?;
    let name = name_before(line, call.len()).filter(|_| call.ends_with(['"', '\'']))?;
    let is_lookup = name_before(line, call.rfind('(')?).is_some_and(|call| looks_up(call, name));
    let start = at
        + 1
        + line[at + 1..]
            .bytes()
            .take_while(|byte| *byte == b' ')
            .count();
    let (value, is_quoted) =
        value(line, start, Ends::Blank).filter(|(_, is_quoted)| is_lookup && *is_quoted)?;
    Some(Assignment {
        name,
        value,
        is_quoted,
        is_setting: true,
    })
}

/// Returns the default in `${NAME:-value}` of shells and `${NAME:value}` of Spring.
///
/// `${PW:-abc}` → `PW`, `abc`; `${A:?abc}` and `${AWS::Region}` → none.
pub(super) fn default_of_variable(line: &str, at: usize) -> Option<Assignment<'_>> {
    let name = name_before(line, at)?;
    let is_variable = line[..at]
        .strip_suffix(name)
        .is_some_and(|before| before.ends_with("${"));
    let start = at + 1 + usize::from(line[at + 1..].starts_with(['-', '=']));
    let length = near(&line[start..]).find('}').filter(|_| is_variable)?;
    let body = &line[start..start + length];
    let unquoted = body.trim_matches(['"', '\'']);
    let start = start + body.find(unquoted)?;
    let is_literal = !unquoted.is_empty()
        && !unquoted.starts_with([':', '?', '+', '$'])
        && !unquoted.contains("${");
    let value = start..start + unquoted.len();
    is_literal.then_some(Assignment {
        name,
        value,
        is_quoted: false,
        is_setting: true,
    })
}

/// Returns the name in `config("NAME", default="value")`, where the operator belongs to `default`.
pub(super) fn setting_before<'t>(line: &'t str, name: &str, at: usize) -> Option<&'t str> {
    /// Names of arguments that take a default.
    const DEFAULTS: [&str; 5] = [
        "default",
        "fallback",
        "default_value",
        "defaultvalue",
        "failobj",
    ];
    DEFAULTS
        .contains(&name.to_ascii_lowercase().as_str())
        .then_some(())?;
    let before = line[..at]
        .trim_end()
        .strip_suffix(name)?
        .trim_end()
        .strip_suffix(',')?
        .trim_end();
    name_before(line, before.len()).filter(|_| before.ends_with(['"', '\'']))
}

/// Returns `true` if a call looks up a setting by its name, or sets one: `os.environ.get`,
/// `System.getProperty`, `define`.
///
/// `os.environ.get` → `true` under any name; `cache.get` → `true` for `DB_PASSWORD`, which is the
/// name of a variable, and `false` for `password`.
pub(super) fn looks_up(call: &str, name: &str) -> bool {
    /// Calls that do nothing else, in lower case.
    static CALLS: WordList = WordList::new(
        "define env env_or envor fetch get_env getenv getenvordefault getordefault getproperty getsetting get_setting \
         lookupenv putenv setdefault set_default setenv setproperty",
    );
    /// Calls that do so on a settings object, or with the name of a variable.
    static GETTERS: WordList = WordList::new("get getstring get_string getvalue value config");
    let call = call.to_ascii_lowercase();
    let method = call.rsplit('.').next().unwrap_or_default();
    let is_variable = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let is_of_settings = ["env", "conf", "setting", "propert", "option"]
        .iter()
        .any(|part| call.contains(part));
    CALLS.contains(method) || GETTERS.contains(method) && (is_variable || is_of_settings)
}
