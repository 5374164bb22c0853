//! Entries that look like secrets, for a first configuration.

use byref_parameter::{ParameterArn, ParameterName, SecretsManagerArn};
use byref_template::{NodeRef, Span};

use crate::container::{Container, Guard, branches, literal, task_definitions};
use crate::list::Pair;
use crate::request::Document;
use crate::value::Declarations;

/// An entry of `Environment` or `Secrets` that is, or looks like, a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name of the environment variable.
    pub name: String,
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]`.
    pub container: String,
    /// The entry in the template.
    pub span: Span,
    /// Why it is thought to be a secret.
    pub reason: &'static str,
    /// How it stands in the template.
    pub standing: Standing,
}

/// How a candidate stands in the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its value is there.
    Value,
    /// A reference that is written out: a parameter's name, or an ARN.
    Reference(String),
    /// A reference that is computed.
    ComputedReference,
}

/// Words that a secret's name is made of.
const SECRET_WORDS: [&str; 16] = [
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "DSN",
    "JWT",
    "KEY",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PWD",
    "SALT",
    "SECRET",
    "SECRETS",
    "TOKEN",
];

/// Last words of names that say where a secret is, or something about it.
const POINTING_WORDS: [&str; 26] = [
    "ALGORITHM",
    "ARN",
    "DIR",
    "ENABLED",
    "ENDPOINT",
    "EXPIRY",
    "FILE",
    "FORMAT",
    "HOST",
    "ID",
    "ISSUER",
    "LENGTH",
    "LOCATION",
    "NAME",
    "PATH",
    "PORT",
    "PREFIX",
    "REGION",
    "ROTATION",
    "SIZE",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "VERSION",
];

/// The entries that look like secrets, in the order of the template; never with their values.
pub fn secret_candidates(document: &Document) -> Vec<Candidate> {
    let declarations = Declarations::of(&document.template);
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions.iter().flat_map(|task_definition| &task_definition.containers) {
        for pair in &container.environment.pairs {
            if let Some(reason) = reason(pair, &declarations) {
                found.extend(candidate(container, pair, reason, Standing::Value));
            }
        }
        for pair in &container.secrets.pairs {
            found.extend(candidate(container, pair, "a reference already", standing(pair)));
        }
    }
    found.sort_by_key(|candidate| candidate.span);
    found
}

fn candidate(
    container: &Container<'_>,
    pair: &Pair<'_>,
    reason: &'static str,
    standing: Standing,
) -> Option<Candidate> {
    Some(Candidate {
        name: pair.name.clone()?,
        task_definition: container.task_definition.clone(),
        container: container.label(),
        span: pair.mapping.full_span(),
        reason,
        standing,
    })
}

/// What a reference says, where it is one that a configuration can repeat.
fn standing(pair: &Pair<'_>) -> Standing {
    let text = pair.value.and_then(|entry| literal(entry.value));
    let is_valid = |text: &String| {
        let is_name = text.parse::<ParameterName>().is_ok();
        is_name || text.parse::<ParameterArn>().is_ok() || text.parse::<SecretsManagerArn>().is_ok()
    };
    text.filter(is_valid).map_or(Standing::ComputedReference, Standing::Reference)
}

fn reason(pair: &Pair<'_>, declarations: &Declarations<'_>) -> Option<&'static str> {
    let name = pair.name.as_deref()?;
    let value = pair.value?.value;
    let alternatives = branches(value, &Guard::default());
    if alternatives.iter().any(|(node, _)| is_no_echo(*node, declarations)) {
        return Some("a parameter with NoEcho");
    }
    let texts: Vec<String> = alternatives.iter().filter_map(|(node, _)| literal(*node)).collect();
    if texts.iter().any(|text| has_password_in_url(text)) {
        return Some("a password in a URL");
    }
    let is_dynamic =
        |text: &String| text.contains("{{resolve:secretsmanager:") || text.contains("{{resolve:ssm-secure:");
    if texts.iter().any(is_dynamic) {
        return Some("a dynamic reference to a secret");
    }
    let is_empty = !texts.is_empty() && texts.iter().all(|text| is_no_secret(text));
    (says_secret(name) && !is_empty).then_some("its name")
}

fn is_no_echo(node: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let parameter = node.intrinsic().filter(|call| call.name == "Ref").and_then(byref_template::Intrinsic::target);
    let declared = parameter.and_then(|(name, _)| declarations.parameters.get(&name).copied());
    let no_echo = declared.and_then(|parameter| parameter.get("NoEcho")).and_then(literal);
    no_echo.is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Whether a name is made of words that say secret, and does not end in a word that points elsewhere.
fn says_secret(name: &str) -> bool {
    let words = words(name);
    let points = words.last().is_some_and(|last| POINTING_WORDS.contains(&last.as_str()));
    let public = words.iter().any(|word| word == "PUBLIC");
    !points && !public && words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
}

/// `dbPassword`, `DB_PASSWORD` and `db-password` are the words `DB` and `PASSWORD`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last_was_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (last_was_lower && character.is_uppercase()) {
            words.push(String::new());
        }
        last_was_lower = character.is_lowercase();
        if character.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(character.to_uppercase()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Empty, a switch, a number, an ARN or a path: no secret, whatever it is called.
fn is_no_secret(text: &str) -> bool {
    let is_switch = matches!(
        text.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null"
    );
    is_switch
        || text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit())
        || text.starts_with("arn:")
        || text.starts_with('/')
}

fn has_password_in_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_by_their_words() {
        for name in ["DB_PASSWORD", "dbPassword", "API_KEY", "JWT_SECRET", "slack-token", "SENTRY_DSN"] {
            assert!(says_secret(name), "{name}");
        }
        for name in
            ["KEYBOARD", "PASSENGER_COUNT", "SECRET_ARN", "TOKEN_TTL", "PUBLIC_KEY", "DB_HOST", "MONKEY", "SECRET_NAME"]
        {
            assert!(!says_secret(name), "{name}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_seen() {
        assert!(has_password_in_url("postgres://app:not-a-secret@db/app"));
        assert!(!has_password_in_url("https://example.com/a:b@c"));
        assert!(!has_password_in_url("redis://cache:6379"));
    }
}
