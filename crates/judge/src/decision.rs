//! The decision tables: for each slot, which combinations of name and value are secrets.
//!
//! A table reads from the name to the value: [`NameHint`] chooses the row, [`ValueClass`] the
//! column. The tables follow three rules:
//!
//! - The more a place or a name commits to a secret, the less the value has to look like one. A
//!   property that takes nothing but a secret makes any literal one; a name that could be anything
//!   needs a long random value.
//! - Passwords are made up by people, so that words count. Tokens and keys are generated, so that
//!   words under their names are more likely kinds, owners or names of them.
//! - Where authors write words for other purposes, as in scripts and code, words count less.
//!
//! Thresholds on lengths are in bytes. They were chosen on generated templates with labels, of
//! which one half of the vocabulary was held out (the lint's test `labelled`).
//!
//! # Example: one value in every slot
//!
//! The same word is a secret, a warning or nothing, by the evidence that its slot asks for:
//!
//! | slot | `password: sunshine` | `token: sunshine` | `city: sunshine` |
//! | --- | --- | --- | --- |
//! | [`Slot::SecretOnly`] | secret | secret | secret |
//! | [`Slot::Named`] | secret | none | none |
//! | [`Slot::Script`] | secret | none | none |
//! | [`Slot::Code`] | unsure | none | none |
//! | [`Slot::Header`] | secret | unsure | none |
//! | [`Slot::Schema`] | secret | none | none |
//!
//! A score, such as a weighted sum of entropy and name, is the obvious alternative. Its verdicts
//! cannot be explained to the author of a template, and a new case moves all others. A row of a
//! table changes alone.

use crate::embedded::listed;
use crate::evidence::{
    has_head, has_signs_or_cases, head, is_about_password, is_code, is_salt, is_scope,
};
use crate::name::{Aspect, NameHint, classify_name};
use crate::phrase::{
    digits, is_digits, is_dotted_phrase, is_joined_phrase, is_made_up, is_passphrase, is_phrase,
    is_word_and_number, made_up_part, names_a_secret, repeats,
};
use crate::value::{Harmless, Joined, ValueClass, classify_value, is_first_try_with_number};
use crate::words::{WordList, words};

/// The kind of slot that a value fills, which decides how much evidence a verdict needs.
///
/// A caller derives the slot from the place of a value. From first to last, the variants ask for
/// more.
/// ```
/// use byref_judge::{Slot, Verdict, judge};
///
/// let verdict = |slot| judge(slot, "password", "sunshine");
/// assert_eq!(verdict(Slot::SecretOnly), Some(Verdict::Secret));
/// assert_eq!(verdict(Slot::Named), Some(Verdict::Secret));
/// assert_eq!(verdict(Slot::Code), Some(Verdict::Unsure));
/// ```
///
/// | variant | example of a place |
/// | --- | --- |
/// | `SecretOnly` | `MasterUserPassword` of a database |
/// | `Named` | an environment variable of a container, a parameter's default |
/// | `Script` | `UserData`, a command of a container |
/// | `Code` | the inline code of a Lambda function |
/// | `Header` | a custom header of a distribution's origin |
/// | `Schema` | any other property of a resource |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A property that takes a secret and nothing else. Any literal is a secret, whatever its name.
    SecretOnly,
    /// A place where authors name values themselves: environments, options, labels, parameters,
    /// mappings.
    Named,
    /// An assignment in a script or configuration file, where words are more likely arguments.
    Script,
    /// A literal in program code, where words are more likely identifiers.
    Code,
    /// An HTTP header by which an origin recognises its distribution. Random values are secrets
    /// under most names.
    Header,
    /// A property that its resource's schema knows, and does not mark as a secret.
    Schema,
}

/// The certainty that a value is a secret. Ordered from the worst.
/// ```
/// use byref_judge::{Slot, Verdict, judge};
///
/// assert_eq!(judge(Slot::Named, "DB_PASSWORD", "Rocket-1709"), Some(Verdict::Secret));
/// assert_eq!(judge(Slot::Named, "DB_PASSWORD", "heron lagoon"), Some(Verdict::Unsure));
/// assert_eq!(judge(Slot::Named, "DB_PASSWORD", "changeme"), Some(Verdict::Weak));
/// ```
///
/// The order is that of the variants: of several verdicts for one value, callers report the one
/// with the smallest discriminant, `verdict as u8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A secret.
    Secret,
    /// Probably a secret; a human has to decide.
    Unsure,
    /// A common password, or a filler such as `changeme`, where a secret belongs.
    Weak,
}

