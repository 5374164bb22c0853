//! Finds literals of program code that are passwords or keys by their place in a call or a tuple.
//!
//! `HTTPBasicAuth('svc', '…')`, `hmac.new(b'…', message)` and `auth=('svc', '…')` have no name for
//! the secret, so that a table tells which argument it is. Only a literal in that place counts: a
//! variable or a call is computed.

use crate::embedded::EmbeddedKind;
use std::ops::Range;

/// A literal, and the use that its place makes of it.
pub(crate) struct Literal {
    /// The bytes of the literal in the line, without its quotes.
    pub(crate) range: Range<usize>,
    /// The syntax that makes it a password or key.
    pub(crate) kind: EmbeddedKind,
    /// `true` for the second of a user and a password, where nothing else can be.
    pub(crate) is_pair: bool,
}

/// Calls, by the end of their name in lower case, with the index of the argument that is a password
/// or key.
const CALLS: [(&str, usize); 44] = [
    ("securestring", 0),
    ("createaccount", 1),
    ("httpbasicauth", 1),
    ("httpdigestauth", 1),
    ("httpproxyauth", 1),
    ("networkcredential", 1),
    ("usernamepasswordcredentials", 1),
    ("usernamepasswordcredential", 1),
    ("passwordauthentication", 1),
    ("plainauth", 2),
    ("basicauth", 1),
    ("basic_auth", 1),
    ("setbasicauth", 1),
    ("setbasicauthentication", 1),
    (".login", 1),
    (".authenticate", 1),
    ("mysqli", 2),
    ("mysqli_connect", 2),
    ("mysql_connect", 2),
    ("pdo", 2),
    ("getconnection", 2),
    ("set_password", 0),
    ("setpassword", 0),
    ("withpassword", 0),
    ("setapikey", 0),
    ("setsecretkey", 0),
    ("setsigningkey", 0),
    ("signwith", 1),
    ("jwt.sign", 1),
    ("jwt.verify", 1),
    ("jwt.encode", 1),
    ("jwt.decode", 1),
    ("jwt_encode", 1),
    ("hmac.new", 0),
    ("createhmac", 1),
    ("hash_hmac", 2),
    ("createcipheriv", 1),
    ("createdecipheriv", 1),
    ("fernet", 0),
    ("aes.new", 0),
    ("secretkeyspec", 0),
    ("cookieparser", 0),
    ("cookie_parser", 0),
    ("client_secret_basic", 1),
];

/// Last words of names to which a tuple of user and password is assigned.
const PAIRS: [&str; 10] = [
    "auth",
    "basicauth",
    "httpauth",
    "credentials",
    "credential",
    "creds",
    "login",
    "userpass",
    "account",
    "proxyauth",
];

/// Returns the literals of a line that are passwords or keys by their place.
pub(crate) fn literals(line: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    if !line.contains(['"', '\'']) {
        return found;
    }
    for (at, _) in line
        .bytes()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'(' | b'['))
    {
        let before = line[..at].trim_end();
        let argument = if before.ends_with(['=', ':']) {
            let name = before.trim_end_matches(['=', ':', ' ', '"', '\'', '\\']);
            takes_pair(name)
                .then(|| pair(line, at + 1))
                .flatten()
                .map(|range| (range, EmbeddedKind::CodePair, true))
        } else if line.as_bytes()[at] == b'(' {
            taken(before)
                .and_then(|index| argument(line, at + 1, index))
                .map(|range| (range, EmbeddedKind::CallArgument, false))
        } else {
            None
        };
        found.extend(argument.map(|(range, kind, is_pair)| Literal {
            range,
            kind,
            is_pair,
        }));
    }
    found
}

/// Returns `true` if a tuple assigned to a name is a user and a password.
fn takes_pair(name: &str) -> bool {
    let start = name
        .bytes()
        .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')));
    let name = &name[start.map_or(0, |start| start + 1)..];
    let words = crate::words::words(name);
    words
        .last()
        .is_some_and(|last| PAIRS.contains(&last.as_str()))
}

