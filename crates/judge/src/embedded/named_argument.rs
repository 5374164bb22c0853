//! Finds arguments of commands that are given to a name, which is an argument as well.
//!
//! There are two patterns: a pair of options (`--name /x/password --value X`), and a verb in front
//! of a name and its value (`npm config set token X`, `ENV TOKEN X`). The name decides, as it does
//! for an environment variable.

use crate::embedded::EmbeddedKind;
use crate::embedded::command::{Argument, is_drawn, whole};
use crate::embedded::command_table::SETTERS;
use crate::embedded::shell_word::Word;

/// Returns `true` for the long option of a secret with one hyphen, as PowerShell, Java and Go have
/// them: `-Password`, `-apiKey`.
pub(crate) fn is_long_option(word: &[u8]) -> bool {
    (word.len() >= 4 || word == b"-pw")
        && word[0] == b'-'
        && word[1].is_ascii_alphabetic()
        && std::str::from_utf8(&word[1..]).is_ok_and(|name| crate::classify_name(name).is_strong())
}

/// Options that name something, each with the option that gives it a value.
const NAME_AND_VALUE: [(&str, &str); 8] = [
    ("--name", "--value"),
    ("--key", "--value"),
    ("-Name", "-Value"),
    ("-Path", "-Value"),
    ("/v", "/d"),
    ("-n", "-v"),
    ("set", "--body"),
    ("set", "-b"),
];

/// Returns the value of an option whose partner names a secret:
/// `put-parameter --name /x/password --value X`, `reg add … /v Password /d X`,
/// `gh secret set NAME --body X`.
pub(crate) fn named_before<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let option = words[index].text;
    let value = words
        .get(index + 1)
        .filter(|value| !value.text.starts_with(['-', '$']))?;
    let mut names = NAME_AND_VALUE
        .iter()
        .filter(|(_, value)| *value == option)
        .filter_map(|(name, _)| {
            let at = words[..index].iter().position(|word| word.text == *name)?;
            words
                .get(at + 1)
                .map(|name| name.text)
                .filter(|name| crate::classify_name(name).is_strong())
        });
    let name = names.next().or_else(|| {
        let is_encrypted =
            option == "--value" && words.iter().any(|word| word.text == "SecureString");
        is_encrypted.then_some("password")
    })?;
    Some(whole(value, EmbeddedKind::NamedArgument).named(name))
}

/// Returns the value behind the name of a secret: `set NAME VALUE`, `ENV NAME VALUE`,
/// `-Name value`.
pub(crate) fn given_to_name<'t>(words: &[Word<'t>], index: usize) -> Option<Argument<'t>> {
    let word = &words[index];
    if SETTERS.contains_ignoring_case(word.text) {
        let name = words[index + 1..]
            .iter()
            .take(3)
            .find(|word| !word.text.starts_with('-'))?;
        let at = index
            + 1
            + words[index + 1..]
                .iter()
                .position(|known| known.start == name.start)?;
        // `RequestHeader set NAME VALUE` and `config set NAME VALUE` have a verb between.
        let is_verb = matches!(name.text, "set" | "put" | "add" | "user-secrets");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/${}".contains(&byte);
        let has_name = !is_verb
            && name.text.len() <= 80
            && name.text.bytes().all(is_plain)
            && crate::classify_name(name.text).is_strong();
        // `SET PASSWORD FOR 'root'` and `SET Password = …` are statements of SQL.
        let is_value = |value: &&Word<'t>| {
            !value.text.starts_with('-')
                && value.text != "="
                && !value.text.eq_ignore_ascii_case("for")
        };
        let value = words
            .get(at + 1)
            .filter(|value| has_name && is_value(value))?;
        // `write password before …` is a sentence.
        let is_identifier = name.text.bytes().any(|byte| !byte.is_ascii_lowercase());
        if !is_identifier && !value.is_quoted && !is_drawn(value.text) {
            return None;
        }
        return Some(whole(value, EmbeddedKind::NamedArgument).named(name.text));
    }
    if !word.is_quoted && is_long_option(word.text.as_bytes()) {
        let is_flag_of_tool = words[..index]
            .iter()
            .any(|word| matches!(word.base(), "find" | "test" | "[" | "ssh"));
        let value = words
            .get(index + 1)
            .filter(|next| !next.text.starts_with(['-', '$', '(', '@']))?;
        return (!is_flag_of_tool)
            .then(|| whole(value, EmbeddedKind::NamedArgument).named(&word.text[1..]));
    }
    None
}
