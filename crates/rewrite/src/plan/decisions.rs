//! The decisions about the secret lines, as values: one for each line and each container that gets
//! it.
//!
//! No decision depends on a store. An entry that needs a value is recorded in [`Decisions::wanted`]
//! with a binding that assumes the value, so that the same decisions give the questions and, with
//! the answers, any number of plans.

use std::collections::BTreeMap;

use byref_cloudformation::Layout;
use byref_config::ReferenceForm;
use byref_parameter::{ParameterName, Region};
use byref_template::{Diagnostic, Location, NodeId, Span};

use super::choose::Choice;
use super::inventory::Inventory;
use super::line::{Destination, Line};
use super::log_option::OptionMovements;
use super::movement::Movement;
use crate::binding::{Binding, KeptReference, Outcome, SpecificKind, SpecificPart};
use crate::container::Container;
use crate::question::Question;

/// Everything that is decided about the entries of containers, before a store is asked.
#[derive(Clone)]
pub(super) struct Decisions {
    /// The outcomes, in the order of the secret lines.
    pub(super) bindings: Vec<Binding>,
    /// The moves between the lists of containers, by container of the inventory.
    pub(super) movements: BTreeMap<usize, Movement>,
    /// The moves between the options of log configurations.
    pub(super) options: OptionMovements,
    /// The values and references that leave the templates.
    pub(super) removals: Removals,
    /// The first part of the result that holds only in this environment.
    pub(super) environment_specific: Option<SpecificPart>,
    /// The first part of the result that holds only in the Region of the request.
    pub(super) region_specific: Option<SpecificPart>,
    /// The value scheme: entries that are references, and are kept so.
    pub(super) kept_references: Vec<KeptReference>,
    /// The parameters that references will name.
    pub(super) referenced: Vec<ReferencedParameter>,
    /// The values that a store has to give; their bindings assume that it does.
    pub(super) wanted: Vec<WantedValue>,
    /// The messages of the phases so far.
    pub(super) messages: Vec<Diagnostic>,
}

/// The values and references that leave the templates.
#[derive(Clone)]
pub(super) struct Removals {
    /// The texts of the values.
    pub(super) values: Vec<RemovedValue>,
    /// The nodes whose uses of parameters go with them, by template.
    pub(super) uses: Vec<Vec<NodeId>>,
    /// Those of them that are references, by template: they hold a name and no secret.
    pub(super) references: Vec<Vec<NodeId>>,
    /// The values that take the comment on their own line with them, by template.
    pub(super) with_comment: Vec<Vec<NodeId>>,
}

/// A value that leaves a template.
#[derive(Clone)]
pub(super) struct RemovedValue {
    /// Index of the template.
    pub(super) document: usize,
    /// The name in the secret line.
    pub(super) secret: String,
    /// The value.
    pub(super) text: String,
    /// The place that the value leaves, with a comment that leaves with it.
    pub(super) span: Span,
    pub(super) by: Holder,
}

/// The part of a template that holds the text of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The entry itself.
    Value,
    /// A parameter's default or a mapping, which may stay.
    Declaration,
}

/// A parameter that must exist in a Region, because a reference will name it.
#[derive(Clone)]
pub(super) struct ReferencedParameter {
    pub(super) region: Region,
    pub(super) name: ParameterName,
    pub(super) secret: String,
    /// The secret line.
    pub(super) line: Location,
}

/// A value that a store has to give for one entry.
#[derive(Clone)]
pub(super) struct WantedValue {
    pub(super) region: Region,
    pub(super) name: ParameterName,
    /// Index of the binding that assumes the value.
    pub(super) binding: usize,
    /// The container, by index in the inventory.
    pub(super) container: usize,
    pub(super) entry: ValueEntry,
}

/// The entry that a value is written to.
#[derive(Clone)]
pub(super) enum ValueEntry {
    /// A new entry of `Environment`.
    New,
    /// An entry that is a reference today, by the index of its pair in `Secrets`, with the node of
    /// that reference.
    Resolved {
        pair: usize,
        reference: Option<NodeId>,
    },
    /// An option of a log configuration, which takes the place of entries of its `SecretOptions`.
    Option {
        log: usize,
        option: String,
        references: Vec<usize>,
    },
}

impl Removals {
    /// Records a reference that something else takes the place of, by its node.
    pub(super) fn note_reference(&mut self, document: usize, reference: Option<NodeId>) {
        self.uses[document].extend(reference);
        self.references[document].extend(reference);
    }
}

impl Decisions {
    /// Returns the questions to a store, each once and in order.
    pub(super) fn questions(&self) -> Vec<Question> {
        let exists = self.referenced.iter();
        let exists = exists.map(|asked| Question::Exists {
            region: asked.region.clone(),
            name: asked.name.clone(),
        });
        let values = self.wanted.iter();
        let values = values.map(|asked| Question::Value {
            region: asked.region.clone(),
            name: asked.name.clone(),
        });
        let questions: std::collections::BTreeSet<Question> = exists.chain(values).collect();
        questions.into_iter().collect()
    }
}