/// Judges a value by the slot it fills, its name and its own class. Returns `None` if it is not a
/// secret.
///
/// A value that is a JSON list of strings (`["a", "b"]`) is as bad as the worst of its items.
///
/// ```
/// use byref_judge::{Slot, Verdict, judge};
///
/// // A property that takes a secret makes any literal one; a named slot asks for a name that suggests a secret.
/// assert_eq!(judge(Slot::SecretOnly, "MasterUserPassword", "sunshine"), Some(Verdict::Secret));
/// assert_eq!(judge(Slot::Named, "CITY", "sunshine"), None);
/// ```
///
/// Spaces around the value are ignored. The cost is linear in the lengths of name and value.
pub fn judge(slot: Slot, name: &str, value: &str) -> Option<Verdict> {
    let listed = listed(value);
    if !listed.is_empty() {
        return listed
            .into_iter()
            .filter_map(|item| judge_one(slot, name, item))
            .min_by_key(|verdict| *verdict as u8);
    }
    judge_one(slot, name, value)
}

/// Judges a single value. Names that suggest nothing end it at once, except in slots where the name
/// does not matter.
fn judge_one(slot: Slot, name: &str, value: &str) -> Option<Verdict> {
    let hint = classify_name(name);
    if !matches!(slot, Slot::SecretOnly | Slot::Header)
        && matches!(hint, NameHint::Nothing | NameHint::Public)
    {
        return None;
    }
    decide(slot, name, hint, value.trim(), classify_value(value))
}

/// Looks up the verdict in the table of the slot.
fn decide(
    slot: Slot,
    name: &str,
    hint: NameHint,
    value: &str,
    class: ValueClass,
) -> Option<Verdict> {
    match slot {
        Slot::SecretOnly => secret_only(class, value),
        Slot::Named => named(name, hint, value, class),
        Slot::Script => script(named(name, hint, value, class)?, class, value),
        Slot::Code => code(hint, value, class),
        Slot::Header => named(name, hint, value, class).or_else(|| header(name, value, class)),
        Slot::Schema => schema(name, hint, value, class),
    }
}

/// The table of [`Slot::SecretOnly`]: every literal is a secret, except for what cannot be one.
///
/// Numbers of four digits and more are, since master passwords of test stacks are often numbers.
///
/// | value | verdict |
/// | --- | --- |
/// | `${DbPassword}`, `true`, `arn:aws:…`, `123` | none |
/// | `4711` | secret |
/// | `${Env}-Zebra77`, where the author made up a part | secret |
/// | `changeme` | weak |
/// | `sunshine`, `hunter2!`, `x7Kq2LmZ9vTr4WbN` | secret |
fn secret_only(class: ValueClass, value: &str) -> Option<Verdict> {
    match class {
        ValueClass::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Secret),
        ValueClass::Harmless(Harmless::Reference) => made_up_part(value).map(|_| Verdict::Secret),
        ValueClass::Harmless(_) => None,
        ValueClass::Weak => Some(Verdict::Weak),
        ValueClass::Words(_) | ValueClass::Mixed | ValueClass::Random => Some(Verdict::Secret),
    }
}

