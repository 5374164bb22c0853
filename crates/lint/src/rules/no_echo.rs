//! A parameter that feeds a secret without `NoEcho`, or with a default.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::place::Place;
use crate::template_facts::{Parameter, Use};
use byref_judge::{NameHint, classify_name};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "no-echo",
    level: Level::Warning,
    finds: Finds::Exposure,
    is_movable: false,
    summary: "a parameter that feeds a secret without `NoEcho`",
    page: include_str!("../../rules/no-echo.md"),
};

/// Judges a parameter by where it is used.
pub(crate) fn check(name: &str, parameter: &Parameter<'_>, uses: &[Use]) -> Option<Found> {
    // A choice between given values is no secret.
    if parameter.no_echo || !parameter.is_plain || parameter.body.get("AllowedValues").is_some() {
        return None;
    }
    let feeds = |used: &&Use| {
        used.place == Place::SecretProperty
            || used.place == Place::Environment
                && classify_name(&used.name).is_password()
                && classify_name(name).is_strong()
    };
    let fed = uses.iter().find(feeds);
    let is_password = classify_name(name) == NameHint::Password && !uses.is_empty();
    let message = match fed {
        Some(target) => {
            format!("parameter `{name}` feeds `{}`, and is shown by every description of the stack", target.name)
        }
        None if is_password => {
            format!("parameter `{name}` is called a password, and is shown by every description of the stack")
        }
        None => return None,
    };
    Some(Found {
        range: 0..0,
        level: Level::Warning,
        name: Some(name.to_owned()),
        message,
        help: "add `NoEcho: true`; better, let the parameter be the name of a stored secret",
    })
}
