//! Classifies names by their words and the order of the words.
//!
//! The last word with a meaning is the head: a `TOKEN_TTL` is a duration, a `SECRET_NAME` a name,
//! an `API_KEY_PROD` a key. Words behind the head that only qualify it (`PROD`, `VALUE`, `2`) are
//! skipped. In order, the first of these decides:
//!
//! 1. A verb in front makes the name a switch: `REQUIRE_PASSWORD`.
//! 2. The head is a word for a secret, by itself, with the word before it, or as the end of a
//!    compound: `API_KEY`, `dbpassword`. A word such as `PUBLIC` in front makes it public.
//! 3. The head is a purpose behind a word for a secret: `PASSWORD_DB`, `TOKEN_FOR_SLACK`.
//! 4. The head is an aspect of a secret before it: `TOKEN_TTL`, `PASSWORD_FILE`.
//! 5. A word for a secret is anywhere before the head: `SECRET_SAUCE`.
//!
//! Languages that put the aspect or the purpose of a key in another order (`TIPO_CLAVE`, `CLE_API`)
//! have rules of their own.
//!
//! | name | hint | rule |
//! | --- | --- | --- |
//! | `REQUIRE_PASSWORD` | about a manner | 1 |
//! | `DB_PASSWORD_PROD` | password | 2 |
//! | `PUBLIC_KEY` | public | 2 |
//! | `TOKEN_FOR_SLACK` | secret | 3 |
//! | `TOKEN_TTL` | about a measure | 4 |
//! | `SECRET_SAUCE` | mention | 5 |
//!
//! A regular expression over the whole name could not do this: `.*password.*` finds
//! `PASSWORD_POLICY`, and needs an exception for every such word. A name costs a few lookups in
//! lists; most names end at [`may_hint_at_secret`], which looks for the stems of the words in one
//! pass.

pub(crate) mod vocabulary;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::name::vocabulary::{
    CODES, GLUED, JOINED, KEYS, LEADING_KEYS, LEADING_POINTERS, LEADING_SECRET, MANNER, MEASURE,
    NAMED, NO_KEY, NO_PASS, ORDINARY_KEY, ORDINARY_TOKEN, PASSWORD, PHRASES, PIN_OWNERS, PINS,
    PLACE, POSSIBLE, PREPOSITIONS, PUBLIC, PURPOSES, QUALIFIERS, SECRET, SECRET_KEY, VENDORS,
    VERBS,
};
use crate::prefixes::Prefixes;
use crate::words::words;

/// The hint that a name gives about its value.
///
/// A hint is never a verdict: `DB_PASSWORD` with the value `${DbPassword}` is not a secret.
/// [`judge`](crate::judge) weighs it with the value.
///
/// ```
/// use byref_judge::{NameHint, classify_name};
///
/// assert_eq!(classify_name("PIN"), NameHint::Pin);
/// assert_eq!(classify_name("STRIPE_KEY"), NameHint::Possible);
/// assert_eq!(classify_name("SECRET_SAUCE"), NameHint::Mention);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameHint {
    /// A password or passphrase, which a person may have made up.
    Password,
    /// A secret, a token, a private key or an API key, which a machine has made.
    Secret,
    /// A short number that opens something: a PIN, a recovery code.
    Pin,
    /// A name that is often that of a secret: a key of an unknown kind, `AUTH`, `SALT`.
    Possible,
    /// A word for secrets with an unrelated word behind it: `PASSWORD_ADMIN`, `SECRET_SAUCE`.
    Mention,
    /// Something about a secret, which is not a secret itself: `SECRET_NAME`, `TOKEN_TTL`.
    About(Aspect),
    /// A public key, a cache key, a page token: not a secret, however random its value looks.
    Public,
    /// No hint.
    Nothing,
}

impl NameHint {
    /// Returns `true` if a person may have made up the value, so that words count as secrets.
    pub fn is_password(self) -> bool {
        self == NameHint::Password
    }

