//! A credential inside a longer value.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::Judgement;
use byref_judge::Verdict;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "embedded-secret",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: true,
    summary: "a credential inside a longer value: a URL, a connection string, a header, a command, a script",
    page: include_str!("../../rules/embedded-secret.md"),
};

pub(crate) fn check(judgement: &Judgement) -> Vec<Found> {
    let secret = judgement.embedded.iter().filter(|embedded| embedded.verdict != Verdict::Weak);
    let found = secret.map(|embedded| Found {
        range: embedded.range.clone(),
        level: if embedded.verdict == Verdict::Secret { Level::Error } else { Level::Warning },
        name: embedded.name.clone(),
        message: format!("this holds {} as plaintext", embedded.kind),
        help: "give the secret a variable of its own, by reference, and put the text together where it is used",
    });
    found.collect()
}
