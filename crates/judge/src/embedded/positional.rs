//! Passwords that a command takes by their position among its words.
//!
//! These are the arguments for which neither an option nor a name announces a password:
//! `net user admin X`, `htpasswd -b FILE USER X`, `curl -u user:X`, `openssl passwd X`. Each
//! command has its own syntax, which a function or an arm of a `match` knows.

use super::EmbeddedKind;
use super::command::{Argument, after_colon, behind, is_drawn, whole};
use super::command_table::BEFORE_PASSWORD;
use super::named_argument::{given_to_name, named_before};
use super::shell_word::Word;

/// Returns the password that a word is, or that it announces in the next words, whatever the
/// command before it.
pub(crate) fn by_position<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    let at = |distance: usize| words.get(index + distance);
    let no_option = |word: &&Word<'t>| !word.text.starts_with(['-', '/']);
    // `(ConvertTo-SecureString …)`
    let opened = word.text.trim_start_matches('(');
    if BEFORE_PASSWORD.contains_ignoring_case(opened) {
        return at(1)
            .filter(no_option)
            .map(|next| whole(next, EmbeddedKind::CommandPassword));
    }
    // `"X" | ConvertTo-SecureString`
    let is_converted =
        at(2).is_some_and(|next| next.text.eq_ignore_ascii_case("convertto-securestring"));
    if word.is_quoted && is_converted && at(1).is_some_and(|pipe| pipe.text == "|") {
        return Some(whole(word, EmbeddedKind::CommandPassword));
    }
    if let Some(argument) = at(1).and_then(|next| in_substitution(word, next)) {
        return Some(argument);
    }
    // `wifi-sec.psk X`, `PSK X`
    if word.text.len() <= 20 && word.text.to_ascii_lowercase().ends_with("psk") {
        return at(1)
            .filter(|next| is_drawn(next.text))
            .map(|next| whole(next, EmbeddedKind::CommandPassword));
    }
    after_user_option(words, index)
        .or_else(|| of_windows(words, index))
        .or_else(|| of_known_command(words, index))
        .or_else(|| given_to_name(words, index))
        .or_else(|| named_before(words, index))
}

/// Returns the text that `sed` inserts: `s/^requirepass .*/requirepass X/`.
fn in_substitution<'t>(word: &Word<'t>, next: &Word<'t>) -> Option<Argument<'t>> {
    let at = word.text.rfind(['/', '|', '#', '~'])?;
    let (delimiter, directive) = (&word.text[at..=at], &word.text[at + 1..]);
    let end = next
        .text
        .rfind(delimiter)
        .filter(|_| BEFORE_PASSWORD.contains(directive))?;
    (end > 0).then(|| Argument::of(next.start..next.start + end, EmbeddedKind::CommandPassword))
}

/// Returns the password of `-u user:password`. In `docker run -u app:staff`, a user and a group
/// have the same syntax, so that only `curl` and random passwords count.
fn after_user_option<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    if !word.text.starts_with('-') {
        return None;
    }
    let is_curl = words[..index]
        .iter()
        .any(|word| matches!(word.base(), "curl" | "http" | "https" | "wget"));
    let is_user = matches!(word.text, "-u" | "--user" | "--proxy-user" | "-U");
    let letters = word
        .text
        .strip_prefix('-')
        .filter(|_| is_curl && !word.is_quoted)
        .unwrap_or_default();
    // `-fsSu user:password`, `-uuser:password`
    let flags = letters
        .bytes()
        .take_while(|byte| b"fsSkLgivnNjlaqGIO0146".contains(byte))
        .count();
    let is_combined = letters[flags..].starts_with(['u', 'U']);
    if is_user || is_combined && letters.len() == flags + 1 {
        let pair = words.get(index + 1).and_then(after_colon)?;
        let is_sure = is_curl
            || words.get(index + 1).is_some_and(|next| {
                next.text
                    .get(pair.range.start - next.start..)
                    .is_some_and(is_drawn)
            });
        return is_sure.then_some(pair);
    }
    let attached = (is_combined && letters.contains(':')).then(|| Word {
        text: &letters[flags + 1..],
        start: word.start + flags + 2,
        ..word.clone()
    });
    attached.as_ref().and_then(after_colon)
}

/// Returns the password of Windows commands: `net user`, `net use`, `sc config`, `/pass:X`.
fn of_windows<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    let text = word.text;
    let before = index
        .checked_sub(1)
        .map_or("", |before| words[before].base());
    let is_value =
        |word: &&Word<'t>| !word.text.starts_with(['/', '*', '\\']) && !word.text.ends_with(':');
    if matches!(before, "net" | "net1") && text.eq_ignore_ascii_case("user") {
        return words
            .get(index + 2)
            .filter(is_value)
            .map(|word| whole(word, EmbeddedKind::CommandPassword));
    }
    if matches!(before, "net" | "net1") && text.eq_ignore_ascii_case("use") {
        let mut values = words[index + 1..]
            .iter()
            .take_while(|word| !word.ends_command)
            .chain(words.last());
        return values
            .find(is_value)
            .map(|word| whole(word, EmbeddedKind::CommandPassword));
    }
    if text.eq_ignore_ascii_case("password=") && words[0].base() == "sc" {
        return words
            .get(index + 1)
            .map(|word| whole(word, EmbeddedKind::CommandPassword));
    }
    let (name, value) = text
        .strip_prefix('/')
        .and_then(|option| option.split_once(':'))?;
    // `xfreerdp /u:admin /p:X`
    if name == "p" && words[0].base().ends_with("freerdp") {
        return behind(word, ':');
    }
    let is_option = name.bytes().all(|byte| byte.is_ascii_alphabetic())
        && crate::classify_name(name).is_strong();
    let start = word.start + name.len() + 2;
    (is_option && !value.is_empty())
        .then(|| Argument::of(start..start + value.len(), EmbeddedKind::CommandPassword))
}

