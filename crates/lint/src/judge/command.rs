//! Passwords among the arguments of commands that take them by position or by one letter.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// An argument that is a password, if it is literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) range: Range<usize>,
    pub(crate) what: &'static str,
}

/// Commands, and the option by which each takes a password.
const BY_OPTION: [(&str, &[&str]); 26] = [
    ("openssl", &["-k"]),
    ("sshpass", &["-p"]),
    ("mysql", &["-p"]),
    ("mysqldump", &["-p"]),
    ("mysqladmin", &["-p"]),
    ("mariadb", &["-p"]),
    ("mongo", &["-p"]),
    ("mongosh", &["-p"]),
    ("mongodump", &["-p"]),
    ("cqlsh", &["-p"]),
    ("sqlcmd", &["-P"]),
    ("bcp", &["-P"]),
    ("redis-cli", &["-a"]),
    ("ldapsearch", &["-w"]),
    ("ldapadd", &["-w"]),
    ("ldapmodify", &["-w"]),
    ("zip", &["-P"]),
    ("unzip", &["-P"]),
    ("login", &["-p"]),
    ("keytool", &["-storepass", "-keypass", "-srcstorepass", "-deststorepass"]),
    ("ConvertTo-SecureString", &["-String"]),
    ("kinit", &["-w"]),
    ("adcli", &["-w"]),
    ("ipmitool", &["-P"]),
    ("jarsigner", &["-storepass"]),
    ("influx", &["-p"]),
];

/// Words after which a password comes.
const BEFORE_PASSWORD: [&str; 8] = [
    "requirepass",
    "masterauth",
    "ConvertTo-SecureString",
    "change_password",
    "auth-pass",
    "-AsPlainText",
    "storepass",
    "passphrase",
];

#[derive(Clone, Debug)]
struct Word<'t> {
    text: &'t str,
    start: usize,
}

/// How deep commands inside of quotes are looked into: `sh -c "mysql -p…"`.
const NESTING: usize = 2;

/// The arguments of a line that are passwords, if they are literal.
pub(crate) fn arguments(line: &str) -> Vec<Argument> {
    let mut found = Vec::new();
    if may_take_password(line) {
        look(line, 0, NESTING, &mut found);
    }
    found
}

/// A quick look before a line is split: whether any of the words is in it that the rest looks for.
fn may_take_password(line: &str) -> bool {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    const OTHERS: [&str; 15] = [
        "-u", "--user", "-U", "net user", "net.exe", "chpasswd", "--stdin", "-stdin", "sudo -S", "htpasswd",
        "add_user", "password", "pass:", "set", "ENV ",
    ];
    let build = || {
        let commands = BY_OPTION.iter().map(|(command, _)| *command);
        let words = commands.chain(BEFORE_PASSWORD).chain(OTHERS).chain(["identified"]);
        AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
    };
    WORDS.get_or_init(build).as_ref().is_none_or(|words| words.is_match(line))
}

fn look(line: &str, offset: usize, nesting: usize, found: &mut Vec<Argument>) {
    let first = found.len();
    in_words(line, found);
    for argument in &mut found[first..] {
        argument.range = argument.range.start + offset..argument.range.end + offset;
    }
    if nesting == 0 {
        return;
    }
    for word in split(line).into_iter().filter(|word| word.text.contains(' ') && word.text.len() < line.len()) {
        look(word.text, offset + word.start, nesting - 1, found);
    }
}

fn in_words(line: &str, found: &mut Vec<Argument>) {
    let words = split(line);
    let mut command = None;
    for (index, word) in words.iter().enumerate() {
        let base = word.text.rsplit('/').next().unwrap_or(word.text);
        if let Some(options) = BY_OPTION.iter().find(|(name, _)| *name == base) {
            command = Some(options.1);
        }
        if matches!(word.text, "|" | "&&" | ";" | "||") {
            command = None;
        }
        let next = words.get(index + 1);
        if let Some(argument) = command.and_then(|options| by_option(options, word, next)) {
            found.push(argument);
        }
        if let Some(argument) = by_position(&words, index) {
            found.push(argument);
        }
    }
    statements(line, found);
}

/// Splits at blanks; quotes keep together and are taken off.
fn split(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = 0;
    while let Some(start) = line[rest..].find(|character: char| !character.is_whitespace()).map(|at| rest + at) {
        let first = line[start..].chars().next().unwrap_or(' ');
        let is_quote = matches!(first, '"' | '\'');
        let body = if is_quote { start + 1 } else { start };
        let length = if is_quote { line[body..].find(first) } else { line[body..].find(char::is_whitespace) };
        let end = length.map_or(line.len(), |length| body + length);
        let text = &line[body..end];
        words.push(Word { text: if is_quote { text } else { text.trim_end_matches([';', ',']) }, start: body });
        rest = if is_quote { (end + 1).min(line.len()) } else { end };
        if !line.is_char_boundary(rest) {
            break;
        }
    }
    words
}

