//! A value that is not in the template, but can be read after the deploy.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::subject::Subject;
use crate::template_facts::Parameter;
use byref_judge::classify_name;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "resolved-in-clear",
    level: Level::Warning,
    finds: Finds::Exposure,
    is_movable: false,
    summary: "a secret that is not in the template, but readable after the deploy",
    page: include_str!("../../rules/resolved-in-clear.md"),
};

const HELP: &str = "refer to it where the container reads it: `Secrets` with `ValueFrom`";

/// Dynamic references of which everybody who may describe the deployed resource sees the value.
pub(crate) fn check(subject: &Subject<'_, '_>) -> Option<Found> {
    if !subject.place.is_readable_after_deploy() {
        return None;
    }
    let text = subject.text();
    let at = text.find("{{resolve:")?;
    let rest = &text[at..];
    let end = rest.find("}}").map_or(rest.len(), |end| end + 2);
    let reference = &rest[..end];
    let is_secret = reference.starts_with("{{resolve:secretsmanager:")
        || reference.starts_with("{{resolve:ssm-secure:")
        || reference.starts_with("{{resolve:ssm:") && classify_name(subject.name).is_strong();
    is_secret.then(|| Found {
        range: at..at + end,
        level: Level::Warning,
        name: None,
        message: format!(
            "CloudFormation puts the value here when it deploys, and then it can be read in {}",
            subject.place.words()
        ),
        help: HELP,
    })
}

/// A parameter whose value is hidden by `NoEcho` only until it is used here.
pub(crate) fn check_parameter(subject: &Subject<'_, '_>, parameter: &Parameter<'_>) -> Option<Found> {
    (parameter.no_echo && subject.place.is_readable_after_deploy()).then(|| Found {
        range: 0..0,
        level: Level::Warning,
        name: None,
        message: format!("`NoEcho` hides the parameter, but not what becomes of it in {}", subject.place.words()),
        help: HELP,
    })
}

/// Attributes that give what a service, a nested stack or a custom resource has made as a secret: `Key.SecretAccessKey`.
pub(crate) fn check_attribute(subject: &Subject<'_, '_>, attribute: &str) -> Option<Found> {
    let name = attribute.rsplit('.').next().unwrap_or_default();
    // The keys of AppSync are given to everybody who uses the API.
    let is_secret = classify_name(name).is_strong() && name != "ApiKey";
    (is_secret && subject.place.is_readable_after_deploy()).then(|| Found {
        range: 0..0,
        level: Level::Warning,
        name: None,
        message: format!("`{name}` is a secret, and can be read in {} after the deploy", subject.place.words()),
        help: "store it in Secrets Manager (`SecretString: !Sub`), and refer to it where it is needed",
    })
}