/// The table of [`Slot::Named`], one row for each hint of the name.
///
/// | hint | `Random` | `Mixed` | other classes |
/// | --- | --- | --- | --- |
/// | `Password` | see [`password`] | see [`password`] | see [`password`] |
/// | `Secret` | see [`secret`] | see [`secret`] | see [`secret`] |
/// | `Pin` | unsure from 8 bytes | none | numbers of 4 to 12 digits are unsure |
/// | `Possible`, a salt | secret from 8 bytes | unsure from 8 bytes | none |
/// | `Possible` | secret from 16 bytes | none | none |
/// | `Mention` | secret from 16 bytes | none | none |
/// | `Mention`, with signs or both cases | secret from 8 bytes | secret from 8 bytes | none |
/// | `About(Place)` | unsure from 16 bytes | none | none |
/// | `About`, `Public`, `Nothing` | none | none | none |
///
/// A user and a password in one value, `admin:…`, is checked before the table, under every name
/// that gives a hint.
fn named(name: &str, hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    if hint != NameHint::Nothing && is_user_and_password(name, value) {
        return Some(Verdict::Secret);
    }
    match hint {
        NameHint::Password => password(name, value, class),
        NameHint::Secret => secret(name, value, class),
        NameHint::Pin => (is_code(value) || class == ValueClass::Random && value.len() >= 8)
            .then_some(Verdict::Unsure),
        NameHint::Possible if is_salt(name) && value.len() >= 8 => match class {
            ValueClass::Random => Some(Verdict::Secret),
            ValueClass::Mixed => Some(Verdict::Unsure),
            _ => None,
        },
        NameHint::Possible => {
            (class == ValueClass::Random && value.len() >= 16).then_some(Verdict::Secret)
        }
        NameHint::Mention => match class {
            ValueClass::Random if value.len() >= 16 => Some(Verdict::Secret),
            ValueClass::Random | ValueClass::Mixed
                if value.len() >= 8 && has_signs_or_cases(value) =>
            {
                Some(Verdict::Secret)
            }
            // Behind `PASSWORD_SLACK`, a value in lower case is enough if it has digits.
            ValueClass::Random | ValueClass::Mixed
                if value.len() >= 8 && digits(value) >= 2 && is_about_password(name) =>
            {
                Some(Verdict::Secret)
            }
            _ => None,
        },
        // `TOKEN_FILE` with a value that no file is called.
        NameHint::About(Aspect::Place) => {
            (class == ValueClass::Random && value.len() >= 16).then_some(Verdict::Unsure)
        }
        NameHint::About(_) | NameHint::Public | NameHint::Nothing => None,
    }
}

/// The row of passwords. Words count here, since people make passwords of them.
///
/// | class | verdict |
/// | --- | --- |
/// | `Random` | secret |
/// | `Mixed` | secret from 4 characters |
/// | `Words(One)` | secret; weak if it repeats the name |
/// | `Words(AsName)`, letters only | secret; none if it repeats the name |
/// | `Words(AsName)` with a word for secrets, `quiz-db-password` | none |
/// | `Words(AsName)`, made up, `Rocket-1709` | secret |
/// | `Words(AsName)`, otherwise, `blue-lagoon` | unsure |
/// | `Words(ByBlanks)` | unsure if it is a passphrase |
/// | `Weak` | weak |
/// | a number of 4 digits or more | weak |
fn password(name: &str, value: &str, class: ValueClass) -> Option<Verdict> {
    match class {
        ValueClass::Words(Joined::One) if repeats(name, value) => Some(Verdict::Weak),
        ValueClass::Random | ValueClass::Words(Joined::One) => Some(Verdict::Secret),
        ValueClass::Mixed => (value.chars().count() >= 4).then_some(Verdict::Secret),
        ValueClass::Weak => Some(Verdict::Weak),
        // `TestPassword` is a password; `quiz-db-password` is the name of one.
        ValueClass::Words(Joined::AsName)
            if value.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            if repeats(name, value) {
                None
            } else {
                Some(Verdict::Secret)
            }
        }
        ValueClass::Words(Joined::AsName) if names_a_secret(value) => None,
        ValueClass::Words(Joined::AsName) if is_made_up(value) => Some(Verdict::Secret),
        ValueClass::Words(Joined::AsName) => Some(Verdict::Unsure),
        ValueClass::Words(Joined::ByBlanks) => is_passphrase(value).then_some(Verdict::Unsure),
        ValueClass::Harmless(Harmless::Place | Harmless::Reference) if is_dotted_phrase(value) => {
            Some(Verdict::Unsure)
        }
        ValueClass::Harmless(Harmless::Reference) => made_up_part(value)
            .filter(|part| !names_a_secret(part))
            .map(|_| Verdict::Unsure),
        ValueClass::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Weak),
        ValueClass::Harmless(_) => None,
    }
}

