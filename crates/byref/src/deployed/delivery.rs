//! The delivery of secrets in a template: by value, by reference, or not at all.
//!
//! A template, its rewrite and a deployed template are read by the same functions as a rewrite
//! reads them, so "a reference" means the same in a report and in the plan: environment variables
//! and log options, in all branches of `Fn::If`.
//!
//! ```text
//! Environment: [{Name: DB_PASSWORD, Value: not-a-secret}]         a value
//! Environment: [{Name: DB_PASSWORD, Value: !Ref Password}]        a value
//! Secrets: [{Name: DB_PASSWORD, ValueFrom: /production/web/key}]  a reference
//! neither                                                         -
//! ```

use std::collections::BTreeMap;

use byref_config::SecretLine;
use byref_parameter::SecretValue;
use byref_rewrite::{Candidate, Document, referenced_options, secret_candidates};
use byref_template::{Diagnostic, Span};
use serde::Serialize;

use crate::lines::{line_of, plaintexts_of_lines};

/// A name in a container.
///
/// The order (by name, task definition, container) is that of the rows of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    /// The name of the secret line.
    pub(crate) name: String,
    /// Logical id of the task definition.
    pub(crate) task_definition: String,
    /// The container's name, or `WebTask[0]`.
    pub(crate) container: String,
}

/// The way in which a container gets a secret. Words are only ever added.
///
/// Serialises as `value`, `reference` or `absent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Delivery {
    Value,
    Reference,
    Absent,
}

impl Delivery {
    /// Returns the words for a table.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::Reference => "a reference",
            Self::Absent => "-",
        }
    }
}

/// Returns the delivery of the secret lines in a template, each with its entry. A name that is a
/// value in one branch and a reference in another is a value.
///
/// The references are entered first and the values over them: a template that has the plaintext in
/// one branch still publishes it, whatever the other branch does.
pub(crate) fn deliveries(
    document: &Document,
    lines: &[&SecretLine],
) -> BTreeMap<Holder, (Delivery, Span)> {
    let mut found = BTreeMap::new();
    for (holder, candidate) in referenced(document, lines) {
        found.insert(holder, (Delivery::Reference, candidate.span));
    }
    for (line, entry) in plaintexts_of_lines(document, lines) {
        let (name, container) = (line.name.clone(), entry.container);
        let holder = Holder {
            name,
            task_definition: entry.task_definition,
            container,
        };
        found.insert(holder, (Delivery::Value, entry.span));
    }
    found
}

/// Returns the values that a template has for secret lines.
///
/// Literals and the defaults of referenced parameters: other expressions have no value that could
/// be hidden. Callers add them to the known values, so that no message repeats one.
pub(crate) fn values(document: &Document, lines: &[&SecretLine]) -> Vec<SecretValue> {
    let own = plaintexts_of_lines(document, lines).into_iter();
    own.filter_map(|(_, entry)| entry.value).collect()
}

/// Returns the entries of secret lines that are references.
pub(super) fn referenced(document: &Document, lines: &[&SecretLine]) -> Vec<(Holder, Candidate)> {
    let variables = secret_candidates(document)
        .into_iter()
        .map(|entry| (line_of(lines, &entry.name, false), entry));
    let options = referenced_options(document)
        .into_iter()
        .map(|entry| (line_of(lines, &entry.name, true), entry));
    let of_line = |(line, entry): (Option<&SecretLine>, Candidate)| {
        let is_reference = !matches!(entry.delivery, byref_rewrite::Delivery::Value);
        let (task_definition, container) = (entry.task_definition.clone(), entry.container.clone());
        let holder = Holder {
            name: line?.name.clone(),
            task_definition,
            container,
        };
        is_reference.then_some((holder, entry))
    };
    variables.chain(options).filter_map(of_line).collect()
}

/// Returns a message for each reference of a stack that a deploy would turn into a value: an error,
/// or a warning where that was asked for. A renamed container counts as the same one.
///
/// | stack | rewrite | message |
/// | --- | --- | --- |
/// | reference | value, same container | yes |
/// | reference | value, container renamed | yes |
/// | value | value | none: nothing becomes worse |
/// | nothing | value | none, unless another container had it by reference and loses it |
///
/// It is an error by default because it is hard to undo: the revision with the plaintext stays
/// readable after the next deploy, and the value has to be rotated.
pub(crate) fn downgrades(
    deployed: &Document,
    next: &[Document],
    lines: &[&SecretLine],
    is_asked_for: bool,
) -> Vec<Diagnostic> {
    let now = deliveries(deployed, lines);
    let then: BTreeMap<Holder, Delivery> = next
        .iter()
        .flat_map(|document| deliveries(document, lines))
        .map(|(holder, (delivery, _))| (holder, delivery))
        .collect();
    let is_reference_then = |holder: &Holder| then.get(holder) == Some(&Delivery::Reference);
    let mut found = Vec::new();
    for (holder, _) in then
        .iter()
        .filter(|(_, delivery)| **delivery == Delivery::Value)
    {
        let before = match now.get(holder) {
            Some((Delivery::Reference, span)) => Some(*span),
            Some(_) => None,
            None => now
                .iter()
                .find(|(other, (delivery, _))| {
                    other.name == holder.name
                        && *delivery == Delivery::Reference
                        && !is_reference_then(other)
                })
                .map(|(_, (_, span))| *span),
        };
        let line = lines.iter().find(|line| line.name == holder.name);
        let (Some(span), Some(line)) = (before, line) else {
            continue;
        };
        let Holder {
            name,
            task_definition,
            container,
        } = holder;
        let message = format!(
            "`{name}` of `{task_definition}/{container}` is a reference in the {} and would become a value",
            deployed.path
        );
        let diagnostic = if is_asked_for {
            Diagnostic::warning("downgrade", message, line.name_location).help(
                "the value will be plaintext in the task definition, and in every later revision",
            )
        } else {
            Diagnostic::error("downgrade", message, line.name_location).help(
                "deploy by reference (`byref flag` shows which rule decided), or pass `--to-values` to go back to values on purpose",
            )
        };
        found.push(diagnostic.with(deployed.location(span), "a reference now"));
    }
    found
}
