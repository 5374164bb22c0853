//! Finds passwords among the arguments of commands that take them by an option of one letter.
//!
//! Options with a long name need no table: [`assignment`](super::assignment) reads `--password x`
//! as an assignment. The table of this module knows the letters, `-p` of `mysql` and `-w` of
//! `ldapsearch`, and whether their value is attached. [`positional`](super::positional) finds the
//! passwords that have no option at all.
//!
//! Most lines are not commands with a password: a lookup of their words in a sorted list rules them
//! out before they are split. Commands inside quotes and substitutions are searched as well, two
//! levels deep.

use crate::embedded::EmbeddedKind;
use std::ops::Range;
use std::sync::OnceLock;

use crate::embedded::command_table::{
    BEFORE_PASSWORD, BY_SLASH, Form, OTHERS, SETTERS, TAKING, Taking,
};
use crate::embedded::named_argument::is_long_option;
use crate::embedded::positional::by_position;
use crate::embedded::shell_word::{Word, split};
use crate::embedded::sql;
use crate::embedded::standard_input;
use crate::value::{ValueClass, classify_value};

/// An argument that is a password, if it is literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument<'t> {
    /// The bytes of the argument in the line, without its quotes.
    pub(crate) range: Range<usize>,
    /// The syntax that makes it a password.
    pub(crate) kind: EmbeddedKind,
    /// The name that it is given to.
    pub(crate) name: &'t str,
    /// `true` if the command takes a password and nothing else here, so that several words are one
    /// value.
    pub(crate) may_be_phrase: bool,
}

impl<'t> Argument<'t> {
    /// Returns an argument that is a password by its position.
    pub(crate) fn of(range: Range<usize>, kind: EmbeddedKind) -> Self {
        Self {
            range,
            kind,
            name: "password",
            may_be_phrase: false,
        }
    }

    /// Returns the same argument, given to a name.
    pub(crate) fn named(self, name: &'t str) -> Self {
        Self { name, ..self }
    }
}

/// How deep commands inside quotes are searched: `sh -c "mysql -p…"`.
const NESTING: usize = 2;

/// Returns the arguments of a line that are passwords, if they are literal.
pub(crate) fn arguments(line: &str) -> Vec<Argument<'_>> {
    let mut found = Vec::new();
    if may_take_password(line) {
        look(line, 0, NESTING, &mut found);
    }
    found
}

/// The words that make a line worth a search, sorted, with the lengths that words with a first
/// letter have: a bit each.
struct Index {
    /// All words, sorted, in lower case.
    words: Vec<&'static str>,
    /// For every first byte, a bit for each length that words with that byte have.
    lengths: [u32; 256],
}

/// Returns the index, which is built on first use.
fn index() -> &'static Index {
    /// The index.
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let commands = TAKING.iter().flat_map(|taking| taking.commands.iter());
        let others = BEFORE_PASSWORD
            .iter()
            .chain(SETTERS.iter())
            .chain(OTHERS.iter())
            .chain(BY_SLASH.iter());
        let mut words: Vec<&'static str> = commands.chain(others).collect();
        words.sort_unstable();
        words.dedup();
        let mut lengths = [0_u32; 256];
        for word in &words {
            lengths[usize::from(word.as_bytes()[0])] |= 1 << word.len().min(31);
        }
        Index { words, lengths }
    })
}

/// Returns `true` if a line contains any of the words that the rest of this module looks for. It is
/// a quick check before a line is split.
fn may_take_password(line: &str) -> bool {
    let index = index();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    line.as_bytes()
        .split(|byte| !is_word(byte))
        .filter(|word| !word.is_empty())
        .any(|word| {
            let first = usize::from(word[0].to_ascii_lowercase());
            let has_length = index.lengths[first] & (1 << word.len().min(31)) != 0;
            has_length
                && index
                    .words
                    .binary_search_by(|known| known.bytes().cmp(lower(word)))
                    .is_ok()
                || is_long_option(word)
        })
        || line.contains("<<<")
}

/// Returns a word in lower case, byte by byte.
fn lower(word: &[u8]) -> impl Iterator<Item = u8> + '_ {
    word.iter().map(u8::to_ascii_lowercase)
}

