//! Limits that a template must keep to be deployed.

use byref_template::{Diagnostic, Location, NodeRef, SourceId, Span, Template};

use crate::container::literal;

/// Bytes of a template that is passed inline; a larger one must go through S3.
///
/// Source: CloudFormation user guide, "CloudFormation quotas".
pub const INLINE_TEMPLATE_BYTES: usize = 51_200;
/// Bytes of a template in S3. Source: as above.
pub const TEMPLATE_BYTES: usize = 1_000_000;
/// Resources of a template. Source: as above.
pub const RESOURCES: usize = 500;
/// Bytes of a task definition. Source: AWS General Reference, "Amazon ECS endpoints and quotas".
pub const TASK_DEFINITION_BYTES: usize = 65_536;

/// Warnings about an output that is too large: the bytes of the template, its resources, its task definitions.
pub fn limits(output: &Template, source: SourceId) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let top = Location { source, span: Span::at(0) };
    let bytes = output.text().len();
    if bytes > TEMPLATE_BYTES {
        found.push(
            Diagnostic::warning(
                "template-size",
                format!("the template has {bytes} bytes, CloudFormation takes {TEMPLATE_BYTES}"),
                top,
            )
            .help("split it into nested stacks"),
        );
    } else if bytes > INLINE_TEMPLATE_BYTES {
        found.push(
            Diagnostic::warning(
                "template-size",
                format!(
                    "the template has {bytes} bytes, more than the {INLINE_TEMPLATE_BYTES} that can be passed inline"
                ),
                top,
            )
            .help("deploy it through an S3 bucket (`--s3-bucket`)"),
        );
    }
    let Some(resources) = output.root().and_then(|root| root.entry("Resources")) else { return found };
    let count = resources.value.entries().count();
    if count > RESOURCES {
        let location = Location { source, span: resources.key.span() };
        found.push(
            Diagnostic::warning(
                "resource-count",
                format!("the template has {count} resources, CloudFormation takes {RESOURCES}"),
                location,
            )
            .help("split it into nested stacks"),
        );
    }
    for resource in resources.value.entries() {
        let kind = resource.value.get("Type").and_then(literal);
        let is_task_definition =
            matches!(kind.as_deref(), Some("AWS::ECS::TaskDefinition" | "AWS::ECS::DaemonTaskDefinition"));
        let properties = resource.value.get("Properties").filter(|_| is_task_definition);
        let Some(size) = properties.map(json_bytes).filter(|size| *size > TASK_DEFINITION_BYTES) else { continue };
        let location = Location { source, span: resource.key.span() };
        found.push(
            Diagnostic::warning(
                "task-definition-size",
                format!("the task definition has about {size} bytes, ECS takes {TASK_DEFINITION_BYTES}"),
                location,
            )
            .help("move environment variables to a file (`EnvironmentFiles`), or split the task"),
        );
    }
    found
}

/// Bytes of the same as compact JSON.
fn json_bytes(node: NodeRef<'_>) -> usize {
    let bytes = |node: NodeRef<'_>| match node.text() {
        Some(text) => text.len() + 3,
        None => 3,
    };
    node.subtree().map(bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use byref_template::Sources;

    fn codes(text: &str) -> Vec<&'static str> {
        let mut sources = Sources::new();
        let source = sources.add("template.yaml", text);
        let found = limits(&Template::parse(text).unwrap(), source);
        found.iter().map(|diagnostic| diagnostic.code).collect()
    }

    #[test]
    fn every_limit_is_reported_on_the_output() {
        let task = |bytes: usize| {
            let value = "x".repeat(bytes);
            format!("Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {{Family: {value}}}\n")
        };
        assert!(codes(&task(40_000)).is_empty());
        assert_eq!(codes(&task(60_000)), ["template-size"]);
        assert_eq!(codes(&task(70_000)), ["template-size", "task-definition-size"]);
        assert_eq!(codes(&task(1_000_001)), ["template-size", "task-definition-size"]);
        let many = |count: usize| {
            let resources: Vec<String> = (0..count).map(|index| format!("  R{index}: {{Type: X}}\n")).collect();
            format!("Resources:\n{}", resources.concat())
        };
        assert!(codes(&many(500)).is_empty());
        assert_eq!(codes(&many(501)), ["resource-count"]);
    }
}
