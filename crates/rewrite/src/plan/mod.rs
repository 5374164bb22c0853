//! From configuration and templates to a plan.
//!
//! Three steps: survey the templates, decide per secret line which containers get it and what happens there,
//! and compose that into changes. Then look at what stays behind: copies of removed values, parameters
//! without a use, overrides that can't set a secret, task definitions without an execution role.

mod access;
mod branch;
mod compose;
mod decide;
mod denied;
mod environment_parameter;
mod grant;
mod grants_only;
mod known;
mod leftover;
mod log_option;
mod new_role;
mod one_value;
mod own;
mod parameter;
mod prune;
mod reach;
mod replaced;
mod role;
mod select;
mod shared_role;
mod store;
mod typed;
mod unseen;
mod unused;
mod wait;

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Declarations, Layout, Logic};
use byref_config::{Reference, ReferenceForm, Scheme, SecretLine};
use byref_parameter::{ParameterName, Region};
use byref_template::{Changes, Diagnostic, Location, NodeId, Span, has_errors};

use crate::binding::{Baked, BakedPart, Binding, Outcome, Plan, StandingReference};
use crate::container::{Container, TaskDefinition, task_definitions};
use crate::nested::nested_stacks;
use crate::question::{Answers, Question};
use crate::reference::Target;
use crate::request::{Content, Document, Request, StandingReferences};

impl Survey<'_> {
    /// What a store would have to tell for a plan, each question once, in order: under the reference scheme whether the
    /// parameters are there, in every Region of the environment; under the value scheme the values that the templates
    /// will carry, in the Region of the request. No template needs a value that has an entry for it.
    pub fn questions(&self) -> Vec<Question> {
        let answers = Answers::none();
        let mut planner = Planner::new(&answers, self);
        let (lines, _) = planner.decide_all();
        planner.decide_log_options(&lines);
        planner.questions.into_iter().collect()
    }

    /// Decides what shall happen to the templates, with what is known of the store.
    ///
    /// Never fails: what stands in the way is among the plan's messages, all of it in one report.
    pub fn plan(&self, answers: &Answers) -> Plan {
        let mut planner = Planner::new(answers, self);
        planner.report_unseen();
        let (lines, movements) = planner.decide_all();
        let options = planner.decide_log_options(&lines);
        if self.request.content == Content::Whole {
            planner.say_what_stays(&lines);
            for (container, movement) in &movements {
                let container = &self.containers[*container];
                compose::compose(container, movement, &mut planner.plan.changes[container.document]);
            }
            for ((container, log), movement) in &options {
                let container = &self.containers[*container];
                log_option::compose(&container.logs[*log], movement, &mut planner.plan.changes[container.document]);
            }
            planner.check_roles();
            planner.report_parameters();
            planner.report_leftovers(&lines);
        } else {
            planner.leave_out_references();
            planner.check_roles();
        }
        planner.sort_bindings();
        let grants = planner.judge_access(&lines);
        planner.grant(&grants);
        if self.request.content == Content::Grants {
            planner.skip_movements();
        }
        planner.finish()
    }
}

/// What the templates of a run hold, for a request: made once, then asked for its questions and for a plan.
pub struct Survey<'t> {
    request: Request<'t>,
    documents: &'t [Document],
    declarations: Vec<Declarations<'t>>,
    /// What the conditions of each template exclude.
    logic: Vec<Logic<'t>>,
    task_definitions: Vec<TaskDefinition<'t>>,
    /// The containers of all task definitions that belong to the application, in order.
    containers: Vec<Container<'t>>,
    /// Indices of the containers that have a name in one of their lists, by that name.
    holders: BTreeMap<String, Vec<usize>>,
    /// `Fn::ForEach` loops that make task definitions, by template.
    loops: Vec<Vec<byref_template::NodeRef<'t>>>,
    /// The stacks of other templates of the run that each template is nested as: the template, and the logical id.
    nested_as: Vec<Vec<(usize, String)>>,
}