/// Searches a line that begins at `offset` of the outer one, and the commands inside its words,
/// `nesting` levels deep.
fn look<'t>(line: &'t str, offset: usize, nesting: usize, found: &mut Vec<Argument<'t>>) {
    let first = found.len();
    let words = split(line);
    for words in parts(&words) {
        in_words(words, found);
    }
    sql::statements(line, found);
    for argument in &mut found[first..] {
        argument.range = argument.range.start + offset..argument.range.end + offset;
    }
    if nesting == 0 {
        return;
    }
    for word in words.iter().filter(|word| word.text.contains(' ')) {
        let inner = word.command();
        if inner.text.len() < line.len() {
            look(inner.text, offset + inner.start, nesting - 1, found);
        }
    }
}

/// How many words are searched together. No command has more, and a line of a minified file may
/// have a hundred thousand.
const LONGEST_COMMAND: usize = 512;

/// Returns the words of a line in parts of limited length, cut where a command ends if possible.
fn parts<'w, 't>(words: &'w [Word<'t>]) -> Vec<&'w [Word<'t>]> {
    let mut parts = Vec::new();
    let mut rest = words;
    while rest.len() > LONGEST_COMMAND {
        let last = rest[..LONGEST_COMMAND]
            .iter()
            .rposition(|word| word.ends_command);
        let (part, after) = rest.split_at(last.map_or(LONGEST_COMMAND, |last| last + 1));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Searches the words of a part: by the options of the command that precedes them, then by
/// position.
fn in_words<'t>(words: &[Word<'t>], found: &mut Vec<Argument<'t>>) {
    let mut command = "";
    for (index, word) in words.iter().enumerate() {
        let base = word.base();
        if base.len() <= 24 && is_command(base) {
            command = base;
        }
        let next = words.get(index + 1);
        let given = (!command.is_empty())
            .then(|| by_option(command, word, next))
            .flatten();
        found.extend(given.or_else(|| by_position(words, index)));
        if word.ends_command {
            command = "";
        }
    }
    found.extend(standard_input::in_line(words));
}

/// Returns the entries of the table for a command.
fn takings(command: &str) -> impl Iterator<Item = &'static Taking> + '_ {
    TAKING
        .iter()
        .filter(move |taking| taking.commands.contains_ignoring_case(command))
}

/// Returns `true` if a command takes a password by an option, or by its position behind a slash.
fn is_command(base: &str) -> bool {
    takings(base).next().is_some() || BY_SLASH.contains_ignoring_case(base)
}

/// Returns a whole word as an argument.
pub(crate) fn whole<'t>(word: &Word<'_>, kind: EmbeddedKind) -> Argument<'t> {
    Argument::of(word.start..word.start + word.text.len(), kind)
}

/// Returns `true` if a text is neither a word nor harmless.
pub(crate) fn is_drawn(text: &str) -> bool {
    matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
}

/// Returns the password that a command takes by an option, in this word or the next.
fn by_option<'t>(command: &str, word: &Word<'t>, next: Option<&Word<'t>>) -> Option<Argument<'t>> {
    if BY_SLASH.contains_ignoring_case(command) {
        return after_slash(word);
    }
    for taking in takings(command) {
        for option in taking.options {
            if word.text == *option {
                let value = next.filter(|next| !next.text.starts_with('-'));
                return value.and_then(|value| detached(taking.form, value));
            }
            let may_be_attached = matches!(taking.form, Form::Either | Form::Attached);
            let attached = word
                .text
                .strip_prefix(option)
                .filter(|_| may_be_attached && option.len() <= 3);
            if let Some(argument) = attached.and_then(|attached| glued(taking.form, word, attached))
            {
                return Some(argument);
            }
        }
    }
    None
}

/// Returns the password in the word behind an option.
fn detached<'t>(form: Form, value: &Word<'_>) -> Option<Argument<'t>> {
    match form {
        Form::Either | Form::Next => Some(Argument {
            may_be_phrase: true,
            ..whole(value, EmbeddedKind::CommandPassword)
        }),
        Form::NextDrawn => {
            is_drawn(value.text).then(|| whole(value, EmbeddedKind::CommandPassword))
        }
        Form::Pair(separator) => behind(value, separator),
        Form::Attached => None,
    }
}

