//! Credentials inside a longer text: URLs, connection strings, headers, assignments, arguments of commands, and all of
//! these once more where the text is encoded.

use std::ops::Range;

use super::assignment::assignments;
use super::command::{Argument, arguments};
use super::comment::comments;
use super::connection;
use super::connection_in_code::Connections;
use super::crypt;
use super::encoded::{SHORTEST_ENCODED, decode_base64, encoded};
use super::literal_call::literals;
use super::sentence::in_sentences;
use super::shape::is_example;
use super::standard_input::in_documents;
use super::url::{url_password, urls};
use super::value::{Harmless, Joined, Looks, looks};
use super::{Trust, Verdict, judge, says};

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One value: a URL, a connection string, JSON.
    Value,
    /// Lines of a script or of configuration.
    Script,
    /// Lines of program code: only what is in quotes is literal.
    Code,
    /// Sentences for humans.
    Prose,
}

/// A credential inside a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Embedded {
    pub(crate) range: Range<usize>,
    /// What it is given to, where that has a name.
    pub(crate) name: Option<String>,
    /// What it is, such as "a password in a URL".
    pub(crate) what: &'static str,
    pub(crate) verdict: Verdict,
}

/// Shorter texts hold no name with a value.
const SHORTEST: usize = 8;

/// How often a text is decoded and looked into again.
const DECODINGS: usize = 2;

/// The credentials inside a text, in order of their places; several may be at one place.
pub(crate) fn embedded(text: &str, mode: Mode) -> Vec<Embedded> {
    let mut found = Vec::new();
    look(text, mode, DECODINGS, &mut found);
    found.sort_by_key(|found| (found.range.start, found.range.end));
    found
}

pub(super) fn look(text: &str, mode: Mode, decodings: usize, found: &mut Vec<Embedded>) {
    let first = found.len();
    if text.contains("://") {
        urls(text, mode, found);
    }
    if mode == Mode::Prose {
        in_sentences(text, found);
        return;
    }
    if text.len() < SHORTEST {
        return;
    }
    if mode == Mode::Value && !text.bytes().any(|byte| matches!(byte, b'=' | b':' | b' ' | b',' | b'<' | b'-')) {
        // One word: nothing can be inside of it but what it encodes, or it is a hash.
        let hashes = crypt::hashes(text).into_iter();
        found.extend(hashes.map(|range| Embedded { range, name: None, what: crypt::WHAT, verdict: Verdict::Unsure }));
        if decodings > 0 && text.len() >= SHORTEST_ENCODED {
            encoded(text, decodings - 1, found);
        }
        return;
    }
    let hashes = crypt::hashes(text).into_iter();
    found.extend(hashes.map(|range| Embedded { range, name: None, what: crypt::WHAT, verdict: Verdict::Unsure }));
    let kind = Kind {
        is_web_key: text.contains("\"kty"),
        is_netrc: text.contains("machine "),
        is_pgpass: text.contains("pgpass"),
    };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        in_line(line.trim_end_matches(['\n', '\r']), offset, mode, kind, found);
        offset += line.len();
    }
    if mode == Mode::Script {
        found.extend(in_documents(text).into_iter().filter_map(|argument| given(text, 0, &argument)));
    }
    if matches!(mode, Mode::Script | Mode::Code) && found.len() > first {
        without_examples(text, first, found);
    }
    if decodings > 0 && text.len() >= SHORTEST_ENCODED {
        encoded(text, decodings - 1, found);
    }
}

/// Comments explain: of what was found from `first` on, only what can't be an explanation stays.
fn without_examples(text: &str, first: usize, found: &mut Vec<Embedded>) {
    let comments = comments(text);
    let is_in_comment = |at: usize| {
        let before = comments.partition_point(|comment| comment.start <= at);
        before > 0 && comments[before - 1].end > at
    };
    let mut index = 0;
    found.retain(|embedded| {
        index += 1;
        let value = text.get(embedded.range.clone()).unwrap_or_default();
        index <= first || !is_in_comment(embedded.range.start) || can_be_no_example(embedded.verdict, value)
    });
}

/// Whether a value in a comment is more than an example.
pub(crate) fn can_be_no_example(verdict: Verdict, value: &str) -> bool {
    verdict != Verdict::Weak && matches!(looks(value), Looks::Mixed | Looks::Random)
}