impl<'t> Survey<'t> {
    /// Looks into the templates of an application: those that are written, and those that are only read.
    pub fn new(request: Request<'t>, documents: &'t [Document]) -> Self {
        let mut survey = Survey {
            request,
            documents,
            declarations: Vec::new(),
            logic: Vec::new(),
            task_definitions: Vec::new(),
            containers: Vec::new(),
            holders: BTreeMap::new(),
            loops: Vec::new(),
            nested_as: documents.iter().map(|document| nested_as(documents, document)).collect(),
        };
        let only = &request.app.task_definitions;
        for (index, document) in documents.iter().enumerate() {
            survey.logic.push(Logic::of(&document.template));
            survey.declarations.push(Declarations::of(&document.template));
            let (found, loops) = task_definitions(index, document);
            survey.loops.push(loops);
            for mut task_definition in found {
                if only.is_empty() || only.contains(&task_definition.logical_id) {
                    survey.containers.append(&mut task_definition.containers);
                    survey.task_definitions.push(task_definition);
                }
            }
        }
        for (index, container) in survey.containers.iter().enumerate() {
            let names: BTreeSet<&str> = container.environment.names().chain(container.secrets.names()).collect();
            let lists = [&container.environment, &container.secrets];
            let possible = lists.into_iter().flat_map(|list| &list.pairs).flat_map(|pair| &pair.possible_names);
            let names: BTreeSet<&str> = names.into_iter().chain(possible.map(String::as_str)).collect();
            for name in names {
                survey.holders.entry(name.to_owned()).or_default().push(index);
            }
        }
        survey
    }
}

fn nested_as(documents: &[Document], child: &Document) -> Vec<(usize, String)> {
    let stacks = |(index, parent)| nested_stacks(parent, child).into_iter().map(move |stack| (index, stack));
    documents.iter().enumerate().flat_map(stacks).collect()
}

/// A secret line with what it refers to.
struct Line<'c> {
    secret: &'c SecretLine,
    target: Target,
    /// Where its value is kept; none for a secret of Secrets Manager, which stays a reference under the value scheme.
    parameter: Option<(Region, ParameterName)>,
}

impl Line<'_> {
    /// Whether the line's key is this text, and not one that follows from the name as keys do.
    fn is_key_of(&self, text: &str) -> bool {
        let derived = self.secret.name.to_ascii_lowercase().replace('_', "-");
        matches!(&self.secret.target, byref_config::Target::Key { key, .. } if key == text && *key != derived)
    }
}

/// In which list of its containers a secret is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Destination {
    /// By reference.
    Secrets,
    /// By value.
    Environment,
    /// By value, and an entry that stands in either list is left alone.
    WhereItStands,
}

/// A value that leaves the template.
struct RemovedValue {
    document: usize,
    secret: String,
    text: String,
    span: Span,
    by: Holder,
}

/// Where the text of a value that leaves the template is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// In the entry.
    Value,
    /// In a parameter's default or a mapping, which may stay.
    Declaration,
}

struct Planner<'p> {
    request: &'p Request<'p>,
    documents: &'p [Document],
    answers: &'p Answers,
    questions: BTreeSet<Question>,
    survey: &'p Survey<'p>,
    plan: Plan,
    removed_values: Vec<RemovedValue>,
    /// The values of the lines so far, by the parameter that they refer to.
    seen_values: BTreeMap<String, one_value::SeenValue>,
    /// Parameters, conditions and mappings that are reported as unused.
    unused_declarations: BTreeSet<Location>,
    /// What is said of templates that are only read, too.
    of_any: Vec<Diagnostic>,
    /// Containers of the survey whose uncertain name is reported.
    uncertain_containers: BTreeSet<usize>,
    /// Values whose references to parameters go, by template.
    removed_uses: Vec<Vec<NodeId>>,
    /// Those of them that are references, by template: what they hold is a name and no secret.
    replaced_references: Vec<Vec<NodeId>>,
}