/// Returns the password behind an option in one word, `-phunter2`, but not `-port` and `-protocol`,
/// which are long options with one hyphen.
///
/// `-phunter2` → `hunter2`; `-p=hunter2` → `hunter2`; `-port` → none; a value of fewer than four
/// bytes → none.
fn glued<'t>(form: Form, word: &Word<'_>, attached: &str) -> Option<Argument<'t>> {
    let is_long_option = match form {
        Form::Attached => {
            matches!(attached, "ort" | "rotocol" | "ipe" | "rompt")
                || attached.starts_with("rotocol=")
        }
        _ => attached.bytes().all(|byte| byte.is_ascii_lowercase()),
    };
    let start = word.text.len() - attached.len();
    let body = attached.trim_start_matches('=').trim_matches(['"', '\'']);
    let at = word.start + start + attached.find(body).unwrap_or(0);
    (body.len() >= 4 && !is_long_option)
        .then(|| Argument::of(at..at + body.len(), EmbeddedKind::CommandPassword))
}

/// Returns the password behind a user, with this separator between them.
pub(crate) fn behind<'t>(word: &Word<'_>, separator: char) -> Option<Argument<'t>> {
    let (user, password) = word.text.split_once(separator)?;
    let start = word.start + user.len() + separator.len_utf8();
    (!user.is_empty())
        .then(|| Argument::of(start..start + password.len(), EmbeddedKind::CommandPair))
}

/// Returns the password of `user:password`. Ids have the same syntax: `-u 1000:1000`.
pub(crate) fn after_colon<'t>(word: &Word<'_>) -> Option<Argument<'t>> {
    let (user, password) = word.text.split_once(':')?;
    let is_id = password.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = !user.is_empty() && !is_id && !password.starts_with("//") && !user.contains('/');
    is_pair.then(|| behind(word, ':')).flatten()
}

