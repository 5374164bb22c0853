//! A reference that fails at deploy, or when the task starts.
//!
//! CloudFormation checks none of this: it passes the text to ECS, which refuses the task definition
//! or starts no task. Only what is literal of a reference is judged. See "Pass Secrets Manager
//! secrets through Amazon ECS environment variables" and "Pass Systems Manager parameters through
//! Amazon ECS environment variables" in the Amazon ECS developer guide.

use std::borrow::Cow;
use std::collections::BTreeSet;

use byref_cloudformation::{
    Layout, ListName, ResourceType, SubPart, has_secret_lists, sub_parts, takes_secure_string,
};
use byref_judge::HOLE;
use byref_parameter::{Partition, Region};
use byref_template::NodeRef;

use super::{Check, Finds, Found, FoundAt, Judged, Rule, WholeTemplate};
use crate::compose::compose;
use crate::finding::Level;
use crate::path::Step;
use crate::subject::Subject;

/// The rule `reference-form`.
pub(crate) static RULE: Rule = Rule {
    id: "reference-form",
    level: Level::Error,
    finds: Finds::FailingReference,
    is_movable: false,
    summary: "a reference that fails at deploy",
    page: include_str!("../../rules/reference-form.md"),
    check: &ReferenceForm,
};

struct ReferenceForm;

impl Check for ReferenceForm {
    /// Finds a dynamic reference to a secure string in a property that does not resolve it.
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        found.extend(unresolved_secure_string(value.subject));
    }

    fn template(&self, template: &WholeTemplate<'_, '_>, found: &mut Vec<FoundAt>) {
        let known = Known {
            accounts: template.accounts,
            secrets: names_of_secrets(template.root),
        };
        for entry in template
            .root
            .get("Resources")
            .into_iter()
            .flat_map(NodeRef::entries)
        {
            let kind = entry
                .value
                .get("Type")
                .and_then(NodeRef::text)
                .unwrap_or_default();
            let properties = entry
                .value
                .get("Properties")
                .filter(|_| has_secret_lists(&kind));
            let Some(properties) = properties else {
                continue;
            };
            let path = format!(
                "Resources.{}.Properties",
                entry.key.text().unwrap_or_default()
            );
            let mistakes = of_resource(entry.key, properties, &kind, &known);
            found.extend(mistakes.into_iter().map(|(node, found)| FoundAt {
                span: node.full_span(),
                path: path.clone(),
                found,
            }));
        }
    }
}

/// A mistake, and the node that it is about.
type Mistake<'t> = (NodeRef<'t>, Found);

/// Returns the mistakes in the references of one resource, whose logical id is `key`.
fn of_resource<'t>(
    key: NodeRef<'t>,
    properties: NodeRef<'t>,
    kind: &str,
    known: &Known<'_>,
) -> Vec<Mistake<'t>> {
    let references = references(properties);
    let mut mistakes: Vec<Mistake<'t>> = Vec::new();
    for (name, node) in &references {
        mistakes.extend(form(*node, known).map(|found| {
            (
                *node,
                Found {
                    name: name.clone(),
                    ..found
                },
            )
        }));
    }
    mistakes.extend(credentials(properties));
    mistakes.extend(both_lists(properties));
    let needs_role = !references.is_empty()
        && ResourceType::of(kind).is_some_and(ResourceType::is_task_definition);
    if needs_role && properties.get("ExecutionRoleArn").is_none() && !is_unseen(properties) {
        let found = mistake(
            "the task definition has no `ExecutionRoleArn`, but ECS reads references with that role",
            "add `ExecutionRoleArn`",
        );
        mistakes.push((key, found));
    }
    mistakes
}

/// The facts that references are compared with.
struct Known<'c> {
    /// The accounts of all environments; empty if unknown.
    accounts: &'c [String],
    /// The names of the secrets in Secrets Manager that the template creates, and that no parameter
    /// has as well.
    secrets: BTreeSet<String>,
}

/// Collects the names of the secrets.
fn names_of_secrets(root: NodeRef<'_>) -> BTreeSet<String> {
    let names = |of: &str| -> BTreeSet<String> {
        let resources = root
            .get("Resources")
            .into_iter()
            .flat_map(NodeRef::entries)
            .map(|entry| entry.value);
        let of_kind = resources.filter(|resource| {
            resource
                .get("Type")
                .and_then(NodeRef::text)
                .is_some_and(|kind| kind == of)
        });
        let literal = |node: &NodeRef<'_>| node.intrinsic().is_none();
        of_kind
            .filter_map(|resource| {
                resource
                    .get("Properties")?
                    .get("Name")
                    .filter(literal)?
                    .text()
                    .map(Cow::into_owned)
            })
            .collect()
    };
    let parameters = names("AWS::SSM::Parameter");
    names("AWS::SecretsManager::Secret")
        .into_iter()
        .filter(|name| !parameters.contains(name))
        .collect()
}

