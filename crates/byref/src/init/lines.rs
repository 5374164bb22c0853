//! The secret lines of a first configuration: one for each name that the containers of a group of
//! templates have.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::{derived_key, shown_name, toml_key, toml_string};
use byref_known::KnownValues;
use byref_parameter::{MASK, SecretValue};
use byref_rewrite::{Candidate, Delivery, Document, plaintexts, secret_candidates};
use byref_template::Sources;

use crate::render::escape::{one_line, page};

/// A line of `[apps.….secrets]`, or a comment in its place.
pub(super) struct Line {
    /// The name of the environment variable.
    pub(super) name: String,
    /// `DB_PASSWORD = "db-password"`, on one line.
    pub(super) text: String,
    /// The places of the name in the templates.
    seen: Vec<String>,
    /// The reason why the line is commented out.
    pub(super) reason: Option<String>,
    delivery: Delivery,
}

impl Line {
    /// The line as it is written, padded so that the comments are below each other.
    pub(super) fn written(&self, width: usize) -> String {
        let seen = comment(&self.seen.join("; "));
        match &self.reason {
            None => format!("{:width$}  # seen in {seen}\n", self.text),
            Some(reason) => {
                format!(
                    "# {}  # seen in {seen}\n#   not active: {}\n",
                    self.text,
                    comment(reason)
                )
            }
        }
    }

    /// Without its name, which holds the value of a secret.
    fn unnamed(self) -> Self {
        let reason =
            "the name of this entry holds the value of a secret: rename it, and rotate the secret"
                .to_owned();
        Self {
            text: format!("{MASK} = \"…\""),
            reason: Some(reason),
            ..self
        }
    }

    fn new(name: &str, delivery: Delivery) -> Self {
        let (text, reason) = line(name, &delivery);
        Self {
            name: name.to_owned(),
            text,
            seen: Vec::new(),
            reason,
            delivery,
        }
    }
}

/// A text as it can be in a comment, and printed.
fn comment(text: &str) -> String {
    page(&one_line(text)).into_owned()
}

/// Returns a line for each name, in the order in which they are seen. A name that is a value in one
/// container and a reference in another one gets the line that repeats the reference.
pub(super) fn lines(sources: &Sources, documents: &[&Document]) -> Vec<Line> {
    let known = known_values(documents);
    let new = |name: &str, delivery| {
        let line = Line::new(name, delivery);
        if known.occur_in(name) {
            line.unnamed()
        } else {
            line
        }
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut indices: BTreeMap<String, usize> = BTreeMap::new();
    for document in documents {
        for Candidate {
            name,
            task_definition,
            container,
            span,
            reason,
            delivery,
        } in secret_candidates(document)
        {
            let place = sources.position(document.location(span));
            let index = *indices.entry(name.clone()).or_insert_with(|| {
                lines.push(new(&name, delivery.clone()));
                lines.len() - 1
            });
            if lines[index].delivery == Delivery::Value && delivery != Delivery::Value {
                lines[index] = Line {
                    seen: std::mem::take(&mut lines[index].seen),
                    ..new(&name, delivery)
                };
            }
            let (task_definition, container) =
                (known.shown(&task_definition), known.shown(&container));
            lines[index].seen.push(format!(
                "{place}, {task_definition} container {container} ({reason})"
            ));
        }
    }
    lines
}

/// The values of the secrets that will have a line: containers may be called the same.
fn known_values(documents: &[&Document]) -> KnownValues {
    let mut values = Vec::new();
    for document in documents {
        let names: BTreeSet<String> = secret_candidates(document)
            .into_iter()
            .map(|candidate| candidate.name)
            .collect();
        let own = plaintexts(document)
            .into_iter()
            .filter(|plaintext| names.contains(&plaintext.name));
        values.extend(own.filter_map(|plaintext| plaintext.value));
    }
    KnownValues::new(values.iter().map(SecretValue::expose))
}

/// A reference is repeated as it is; one that can't be repeated is left to the user.
fn line(name: &str, delivery: &Delivery) -> (String, Option<String>) {
    let shown = toml_key(name);
    let derived = format!("{shown} = {}", toml_string(&derived_key(name)));
    match delivery {
        Delivery::Value => (derived, None),
        Delivery::Reference(text) if shown_name(text) != text || byref_judge::secret_reason(name, text).is_some() => {
            let reason = "the reference in the template looks like a plaintext value: a task would fail to start";
            (derived, Some(reason.to_owned()))
        }
        Delivery::Reference(text) if text.contains('/') => (format!("{shown} = {}", toml_string(text)), None),
        // A password may have the same grammar.
        Delivery::Reference(_) => (
            format!("{shown} = {{ name = \"…\" }}"),
            Some("the reference in the template has no folder, as a plaintext value has none: if it is a parameter, write its name here".to_owned()),
        ),
        Delivery::ComputedReference => {
            (derived, Some("its reference in the template is computed: write the parameter's name here".to_owned()))
        }
    }
}