/// Returns the password that a command known by name takes at a fixed position.
fn of_known_command<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    let at = |distance: usize| words.get(index + distance);
    let has = |name: &str| words[..index].iter().any(|word| word.base() == name);
    let of_command = |word: &Word<'t>| whole(word, EmbeddedKind::CommandPassword);
    let no_option = |word: &&Word<'t>| !word.text.starts_with('-');
    match word.text {
        "change_password"
            if at(2).is_none_or(|next| next.text.starts_with('-') || word.ends_command) =>
        {
            at(1).filter(no_option).map(of_command)
        }
        "add_user"
        | "authenticate_user"
        | "change_password"
        | "useradd-with-password"
        | "wpa_passphrase" => at(2).map(of_command),
        "login" if has("vault") => at(1)
            .filter(no_option)
            .map(|word| whole(word, EmbeddedKind::CommandToken)),
        // netrc: `login NAME password X`.
        "password" if index >= 2 && words[index - 2].text == "login" => at(1).map(of_command),
        "password" if has("mysqladmin") || has("mariadb-admin") || has("nmcli") => {
            at(1).filter(no_option).map(of_command)
        }
        // debconf: `package package/root_password password X`
        "password" if index > 0 && words[index - 1].text.contains('/') => {
            let is_question = crate::classify_name(words[index - 1].text).is_password();
            at(1).filter(|_| is_question).map(of_command)
        }
        // haproxy: `stats auth NAME:X`; Jenkins: `jenkins-cli.jar -auth NAME:X`
        "auth" if index > 0 && words[index - 1].text == "stats" => at(1).and_then(after_colon),
        "AUTH" | "auth" if has("redis-cli") || has("valkey-cli") => at(2)
            .filter(|word| is_drawn(word.text))
            .or_else(|| at(1))
            .map(of_command),
        "-auth"
            if words[..index]
                .iter()
                .any(|word| word.text.contains("jenkins")) =>
        {
            at(1).and_then(after_colon)
        }
        "passwd" if has("openssl") => hashed(&words[index + 1..]).map(of_command),
        "mkpasswd" => hashed(&words[index + 1..]).map(of_command),
        "rocommunity" | "rwcommunity" => at(1).filter(|value| is_drawn(value.text)).map(of_command),
        // `mc alias set NAME URL KEY SECRET`, `mc config host add …`,
        // `mc admin user add ALIAS KEY SECRET`
        "alias" | "host"
            if at(1).is_some_and(|verb| matches!(verb.text, "set" | "add" | "s"))
                && has_url(at(3)) =>
        {
            at(5).filter(no_option).map(of_command)
        }
        "user" if has("mc") && has("admin") => at(4).map(of_command),
        _ => match word.base() {
            "htpasswd" => of_htpasswd(&words[index + 1..]).map(of_command),
            _ if word.text.starts_with("http-basic.") => at(2).map(of_command),
            _ if ["github-oauth.", "gitlab-token.", "bearer."]
                .iter()
                .any(|key| word.text.starts_with(key)) =>
            {
                at(1).map(of_command)
            }
            _ => with_prefix(words, index),
        },
    }
}

/// Returns `true` if a word can be a URL.
fn has_url(word: Option<&Word<'_>>) -> bool {
    word.is_some_and(|word| word.text.starts_with("http") || word.text.starts_with('$'))
}

/// Returns the password behind a prefix: `pass:X` of OpenSSL, and `>X` in an access rule of Redis.
fn with_prefix<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    let of_redis = || {
        let is_rule = words.iter().any(|word| word.text == "on")
            && words.iter().any(|word| word.text.starts_with("+@"));
        word.text.strip_prefix('>').filter(|_| is_rule)
    };
    let value = word
        .text
        .strip_prefix("pass:")
        .or_else(of_redis)
        .filter(|value| !value.is_empty())?;
    let start = word.start + word.text.len() - value.len();
    Some(Argument::of(
        start..start + value.len(),
        EmbeddedKind::CommandPassword,
    ))
}

/// Returns the password that is hashed: `openssl passwd -6 -salt abc X`.
fn hashed<'w, 't>(words: &'w [Word<'t>]) -> Option<&'w Word<'t>> {
    let mut last = None;
    let mut is_value = false;
    for word in words {
        let is_option = word.text.starts_with('-');
        if !is_option && !is_value {
            last = Some(word);
        }
        is_value = matches!(word.text, "-salt" | "-in" | "-m" | "-S" | "-R");
        if word.ends_command || word.text == "-stdin" {
            break;
        }
    }
    last.filter(|word| !matches!(word.text, "|" | "&&" | ";"))
}

/// Returns the password of `htpasswd -b FILE USER X` or `htpasswd -nb USER X`.
fn of_htpasswd<'w, 't>(words: &'w [Word<'t>]) -> Option<&'w Word<'t>> {
    let options = words.iter().take_while(|word| word.text.starts_with('-'));
    let letters: String = options.clone().map(|word| word.text).collect();
    let values = &words[options.count()..];
    // `-C 10` takes a number.
    let values = if letters.ends_with('C') {
        values.get(1..)?
    } else {
        values
    };
    letters
        .contains('b')
        .then(|| values.get(if letters.contains('n') { 1 } else { 2 }))
        .flatten()
}