impl<'p> Planner<'p> {
    fn new(answers: &'p Answers, survey: &'p Survey<'p>) -> Self {
        let (request, documents) = (&survey.request, survey.documents);
        let plan = Plan { changes: vec![Changes::default(); documents.len()], ..Plan::default() };
        let none = vec![Vec::new(); documents.len()];
        Self {
            request,
            documents,
            answers,
            questions: BTreeSet::new(),
            survey,
            plan,
            removed_values: Vec::new(),
            seen_values: BTreeMap::new(),
            unused_declarations: BTreeSet::new(),
            of_any: Vec::new(),
            uncertain_containers: BTreeSet::new(),
            removed_uses: none.clone(),
            replaced_references: none,
        }
    }

    /// What happens to every line in every container that gets it; movements by container of the survey.
    fn decide_all(&mut self) -> (Vec<Line<'p>>, BTreeMap<usize, compose::Movement>) {
        let lines = self.resolve_lines();
        let mut movements: BTreeMap<usize, compose::Movement> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.secret.log_option.is_none()) {
            for chosen in self.choose_containers(line) {
                if !self.writes_container(chosen.container) {
                    continue;
                }
                self.decide(line, &chosen, movements.entry(chosen.container).or_default());
            }
        }
        (lines, movements)
    }

    /// Whether the run writes the template of a container of the survey.
    fn writes_container(&self, container: usize) -> bool {
        self.documents[self.survey.containers[container].document].is_written()
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.plan.diagnostics.push(diagnostic);
    }

    /// Says something also of a template that is only read.
    fn say_of_any(&mut self, diagnostic: Diagnostic) {
        self.of_any.push(diagnostic);
    }

    fn place(&self, container: &Container<'_>) -> Location {
        self.documents[container.document].place(container.node)
    }

    fn resolve_lines(&mut self) -> Vec<Line<'p>> {
        let request = self.request;
        let mut lines = Vec::new();
        for line in request.app.secrets(Some(&request.environment.name)) {
            match request.config.reference(request.app, request.environment, line) {
                Ok(reference) => lines.push(Line {
                    secret: line,
                    target: Target::new(request, &reference),
                    parameter: match reference {
                        Reference::Parameter(name, _) => Some((request.region.clone(), name)),
                        Reference::Arn(arn) => Some((arn.region, arn.name)),
                        Reference::SecretsManager(_) => None,
                    },
                }),
                Err(error) => self.say(Diagnostic::error(
                    "parameter-name",
                    format!("the parameter name of `{}` is not valid: {error}", line.name),
                    line.location,
                )),
            }
        }
        lines
    }

    /// Secrets Manager's secrets have no value in a template, whatever the scheme.
    fn say_what_stays(&mut self, lines: &[Line<'_>]) {
        for line in lines.iter().filter(|line| self.request.scheme == Scheme::Value && line.parameter.is_none()) {
            let message = format!("`{}` is a secret of Secrets Manager: it stays a reference", line.secret.name);
            self.say(Diagnostic::note("stays-reference", message, line.secret.name_location));
        }
    }

    fn report_unseen(&mut self) {
        let survey = self.survey;
        for (index, loops) in survey.loops.iter().enumerate() {
            for key in loops {
                let place = self.documents[index].place(*key);
                self.say(
                    Diagnostic::warning(
                        "unseen-list",
                        "task definitions made by `Fn::ForEach` can't be seen through",
                        place,
                    )
                    .help("write the task definition out, if it holds one of the secrets"),
                );
            }
        }
        for task_definition in &survey.task_definitions {
            let document = &self.documents[task_definition.document];
            for key in &task_definition.camel_case {
                let spelled = key.text().unwrap_or_default().into_owned();
                let place = document.place(*key);
                self.say(
                    Diagnostic::warning(
                        "camel-case",
                        format!("`{spelled}` is spelled as in the ECS API, CloudFormation does not read it"),
                        place,
                    )
                    .help("begin the property's name with a capital letter"),
                );
            }
            let opaque = task_definition.opaque.iter();
            let places: Vec<Location> = opaque.map(|node| document.place(*node)).collect();
            for place in places {
                self.say(
                    Diagnostic::warning(
                        "unseen-list",
                        format!("containers of `{}` can't be seen through here", task_definition.logical_id),
                        place,
                    )
                    .help("write the containers out, if one of them holds a secret"),
                );
            }
        }
    }

    /// Where the line's secret is in a container once the plan is carried out.
    fn destination(&self, line: &Line<'_>) -> Destination {
        let is_value = self.request.scheme == Scheme::Value && line.parameter.is_some();
        match (is_value, self.request.standing_references) {
            (false, _) => Destination::Secrets,
            (true, StandingReferences::Keep) => Destination::WhereItStands,
            (true, StandingReferences::ToValues) => Destination::Environment,
        }
    }

    fn bind(&mut self, line: &Line<'_>, container: &Container<'_>, outcome: Outcome, location: Location) {
        let written = matches!(outcome, Outcome::Moved | Outcome::Added | Outcome::Replaced);
        if written && line.target.is_baked && self.plan.baked_environment.is_none() {
            let is_literal = self.request.config.rewrite.reference == ReferenceForm::Literal;
            let what = if is_literal { BakedPart::LiteralArn } else { BakedPart::Name };
            self.plan.baked_environment = Some(Baked { what, line: line.secret.name_location });
        }
        let has_several_regions = self.request.environment.regions.len() > 1;
        // A CodeBuild project gets a name.
        let names_region = line.target.names_region.filter(|_| container.layout() != Layout::TypedVariables);
        if let Some(what) = names_region.filter(|_| written && has_several_regions) {
            self.plan.baked_region.get_or_insert(Baked { what, line: line.secret.name_location });
        }
        if outcome == Outcome::AlreadyByReference && self.destination(line) == Destination::WhereItStands {
            let (secret, line) = (line.secret.name.clone(), line.secret.name_location);
            self.plan.standing_references.push(StandingReference { secret, location, line });
        }
        if written {
            self.check_environment_parameter(line, container.document);
        }
        self.plan.bindings.push(Binding {
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

    /// The template parameter whose value is the environment's name.
    fn environment_parameter(&self) -> Option<&str> {
        self.request.config.rewrite.environment_parameter.as_ref().map(|(name, _)| name.as_str())
    }

    /// Of a template that is only read, nothing changes, and messages name only what remains of a removed value.
    fn leave_out_read_only(&mut self) {
        let documents = self.documents;
        for (changes, document) in self.plan.changes.iter_mut().zip(documents) {
            if !document.is_written() {
                *changes = Changes::default();
            }
        }
        let read_only: BTreeSet<_> =
            documents.iter().filter(|document| !document.is_written()).map(|document| document.source).collect();
        self.plan.diagnostics.retain(|diagnostic| !read_only.contains(&diagnostic.primary.location.source));
        self.plan.diagnostics.append(&mut self.of_any);
    }

    fn sort_bindings(&mut self) {
        self.plan.standing_references.sort_by(|a, b| (a.location, &a.secret).cmp(&(b.location, &b.secret)));
        let bindings = &mut self.plan.bindings;
        bindings.sort_by(|a, b| (a.document, a.location, &a.secret).cmp(&(b.document, b.location, &b.secret)));
    }

    fn finish(mut self) -> Plan {
        self.leave_out_read_only();
        self.mask_known_values();
        let diagnostics = &mut self.plan.diagnostics;
        diagnostics.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.location, std::cmp::Reverse(d.severity), d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        diagnostics.dedup();
        if has_errors(diagnostics) {
            self.plan.changes = vec![Changes::default(); self.documents.len()];
        }
        self.plan
    }
}
