//! Which findings `--fix` can move: whole literals in the environments of containers that take references.

use byref_lint::Finding;
use byref_parameter::SecretValue;
use byref_template::{NodeRef, Template};

/// The rules whose findings are values that can be moved.
const RULES: [&str; 5] = ["declared-secret", "secret-name", "secret-shape", "embedded-secret", "weak-secret"];

/// The resources whose containers have a list of references beside that of values, and the list of values.
const LISTS: [(&str, &str); 5] = [
    ("AWS::ECS::TaskDefinition", "Environment"),
    ("AWS::ECS::DaemonTaskDefinition", "Environment"),
    ("AWS::ECS::ExpressGatewayService", "Environment"),
    ("AWS::Batch::JobDefinition", "Environment"),
    ("AWS::AppRunner::Service", "RuntimeEnvironmentVariables"),
];

/// The names and values that can be moved, one for each finding that goes with them.
pub(super) fn movable<'f>(text: &str, findings: impl Iterator<Item = &'f Finding>) -> Vec<(String, SecretValue)> {
    let Ok(template) = Template::parse(text) else { return Vec::new() };
    let of_rules = findings.filter(|finding| RULES.contains(&finding.rule.id));
    of_rules.filter_map(|finding| value_of(&template, finding)).collect()
}

fn value_of(template: &Template, finding: &Finding) -> Option<(String, SecretValue)> {
    let entry = entry(template, &finding.path)?;
    let name = literal(entry.get("Name")?)?;
    let node = entry.get("Value")?;
    // A finding inside of a call, or of JSON in a value, is not the whole of it.
    let is_here = node.full_span().contains(finding.span);
    is_here.then(|| Some((name, SecretValue::new(literal(node)?))))?
}

fn literal(node: NodeRef<'_>) -> Option<String> {
    let is_literal = node.kind().is_scalar() && node.tag().is_none() && node.intrinsic().is_none();
    is_literal.then(|| node.text().map(std::borrow::Cow::into_owned))?
}

/// The entry of an environment whose value a path leads to.
fn entry<'t>(template: &'t Template, path: &str) -> Option<NodeRef<'t>> {
    let path = path.strip_suffix(".Value")?;
    let mut steps = path.split('.');
    let root = template.root()?;
    let resource = (steps.next() == Some("Resources")).then(|| steps.next()).flatten()?;
    let resource = root.get("Resources")?.get(resource)?;
    let kind = resource.get("Type")?.text()?;
    let (_, list) = LISTS.iter().find(|(known, _)| *known == kind)?;
    // The step before the calls is the list.
    let end = path.split('.').rfind(|step| !step.starts_with("Fn::"))?;
    if end.split('[').next() != Some(list) || !path.ends_with(']') {
        return None;
    }
    steps.try_fold(resource, below)
}

/// The node that a step of a path leads to: a key or a call, with the items behind it.
fn below<'t>(node: NodeRef<'t>, step: &str) -> Option<NodeRef<'t>> {
    let (key, indices) = step.split_once('[').map_or((step, None), |(key, rest)| (key, Some(rest)));
    let mut node = match key.strip_prefix("Fn::") {
        Some(name) => node.intrinsic().filter(|call| call.name == name)?.argument,
        None => node.get(key)?,
    };
    for index in indices.into_iter().flat_map(|rest| rest.split('[')) {
        node = node.items().nth(index.trim_end_matches(']').parse().ok()?)?;
    }
    Some(node)
}