    /// Returns `true` if the name alone makes any plausible value a secret.
    /// ```
    /// use byref_judge::classify_name;
    ///
    /// assert!(classify_name("API_KEY").is_strong());
    /// assert!(!classify_name("STRIPE_KEY").is_strong(), "it may be a publishable key");
    /// ```
    pub fn is_strong(self) -> bool {
        matches!(self, NameHint::Password | NameHint::Secret)
    }
}

/// The aspect of a secret that a name is about, and so what its value should look like.
/// ```
/// use byref_judge::{Aspect, NameHint, classify_name};
///
/// assert_eq!(classify_name("PASSWORD_FILE"), NameHint::About(Aspect::Place));
/// assert_eq!(classify_name("SECRET_NAME"), NameHint::About(Aspect::Name));
/// assert_eq!(classify_name("PASSWORD_POLICY"), NameHint::About(Aspect::Manner));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Its location: a file, a path, an ARN, a URL.
    Place,
    /// Its name, id or label.
    Name,
    /// A quantity or a duration.
    Measure,
    /// Any other aspect: a policy, a type, a status.
    Manner,
}

/// Returns `true` if any part of a name can be a word for secrets. It is a quick check before the
/// words of a name are split.
pub(crate) fn may_hint_at_secret(name: &str) -> bool {
    /// The index of the stems, which is built on first use.
    static STEMS: OnceLock<Prefixes> = OnceLock::new();
    /// The stems of all words in the vocabulary, in lower case: a word without one of these is not
    /// in it.
    const WORDS: &str = "pass pas pw psw secret tok tkn key cred auth jwt pat mnemo bearer psk salt sig cookie hmac otp seed nonce \
                         pepper dsn senha parol mdp wort woord contra licen login lizen code sas users pin puk phrase answer \
                         shared material community semilla semente mac sk pk zugang kenn acceso jwk wif unlock csrf xsrf \
                         clave cle clé chav chiav llav schl sleutel nyckel avain klucz anahtar geheim secret segred \
                         segret hemlig tajn jeton identifiant kod losen lösen passord has hesl salasana sifr şifr jelsz \
                         lozink adgang _k mima miyao sandi kunci matkhau scrt secr sekret gizli rahasia titok tajem \
                         cheie klic klyuch kluch kljuc cipher crypt entropy vault fernet sec clÉ";
    let stems = || Prefixes::new(WORDS.split_ascii_whitespace().chain(VENDORS.iter()), true);
    STEMS.get_or_init(stems).is_in(name)
}

/// Classifies a name by its words.
///
/// Every style of writing names is split into words: `DB_PASSWORD`, `dbPassword`, `db-password` and
/// `DBPassword` give the same hint. Words of about twenty languages are known.
///
/// ```
/// use byref_judge::{Aspect, NameHint, classify_name};
///
/// assert_eq!(classify_name("apiKey"), NameHint::Secret);
/// assert_eq!(classify_name("CONTRASEÑA"), NameHint::Password);
/// assert_eq!(classify_name("TOKEN_TTL"), NameHint::About(Aspect::Measure));
/// assert_eq!(classify_name("NextToken"), NameHint::Public);
/// assert_eq!(classify_name("LOG_LEVEL"), NameHint::Nothing);
/// ```
pub fn classify_name(name: &str) -> NameHint {
    /// How many names are remembered. A template repeats the same few names.
    const REMEMBERED: usize = 1024;
    thread_local! {
        /// The hints of the names that this thread has classified last.
        static HINTS: RefCell<HashMap<Box<str>, NameHint>> = RefCell::default();
    }
    if !may_hint_at_secret(name) {
        return NameHint::Nothing;
    }
    HINTS.with_borrow_mut(|hints| {
        if let Some(known) = hints.get(name) {
            return *known;
        }
        if hints.len() >= REMEMBERED {
            hints.clear();
        }
        let hint = read(name);
        hints.insert(name.into(), hint);
        hint
    })
}

