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

use crate::embedded::listed;
use crate::name::vocabulary::{PASSWORD, SALTS};
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

/// Returns `true` if a value mixes characters as passwords do and identifiers do not: punctuation,
/// or both cases with digits.
fn has_signs_or_cases(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    has(|byte| b"!@#$^&*?~+=".contains(byte))
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// Last words of names whose value is a user together with a password.
static PAIRS: WordList = WordList::new(
    "acceso auth basicauth cred credenciais credenciales credential credentials credenziali creds identifiants kennung \
     login logon userpass users zugang zugangsdaten",
);

/// Returns `true` for a user and a password in one value: `BASIC_AUTH: admin:…`,
/// `CREDENTIALS: app/…`.
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

/// Returns `true` for a scope of OAuth, `write:pets`, which has the syntax of a user and a
/// password.
fn is_scope(action: &str, of: &str) -> bool {
    let actions = [
        "admin", "create", "delete", "list", "manage", "read", "update", "view", "write",
    ];
    actions.contains(&action)
        && of
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-.:".contains(&byte))
}

/// Returns `true` if any word of a name is a word for passwords.
fn is_about_password(name: &str) -> bool {
    words(name).iter().any(|word| PASSWORD.contains(word))
}

/// Returns `true` if a name is that of a salt, which is random and short.
fn is_salt(name: &str) -> bool {
    head(name).is_some_and(|head| SALTS.contains(&head) || head.ends_with("salt"))
}

/// Returns the last word of a name that is not a number.
fn head(name: &str) -> Option<String> {
    words(name)
        .into_iter()
        .rfind(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns `true` if a word is the last of a name, numbers aside.
fn has_head(name: &str, word: &str) -> bool {
    head(name).is_some_and(|head| head == word)
}

/// Returns `true` for a number of 4 to 12 digits, or a list of such numbers: PINs and recovery
/// codes.
fn is_code(value: &str) -> bool {
    let is_number = |part: &str| {
        (4..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    value
        .split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .all(is_number)
        && !value.trim().is_empty()
}
