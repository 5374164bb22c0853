//! What happens to one secret in one container.

use std::collections::BTreeMap;

use byref_cloudformation::{Evaluated, Guard, Layout, ListName, Logic, branches, canonical};
use byref_config::{DistinctValues, Target};
use byref_template::{Diagnostic, Location};

use super::compose::Movement;
use super::select::{Chosen, has_entry};
use super::{Destination, Line, Planner};
use crate::binding::Outcome;
use crate::container::Container;

/// Which of the pairs with one name stay, and which go: those of the list where the secret is to be, and those of
/// the other one.
#[derive(Default)]
pub(super) struct Kept {
    there: Vec<usize>,
    /// These move.
    pub(super) elsewhere: Vec<usize>,
    dropped_there: Vec<usize>,
    dropped_elsewhere: Vec<usize>,
}

impl Planner<'_> {
    /// Adds to `movement` what happens to the secret of a line in a container.
    pub(super) fn decide(&mut self, line: &Line<'_>, chosen: &Chosen, movement: &mut Movement) {
        let survey = self.survey;
        let container = &survey.containers[chosen.container];
        let stays = self.destination(line) == Destination::WhereItStands && has_entry(container, &line.secret.name);
        if !stays && self.has_uncertain_name(line, container) {
            return;
        }
        match self.destination(line) {
            Destination::Secrets => self.refer(line, container, chosen, movement),
            Destination::Environment => self.give_value(line, container, chosen, movement),
            Destination::WhereItStands if has_entry(container, &line.secret.name) => self.keep(line, container),
            Destination::WhereItStands => self.embed(line, container, chosen, movement),
        }
    }

    fn refer(&mut self, line: &Line<'_>, container: &Container<'_>, chosen: &Chosen, movement: &mut Movement) {
        let Some(kept) = self.one_entry(line, container, ListName::Secrets) else { return };
        if !self.can_be_seen(line, container, chosen, &kept)
            || !self.may_move(line, container, &kept)
            || !self.can_be_named(line, container)
        {
            return;
        }
        self.warn_of_clashes(line, container, movement);
        self.check_existence(line);
        self.retarget(line, container, &kept, movement);
        self.move_pairs(line, container, &kept, movement);
        if kept.there.is_empty() && kept.elsewhere.is_empty() {
            let place = self.place(container);
            self.bind(line, container, Outcome::Added, place);
            movement.secrets.added.push(line.reference(container.layout()));
        }
    }

    /// An entry that may have the secret's name could end in both lists.
    fn has_uncertain_name(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let name = &line.secret.name;
        for list in [&container.environment, &container.secrets] {
            if let Some(pair) = list.possibly_named(name).first() {
                let place = self.documents[container.document].place(list.pairs[*pair].mapping);
                self.say_uncertain_name(line, name, place);
                return true;
            }
        }
        false
    }

    pub(super) fn say_uncertain_name(&mut self, line: &Line<'_>, name: &str, place: Location) {
        let message = format!(
            "this entry may be called `{name}` or something else, depending on a condition, a mapping or a parameter: \
             byref can't tell whether it is the secret"
        );
        self.say(
            Diagnostic::error("uncertain-name", message, place)
                .with(line.secret.name_location, "asked for here")
                .help("write an entry for each name: `!If [Condition, {Name: …, Value: …}, {Name: …, Value: …}]`"),
        );
    }

    /// CodeBuild takes names, which mean its own account and Region.
    fn can_be_named(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let (environment, name) = (self.request.environment, &line.secret.name);
        let Target::Arn(arn) = &line.secret.target else { return true };
        if container.layout() != Layout::TypedVariables {
            return true;
        }
        let message = if arn.account != environment.account {
            format!("`{name}` is a parameter of another account, which a CodeBuild project can't read")
        } else if let Some(region) = environment.regions.iter().find(|region| **region != arn.region) {
            format!(
                "`{name}` is a parameter of `{}`, which a CodeBuild project in `{region}` can't read: it takes names, \
                 and a name means its own Region",
                arn.region
            )
        } else {
            return true;
        };
        let place = self.place(container);
        self.say(
            Diagnostic::error("build-region", message, line.secret.location)
                .with(place, "this build environment")
                .help("write a key or a name, and keep the parameter in the project's account, in every Region"),
        );
        false
    }

    /// Under the value scheme an entry that stands is left alone, in whichever list.
    fn keep(&mut self, line: &Line<'_>, container: &Container<'_>) {
        let document = &self.documents[container.document];
        for (list, outcome) in
            [(&container.secrets, Outcome::AlreadyByReference), (&container.environment, Outcome::ByValue)]
        {
            for pair in list.named(&line.secret.name) {
                self.bind(line, container, outcome.clone(), document.place(list.pairs[pair].mapping));
            }
        }
    }

    /// A secret without an entry gets one in `Environment`, with its value.
    fn embed(&mut self, line: &Line<'_>, container: &Container<'_>, chosen: &Chosen, movement: &mut Movement) {
        if !self.can_be_seen(line, container, chosen, &Kept::default()) {
            return;
        }
        self.warn_of_clashes(line, container, movement);
        let place = self.place(container);
        match self.value_of(line, container) {
            Some(content) => {
                self.bind(line, container, Outcome::Embedded, place);
                movement.environment.added.push(content);
            }
            None => self.bind(line, container, Outcome::Skipped { reason: "its value is not known".to_owned() }, place),
        }
    }

    /// The way back: references become values. An entry that has a value already keeps it.
    fn give_value(&mut self, line: &Line<'_>, container: &Container<'_>, chosen: &Chosen, movement: &mut Movement) {
        if !has_entry(container, &line.secret.name) {
            self.embed(line, container, chosen, movement);
            return;
        }
        let Some(kept) = self.one_entry(line, container, ListName::Environment) else { return };
        if !self.can_be_seen(line, container, chosen, &kept) {
            return;
        }
        self.warn_of_clashes(line, container, movement);
        let document = &self.documents[container.document];
        for pair in &kept.there {
            let is_alone = kept.dropped_there.is_empty() && kept.dropped_elsewhere.is_empty();
            let outcome = if is_alone { Outcome::ByValue } else { Outcome::Deduplicated };
            self.bind(line, container, outcome, document.place(container.environment.pairs[*pair].mapping));
        }
        movement.environment.dropped.extend(&kept.dropped_there);
        movement.secrets.dropped.extend(&kept.dropped_elsewhere);
        for pair in &kept.elsewhere {
            self.resolve(line, container, *pair, movement);
        }
    }

    /// A reference becomes the value of the line.
    fn resolve(&mut self, line: &Line<'_>, container: &Container<'_>, pair_index: usize, movement: &mut Movement) {
        let document = &self.documents[container.document];
        let pair = &container.secrets.pairs[pair_index];
        let place = document.place(pair.mapping);
        let value_place = pair.value.map_or(place, |value| document.place(value.value));
        match pair.value.map(|value| self.compare(line, container.document, value.value)) {
            Some(Comparison::Unknown(what)) => {
                self.say_unknown_reference(line, &what, value_place);
                self.bind(line, container, Outcome::Skipped { reason: format!("depends on {what}") }, place);
                return;
            }
            Some(Comparison::Different) => self.say(
                Diagnostic::warning(
                    "other-reference",
                    format!(
                        "`{}` refers to something else than its line: the value that the line means is written",
                        line.secret.name
                    ),
                    value_place,
                )
                .with(line.secret.name_location, "asked for here")
                .help("correct the line, if the template is right"),
            ),
            Some(Comparison::Same) | None => {}
        }
        let Some(content) = self.value_of(line, container) else {
            self.bind(line, container, Outcome::Skipped { reason: "its value is not known".to_owned() }, place);
            return;
        };
        self.bind(line, container, Outcome::Resolved, place);
        self.removed_uses[container.document].extend(pair.value.map(|value| value.value.id()));
        self.replaced_references[container.document].extend(pair.value.map(|value| value.value.id()));
        movement.secrets.leaving.insert(pair_index, content);
    }

    /// The one entry for each set of circumstances that stays. Says where that can't be decided.
    fn one_entry(&mut self, line: &Line<'_>, container: &Container<'_>, list: ListName) -> Option<Kept> {
        match keep_one(container, &line.secret.name, list, &self.survey.logic[container.document]) {
            Ok(kept) => Some(kept),
            Err((first, second)) => {
                self.say_undecidable(line, container, first, second);
                None
            }
        }
    }

    /// A list that can't be seen through may hold the name already, and can't be added to.
    fn can_be_seen(&mut self, line: &Line<'_>, container: &Container<'_>, chosen: &Chosen, kept: &Kept) -> bool {
        let opaque: Vec<Location> = {
            let nodes = container.environment.opaque.iter().chain(&container.secrets.opaque);
            nodes.map(|node| self.documents[container.document].place(*node)).collect()
        };
        let Some(first) = opaque.first() else { return true };
        let adds = kept.there.is_empty() && kept.elsewhere.is_empty();
        let landing = match self.destination(line) {
            Destination::Secrets => &container.secrets,
            Destination::Environment | Destination::WhereItStands => &container.environment,
        };
        let lands_unseen = !kept.elsewhere.is_empty() && !landing.opaque.is_empty();
        let name = &line.secret.name;
        if adds || chosen.is_named || lands_unseen {
            self.say(
                Diagnostic::error(
                    "unseen-list",
                    format!(
                        "the entries of container `{}` can't be seen through here, so `{name}` can't be placed",
                        container.label()
                    ),
                    *first,
                )
                .with(line.secret.name_location, "asked for here")
                .help("write the list out in the template"),
            );
            return false;
        }
        for place in opaque {
            self.say(
                Diagnostic::warning(
                    "unseen-list",
                    format!("entries of container `{}` can't be seen through here", container.label()),
                    place,
                )
                .help("make sure that none of them has the name of a secret"),
            );
        }
        true
    }

    /// Names that are not literals may be the secret's.
    fn warn_of_clashes(&mut self, line: &Line<'_>, container: &Container<'_>, movement: &mut Movement) {
        if std::mem::replace(&mut movement.is_checked_for_clashes, true) {
            return;
        }
        let document = &self.documents[container.document];
        let unnamed = container.environment.pairs.iter().chain(&container.secrets.pairs);
        let unnamed = unnamed.filter(|pair| pair.name.is_none() && pair.possible_names.is_empty());
        let places: Vec<Location> = unnamed.map(|pair| document.place(pair.mapping)).collect();
        for place in places {
            let message = "an entry whose name is not a literal can't be matched with the secrets";
            self.say(
                Diagnostic::warning("possible-clash", message, place)
                    .with(line.secret.name_location, "asked for here")
                    .help("write the name out, or make sure that it is none of the secrets"),
            );
        }
    }

    /// Compares what an existing reference means with what the line asks for.
    fn retarget(&mut self, line: &Line<'_>, container: &Container<'_>, kept: &Kept, movement: &mut Movement) {
        let document = &self.documents[container.document];
        for pair_index in &kept.there {
            let pair = &container.secrets.pairs[*pair_index];
            let place = document.place(pair.mapping);
            let outcome = match pair.value.map(|value| self.compare(line, container.document, value.value)) {
                Some(Comparison::Same) if kept.dropped_elsewhere.is_empty() && kept.dropped_there.is_empty() => {
                    Outcome::AlreadyByReference
                }
                Some(Comparison::Same) => Outcome::Deduplicated,
                Some(Comparison::Unknown(what)) => {
                    let value = pair.value.map_or(place, |value| document.place(value.value));
                    self.say_unknown_reference(line, &what, value);
                    Outcome::Skipped { reason: format!("depends on {what}") }
                }
                Some(Comparison::Different) | None => {
                    movement.secrets.retargeted.insert(*pair_index, line.reference(container.layout()));
                    self.removed_uses[container.document].extend(pair.value.map(|value| value.value.id()));
                    self.replaced_references[container.document].extend(pair.value.map(|value| value.value.id()));
                    Outcome::Replaced
                }
            };
            self.bind(line, container, outcome, place);
        }
        self.warn_of_two_references(line, container, kept, movement);
        movement.secrets.dropped.extend(&kept.dropped_there);
        for pair in &kept.dropped_elsewhere {
            movement.environment.dropped.insert(*pair);
            self.note_removed_pair(line, container, *pair);
        }
    }

    /// References that differ by a condition become one.
    fn warn_of_two_references(&mut self, line: &Line<'_>, container: &Container<'_>, kept: &Kept, movement: &Movement) {
        if line.secret.distinct == DistinctValues::Merge {
            return;
        }
        let document = &self.documents[container.document];
        let replaced = kept.there.iter().filter(|pair| movement.secrets.retargeted.contains_key(pair));
        let values = replaced.filter_map(|pair| container.secrets.pairs[*pair].value);
        let leaves = values.flat_map(|entry| branches(entry.value, &Guard::default()));
        let mut places: BTreeMap<String, Location> = BTreeMap::new();
        for (leaf, _) in leaves {
            places.entry(canonical(leaf)).or_insert_with(|| document.place(leaf));
        }
        let mut places: Vec<Location> = places.into_values().collect();
        places.sort_unstable();
        let [first, second, ..] = places.as_slice() else { return };
        let message =
            format!("`{}` has different references under different conditions: they become one", line.secret.name);
        self.say(
            Diagnostic::warning("two-references", message, *first)
                .with(*second, "another one")
                .with(line.secret.name_location, "asked for here")
                .help("give each a name and a line of its own; or, where the line's parameter is right for both, add `same-value = true` to the line"),
        );
    }

    pub(super) fn compare(&self, line: &Line<'_>, document: usize, value: byref_template::NodeRef<'_>) -> Comparison {
        let evaluation = self.evaluation(document, self.request.region);
        let mut comparison = Comparison::Same;
        for alternative in evaluation.alternatives(value) {
            match alternative {
                Evaluated::Text(text) if line.target.is_same(self.request, &text) => {}
                Evaluated::Text(_) => return Comparison::Different,
                Evaluated::Unknown(what) => comparison = Comparison::Unknown(what),
            }
        }
        comparison
    }

    fn move_pairs(&mut self, line: &Line<'_>, container: &Container<'_>, kept: &Kept, movement: &mut Movement) {
        let document = &self.documents[container.document];
        for pair_index in &kept.elsewhere {
            let pair = &container.environment.pairs[*pair_index];
            movement.environment.leaving.insert(*pair_index, line.reference(container.layout()));
            self.bind(line, container, Outcome::Moved, document.place(pair.mapping));
            self.note_removed_pair(line, container, *pair_index);
        }
    }

    pub(super) fn say_unknown_reference(&mut self, line: &Line<'_>, what: &str, place: Location) {
        let message =
            format!("what `{}` refers to depends on {what}, which is not known here: left as it is", line.secret.name);
        let diagnostic = Diagnostic::note("unknown-reference", message, place);
        self.say(diagnostic.with(line.secret.name_location, "asked for here"));
    }

    fn say_undecidable(&mut self, line: &Line<'_>, container: &Container<'_>, first: Place, second: Place) {
        let document = &self.documents[container.document];
        let location = |(list, pair): Place| {
            let mapping = container.list(list).pairs[pair].mapping;
            (document.place(mapping), format!("in `{}`", container.layout().key(list)))
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
        .with(first, first_label)
        .with(line.secret.name_location, "asked for here")
        .help("leave one of the entries, or put them into the two branches of one condition");
        self.say(diagnostic);
    }
}

