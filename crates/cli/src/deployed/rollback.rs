//! What a rollback of an update would bring back.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::SecretLine;
use byref_rewrite::{Candidate, Document};

use super::standing::referenced;
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
    let text = |candidate: &Candidate| match &candidate.delivery {
        byref_rewrite::Delivery::Reference(text) => text.clone(),
        byref_rewrite::Delivery::Value | byref_rewrite::Delivery::ComputedReference => {
            let words = document.template.text()[candidate.span.range()].split_whitespace();
            words.collect::<Vec<_>>().join(" ")
        }
    };
    referenced(document, lines).into_iter().map(|(holder, candidate)| (holder, text(&candidate))).collect()
}
