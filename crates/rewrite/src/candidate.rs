//! Entries that look like secrets, as suggestions for a first configuration.

use byref_cloudformation::{Declarations, Guard, branches, has_no_echo, literal};
use byref_parameter::{ParameterArn, ParameterName, SecretsManagerArn};
use byref_template::{NodeRef, Span};

use crate::container::{Container, task_definitions};
use crate::list::Pair;
use crate::request::Document;

/// An entry of `Environment` or `Secrets` that is, or looks like, a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name of the environment variable.
    pub name: String,
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]`.
    pub container: String,
    /// The entry in the template.
    pub span: Span,
    /// The reason to take it for a secret.
    pub reason: &'static str,
    /// The form in which the template delivers it to the container.
    pub delivery: Delivery,
}

/// The form in which a template delivers a secret to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By value: the template holds it.
    Value,
    /// By a reference that is written out: the name of a parameter, or an ARN.
    Reference(String),
    /// By a reference that is computed.
    ComputedReference,
}

/// Returns the entries that look like secrets, in the order of the template, and never with their
/// values.
///
/// Every entry of `Secrets` is one. An entry of `Environment` is one for its name, its value, or a
/// parameter with `NoEcho`.
///
/// ```
/// use byref_rewrite::{Delivery, Document, DocumentRole, secret_candidates};
/// use byref_template::{Sources, Template};
///
/// let yaml = "
/// Resources:
///   Task:
///     Type: AWS::ECS::TaskDefinition
///     Properties:
///       ContainerDefinitions:
///         - Name: web
///           Environment:
///             - {Name: STAGE, Value: live}
///             - {Name: DB_PASSWORD, Value: !Ref Password}
///           Secrets:
///             - {Name: TOKEN, ValueFrom: /web/token}
/// Parameters:
///   Password: {Type: String, NoEcho: true}
/// ";
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let found = secret_candidates(&document);
/// let names: Vec<&str> = found.iter().map(|candidate| candidate.name.as_str()).collect();
/// assert_eq!(names, ["DB_PASSWORD", "TOKEN"]);
/// assert_eq!(found[0].reason, "a parameter with NoEcho");
/// assert_eq!(found[1].delivery, Delivery::Reference("/web/token".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn secret_candidates(document: &Document) -> Vec<Candidate> {
    let declarations = Declarations::of(&document.template);
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions
        .iter()
        .flat_map(|task_definition| &task_definition.containers)
    {
        for pair in &container.environment.pairs {
            if let Some(reason) = reason(pair, &declarations) {
                found.extend(candidate(container, pair, reason, Delivery::Value));
            }
        }
        for pair in &container.secrets.pairs {
            found.extend(candidate(
                container,
                pair,
                "a reference already",
                delivery(pair),
            ));
        }
    }
    found.sort_by_key(|candidate| candidate.span);
    found
}

/// Returns how many task definitions a template has, and how many containers are in them.
pub fn surveyed(document: &Document) -> (usize, usize) {
    let (task_definitions, _) = task_definitions(0, document);
    let containers = task_definitions
        .iter()
        .map(|task_definition| task_definition.containers.len())
        .sum();
    (task_definitions.len(), containers)
}

/// Returns the options of log drivers that are references, in the order of the template. Their
/// names are those of options.
pub fn referenced_options(document: &Document) -> Vec<Candidate> {
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions
        .iter()
        .flat_map(|task_definition| &task_definition.containers)
    {
        for pair in container.logs.iter().flat_map(|log| &log.secrets.pairs) {
            found.extend(candidate(
                container,
                pair,
                "a reference already",
                delivery(pair),
            ));
        }
    }
    found.sort_by_key(|candidate| candidate.span);
    found
}

/// Returns an entry as a candidate; `None` for an entry without a literal name.
fn candidate(
    container: &Container<'_>,
    pair: &Pair<'_>,
    reason: &'static str,
    delivery: Delivery,
) -> Option<Candidate> {
    Some(Candidate {
        name: pair.name.clone()?,
        task_definition: container.task_definition.clone(),
        container: container.label(),
        span: pair.mapping.full_span(),
        reason,
        delivery,
    })
}

/// Returns the reference of an entry, if it is one that a configuration can repeat.
fn delivery(pair: &Pair<'_>) -> Delivery {
    let text = pair.value.and_then(|entry| literal(entry.value));
    let is_valid = |text: &String| {
        let is_name = text.parse::<ParameterName>().is_ok();
        is_name || text.parse::<ParameterArn>().is_ok() || text.parse::<SecretsManagerArn>().is_ok()
    };
    text.filter(is_valid)
        .map_or(Delivery::ComputedReference, Delivery::Reference)
}

/// Returns the reason to take an entry of `Environment` for a secret, if there is one. Parameters
/// and dynamic references count before names and values.
fn reason(pair: &Pair<'_>, declarations: &Declarations<'_>) -> Option<&'static str> {
    let name = pair.name.as_deref()?;
    let value = pair.value?.value;
    let alternatives = branches(value, &Guard::default());
    if alternatives
        .iter()
        .any(|(node, _)| is_no_echo(*node, declarations))
    {
        return Some("a parameter with NoEcho");
    }
    let texts: Vec<String> = alternatives
        .iter()
        .filter_map(|(node, _)| literal(*node))
        .collect();
    let is_dynamic = |text: &String| {
        text.contains("{{resolve:secretsmanager:") || text.contains("{{resolve:ssm-secure:")
    };
    if texts.iter().any(is_dynamic) {
        return Some("a dynamic reference to a secret");
    }
    if texts.is_empty() {
        return byref_judge::classify_name(name)
            .is_strong()
            .then_some("its name");
    }
    texts
        .iter()
        .find_map(|text| byref_judge::secret_reason(name, text))
        .map(byref_judge::Reason::label)
}

/// Returns whether a value is a parameter with `NoEcho`.
fn is_no_echo(node: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let parameter = node
        .intrinsic()
        .filter(|call| call.name == "Ref")
        .and_then(byref_template::Intrinsic::target);
    let declared = parameter.and_then(|(name, _)| declarations.parameters.get(&name).copied());
    declared.is_some_and(has_no_echo)
}
