//! A literal in a property that takes a secret.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::Judgement;
use crate::place::Place;
use crate::subject::Subject;
use byref_judge::Verdict;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "secret-property",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: false,
    summary: "a literal in a property that takes a secret, by CloudFormation's schemas",
    page: include_str!("../../rules/secret-property.md"),
};

pub(crate) fn check(subject: &Subject<'_, '_>, judgement: &Judgement) -> Option<Found> {
    let is_secret = matches!(judgement.by_name, Some(Verdict::Secret | Verdict::Unsure));
    if subject.place != Place::SecretProperty || !is_secret {
        return None;
    }
    let message = match subject.resource {
        Some(resource) => format!("`{}` of `{}` takes a secret, and holds a literal", subject.name, resource.kind),
        None => format!("this literal goes to `{}`, which takes a secret", subject.name),
    };
    Some(Found {
        range: Judgement::whole(subject),
        level: Level::Error,
        name: None,
        message,
        help: "use a dynamic reference such as `{{resolve:secretsmanager:…}}`",
    })
}
