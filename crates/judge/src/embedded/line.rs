//! Credentials in one line of a text.

use std::ops::Range;

use super::assigned::{abbreviated, assigned, has_code, is_key_id, is_prose};
use super::assignment::{Assignment, assignments};
use super::command::{Argument, arguments};
use super::connection_in_code::Connections;
use super::header::headers;
use super::literal_call::literals;
use super::url::url_password;
use super::{Embedded, EmbeddedKind, TextKind, connection};
use crate::value::{Joined, ValueClass, classify_value};
use crate::{Slot, Verdict, judge};

/// Longer lines, in bytes, are minified code or data, and are not read word by word.
const LONGEST_LINE: usize = 200_000;

/// The facts about a whole text that the judgement of its lines depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineContext {
    /// The kind of text that the lines are of.
    kind: TextKind,
    /// The text holds a JSON Web Key.
    is_web_key: bool,
    /// The text is a netrc file, or holds one.
    is_netrc: bool,
    /// The text writes to `.pgpass`.
    is_pgpass: bool,
}

impl LineContext {
    /// Looks for the words that give a text's format away.
    pub(crate) fn of(text: &str, kind: TextKind) -> Self {
        Self {
            kind,
            is_web_key: text.contains("\"kty"),
            is_netrc: text.contains("machine "),
            is_pgpass: text.contains("pgpass"),
        }
    }
}

/// Adds the credentials of a line that begins at `offset` of the text, syntax by syntax.
pub(crate) fn in_line(line: &str, offset: usize, context: LineContext, found: &mut Vec<Embedded>) {
    if line.len() > LONGEST_LINE {
        return;
    }
    in_assignments(line, offset, context.kind, found);
    headers(line, offset, found);
    in_calls(line, offset, found);
    if context.is_web_key {
        web_key(line, offset, found);
    }
    for connection in connection::in_line(line, context.is_pgpass) {
        let range = shifted(&connection.range, offset);
        let (kind, verdict) = (
            connection.kind,
            url_password("", &line[connection.range], context.kind),
        );
        found.extend(verdict.map(|verdict| Embedded {
            range,
            name: None,
            kind,
            verdict,
        }));
    }
    if context.kind != TextKind::Code {
        let arguments = arguments(line)
            .into_iter()
            .chain(netrc_password(line, context));
        found.extend(arguments.filter_map(|argument| given(line, offset, &argument)));
    }
}

/// Adds the values that are assigned to the names of secrets.
fn in_assignments(line: &str, offset: usize, kind: TextKind, found: &mut Vec<Embedded>) {
    let mut connections = Connections::of(line, kind);
    for assignment in assignments(line, offset) {
        let is_part = connections.hold(line, assignment.value.start - offset, &assignment);
        let is_literal = assignment.is_quoted || assignment.is_setting || is_part;
        if kind == TextKind::Code && !is_literal {
            continue;
        }
        let value = &line[assignment.value.start - offset..assignment.value.end - offset];
        if is_key_id(assignment.name, value) {
            continue;
        }
        let in_json = kind != TextKind::Code && line.contains('{');
        let verdict = abbreviated(assignment.name, value, assignment.is_quoted, in_json)
            .or_else(|| by_name(line, offset, kind, &assignment));
        let name = || Some(assignment.name.to_owned());
        found.extend(verdict.map(|verdict| Embedded {
            range: assignment.value.clone(),
            name: name(),
            kind: EmbeddedKind::Assignment,
            verdict,
        }));
    }
}

