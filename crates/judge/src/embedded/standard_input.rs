//! Finds passwords on the standard input of commands.
//!
//! | syntax | example |
//! | --- | --- |
//! | a pipe | `echo X \| docker login --password-stdin` |
//! | a here-string | `passwd --stdin app <<< X` |
//! | a here-document | `chpasswd <<EOF`, then lines of `user:X` |
//! | cloud-init | `chpasswd:` with a list of `user:X` |
//! | a dialogue | `expect "password:"`, then `send "X\r"` |
//!
//! The command decides whether its input is a password, pairs, or a session with commands of its
//! own.

use crate::embedded::EmbeddedKind;
use crate::embedded::command::{Argument, after_colon, after_slash, whole};
use crate::embedded::shell_word::{Word, split};

/// The form in which a command reads a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// The password itself, also repeated.
    Password,
    /// Lines of `user:password`.
    Pairs,
    /// The commands of a session, such as `user NAME PASSWORD` of FTP.
    Session,
}

/// Returns the form in which the command among these words reads a password, or `None` if it reads
/// none.
fn reads(words: &[Word<'_>]) -> Option<Reads> {
    let has = |name: &str| words.iter().any(|word| word.text == name);
    let is = |name: &str| {
        words
            .iter()
            .any(|word| !word.is_quoted && word.base() == name)
    };
    let any_is = |names: &[&str]| names.iter().any(|name| is(name));
    let any_has = |names: &[&str]| names.iter().any(|name| has(name));
    if any_is(&["chpasswd", "newusers"]) {
        return Some(Reads::Pairs);
    }
    let by_option = any_has(&[
        "--stdin",
        "-stdin",
        "--password-stdin",
        "--pass-stdin",
        "--stdin-password",
        "--with-token",
        "--passphrase-fd",
        "--key-file=-",
    ]);
    let by_command = any_is(&[
        "passwd",
        "smbpasswd",
        "kinit",
        "wpa_passphrase",
        "ldappasswd",
    ]) || is("realm") && any_has(&["join", "leave"])
        || is("net") && has("ads")
        || is("sudo") && has("-S")
        || is("cryptsetup") && any_has(&["luksFormat", "luksOpen", "open", "luksAddKey", "-"])
        || is("vault") && has("login") && has("-")
        || any_is(&["docker", "podman"]) && has("secret") && has("create")
        || is("gh") && has("secret") && has("set")
        || is("htpasswd")
            && words
                .iter()
                .any(|word| word.text.starts_with('-') && word.text.contains('i'))
        || is("vncpasswd") && has("-f");
    if by_option || by_command {
        return Some(Reads::Password);
    }
    any_is(&["ftp", "lftp", "ncftp", "sqlplus", "telnet", "nc"]).then_some(Reads::Session)
}

/// Returns the passwords that a line feeds to its commands: `echo X | passwd --stdin`,
/// `passwd --stdin <<< X`.
pub(crate) fn in_line<'t>(words: &[Word<'t>]) -> Vec<Argument<'t>> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let begin = words[..index]
            .iter()
            .rposition(|word| word.ends_command)
            .map_or(0, |before| before + 1);
        if let Some(attached) = word.text.strip_prefix("<<<").filter(|_| !word.is_quoted) {
            let unquoted = attached.trim_matches(['"', '\'']);
            let start = word.start + word.text.find(unquoted).unwrap_or(0);
            let fed = Word {
                text: unquoted,
                start,
                ..word.clone()
            };
            let fed = if attached.is_empty() {
                words.get(index + 1).cloned()
            } else {
                Some(fed)
            };
            found.extend(fed.and_then(|fed| read(reads(&words[begin..index])?, &fed)));
        }
        if matches!(word.base(), "echo" | "printf" | "yes" | "Write-Output") {
            let pipe = words[index..]
                .iter()
                .position(|word| word.text == "|")
                .map(|at| index + at);
            let Some(pipe) = pipe else { continue };
            let end = words[pipe + 1..]
                .iter()
                .position(|word| word.text == "|")
                .map_or(words.len(), |at| pipe + 1 + at);
            let fed = printed(&words[index + 1..pipe]);
            found.extend(fed.and_then(|fed| read(reads(&words[pipe + 1..end])?, &fed)));
        }
    }
    found
}