/// Decides every line in every container that was chosen for it. Containers of templates that the
/// run only reads have a part in the choice, and get no decision.
///
/// Environment variables are decided before log options; within each, the order of the
/// configuration counts.
pub(super) fn decide(
    inventory: &Inventory<'_>,
    lines: &[Line<'_>],
    choices: &[Choice],
) -> Decisions {
    let mut decider = Decider::new(inventory);
    let (options, variables): (Vec<_>, Vec<_>) = lines
        .iter()
        .zip(choices)
        .partition(|(line, _)| line.secret.log_option.is_some());
    for (line, choice) in variables {
        for container in choice
            .containers
            .iter()
            .filter(|index| inventory.writes_container(**index))
        {
            let mut movement = decider
                .decisions
                .movements
                .remove(container)
                .unwrap_or_default();
            decider.decide(line, *container, choice.naming, &mut movement);
            decider.decisions.movements.insert(*container, movement);
        }
    }
    for (line, choice) in options {
        for container in choice
            .containers
            .iter()
            .filter(|index| inventory.writes_container(**index))
        {
            decider.decide_log_options(line, *container);
        }
    }
    decider.decisions
}

/// The state of the phase: the decisions so far. Nothing outside of it changes.
pub(super) struct Decider<'p> {
    pub(super) inventory: &'p Inventory<'p>,
    pub(super) decisions: Decisions,
}

impl<'p> Decider<'p> {
    /// Returns a phase without decisions.
    fn new(inventory: &'p Inventory<'p>) -> Self {
        let none = vec![Vec::new(); inventory.documents.len()];
        let removals = Removals {
            values: Vec::new(),
            uses: none.clone(),
            references: none.clone(),
            with_comment: none,
        };
        let decisions = Decisions {
            bindings: Vec::new(),
            movements: BTreeMap::new(),
            options: BTreeMap::new(),
            removals,
            environment_specific: None,
            region_specific: None,
            kept_references: Vec::new(),
            referenced: Vec::new(),
            wanted: Vec::new(),
            messages: Vec::new(),
        };
        Self {
            inventory,
            decisions,
        }
    }

    /// Adds a message.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.decisions.messages.push(diagnostic);
    }

    /// Records the outcome of a line in a container, and everything that follows from it for the
    /// whole plan: references that hold only in one environment or Region, references that the
    /// value scheme keeps, and the template parameter with the environment's name.
    pub(super) fn bind(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        outcome: Outcome,
        location: Location,
    ) {
        if matches!(outcome, Outcome::Moved | Outcome::Added | Outcome::Replaced) {
            self.note_specific_parts(line, container);
            self.check_environment_parameter(line, container.document);
        }
        let request = &self.inventory.request;
        if outcome == Outcome::AlreadyByReference
            && line.destination(request) == Destination::AsWritten
        {
            let (secret, line) = (line.secret.name.clone(), line.secret.name_location);
            self.decisions.kept_references.push(KeptReference {
                secret,
                location,
                line,
            });
        }
        self.decisions.bindings.push(Binding {
            secret: line.secret.name.clone(),
            document: container.document,
            task_definition: container.task_definition.clone(),
            container: container.label(),
            outcome,
            reference: match container.layout() {
                Layout::TypedVariables => line.target.variable.text.clone(),
                Layout::EnvironmentAndSecrets | Layout::RuntimeEnvironment | Layout::LogOptions => {
                    line.target.text.clone()
                }
            },
            node: container.node.id(),
            location,
            line: line.secret.name_location,
        });
    }

    /// Remembers the first reference that holds only in this environment, and the first that holds
    /// only in this Region. The caller refuses to write them into a template that serves several.
    fn note_specific_parts(&mut self, line: &Line<'_>, container: &Container<'_>) {
        let (request, line_place) = (&self.inventory.request, line.secret.name_location);
        if line.target.is_environment_specific {
            let is_literal = request.config.rewrite.reference == ReferenceForm::Literal;
            let kind = if is_literal {
                SpecificKind::LiteralArn
            } else {
                SpecificKind::Name
            };
            self.decisions
                .environment_specific
                .get_or_insert(SpecificPart {
                    kind,
                    line: line_place,
                });
        }
        let has_several_regions = request.environment.regions.len() > 1;
        // A CodeBuild project gets a name, which means its own Region.
        let names_region = line
            .target
            .names_region
            .filter(|_| container.layout() != Layout::TypedVariables);
        if let Some(kind) = names_region.filter(|_| has_several_regions) {
            self.decisions.region_specific.get_or_insert(SpecificPart {
                kind,
                line: line_place,
            });
        }
    }

    /// Records that an entry needs the value of a line. The binding assumes that the store gives
    /// it.
    pub(super) fn want_value(
        &mut self,
        line: &Line<'_>,
        container: usize,
        (outcome, location): (Outcome, Location),
        entry: ValueEntry,
    ) {
        self.bind(
            line,
            &self.inventory.containers[container],
            outcome,
            location,
        );
        let Some((region, name)) = line.parameter.clone() else {
            return;
        };
        let binding = self.decisions.bindings.len() - 1;
        self.decisions.wanted.push(WantedValue {
            region,
            name,
            binding,
            container,
            entry,
        });
    }
}
