//! References that fail at deploy.

use std::collections::BTreeSet;

use byref_parameter::Partition;
use byref_template::NodeRef;

use super::{Found, Rule};
use crate::compose::compose;
use crate::finding::Level;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "reference-form",
    level: Level::Error,
    summary: "a reference that fails at deploy",
    page: include_str!("../../rules/reference-form.md"),
};

/// A mistake with the node that it is about.
pub(crate) struct Mistake<'t> {
    pub(crate) node: NodeRef<'t>,
    pub(crate) resource: String,
    pub(crate) name: Option<String>,
    pub(crate) found: Found,
}

/// The task definitions and the like of a template.
const WITH_CONTAINERS: [&str; 3] =
    ["AWS::ECS::TaskDefinition", "AWS::ECS::DaemonTaskDefinition", "AWS::Batch::JobDefinition"];

/// Looks at the references of all containers. `accounts` are those of the configuration, where there is one.
pub(crate) fn check<'t>(root: NodeRef<'t>, accounts: &[String]) -> Vec<Mistake<'t>> {
    let mut mistakes = Vec::new();
    for entry in root.get("Resources").into_iter().flat_map(NodeRef::entries) {
        let kind = entry.value.get("Type").and_then(NodeRef::text).unwrap_or_default();
        if !WITH_CONTAINERS.contains(&kind.as_ref()) {
            continue;
        }
        let Some(properties) = entry.value.get("Properties") else { continue };
        let id = entry.key.text().unwrap_or_default().into_owned();
        let mut has_references = false;
        for list in lists(properties) {
            if list.key == "Secrets" || list.key == "SecretOptions" {
                for (_, name, value) in pairs(list.node, "ValueFrom") {
                    has_references = true;
                    mistakes.extend(
                        value
                            .and_then(|value| form(value, accounts).map(|found| (value, found)))
                            .map(|(node, found)| Mistake { node, resource: id.clone(), name: name.clone(), found }),
                    );
                }
            }
        }
        mistakes.extend(both_lists(properties, &id));
        let is_task_definition = kind.starts_with("AWS::ECS::");
        let node = entry.key;
        if has_references
            && is_task_definition
            && properties.get("ExecutionRoleArn").is_none()
            && !is_unseen(properties)
        {
            let found = mistake(
                "the task definition has no `ExecutionRoleArn`, and ECS reads references with that role",
                "add `ExecutionRoleArn`",
            );
            mistakes.push(Mistake { node, resource: id.clone(), name: None, found });
        }
    }
    mistakes
}

fn mistake(message: impl Into<String>, help: &'static str) -> Found {
    Found { range: 0..0, level: Level::Error, name: None, message: message.into(), help }
}

/// What can't be seen through may hold anything.
fn is_unseen(properties: NodeRef<'_>) -> bool {
    properties.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("Fn::") || key == "<<"))
        || properties.intrinsic().is_some()
}

struct List<'t> {
    key: &'static str,
    node: NodeRef<'t>,
}

/// All lists of variables and references below a node.
fn lists(properties: NodeRef<'_>) -> Vec<List<'_>> {
    let mut found = Vec::new();
    for node in properties.subtree().filter(|node| node.kind().is_mapping()) {
        for key in ["Secrets", "SecretOptions"] {
            found.extend(node.get(key).map(|node| List { key, node }));
        }
    }
    found
}

/// The items of a list, through `Fn::If`, with their name and the value of `value_key`.
fn pairs<'t>(list: NodeRef<'t>, value_key: &str) -> Vec<(NodeRef<'t>, Option<String>, Option<NodeRef<'t>>)> {
    let mut found = Vec::new();
    let mut waiting = vec![list];
    while let Some(node) = waiting.pop() {
        match node.intrinsic() {
            Some(call) if call.name == "If" => waiting.extend(call.argument.items().skip(1)),
            None if node.kind().is_sequence() => {
                let items: Vec<NodeRef<'t>> = node.items().collect();
                waiting.extend(items.into_iter().rev());
            }
            None if node.kind().is_mapping() => {
                let name = node.get("Name").filter(|name| name.intrinsic().is_none()).and_then(NodeRef::text);
                found.push((node, name.map(std::borrow::Cow::into_owned), node.get(value_key)));
            }
            _ => {}
        }
    }
    found
}

