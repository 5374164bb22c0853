//! Credentials inside longer texts: URLs, connection strings, headers, assignments, arguments of
//! commands, and all of these again where the text is encoded.
//!
//! | module | syntax |
//! | --- | --- |
//! | `url`, `connection` | the user part of URLs, and strings that are not URLs |
//! | `assignment`, `assigned` | `NAME=value` in shells, configuration, programs, XML |
//! | `command`, `positional`, `named_argument` | arguments of commands |
//! | `standard_input` | pipes, here-documents, dialogues |
//! | `header`, `sql`, `literal_call` | headers, statements, calls of programs |
//! | `crypt` | hashes of passwords |
//! | `sentence` | prose |
//! | `encoded` | base64 and percent signs, in which all others are searched |
//!
//! There is no parser for any of the languages: the text may be cut off, be a template of another
//! language, or be several languages in one, as user data is. Each module reads the few characters
//! around an operator, and leaves the verdict to the decision tables.

mod assigned;
mod assigned_value;
mod assignment;
mod command;
mod command_table;
mod comment;
mod connection;
mod connection_in_code;
mod crypt;
mod encoded;
mod header;
mod kind;
mod line;
mod literal_call;
mod named_argument;
mod positional;
mod sentence;
mod setting_default;
mod shell_word;
mod sql;
mod standard_input;
mod url;

use std::ops::Range;

use self::comment::comments;
use self::encoded::{SHORTEST_ENCODED, encoded};
use self::line::{LineContext, given, in_line};
use self::sentence::in_sentences;
use self::standard_input::in_documents;
use self::url::urls;
use crate::Verdict;
use crate::value::{ValueClass, classify_value};

pub use self::kind::EmbeddedKind;

/// The kind of text that [`find_embedded`] reads.
///
/// It decides which syntaxes are tried, and how much a literal has to look like a secret: what is
/// an assignment in a shell script is an expression in program code.
/// ```
/// use byref_judge::{TextKind, find_embedded};
///
/// let line = "password = default_password";
/// assert!(find_embedded(line, TextKind::Code).is_empty(), "a variable");
///
/// let line = "password = \"Rocket-1709\"";
/// assert_eq!(find_embedded(line, TextKind::Code).len(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A single value: a URL, a connection string, JSON.
    Value,
    /// Lines of a script or of a configuration file.
    Script,
    /// Lines of program code, where only quoted text is literal.
    Code,
    /// Sentences for human readers.
    Prose,
}

/// A credential inside a longer text.
///
/// ```
/// use byref_judge::{EmbeddedKind, TextKind, Verdict, find_embedded};
///
/// let found = find_embedded("export DB_PASSWORD=Rocket-1709", TextKind::Script);
/// assert_eq!(found[0].name.as_deref(), Some("DB_PASSWORD"));
/// assert_eq!(found[0].kind, EmbeddedKind::Assignment);
/// assert_eq!(found[0].verdict, Verdict::Secret);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The bytes of the credential in the text that was searched; the whole encoded word if the
    /// credential is encoded.
    pub range: Range<usize>,
    /// The name that the credential is assigned to, if the syntax gives it one.
    pub name: Option<String>,
    /// The syntax in which it was found.
    pub kind: EmbeddedKind,
    /// How certain it is that this is a secret.
    pub verdict: Verdict,
}

/// Texts shorter than this, in bytes, cannot hold a name together with a value.
const SHORTEST: usize = 8;

/// How many layers of encoding are removed: base64 of a base64 text is still read.
const DECODINGS: usize = 2;

/// Returns the credentials inside a text, ordered by where they begin.
///
/// Several may share a place: a value in a URL that is assigned to a secret's name is found twice.
/// The caller decides which finding to report.
///
/// ```
/// use byref_judge::{EmbeddedKind, TextKind, find_embedded};
///
/// let text = "mysql -u root -pRocket-1709 -e 'select 1'";
/// let found = find_embedded(text, TextKind::Script);
/// assert_eq!(&text[found[0].range.clone()], "Rocket-1709");
/// assert_eq!(found[0].kind, EmbeddedKind::CommandPassword);
///
/// assert!(find_embedded("mysql -u root -p\"$PASSWORD\"", TextKind::Script).is_empty());
/// ```
pub fn find_embedded(text: &str, kind: TextKind) -> Vec<Embedded> {
    let mut found = Vec::new();
    search(text, kind, DECODINGS, &mut found);
    found.sort_by_key(|found| (found.range.start, found.range.end));
    found
}

/// Searches a text with every syntax of its kind, and the text that it encodes, `decodings` layers
/// deep.
fn search(text: &str, kind: TextKind, decodings: usize, found: &mut Vec<Embedded>) {
    let first = found.len();
    if text.contains("://") {
        urls(text, kind, found);
    }
    if kind == TextKind::Prose {
        in_sentences(text, found);
        return;
    }
    if text.len() < SHORTEST {
        return;
    }
    hashes(text, found);
    // A single word can only be a hash, or encode something.
    let is_one_word = kind == TextKind::Value
        && !text
            .bytes()
            .any(|byte| matches!(byte, b'=' | b':' | b' ' | b',' | b'<' | b'-'));
    if !is_one_word {
        in_lines(text, kind, found);
    }
    if matches!(kind, TextKind::Script | TextKind::Code) && found.len() > first {
        without_examples(text, first, found);
    }
    if decodings > 0 && text.len() >= SHORTEST_ENCODED {
        encoded(text, decodings - 1, found);
    }
}

