//! A value whose name says secret, and that is plausibly one.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::{Judgement, reason};
use crate::path::Step;
use crate::place::Place;
use crate::subject::Subject;
use byref_judge::{Rest, ValueClass, Verdict, classify_value, looks_random, without_placeholders};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "secret-name",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a value whose name says secret, and that is plausibly one",
    page: include_str!("../../rules/secret-name.md"),
};

pub(crate) fn check(subject: &Subject<'_, '_>, judgement: &Judgement) -> Option<Found> {
    let level = match judgement.by_name? {
        Verdict::Secret => Level::Error,
        Verdict::Unsure => Level::Warning,
        Verdict::Weak => return None,
    };
    let help = match subject.place {
        Place::Environment if subject.resource.is_some_and(crate::subject::Resource::takes_references) => {
            "store it in Parameter Store, and refer to it from `Secrets`: `byref init` and `byref rewrite` do that"
        }
        Place::ParameterDefault => "remove the default, and let the parameter be the name of a stored secret",
        _ => "store it in Parameter Store or Secrets Manager, and refer to it",
    };
    let reason = reason(subject.name, subject.text());
    let (name, place) = (subject.name, subject.place.words());
    Some(Found {
        range: Judgement::whole(subject),
        level,
        name: None,
        message: format!("`{name}` is a plaintext secret in {place}: {reason}"),
        help,
    })
}

/// The keys whose values services take for the name or ARN of a parameter or secret; `Value` in the lists of App Runner,
/// `CodeBuild` and Elastic Beanstalk.
const REFERENCE_KEYS: [&str; 5] = ["ValueFrom", "valueFrom", "CredentialsParameter", "Value", "value"];

/// A value that was pasted where a reference belongs.
pub(crate) fn check_reference(subject: &Subject<'_, '_>) -> Option<Found> {
    let key = subject.path.steps().iter().rev().find_map(Step::key)?;
    let is_reference = subject.place == Place::Reference && REFERENCE_KEYS.contains(&key);
    (is_reference && is_pasted(subject.text().trim())).then(|| Found {
        range: Judgement::whole(subject),
        level: Level::Error,
        name: None,
        message: format!(
            "`{key}` takes the name or ARN of a parameter, and holds what looks like a value in plaintext"
        ),
        help: "store the value in Parameter Store, rotate it, and write the parameter's ARN here",
    })
}

/// Whether a text can be no name or ARN, or looks drawn by a machine.
///
/// Source: Systems Manager user guide, "About requirements and constraints for parameter names"; Secrets Manager's API
/// reference, `CreateSecret`.
fn is_pasted(text: &str) -> bool {
    // `rds!cluster-…`: secrets that a service manages.
    const MANAGED: [&str; 7] = ["appflow!", "databrew!", "datazone!", "directconnect!", "events!", "rds!", "redshift!"];
    if MANAGED.iter().any(|service| text.starts_with(service)) {
        return false;
    }
    let Rest { literal, had_placeholders } = without_placeholders(text);
    // A name has no space either, but what is left of placeholders does.
    let is_name = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"_.-/:+=@".contains(&byte) || had_placeholders && byte.is_ascii_whitespace()
    };
    if text.starts_with("arn:") {
        let is_of_store = text.contains(":ssm:") || text.contains(":secretsmanager:");
        return !is_of_store && literal.split(':').any(|part| part.len() >= 12 && looks_random(part));
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
            (had_placeholders || !has_engine) && matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
        }
        (false, false) => is_drawn_path(text),
        (false, true) => false,
    }
}

/// `/x7Kq…`, `kJ8/fQ2+…`: slashes that a machine has drawn, and not a path of words.
fn is_drawn_path(text: &str) -> bool {
    let steps = || text.split(['/', ':']).filter(|step| !step.is_empty());
    let is_word = |step: &str| {
        let letters = step.bytes().filter(u8::is_ascii_alphabetic).count();
        letters >= 2 && !step.bytes().any(|byte| byte.is_ascii_digit()) && !looks_random(step)
    };
    let joined: String = steps().collect();
    joined.len() >= 12 && looks_random(&joined) && !steps().any(is_word)
}
