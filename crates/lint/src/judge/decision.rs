//! The decision table: what place, name and value say together.

use super::name::{NameSays, Pointing};
use super::value::{Harmless, Joined, Looks};
use super::words::words;

/// How much a place says about the values in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// A property that takes a secret and nothing else.
    Takes,
    /// A place where authors give names to values: environments, options, parameters, mappings.
    Named,
    /// An assignment in a script or configuration.
    Script,
    /// A literal in program code.
    Code,
    /// A property of a resource whose schema does not say that it takes a secret.
    Schema,
}

/// What is thought of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A secret.
    Secret,
    /// Probably a secret.
    Unsure,
    /// What everybody tries first, where a secret belongs.
    Weak,
}

/// What is thought of a value in a place under a name; `None` when it is no secret.
pub(crate) fn decide(trust: Trust, name: &str, says: NameSays, value: &str, looks: Looks) -> Option<Verdict> {
    match trust {
        Trust::Takes => takes(looks, value),
        Trust::Named => named(name, says, value, looks),
        Trust::Script => script(named(name, says, value, looks)?, looks, value),
        Trust::Code => code(says, value, looks),
        Trust::Schema => schema(name, says, value, looks),
    }
}

/// A literal is a secret here, whatever it looks like; but for what can't be one.
fn takes(looks: Looks, value: &str) -> Option<Verdict> {
    match looks {
        Looks::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Secret),
        Looks::Harmless(_) => None,
        Looks::Weak => Some(Verdict::Weak),
        Looks::Words(_) | Looks::Mixed | Looks::Random => Some(Verdict::Secret),
    }
}

fn named(name: &str, says: NameSays, value: &str, looks: Looks) -> Option<Verdict> {
    if says != NameSays::Nothing && is_user_and_password(name, value) {
        return Some(Verdict::Secret);
    }
    match says {
        NameSays::Password => password(name, value, looks),
        NameSays::Secret => secret(name, value, looks),
        NameSays::Perhaps => (looks == Looks::Random && value.len() >= 16).then_some(Verdict::Secret),
        NameSays::Inside => match looks {
            Looks::Random if value.len() >= 16 => Some(Verdict::Secret),
            Looks::Random | Looks::Mixed if value.len() >= 8 && has_signs_or_cases(value) => Some(Verdict::Secret),
            _ => None,
        },
        // `TOKEN_FILE` with something that no file is called.
        NameSays::Points(Pointing::Place) => (looks == Looks::Random && value.len() >= 16).then_some(Verdict::Unsure),
        NameSays::Points(_) | NameSays::Public | NameSays::Nothing => None,
    }
}

fn password(name: &str, value: &str, looks: Looks) -> Option<Verdict> {
    match looks {
        Looks::Words(Joined::One) if repeats(name, value) => Some(Verdict::Weak),
        Looks::Random | Looks::Words(Joined::One) => Some(Verdict::Secret),
        Looks::Mixed => (value.chars().count() >= 4).then_some(Verdict::Secret),
        Looks::Weak => Some(Verdict::Weak),
        // `TestPassword` is one; `quiz-db-password` is what a secret is called.
        Looks::Words(Joined::AsName) if value.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            if repeats(name, value) { None } else { Some(Verdict::Secret) }
        }
        Looks::Words(Joined::AsName) if names_a_secret(value) => None,
        Looks::Words(Joined::AsName) if is_made_up(value) => Some(Verdict::Secret),
        Looks::Words(Joined::AsName) => Some(Verdict::Unsure),
        Looks::Words(Joined::ByBlanks) => is_passphrase(value).then_some(Verdict::Unsure),
        Looks::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Weak),
        Looks::Harmless(_) => None,
    }
}

fn secret(name: &str, value: &str, looks: Looks) -> Option<Verdict> {
    match looks {
        Looks::Random => Some(Verdict::Secret),
        Looks::Mixed => (value.chars().count() >= 6).then_some(Verdict::Secret),
        Looks::Weak => Some(Verdict::Weak),
        Looks::Words(Joined::One) if names_a_secret(value) => Some(Verdict::Weak),
        Looks::Words(Joined::One) if value.len() < 8 => None,
        Looks::Words(Joined::One) if digits(value) >= 2 => Some(Verdict::Secret),
        // A `…_TOKEN` or `…_KEY` with a word is rather of a kind than a secret.
        Looks::Words(Joined::One) => words(name).last().is_some_and(|head| head == "secret").then_some(Verdict::Unsure),
        // `SESSION_SECRET: keyboard cat`: what people type where a secret is asked for.
        Looks::Words(Joined::ByBlanks) if words(name).last().is_some_and(|head| head == "secret") => {
            is_phrase(value, 2).then_some(Verdict::Unsure)
        }
        Looks::Words(_) | Looks::Harmless(_) => None,
    }
}