/// Returns an error about a whole node.
fn mistake(message: impl Into<String>, help: &'static str) -> Found {
    Found {
        range: 0..0,
        level: Level::Error,
        name: None,
        message: message.into(),
        help,
    }
}

/// The beginning of a dynamic reference to a secure string.
const SECURE_STRING: &str = "{{resolve:ssm-secure:";

/// Returns the finding for a dynamic reference to a secure string in a property that does not
/// resolve it.
fn unresolved_secure_string(subject: &Subject<'_, '_>) -> Option<Found> {
    let start = subject.text().find(SECURE_STRING)?;
    let resource = subject.resource?;
    let steps = subject.path.steps();
    let is_property = steps.get(2).and_then(Step::key) == Some("Properties");
    // CloudFormation does not resolve references inside scripts.
    let is_script = steps.contains(&Step::Call("Base64"));
    if !is_property || is_script {
        return None;
    }
    let path: Vec<&str> = steps[3..].iter().filter_map(Step::key).collect();
    if takes_secure_string(&resource.kind, &path) {
        return None;
    }
    let end = subject.text()[start..]
        .find("}}")
        .map_or(subject.text().len(), |end| start + end + 2);
    Some(Found {
        range: start..end,
        ..mistake(
            "CloudFormation rejects `ssm-secure` here: it resolves secure strings only in eleven properties",
            "refer to the parameter where the service reads it (`Secrets` with `ValueFrom`), or keep it in Secrets Manager",
        )
    })
}

/// Returns `true` for properties that a transform or a merge completes, which may hold anything.
fn is_unseen(properties: NodeRef<'_>) -> bool {
    properties.entries().any(|entry| {
        entry
            .key
            .text()
            .is_some_and(|key| key.starts_with("Fn::") || key == "<<")
    }) || properties.intrinsic().is_some()
}

/// Returns all references below a node, each with its name.
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

/// Returns the mistakes in the credentials of volumes and registries, which are named by an ARN.
fn credentials(properties: NodeRef<'_>) -> Vec<Mistake<'_>> {
    let mut mistakes = Vec::new();
    for node in properties.subtree().filter(|node| node.kind().is_mapping()) {
        let of_registry = node
            .get("RepositoryCredentials")
            .map(|holder| (holder, true));
        let of_volume = node
            .get("AuthorizationConfig")
            .map(|holder| (holder, false));
        for (holder, is_registry) in of_registry.into_iter().chain(of_volume) {
            let Some(value) = holder.get("CredentialsParameter") else {
                continue;
            };
            let Some(composed) = compose(value) else {
                continue;
            };
            let text = without_variables(composed.located.text.trim());
            let found = match text.strip_prefix("arn:") {
                Some(rest) if is_registry && rest.split(':').nth(1) == Some("ssm") => mistake(
                    "registry credentials must be in Secrets Manager, but this is a parameter",
                    "store them in Secrets Manager, and write the secret's ARN",
                ),
                None if !is_registry && !text.is_empty() && !text.starts_with([HOLE, '{']) => {
                    mistake(
                        "volume credentials need an ARN, but this is a name",
                        "write the full ARN of the secret or parameter",
                    )
                }
                _ => continue,
            };
            mistakes.push((value, found));
        }
    }
    mistakes
}

/// Returns the references in a list, each with its name, in every branch of `Fn::If`.
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
                let name = node
                    .get("Name")
                    .filter(|name| name.intrinsic().is_none())
                    .and_then(NodeRef::text);
                let name = name.map(Cow::into_owned);
                found.extend(node.get(value_key).map(|value| (name, value)));
            }
            _ => {}
        }
    }
    found
}

/// Returns the names that are in `Environment` and in `Secrets` of one container, both without a
/// condition. ECS refuses such a container.
fn both_lists<'t>(properties: NodeRef<'t>) -> Vec<Mistake<'t>> {
    let mut mistakes = Vec::new();
    for container in properties.subtree().filter(|node| node.kind().is_mapping()) {
        let (Some(environment), Some(secrets)) =
            (container.get("Environment"), container.get("Secrets"))
        else {
            continue;
        };
        let unconditional = |list: NodeRef<'t>| {
            let items: Vec<NodeRef<'t>> = if list.intrinsic().is_none() {
                list.items().collect()
            } else {
                Vec::new()
            };
            items.into_iter().filter(|item| item.intrinsic().is_none())
        };
        let name_of = |item: &NodeRef<'t>| {
            item.get("Name")
                .filter(|name| name.intrinsic().is_none())
                .and_then(NodeRef::text)
                .map(Cow::into_owned)
        };
        let known: BTreeSet<String> = unconditional(environment)
            .filter_map(|item| name_of(&item))
            .collect();
        for item in unconditional(secrets) {
            let Some(name) = name_of(&item).filter(|name| known.contains(name)) else {
                continue;
            };
            let found = mistake(
                format!(
                    "`{name}` is in both `Environment` and `Secrets` of one container, which ECS rejects"
                ),
                "remove the entry in `Environment`",
            );
            mistakes.push((
                item,
                Found {
                    name: Some(name),
                    ..found
                },
            ));
        }
    }
    mistakes
}

