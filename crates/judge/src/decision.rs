//! The decision table: what place, name and value say together.

use crate::embedded::listed;
use crate::name::vocabulary::{PASSWORD, SALTS};
use crate::name::{Aspect, NameHint, classify_name};
use crate::value::{
    Harmless, Joined, Rest, ValueClass, classify_value, is_first_try_with_number, is_spoken, without_placeholders,
};
use crate::words::{WordList, words};

/// How much a place says about the values in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A property that takes a secret and nothing else.
    SecretOnly,
    /// A place where authors give names to values: environments, options, parameters, mappings.
    Named,
    /// An assignment in a script or configuration.
    Script,
    /// A literal in program code.
    Code,
    /// A header of HTTP by which an origin knows who may ask it.
    Header,
    /// A property of a resource whose schema does not say that it takes a secret.
    Schema,
}

/// What is thought of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A secret.
    Secret,
    /// Probably a secret.
    Unsure,
    /// What everybody tries first, where a secret belongs.
    Weak,
}

/// Judges a value by the slot it fills, its name and its own class. Returns `None` if it is not a secret.
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
        return listed.into_iter().filter_map(|item| judge_one(slot, name, item)).min_by_key(|verdict| *verdict as u8);
    }
    judge_one(slot, name, value)
}

fn judge_one(slot: Slot, name: &str, value: &str) -> Option<Verdict> {
    let hint = classify_name(name);
    if !matches!(slot, Slot::SecretOnly | Slot::Header) && matches!(hint, NameHint::Nothing | NameHint::Public) {
        return None;
    }
    decide(slot, name, hint, value.trim(), classify_value(value))
}

/// Dispatches to the table of the slot.
fn decide(slot: Slot, name: &str, hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    match slot {
        Slot::SecretOnly => takes(class, value),
        Slot::Named => named(name, hint, value, class),
        Slot::Script => script(named(name, hint, value, class)?, class, value),
        Slot::Code => code(hint, value, class),
        Slot::Header => named(name, hint, value, class).or_else(|| header(name, value, class)),
        Slot::Schema => schema(name, hint, value, class),
    }
}

/// A literal is a secret here, whatever it looks like; but for what can't be one.
fn takes(class: ValueClass, value: &str) -> Option<Verdict> {
    match class {
        ValueClass::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Secret),
        ValueClass::Harmless(Harmless::Reference) => made_up_part(value).map(|_| Verdict::Secret),
        ValueClass::Harmless(_) => None,
        ValueClass::Weak => Some(Verdict::Weak),
        ValueClass::Words(_) | ValueClass::Mixed | ValueClass::Random => Some(Verdict::Secret),
    }
}

fn named(name: &str, hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    if hint != NameHint::Nothing && is_user_and_password(name, value) {
        return Some(Verdict::Secret);
    }
    match hint {
        NameHint::Password => password(name, value, class),
        NameHint::Secret => secret(name, value, class),
        NameHint::Pin => (is_code(value) || class == ValueClass::Random && value.len() >= 8).then_some(Verdict::Unsure),
        NameHint::Possible if is_salt(name) && value.len() >= 8 => match class {
            ValueClass::Random => Some(Verdict::Secret),
            ValueClass::Mixed => Some(Verdict::Unsure),
            _ => None,
        },
        NameHint::Possible => (class == ValueClass::Random && value.len() >= 16).then_some(Verdict::Secret),
        NameHint::Mention => match class {
            ValueClass::Random if value.len() >= 16 => Some(Verdict::Secret),
            ValueClass::Random | ValueClass::Mixed if value.len() >= 8 && has_signs_or_cases(value) => {
                Some(Verdict::Secret)
            }
            // `PASSWORD_SLACK: …`: lower case will do where digits are among it.
            ValueClass::Random | ValueClass::Mixed
                if value.len() >= 8 && digits(value) >= 2 && is_about_password(name) =>
            {
                Some(Verdict::Secret)
            }
            _ => None,
        },
        // `TOKEN_FILE` with something that no file is called.
        NameHint::About(Aspect::Place) => (class == ValueClass::Random && value.len() >= 16).then_some(Verdict::Unsure),
        NameHint::About(_) | NameHint::Public | NameHint::Nothing => None,
    }
}

