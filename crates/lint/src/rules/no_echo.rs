//! A parameter without `NoEcho` that is passed on as a secret.
//!
//! CloudFormation shows the values of parameters in `DescribeStacks` and in the console, unless
//! they have `NoEcho`. See "Parameters" in CloudFormation's template reference.

use byref_judge::{NameHint, classify_name};

use super::{Check, Finds, Found, FoundAt, Rule, WholeTemplate};
use crate::finding::Level;
use crate::place::Place;
use crate::template_facts::{Parameter, Use};

/// The rule `no-echo`.
pub(crate) static RULE: Rule = Rule {
    id: "no-echo",
    level: Level::Warning,
    finds: Finds::Exposure,
    is_movable: false,
    summary: "a parameter without `NoEcho` that is passed on as a secret",
    page: include_str!("../../rules/no-echo.md"),
    check: &NoEcho,
};

struct NoEcho;

impl Check for NoEcho {
    fn template(&self, template: &WholeTemplate<'_, '_>, found: &mut Vec<FoundAt>) {
        for (name, parameter) in &template.facts.parameters {
            let mistake = exposed(name, parameter, template.uses.of_parameter(name));
            found.extend(mistake.map(|found| FoundAt {
                span: parameter.key.span(),
                path: format!("Parameters.{name}"),
                found,
            }));
        }
    }
}

/// Judges a parameter by where it is used.
///
/// CloudFormation shows the values of parameters in every description of a stack unless they have
/// `NoEcho`. A parameter with `AllowedValues` is a choice between texts that the template shows
/// anyway.
fn exposed(name: &str, parameter: &Parameter<'_>, uses: &[Use]) -> Option<Found> {
    if parameter.no_echo || !parameter.is_plain || parameter.body.get("AllowedValues").is_some() {
        return None;
    }
    let feeds_secret = |used: &&Use| {
        used.place == Place::SecretProperty
            || used.place == Place::Environment
                && classify_name(&used.name).is_password()
                && classify_name(name).is_strong()
    };
    let target = uses.iter().find(feeds_secret);
    let is_password = classify_name(name) == NameHint::Password && !uses.is_empty();
    let message = match target {
        Some(target) => {
            format!(
                "parameter `{name}` is passed to `{}`, but every description of the stack shows its value",
                target.name
            )
        }
        None if is_password => {
            format!(
                "parameter `{name}` has the name of a password, but every description of the stack shows its value"
            )
        }
        None => return None,
    };
    Some(Found {
        range: 0..0,
        level: Level::Warning,
        name: Some(name.to_owned()),
        message,
        help: "add `NoEcho: true`, or better, pass the name of a stored secret instead",
    })
}
