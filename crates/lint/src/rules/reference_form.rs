//! References that fail at deploy.

use std::borrow::Cow;
use std::collections::BTreeSet;

use byref_cloudformation::{Layout, ListName, ResourceType, SubPart, has_secret_lists, sub_parts, takes_secure_string};
use byref_parameter::Partition;
use byref_template::NodeRef;

use super::{Finds, Found, Rule};
use crate::compose::compose;
use crate::finding::Level;
use crate::path::Step;
use crate::subject::Subject;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "reference-form",
    level: Level::Error,
    finds: Finds::FailingReference,
    is_movable: false,
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

/// Looks at the references of all containers. `accounts` are those of the configuration, where there is one.
pub(crate) fn check<'t>(root: NodeRef<'t>, accounts: &[String]) -> Vec<Mistake<'t>> {
    let known = Known { accounts, secrets: names_of_secrets(root) };
    let mut mistakes = Vec::new();
    for entry in root.get("Resources").into_iter().flat_map(NodeRef::entries) {
        let kind = entry.value.get("Type").and_then(NodeRef::text).unwrap_or_default();
        if !has_secret_lists(&kind) {
            continue;
        }
        let Some(properties) = entry.value.get("Properties") else { continue };
        let id = entry.key.text().unwrap_or_default().into_owned();
        let references = references(properties);
        for (name, node) in &references {
            let found = form(*node, &known);
            mistakes.extend(found.map(|found| Mistake {
                node: *node,
                resource: id.clone(),
                name: name.clone(),
                found,
            }));
        }
        mistakes.extend(credentials(properties, &id));
        mistakes.extend(both_lists(properties, &id));
        let is_task_definition = ResourceType::of(&kind).is_some_and(ResourceType::is_task_definition);
        let needs_role = !references.is_empty() && is_task_definition;
        if needs_role && properties.get("ExecutionRoleArn").is_none() && !is_unseen(properties) {
            let found = mistake(
                "the task definition has no `ExecutionRoleArn`, and ECS reads references with that role",
                "add `ExecutionRoleArn`",
            );
            mistakes.push(Mistake { node: entry.key, resource: id, name: None, found });
        }
    }
    mistakes
}

/// What references are compared with.
struct Known<'c> {
    accounts: &'c [String],
    /// The names of the secrets in Secrets Manager that the template makes, and that no parameter has as well.
    secrets: BTreeSet<String>,
}

fn names_of_secrets(root: NodeRef<'_>) -> BTreeSet<String> {
    let names = |of: &str| -> BTreeSet<String> {
        let resources = root.get("Resources").into_iter().flat_map(NodeRef::entries).map(|entry| entry.value);
        let of_kind =
            resources.filter(|resource| resource.get("Type").and_then(NodeRef::text).is_some_and(|kind| kind == of));
        let literal = |node: &NodeRef<'_>| node.intrinsic().is_none();
        of_kind
            .filter_map(|resource| resource.get("Properties")?.get("Name").filter(literal)?.text().map(Cow::into_owned))
            .collect()
    };
    let parameters = names("AWS::SSM::Parameter");
    names("AWS::SecretsManager::Secret").into_iter().filter(|name| !parameters.contains(name)).collect()
}

fn mistake(message: impl Into<String>, help: &'static str) -> Found {
    Found { range: 0..0, level: Level::Error, name: None, message: message.into(), help }
}

const SECURE_STRING: &str = "{{resolve:ssm-secure:";

/// A dynamic reference to a secure string in a property of a resource that takes none.
pub(crate) fn check_value(subject: &Subject<'_, '_>) -> Option<Found> {
    let start = subject.text().find(SECURE_STRING)?;
    let resource = subject.resource?;
    let steps = subject.path.steps();
    let is_property = steps.get(2).and_then(Step::key) == Some("Properties");
    // Scripts are not looked into by CloudFormation.
    let is_script = steps.contains(&Step::Call("Base64"));
    if !is_property || is_script {
        return None;
    }
    let path: Vec<&str> = steps[3..].iter().filter_map(Step::key).collect();
    if takes_secure_string(&resource.kind, &path) {
        return None;
    }
    let end = subject.text()[start..].find("}}").map_or(subject.text().len(), |end| start + end + 2);
    Some(Found {
        range: start..end,
        ..mistake(
            "CloudFormation refuses `ssm-secure` here: it resolves secure strings in eleven properties alone",
            "refer to the parameter where the service reads it (`Secrets` with `ValueFrom`), or keep it in Secrets Manager",
        )
    })
}

/// What can't be seen through may hold anything.
fn is_unseen(properties: NodeRef<'_>) -> bool {
    properties.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("Fn::") || key == "<<"))
        || properties.intrinsic().is_some()
}

/// All references below a node, each with its name.
fn references(properties: NodeRef<'_>) -> Vec<(Option<String>, NodeRef<'_>)> {
    let mut found = Vec::new();
    for node in properties.subtree().filter(|node| node.kind().is_mapping()) {
        for layout in Layout::WITH_SECRETS {
            let list = node.get(layout.key(ListName::Secrets)).into_iter();
            found.extend(list.flat_map(|list| pairs(list, layout.value_key(ListName::Secrets))));
        }
    }
    found
}