/// Adds the hashes of passwords. A hash is not a secret by itself, so that it never weighs more
/// than a warning.
fn hashes(text: &str, found: &mut Vec<Embedded>) {
    let hashes = crypt::hashes(text).into_iter();
    let (kind, verdict) = (EmbeddedKind::PasswordHash, Verdict::Unsure);
    found.extend(hashes.map(|range| Embedded {
        range,
        name: None,
        kind,
        verdict,
    }));
}

/// Searches line by line, and in the here-documents that span lines.
fn in_lines(text: &str, kind: TextKind, found: &mut Vec<Embedded>) {
    let context = LineContext::of(text, kind);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        in_line(line.trim_end_matches(['\n', '\r']), offset, context, found);
        offset += line.len();
    }
    if kind == TextKind::Script {
        found.extend(
            in_documents(text)
                .into_iter()
                .filter_map(|argument| given(text, 0, &argument)),
        );
    }
}

/// Removes from `found[first..]` the values in comments that may be examples.
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
        index <= first
            || !is_in_comment(embedded.range.start)
            || can_be_no_example(embedded.verdict, value)
    });
}

/// Returns `true` if a value in a comment is more than an example.
///
/// Comments explain, and explain with words: only values that look machine-generated, or that mix
/// characters as passwords do, are taken seriously there.
/// ```
/// use byref_judge::{Verdict, can_be_no_example};
///
/// assert!(can_be_no_example(Verdict::Secret, "x7Kq2LmZ9vTr4WbN"));
/// assert!(!can_be_no_example(Verdict::Secret, "sunshine"));
/// ```
pub fn can_be_no_example(verdict: Verdict, value: &str) -> bool {
    verdict != Verdict::Weak
        && matches!(
            classify_value(value),
            ValueClass::Mixed | ValueClass::Random
        )
}

/// Returns the strings of a JSON list, `["a", "b"]`; none if the value is anything else.
///
/// `["a", "b"]` → `a`, `b`; `[1, "b"]` and `a` → none.
pub(crate) fn listed(value: &str) -> Vec<&str> {
    let Some(inner) = value
        .trim()
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    else {
        return Vec::new();
    };
    let strings = inner
        .split(',')
        .map(|item| item.trim().strip_prefix('"')?.strip_suffix('"'));
    strings.collect::<Option<Vec<&str>>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn found(text: &str, kind: TextKind) -> Vec<&str> {
        find_embedded(text, kind)
            .into_iter()
            .map(|found| &text[found.range])
            .collect()
    }

    #[test]
    fn find_embedded_finds_credentials_of_every_syntax() {
        let cases = [
            ("postgres://app:hunter2x@db:5432/x", "hunter2x"),
            (
                "Server=db;Database=x;User Id=sa;Password=Hunter2!x;",
                "Hunter2!x",
            ),
            (
                "jdbc:mysql://db/x?user=a&password=hunter2x&ssl=true",
                "hunter2x",
            ),
            (
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=kJ8fQ2xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk==;",
                "kJ8fQ2xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk==",
            ),
            (
                "{\"username\":\"admin\",\"password\":\"hunter2x\"}",
                "hunter2x",
            ),
            ("amqp://guest:pa/ss4word@mq:5672", "pa/ss4word"),
        ];
        for (text, secret) in cases {
            assert!(
                found(text, TextKind::Value).contains(&secret),
                "{text}: {:?}",
                found(text, TextKind::Value)
            );
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
            (
                "ConvertTo-SecureString 'Hunter2!x' -AsPlainText -Force",
                "Hunter2!x",
            ),
            ("CREATE USER a IDENTIFIED BY 'hunter2x';", "hunter2x"),
            ("requirepass hunter2x", "hunter2x"),
            ("{\"pin\":\"125800\"}", "125800"),
            (
                "{\"tok\":\"x7Kq2LmZ9vTr4WbNs8Yd3Hf6\",\"id\":\"a1\"}",
                "x7Kq2LmZ9vTr4WbNs8Yd3Hf6",
            ),
            (
                "{\"kty\":\"oct\",\"k\":\"x7Kq2LmZ9vTr4WbNs8Yd3Hf6\"}",
                "x7Kq2LmZ9vTr4WbNs8Yd3Hf6",
            ),
            (
                "gpg --batch --passphrase 'raven silver violin quartz' -d in.gpg",
                "raven silver violin quartz",
            ),
            ("chpasswd <<EOF\napp:hunter2x\nEOF", "hunter2x"),
            ("machine x\nlogin y\npassword hunter2x", "hunter2x"),
            ("app:hunter2x@tcp(db:3306)/shop", "hunter2x"),
            (
                "<property name=\"password\" value=\"hunter2x\"/>",
                "hunter2x",
            ),
            ("export X=${DB_PASSWORD:-hunter2x}", "hunter2x"),
            ("net user admin Hunter2!x /add", "Hunter2!x"),
        ];
        for (text, secret) in scripts {
            assert!(
                found(text, TextKind::Script).contains(&secret),
                "{text}: {:?}",
                found(text, TextKind::Script)
            );
        }
        let encoded = STANDARD.encode("{\"password\": \"hunter2x\"}");
        assert_eq!(found(&encoded, TextKind::Value), [encoded.as_str()]);
    }

    #[test]
    fn find_embedded_ignores_computed_values_and_key_ids() {
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
            assert!(
                found(text, TextKind::Script).is_empty(),
                "{text}: {:?}",
                found(text, TextKind::Script)
            );
        }
    }
}