/// In scripts, words that stand for themselves are rather arguments than secrets.
fn script(verdict: Verdict, looks: Looks, value: &str) -> Option<Verdict> {
    let has_digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_sentence = looks == Looks::Words(Joined::ByBlanks)
        || looks == Looks::Words(Joined::AsName) && !has_digits
        || value.contains("  ");
    (!is_sentence).then_some(verdict)
}

fn code(says: NameSays, value: &str, looks: Looks) -> Option<Verdict> {
    match (says, looks) {
        (NameSays::Password | NameSays::Secret, Looks::Random) => Some(Verdict::Secret),
        (NameSays::Password | NameSays::Secret, Looks::Mixed) => {
            let is_literal =
                value.len() >= 6 && !value.contains(' ') && value.bytes().any(|byte| byte.is_ascii_digit());
            is_literal.then_some(Verdict::Secret)
        }
        (NameSays::Perhaps, Looks::Random) if value.len() >= 24 => Some(Verdict::Secret),
        _ => None,
    }
}

/// The schema knows the property, and does not say that it takes a secret.
fn schema(name: &str, says: NameSays, value: &str, looks: Looks) -> Option<Verdict> {
    let is_drawn = looks == Looks::Random && value.len() >= 16;
    match says {
        NameSays::Password => password(name, value, looks),
        NameSays::Secret if is_drawn => Some(Verdict::Secret),
        _ => None,
    }
}

/// As passwords have them, and ids have not.
fn has_signs_or_cases(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    has(|byte| b"!@#$^&*?~+=".contains(byte))
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// `BASIC_AUTH: admin:…`, `CREDENTIALS: app:…`
fn is_user_and_password(name: &str, value: &str) -> bool {
    let takes_pairs = words(name).last().is_some_and(|head| {
        matches!(
            head.as_str(),
            "auth" | "basicauth" | "login" | "cred" | "creds" | "credential" | "credentials" | "users" | "userpass"
        )
    });
    let Some((user, secret)) = value.split_once(':').filter(|_| takes_pairs) else { return false };
    let is_user = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte));
    is_user && password("password", secret, super::value::looks(secret)) == Some(Verdict::Secret)
}

fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// `Rocket-1709`, but not `prod-db-2`: as people make passwords of words.
fn is_made_up(value: &str) -> bool {
    let digits = digits(value);
    digits >= 3 || digits > 0 && value.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_digits(value: &str, least: usize) -> bool {
    value.len() >= least && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a value is made of a secret's words, as the name of one is.
fn names_a_secret(value: &str) -> bool {
    let secret_words = [
        "password",
        "passwd",
        "pwd",
        "pass",
        "secret",
        "secrets",
        "token",
        "key",
        "credential",
        "credentials",
        "creds",
        "auth",
        "apikey",
        "arn",
        "param",
        "parameter",
        "name",
    ];
    let lower = value.to_ascii_lowercase();
    words(value).iter().any(|word| secret_words.contains(&word.as_str()))
        || ["password", "secret", "token", "credential"].iter().any(|word| lower.ends_with(word))
}

/// `dbpassword` for `DB_PASSWORD`.
fn repeats(name: &str, value: &str) -> bool {
    let flat = |text: &str| words(text).concat();
    let (name, value) = (flat(name), flat(value));
    name.contains(&value) || value.contains(&name)
}

/// A few words in lower case without punctuation.
fn is_passphrase(value: &str) -> bool {
    is_phrase(value, 3)
}

fn is_phrase(value: &str, least: usize) -> bool {
    let words: Vec<&str> = value.split(' ').collect();
    let is_word = |word: &&str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let grammar = ["the", "for", "and", "with", "from", "use", "used", "must", "this", "that", "your", "are", "not"];
    (least..=8).contains(&words.len()) && words.iter().all(is_word) && !words.iter().any(|word| grammar.contains(word))
}
