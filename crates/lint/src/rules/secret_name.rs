//! A value whose name says secret, and that is plausibly one.

use super::{Found, Rule};
use crate::finding::Level;
use crate::judge::{HOLE, Looks, Verdict, looks};
use crate::judgement::{Judgement, reason};
use crate::path::Step;
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

/// The keys whose values ECS, Batch and App Runner take for the name or ARN of a parameter or secret.
const REFERENCE_KEYS: [&str; 3] = ["ValueFrom", "valueFrom", "CredentialsParameter"];

/// A value that was pasted where a reference belongs: it can be no name, or looks drawn by a machine and is no path.
///
/// Source: Systems Manager user guide, "About requirements and constraints for parameter names".
pub(crate) fn check_reference(subject: &Subject<'_, '_>) -> Option<Found> {
    let key = subject.path.steps().iter().rev().find_map(Step::key)?;
    let text = subject.text();
    if subject.place != Place::Reference || !REFERENCE_KEYS.contains(&key) || text.contains([HOLE, '$', '{', '<']) {
        return None;
    }
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/:".contains(&byte));
    let is_path = text.contains(['/', ':']);
    let is_drawn = !is_path && matches!(looks(text), Looks::Mixed | Looks::Random);
    (!is_name || is_drawn).then(|| Found {
        range: Judgement::whole(subject),
        level: Level::Error,
        name: None,
        message: format!(
            "`{key}` takes the name or ARN of a parameter, and holds what looks like a value in plaintext"
        ),
        help: "store the value in Parameter Store, rotate it, and write the parameter's ARN here",
    })
}
