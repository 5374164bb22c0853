//! Limits that a template must keep to be deployed.
//!
//! AWS enforces them only in the deploy. A rewrite can exceed them by what it adds, so its output
//! is measured before.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{is_inline_policy, literal, roles_of};
use byref_template::{Diagnostic, Location, NodeRef, SourceId, Span, Template};

/// The size of a template that can be passed inline, in bytes; a larger one must go through S3.
///
/// Source: CloudFormation user guide, "CloudFormation quotas".
pub const INLINE_TEMPLATE_BYTES: usize = 51_200;
/// The size of a template in S3, in bytes.
///
/// Source: CloudFormation user guide, "CloudFormation quotas".
pub const TEMPLATE_BYTES: usize = 1_000_000;
/// The number of resources of a template.
///
/// Source: CloudFormation user guide, "CloudFormation quotas".
pub const RESOURCES: usize = 500;
/// The size of a task definition, in bytes.
///
/// Source: AWS General Reference, "Amazon ECS endpoints and quotas".
pub const TASK_DEFINITION_BYTES: usize = 65_536;

/// The size of all inline policies of a role, in characters without spaces.
///
/// Source: IAM user guide, "IAM and AWS STS quotas".
pub const ROLE_POLICY_CHARACTERS: usize = 10_240;

/// Returns a warning for each limit that an output exceeds: the bytes of the template, its
/// resources, the bytes of each task definition, and the characters of the inline policies of each
/// role. `source` names the text of the output.
///
/// Sizes are estimates: CloudFormation converts the template to JSON, and functions get their
/// values only in a deploy.
///
/// ```
/// use byref_rewrite::{RESOURCES, limits};
/// use byref_template::{Sources, Template};
///
/// let topics: String = (0..=RESOURCES)
///     .map(|number| format!("  Topic{number}: {{Type: AWS::SNS::Topic}}\n"))
///     .collect();
/// let text = format!("Resources:\n{topics}");
/// let mut sources = Sources::new();
/// let source = sources.add("topics.yaml", text.as_str());
///
/// let warnings = limits(&Template::parse(text)?, source);
/// let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
/// assert_eq!(codes, ["resource-count"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn limits(output: &Template, source: SourceId) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = template_size(
        output.text().len(),
        Location {
            source,
            span: Span::at(0),
        },
    )
    .into_iter()
    .collect();
    let Some(resources) = output.root().and_then(|root| root.entry("Resources")) else {
        return found;
    };
    let place = |key: NodeRef<'_>| Location {
        source,
        span: key.span(),
    };
    found.extend(resource_count(
        resources.value.entries().count(),
        place(resources.key),
    ));
    let attached = attached_policies(resources.value);
    for resource in resources.value.entries() {
        let kind = resource.value.get("Type").and_then(literal);
        match kind.as_deref() {
            Some("AWS::IAM::Role") => {
                let id = resource.key.text().unwrap_or_default();
                let attached = attached.get(id.as_ref()).copied().unwrap_or_default();
                found.extend(role_policy_size(
                    own_policies(resource.value) + attached,
                    place(resource.key),
                ));
            }
            Some("AWS::ECS::TaskDefinition" | "AWS::ECS::DaemonTaskDefinition") => {
                let bytes = resource
                    .value
                    .get("Properties")
                    .map(json_bytes)
                    .unwrap_or_default();
                found.extend(task_definition_size(bytes, place(resource.key)));
            }
            _ => {}
        }
    }
    found
}

/// Returns a warning for a template that is too large for S3, or only for passing it inline.
fn template_size(bytes: usize, place: Location) -> Option<Diagnostic> {
    if bytes > TEMPLATE_BYTES {
        let message =
            format!("the template has {bytes} bytes, CloudFormation takes {TEMPLATE_BYTES}");
        return Some(
            Diagnostic::warning("template-size", message, place)
                .help("split it into nested stacks"),
        );
    }
    let message = format!(
        "the template has {bytes} bytes, more than the {INLINE_TEMPLATE_BYTES} that can be passed inline"
    );
    let warning = Diagnostic::warning("template-size", message, place);
    (bytes > INLINE_TEMPLATE_BYTES)
        .then(|| warning.help("deploy it through an S3 bucket (`--s3-bucket`)"))
}

fn resource_count(count: usize, place: Location) -> Option<Diagnostic> {
    let message = format!("the template has {count} resources, CloudFormation takes {RESOURCES}");
    let warning = Diagnostic::warning("resource-count", message, place);
    (count > RESOURCES).then(|| warning.help("split it into nested stacks"))
}

