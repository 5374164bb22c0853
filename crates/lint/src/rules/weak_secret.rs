//! `changeme` and the like where a secret belongs.

use super::{Finds, Found, Rule};
use crate::finding::Level;
use crate::judgement::Judgement;
use crate::subject::Subject;
use byref_judge::Verdict;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "weak-secret",
    level: Level::Warning,
    finds: Finds::WeakSecret,
    is_movable: true,
    summary: "`changeme`, `password` and the like where a secret belongs",
    page: include_str!("../../rules/weak-secret.md"),
};

const HELP: &str = "generate a secret (`byref secret generate`), and refer to it";

pub(crate) fn check(subject: &Subject<'_, '_>, judgement: &Judgement) -> Vec<Found> {
    let weak = |range, name: Option<String>, message| Found { range, level: Level::Warning, name, message, help: HELP };
    let mut found = Vec::new();
    if judgement.by_name == Some(Verdict::Weak) {
        let message =
            format!("`{}` is a common password that attackers try first, in {}", subject.name, subject.place.words());
        found.push(weak(Judgement::whole(subject), None, message));
    }
    for embedded in judgement.embedded.iter().filter(|embedded| embedded.verdict == Verdict::Weak) {
        let message = format!("this holds {} that everybody tries first", embedded.kind);
        found.push(weak(embedded.range.clone(), embedded.name.clone(), message));
    }
    found
}