/// Classifies a name without the memory.
///
/// Numbers and versions are left out: `API_KEY_V2` is read as `API_KEY`.
fn read(name: &str) -> NameHint {
    let all = words(name);
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = all
        .iter()
        .filter(|word| !is_number(word))
        .map(String::as_str)
        .collect();
    let is_version = |word: &str| word == "v";
    let end = words
        .iter()
        .rposition(|word| !QUALIFIERS.contains(word) && !is_version(word));
    let Some(end) = end else {
        return NameHint::Nothing;
    };
    let head = words[end];
    let before = &words[..end];
    if before.is_empty() && VENDORS.contains(head) {
        return NameHint::Possible;
    }
    if let Some(hint) = before
        .first()
        .filter(|first| VERBS.contains(first))
        .map(|verb| switch(verb, before, head))
    {
        return hint;
    }
    if before
        .first()
        .is_some_and(|first| LEADING_POINTERS.contains(first))
        && is_foreign(head, before)
    {
        return NameHint::About(Aspect::Name);
    }
    if let Some(hint) = direct(head, before) {
        return if is_public(before) && hint != NameHint::Password {
            NameHint::Public
        } else {
            hint
        };
    }
    if let Some(hint) = leading_key(&words[..=end]) {
        return hint;
    }
    let of = |at: usize| direct(words[at], &words[..at]);
    if let Some(hint) = end
        .checked_sub(1)
        .and_then(of)
        .filter(|hint| hint.is_strong() && PURPOSES.contains(head))
    {
        return hint;
    }
    // `TOKEN_FOR_SLACK`, but not `TOKEN_FOR_URL`.
    let for_what =
        (1..end).filter(|at| PREPOSITIONS.contains(words[*at]) && aspect(head).is_none());
    if let Some(hint) = for_what
        .filter_map(|at| of(at - 1))
        .find(|hint| hint.is_strong())
    {
        return hint;
    }
    let about_secret = (0..end).any(|at| of(at).is_some_and(NameHint::is_strong));
    if !about_secret {
        return NameHint::Nothing;
    }
    match aspect(head) {
        Some(aspect) => NameHint::About(aspect),
        None => NameHint::Mention,
    }
}

/// Classifies names that begin with a verb. `RequirePassword` is a switch; the enable password of a
/// router is a password.
///
/// `REQUIRE_PASSWORD` and `ENABLE_DB_PASSWORD` → about a manner; `ENABLE_PASSWORD` → password.
fn switch(verb: &str, before: &[&str], head: &str) -> NameHint {
    let is_password = verb == "enable" && before.len() == 1 && PASSWORD.contains(head);
    if is_password {
        NameHint::Password
    } else {
        NameHint::About(Aspect::Manner)
    }
}

/// Returns `true` if the word for a secret is of a language that puts the aspect in front:
/// `TIPO_CLAVE`.
///
/// `TIPO_CLAVE` → `true`; `TYPE_KEY` → `false`.
fn is_foreign(head: &str, before: &[&str]) -> bool {
    let is = |word: &str| {
        LEADING_KEYS.contains(word)
            || matches!(
                word,
                "clave" | "contra" | "contrasena" | "contraseña" | "senha" | "passe"
            )
    };
    is(head) || before.iter().any(|word| is(word))
}

/// Classifies names in which the purpose of a key is behind the key: `CLE_API`, `LLAVE_SECRETA`,
/// `chave-pix`.
///
/// `CLE_API` and `LLAVE_SECRETA` → secret; `chave-pix` → possible; a name with a public word or an
/// aspect → none.
fn leading_key(words: &[&str]) -> Option<NameHint> {
    let at = words.iter().position(|word| LEADING_KEYS.contains(word))?;
    let others = || {
        words
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != at)
            .map(|(_, word)| word)
    };
    if others().any(|word| PUBLIC.contains(word) || aspect(word).is_some()) {
        return None;
    }
    let is_secret = others().any(|word| LEADING_SECRET.contains(word));
    Some(if is_secret {
        NameHint::Secret
    } else {
        NameHint::Possible
    })
}