/// Returns the index of the argument that is a password or key, for the call whose name ends a
/// text.
///
/// `requests.auth.HTTPBasicAuth` → 1; `hmac.new` → 0; `myhmac.new` → none, since a name matches
/// from one of its dots on.
fn taken(before: &str) -> Option<usize> {
    let start = before
        .bytes()
        .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')));
    let name = before[start.map_or(0, |start| start + 1)..].to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    CALLS
        .iter()
        .find(|(call, _)| {
            name.strip_suffix(call)
                .is_some_and(|rest| rest.is_empty() || call.starts_with('.') || rest.ends_with('.'))
        })
        .map(|(_, index)| *index)
}

/// Returns the second of exactly two literals.
fn pair(line: &str, start: usize) -> Option<Range<usize>> {
    let first = argument(line, start, 0)?;
    let second = argument(line, start, 1)?;
    let ends = line[second.end + 1..].trim_start().starts_with([')', ']']);
    (ends && first.len() <= 64).then_some(second)
}

/// The greatest length of a list of arguments that is read, in bytes.
const FARTHEST: usize = 500;

/// Returns the literal that is the argument with an index, counted from 0, in the list that begins
/// at `start`; `None` if that argument is not a literal.
///
/// Index 1 of `'svc', f(x, y), "z"` is a call, and so none; index 2 is `z`.
fn argument(line: &str, start: usize, index: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    let mut count = 0;
    let mut at = start;
    let bytes = line.as_bytes();
    let mut is_begin = true;
    while at < bytes.len().min(start + FARTHEST) {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                let end = closing(bytes, at + 1, quote)?;
                if count == index && depth == 0 && is_begin {
                    return (end > at + 1).then_some(at + 1..end);
                }
                at = end;
                is_begin = false;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return None,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                count += 1;
                is_begin = true;
            }
            // `b'…'`, `r"…"`
            byte if byte == b' '
                || matches!(bytes.get(at + 1), Some(b'"' | b'\'')) && b"bBrRuU".contains(&byte) => {
            }
            _ => is_begin = false,
        }
        at += 1;
    }
    None
}

/// Returns where the quote is that closes a literal. A backslash escapes the next character.
fn closing(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<&str> {
        literals(line)
            .into_iter()
            .map(|found| &line[found.range])
            .collect()
    }

    #[test]
    fn literals_finds_passwords_and_keys_by_place() {
        for line in [
            "auth = (\"svc\", \"hunter2x\")",
            "requests.get(url, auth=('svc', 'hunter2x'))",
            "AUTH = ('match', b'hunter2x')",
            "http_auth: ['svc', 'hunter2x']",
            "auth=HTTPBasicAuth('svc', 'hunter2x')",
            "new NetworkCredential(\"svc\", \"hunter2x\")",
            "server.login('svc@example.com', 'hunter2x')",
            "jwt.sign({ sub: user.id, a: [1, 2] }, 'hunter2x', { expiresIn: 60 })",
            "hmac.new(b'hunter2x', message, hashlib.sha256)",
            "new mysqli('db', 'app', 'hunter2x', 'shop')",
            "smtp.PlainAuth(\"\", \"svc\", \"hunter2x\", host)",
        ] {
            assert_eq!(found(line), ["hunter2x"], "{line}");
        }
    }

    #[test]
    fn literals_ignores_other_calls_and_lists() {
        for line in [
            "auth = (user, password)",
            "auth = ('a', 'b', 'c')",
            "methods = ['GET', 'POST']",
            "jwt.sign(payload, process.env.SECRET)",
            "hmac.new(key, b'message', hashlib.sha256)",
            "client.login(user, os.environ['PASSWORD'])",
            "catalogin('a', 'b')",
        ] {
            assert!(found(line).is_empty(), "{line}: {:?}", found(line));
        }
    }
}