fn in_line(line: &str, offset: usize, mode: Mode, kind: Kind, found: &mut Vec<Embedded>) {
    // Minified code and data: one line of a million characters is not read word by word.
    if line.len() > 200_000 {
        return;
    }
    let mut connections = Connections::of(line, mode);
    for assignment in assignments(line, offset) {
        let is_part = connections.hold(line, assignment.value.start - offset, &assignment);
        let is_literal = assignment.is_quoted || assignment.is_setting || is_part;
        if mode == Mode::Code && !is_literal {
            continue;
        }
        let trust = match mode {
            _ if assignment.is_setting && assignment.is_quoted => Trust::Named,
            _ if is_option(line, assignment.name) => Trust::Named,
            Mode::Code if assignment.is_quoted => Trust::Code,
            _ => Trust::Script,
        };
        let value = &line[assignment.value.start - offset..assignment.value.end - offset];
        if is_key_id(assignment.name, value) {
            continue;
        }
        // Two strings beside each other are a pair only where the second can be nothing else.
        let is_list =
            line.as_bytes()[..assignment.value.start - offset].iter().rev().find(|byte| !b" \t\"'\\".contains(byte))
                == Some(&b',');
        let in_json = mode != Mode::Code && line.contains('{');
        if let Some((name, verdict)) = abbreviated(assignment.name, value, assignment.is_quoted, in_json) {
            let (range, name) = (assignment.value.clone(), Some(name.to_owned()));
            found.push(Embedded { range, name, what: "a value that is assigned to a secret's name", verdict });
            continue;
        }
        let is_sure = !is_list || assignment.is_setting || matches!(looks(value), Looks::Mixed | Looks::Random);
        if let Some(verdict) = assigned(trust, assignment.name, value, assignment.is_quoted).filter(|_| is_sure) {
            let name = Some(assignment.name.to_owned());
            found.push(Embedded {
                range: assignment.value,
                name,
                what: "a value that is assigned to a secret's name",
                verdict,
            });
        }
    }
    headers(line, offset, found);
    for literal in literals(line) {
        let value = &line[literal.range.clone()];
        let trust = if literal.is_pair { Trust::Named } else { Trust::Code };
        if judge(trust, "password", value).is_some() && !has_code(value) {
            let range = literal.range.start + offset..literal.range.end + offset;
            found.push(Embedded { range, name: None, what: literal.what, verdict: Verdict::Secret });
        }
    }
    if kind.is_web_key {
        web_key(line, offset, found);
    }
    for connection in connection::in_line(line, kind.is_pgpass) {
        let range = connection.range.start + offset..connection.range.end + offset;
        let verdict = url_password("", &line[connection.range], mode);
        found.extend(verdict.map(|verdict| Embedded { range, name: None, what: connection.what, verdict }));
    }
    if mode != Mode::Code {
        found.extend(arguments(line).into_iter().filter_map(|argument| given(line, offset, &argument)));
        // The lines of a netrc file may be one a field.
        let password = line.trim().strip_prefix("password ").filter(|value| kind.is_netrc && !value.contains(' '));
        let argument = password.map(|password| {
            let end = line.trim_end().len();
            Argument::of(end - password.len()..end, "a password in a line of a credentials file")
        });
        found.extend(argument.and_then(|argument| given(line, offset, &argument)));
    }
}

