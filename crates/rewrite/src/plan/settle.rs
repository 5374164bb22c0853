//! The answers of a store: with them the decisions are settled.
//!
//! Only this phase sees a value of the store. It goes into the new content of an entry and nowhere
//! else; messages name the parameter.
//!
//! The answers and their effects:
//!
//! | answer | reference | value |
//! |---|---|---|
//! | known | – | written to the entry |
//! | missing | error `missing-parameter` | error `missing-parameter` |
//! | unknown | – | error `unknown-value` |
//! | not asked | – | error `needs-store` |
//!
//! A reference needs no value, so only a certain "no" is an error. An entry of
//! `Environment` can't be written without its value, so there everything but a value is one. A
//! value with a dynamic reference in it is refused as well (`dynamic-reference`).

use byref_parameter::SecretValue;
use byref_template::{Build, Diagnostic, Location};

use super::decisions::{Decisions, ReferencedParameter, ValueEntry, WantedValue};
use super::inventory::Inventory;
use super::movement::Content;
use crate::binding::Outcome;
use crate::question::{Answer, Answers};

/// Completes decisions with the answers of a store.
///
/// An entry that needs a value gets it; without one it is skipped, with an error. A parameter that
/// a reference names and that the store does not have is an error too. An answer that is not there
/// is no error for a reference: a plan can be made offline.
pub(super) fn settle(
    inventory: &Inventory<'_>,
    mut decisions: Decisions,
    answers: &Answers,
) -> Decisions {
    for referenced in &decisions.referenced {
        if matches!(
            answers.existence(&referenced.region, &referenced.name),
            Answer::Missing
        ) {
            decisions.messages.push(missing_parameter(referenced));
        }
    }
    for wanted in std::mem::take(&mut decisions.wanted) {
        let answer = answers.value(&wanted.region, &wanted.name);
        match usable_value(inventory, &decisions, &wanted, answer) {
            Ok(value) => write_value(inventory, &mut decisions, wanted, &value),
            Err(error) => {
                let reason = "its value is not known".to_owned();
                decisions.bindings[wanted.binding].outcome = Outcome::Skipped { reason };
                decisions.messages.push(*error);
            }
        }
    }
    decisions
}

/// Returns the error for a reference to a parameter that does not exist.
fn missing_parameter(referenced: &ReferencedParameter) -> Diagnostic {
    let ReferencedParameter {
        region,
        name,
        secret,
        line,
    } = referenced;
    let message = format!("the parameter `{name}` of `{secret}` does not exist in `{region}`");
    Diagnostic::error("missing-parameter", message, *line)
        .about(secret)
        .help("create it, or correct the line")
}

/// Returns the value of an answer.
///
/// # Errors
///
/// The value is missing or unknown, no store was asked, or the value holds a dynamic reference,
/// which CloudFormation would resolve.
fn usable_value(
    inventory: &Inventory<'_>,
    decisions: &Decisions,
    wanted: &WantedValue,
    answer: Answer<SecretValue>,
) -> Result<SecretValue, Box<Diagnostic>> {
    let binding = &decisions.bindings[wanted.binding];
    let (secret, line) = (&binding.secret, binding.line);
    let (code, message, help) = match answer {
        // CloudFormation resolves these wherever they appear, so the container would see something
        // else.
        Answer::Known(value) if value.expose().contains("{{resolve:") => {
            return Err(Box::new(dynamic_reference(secret, line)));
        }
        Answer::Known(value) => return Ok(value),
        Answer::NotAsked => (
            "needs-store",
            format!(
                "`{secret}` has no value in container `{}`: under the value scheme it must come from a store, and none was asked",
                binding.container
            ),
            "name the store that holds it with `--store`, add the entry to the template, or deploy this application by reference"
                .to_owned(),
        ),
        Answer::Missing => (
            "missing-parameter",
            format!("the parameter `{}` of `{secret}` does not exist in `{}`", wanted.name, wanted.region),
            "create it, or correct the line".to_owned(),
        ),
        Answer::Unknown(why) => (
            "unknown-value",
            format!("the value of `{secret}` can't be read: {why}"),
            format!("it is the parameter `{}` in `{}`", wanted.name, wanted.region),
        ),
    };
    let place = inventory.place(&inventory.containers[wanted.container]);
    let error = Diagnostic::error(code, message, line).about(secret);
    Err(Box::new(error.with(place, "for this container").help(help)))
}

/// Returns the error for a value that CloudFormation would not pass on as it is.
fn dynamic_reference(secret: &str, line: Location) -> Diagnostic {
    let message = format!(
        "the value of `{secret}` holds a dynamic reference, which CloudFormation would resolve"
    );
    Diagnostic::error("dynamic-reference", message, line)
        .about(secret)
        .help("store another value, or deploy this application by reference")
}

/// Adds the move that writes a value to its entry, and the removal of the reference that it
/// replaces.
fn write_value(
    inventory: &Inventory<'_>,
    decisions: &mut Decisions,
    wanted: WantedValue,
    value: &SecretValue,
) {
    let secret = decisions.bindings[wanted.binding].secret.clone();
    let content = Content {
        secret,
        value: Build::Text(value.expose().to_owned()),
        kind: "PLAINTEXT",
    };
    match wanted.entry {
        ValueEntry::New => {
            decisions
                .movements
                .entry(wanted.container)
                .or_default()
                .environment
                .added
                .push(content);
        }
        ValueEntry::Resolved { pair, reference } => {
            decisions
                .removals
                .note_reference(inventory.containers[wanted.container].document, reference);
            let movement = decisions.movements.entry(wanted.container).or_default();
            movement.secrets.leaving.insert(pair, content);
        }
        ValueEntry::Option {
            log,
            option,
            references,
        } => {
            let movement = decisions
                .options
                .entry((wanted.container, log))
                .or_default();
            movement.removed_secrets.extend(references);
            movement.added_options.push(Content {
                secret: option,
                ..content
            });
        }
    }
}
