//! Values that a template has in plaintext, by the names of their environment variables.

use byref_cloudformation::{Declarations, alternatives, literal};
use byref_parameter::SecretValue;
use byref_template::{NodeRef, Span};

use crate::container::{Container, task_definitions};
use crate::request::Document;

/// An entry of `Environment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plaintext {
    /// The name of the environment variable.
    pub name: String,
    /// Logical id of the task definition.
    pub task_definition: String,
    /// The container's name, or `WebTask[0]`.
    pub container: String,
    /// The value in the template.
    pub span: Span,
    /// The value: a literal, or the default of the parameter that it refers to. `None` for anything
    /// else.
    pub value: Option<SecretValue>,
}

/// Returns the entries with a literal name, in the order of the template: one for each branch of an
/// `Fn::If` around a value.
///
/// The conditions of an entry are
/// not a part of it: two branches give two items with one name, and the caller decides which
/// counts.
///
/// ```
/// use byref_rewrite::{Document, DocumentRole, plaintexts};
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
///             - {Name: TOKEN, Value: not-a-secret}
///             - {Name: HOST, Value: !GetAtt Database.Endpoint.Address}
/// ";
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let found = plaintexts(&document);
/// let known = |index: usize| found[index].value.as_ref().map(|value| value.expose().to_owned());
/// assert_eq!((found[0].name.as_str(), known(0).as_deref()), ("TOKEN", Some("not-a-secret")));
/// assert_eq!((found[1].name.as_str(), known(1)), ("HOST", None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plaintexts(document: &Document) -> Vec<Plaintext> {
    of_containers(document, |container| {
        let pairs = container.environment.pairs.iter();
        pairs
            .filter_map(|pair| Some((pair.name.clone()?, pair.value?.value)))
            .collect()
    })
}

/// Returns the options of log drivers, in the order of the template: as [`plaintexts`], with the
/// name of an option instead of that of a variable.
pub fn plaintext_options(document: &Document) -> Vec<Plaintext> {
    of_containers(document, |container| {
        let options = container.logs.iter().filter_map(|log| log.options);
        let entries = options.flat_map(|options| options.value.entries());
        entries
            .filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value)))
            .collect()
    })
}

/// Collects the values that `named` finds in each container, with all branches of each.
fn of_containers<'d>(
    document: &'d Document,
    named: impl Fn(&Container<'d>) -> Vec<(String, NodeRef<'d>)>,
) -> Vec<Plaintext> {
    let declarations = Declarations::of(&document.template);
    let (task_definitions, _) = task_definitions(0, document);
    let mut found = Vec::new();
    for container in task_definitions
        .iter()
        .flat_map(|task_definition| &task_definition.containers)
    {
        for (name, given) in named(container) {
            for node in alternatives(given) {
                found.push(Plaintext {
                    name: name.clone(),
                    task_definition: container.task_definition.clone(),
                    container: container.label(),
                    span: node.full_span(),
                    value: value(node, &declarations).map(SecretValue::new),
                });
            }
        }
    }
    found.sort_by_key(|plaintext| plaintext.span);
    found
}

/// Returns the text of a value, if the template has it.
fn value(node: NodeRef<'_>, declarations: &Declarations<'_>) -> Option<String> {
    if let Some(text) = literal(node) {
        return Some(text);
    }
    let call = node.intrinsic().filter(|call| call.name == "Ref")?;
    let (parameter, _) = call.target()?;
    literal(declarations.parameters.get(&parameter)?.get("Default")?)
}
