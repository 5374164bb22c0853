//! Entries that look like secrets, for a first configuration.

use byref_cloudformation::{Declarations, alternatives, has_no_echo, literal};
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
    /// Why it is thought to be a secret.
    pub reason: &'static str,
    /// How it stands in the template.
    pub standing: Standing,
}

/// How a candidate stands in the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its value is there.
    Value,
    /// A reference that is written out: a parameter's name, or an ARN.
    Reference(String),
    /// A reference that is computed.
    ComputedReference,
}

/// The entries that look like secrets, in the order of the template; never with their values.
pub fn secret_candidates(document: &Document) -> Vec<Candidate> {
    let declarations = Declarations::of(&document.template);
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions.iter().flat_map(|task_definition| &task_definition.containers) {
        for pair in &container.environment.pairs {
            if let Some(reason) = reason(pair, &declarations) {
                found.extend(candidate(container, pair, reason, Standing::Value));
            }
        }
        for pair in &container.secrets.pairs {
            found.extend(candidate(container, pair, "a reference already", standing(pair)));
        }
    }
    found.sort_by_key(|candidate| candidate.span);
    found
}

/// How many task definitions a template has, and how many containers are in them.
pub fn surveyed(document: &Document) -> (usize, usize) {
    let (task_definitions, _) = task_definitions(0, document);
    let containers = task_definitions.iter().map(|task_definition| task_definition.containers.len()).sum();
    (task_definitions.len(), containers)
}

/// The options of log drivers that are references, in the order of the template; their names are those of options.
pub fn referenced_options(document: &Document) -> Vec<Candidate> {
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions.iter().flat_map(|task_definition| &task_definition.containers) {
        for pair in container.logs.iter().flat_map(|log| &log.secrets.pairs) {
            found.extend(candidate(container, pair, "a reference already", standing(pair)));
        }
    }
    found.sort_by_key(|candidate| candidate.span);
    found
}

fn candidate(
    container: &Container<'_>,
    pair: &Pair<'_>,
    reason: &'static str,
    standing: Standing,
) -> Option<Candidate> {
    Some(Candidate {
        name: pair.name.clone()?,
        task_definition: container.task_definition.clone(),
        container: container.label(),
        span: pair.mapping.full_span(),
        reason,
        standing,
    })
}

/// What a reference says, where it is one that a configuration can repeat.
fn standing(pair: &Pair<'_>) -> Standing {
    let text = pair.value.and_then(|entry| literal(entry.value));
    let is_valid = |text: &String| {
        let is_name = text.parse::<ParameterName>().is_ok();
        is_name || text.parse::<ParameterArn>().is_ok() || text.parse::<SecretsManagerArn>().is_ok()
    };
    text.filter(is_valid).map_or(Standing::ComputedReference, Standing::Reference)
}

fn reason(pair: &Pair<'_>, declarations: &Declarations<'_>) -> Option<&'static str> {
    let name = pair.name.as_deref()?;
    let value = pair.value?.value;
    let alternatives = alternatives(value);
    if alternatives.iter().any(|node| is_no_echo(*node, declarations)) {
        return Some("a parameter with NoEcho");
    }
    let texts: Vec<String> = alternatives.iter().filter_map(|node| literal(*node)).collect();
    let is_dynamic =
        |text: &String| text.contains("{{resolve:secretsmanager:") || text.contains("{{resolve:ssm-secure:");
    if texts.iter().any(is_dynamic) {
        return Some("a dynamic reference to a secret");
    }
    if texts.is_empty() {
        return byref_lint::says_secret(name).then_some("its name");
    }
    texts.iter().find_map(|text| byref_lint::secret_reason(name, text))
}

fn is_no_echo(node: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let parameter = node.intrinsic().filter(|call| call.name == "Ref").and_then(byref_template::Intrinsic::target);
    let declared = parameter.and_then(|(name, _)| declarations.parameters.get(&name).copied());
    declared.is_some_and(has_no_echo)
}
