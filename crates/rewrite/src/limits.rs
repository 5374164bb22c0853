//! Limits that a template must keep to be deployed.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{ResourceType, is_inline_policy, literal, roles_of};
use byref_template::{Diagnostic, Location, NodeRef, SourceId, Span, Template};

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

/// Characters of all inline policies of a role, blanks not counted. Source: IAM user guide, "IAM and AWS STS quotas".
pub const ROLE_POLICY_CHARACTERS: usize = 10_240;

/// Warnings about an output that is too large: the bytes of the template, its resources, its task definitions, the inline
/// policies of its roles.
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
    let attached = attached_policies(resources.value);
    for resource in resources.value.entries() {
        let kind = resource.value.get("Type").and_then(literal);
        if kind.as_deref() == Some("AWS::IAM::Role") {
            let id = resource.key.text().unwrap_or_default();
            let size = own_policies(resource.value) + attached.get(id.as_ref()).copied().unwrap_or_default();
            if size > ROLE_POLICY_CHARACTERS {
                let location = Location { source, span: resource.key.span() };
                let message = format!(
                    "the inline policies of the role have about {size} characters, IAM takes {ROLE_POLICY_CHARACTERS}"
                );
                found.push(
                    Diagnostic::warning("role-policy-size", message, location)
                        .help("set `grant-scope = \"application\"`, or move policies to an `AWS::IAM::ManagedPolicy`"),
                );
            }
        }
        let is_task_definition =
            kind.as_deref().and_then(ResourceType::of).is_some_and(ResourceType::is_task_definition);
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

/// Characters of the inline policies that a role has itself.
fn own_policies(role: NodeRef<'_>) -> usize {
    let own = role.get("Properties").and_then(|properties| properties.get("Policies"));
    let documents = own.into_iter().flat_map(NodeRef::subtree).filter_map(|node| node.get("PolicyDocument"));
    documents.map(policy_characters).sum()
}

/// Characters of the inline policies that policy resources attach to each role of the template, by its logical id.
fn attached_policies(resources: NodeRef<'_>) -> BTreeMap<String, usize> {
    let mut attached: BTreeMap<String, usize> = BTreeMap::new();
    for resource in resources.entries() {
        let is_policy = is_inline_policy(resource.value);
        let Some(properties) = resource.value.get("Properties").filter(|_| is_policy) else { continue };
        let Some((roles, document)) = roles_of(properties).zip(properties.get("PolicyDocument")) else { continue };
        let targets = roles.subtree().filter_map(NodeRef::intrinsic).filter_map(byref_template::Intrinsic::target);
        let ids: BTreeSet<String> = targets.filter(|(_, attribute)| attribute.is_none()).map(|(id, _)| id).collect();
        let size = policy_characters(document);
        for id in ids {
            *attached.entry(id).or_default() += size;
        }
    }
    attached
}

/// Characters of a policy as compact JSON, with pseudo parameters at their usual lengths. A scalar stands with its quotes
/// and a comma or colon, a collection with its brackets and a comma; functions are gone when IAM sees it.
fn policy_characters(document: NodeRef<'_>) -> usize {
    let characters = |node: NodeRef<'_>| {
        if node.tag().is_none() && node.kind().is_mapping() && node.intrinsic().is_some() {
            return 0;
        }
        let is_function =
            node.parent().is_some_and(|parent| parent.kind().is_mapping() && parent.intrinsic().is_some());
        match node.text() {
            Some(text) if is_function && (text == "Ref" || text.starts_with("Fn::")) => 0,
            Some(text) => {
                let text = text
                    .replace("${AWS::Partition}", "aws")
                    .replace("${AWS::Region}", "us-west-2")
                    .replace("${AWS::AccountId}", "111122223333");
                text.chars().filter(|character| !character.is_whitespace()).count() + 3
            }
            None => 3,
        }
    };
    document.subtree().map(characters).sum()
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
        let role = |count: usize| {
            let arn = "!Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/app/key'";
            let list = vec![arn; count].join(", ");
            let statement = format!("{{Effect: Allow, Action: 'ssm:GetParameters', Resource: [{list}]}}");
            let policy = |half: &str| format!("PolicyName: p, PolicyDocument: {{Statement: [{half}]}}");
            format!(
                "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {{Policies: [{{{}}}]}}\n  P:\n    Type: AWS::IAM::Policy\n    Properties: {{Roles: [!Ref R], {}}}\n",
                policy(&statement),
                policy(&statement)
            )
        };
        assert!(codes(&role(60)).is_empty());
        assert_eq!(codes(&role(80)), ["role-policy-size"]);
        let many = |count: usize| {
            let resources: Vec<String> = (0..count).map(|index| format!("  R{index}: {{Type: X}}\n")).collect();
            format!("Resources:\n{}", resources.concat())
        };
        assert!(codes(&many(500)).is_empty());
        assert_eq!(codes(&many(501)), ["resource-count"]);
    }
}