pub(super) enum Comparison {
    Same,
    Different,
    Unknown(String),
}

/// A pair in one of the lists.
type Place = (ListName, usize);

/// Keeps one entry for each set of circumstances: those of the list where the secret is to be before the others, the
/// first before the later ones.
fn keep_one(
    container: &Container<'_>,
    name: &str,
    destination: ListName,
    logic: &Logic<'_>,
) -> Result<Kept, (Place, Place)> {
    let mut kept = Kept::default();
    let mut standing: Vec<(Place, Guard)> = Vec::new();
    for list in [destination, destination.other()] {
        let is_there = list == destination;
        for pair in container.list(list).named(name) {
            let candidate = container.list(list).pairs[pair].guard.clone();
            match standing.iter().find(|(_, other)| !logic.excludes(other, &candidate)) {
                None => {
                    standing.push(((list, pair), candidate));
                    if is_there { kept.there.push(pair) } else { kept.elsewhere.push(pair) }
                }
                Some((_, other)) if logic.covers(other, &candidate) => {
                    if is_there {
                        kept.dropped_there.push(pair);
                    } else {
                        kept.dropped_elsewhere.push(pair);
                    }
                }
                Some((place, _)) => return Err((*place, (list, pair))),
            }
        }
    }
    Ok(kept)
}
