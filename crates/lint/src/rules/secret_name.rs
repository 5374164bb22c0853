//! A value whose name says secret, and that is plausibly one.

use super::{Found, Rule};
use crate::finding::Level;
use crate::judge::Verdict;
use crate::judgement::{Judgement, reason};
use crate::place::Place;
use crate::subject::Subject;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "secret-name",
    level: Level::Error,
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
        message: format!("`{name}` stands in clear in {place}: {reason}"),
        help,
    })
}