/// Returns the text that `echo` or `printf` prints: the first argument that is neither an option
/// nor a format.
fn printed<'t>(words: &[Word<'t>]) -> Option<Word<'t>> {
    let mut values = words.iter().filter(|word| !word.text.starts_with('-'));
    let first = values.next()?;
    let word = if first.text.starts_with('%') {
        values.next()?
    } else {
        first
    };
    Some(Word {
        text: word.text.strip_suffix("\\n").unwrap_or(word.text),
        ..word.clone()
    })
}

/// Returns the password in a word that a command reads.
fn read<'t>(reads: Reads, word: &Word<'t>) -> Option<Argument<'t>> {
    match reads {
        Reads::Password => Some(whole(word, EmbeddedKind::StandardInput)),
        Reads::Pairs => after_colon(word),
        Reads::Session => None,
    }
}

/// Returns the passwords that the lines of a text feed to commands, in here-documents, in the
/// configuration of cloud-init, and in dialogues of `expect`.
pub(crate) fn in_documents(text: &str) -> Vec<Argument<'_>> {
    let mut found = Vec::new();
    if text.contains("<<") {
        documents(text, &mut found);
    }
    if text.contains("chpasswd:") {
        cloud_config(text, &mut found);
    }
    if text.contains("expect") && text.contains("send") {
        dialogues(text, &mut found);
    }
    found
}

/// Returns the lines of a text without their ends, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

/// Adds the passwords of here-documents whose command reads one.
fn documents<'t>(text: &'t str, found: &mut Vec<Argument<'t>>) {
    let mut document: Option<(&str, Option<Reads>)> = None;
    for (at, line) in lines(text) {
        let Some((mark, reads_here)) = document else {
            document = mark(line).map(|(mark, command)| (mark, reads(&split(command))));
            continue;
        };
        if line.trim() == mark {
            document = None;
            continue;
        }
        let argument = reads_here.and_then(|reads_here| fed(reads_here, line));
        found.extend(argument.map(|argument| Argument {
            range: argument.range.start + at..argument.range.end + at,
            ..argument
        }));
    }
}

/// Adds the passwords of the lines `user:password` below `chpasswd:` of cloud-init.
fn cloud_config<'t>(text: &'t str, found: &mut Vec<Argument<'t>>) {
    let mut depth = None;
    for (at, line) in lines(text) {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if body.trim_end() == "chpasswd:" {
            depth = Some(indent);
            continue;
        }
        if depth.is_some_and(|depth| indent <= depth && !body.is_empty()) {
            depth = None;
        }
        let entry = body
            .trim_start_matches(['-', ' ', '"', '\''])
            .trim_end()
            .trim_end_matches(['"', '\'']);
        let start = line.find(entry).unwrap_or(0);
        let word = Word {
            text: entry,
            start,
            is_quoted: false,
            ends_command: false,
        };
        // `user:RANDOM` and `user:R` ask cloud-init to generate one.
        let argument = depth
            .filter(|_| !entry.contains(' '))
            .and_then(|_| after_colon(&word));
        found.extend(argument.map(|argument| Argument {
            range: argument.range.start + at..argument.range.end + at,
            ..argument
        }));
    }
    found.retain(|argument| !matches!(text.get(argument.range.clone()), Some("RANDOM" | "R")));
}

/// Returns the word that ends the here-document which begins in a line, and the line in front of
/// `<<`.
fn mark(line: &str) -> Option<(&str, &str)> {
    let at = line
        .find("<<")
        .filter(|at| !line[*at..].starts_with("<<<"))?;
    let rest = line[at + 2..].trim_start_matches(['-', '~', ' ', '"', '\'', '\\']);
    let length = rest
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))
        .unwrap_or(rest.len());
    (length > 0 && rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
        .then(|| (&rest[..length], &line[..at]))
}