/// The same name in `Environment` and `Secrets` of one container, both without a condition.
fn both_lists<'t>(properties: NodeRef<'t>, id: &str) -> Vec<Mistake<'t>> {
    let mut mistakes = Vec::new();
    for container in properties.subtree().filter(|node| node.kind().is_mapping()) {
        let (Some(environment), Some(secrets)) = (container.get("Environment"), container.get("Secrets")) else {
            continue;
        };
        let unconditional = |list: NodeRef<'t>| {
            let items: Vec<NodeRef<'t>> = if list.intrinsic().is_none() { list.items().collect() } else { Vec::new() };
            items.into_iter().filter(|item| item.intrinsic().is_none())
        };
        let name_of = |item: &NodeRef<'t>| {
            item.get("Name")
                .filter(|name| name.intrinsic().is_none())
                .and_then(NodeRef::text)
                .map(std::borrow::Cow::into_owned)
        };
        let known: BTreeSet<String> = unconditional(environment).filter_map(|item| name_of(&item)).collect();
        for item in unconditional(secrets) {
            let Some(name) = name_of(&item).filter(|name| known.contains(name)) else { continue };
            let found = mistake(
                format!("`{name}` stands in `Environment` and in `Secrets` of one container, and ECS refuses that"),
                "remove the entry in `Environment`",
            );
            mistakes.push(Mistake { node: item, resource: id.to_owned(), name: Some(name), found });
        }
    }
    mistakes
}

/// What is wrong with one reference. Only what is literal is judged.
fn form(node: NodeRef<'_>, accounts: &[String]) -> Option<Found> {
    let composed = compose(node)?;
    let text = without_variables(composed.located.text.trim());
    let text = text.as_str();
    if text.is_empty() || text.contains("{{") || text.starts_with(crate::judge::HOLE) && !text.contains(":ssm:") {
        return None;
    }
    let Some(rest) = text.strip_prefix("arn:") else { return bare(text) };
    let mut parts = rest.splitn(5, ':');
    let [partition, service, region, account, resource] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    if let Some(found) = partition_of(partition, region) {
        return Some(found);
    }
    if service != "ssm" {
        return None;
    }
    if resource.starts_with("parameter:") {
        return Some(mistake(
            "an ARN of a parameter has a slash behind `parameter`, not a colon",
            "write `:parameter/…`",
        ));
    }
    if resource.starts_with("parameter//") {
        return Some(mistake(
            "this ARN has two slashes behind `parameter`",
            "write one: the name's own slash is that one",
        ));
    }
    if resource.strip_prefix("parameter/").is_some_and(has_version) {
        return Some(version());
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if is_account && !accounts.is_empty() && !accounts.iter().any(|known| known == account) {
        return Some(mistake(
            "this parameter is in an account of no environment, and ECS reads no parameters of other accounts",
            "store the secret in the account that the task runs in",
        ));
    }
    None
}

/// `${AWS::Region}` and the like as holes: their colons are no colons of an ARN.
fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push(crate::judge::HOLE);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// A name without an ARN.
fn bare(text: &str) -> Option<Found> {
    if text.starts_with("parameter/") || text.starts_with("ssm:") || text.starts_with("secret:") {
        return Some(mistake(
            "this is a part of an ARN, and neither an ARN nor a name",
            "write the whole ARN, or the parameter's name alone",
        ));
    }
    if text.starts_with("//") {
        return Some(mistake("this name begins with two slashes", "write one"));
    }
    has_version(text).then(version)
}

/// `name:3` or `name:label`.
fn has_version(name: &str) -> bool {
    name.contains(':')
}

fn version() -> Found {
    mistake(
        "ECS can't pin a version or label of a parameter",
        "remove what stands behind the colon: ECS always reads the latest version",
    )
}

/// A partition that does not fit the Region.
fn partition_of(partition: &str, region: &str) -> Option<Found> {
    let written: Partition = partition.parse().ok()?;
    let region: byref_parameter::Region = region.parse().ok()?;
    let expected = Partition::of_region(&region);
    (written != expected).then(|| {
        mistake(format!("Region `{region}` is in partition `{expected}`, not `{written}`"), "write `${AWS::Partition}`")
    })
}
