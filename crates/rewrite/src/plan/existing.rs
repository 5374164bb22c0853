//! The references that a container has already, compared with that of the line.
//!
//! A reference may be a name, an ARN, or a function around either. All of them are compared as they
//! evaluate in the Region of the request, and not as text: one that means the right parameter is
//! the user's own way to write it, and is kept.

use std::collections::BTreeMap;

use byref_cloudformation::{Evaluated, Guard, branches, canonical};
use byref_config::DistinctValues;
use byref_template::{Diagnostic, Location, NodeRef};

use super::decisions::Decider;
use super::duplicates::PairSelection;
use super::inventory::Inventory;
use super::line::Line;
use super::movement::Movement;
use crate::binding::Outcome;
use crate::container::Container;

impl Decider<'_> {
    /// Compares the existing references with the line.
    ///
    /// One that names the same parameter is kept as it is written, also in another form: an ARN is
    /// not replaced by a name. One that names another parameter is replaced, and one that is known
    /// only in a deploy is left alone. The duplicates of those that are kept are removed, in both
    /// lists.
    pub(super) fn retarget(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        pairs: &PairSelection,
        movement: &mut Movement,
    ) {
        let document = &self.inventory.documents[container.document];
        for pair_index in &pairs.there {
            let pair = &container.secrets.pairs[*pair_index];
            let place = document.place(pair.mapping);
            let outcome = match pair
                .value
                .map(|value| compare(self.inventory, line, container.document, value.value))
            {
                Some(Comparison::Same)
                    if pairs.dropped_elsewhere.is_empty() && pairs.dropped_there.is_empty() =>
                {
                    Outcome::AlreadyByReference
                }
                Some(Comparison::Same) => Outcome::Deduplicated,
                Some(Comparison::Unknown(what)) => {
                    let value = pair
                        .value
                        .map_or(place, |value| document.place(value.value));
                    self.note_unknown_reference(line, &what, value);
                    Outcome::Skipped {
                        reason: format!("depends on {what}"),
                    }
                }
                Some(Comparison::Different) | None => {
                    movement
                        .secrets
                        .retargeted
                        .insert(*pair_index, line.reference(container.layout()));
                    self.decisions.removals.note_reference(
                        container.document,
                        pair.value.map(|value| value.value.id()),
                    );
                    Outcome::Replaced
                }
            };
            self.bind(line, container, outcome, place);
        }
        self.warn_of_two_references(line, container, pairs, movement);
        movement.secrets.dropped.extend(&pairs.dropped_there);
        for pair in &pairs.dropped_elsewhere {
            movement.environment.dropped.insert(*pair);
            self.note_removed_pair(line, container, *pair);
        }
    }

    /// Warns if references that differ by a condition become one. The line can confirm that with
    /// `same-value = true`.
    ///
    /// References are compared in their canonical form, so two spellings of one ARN are one
    /// reference. The places are sorted, which keeps the message the same from run to run.
    fn warn_of_two_references(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        pairs: &PairSelection,
        movement: &Movement,
    ) {
        if line.secret.distinct == DistinctValues::Merge {
            return;
        }
        let document = &self.inventory.documents[container.document];
        let replaced = pairs
            .there
            .iter()
            .filter(|pair| movement.secrets.retargeted.contains_key(pair));
        let values = replaced.filter_map(|pair| container.secrets.pairs[*pair].value);
        let leaves = values.flat_map(|entry| branches(entry.value, &Guard::default()));
        let mut places: BTreeMap<String, Location> = BTreeMap::new();
        for (leaf, _) in leaves {
            places
                .entry(canonical(leaf))
                .or_insert_with(|| document.place(leaf));
        }
        let mut places: Vec<Location> = places.into_values().collect();
        places.sort_unstable();
        let [first, second, ..] = places.as_slice() else {
            return;
        };
        let message = format!(
            "`{}` has different references under different conditions: they become one",
            line.secret.name
        );
        self.report(
            Diagnostic::warning("two-references", message, *first).about(&line.secret.name)
                .with(*second, "another one")
                .with(line.secret.name_location, "asked for here")
                .help("give each a name and a line of its own; or, where the line's parameter is right for both, add `same-value = true` to the line"),
        );
    }

    /// Notes that a reference is left as it is, because its target is known only in a deploy.
    pub(super) fn note_unknown_reference(&mut self, line: &Line<'_>, what: &str, place: Location) {
        let message = format!(
            "what `{}` refers to depends on {what}, which is not known here: left as it is",
            line.secret.name
        );
        let diagnostic =
            Diagnostic::note("unknown-reference", message, place).about(&line.secret.name);
        self.report(diagnostic.with(line.secret.name_location, "asked for here"));
    }
}

/// The relation of an existing reference to that of a line.
pub(super) enum Comparison {
    /// Both name the same parameter.
    Same,
    /// They name different parameters.
    Different,
    /// It is known only in a deploy, for the reason given.
    Unknown(String),
}

/// Compares an existing reference with that of a line, in each branch of its conditions.
///
/// A name, an ARN with pseudo parameters and a literal ARN are equal if they evaluate to the same
/// parameter in the Region of the request. One different branch makes the whole different;
/// otherwise one unknown branch makes it unknown.
///
/// For a line that means `/production/web/token` in `us-west-2`:
///
/// | existing `ValueFrom` | result |
/// |---|---|
/// | `/production/web/token` | same |
/// | `arn:aws:ssm:us-west-2:111122223333:parameter/production/web/token` | same |
/// | `!Sub arn:${AWS::Partition}:ssm:${AWS::Region}:…:parameter/production/web/token` | same |
/// | `/production/web/other` | different |
/// | `!If [C, /production/web/token, /production/web/other]` | different |
/// | `!ImportValue TokenArn` | unknown |
pub(super) fn compare(
    inventory: &Inventory<'_>,
    line: &Line<'_>,
    document: usize,
    value: NodeRef<'_>,
) -> Comparison {
    let evaluation = inventory.evaluation(document, inventory.request.region);
    let mut comparison = Comparison::Same;
    for alternative in evaluation.alternatives(value) {
        match alternative {
            Evaluated::Text(text) if line.target.is_same(&inventory.request, &text) => {}
            Evaluated::Text(_) => return Comparison::Different,
            Evaluated::Unknown(what) => comparison = Comparison::Unknown(what),
        }
    }
    comparison
}