/// Credentials of volumes and registries, which are named by an ARN.
fn credentials<'t>(properties: NodeRef<'t>, id: &str) -> Vec<Mistake<'t>> {
    let mut mistakes = Vec::new();
    for node in properties.subtree().filter(|node| node.kind().is_mapping()) {
        let of_registry = node.get("RepositoryCredentials").map(|holder| (holder, true));
        let of_volume = node.get("AuthorizationConfig").map(|holder| (holder, false));
        for (holder, is_registry) in of_registry.into_iter().chain(of_volume) {
            let Some(value) = holder.get("CredentialsParameter") else { continue };
            let Some(composed) = compose(value) else { continue };
            let text = without_variables(composed.located.text.trim());
            let found = match text.strip_prefix("arn:") {
                Some(rest) if is_registry && rest.split(':').nth(1) == Some("ssm") => mistake(
                    "credentials of a registry are read from Secrets Manager alone, and this is a parameter",
                    "store them in Secrets Manager, and write the secret's ARN",
                ),
                None if !is_registry && !text.is_empty() && !text.starts_with([crate::judge::HOLE, '{']) => mistake(
                    "this is a name, and credentials of a volume are named by an ARN",
                    "write the whole ARN of the secret or parameter",
                ),
                _ => continue,
            };
            mistakes.push(Mistake { node: value, resource: id.to_owned(), name: None, found });
        }
    }
    mistakes
}

/// The references of a list, through `Fn::If`, each with its name.
fn pairs<'t>(list: NodeRef<'t>, value_key: &str) -> Vec<(Option<String>, NodeRef<'t>)> {
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
                let name = name.map(Cow::into_owned);
                found.extend(node.get(value_key).map(|value| (name, value)));
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
            item.get("Name").filter(|name| name.intrinsic().is_none()).and_then(NodeRef::text).map(Cow::into_owned)
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
fn form(node: NodeRef<'_>, known: &Known<'_>) -> Option<Found> {
    let composed = compose(node)?;
    let text = without_variables(composed.located.text.trim());
    let text = text.as_str();
    if text.starts_with("{{resolve:secretsmanager:") {
        return Some(mistake(
            "CloudFormation puts the secret's value here, where its ARN belongs",
            "write the secret's ARN, with `:KEY::` behind it for one key of its JSON",
        ));
    }
    if text.is_empty() || text.contains("{{") || text.starts_with(crate::judge::HOLE) && !text.contains(":ssm:") {
        return None;
    }
    let Some(rest) = text.strip_prefix("arn:") else { return bare(text, known) };
    let mut parts = rest.splitn(5, ':');
    let [partition, service, region, account, resource] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    if let Some(found) = partition_of(partition, region) {
        return Some(found);
    }
    if service != "ssm" {
        return other_service(service, resource);
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
    let is_foreign = !known.accounts.is_empty() && !known.accounts.iter().any(|known| known == account);
    if is_account && is_foreign {
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
    for (_, part) in sub_parts(text) {
        match part {
            SubPart::Text(text) => plain.push_str(text),
            SubPart::Escaped(_) | SubPart::Name(_) => plain.push(crate::judge::HOLE),
        }
    }
    plain
}

/// An ARN of another service than Parameter Store.
fn other_service(service: &str, resource: &str) -> Option<Found> {
    if service.contains(crate::judge::HOLE) || resource.starts_with(crate::judge::HOLE) {
        return None;
    }
    if service != "secretsmanager" {
        return Some(mistake(
            "this ARN is neither a parameter's nor that of a secret in Secrets Manager",
            "write the ARN of the parameter or secret that holds the value",
        ));
    }
    (!resource.starts_with("secret:")).then(|| {
        mistake("an ARN of Secrets Manager has `:secret:` before the secret's name", "write `:secret:NAME-SUFFIX`")
    })
}

/// A name without an ARN. Only parameters may be named like that.
fn bare(text: &str, known: &Known<'_>) -> Option<Found> {
    if text.starts_with("parameter/") || text.starts_with("ssm:") || text.starts_with("secret:") {
        return Some(mistake(
            "this is a part of an ARN, and neither an ARN nor a name",
            "write the whole ARN, or the parameter's name alone",
        ));
    }
    if text.starts_with("//") {
        return Some(mistake("this name begins with two slashes", "write one"));
    }
    if known.secrets.contains(text) || text.matches(':').count() > 1 {
        return Some(mistake(
            "this names a secret in Secrets Manager, which needs its whole ARN: a name alone is a parameter's",
            "write the secret's ARN, or `!Ref` to its resource",
        ));
    }
    if text.contains('/') && !text.starts_with('/') {
        return Some(mistake(
            "a parameter's name with a slash in it begins with one, and a secret in Secrets Manager needs its whole ARN",
            "write `/` before the name, or the whole ARN",
        ));
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