/// Returns the password of `user/password`, `user/password@service` or `userid=user/password`.
///
/// `app/X@db`, `app/X` and `userid=app/X@db` → `X`; `scripts/init.sql` and `/` → none.
pub(crate) fn after_slash<'t>(word: &Word<'_>) -> Option<Argument<'t>> {
    let (user, rest) = word.text.split_once('/')?;
    let password = rest.split('@').next().unwrap_or(rest);
    let user_name = user.rsplit('=').next().unwrap_or(user);
    let is_user = user_name.starts_with(|first: char| first.is_ascii_alphabetic())
        && user_name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_$#".contains(&byte));
    let is_path = !rest.contains('@') && (password.contains(['/', '.']) || user.contains('='));
    let start = word.start + user.len() + 1;
    (is_user && !password.is_empty() && !is_path)
        .then(|| Argument::of(start..start + password.len(), EmbeddedKind::CommandPair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<&str> {
        arguments(line)
            .into_iter()
            .map(|argument| &line[argument.range])
            .collect()
    }

    #[test]
    fn quick_check_knows_every_command_of_the_table() {
        for taking in TAKING {
            for command in taking.commands.iter() {
                assert!(may_take_password(&format!("x; {command} y")), "{command}");
            }
        }
        assert!(!may_take_password("yum install -y jq git"));
    }

    #[test]
    fn arguments_finds_passwords_of_commands() {
        for line in [
            "mysql -u root -phunter2x -e 'x'",
            "X=$(mysql -u root -phunter2x)",
            "sh -c \"mysqldump -phunter2x a\"",
            "7z a -phunter2x x.7z",
            "sqlcmd -S db -U sa -P hunter2x",
            "smbclient //nas/x -U svc%hunter2x -c ls",
            "mosquitto_pub -u dev -P hunter2x -t a",
            "curl -fsu probe:hunter2x http://x",
            "curl -su probe:hunter2x http://x",
            "curl -uprobe:hunter2x http://x",
            "curl --user 'probe:hunter2x' http://x",
            "lftp -u app,hunter2x ftp.example.com",
            "snmpwalk -v3 -u a -A hunter2x host",
            "snmpwalk -v2c -c hunter2x host",
            "sqlplus app/hunter2x@db",
            "sqlplus -s app/hunter2x@//db:1521/SVC",
            "mc alias set n https://minio KEYID hunter2x",
            "mc admin user add n KEYID hunter2x",
            "htpasswd -b /etc/f bob hunter2x",
            "htpasswd -nbB bob hunter2x",
            "openssl passwd -6 -salt abc hunter2x",
            "openssl rsa -passin pass:hunter2x -in x",
            "cmdkey /add:files /user:svc /pass:hunter2x",
            "net use Z: \\\\files\\share /user:acme\\svc hunter2x",
            "net user admin hunter2x /add",
            "schtasks /create /ru svc /rp hunter2x",
            "sc config svc obj= .\\svc password= hunter2x",
            "plink -pw hunter2x host",
            "Connect-Thing -Password hunter2x -Server x",
            "tool -apiToken hunter2x",
            "rabbitmqctl add_user bob hunter2x",
            "tool -pw hunter2x",
            "http -a probe:hunter2x GET x",
            "aws ssm put-parameter --name /x/password --type String --value hunter2x",
            "aws ssm put-parameter --name /x/y --value hunter2x --type SecureString",
            "gh secret set DB_PASSWORD --body hunter2x",
            "reg add HKLM\\X /v DefaultPassword /t REG_SZ /d hunter2x",
            "Set-ItemProperty -Path X -Name DefaultPassword -Value hunter2x",
            "iscsiadm --op update -n node.session.auth.password -v hunter2x",
            "xfreerdp /u:a /p:hunter2x /v:x",
            "mkpasswd -m sha-512 hunter2x",
            "rocommunity hunter2x",
            "$c = ConvertTo-SecureString -String \"hunter2x\" -AsPlainText -Force",
            "(ConvertTo-SecureString -AsPlainText 'hunter2x' -Force)",
            "nmcli c modify x wifi-sec.psk hunter2x",
            "wpa_passphrase ssid hunter2x",
            "SetEnv DB_PASSWORD hunter2x",
            "fastcgi_param DB_PASSWORD hunter2x;",
            "proxy_set_header X-Api-Key hunter2x;",
            "RequestHeader set X-Api-Key hunter2x",
            "npm config set registry_password hunter2x",
            "ENV DB_PASSWORD hunter2x",
            "rootpw hunter2x",
            "composer config http-basic.repo.example.com bob hunter2x",
            "ACL SETUSER app on >hunter2x ~* +@all",
            "echo 'a/b a/root_password password hunter2x' | debconf-set-selections",
            "gpg --batch --passphrase hunter2x -d in.gpg",
            "docker login -u bob -p hunter2x",
            "realm join -U admin corp.example.com <<< 'hunter2x'",
            "passwd --stdin app <<<hunter2x",
            "chpasswd <<< 'app:hunter2x'",
            "echo -n hunter2x | docker login --password-stdin",
            "printf '%s' hunter2x | passwd --stdin app",
            "echo 'app:hunter2x' | sudo chpasswd",
        ] {
            assert!(
                found(line).contains(&"hunter2x"),
                "{line}: {:?}",
                found(line)
            );
        }
    }

    #[test]
    fn arguments_ignores_similar_options_and_words() {
        for line in [
            "mysql -u root -p shop",
            "aws ssm put-parameter --name /x/url --value hunter2x --type String",
            "docker run --name db_password -v data:/var/lib image",
            "rocommunity public",
            "mysql -port 3306 --protocol=tcp",
            "docker run --user node:node image",
            "docker run -p 80:80 -u app:staff image",
            "snmpwalk -v2c -c public host",
            "sqlplus / as sysdba",
            "sqlplus @scripts/init.sql",
            "rsync -u a/b c/d",
            "net use Z: \\\\files\\share",
            "find . -name tokens",
            "curl -fsSL https://example.com/x",
            "set -euo pipefail",
            "echo hunter2x | base64",
            "ssh-keygen -t ed25519 -f key",
            "pip install mc alias",
            "cat <<< hunter2x",
            "openssl passwd -6 -stdin",
            "GET /password/reset",
            "# write password before the file",
            "connects to a TLS/SSL endpoint",
        ] {
            assert!(found(line).is_empty(), "{line}: {:?}", found(line));
        }
    }
}
