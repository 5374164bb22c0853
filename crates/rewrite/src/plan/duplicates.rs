//! Entries of one name in a container: the pairs that are kept, and the duplicates that are
//! removed.
//!
//! A name may be in both lists, and several times in each, if conditions exclude each other. After
//! the rewrite it is in one list, once for each set of circumstances.

use byref_cloudformation::{Guard, ListName, Logic};
use byref_template::Diagnostic;

use super::decisions::Decider;
use super::line::Line;
use crate::container::Container;

/// The pairs with one name: those that are kept, and those that are removed. "There" is the list
/// that the secret belongs in, "elsewhere" the other one.
#[derive(Default)]
pub(super) struct PairSelection {
    /// These are kept where they are.
    pub(super) there: Vec<usize>,
    /// These move to the list that the secret belongs in.
    pub(super) elsewhere: Vec<usize>,
    /// These are removed: another pair holds in all of their circumstances.
    pub(super) dropped_there: Vec<usize>,
    /// The same, of the other list.
    pub(super) dropped_elsewhere: Vec<usize>,
}

impl Decider<'_> {
    /// Returns the pairs that are kept, one for all circumstances, or `None` if two of them may
    /// hold at the same time: then the line is refused.
    pub(super) fn one_entry(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        list: ListName,
    ) -> Option<PairSelection> {
        match keep_one(
            container,
            &line.secret.name,
            list,
            &self.inventory.logic[container.document],
        ) {
            Ok(pairs) => Some(pairs),
            Err((first, second)) => {
                self.refuse_duplicate(line, container, first, second);
                None
            }
        }
    }

    /// Reports two entries of one name whose conditions may both hold.
    fn refuse_duplicate(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        first: Place,
        second: Place,
    ) {
        let document = &self.inventory.documents[container.document];
        let location = |(list, pair): Place| {
            let mapping = container.list(list).pairs[pair].mapping;
            (
                document.place(mapping),
                format!("in `{}`", container.layout().key(list)),
            )
        };
        let ((first, first_label), (second, second_label)) = (location(first), location(second));
        let diagnostic = Diagnostic::error(
            "undecidable-duplicate",
            format!(
                "`{}` stands twice in container `{}`, under conditions that may both hold",
                line.secret.name,
                container.label()
            ),
            second,
        )
        .labelled(second_label)
        .about(&line.secret.name)
        .with(first, first_label)
        .with(line.secret.name_location, "asked for here")
        .help("leave one of the entries, or put them into the two branches of one condition");
        self.report(diagnostic);
    }
}

/// A pair in one of the lists: the list, and the index in it.
type Place = (ListName, usize);

/// Selects the pairs to keep: one for each set of circumstances. Pairs of the list that the secret
/// belongs in come before those of the other one, and earlier pairs before later ones.
///
/// # Errors
///
/// Two pairs whose conditions neither exclude nor imply each other.
fn keep_one(
    container: &Container<'_>,
    name: &str,
    destination: ListName,
    logic: &Logic<'_>,
) -> Result<PairSelection, (Place, Place)> {
    let mut pairs = PairSelection::default();
    let mut existing: Vec<(Place, Guard)> = Vec::new();
    for list in [destination, destination.other()] {
        let is_there = list == destination;
        for pair in container.list(list).named(name) {
            let candidate = container.list(list).pairs[pair].guard.clone();
            match existing
                .iter()
                .find(|(_, other)| !logic.excludes(other, &candidate))
            {
                None => {
                    existing.push(((list, pair), candidate));
                    if is_there {
                        pairs.there.push(pair);
                    } else {
                        pairs.elsewhere.push(pair);
                    }
                }
                Some((_, other)) if logic.covers(other, &candidate) => {
                    if is_there {
                        pairs.dropped_there.push(pair);
                    } else {
                        pairs.dropped_elsewhere.push(pair);
                    }
                }
                Some((place, _)) => return Err((*place, (list, pair))),
            }
        }
    }
    Ok(pairs)
}