/// Judges an assignment by its name, in the slot that its syntax makes of it.
fn by_name(
    line: &str,
    offset: usize,
    kind: TextKind,
    assignment: &Assignment<'_>,
) -> Option<Verdict> {
    let start = assignment.value.start - offset;
    let value = &line[start..assignment.value.end - offset];
    let slot = match kind {
        _ if assignment.is_setting && assignment.is_quoted => Slot::Named,
        _ if is_option(line, assignment.name) => Slot::Named,
        TextKind::Code if assignment.is_quoted => Slot::Code,
        _ => Slot::Script,
    };
    // Of two strings beside each other, the second is a value only if it can be nothing else.
    let before = line.as_bytes()[..start]
        .iter()
        .rev()
        .find(|byte| !b" \t\"'\\".contains(byte));
    let is_sure = before != Some(&b',')
        || assignment.is_setting
        || matches!(
            classify_value(value),
            ValueClass::Mixed | ValueClass::Random
        );
    assigned(slot, assignment.name, value, assignment.is_quoted).filter(|_| is_sure)
}

/// Returns `true` if a name is an option or a key of a connection string: those take literals only,
/// `--db-password x`, `-Ddb.password=x`, `;pwd=x`.
fn is_option(line: &str, name: &str) -> bool {
    let start = (name.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    let before = line.get(..start).unwrap_or_default();
    ["--", ";", "&", "?", "; "]
        .iter()
        .any(|end| before.ends_with(end))
        || name.starts_with('D') && before.ends_with('-')
}

/// Adds the literals that are passwords or keys by their place in a call or tuple.
fn in_calls(line: &str, offset: usize, found: &mut Vec<Embedded>) {
    for literal in literals(line) {
        let value = &line[literal.range.clone()];
        let slot = if literal.is_pair {
            Slot::Named
        } else {
            Slot::Code
        };
        if judge(slot, "password", value).is_some() && !has_code(value) {
            let range = shifted(&literal.range, offset);
            found.push(Embedded {
                range,
                name: None,
                kind: literal.kind,
                verdict: Verdict::Secret,
            });
        }
    }
}

/// Adds the private members of a JSON Web Key: `k` of a symmetric key, `d` and the primes of the
/// others.
///
/// Source: RFC 7518, "JSON Web Algorithms", section 6.
fn web_key(line: &str, offset: usize, found: &mut Vec<Embedded>) {
    for assignment in assignments(line, offset) {
        let is_private = matches!(assignment.name, "k" | "d" | "p" | "q" | "dp" | "dq" | "qi");
        let value = &line[assignment.value.start - offset..assignment.value.end - offset];
        if is_private
            && assignment.is_quoted
            && value.len() >= 16
            && classify_value(value) == ValueClass::Random
        {
            let (name, kind) = (Some(assignment.name.to_owned()), EmbeddedKind::WebKeyMember);
            found.push(Embedded {
                range: assignment.value,
                name,
                kind,
                verdict: Verdict::Secret,
            });
        }
    }
}

/// Returns the password of a netrc file that has a line for each field.
fn netrc_password(line: &str, context: LineContext) -> Option<Argument<'static>> {
    let password = line
        .trim()
        .strip_prefix("password ")
        .filter(|value| context.is_netrc && !value.contains(' '))?;
    let end = line.trim_end().len();
    Some(Argument::of(
        end - password.len()..end,
        EmbeddedKind::CredentialsFile,
    ))
}

/// Judges an argument of a command: it is a secret if it is literal and the judgement of its name
/// and value says so.
pub(crate) fn given(text: &str, offset: usize, argument: &Argument<'_>) -> Option<Embedded> {
    let value = text.get(argument.range.clone())?;
    let verdict = judge(Slot::Named, argument.name, value)?;
    let is_phrase =
        argument.may_be_phrase && classify_value(value) == ValueClass::Words(Joined::ByBlanks);
    let is_literal = (is_phrase || !is_prose(value))
        && !has_code(value)
        && !value.starts_with('{')
        && !is_key_id(argument.name, value);
    let range = shifted(&argument.range, offset);
    is_literal.then_some(Embedded {
        range,
        name: None,
        kind: argument.kind,
        verdict,
    })
}

/// Returns a range of a line as a range of the text.
fn shifted(range: &Range<usize>, offset: usize) -> Range<usize> {
    range.start + offset..range.end + offset
}
