//! What a rollback of an update would bring back.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::SecretLine;
use byref_rewrite::{Document, secret_candidates};

use super::{Holder, Standing, standings};

/// The secret lines that are otherwise in the stack than in what would be deployed, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rollback {
    /// What the stack has by value.
    pub(crate) values: Vec<String>,
    /// What the stack has by a reference that would change or go.
    pub(crate) references: Vec<String>,
}

impl Rollback {
    pub(crate) fn of(now: &Document, next: &Document, lines: &[&SecretLine]) -> Self {
        let standing = standings(now, lines).into_iter();
        let values: BTreeSet<String> =
            standing.filter(|(_, (standing, _))| *standing == Standing::Value).map(|(holder, _)| holder.name).collect();
        let (now, next) = (references(now, lines), references(next, lines));
        let changed = now.into_iter().filter(|(holder, reference)| next.get(holder) != Some(reference));
        let references: BTreeSet<String> =
            changed.map(|(holder, _)| holder.name).filter(|name| !values.contains(name)).collect();
        Self { values: values.into_iter().collect(), references: references.into_iter().collect() }
    }
}

/// What references say, as far as that can be compared: what is written out, or the words of an expression.
fn references(document: &Document, lines: &[&SecretLine]) -> BTreeMap<Holder, String> {
    let is_line = |name: &str| lines.iter().any(|line| line.name == name);
    let text = |candidate: &byref_rewrite::Candidate| match &candidate.standing {
        byref_rewrite::Standing::Value => None,
        byref_rewrite::Standing::Reference(text) => Some(text.clone()),
        byref_rewrite::Standing::ComputedReference => {
            let words = document.template.text()[candidate.span.range()].split_whitespace();
            Some(words.collect::<Vec<_>>().join(" "))
        }
    };
    let candidates = secret_candidates(document).into_iter().filter(|candidate| is_line(&candidate.name));
    candidates
        .filter_map(|candidate| {
            let text = text(&candidate)?;
            let (name, container) = (candidate.name, candidate.container);
            Some((Holder { name, task_definition: candidate.task_definition, container }, text))
        })
        .collect()
}
