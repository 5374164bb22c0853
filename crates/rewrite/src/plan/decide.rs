//! The decision about one secret in one container.
//!
//! Under the reference scheme an entry of `Environment` moves to `Secrets`, an existing reference
//! is compared with the line, and a missing entry is added. Under the value scheme existing entries
//! are left alone, or turned back into values if the request asks for it. Everything that byref
//! can't decide for certain is an error with the places that contradict each other, and never a
//! guess.
//!
//! The decision has the same steps in both schemes:
//!
//! - refuse entries whose name is uncertain, and lists that can't be seen through,
//! - select one entry for each set of circumstances (`duplicates`),
//! - compare an existing reference with the line, or check that a value may be replaced
//!   (`replaced`),
//! - record the outcome and the moves.
//!
//! The outcomes under the reference scheme, by the entries that the container has today:
//!
//! | `Environment` | `Secrets` | outcome |
//! |---|---|---|
//! | value | – | moved |
//! | – | the line's parameter | already by reference |
//! | – | another parameter | replaced |
//! | – | known only in a deploy | skipped, with a note |
//! | value | the line's parameter | deduplicated: the value goes |
//! | – | – | added |
//!
//! Under the value scheme, where `--to-values` decides about the references:
//!
//! | `Environment` | `Secrets` | kept | `--to-values` |
//! |---|---|---|---|
//! | value | – | by value | by value |
//! | – | reference | already by reference | resolved by the store |
//! | value | reference | both as they are | deduplicated: the reference goes |
//! | – | – | embedded from the store | embedded from the store |

use byref_cloudformation::{Layout, ListName};
use byref_config::Target;
use byref_template::{Diagnostic, Location};

use super::choose::{Naming, has_entry};
use super::decisions::{Decider, ReferencedParameter, ValueEntry};
use super::duplicates::PairSelection;
use super::existing::{Comparison, compare};
use super::line::{Destination, Line};
use super::movement::Movement;
use crate::binding::Outcome;
use crate::container::Container;

/// One secret line in one container that was chosen for it: the subject of a decision.
#[derive(Clone, Copy)]
struct Placement<'c> {
    line: &'c Line<'c>,
    container: &'c Container<'c>,
    /// Index of the container in the inventory.
    index: usize,
    /// The reason for which the container was chosen.
    naming: Naming,
}

