//! From configuration and templates to a plan, in phases.
//!
//! Each phase is a function that reads the values of earlier phases, and gives a value of its own:
//!
//! | Phase | reads | gives |
//! |---|---|---|
//! | [`Inventory::new`] | request and templates | declarations, conditions, containers |
//! | [`resolve_lines`] | request | the secret lines with their references |
//! | [`choose()`] | inventory, lines | the containers of each line |
//! | [`decide()`] | inventory, lines, choices | bindings, moves, removed values, questions |
//! | [`settle()`] | decisions, answers | the decisions with the values of the store |
//! | [`compose_changes`] | inventory, decisions | the changes of each template |
//! | [`clean_declarations`] | removals, changes | unused declarations, and their removal |
//! | [`assess`] | inventory, bindings | verdicts on roles, and the rights that roles get |
//! | [`write_grants`], [`prune_grants`] | rights, bindings | changes of policies and roles |
//!
//! Everything before the answers of a store is a part of [`Survey`], so that the questions and any
//! number of plans share it. Messages are made in the phase that knows of them; no phase reads the
//! message of another one.

mod access;
mod branch;
mod choose;
mod compose;
mod compose_log_option;
mod decide;
mod decisions;
mod denied;
mod duplicates;
mod edit;
mod environment_parameter;
mod existing;
mod extend_policy;
mod grant;
mod inventory;
mod known;
mod leftover;
mod line;
mod log_option;
mod movement;
mod need;
mod new_role;
mod one_value;
mod own;
mod parameter;
mod prune;
mod reach;
mod replaced;
mod rights;
mod role;
mod settle;
mod shared_role;
mod typed;
mod unneeded;
mod unseen;
mod unused;
mod wait;

use std::collections::BTreeSet;

use byref_template::{Changes, Diagnostic, Severity, SourceId, has_errors};

use self::access::{Assessment, assess};
use self::choose::choose;
use self::compose::compose_changes;
use self::decisions::{Decisions, decide};
use self::denied::AccessReport;
use self::grant::{blue_green_error, environment_specific, granted_documents, write_grants};
use self::inventory::Inventory;
use self::known::{known_values, mask};
use self::leftover::{CopySearch, override_warnings};
use self::line::{Line, resolve_lines, secrets_manager_notes};
use self::parameter::clean_declarations;
use self::prune::prune_grants;
use self::role::{instance_warnings, missing_role_messages};
use self::settle::settle;
use self::shared_role::shared_role_warnings;
use crate::binding::{Binding, Outcome, Plan};
use crate::question::{Answers, Question};
use crate::request::{Content, Document, Request, UnneededGrants};

/// The templates of a run with the decisions about their entries, for one request.
///
/// A survey is made once. It then gives the questions to a store, and a plan for each set of
/// answers.
///
/// The two halves are separate because a store may be slow, absent, or asked by another process:
/// the survey reads the templates once, and any number of plans follow from it, each with other
/// answers. A survey borrows the request and the templates, and is not changed by a plan.
///
/// The order of the calls is always the same:
///
/// 1. [`Survey::new`] with the request and all templates of the application,
/// 2. [`Survey::questions`], whose answers the caller collects as it likes, or not at all,
/// 3. [`Survey::plan`] with those answers,
/// 4. [`rewrite`](crate::rewrite) for each template with the changes of the plan.
pub struct Survey<'t> {
    inventory: Inventory<'t>,
    lines: Vec<Line<'t>>,
    decisions: Decisions,
}

impl<'t> Survey<'t> {
    /// Reads the templates of an application, those that the run writes and those that it only
    /// reads, and decides what happens to the entries of their containers.
    pub fn new(request: Request<'t>, documents: &'t [Document]) -> Self {
        let inventory = Inventory::new(request, documents);
        let (lines, mut messages) = resolve_lines(&inventory.request);
        let (choices, of_choices) = choose(&inventory, &lines);
        let mut decisions = decide(&inventory, &lines, &choices);
        messages.extend(of_choices);
        messages.append(&mut decisions.messages);
        decisions.messages = messages;
        Self {
            inventory,
            lines,
            decisions,
        }
    }

    /// Returns the questions to a store that a plan needs answers to, each once and in order.
    ///
    /// Under the reference scheme these ask for the existence of the parameters, in every Region of
    /// the environment; under the value scheme for the values that the templates will carry, in the
    /// Region of the request. No question asks for a value that a template has an entry for.
    pub fn questions(&self) -> Vec<Question> {
        self.decisions.questions()
    }

    /// Plans the changes of the templates, with the answers of a store.
    ///
    /// Never fails: all problems are among the messages of the plan, and a plan with an error
    /// changes nothing.
    pub fn plan(&self, answers: &Answers) -> Plan {
        let inventory = &self.inventory;
        let decisions = settle(inventory, self.decisions.clone(), answers);
        let known = known_values(inventory, &decisions.removals.values, answers);
        let mut plan = match inventory.request.content {
            Content::Whole => plan_whole(inventory, &self.lines, decisions),
            Content::Grants => plan_grants(inventory, &self.lines, decisions),
        };
        mask(&mut plan, &known);
        plan.known = known;
        sort_messages(&mut plan.diagnostics);
        if has_errors(&plan.diagnostics) {
            plan.changes = vec![Changes::default(); inventory.documents.len()];
        }
        plan
    }
}