/// Returns `true` if a word makes everything behind it public.
fn is_public(before: &[&str]) -> bool {
    before.iter().any(|word| PUBLIC.contains(word))
}

/// Returns the aspect that a head names, or `None` if it names none.
fn aspect(head: &str) -> Option<Aspect> {
    let kinds = [
        (PLACE, Aspect::Place),
        (NAMED, Aspect::Name),
        (MEASURE, Aspect::Measure),
        (MANNER, Aspect::Manner),
    ];
    kinds
        .iter()
        .find(|(words, _)| words.contains(head))
        .map(|(_, kind)| *kind)
}

/// Returns the hint of a head with the words before it, or `None` if the head is not a word for
/// secrets.
///
/// `token` behind `next` → public; `token` → secret; `key` behind `api` → secret, by [`key`];
/// `sauce` → none.
fn direct(head: &str, before: &[&str]) -> Option<NameHint> {
    let last = before.last().copied();
    if PASSWORD.contains(head) {
        return Some(NameHint::Password);
    }
    if matches!(head, "token" | "tokens") {
        let is_ordinary = last.is_some_and(|last| ORDINARY_TOKEN.contains(last));
        return Some(if is_ordinary {
            NameHint::Public
        } else {
            NameHint::Secret
        });
    }
    if SECRET.contains(head) {
        return Some(NameHint::Secret);
    }
    if KEYS.contains(head) {
        return Some(key(before));
    }
    of_two(last, head)
        .or_else(|| alone(head, last))
        .or_else(|| glued(head, before))
}

/// Returns the hint of two words that have a meaning only together.
fn of_two(last: Option<&str>, head: &str) -> Option<NameHint> {
    match (last?, head) {
        ("pass", "word" | "phrase" | "code")
        | ("secret" | "security", "answer")
        | ("redis" | "rediscli", "auth") => Some(NameHint::Password),
        (last, "phrase") if PHRASES.contains(last) => Some(NameHint::Password),
        ("webhook", "signature") | ("basic", "auth") | ("snmp", "community") => {
            Some(NameHint::Secret)
        }
        (last, "code" | "codes") if CODES.contains(last) => Some(NameHint::Pin),
        (last, "auth") if PURPOSES.contains(last) => Some(NameHint::Secret),
        // `AUTH` behind another word may be a kind of authentication.
        (_, "auth") => Some(NameHint::Mention),
        _ => None,
    }
}

/// Returns the hint of words that have a meaning by themselves, but a weaker one.
fn alone(head: &str, last: Option<&str>) -> Option<NameHint> {
    if PINS.contains(head) {
        return Some(NameHint::Pin);
    }
    // A single letter has a meaning only behind another word: `hmac_k`.
    (POSSIBLE.contains(head) && (head != "k" || last.is_some())).then_some(NameHint::Possible)
}

/// Returns the hint of words that are written together: `dbpassword`, `stripekey`, `sessionkeys`,
/// `apikeyprod`.
///
/// `dbpassword` → password; `apikeyprod` → secret, by the word without `prod`; `monkey` and
/// `compass` → none.
fn glued(head: &str, before: &[&str]) -> Option<NameHint> {
    if matches!(
        head,
        "secretanswer" | "securityanswer" | "seedphrase" | "recoveryphrase" | "keyphrase"
    ) {
        return Some(NameHint::Password);
    }
    let key = KEYS.iter().find_map(|key| head.strip_suffix(key));
    if let Some(kind) = key.filter(|kind| kind.len() > 1 && !NO_KEY.contains(kind)) {
        return Some(if SECRET_KEY.contains(kind) {
            NameHint::Secret
        } else {
            NameHint::Possible
        });
    }
    if let Some((_, hint)) = JOINED
        .iter()
        .find(|(end, _)| head.len() > end.len() && head.ends_with(end))
    {
        return (!NO_PASS.contains(head)).then_some(*hint);
    }
    if head
        .strip_suffix("pin")
        .is_some_and(|owner| PIN_OWNERS.contains(owner))
    {
        return Some(NameHint::Pin);
    }
    let code = head
        .strip_suffix("codes")
        .or_else(|| head.strip_suffix("code"));
    if code.is_some_and(|kind| CODES.contains(kind)) {
        return Some(NameHint::Pin);
    }
    let inner = GLUED
        .iter()
        .find_map(|end| head.strip_suffix(end))
        .filter(|inner| inner.len() > 3)?;
    direct(inner, before).filter(|hint| hint.is_strong())
}

