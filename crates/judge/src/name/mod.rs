//! What a name says about its value, by its words and their order.
//!
//! The last word that means something is the head: a `TOKEN_TTL` is a time, a `SECRET_NAME` a name, an `API_KEY_PROD`
//! a key. Words behind the head that only qualify it (`PROD`, `VALUE`, `2`) are passed over.

pub(crate) mod vocabulary;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::name::vocabulary::{
    CODES, GLUED, JOINED, KEYS, LEADING_KEYS, LEADING_POINTERS, LEADING_SECRET, MANNER, MEASURE, NAMED, NO_KEY,
    NO_PASS, ORDINARY_KEY, ORDINARY_TOKEN, PASSWORD, PERHAPS, PHRASES, PIN_OWNERS, PINS, PLACE, PREPOSITIONS, PUBLIC,
    PURPOSES, QUALIFIERS, SECRET, SECRET_KEY, VENDORS, VERBS,
};
use crate::prefixes::Prefixes;
use crate::words::words;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameHint {
    /// A password or passphrase, that a human may have made up.
    Password,
    /// A secret, a token, a private or API key.
    Secret,
    /// A number that opens something: a PIN, a recovery code.
    Pin,
    /// Something that is a secret often: a key of unknown kind, `AUTH`, `SALT`.
    Possible,
    /// A secret's word, and then one that tells nothing: `PASSWORD_ADMIN`, `SECRET_SAUCE`.
    Mention,
    /// A secret's word, and then one that says that this is something about it.
    About(Aspect),
    /// A public key, a cache key, a next token: not a secret, however it looks.
    Public,
    /// Nothing.
    Nothing,
}

impl NameHint {
    /// Whether it is what a human may have made up.
    pub fn is_password(self) -> bool {
        self == NameHint::Password
    }

    /// Whether the name alone makes a plausible value a secret.
    pub fn is_strong(self) -> bool {
        matches!(self, NameHint::Password | NameHint::Secret)
    }
}

/// What a name points at, and so what its value should look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Where it lies: a file, a path, an ARN, a URL.
    Place,
    /// How it is called: a name, an id, a label.
    Name,
    /// How much or how long.
    Measure,
    /// Anything else about it.
    Manner,
}