/// Plans references or values, with the grants that they need.
///
/// Copies and overrides are also reported for templates that the run only reads: the value is in
/// them whatever the run writes.
fn plan_whole(inventory: &Inventory<'_>, lines: &[Line<'_>], decisions: Decisions) -> Plan {
    let mut messages = inventory.opaque_parts();
    let mut changes = compose_changes(inventory, &decisions);
    messages.extend(secrets_manager_notes(&inventory.request, lines));
    let (unused, of_declarations) =
        clean_declarations(inventory, &decisions.removals, &mut changes);
    messages.extend(of_declarations);
    let removed = &decisions.removals.values;
    let mut of_any = CopySearch {
        inventory,
        lines,
        removed,
        unused: &unused,
    }
    .warnings();
    of_any.extend(override_warnings(inventory, &decisions.bindings));
    let mut plan = with_grants(inventory, lines, decisions, (changes, messages));
    // Copies and overrides are reported in the templates that the run only reads, too.
    plan.diagnostics.append(&mut of_any);
    plan
}

/// Plans the grants alone, for an update of the stack before the one that brings the references.
///
/// Messages about references concern the later update, apart from errors.
///
/// Source: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`"
/// ("Considerations"): a task definition changes in an update of its own.
fn plan_grants(inventory: &Inventory<'_>, lines: &[Line<'_>], mut decisions: Decisions) -> Plan {
    decisions
        .messages
        .retain(|diagnostic| diagnostic.severity == Severity::Error);
    decisions.environment_specific = None;
    decisions.region_specific = None;
    decisions.kept_references.clear();
    let changes = vec![Changes::default(); inventory.documents.len()];
    let mut plan = with_grants(inventory, lines, decisions, (changes, Vec::new()));
    for binding in &mut plan.bindings {
        if binding.writes_reference() || binding.outcome == Outcome::Deduplicated {
            binding.outcome = Outcome::Skipped {
                reason: "only grants are written".to_owned(),
            };
        }
    }
    plan
}

/// Adds the verdicts on roles and the grants to the changes and the messages so far.
///
/// Bindings are sorted first, since the indices in [`crate::Access`] refer to the order in the
/// plan. Grants come after all other changes: pruning has to know which references change.
fn with_grants(
    inventory: &Inventory<'_>,
    lines: &[Line<'_>],
    decisions: Decisions,
    (mut changes, mut messages): (Vec<Changes>, Vec<Diagnostic>),
) -> Plan {
    let Decisions {
        mut bindings,
        environment_specific: specific,
        region_specific,
        mut kept_references,
        ..
    } = decisions;
    messages.extend(decisions.messages);
    messages.extend(missing_role_messages(inventory, &bindings));
    messages = of_written_templates(inventory, messages);
    let is_undecided = has_errors(&messages);
    sort_bindings(&mut bindings);
    kept_references.sort_by(|a, b| (a.location, &a.secret).cmp(&(b.location, &b.secret)));
    let Assessment {
        access,
        places,
        grants,
    } = assess(inventory, lines, &bindings);
    messages.extend(
        AccessReport {
            inventory,
            bindings: &bindings,
            access: &access,
            places: &places,
        }
        .messages(),
    );
    let brings_more: Vec<bool> = changes.iter().map(|changes| !changes.is_empty()).collect();
    messages.extend(write_grants(inventory, &grants, &mut changes));
    if inventory.request.unneeded_grants == UnneededGrants::Prune {
        messages.extend(prune_grants(inventory, &bindings, &mut changes));
    }
    messages.extend(shared_role_warnings(inventory, &bindings));
    messages.extend(instance_warnings(inventory, &bindings));
    let in_one_update = granted_documents(&grants)
        .into_iter()
        .filter(|document| brings_more[*document]);
    messages.extend(in_one_update.filter_map(|document| blue_green_error(inventory, document)));
    for (changes, document) in changes.iter_mut().zip(inventory.documents) {
        if !document.is_written() {
            *changes = Changes::default();
        }
    }
    Plan {
        changes,
        bindings,
        access,
        diagnostics: of_written_templates(inventory, messages),
        environment_specific: specific.or_else(|| environment_specific(inventory, &grants)),
        region_specific,
        kept_references,
        is_undecided,
        ..Plan::default()
    }
}

/// Leaves out the messages that point into templates that the run only reads.
fn of_written_templates(
    inventory: &Inventory<'_>,
    mut messages: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let read_only = inventory
        .documents
        .iter()
        .filter(|document| !document.is_written());
    let read_only: BTreeSet<SourceId> = read_only.map(|document| document.source).collect();
    messages.retain(|diagnostic| !read_only.contains(&diagnostic.primary.location.source));
    messages
}

/// Sorts bindings by template, then by place, then by name.
fn sort_bindings(bindings: &mut [Binding]) {
    bindings.sort_by(|a, b| {
        (a.document, a.location, &a.secret).cmp(&(b.document, b.location, &b.secret))
    });
}

/// Sorts messages by place, the most severe first, each once.
fn sort_messages(messages: &mut Vec<Diagnostic>) {
    messages.sort_by(|a, b| {
        let key = |message: &Diagnostic| {
            (
                message.primary.location,
                std::cmp::Reverse(message.severity),
                message.code,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    messages.dedup();
}