/// Returns the mistake in a reference, or `None` if its literal part has none.
fn form(node: NodeRef<'_>, known: &Known<'_>) -> Option<Found> {
    let composed = compose(node)?;
    let text = without_variables(composed.located.text.trim());
    let text = text.as_str();
    if text.starts_with("{{resolve:secretsmanager:") {
        return Some(mistake(
            "CloudFormation inserts the secret's value here, where its ARN belongs",
            "write the secret's ARN, followed by `:KEY::` for one key of its JSON",
        ));
    }
    if text.is_empty() || text.contains("{{") || text.starts_with(HOLE) && !text.contains(":ssm:") {
        return None;
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        return bare(text, known);
    };
    let mut parts = rest.splitn(5, ':');
    let [partition, service, region, account, resource] =
        std::array::from_fn(|_| parts.next().unwrap_or_default());
    if let Some(found) = partition_of(partition, region) {
        return Some(found);
    }
    match service {
        "ssm" => of_parameter(account, resource, known),
        _ => other_service(service, resource),
    }
}

/// Returns the mistake in an ARN of a parameter.
fn of_parameter(account: &str, resource: &str, known: &Known<'_>) -> Option<Found> {
    if resource.starts_with("parameter:") {
        return Some(mistake(
            "a parameter ARN has a slash after `parameter`, not a colon",
            "write `:parameter/…`",
        ));
    }
    if resource.starts_with("parameter//") {
        return Some(mistake(
            "this ARN has two slashes after `parameter`",
            "write one slash: it is the one that begins the name",
        ));
    }
    if resource.strip_prefix("parameter/").is_some_and(has_version) {
        return Some(version());
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_foreign =
        !known.accounts.is_empty() && !known.accounts.iter().any(|known| known == account);
    if is_account && is_foreign {
        return Some(mistake(
            "this parameter is in an account that belongs to no environment, and ECS cannot read parameters of other accounts",
            "store the secret in the account that the task runs in",
        ));
    }
    None
}

/// Returns a text with holes for `${AWS::Region}` and other variables, whose colons do not separate
/// the parts of an ARN.
fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (_, part) in sub_parts(text) {
        match part {
            SubPart::Text(text) => plain.push_str(text),
            SubPart::Escaped(_) | SubPart::Name(_) => plain.push(HOLE),
        }
    }
    plain
}

/// Returns the mistake in an ARN of a service other than Parameter Store.
fn other_service(service: &str, resource: &str) -> Option<Found> {
    if service.contains(HOLE) || resource.starts_with(HOLE) {
        return None;
    }
    if service != "secretsmanager" {
        return Some(mistake(
            "this ARN is neither that of a parameter nor that of a secret in Secrets Manager",
            "write the ARN of the parameter or secret that holds the value",
        ));
    }
    (!resource.starts_with("secret:")).then(|| {
        mistake(
            "a Secrets Manager ARN has `:secret:` before the secret's name",
            "write `:secret:NAME-SUFFIX`",
        )
    })
}

/// Returns the mistake in a name without an ARN. Only parameters can be referred to by name.
fn bare(text: &str, known: &Known<'_>) -> Option<Found> {
    if text.starts_with("parameter/") || text.starts_with("ssm:") || text.starts_with("secret:") {
        return Some(mistake(
            "this is part of an ARN, neither an ARN nor a name",
            "write the full ARN, or only the parameter's name",
        ));
    }
    if text.starts_with("//") {
        return Some(mistake("this name begins with two slashes", "write one"));
    }
    if known.secrets.contains(text) || text.matches(':').count() > 1 {
        return Some(mistake(
            "this names a secret in Secrets Manager, which needs its full ARN: ECS takes a bare name for a parameter",
            "write the secret's ARN, or `!Ref` to its resource",
        ));
    }
    if text.contains('/') && !text.starts_with('/') {
        return Some(mistake(
            "a parameter name with a slash must begin with one, and a secret in Secrets Manager needs its full ARN",
            "write `/` before the name, or the full ARN",
        ));
    }
    has_version(text).then(version)
}

/// Returns `true` for the name of a parameter with a version or label: `name:3`, `name:label`.
fn has_version(name: &str) -> bool {
    name.contains(':')
}

/// Returns the error about a version or label.
fn version() -> Found {
    mistake(
        "ECS cannot pin a version or label of a parameter",
        "remove the colon and everything after it: ECS always reads the latest version",
    )
}

/// Returns the error about a partition that does not belong to the Region.
fn partition_of(partition: &str, region: &str) -> Option<Found> {
    let written: Partition = partition.parse().ok()?;
    let region: Region = region.parse().ok()?;
    let expected = Partition::of_region(&region);
    (written != expected).then(|| {
        mistake(
            format!("Region `{region}` is in partition `{expected}`, not `{written}`"),
            "write `${AWS::Partition}`",
        )
    })
}
