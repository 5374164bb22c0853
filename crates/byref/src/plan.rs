//! The changes of a deployment's templates, with their reasons.

use byref_rewrite::{limits, removed_comments, rewrite};
use byref_template::{Diagnostic, has_errors};
use serde::{Serialize, Serializer};

use crate::change::{Access, Change, changes};
use crate::mistakes::{Message, Mistakes};
use crate::output::Output;
use crate::templates::Templates;

/// The changes of a deployment's templates, with a reason for each.
///
/// Serialises as a report without values: `app`, `environment`, `region`, `scheme`, `changes`,
/// `access`, `messages`. Keys are only ever added.
pub struct Plan<'t> {
    templates: &'t Templates<'t>,
    decided: byref_rewrite::Plan,
}

impl<'t> Plan<'t> {
    pub(crate) fn new(templates: &'t Templates<'t>, decided: byref_rewrite::Plan) -> Self {
        Self { templates, decided }
    }

    /// Returns the messages to the user, in the order of places. An error among them prevents
    /// [`Plan::rewrite`].
    pub fn messages(&self) -> Vec<Message> {
        self.decided
            .diagnostics
            .iter()
            .map(|said| Message::of(&self.templates.sources, said))
            .collect()
    }

    /// Returns whether a message is an error.
    pub fn has_errors(&self) -> bool {
        self.decided.has_errors()
    }

    /// Returns the change of every secret, by template, then by place.
    pub fn changes(&self) -> Vec<Change> {
        changes(
            &self.decided,
            &self.templates.sources,
            &self.templates.documents,
        )
    }

    /// Returns the rights that roles need for reading the referenced secrets, in the order of the
    /// containers.
    pub fn access(&self) -> Vec<Access> {
        self.decided
            .access
            .iter()
            .map(|access| Access::new(&self.decided, access))
            .collect()
    }

    /// The rewritten templates, in their order, without those that are only read; each proven.
    ///
    /// # Errors
    ///
    /// The messages of the plan where one of them is an error; a place that can't be edited, such
    /// as an alias; a result that an independent parser does not read as the source with the
    /// planned changes, which is a defect of byref.
    pub fn rewrite(&self) -> Result<Vec<Output<'t>>, Mistakes> {
        let (outputs, said) = self.attempt();
        if has_errors(&said) {
            Err(self.mistakes(said))
        } else {
            Ok(outputs)
        }
    }

    /// Rewrites as [`Plan::rewrite`] does, and returns the outputs that could be made together with
    /// all messages of the plan and of the outputs, for a front end that adds messages of its own.
    pub fn attempt(&self) -> (Vec<Output<'t>>, Vec<Diagnostic>) {
        let mut outputs = Vec::new();
        let mut diagnostics = self.decided.diagnostics.clone();
        for (index, document) in self
            .templates
            .documents
            .iter()
            .enumerate()
            .filter(|(_, own)| own.is_written())
        {
            match rewrite(document, &self.decided.changes[index]) {
                Ok(template) => {
                    let said: Vec<Diagnostic> = limits(&template, document.source)
                        .into_iter()
                        .chain(removed_comments(document, &template))
                        .collect();
                    let messages = said
                        .iter()
                        .map(|said| Message::of(&self.templates.sources, said))
                        .collect();
                    diagnostics.extend(said);
                    let carries_values = self.decided.carries_values_in(index);
                    outputs.push(Output {
                        document,
                        template,
                        carries_values,
                        messages,
                    });
                }
                Err(refusal) => diagnostics.push(*refusal),
            }
        }
        (outputs, diagnostics)
    }

    /// Returns the error for messages into the templates, in whose lines known values are hidden.
    fn mistakes(&self, said: Vec<Diagnostic>) -> Mistakes {
        let sources = &self.templates.sources;
        for document in &self.templates.documents {
            sources.hide_also(
                document.source,
                self.decided.known.places(&document.template),
            );
        }
        Mistakes::new(sources.clone(), said)
    }

    /// The decisions in full, with places in the templates' trees.
    pub fn decided(&self) -> &byref_rewrite::Plan {
        &self.decided
    }

    /// The same, without the templates.
    pub fn into_decided(self) -> byref_rewrite::Plan {
        self.decided
    }
}

/// The report, in the order in which people read it.
#[derive(Serialize)]
struct Report<'p> {
    app: &'p str,
    environment: &'p str,
    region: String,
    scheme: &'static str,
    changes: Vec<Change>,
    access: Vec<Access>,
    messages: Vec<Message>,
}

impl Serialize for Plan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let request = self.templates.deployment.request();
        Report {
            app: &request.app.name,
            environment: &request.environment.name,
            region: request.region.to_string(),
            scheme: request.scheme.as_str(),
            changes: self.changes(),
            access: self.access(),
            messages: self.messages(),
        }
        .serialize(serializer)
    }
}