/// Whether a name is that of an option or of a part of a connection string, which have no other values than literal ones:
/// `--db-password x`, `-Ddb.password=x`, `;pwd=x`.
fn is_option(line: &str, name: &str) -> bool {
    let start = (name.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    let before = line.get(..start).unwrap_or_default();
    ["--", ";", "&", "?", "; "].iter().any(|end| before.ends_with(end))
        || name.starts_with('D') && before.ends_with('-')
}

/// What the whole text is, for the lines of it.
#[derive(Clone, Copy, Debug)]
struct Kind {
    /// It holds a JSON Web Key.
    is_web_key: bool,
    /// It is a netrc file, or holds one.
    is_netrc: bool,
    /// It is written to `.pgpass`.
    is_pgpass: bool,
}

/// What is thought of an argument of a command.
fn given(text: &str, offset: usize, argument: &Argument<'_>) -> Option<Embedded> {
    let value = text.get(argument.range.clone())?;
    let verdict = judge(Trust::Named, argument.name, value)?;
    let is_phrase = argument.may_be_phrase && looks(value) == Looks::Words(Joined::ByBlanks);
    let is_literal = (is_phrase || !is_prose(value))
        && !has_code(value)
        && !value.starts_with('{')
        && !is_key_id(argument.name, value);
    let range = argument.range.start + offset..argument.range.end + offset;
    is_literal.then_some(Embedded { range, name: None, what: argument.what, verdict })
}

/// The private members of a JSON Web Key, by RFC 7518: `k` of a symmetric key, `d` and its like of others.
fn web_key(line: &str, offset: usize, found: &mut Vec<Embedded>) {
    for assignment in assignments(line, offset) {
        let is_private = matches!(assignment.name, "k" | "d" | "p" | "q" | "dp" | "dq" | "qi");
        let value = &line[assignment.value.start - offset..assignment.value.end - offset];
        if is_private && assignment.is_quoted && value.len() >= 16 && looks(value) == Looks::Random {
            let name = Some(assignment.name.to_owned());
            let what = "a private member of a JSON Web Key";
            found.push(Embedded { range: assignment.value, name, what, verdict: Verdict::Secret });
        }
    }
}

/// Names that say secret only where they stand: `{"tok":"…"}` and `{"pin":"1234"}` in JSON, `K = bytes.fromhex("…")`.
fn abbreviated<'a>(name: &'a str, value: &str, is_quoted: bool, in_json: bool) -> Option<(&'a str, Verdict)> {
    let lower = name.to_ascii_lowercase();
    let is_hexadecimal =
        value.len() >= 32 && value.len().is_multiple_of(2) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let verdict = match lower.as_str() {
        "tok" if in_json => judge(Trust::Named, "token", value),
        "pin" if in_json && is_quoted => {
            let is_pin = (4..=12).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
            is_pin.then_some(Verdict::Unsure)
        }
        "k" if is_quoted && is_hexadecimal && !is_example(value) => Some(Verdict::Secret),
        _ => None,
    };
    verdict.map(|verdict| (name, verdict))
}

/// The strings of a list in JSON: `["a", "b"]`.
pub(super) fn listed(value: &str) -> Vec<&str> {
    let Some(inner) = value.trim().strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) else {
        return Vec::new();
    };
    let strings = inner.split(',').map(|item| item.trim().strip_prefix('"')?.strip_suffix('"'));
    strings.collect::<Option<Vec<&str>>>().unwrap_or_default()
}

/// `--recv-keys EEA4…`: the id or fingerprint of a public key, as `gpg` has them.
fn is_key_id(name: &str, value: &str) -> bool {
    let options = [
        "recv-keys",
        "recv-key",
        "receive-keys",
        "send-keys",
        "search-keys",
        "refresh-keys",
        "list-keys",
        "delete-keys",
        "edit-key",
        "sign-key",
        "lsign-key",
        "default-key",
        "trusted-key",
        "gpg-key",
        "gpg_key",
        "gpg_keys",
        "gpgkey",
        "local-user",
        "recipient",
        "fingerprint",
        "key-id",
        "keyid",
        "keys",
        "key",
        "signing-key",
        "signingkey",
        "export",
    ];
    let lower = name.to_ascii_lowercase();
    let digits: String = value.strip_prefix("0x").unwrap_or(value).split([' ', ':']).collect();
    let is_id = matches!(digits.len(), 8 | 16 | 40)
        && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    is_id && (options.contains(&lower.as_str()) || lower.ends_with("gpg_key") || lower.ends_with("gpg_keys"))
}

/// What is thought of a value that is assigned in a text.
fn assigned(trust: Trust, name: &str, value: &str, is_quoted: bool) -> Option<Verdict> {
    // What presigned URLs carry ends with them.
    if !super::name::may_say_secret(name) || value.len() > 4096 || name.to_ascii_lowercase().starts_with("x-amz-") {
        return None;
    }
    // `docker build --secret id=npm,src=.npmrc` says where it lies.
    let is_lookup = ["id=", "type=", "src=", "source=", "env="].iter().any(|key| value.starts_with(key));
    // The keys of an object are judged, not the whole.
    let is_object = value.starts_with('{') && value.contains(':');
    if is_object
        || has_code(value) && !is_quoted
        || is_pattern(value)
        || is_lookup
        || is_computed(name, value, is_quoted)
    {
        return None;
    }
    // `Authorization: Token abc`: the scheme is not a part of the credential.
    let value = value.split_once(' ').filter(|(scheme, _)| is_scheme(scheme)).map_or(value, |(_, rest)| rest);
    let verdict = judge(trust, name, value)?;
    // Without quotes a word may be anything: a variable, a type, the next argument.
    let is_word = matches!(looks(value), Looks::Words(_) | Looks::Weak);
    let is_bare = !is_quoted && is_word && !says(name).is_password();
    (!is_bare && !is_prose(value)).then_some(verdict)
}