fn whole(word: &Word<'_>, what: &'static str) -> Argument {
    Argument { range: word.start..word.start + word.text.len(), what }
}

const OF_COMMAND: &str = "a password among the arguments of a command";

fn by_option(options: &[&str], word: &Word<'_>, next: Option<&Word<'_>>) -> Option<Argument> {
    for option in options {
        if word.text == *option {
            return next.filter(|next| !next.text.starts_with('-')).map(|next| whole(next, OF_COMMAND));
        }
        let attached = word.text.strip_prefix(option).filter(|_| option.len() == 2)?;
        // `-port`, `-protocol`: long options with one hyphen.
        if attached.len() >= 4 && attached.bytes().any(|byte| !byte.is_ascii_lowercase()) {
            let attached = attached.trim_matches(['"', '\'', '=']);
            let start = word.start + word.text.find(attached).unwrap_or(0);
            return Some(Argument { range: start..start + attached.len(), what: OF_COMMAND });
        }
    }
    None
}

fn by_position(words: &[Word<'_>], index: usize) -> Option<Argument> {
    let text = words[index].text;
    let at = |distance: usize| words.get(index + distance);
    let has = |word: &str| {
        words.iter().any(|known| known.text == word || known.text.ends_with(word) && known.text.contains('/'))
    };
    if BEFORE_PASSWORD.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return at(1).filter(|next| !next.text.starts_with('-')).map(|next| whole(next, OF_COMMAND));
    }
    if matches!(text, "-u" | "--user" | "--proxy-user" | "-U") {
        return at(1).and_then(after_colon);
    }
    if text == "user" && index > 0 && matches!(words[index - 1].text, "net" | "net.exe") {
        return at(2).filter(|word| !word.text.starts_with('/')).map(|word| whole(word, OF_COMMAND));
    }
    if text == "echo" && has("chpasswd") {
        return at(1).and_then(after_colon);
    }
    if text == "echo" && (has("--stdin") || has("--password-stdin") || has("-S")) {
        return at(1).filter(|word| !word.text.starts_with('-')).map(|word| whole(word, OF_COMMAND));
    }
    if text == "htpasswd" && words[index + 1..].iter().any(|word| word.text.starts_with('-') && word.text.contains('b'))
    {
        return words.get(index + 4).or(words.last()).map(|word| whole(word, OF_COMMAND));
    }
    if matches!(text, "add_user" | "useradd-with-password") {
        return at(2).map(|word| whole(word, OF_COMMAND));
    }
    if text == "login" && index > 0 && words[index - 1].text == "vault" {
        return at(1)
            .filter(|word| !word.text.starts_with('-'))
            .map(|word| whole(word, "a token among the arguments of a command"));
    }
    // netrc: `login NAME password X`.
    if text == "password" && index >= 2 && words[index - 2].text == "login" {
        return at(1).map(|word| whole(word, OF_COMMAND));
    }
    // `set NAME VALUE`, `setx NAME VALUE`, `ENV NAME VALUE`.
    if matches!(text, "set" | "setx" | "ENV" | "setenv") && at(1).is_some_and(|name| super::says(name.text).is_strong())
    {
        return at(2).map(|word| whole(word, "a value that is given to a secret's name"));
    }
    text.strip_prefix("pass:").filter(|rest| !rest.is_empty()).map(|rest| {
        let start = words[index].start + "pass:".len();
        Argument { range: start..start + rest.len(), what: OF_COMMAND }
    })
}

/// `user:password`
fn after_colon(word: &Word<'_>) -> Option<Argument> {
    let (user, password) = word.text.split_once(':')?;
    let start = word.start + user.len() + 1;
    // `-u 1000:1000` are ids.
    let is_id = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = !user.is_empty() && !is_id(password) && !password.starts_with("//") && !user.contains('/');
    is_pair.then(|| Argument {
        range: start..start + password.len(),
        what: "a user and password among the arguments of a command",
    })
}

/// SQL: `IDENTIFIED BY '…'`, `PASSWORD '…'`, `WITH PASSWORD = N'…'`.
fn statements(line: &str, found: &mut Vec<Argument>) {
    let upper = line.to_ascii_uppercase();
    let is_statement = upper.contains("IDENTIFIED")
        || ["CREATE", "ALTER", "SET PASSWORD", "GRANT"].iter().any(|word| upper.contains(word))
            && upper.contains("PASSWORD");
    if !is_statement {
        return;
    }
    for word in [" BY ", "PASSWORD"] {
        let mut from = 0;
        while let Some(at) = upper[from..].find(word).map(|at| from + at + word.len()) {
            from = at;
            let rest = &line[at..];
            let gap = rest.len() - rest.trim_start_matches([' ', '=', '(', 'N', ':']).len();
            let Some(quote) = rest[gap..].chars().next().filter(|quote| matches!(quote, '\'' | '"')) else { continue };
            let start = at + gap + 1;
            if let Some(length) = line[start..].find(quote).filter(|length| *length > 0) {
                found.push(Argument { range: start..start + length, what: "a password in an SQL statement" });
            }
        }
    }
}
