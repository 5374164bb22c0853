//! A value whose name suggests a secret, and that is plausibly one.
//!
//! Place, name and value are weighed together by `byref-judge`. Two kinds of findings do not come
//! from there:
//!
//! - a value that was pasted in place of a reference, where only the syntax of names and ARNs is
//!   expected
//! - the message, which names the reasons without repeating anything of the value

use byref_judge::{
    NameHint, Rest, ValueClass, classify_name, classify_value, looks_random, without_placeholders,
};

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::judgement::TextJudgement;
use crate::path::Step;
use crate::place::Place;
use crate::subject::{Resource, Subject};

/// The rule `secret-name`.
pub(crate) static RULE: Rule = Rule {
    id: "secret-name",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a value whose name suggests a secret, and that is plausibly one",
    page: include_str!("../../rules/secret-name.md"),
    check: &SecretName,
};

struct SecretName;

impl Check for SecretName {
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        found.extend(named(value).or_else(|| pasted_reference(value.subject)));
    }

    fn text(&self, text: &TextJudgement<'_>, found: &mut Vec<Found>) {
        found.extend(text.named.iter().filter_map(|named| {
            Some(Found {
                range: named.range.clone(),
                level: super::level(named.verdict)?,
                name: Some(named.name.to_owned()),
                message: message(named.name, "", &text.text[named.range.clone()]),
                help: super::TEXT_HELP,
            })
        }));
    }
}

/// Returns the finding for a value that its name makes a secret; weak values are left to the rule
/// `weak-secret`.
pub(crate) fn named(value: &Judged<'_, '_, '_>) -> Option<Found> {
    let subject = value.subject;
    let level = super::level(value.judgement.by_name?)?;
    let help = match subject.place {
        Place::Environment if subject.resource.is_some_and(Resource::takes_references) => {
            "store it in Parameter Store, and refer to it from `Secrets`: `byref init` and `byref rewrite` do that"
        }
        Place::ParameterDefault => {
            "remove the default, and let the parameter be the name of a stored secret"
        }
        _ => "store it in Parameter Store or Secrets Manager, and refer to it",
    };
    let place = format!(" in {}", subject.place.describe());
    let message = message(subject.name, &place, subject.text());
    Some(Found {
        range: subject.trimmed(),
        level,
        name: None,
        message,
        help,
    })
}

/// Returns the message for a secret, with the reasons that lie in its name and in its value.
/// `place` begins with a space, or is empty.
pub(crate) fn message(name: &str, place: &str, value: &str) -> String {
    let by_name = match classify_name(name) {
        NameHint::Password => "the name suggests a password",
        NameHint::Secret => "the name suggests a secret",
        NameHint::Possible | NameHint::Mention => "the name could be that of a secret",
        _ => "this is where a secret belongs",
    };
    let by_value = match classify_value(value.trim()) {
        ValueClass::Random => "the value looks machine-generated",
        ValueClass::Mixed => "the value is not a word, number or reference",
        ValueClass::Weak => "the value is one of the first that an attacker tries",
        ValueClass::Words(_) | ValueClass::Harmless(_) => "the value is a literal",
    };
    format!("`{name}` is a plaintext secret{place}: {by_name} and {by_value}")
}

/// The keys whose values services take for the name or ARN of a parameter or secret; `Value` in the
/// lists of App Runner, `CodeBuild` and Elastic Beanstalk.
const REFERENCE_KEYS: [&str; 5] = [
    "ValueFrom",
    "valueFrom",
    "CredentialsParameter",
    "Value",
    "value",
];

/// Returns the finding for a value that was pasted where a reference belongs.
fn pasted_reference(subject: &Subject<'_, '_>) -> Option<Found> {
    let key = subject.path.steps().iter().rev().find_map(Step::key)?;
    let is_reference = subject.place == Place::Reference && REFERENCE_KEYS.contains(&key);
    (is_reference && is_pasted(subject.text().trim())).then(|| Found {
        range: subject.trimmed(),
        level: Level::Error,
        name: None,
        message: format!(
            "`{key}` takes the name or ARN of a parameter, but this looks like a plaintext value"
        ),
        help: "rotate the value, store it in Parameter Store, and write the parameter's ARN here",
    })
}

/// Returns `true` if a text cannot be a name or ARN, or looks machine-generated.
///
/// Source: Systems Manager user guide, "About requirements and constraints for parameter names";
/// Secrets Manager's API reference, `CreateSecret`.
fn is_pasted(text: &str) -> bool {
    // `rds!cluster-…`: secrets that a service manages.
    /// The prefixes of such secrets.
    const MANAGED: [&str; 7] = [
        "appflow!",
        "databrew!",
        "datazone!",
        "directconnect!",
        "events!",
        "rds!",
        "redshift!",
    ];
    if MANAGED.iter().any(|service| text.starts_with(service)) {
        return false;
    }
    let Rest {
        literal,
        had_placeholders,
    } = without_placeholders(text);
    // A name has no space, but what is left of placeholders has.
    let is_name = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"_.-/:+=@".contains(&byte)
            || had_placeholders && byte.is_ascii_whitespace()
    };
    if text.starts_with("arn:") {
        let is_of_store = text.contains(":ssm:") || text.contains(":secretsmanager:");
        return !is_of_store
            && literal
                .split(':')
                .any(|part| part.len() >= 12 && looks_random(part));
    }
    // `postgres://user:password@host`
    if !had_placeholders && text.contains("://") && text.contains('@') {
        return true;
    }
    // Templating engines have more placeholders than are known here.
    let has_engine = text.contains(['$', '{', '<']);
    if !literal.bytes().all(is_name) {
        return !has_engine || had_placeholders && !literal.contains(['$', '{', '<']);
    }
    let is_plain = !literal.contains(['/', ':']);
    match (is_plain, had_placeholders) {
        (true, _) => {
            (had_placeholders || !has_engine)
                && matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
        }
        (false, false) => is_drawn_path(text),
        (false, true) => false,
    }
}

/// Returns `true` for `/x7Kq…` and `kJ8/fQ2+…`: the slashes of base64, which do not separate words.
fn is_drawn_path(text: &str) -> bool {
    let steps = || text.split(['/', ':']).filter(|step| !step.is_empty());
    let is_word = |step: &str| {
        let letters = step.bytes().filter(u8::is_ascii_alphabetic).count();
        letters >= 2 && !step.bytes().any(|byte| byte.is_ascii_digit()) && !looks_random(step)
    };
    let joined: String = steps().collect();
    joined.len() >= 12 && looks_random(&joined) && !steps().any(is_word)
}