/// A quick look before the words of a name are split: whether any part of it can be a secret's word.
pub(crate) fn may_say_secret(name: &str) -> bool {
    static STEMS: OnceLock<Prefixes> = OnceLock::new();
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

/// What the words of a name say.
pub fn classify_name(name: &str) -> NameHint {
    /// So many names are remembered: the same few come again and again.
    const REMEMBERED: usize = 1024;
    thread_local! {
        static SAID: RefCell<HashMap<Box<str>, NameHint>> = RefCell::default();
    }
    if !may_say_secret(name) {
        return NameHint::Nothing;
    }
    SAID.with_borrow_mut(|said| {
        if let Some(known) = said.get(name) {
            return *known;
        }
        if said.len() >= REMEMBERED {
            said.clear();
        }
        let hint = read(name);
        said.insert(name.into(), hint);
        hint
    })
}

fn read(name: &str) -> NameHint {
    let all = words(name);
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = all.iter().filter(|word| !is_number(word)).map(String::as_str).collect();
    let is_version = |word: &str| word == "v";
    let end = words.iter().rposition(|word| !QUALIFIERS.contains(word) && !is_version(word));
    let Some(end) = end else { return NameHint::Nothing };
    let head = words[end];
    let before = &words[..end];
    if before.is_empty() && VENDORS.contains(head) {
        return NameHint::Possible;
    }
    if let Some(said) = before.first().filter(|first| VERBS.contains(first)).map(|verb| switch(verb, before, head)) {
        return said;
    }
    if before.first().is_some_and(|first| LEADING_POINTERS.contains(first)) && is_foreign(head, before) {
        return NameHint::About(Aspect::Name);
    }
    if let Some(said) = direct(head, before) {
        return if is_public(before) && said != NameHint::Password { NameHint::Public } else { said };
    }
    if let Some(said) = leading_key(&words[..=end]) {
        return said;
    }
    let of = |at: usize| direct(words[at], &words[..at]);
    if let Some(said) = end.checked_sub(1).and_then(of).filter(|said| said.is_strong() && PURPOSES.contains(head)) {
        return said;
    }
    // `TOKEN_FOR_SLACK`, but not `TOKEN_FOR_URL`.
    let for_what = (1..end).filter(|at| PREPOSITIONS.contains(words[*at]) && pointing(head).is_none());
    if let Some(said) = for_what.filter_map(|at| of(at - 1)).find(|said| said.is_strong()) {
        return said;
    }
    let about_secret = (0..end).any(|at| of(at).is_some_and(NameHint::is_strong));
    if !about_secret {
        return NameHint::Nothing;
    }
    match pointing(head) {
        Some(pointing) => NameHint::About(pointing),
        None => NameHint::Mention,
    }
}

/// `RequirePassword` is a switch; the enable password of a router is one.
fn switch(verb: &str, before: &[&str], head: &str) -> NameHint {
    let is_password = verb == "enable" && before.len() == 1 && PASSWORD.contains(head);
    if is_password { NameHint::Password } else { NameHint::About(Aspect::Manner) }
}

/// Whether a secret's word is one of the languages that put what says something about it first.
fn is_foreign(head: &str, before: &[&str]) -> bool {
    let is = |word: &str| {
        LEADING_KEYS.contains(word)
            || matches!(word, "clave" | "contra" | "contrasena" | "contraseña" | "senha" | "passe")
    };
    is(head) || before.iter().any(|word| is(word))
}

/// `CLE_API`, `LLAVE_SECRETA`, `chave-pix`: what the key is for stands behind it.
fn leading_key(words: &[&str]) -> Option<NameHint> {
    let at = words.iter().position(|word| LEADING_KEYS.contains(word))?;
    let others = || words.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, word)| word);
    if others().any(|word| PUBLIC.contains(word) || pointing(word).is_some()) {
        return None;
    }
    let is_secret = others().any(|word| LEADING_SECRET.contains(word));
    Some(if is_secret { NameHint::Secret } else { NameHint::Possible })
}

fn is_public(before: &[&str]) -> bool {
    before.iter().any(|word| PUBLIC.contains(word))
}

fn pointing(head: &str) -> Option<Aspect> {
    let kinds = [(PLACE, Aspect::Place), (NAMED, Aspect::Name), (MEASURE, Aspect::Measure), (MANNER, Aspect::Manner)];
    kinds.iter().find(|(words, _)| words.contains(head)).map(|(_, kind)| *kind)
}

/// What a head says with the words before it.
fn direct(head: &str, before: &[&str]) -> Option<NameHint> {
    let last = before.last().copied();
    if PASSWORD.contains(head) {
        return Some(NameHint::Password);
    }
    if matches!(head, "token" | "tokens") {
        let is_ordinary = last.is_some_and(|last| ORDINARY_TOKEN.contains(last));
        return Some(if is_ordinary { NameHint::Public } else { NameHint::Secret });
    }
    if SECRET.contains(head) {
        return Some(NameHint::Secret);
    }
    if KEYS.contains(head) {
        return Some(key(before));
    }
    of_two(last, head).or_else(|| alone(head, last)).or_else(|| glued(head, before))
}

/// Words that say it together.
fn of_two(last: Option<&str>, head: &str) -> Option<NameHint> {
    match (last?, head) {
        ("pass", "word" | "phrase" | "code") | ("secret" | "security", "answer") | ("redis" | "rediscli", "auth") => {
            Some(NameHint::Password)
        }
        (last, "phrase") if PHRASES.contains(last) => Some(NameHint::Password),
        ("webhook", "signature") | ("basic", "auth") | ("snmp", "community") => Some(NameHint::Secret),
        (last, "code" | "codes") if CODES.contains(last) => Some(NameHint::Pin),
        (last, "auth") if PURPOSES.contains(last) => Some(NameHint::Secret),
        // `AUTH` alone may be a kind of it.
        (_, "auth") => Some(NameHint::Mention),
        _ => None,
    }
}

