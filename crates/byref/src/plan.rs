//! What shall change, and why.

use byref_rewrite::{Outcome, RoleReference, Verdict, limits, removed_comments, rewrite};
use byref_template::{Diagnostic, has_errors};
use serde::{Serialize, Serializer};

use crate::mistakes::{Message, Mistakes, Place};
use crate::output::Output;
use crate::templates::Templates;

/// What shall become of the templates of a deployment.
///
/// Serialises as a report without values: `app`, `environment`, `region`, `scheme`, `changes`, `access`, `messages`. Keys
/// are only ever added.
pub struct Plan<'t> {
    templates: &'t Templates<'t>,
    decided: byref_rewrite::Plan,
}

/// What happens to one secret in one container. Names that equal a known value are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The name of the environment variable.
    pub name: String,
    /// The template's name.
    pub template: String,
    /// Logical id of the task definition, or of another resource that has containers.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]` where it is not a literal.
    pub container: String,
    /// `moved`, `added`, `replaced`, `deduplicated`, `already-by-reference`, `embedded`, `resolved`, `by-value` or
    /// `skipped`. Words are only ever added.
    pub outcome: &'static str,
    /// Why it is skipped.
    pub reason: Option<String>,
    /// What `ValueFrom` says, pseudo parameters as `${AWS::…}`.
    pub reference: String,
    /// The entry in the template; the container where there is none yet.
    pub place: Place,
}

/// Whether a role may do what a service does with it to read one secret, judged from the templates alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The name of the environment variable.
    pub name: String,
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The container's name.
    pub container: String,
    /// `ssm:GetParameters`, `secretsmanager:GetSecretValue` or `kms:Decrypt`.
    pub action: &'static str,
    /// The ARNs that it is done on, one for each Region.
    pub resources: Vec<String>,
    /// The role's logical id, or its ARN; none for one that only the deploy knows.
    pub role: Option<String>,
    /// `allowed`, `not-allowed` or `unknown`, with what the plan grants.
    pub verdict: &'static str,
    /// Why, unless it is allowed.
    pub why: Option<String>,
    /// Whether the plan grants it.
    pub is_granted: bool,
}

impl<'t> Plan<'t> {
    pub(crate) fn new(templates: &'t Templates<'t>, decided: byref_rewrite::Plan) -> Self {
        Self { templates, decided }
    }

    /// What the user must know, in the order of places. An error among them stands in the way of [`Plan::rewrite`].
    pub fn messages(&self) -> Vec<Message> {
        self.decided.diagnostics.iter().map(|said| Message::of(&self.templates.sources, said)).collect()
    }

    /// Whether something stands in the way.
    pub fn has_errors(&self) -> bool {
        self.decided.has_errors()
    }

    /// What happens to every secret, by template, then by place.
    pub fn changes(&self) -> Vec<Change> {
        let known = &self.decided.known;
        let change = |binding: &byref_rewrite::Binding| Change {
            name: binding.secret.clone(),
            template: self.templates.documents[binding.document].path.clone(),
            task_definition: known.shown(&binding.task_definition).to_owned(),
            container: known.shown(&binding.container).to_owned(),
            outcome: binding.outcome.as_str(),
            reason: match &binding.outcome {
                Outcome::Skipped { reason } => Some(reason.clone()),
                _ => None,
            },
            reference: binding.reference.clone(),
            place: self.place(binding.location),
        };
        self.decided.bindings.iter().map(change).collect()
    }

    /// Whether the roles may read what the templates will refer to, in the order of the containers.
    pub fn access(&self) -> Vec<Access> {
        let known = &self.decided.known;
        let access = |access: &byref_rewrite::Access| {
            let binding = &self.decided.bindings[access.binding];
            let role = match &access.role {
                RoleReference::InTemplate(role) | RoleReference::Elsewhere(Some(role)) => Some(role),
                RoleReference::Elsewhere(None) => None,
            };
            Access {
                name: binding.secret.clone(),
                task_definition: known.shown(&binding.task_definition).to_owned(),
                container: known.shown(&binding.container).to_owned(),
                action: access.action,
                resources: access.resources.clone(),
                role: role.map(|role| known.shown(role).to_owned()),
                verdict: access.verdict.as_str(),
                why: match &access.verdict {
                    Verdict::Allowed => None,
                    Verdict::NotAllowed(why) | Verdict::Unknown(why) => Some(why.clone()),
                },
                is_granted: access.is_granted,
            }
        };
        self.decided.access.iter().map(access).collect()
    }

    /// The rewritten templates, in their order, without those that are only read; each proven.
    ///
    /// # Errors
    ///
    /// The messages of the plan where one of them is an error; a place that can't be edited, such as an alias; a result
    /// that an independent parser does not read as the source with the planned changes, which is a defect of byref.
    pub fn rewrite(&self) -> Result<Vec<Output<'t>>, Mistakes> {
        let (outputs, said) = self.attempt();
        if has_errors(&said) { Err(self.mistakes(said)) } else { Ok(outputs) }
    }

    /// As [`Plan::rewrite`], with all that can be made, and all that is said of the plan and of its outputs: for a front
    /// end that has more to say.
    pub fn attempt(&self) -> (Vec<Output<'t>>, Vec<Diagnostic>) {
        let mut outputs = Vec::new();
        let mut diagnostics = self.decided.diagnostics.clone();
        for (index, document) in self.templates.documents.iter().enumerate().filter(|(_, own)| own.is_written()) {
            match rewrite(document, &self.decided.changes[index]) {
                Ok(template) => {
                    let said: Vec<Diagnostic> = limits(&template, document.source)
                        .into_iter()
                        .chain(removed_comments(document, &template))
                        .collect();
                    let messages = said.iter().map(|said| Message::of(&self.templates.sources, said)).collect();
                    diagnostics.extend(said);
                    let carries_values = self.decided.carries_values_in(index);
                    outputs.push(Output { document, template, carries_values, messages });
                }
                Err(refusal) => diagnostics.push(*refusal),
            }
        }
        (outputs, diagnostics)
    }

    /// Messages into the templates, in which what is known to be secret is hidden.
    fn mistakes(&self, said: Vec<Diagnostic>) -> Mistakes {
        let sources = &self.templates.sources;
        for document in &self.templates.documents {
            sources.hide_also(document.source, self.decided.known.places(&document.template));
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

    fn place(&self, location: byref_template::Location) -> Place {
        Place::of(&self.templates.sources, location)
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