fn is_scheme(word: &str) -> bool {
    ["token", "apikey", "key", "bearer", "basic", "digest", "splunk", "genieKey"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A call, an index, an operator: computed, not literal.
fn has_code(value: &str) -> bool {
    let call = value.find('(').is_some_and(|at| at > 0 && value.as_bytes()[at - 1].is_ascii_alphanumeric());
    call || value.contains("[\"")
        || value.contains("['")
        || value.contains("??")
        || value.contains("||")
        || value.contains("=>")
}

/// What a script or program computes, or what says something else than a secret: `password=password`, `(Get-Secret db).Value`,
/// `$util.base64Decode($token)`, the tag of sudoers, `TYPE=ext4` for a token of a device.
fn is_computed(name: &str, value: &str, is_quoted: bool) -> bool {
    let bare = value.trim_matches(|sign: char| !sign.is_alphanumeric() && sign != '_');
    let is_variable = !is_quoted && !bare.is_empty() && name.to_ascii_lowercase().ends_with(&bare.to_ascii_lowercase());
    let is_call = value.starts_with('$') && value.contains(['(', '.']) || !is_quoted && value.starts_with('(');
    let is_tag = value
        .split_once('=')
        .is_some_and(|(tag, _)| (2..=16).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_uppercase()));
    let is_sudoers = name.eq_ignore_ascii_case("nopasswd") || name.eq_ignore_ascii_case("passwd") && value == "ALL";
    is_variable || is_call || is_sudoers || name.ends_with("match-token") && is_tag
}

/// A regular expression.
fn is_pattern(value: &str) -> bool {
    ["(?", "[a-", "[A-", "[0-", "[^", "\\d", "\\w", "\\s", ".*", ")|("].iter().any(|sign| value.contains(sign))
        && (value.contains('[') && value.contains(']')
            || value.contains('(') && value.contains(')')
            || value.starts_with('^'))
}

fn is_prose(value: &str) -> bool {
    value.split(' ').filter(|word| word.len() > 1).count() > 3 && !super::randomness::looks_random(value)
}

/// `Authorization: Bearer …` and `Basic …`, wherever they stand.
fn headers(line: &str, offset: usize, found: &mut Vec<Embedded>) {
    for (scheme, what) in [("bearer ", "a bearer token"), ("basic ", "a user and password in a header")] {
        let mut from = 0;
        while let Some(at) = find_ignoring_case(&line[from..], scheme).map(|at| from + at) {
            let start = at + scheme.len();
            from = start;
            let length = line[start..]
                .bytes()
                .position(|byte| !(byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte)))
                .unwrap_or(line.len() - start);
            let token = &line[start..start + length];
            let verdict = if scheme == "bearer " { bearer(token) } else { basic(token) };
            if let Some(verdict) = verdict {
                found.push(Embedded { range: start + offset..start + length + offset, name: None, what, verdict });
            }
        }
    }
}

fn bearer(token: &str) -> Option<Verdict> {
    (token.len() >= 16 && looks(token) == Looks::Random && !is_example(token)).then_some(Verdict::Secret)
}

