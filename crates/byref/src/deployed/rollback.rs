//! The secrets that a rollback of an update would bring back.
//!
//! While an update runs, and until it has succeeded, CloudFormation may go back to the present
//! template. Tasks that start then read the secrets as that template delivers them. So the present
//! values and references have to work for longer than the new ones are needed, and the user has to
//! know which.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::SecretLine;
use byref_rewrite::{Candidate, Document};

use super::delivery::referenced;
use super::{Delivery, Holder, deliveries};

/// The names of the secret lines that the stack delivers in another way than the rewrite.
///
/// A secret that both a value and a changed reference deliver is among the values only: keeping the
/// value valid is the harder of the two duties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rollback {
    /// Secrets that the stack has by value.
    pub(crate) values: Vec<String>,
    /// Secrets that the stack has by a reference that would change or be removed.
    pub(crate) references: Vec<String>,
}

impl Rollback {
    /// Compares the delivery of the secret lines in the stack's template with that in the rewrite.
    ///
    /// Values count even if the rewrite has them too, since an update that fails brings them back
    /// all the same. References count only if they change: the same reference reads the same
    /// parameter before and after.
    pub(crate) fn of(now: &Document, next: &Document, lines: &[&SecretLine]) -> Self {
        let delivery = deliveries(now, lines).into_iter();
        let values: BTreeSet<String> = delivery
            .filter(|(_, (delivery, _))| *delivery == Delivery::Value)
            .map(|(holder, _)| holder.name)
            .collect();
        let (now, next) = (references(now, lines), references(next, lines));
        let changed = now
            .into_iter()
            .filter(|(holder, reference)| next.get(holder) != Some(reference));
        let references: BTreeSet<String> = changed
            .map(|(holder, _)| holder.name)
            .filter(|name| !values.contains(name))
            .collect();
        Self {
            values: values.into_iter().collect(),
            references: references.into_iter().collect(),
        }
    }
}

/// Returns the references in a comparable form: a literal, or the words of an expression.
///
/// White space of an expression is reduced to single blanks, so that a new indentation is no
/// change: `!Sub` over two lines equals the same on one.
fn references(document: &Document, lines: &[&SecretLine]) -> BTreeMap<Holder, String> {
    let text = |candidate: &Candidate| match &candidate.delivery {
        byref_rewrite::Delivery::Reference(text) => text.clone(),
        byref_rewrite::Delivery::Value | byref_rewrite::Delivery::ComputedReference => {
            let words = document.template.text()[candidate.span.range()].split_whitespace();
            words.collect::<Vec<_>>().join(" ")
        }
    };
    referenced(document, lines)
        .into_iter()
        .map(|(holder, candidate)| (holder, text(&candidate)))
        .collect()
}