fn role_policy_size(characters: usize, place: Location) -> Option<Diagnostic> {
    let message = format!(
        "the inline policies of the role have about {characters} characters, IAM takes {ROLE_POLICY_CHARACTERS}"
    );
    let warning = Diagnostic::warning("role-policy-size", message, place);
    (characters > ROLE_POLICY_CHARACTERS).then(|| {
        warning.help(
            "set `grant-scope = \"application\"`, or move policies to an `AWS::IAM::ManagedPolicy`",
        )
    })
}

fn task_definition_size(bytes: usize, place: Location) -> Option<Diagnostic> {
    let message =
        format!("the task definition has about {bytes} bytes, ECS takes {TASK_DEFINITION_BYTES}");
    let warning = Diagnostic::warning("task-definition-size", message, place);
    (bytes > TASK_DEFINITION_BYTES).then(|| {
        warning.help("move environment variables to a file (`EnvironmentFiles`), or split the task")
    })
}

/// Returns the characters of the inline policies that a role has itself.
fn own_policies(role: NodeRef<'_>) -> usize {
    let own = role
        .get("Properties")
        .and_then(|properties| properties.get("Policies"));
    let documents = own
        .into_iter()
        .flat_map(NodeRef::subtree)
        .filter_map(|node| node.get("PolicyDocument"));
    documents.map(policy_characters).sum()
}

/// Returns the characters of the policies that policy resources attach to each role of the
/// template, by its logical id.
fn attached_policies(resources: NodeRef<'_>) -> BTreeMap<String, usize> {
    let mut attached: BTreeMap<String, usize> = BTreeMap::new();
    for resource in resources.entries() {
        let is_policy = is_inline_policy(resource.value);
        let Some(properties) = resource.value.get("Properties").filter(|_| is_policy) else {
            continue;
        };
        let Some((roles, document)) = roles_of(properties).zip(properties.get("PolicyDocument"))
        else {
            continue;
        };
        let targets = roles
            .subtree()
            .filter_map(NodeRef::intrinsic)
            .filter_map(byref_template::Intrinsic::target);
        let ids: BTreeSet<String> = targets
            .filter(|(_, attribute)| attribute.is_none())
            .map(|(id, _)| id)
            .collect();
        let size = policy_characters(document);
        for id in ids {
            *attached.entry(id).or_default() += size;
        }
    }
    attached
}

/// Returns the characters of a policy as compact JSON, with pseudo parameters at their usual
/// lengths. A scalar counts with its quotes and a comma or colon, a collection with its brackets
/// and a comma; functions are resolved before IAM sees the policy.
fn policy_characters(document: NodeRef<'_>) -> usize {
    let characters = |node: NodeRef<'_>| {
        if node.tag().is_none() && node.kind().is_mapping() && node.intrinsic().is_some() {
            return 0;
        }
        let is_function = node
            .parent()
            .is_some_and(|parent| parent.kind().is_mapping() && parent.intrinsic().is_some());
        match node.text() {
            Some(text) if is_function && (text == "Ref" || text.starts_with("Fn::")) => 0,
            Some(text) => {
                let text = text
                    .replace("${AWS::Partition}", "aws")
                    .replace("${AWS::Region}", "us-west-2")
                    .replace("${AWS::AccountId}", "111122223333");
                text.chars()
                    .filter(|character| !character.is_whitespace())
                    .count()
                    + 3
            }
            None => 3,
        }
    };
    document.subtree().map(characters).sum()
}

/// Returns the bytes of a node as compact JSON, counted in the same way.
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
            format!(
                "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {{Family: {value}}}\n"
            )
        };
        assert!(codes(&task(40_000)).is_empty());
        assert_eq!(codes(&task(60_000)), ["template-size"]);
        assert_eq!(
            codes(&task(70_000)),
            ["template-size", "task-definition-size"]
        );
        assert_eq!(
            codes(&task(1_000_001)),
            ["template-size", "task-definition-size"]
        );
        let role = |count: usize| {
            let arn = "!Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/app/key'";
            let list = vec![arn; count].join(", ");
            let statement =
                format!("{{Effect: Allow, Action: 'ssm:GetParameters', Resource: [{list}]}}");
            let policy =
                |half: &str| format!("PolicyName: p, PolicyDocument: {{Statement: [{half}]}}");
            format!(
                "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {{Policies: [{{{}}}]}}\n  P:\n    Type: AWS::IAM::Policy\n    Properties: {{Roles: [!Ref R], {}}}\n",
                policy(&statement),
                policy(&statement)
            )
        };
        assert!(codes(&role(60)).is_empty());
        assert_eq!(codes(&role(80)), ["role-policy-size"]);
        let many = |count: usize| {
            let resources: Vec<String> = (0..count)
                .map(|index| format!("  R{index}: {{Type: X}}\n"))
                .collect();
            format!("Resources:\n{}", resources.concat())
        };
        assert!(codes(&many(500)).is_empty());
        assert_eq!(codes(&many(501)), ["resource-count"]);
    }
}