/// Returns the hint of a key by the words before it.
///
/// `CACHE_KEY` → public; `SIGNING_KEY` → secret; `API_FOO_KEY` → secret, by `api` in front;
/// `FOO_KEY` → possible.
fn key(before: &[&str]) -> NameHint {
    // `aws_secret_access_key`. A name with an `id` behind the key has `id` as its head, and is not
    // classified here.
    match before.last() {
        Some(last) if ORDINARY_KEY.contains(last) => NameHint::Public,
        Some(last) if SECRET_KEY.contains(last) => NameHint::Secret,
        Some(_)
            if before
                .iter()
                .any(|word| matches!(*word, "secret" | "private" | "api")) =>
        {
            NameHint::Secret
        }
        _ => NameHint::Possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classify_name_goes_by_the_last_word_with_a_meaning() {
        let cases = [
            (
                NameHint::Password,
                "DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD pgpassword smtpPass DB_PWD MasterUserPassword DBPasswordProd admin_pw PassPhrase redis.password PASSWORD_2 MOT_DE_PASSE_BDD claveWifi PASSWORD_FOR_ADMIN REDIS_AUTH CONTRASEÑA seed-phrase enablePassword",
            ),
            (
                NameHint::Secret,
                "TOKEN_FOR_SLACK API_SCHLUESSEL CLE_API LLAVE_SECRETA apikeyprod COOKIEKEYS GEHEIMNIS tkn snmp_community API_KEY apiKey JWT_SECRET slack-token AWS_SECRET_ACCESS_KEY GITHUB_PAT clientsecret SecretKeyBase PRIVATE_KEY_PEM ACCESS_TOKEN npm_authToken githubtoken SIGNING_KEY_V2",
            ),
            (
                NameHint::Pin,
                "HSM_PIN adminpin doorPin SIM_PUK recovery_codes sicherheitscode",
            ),
            (
                NameHint::Possible,
                "STRIPE_KEY KEY AUTH SENTRY_DSN PASSWORD_SALT hmac_k1 xsrfsalt TURN_SHARED MAILGUN TWILIO_PROD LIZENZSCHLUESSEL chave-pix",
            ),
            (
                NameHint::Public,
                "PUBLIC_KEY S3Key STRIPE_PUBLISHABLE_KEY NextToken CACHE_KEY RECAPTCHA_SITE_KEY PublicToken",
            ),
            (
                NameHint::Nothing,
                "KEYBOARD PASSENGER_COUNT DB_HOST MONKEY compass LOG_LEVEL bypass tokenize VERSION_PINNED K COUNTRY_CODE MAILGUN_DOMAIN",
            ),
            (
                NameHint::About(Aspect::Name),
                "SECRET_NAME ACCESS_KEY_ID TOKEN_HEADER PASSWORD_PARAMETER_NAME",
            ),
            (
                NameHint::About(Aspect::Place),
                "SECRET_ARN PASSWORD_FILE TOKEN_URL DbSecretArn CLAVE_ARN",
            ),
            (
                NameHint::About(Aspect::Measure),
                "TOKEN_TTL PASSWORD_MIN_LENGTH",
            ),
            (
                NameHint::About(Aspect::Manner),
                "PASSWORD_POLICY TOKEN_TYPE",
            ),
        ];
        for (expected, names) in cases {
            for name in names.split(' ') {
                assert_eq!(classify_name(name), expected, "{name}");
            }
        }
    }
}