/// The row of secrets, tokens and keys, which machines generate: a plain word is more likely a kind
/// or a name.
///
/// | class | verdict |
/// | --- | --- |
/// | `Random` | secret |
/// | `Mixed` | secret from 6 characters |
/// | `Words(One)`, a word for secrets | weak |
/// | `Words(One)` of 8 bytes or more, with two digits | secret |
/// | `Words(One)` of 8 bytes or more, under a name that ends in `secret` | unsure |
/// | two words or more and a number, `amber-lagoon-896` | unsure |
/// | several words, under a name that ends in `secret` | unsure if they form a passphrase |
/// | twelve words or more, under a name with `mnemonic` | secret |
/// | `Weak` | weak |
/// | other words, and all harmless values | none |
fn secret(name: &str, value: &str, class: ValueClass) -> Option<Verdict> {
    match class {
        ValueClass::Random => Some(Verdict::Secret),
        ValueClass::Mixed => (value.chars().count() >= 6).then_some(Verdict::Secret),
        ValueClass::Weak => Some(Verdict::Weak),
        ValueClass::Words(Joined::One) if names_a_secret(value) => Some(Verdict::Weak),
        ValueClass::Words(Joined::One) if value.len() < 8 => {
            is_first_try_with_number(value).then_some(Verdict::Weak)
        }
        ValueClass::Words(Joined::One) if digits(value) >= 2 => Some(Verdict::Secret),
        ValueClass::Words(Joined::AsName)
            if is_word_and_number(value) && value.split(['-', '_', '.']).count() > 2 =>
        {
            Some(Verdict::Unsure)
        }
        // A word under `…_TOKEN` or `…_KEY` is more likely a kind of token than a token.
        ValueClass::Words(Joined::One) => has_head(name, "secret").then_some(Verdict::Unsure),
        // `SESSION_SECRET: keyboard cat` is what people type when a framework asks for a secret.
        ValueClass::Words(Joined::ByBlanks) if has_head(name, "secret") => {
            is_passphrase(value).then_some(Verdict::Unsure)
        }
        ValueClass::Words(Joined::ByBlanks)
            if words(name).iter().any(|word| word.starts_with("mnemonic")) =>
        {
            is_phrase(value, 12).then_some(Verdict::Secret)
        }
        ValueClass::Words(Joined::AsName) if has_head(name, "secret") => {
            (is_joined_phrase(value) || is_word_and_number(value)).then_some(Verdict::Unsure)
        }
        ValueClass::Words(_) | ValueClass::Harmless(_) => None,
    }
}

/// Weakens a verdict for scripts: plain words there are more likely arguments than secrets.
///
/// Words with spaces, names without digits, and texts with two spaces in a row lose their verdict;
/// every other one keeps it.
fn script(verdict: Verdict, class: ValueClass, value: &str) -> Option<Verdict> {
    let has_digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_sentence = class == ValueClass::Words(Joined::ByBlanks)
        || class == ValueClass::Words(Joined::AsName) && !has_digits
        || value.contains("  ");
    (!is_sentence).then_some(verdict)
}

/// Words that follow the names of passwords in programs: types, states, parts of forms.
static CODE_WORDS: WordList = WordList::new(
    "attribute boolean cancel change column confirm confirmed control current define defined encrypted expired failed forgot hashed incorrect \
     input integer invalid length locked manual message missing number object option passthrough pattern plaintext prompt random \
     redirect refresh rejected repeat reset return schema sensitive session strength strong submit success update updated valid \
     varchar verify wrong",
);

/// The table of [`Slot::Code`]. Only literals that are clearly made up or random count: code is
/// full of the names of secrets.
///
/// | hint | class | verdict |
/// | --- | --- | --- |
/// | `Password` | `Words(AsName)`, made up | secret |
/// | `Password` | `Words(One)` of 6 bytes or more that is no word of programs | unsure |
/// | `Password`, `Secret` | `Random` | secret |
/// | `Password`, `Secret` | `Mixed` of 6 bytes or more, with a digit and no space | secret |
/// | `Possible` | `Random` of 24 bytes or more | secret |
fn code(hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    match (hint, class) {
        (NameHint::Password, ValueClass::Words(Joined::AsName)) if is_made_up(value) => {
            (!names_a_secret(value)).then_some(Verdict::Secret)
        }
        (NameHint::Password, ValueClass::Words(Joined::One)) if value.len() >= 6 => {
            let is_word_of_code = CODE_WORDS.contains(&value.to_ascii_lowercase());
            (!is_word_of_code && !names_a_secret(value)).then_some(Verdict::Unsure)
        }
        (NameHint::Password | NameHint::Secret, ValueClass::Random) => Some(Verdict::Secret),
        (NameHint::Password | NameHint::Secret, ValueClass::Mixed) => {
            let is_literal = value.len() >= 6
                && !value.contains(' ')
                && value.bytes().any(|byte| byte.is_ascii_digit());
            is_literal.then_some(Verdict::Secret)
        }
        (NameHint::Possible, ValueClass::Random) if value.len() >= 24 => Some(Verdict::Secret),
        _ => None,
    }
}