/// Returns the password in a line of a document.
fn fed(reads: Reads, line: &str) -> Option<Argument<'_>> {
    let words = split(line);
    let first = words.first()?;
    let line_as_word = || {
        let text = line.trim();
        Word {
            text,
            start: line.len() - line.trim_start().len(),
            is_quoted: false,
            ends_command: false,
        }
    };
    match reads {
        Reads::Password => {
            (words.len() == 1).then(|| whole(&line_as_word(), EmbeddedKind::StandardInput))
        }
        Reads::Pairs => after_colon(&line_as_word()),
        Reads::Session => match first.text.to_ascii_lowercase().as_str() {
            "user" => words
                .get(2)
                .map(|word| whole(word, EmbeddedKind::StandardInput)),
            "pass" => words
                .get(1)
                .map(|word| whole(word, EmbeddedKind::StandardInput)),
            "quote"
                if words
                    .get(1)
                    .is_some_and(|word| word.text.eq_ignore_ascii_case("pass")) =>
            {
                words
                    .get(2)
                    .map(|word| whole(word, EmbeddedKind::StandardInput))
            }
            "connect" | "conn" => words.get(1).and_then(after_slash),
            _ => None,
        },
    }
}

/// Adds the answers to questions for a password: `expect "password:"`, and then `send "X\r"`.
fn dialogues<'t>(text: &'t str, found: &mut Vec<Argument<'t>>) {
    let mut asked_at = None;
    for (number, (at, line)) in lines(text).enumerate() {
        let question = line.find("assword").or_else(|| line.find("assphrase"));
        if question.is_some() && line.contains("expect")
            || line.trim_start().starts_with("\"*assword")
        {
            asked_at = Some(number);
        }
        let is_answer = asked_at.is_some_and(|asked| number - asked <= 2);
        let from = question.unwrap_or(0);
        let Some(sent) = line[from..]
            .find("send")
            .filter(|_| is_answer)
            .map(|sent| from + sent)
        else {
            continue;
        };
        let rest = &line[sent..];
        let Some(open) = rest.find('"') else { continue };
        let body = &rest[open + 1..];
        let end = ["\\r", "\\n", "\""]
            .iter()
            .filter_map(|end| body.find(end))
            .min()
            .unwrap_or(body.len());
        let start = at + sent + open + 1;
        found.push(Argument::of(start..start + end, EmbeddedKind::SentPassword));
        asked_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        in_documents(text)
            .into_iter()
            .map(|argument| &text[argument.range])
            .collect()
    }

    #[test]
    fn in_documents_finds_passwords_that_commands_read() {
        for text in [
            "chpasswd <<EOF\napp:hunter2x\nEOF\nrun app:other\n",
            "sudo chpasswd <<-'END'\n  app:hunter2x\n  END\n",
            "passwd --stdin app <<EOF\nhunter2x\nEOF\n",
            "ftp -n <<EOF\nopen host\nuser svc hunter2x\nput x\nEOF\n",
            "ftp -n host <<EOF\nquote USER svc\nquote PASS hunter2x\nEOF\n",
            "sqlplus /nolog <<EOF\nconnect app/hunter2x@db\nEOF\n",
            "expect -c '\nspawn x\nexpect \"*?assword:*\"\nsend \"hunter2x\\r\"\n'",
            "#cloud-config\nchpasswd:\n  expire: false\n  list: |\n    app:hunter2x\nusers:\n  - name:other\n",
            "#cloud-config\nchpasswd:\n  list:\n    - app:hunter2x\n    - root:RANDOM\n",
            "expect \"Password:\" { send \"hunter2x\\r\" }",
        ] {
            assert_eq!(found(text), ["hunter2x"], "{text}");
        }
    }

    #[test]
    fn in_documents_ignores_other_commands() {
        for text in [
            "cat > x <<EOF\napp:hunter2x\nEOF\n",
            "tee x <<EOF\nuser svc hunter2x\nEOF\n",
            "a << 2\nhunter2x\n",
            "expect \"login:\"\nsend \"app\\r\"\n",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