/// Words that say it by themselves, more or less.
fn alone(head: &str, last: Option<&str>) -> Option<NameHint> {
    if PINS.contains(head) {
        return Some(NameHint::Pin);
    }
    // A lone letter says something behind another word: `hmac_k`.
    (PERHAPS.contains(head) && (head != "k" || last.is_some())).then_some(NameHint::Possible)
}

/// What is written together: `dbpassword`, `stripekey`, `sessionkeys`, `apikeyprod`.
fn glued(head: &str, before: &[&str]) -> Option<NameHint> {
    if matches!(head, "secretanswer" | "securityanswer" | "seedphrase" | "recoveryphrase" | "keyphrase") {
        return Some(NameHint::Password);
    }
    let key = KEYS.iter().find_map(|key| head.strip_suffix(key));
    if let Some(kind) = key.filter(|kind| kind.len() > 1 && !NO_KEY.contains(kind)) {
        return Some(if SECRET_KEY.contains(kind) { NameHint::Secret } else { NameHint::Possible });
    }
    if let Some((_, said)) = JOINED.iter().find(|(end, _)| head.len() > end.len() && head.ends_with(end)) {
        return (!NO_PASS.contains(head)).then_some(*said);
    }
    if head.strip_suffix("pin").is_some_and(|owner| PIN_OWNERS.contains(owner)) {
        return Some(NameHint::Pin);
    }
    let code = head.strip_suffix("codes").or_else(|| head.strip_suffix("code"));
    if code.is_some_and(|kind| CODES.contains(kind)) {
        return Some(NameHint::Pin);
    }
    let inner = GLUED.iter().find_map(|end| head.strip_suffix(end)).filter(|inner| inner.len() > 3)?;
    direct(inner, before).filter(|said| said.is_strong())
}

fn key(before: &[&str]) -> NameHint {
    // `aws_secret_access_key`, but `access_key` with an `id` behind it is looked at by its own head.
    match before.last() {
        Some(last) if ORDINARY_KEY.contains(last) => NameHint::Public,
        Some(last) if SECRET_KEY.contains(last) => NameHint::Secret,
        Some(_) if before.iter().any(|word| matches!(*word, "secret" | "private" | "api")) => NameHint::Secret,
        _ => NameHint::Possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_decide() {
        let cases = [
            (
                NameHint::Password,
                "DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD pgpassword smtpPass DB_PWD MasterUserPassword DBPasswordProd admin_pw PassPhrase redis.password PASSWORD_2 MOT_DE_PASSE_BDD claveWifi PASSWORD_FOR_ADMIN REDIS_AUTH CONTRASEÑA seed-phrase enablePassword",
            ),
            (
                NameHint::Secret,
                "TOKEN_FOR_SLACK API_SCHLUESSEL CLE_API LLAVE_SECRETA apikeyprod COOKIEKEYS GEHEIMNIS tkn snmp_community API_KEY apiKey JWT_SECRET slack-token AWS_SECRET_ACCESS_KEY GITHUB_PAT clientsecret SecretKeyBase PRIVATE_KEY_PEM ACCESS_TOKEN npm_authToken githubtoken SIGNING_KEY_V2",
            ),
            (NameHint::Pin, "HSM_PIN adminpin doorPin SIM_PUK recovery_codes sicherheitscode"),
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
            (NameHint::About(Aspect::Name), "SECRET_NAME ACCESS_KEY_ID TOKEN_HEADER PASSWORD_PARAMETER_NAME"),
            (NameHint::About(Aspect::Place), "SECRET_ARN PASSWORD_FILE TOKEN_URL DbSecretArn CLAVE_ARN"),
            (NameHint::About(Aspect::Measure), "TOKEN_TTL PASSWORD_MIN_LENGTH"),
            (NameHint::About(Aspect::Manner), "PASSWORD_POLICY TOKEN_TYPE"),
        ];
        for (expected, names) in cases {
            for name in names.split(' ') {
                assert_eq!(classify_name(name), expected, "{name}");
            }
        }
    }
}
