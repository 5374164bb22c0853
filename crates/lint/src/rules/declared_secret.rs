//! A literal for a name that the configuration declares as a secret.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::Judgement;
use crate::lint::Declared;
use crate::place::Place;
use crate::subject::Subject;
use byref_judge::{ValueClass, classify_value};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "declared-secret",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a literal for a name that deploy.toml declares as a secret",
    page: include_str!("../../rules/declared-secret.md"),
};

pub(crate) fn check(subject: &Subject<'_, '_>, declared: &[Declared]) -> Option<Found> {
    if subject.place != Place::Environment {
        return None;
    }
    let declared = declared.iter().find(|declared| declared.name == subject.name)?;
    let is_literal =
        !matches!(classify_value(subject.text()), ValueClass::Harmless(harmless) if harmless.is_empty_or_reference());
    is_literal.then(|| Found {
        range: Judgement::whole(subject),
        level: Level::Error,
        name: None,
        message: format!("`{}` is declared as a secret of `{}`, and is plaintext here", declared.name, declared.app),
        help: "`byref rewrite` moves it to `Secrets`; put its value into Parameter Store first",
    })
}