fn password(name: &str, value: &str, class: ValueClass) -> Option<Verdict> {
    match class {
        ValueClass::Words(Joined::One) if repeats(name, value) => Some(Verdict::Weak),
        ValueClass::Random | ValueClass::Words(Joined::One) => Some(Verdict::Secret),
        ValueClass::Mixed => (value.chars().count() >= 4).then_some(Verdict::Secret),
        ValueClass::Weak => Some(Verdict::Weak),
        // `TestPassword` is one; `quiz-db-password` is what a secret is called.
        ValueClass::Words(Joined::AsName) if value.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            if repeats(name, value) { None } else { Some(Verdict::Secret) }
        }
        ValueClass::Words(Joined::AsName) if names_a_secret(value) => None,
        ValueClass::Words(Joined::AsName) if is_made_up(value) => Some(Verdict::Secret),
        ValueClass::Words(Joined::AsName) => Some(Verdict::Unsure),
        ValueClass::Words(Joined::ByBlanks) => is_passphrase(value).then_some(Verdict::Unsure),
        ValueClass::Harmless(Harmless::Place | Harmless::Reference) if is_dotted_phrase(value) => Some(Verdict::Unsure),
        ValueClass::Harmless(Harmless::Reference) => {
            made_up_part(value).filter(|part| !names_a_secret(part)).map(|_| Verdict::Unsure)
        }
        ValueClass::Harmless(Harmless::Number) => is_digits(value, 4).then_some(Verdict::Weak),
        ValueClass::Harmless(_) => None,
    }
}

fn secret(name: &str, value: &str, class: ValueClass) -> Option<Verdict> {
    match class {
        ValueClass::Random => Some(Verdict::Secret),
        ValueClass::Mixed => (value.chars().count() >= 6).then_some(Verdict::Secret),
        ValueClass::Weak => Some(Verdict::Weak),
        ValueClass::Words(Joined::One) if names_a_secret(value) => Some(Verdict::Weak),
        ValueClass::Words(Joined::One) if value.len() < 8 => is_first_try_with_number(value).then_some(Verdict::Weak),
        ValueClass::Words(Joined::One) if digits(value) >= 2 => Some(Verdict::Secret),
        ValueClass::Words(Joined::AsName) if is_word_and_number(value) && value.split(['-', '_', '.']).count() > 2 => {
            Some(Verdict::Unsure)
        }
        // A `…_TOKEN` or `…_KEY` with a word is rather of a kind than a secret.
        ValueClass::Words(Joined::One) => has_head(name, "secret").then_some(Verdict::Unsure),
        // `SESSION_SECRET: keyboard cat`: what people type where a secret is asked for.
        ValueClass::Words(Joined::ByBlanks) if has_head(name, "secret") => {
            is_passphrase(value).then_some(Verdict::Unsure)
        }
        ValueClass::Words(Joined::ByBlanks) if words(name).iter().any(|word| word.starts_with("mnemonic")) => {
            is_phrase(value, 12).then_some(Verdict::Secret)
        }
        ValueClass::Words(Joined::AsName) if has_head(name, "secret") => {
            (is_joined_phrase(value) || is_word_and_number(value)).then_some(Verdict::Unsure)
        }
        ValueClass::Words(_) | ValueClass::Harmless(_) => None,
    }
}

/// In scripts, words that stand for themselves are rather arguments than secrets.
fn script(verdict: Verdict, class: ValueClass, value: &str) -> Option<Verdict> {
    let has_digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_sentence = class == ValueClass::Words(Joined::ByBlanks)
        || class == ValueClass::Words(Joined::AsName) && !has_digits
        || value.contains("  ");
    (!is_sentence).then_some(verdict)
}