/// Words in the names of headers that prove where a request comes from.
static PROOFS: WordList = WordList::new(
    "access auth authenticate authentication authorization authorize cred credential guard key pass password proof psk secret \
     shared signature token slot verification verified verify",
);

/// Words in the names of headers whose values look random, and are not secrets: identifiers of
/// requests and builds.
static TRACES: WordList = WordList::new(
    "build commit correlation etag hash id release request revision sha trace version",
);

/// The table of [`Slot::Header`], for names that [`named`] does not recognise:
/// `X-Origin-Verify: …`.
///
/// A caller that knows the value can bypass the distribution. See "Restrict access to Application
/// Load Balancers" in the `CloudFront` developer guide.
///
/// | class | with a word of [`PROOFS`] | otherwise |
/// | --- | --- | --- |
/// | `Random` | secret from 8 bytes | secret from 12 bytes, without a word of [`TRACES`] |
/// | `Mixed` | secret from 6 bytes | none |
/// | `Weak` | weak from 6 bytes | none |
/// | words without spaces | unsure from 6 bytes; secret if made up | none |
fn header(name: &str, value: &str, class: ValueClass) -> Option<Verdict> {
    let all = words(name);
    let is_proof = all.iter().any(|word| PROOFS.contains(word));
    match class {
        ValueClass::Random if is_proof && value.len() >= 8 => Some(Verdict::Secret),
        ValueClass::Random if value.len() >= 12 && !value.contains(' ') => {
            (!all.iter().any(|word| TRACES.contains(word))).then_some(Verdict::Secret)
        }
        _ if !is_proof || value.len() < 6 => None,
        ValueClass::Mixed => Some(Verdict::Secret),
        ValueClass::Weak => Some(Verdict::Weak),
        ValueClass::Words(Joined::AsName) if is_made_up(value) => Some(Verdict::Secret),
        ValueClass::Words(Joined::One | Joined::AsName) => {
            (!names_a_secret(value)).then_some(Verdict::Unsure)
        }
        _ => None,
    }
}

/// The table of [`Slot::Schema`]: the schema knows the property and does not mark it as a secret,
/// so that only clear names count.
fn schema(name: &str, hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    let is_drawn = class == ValueClass::Random && value.len() >= 16;
    match hint {
        NameHint::Password => password(name, value, class),
        NameHint::Secret if is_drawn => Some(Verdict::Secret),
        _ => None,
    }
}

/// Last words of names whose value is a user together with a password.
static PAIRS: WordList = WordList::new(
    "acceso auth basicauth cred credenciais credenciales credential credentials credenziali creds identifiants kennung \
     login logon userpass users zugang zugangsdaten",
);

/// Returns `true` for a user and a password in one value: `BASIC_AUTH: admin:…`,
/// `CREDENTIALS: app/…`.
///
/// Behind a colon, a word counts as a password. Behind a slash, it does not: `CREDENTIALS:
/// app/settings` is a path.
fn is_user_and_password(name: &str, value: &str) -> bool {
    if !head(name).is_some_and(|head| PAIRS.contains(&head)) {
        return false;
    }
    let is_user = |user: &str| {
        !user.is_empty()
            && user
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
    };
    let is_password = |secret: &str| {
        password("password", secret, classify_value(secret)) == Some(Verdict::Secret)
    };
    if let Some((user, secret)) = value.split_once(':') {
        return is_user(user) && is_password(secret) && !is_scope(user, secret);
    }
    // Paths have slashes as well: the part behind it must not be a word.
    let is_no_word = |secret: &str| {
        matches!(
            classify_value(secret),
            ValueClass::Mixed | ValueClass::Random
        ) || is_made_up(secret)
    };
    value.split_once('/').is_some_and(|(user, secret)| {
        let secret = secret.trim_start();
        is_user(user.trim_end())
            && !secret.contains('/')
            && is_no_word(secret)
            && is_password(secret)
    })
}