impl Decider<'_> {
    /// Decides what happens to the secret of a line in a container, by index in the inventory, and
    /// adds the moves of its entries to `movement`.
    ///
    /// The moves of all lines in a container are collected before any of them becomes a change:
    /// only together do they tell whether a list becomes empty.
    pub(super) fn decide(
        &mut self,
        line: &Line<'_>,
        index: usize,
        naming: Naming,
        movement: &mut Movement,
    ) {
        let container = &self.inventory.containers[index];
        let at = Placement {
            line,
            container,
            index,
            naming,
        };
        let destination = line.destination(&self.inventory.request);
        let has_entry = has_entry(container, &line.secret.name);
        if destination == Destination::AsWritten && has_entry {
            self.keep(line, container);
            return;
        }
        if self.has_uncertain_name(line, container) {
            return;
        }
        match destination {
            Destination::Secrets => self.refer(at, movement),
            Destination::Environment if has_entry => self.give_value(at, movement),
            Destination::Environment | Destination::AsWritten => self.embed(at, movement),
        }
    }

    /// Decides about a secret that the container is to get by reference.
    ///
    /// The checks come first, because each of them can refuse the whole line; nothing is recorded
    /// until all have passed.
    fn refer(&mut self, at: Placement<'_>, movement: &mut Movement) {
        let Placement {
            line, container, ..
        } = at;
        let Some(pairs) = self.one_entry(line, container, ListName::Secrets) else {
            return;
        };
        if !self.can_be_seen(at, &pairs)
            || !self.may_move(line, container, &pairs)
            || !self.can_be_named(line, container)
        {
            return;
        }
        self.warn_of_clashes(line, container, movement);
        self.need_parameter(line);
        self.retarget(line, container, &pairs, movement);
        self.move_pairs(line, container, &pairs, movement);
        if pairs.there.is_empty() && pairs.elsewhere.is_empty() {
            let place = self.inventory.place(container);
            self.bind(line, container, Outcome::Added, place);
            movement
                .secrets
                .added
                .push(line.reference(container.layout()));
        }
    }

    /// Refuses a line if an entry may have the line's name or another one, depending on the deploy.
    /// Such an entry could end in both lists. Returns whether there is one.
    fn has_uncertain_name(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let name = &line.secret.name;
        for list in [&container.environment, &container.secrets] {
            if let Some(pair) = list.possibly_named(name).first() {
                let place =
                    self.inventory.documents[container.document].place(list.pairs[*pair].mapping);
                self.refuse_uncertain_name(line, name, place);
                return true;
            }
        }
        false
    }

    /// Reports an entry that may be the one of a line. The advice is to move the condition from the
    /// name to the whole entry, which byref can see through.
    pub(super) fn refuse_uncertain_name(&mut self, line: &Line<'_>, name: &str, place: Location) {
        let message = format!(
            "this entry may be called `{name}` or something else, depending on a condition, a mapping or a parameter: \
             byref can't tell whether it is the secret"
        );
        self.report(
            Diagnostic::error("uncertain-name", message, place)
                .about(&line.secret.name)
                .with(line.secret.name_location, "asked for here")
                .help("write an entry for each name: `!If [Condition, {Name: …, Value: …}, {Name: …, Value: …}]`"),
        );
    }

    /// Refuses a parameter of another account or Region for a build. CodeBuild takes the name of a
    /// parameter, and a name means the project's own account and Region. Returns whether the
    /// container can have the reference.
    ///
    /// Source: CodeBuild API reference, `EnvironmentVariable`.
    fn can_be_named(&mut self, line: &Line<'_>, container: &Container<'_>) -> bool {
        let (environment, name) = (self.inventory.request.environment, &line.secret.name);
        let Target::Arn(arn) = &line.secret.target else {
            return true;
        };
        if container.layout() != Layout::TypedVariables {
            return true;
        }
        let message = if arn.account != environment.account {
            format!(
                "`{name}` is a parameter of another account, which a CodeBuild project can't read"
            )
        } else if let Some(region) = environment
            .regions
            .iter()
            .find(|region| **region != arn.region)
        {
            format!(
                "`{name}` is a parameter of `{}`, which a CodeBuild project in `{region}` can't read: it takes names, \
                 and a name means its own Region",
                arn.region
            )
        } else {
            return true;
        };
        let place = self.inventory.place(container);
        self.report(
            Diagnostic::error("build-region", message, line.secret.location)
                .about(name)
                .with(place, "this build environment")
                .help("write a key or a name, and keep the parameter in the project's account, in every Region"),
        );
        false
    }

    /// Binds the existing entries of a line as they are, in either list. Under the value scheme a
    /// template that is safe thus stays safe: a reference does not become a value unless the user
    /// asks for that.
    fn keep(&mut self, line: &Line<'_>, container: &Container<'_>) {
        let document = &self.inventory.documents[container.document];
        for (list, outcome) in [
            (&container.secrets, Outcome::AlreadyByReference),
            (&container.environment, Outcome::ByValue),
        ] {
            for pair in list.named(&line.secret.name) {
                self.bind(
                    line,
                    container,
                    outcome.clone(),
                    document.place(list.pairs[pair].mapping),
                );
            }
        }
    }

    /// Gives a container that has no entry for the secret one in `Environment`. The value comes
    /// from the store, in a later phase.
    fn embed(&mut self, at: Placement<'_>, movement: &mut Movement) {
        if !self.can_be_seen(at, &PairSelection::default()) {
            return;
        }
        self.warn_of_clashes(at.line, at.container, movement);
        let place = self.inventory.place(at.container);
        self.want_value(
            at.line,
            at.index,
            (Outcome::Embedded, place),
            ValueEntry::New,
        );
    }

    /// Turns references back into values. An entry that has a value already keeps it, and
    /// references to the same secret are removed as duplicates.
    fn give_value(&mut self, at: Placement<'_>, movement: &mut Movement) {
        let Placement {
            line, container, ..
        } = at;
        let Some(pairs) = self.one_entry(line, container, ListName::Environment) else {
            return;
        };
        if !self.can_be_seen(at, &pairs) {
            return;
        }
        self.warn_of_clashes(line, container, movement);
        let document = &self.inventory.documents[container.document];
        for pair in &pairs.there {
            let is_alone = pairs.dropped_there.is_empty() && pairs.dropped_elsewhere.is_empty();
            let outcome = if is_alone {
                Outcome::ByValue
            } else {
                Outcome::Deduplicated
            };
            self.bind(
                line,
                container,
                outcome,
                document.place(container.environment.pairs[*pair].mapping),
            );
        }
        movement.environment.dropped.extend(&pairs.dropped_there);
        movement.secrets.dropped.extend(&pairs.dropped_elsewhere);
        for pair in &pairs.elsewhere {
            self.resolve(at, *pair);
        }
    }

    /// Turns one reference into the value of the line.
    ///
    /// A reference whose target is known only in a deploy is left alone. One that names another
    /// parameter gets the value of the line's parameter, with a warning.
    fn resolve(&mut self, at: Placement<'_>, pair_index: usize) {
        let Placement {
            line,
            container,
            index,
            ..
        } = at;
        let document = &self.inventory.documents[container.document];
        let pair = &container.secrets.pairs[pair_index];
        let place = document.place(pair.mapping);
        let value_place = pair
            .value
            .map_or(place, |value| document.place(value.value));
        match pair.value.map(|value| compare(self.inventory, line, container.document, value.value)) {
            Some(Comparison::Unknown(what)) => {
                self.note_unknown_reference(line, &what, value_place);
                self.bind(line, container, Outcome::Skipped { reason: format!("depends on {what}") }, place);
                return;
            }
            Some(Comparison::Different) => self.report(
                Diagnostic::warning(
                    "other-reference",
                    format!(
                        "`{}` refers to something else than its line: the value that the line means is written",
                        line.secret.name
                    ),
                    value_place,
                )
                .about(&line.secret.name)
                .with(line.secret.name_location, "asked for here")
                .help("correct the line, if the template is right"),
            ),
            Some(Comparison::Same) | None => {}
        }
        let reference = pair.value.map(|value| value.value.id());
        let entry = ValueEntry::Resolved {
            pair: pair_index,
            reference,
        };
        self.want_value(line, index, (Outcome::Resolved, place), entry);
    }

    /// Refuses a secret that would have to be placed into, or looked for in, a list that byref
    /// can't see through: the list may hold the name already. Returns whether the line can be
    /// decided. If the container has the entry elsewhere, the opaque part is only a warning.
    ///
    /// An error is certain where the secret would be written beside something unseen, or where the
    /// configuration asked for this very container. Otherwise the entry was found in the part that
    /// can be read, and only a second one could be hidden: that is worth a warning.
    fn can_be_seen(&mut self, at: Placement<'_>, pairs: &PairSelection) -> bool {
        let Placement {
            line, container, ..
        } = at;
        let document = &self.inventory.documents[container.document];
        let opaque = || {
            container
                .environment
                .opaque
                .iter()
                .chain(&container.secrets.opaque)
        };
        let Some(first) = opaque().next() else {
            return true;
        };
        let adds = pairs.there.is_empty() && pairs.elsewhere.is_empty();
        let landing = match line.destination(&self.inventory.request) {
            Destination::Secrets => &container.secrets,
            Destination::Environment | Destination::AsWritten => &container.environment,
        };
        let lands_unseen = !pairs.elsewhere.is_empty() && !landing.opaque.is_empty();
        if adds || at.naming == Naming::Configured || lands_unseen {
            self.report(opaque_list_error(line, container, document.place(*first)));
            return false;
        }
        for node in opaque() {
            self.report(opaque_list_warning(container, document.place(*node)));
        }
        true
    }

    /// Warns of entries whose name is not a literal: they may have the name of a secret, which
    /// would then be in the container twice. Reported once for each container, and not for each
    /// line.
    fn warn_of_clashes(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        movement: &mut Movement,
    ) {
        if std::mem::replace(&mut movement.is_checked_for_clashes, true) {
            return;
        }
        let document = &self.inventory.documents[container.document];
        let unnamed = container
            .environment
            .pairs
            .iter()
            .chain(&container.secrets.pairs);
        let unnamed = unnamed.filter(|pair| pair.name.is_none() && pair.possible_names.is_empty());
        let places: Vec<Location> = unnamed.map(|pair| document.place(pair.mapping)).collect();
        for place in places {
            let message = "an entry whose name is not a literal can't be matched with the secrets";
            self.report(
                Diagnostic::warning("possible-clash", message, place)
                    .with(line.secret.name_location, "asked for here")
                    .help("write the name out, or make sure that it is none of the secrets"),
            );
        }
    }

    /// Records that references will name the parameter of a line: it must exist in every Region of
    /// the environment, or in that of its ARN. The store is asked in a later phase.
    ///
    /// A line by key or name needs the parameter in each Region of the environment, because the
    /// reference is evaluated where the stack is. A line by ARN needs it once, in the Region of the
    /// ARN. Secrets of Secrets Manager are not asked for.
    pub(super) fn need_parameter(&mut self, line: &Line<'_>) {
        let Some((own_region, name)) = &line.parameter else {
            return;
        };
        let is_arn = matches!(line.secret.target, Target::Arn(_));
        let environment = self.inventory.request.environment;
        let regions = if is_arn {
            std::slice::from_ref(own_region)
        } else {
            &environment.regions
        };
        let parameters = regions.iter().map(|region| ReferencedParameter {
            region: region.clone(),
            name: name.clone(),
            secret: line.secret.name.clone(),
            line: line.secret.name_location,
        });
        self.decisions.referenced.extend(parameters);
    }

    /// Moves values to the list of references, and records the values that leave the template:
    /// later phases look for their copies and mask them in messages.
    fn move_pairs(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        pairs: &PairSelection,
        movement: &mut Movement,
    ) {
        let document = &self.inventory.documents[container.document];
        for pair_index in &pairs.elsewhere {
            let pair = &container.environment.pairs[*pair_index];
            movement
                .environment
                .leaving
                .insert(*pair_index, line.reference(container.layout()));
            self.bind(
                line,
                container,
                Outcome::Moved,
                document.place(pair.mapping),
            );
            self.note_removed_pair(line, container, *pair_index);
        }
    }
}

/// Returns the error for a secret that an opaque list keeps from being placed.
fn opaque_list_error(line: &Line<'_>, container: &Container<'_>, place: Location) -> Diagnostic {
    let (name, label) = (&line.secret.name, container.label());
    let message = format!(
        "the entries of container `{label}` can't be seen through here, so `{name}` can't be placed"
    );
    Diagnostic::error("unseen-list", message, place)
        .about(name)
        .with(line.secret.name_location, "asked for here")
        .help("write the list out in the template")
}

/// Returns the warning for an opaque part of a list that did not keep the secret from being placed.
fn opaque_list_warning(container: &Container<'_>, place: Location) -> Diagnostic {
    let message = format!(
        "entries of container `{}` can't be seen through here",
        container.label()
    );
    Diagnostic::warning("unseen-list", message, place)
        .help("make sure that none of them has the name of a secret")
}