/// Words that programs give to the names of passwords: types, states, parts of forms.
static CODE_WORDS: WordList = WordList::new(
    "attribute boolean cancel change column confirm confirmed control current define defined encrypted expired failed forgot hashed incorrect \
     input integer invalid length locked manual message missing number object option passthrough pattern plaintext prompt random \
     redirect refresh rejected repeat reset return schema sensitive session strength strong submit success update updated valid \
     varchar verify wrong",
);

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
            let is_literal =
                value.len() >= 6 && !value.contains(' ') && value.bytes().any(|byte| byte.is_ascii_digit());
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

/// Words in the names of headers whose values look drawn, and are no secret.
static TRACES: WordList =
    WordList::new("build commit correlation etag hash id release request revision sha trace version");

/// `X-Origin-Verify: …`: whoever knows the value passes for the distribution.
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
        ValueClass::Words(Joined::One | Joined::AsName) => (!names_a_secret(value)).then_some(Verdict::Unsure),
        _ => None,
    }
}

/// The schema knows the property, and does not say that it takes a secret.
fn schema(name: &str, hint: NameHint, value: &str, class: ValueClass) -> Option<Verdict> {
    let is_drawn = class == ValueClass::Random && value.len() >= 16;
    match hint {
        NameHint::Password => password(name, value, class),
        NameHint::Secret if is_drawn => Some(Verdict::Secret),
        _ => None,
    }
}

