//! `changeme` and similar words where a secret belongs.
//!
//! These words are not masked, since they protect nothing. They are a warning rather than an error:
//! most of them are fillers in templates that are never deployed as they are.

use std::ops::Range;

use byref_judge::{EmbeddedKind, Verdict};

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::judgement::TextJudgement;

/// The rule `weak-secret`.
pub(crate) static RULE: Rule = Rule {
    id: "weak-secret",
    level: Level::Warning,
    finds: Finds::WeakSecret,
    is_movable: true,
    summary: "`changeme`, `password` and similar words where a secret belongs",
    page: include_str!("../../rules/weak-secret.md"),
    check: &WeakSecret,
};

struct WeakSecret;

const HELP: &str = "generate a secret (`byref secret generate`), and refer to it";

impl Check for WeakSecret {
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        let Judged {
            subject, judgement, ..
        } = *value;
        if judgement.by_name == Some(Verdict::Weak) {
            let place = subject.place.describe();
            let message = format!(
                "`{}` is set to a common password in {place}: attackers try it first",
                subject.name
            );
            found.push(weak(subject.trimmed(), None, message, HELP));
        }
        for embedded in judgement
            .embedded
            .iter()
            .filter(|embedded| embedded.verdict == Verdict::Weak)
        {
            let message = contained(embedded.kind);
            found.push(weak(
                embedded.range.clone(),
                embedded.name.clone(),
                message,
                HELP,
            ));
        }
    }

    fn nested_value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        self.value(value, found);
    }

    fn text(&self, text: &TextJudgement<'_>, found: &mut Vec<Found>) {
        for embedded in text
            .embedded
            .iter()
            .filter(|embedded| embedded.verdict == Verdict::Weak)
        {
            let message = contained(embedded.kind);
            found.push(weak(
                embedded.range.clone(),
                embedded.name.clone(),
                message,
                super::TEXT_HELP,
            ));
        }
        for named in text
            .named
            .iter()
            .filter(|named| named.verdict == Verdict::Weak)
        {
            let message = format!(
                "`{}` is set to a common password: attackers try it first",
                named.name
            );
            found.push(weak(
                named.range.clone(),
                Some(named.name.to_owned()),
                message,
                super::TEXT_HELP,
            ));
        }
    }
}

/// Returns the message for a common password inside a longer text.
fn contained(kind: EmbeddedKind) -> String {
    format!("common password, which attackers try first: {kind}")
}

/// Returns a warning.
fn weak(range: Range<usize>, name: Option<String>, message: String, help: &'static str) -> Found {
    Found {
        range,
        level: Level::Warning,
        name,
        message,
        help,
    }
}
