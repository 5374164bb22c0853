//! Policies and stacks as text: JSON for IAM, YAML in the style of templates.

use byref_template::{Build, Changes, NodeRef, Template, edit};

use crate::build::{literal, mapping};

/// The sections of a template of its own, in the order of CloudFormation's documentation.
pub(crate) struct Stack<'s> {
    pub(crate) description: &'s str,
    pub(crate) parameters: Vec<(&'s str, Build)>,
    pub(crate) resources: Vec<(&'s str, Build)>,
    /// Left out where there are none.
    pub(crate) outputs: Vec<(&'s str, Build)>,
}

impl Stack<'_> {
    /// Returns the template as YAML.
    pub(crate) fn print(self) -> String {
        let mut sections = vec![
            ("AWSTemplateFormatVersion", literal("2010-09-09")),
            ("Description", literal(self.description)),
            ("Parameters", mapping(self.parameters)),
            ("Resources", mapping(self.resources)),
        ];
        if !self.outputs.is_empty() {
            sections.push(("Outputs", mapping(self.outputs)));
        }
        yaml(mapping(sections))
    }
}

/// Returns a mapping as YAML that ends with a line break, empty for anything else.
///
/// The template crate writes only into a template, so the keys become one first, and then get their
/// values.
pub(crate) fn yaml(build: Build) -> String {
    let Build::Mapping(entries) = build else {
        return String::new();
    };
    let skeleton: String = entries
        .iter()
        .flat_map(|(key, _)| [key.as_str(), ":\n"])
        .collect();
    let Ok(parsed) = Template::parse(skeleton) else {
        return String::new();
    };
    let mut changes = Changes::default();
    let nodes = parsed.root().into_iter().flat_map(NodeRef::entries);
    changes.replaced = nodes
        .zip(entries)
        .map(|(entry, (_, build))| (entry.value.id(), build))
        .collect();
    match edit::render(&parsed, &changes) {
        Ok(edits) => edit::apply(parsed.text(), &edits).to_string(),
        Err(_) => String::new(),
    }
}

/// Returns a policy as indented JSON that ends with a line break. Functions are left out, and their
/// arguments stay: a policy in JSON is one for IAM, which knows no functions.
pub(crate) fn json(build: &Build) -> String {
    let mut out = String::new();
    json_value(build, 0, &mut out);
    out + "\n"
}

/// Adds a value. Recursion ends with the few levels of a policy, which this crate makes itself.
fn json_value(build: &Build, indent: usize, out: &mut String) {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (open, close) = if matches!(build, Build::Mapping(_)) {
        ('{', '}')
    } else {
        ('[', ']')
    };
    let parts: Vec<(String, &Build)> = match build {
        Build::Text(text) => return out.push_str(&quoted(text)),
        Build::Call(_, argument) => return json_value(argument, indent, out),
        Build::Moved(_) => return,
        Build::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (quoted(key) + ": ", value))
            .collect(),
        Build::Sequence(items) => items.iter().map(|item| (String::new(), item)).collect(),
    };
    out.push(open);
    for (index, (key, part)) in parts.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(indent + 2));
        out.push_str(key);
        json_value(part, indent + 2, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}