fn basic(token: &str) -> Option<Verdict> {
    let decoded = decode_base64(token).filter(|_| token.len() >= 8)?;
    let (_, password) = decoded.split_once(':')?;
    match looks(password) {
        Looks::Harmless(Harmless::Reference | Harmless::Empty | Harmless::Mark) => None,
        Looks::Weak => Some(Verdict::Weak),
        _ => Some(Verdict::Secret),
    }
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn found(text: &str, mode: Mode) -> Vec<&str> {
        embedded(text, mode).into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn credentials_are_found_in_longer_texts() {
        let cases = [
            ("postgres://app:hunter2x@db:5432/x", "hunter2x"),
            ("Server=db;Database=x;User Id=sa;Password=Hunter2!x;", "Hunter2!x"),
            ("jdbc:mysql://db/x?user=a&password=hunter2x&ssl=true", "hunter2x"),
            (
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=kJ8fQ2xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk==;",
                "kJ8fQ2xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk==",
            ),
            ("{\"username\":\"admin\",\"password\":\"hunter2x\"}", "hunter2x"),
            ("amqp://guest:pa/ss4word@mq:5672", "pa/ss4word"),
        ];
        for (text, secret) in cases {
            assert!(found(text, Mode::Value).contains(&secret), "{text}: {:?}", found(text, Mode::Value));
        }
        let scripts = [
            ("export DB_PASSWORD=hunter2x", "hunter2x"),
            ("mysql -u root -phunter2x -e 'x'", "hunter2x"),
            ("curl -u admin:hunter2x https://example.com", "hunter2x"),
            (
                "curl -H 'Authorization: Bearer x7Kq2LmZ9vTr4WbNs8Yd3Hf6' https://example.com",
                "x7Kq2LmZ9vTr4WbNs8Yd3Hf6",
            ),
            ("echo 'admin:hunter2x' | chpasswd", "hunter2x"),
            ("sshpass -p hunter2x ssh a@b", "hunter2x"),
            ("ConvertTo-SecureString 'Hunter2!x' -AsPlainText -Force", "Hunter2!x"),
            ("CREATE USER a IDENTIFIED BY 'hunter2x';", "hunter2x"),
            ("requirepass hunter2x", "hunter2x"),
            ("{\"pin\":\"125800\"}", "125800"),
            ("{\"tok\":\"x7Kq2LmZ9vTr4WbNs8Yd3Hf6\",\"id\":\"a1\"}", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6"),
            ("{\"kty\":\"oct\",\"k\":\"x7Kq2LmZ9vTr4WbNs8Yd3Hf6\"}", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6"),
            ("gpg --batch --passphrase 'raven silver violin quartz' -d in.gpg", "raven silver violin quartz"),
            ("chpasswd <<EOF\napp:hunter2x\nEOF", "hunter2x"),
            ("machine x\nlogin y\npassword hunter2x", "hunter2x"),
            ("app:hunter2x@tcp(db:3306)/shop", "hunter2x"),
            ("<property name=\"password\" value=\"hunter2x\"/>", "hunter2x"),
            ("export X=${DB_PASSWORD:-hunter2x}", "hunter2x"),
            ("net user admin Hunter2!x /add", "Hunter2!x"),
        ];
        for (text, secret) in scripts {
            assert!(found(text, Mode::Script).contains(&secret), "{text}: {:?}", found(text, Mode::Script));
        }
        let encoded = STANDARD.encode("{\"password\": \"hunter2x\"}");
        assert_eq!(found(&encoded, Mode::Value), [encoded.as_str()]);
    }

    #[test]
    fn what_is_computed_or_elsewhere_is_not_found() {
        for text in [
            "postgres://${User}:${Password}@db:5432/x",
            "postgres://app@db:5432/x",
            "https://example.com:8080/a@b",
            "export DB_PASSWORD=$(aws ssm get-parameter --name /a/b)",
            "export DB_PASSWORD=\"$PASSWORD\"",
            "password = os.environ['PASSWORD']",
            "token = get_token(client)",
            "aws secretsmanager get-secret-value --secret-id prod/db --query SecretString",
            "NextToken=r['NextToken']",
            "curl -u \"$USER:$PASSWORD\" https://example.com",
            "--password-file /run/secrets/db",
            "docker login -u AWS -p $(aws ecr get-login-password) $REPO",
            "gpg --recv-keys EEA4C642AAACA448",
            "apt-key adv --keyserver hkp://x --recv-keys 0xEEA4C642AAACA448",
            "ENV GPG_KEY 18E586BA4CD4906EE56DC3E8FD2753E421CAE890",
            "{\"pin\": 13}",
            "{\"kty\":\"RSA\",\"n\":\"x7Kq2LmZ9vTr4WbNs8Yd3Hf6\",\"e\":\"AQAB\"}",
            "gpg --passphrase 'enter the new phrase'",
            "token = process.env.TOKEN || getToken()",
            "password = getpass('Password: ')",
            "auth = (user, password)",
            "docker build --secret id=npm,src=.npmrc .",
            "token_pat = r'[a-zA-Z](?:[a-zA-Z0-9-]*)'",
            "if [ -z \"$TOKEN\" ]; then echo 'TOKEN is missing'; fi",
        ] {
            assert!(found(text, Mode::Script).is_empty(), "{text}: {:?}", found(text, Mode::Script));
        }
    }
}
