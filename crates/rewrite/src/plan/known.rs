//! The values of the run's secrets, and the masks over them in the texts of a plan.
//!
//! A value may also be the name of something: a container may be called like the password. Messages
//! repeat names of the template, so every text of a plan is masked before anything can print it.

use byref_cloudformation::{DYNAMIC_REFERENCE, Facts, has_no_echo, literal, sub_text};
use std::collections::BTreeSet;

use byref_known::KnownValues;

use super::decisions::RemovedValue;
use super::inventory::Inventory;
use super::replaced::written_values;
use crate::binding::{Outcome, Plan};
use crate::question::Answers;
use byref_iam::Verdict;

/// Masks the names that hold a known value in all texts of a plan. A plan that fails is masked too,
/// since its errors repeat names of the template.
pub(super) fn mask(plan: &mut Plan, known: &KnownValues) {
    for diagnostic in &mut plan.diagnostics {
        known.mask(diagnostic);
    }
    for access in &mut plan.access {
        if let Verdict::NotAllowed(why) | Verdict::Unknown(why) = &mut access.verdict {
            *why = known.masked(why);
        }
    }
    for binding in &mut plan.bindings {
        if let Outcome::Skipped { reason } = &mut binding.outcome {
            *reason = known.masked(reason);
        }
    }
}

/// Collects the values of the run's secrets: the templates' values of declared names, the defaults
/// of parameters with `NoEcho`, and the values that the store gave.
///
/// Dynamic references are names, and left out. Of a value that `Fn::Sub` makes, the text between
/// the placeholders counts, because the password of a URL is a part of it.
pub(super) fn known_values(
    inventory: &Inventory<'_>,
    removed: &[RemovedValue],
    answers: &Answers,
) -> KnownValues {
    let lines = inventory
        .request
        .app
        .secrets(Some(&inventory.request.environment.name));
    let declared: BTreeSet<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let mut values: BTreeSet<String> = removed.iter().map(|removed| removed.text.clone()).collect();
    for parameter in inventory
        .declarations
        .iter()
        .flat_map(|declarations| declarations.parameters.values())
    {
        if has_no_echo(*parameter) {
            values.extend(parameter.get("Default").and_then(literal));
        }
    }
    let facts: Vec<Facts<'_>> = inventory
        .documents
        .iter()
        .map(|document| Facts::of(&document.template))
        .collect();
    for container in &inventory.containers {
        let is_declared = |name: &String| declared.contains(name.as_str());
        let pairs = container.environment.pairs.iter();
        let pairs = pairs.filter(|pair| {
            pair.name
                .iter()
                .chain(&pair.possible_names)
                .any(is_declared)
        });
        let options = container
            .logs
            .iter()
            .filter_map(|log| log.options)
            .flat_map(|log| log.value.entries());
        let options =
            options.filter(|entry| entry.key.text().is_some_and(|key| is_option(&lines, &key)));
        for entry in pairs.filter_map(|pair| pair.value).chain(options) {
            let (facts, declarations) = (
                &facts[container.document],
                &inventory.declarations[container.document],
            );
            let written = written_values(entry.value, facts, declarations);
            values.extend(written.into_iter().map(|written| written.text));
            // A computed value holds secrets in parts: the password of a URL. Its holes are in no
            // text.
            let call = entry.value.intrinsic().filter(|call| call.name == "Sub");
            let text = call.and_then(|call| sub_text(call.argument));
            values.extend(text.map(|text| text.replace("${", "\0{")));
        }
    }
    values.retain(|value| !value.contains(DYNAMIC_REFERENCE));
    let stored = answers.values().map(byref_parameter::SecretValue::expose);
    KnownValues::new(values.iter().map(String::as_str).chain(stored))
}

/// Returns whether a secret line is about an option of a log driver.
fn is_option(lines: &[&byref_config::SecretLine], key: &str) -> bool {
    lines
        .iter()
        .any(|line| line.log_option.as_deref() == Some(key))
}