/// As passwords have them, and ids have not.
fn has_signs_or_cases(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    has(|byte| b"!@#$^&*?~+=".contains(byte))
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// Heads of names that a user and a password stand under.
static PAIRS: WordList = WordList::new(
    "acceso auth basicauth cred credenciais credenciales credential credentials credenziali creds identifiants kennung \
     login logon userpass users zugang zugangsdaten",
);

/// `BASIC_AUTH: admin:…`, `CREDENTIALS: app/…`
fn is_user_and_password(name: &str, value: &str) -> bool {
    if !head(name).is_some_and(|head| PAIRS.contains(&head)) {
        return false;
    }
    let is_user = |user: &str| {
        !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
    };
    let is_password = |secret: &str| password("password", secret, classify_value(secret)) == Some(Verdict::Secret);
    if let Some((user, secret)) = value.split_once(':') {
        return is_user(user) && is_password(secret) && !is_scope(user, secret);
    }
    // A path has slashes, too: what stands behind it must be no word.
    let is_no_word =
        |secret: &str| matches!(classify_value(secret), ValueClass::Mixed | ValueClass::Random) || is_made_up(secret);
    value.split_once('/').is_some_and(|(user, secret)| {
        let secret = secret.trim_start();
        is_user(user.trim_end()) && !secret.contains('/') && is_no_word(secret) && is_password(secret)
    })
}

/// `write:pets`: what a token of OAuth may be used for.
fn is_scope(action: &str, of: &str) -> bool {
    let actions = ["admin", "create", "delete", "list", "manage", "read", "update", "view", "write"];
    actions.contains(&action) && of.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-.:".contains(&byte))
}

fn is_about_password(name: &str) -> bool {
    words(name).iter().any(|word| PASSWORD.contains(word))
}

fn is_salt(name: &str) -> bool {
    head(name).is_some_and(|head| SALTS.contains(&head) || head.ends_with("salt"))
}

/// The last word of a name that is no number.
fn head(name: &str) -> Option<String> {
    words(name).into_iter().rfind(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn has_head(name: &str, word: &str) -> bool {
    head(name).is_some_and(|head| head == word)
}

fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// `Rocket-1709`, but not `prod-db-2`: as people make passwords of words.
fn is_made_up(value: &str) -> bool {
    let digits = digits(value);
    digits >= 3 || digits > 0 && value.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The part of a computed value that somebody made up: `Zebra7` of `${Env}-Zebra7`.
fn made_up_part(value: &str) -> Option<String> {
    let Rest { literal, had_placeholders } = without_placeholders(value);
    let parts = || literal.split(|character: char| character.is_whitespace() || "-_".contains(character));
    let is_part = |part: &&str| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        letters >= 4
            && is_made_up(part)
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#%&*?@^~".contains(&byte))
            && !words(part).iter().any(|word| RESOURCE_WORDS.contains(word))
    };
    let is_plain = had_placeholders && !literal.contains(['/', ':', '{', '}']);
    parts().find(is_part).filter(|_| is_plain).map(str::to_owned)
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

/// Words of which sentences about passwords are made.
static ABOUT: WordList = WordList::new(
    "a admin administrator an and any are as ask at auto automatically be by can change config contact database default empty \
     enter env environment file for from generate generated hidden if in is managed manager manually master may must name new no \
     none not of old on optional parameter parameters please prompt provide provided random randomly required root same see service \
     set should ssm store stored string text that the this to unset unused use used user using value variable vault via when where \
     will with your",
);

/// Two words or more that make no sentence: `heron lagoon`, `Amber Lagoon 896!`.
fn is_passphrase(value: &str) -> bool {
    let all: Vec<&str> = value.trim_end_matches(['!', '?']).split(' ').filter(|word| !word.is_empty()).collect();
    let is_word = |word: &&str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    (2..=25).contains(&all.len())
        && all.iter().all(|word| is_number(word) || word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && all.iter().filter(|word| is_word(word)).count() >= 2
        && all.iter().filter(|word| is_number(word)).count() <= 1
        && !all.iter().any(|word| ABOUT.contains(&word.to_ascii_lowercase()))
        && !names_a_secret(value)
}

/// `least` words or more in lower case, a number among them at most, that make no sentence.
fn is_phrase(value: &str, least: usize) -> bool {
    let all: Vec<&str> = value.split(' ').collect();
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let longer = all.iter().filter(|word| word.len() >= 3 && is_word(word)).count();
    let grammar =
        ["the", "for", "and", "with", "from", "use", "used", "must", "this", "that", "your", "are", "not", "see"];
    (least..=25).contains(&longer)
        && all.iter().all(|word| is_word(word) || is_number(word))
        && all.iter().filter(|word| is_number(word)).count() <= 1
        && (all.len() <= 8 || longer == all.len())
        && !all.iter().any(|word| grammar.contains(word))
        && !names_a_secret(value)
}

/// `silver_zephyr_biscuit_walnut`: four words or more, of which none is used to name resources.
fn is_joined_phrase(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.']).collect();
    let is_word =
        |part: &&str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_lowercase()) && is_spoken(part);
    parts.len() >= 4
        && parts.iter().all(is_word)
        && !parts.iter().any(|part| RESOURCE_WORDS.contains(part))
        && !names_a_secret(value)
}

/// The same joined by dots, which looks as a host or an expression.
fn is_dotted_phrase(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.') && is_joined_phrase(value)
}

/// `lantern-4308` and `amber-lagoon-896`, but not `app-2024`.
fn is_word_and_number(value: &str) -> bool {
    let Some((front, number)) = value.rsplit_once(['-', '_', '.']) else { return false };
    let words: Vec<&str> = front.split(['-', '_', '.']).collect();
    let is_word = |word: &&str| {
        word.len() >= 4
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !RESOURCE_WORDS.contains(&word.to_ascii_lowercase())
    };
    // Several words and a year are rather a name.
    let is_year = words.len() > 1 && number.len() == 4 && number.starts_with("20");
    words.iter().all(is_word)
        && (3..=6).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !is_year
        && !names_a_secret(value)
}

/// Words that names of hosts, resources and variables are made of.
static RESOURCE_WORDS: WordList = WordList::new(
    "admin alpha amazon amazonaws api app application apps aws backend beta bucket build cache cluster com config data \
     database demo dev development docker eu event events example frontend github host http https image info internal \
     io job jobs key lambda lib local localhost log logs main master module name net node org output outputs param \
     params prod production process project props public queue redis region release role root sandbox schema secret \
     server service services session settings site stack stage staging state store svc system table task team template \
     test tests token topic user users util utils values var vars version web worker www",
);

/// Four digits or more, or several such.
fn is_code(value: &str) -> bool {
    let is_number = |part: &str| (4..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    value.split([',', ' ', ';']).filter(|part| !part.is_empty()).all(is_number) && !value.trim().is_empty()
}
