//! Roles that read secrets and that code runs with, too.
//!
//! The execution role is for ECS alone: it reads the secrets before the container starts, and the
//! code never has its credentials. If the same role is also the task role, or that of a Lambda
//! function, the code can read the parameters itself, and more of them than its own environment
//! has. Under `grant-scope = "application"` these are all parameters of the application.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, ResourceType, branches, literal};
use byref_template::{Diagnostic, NodeId, NodeRef};

use super::inventory::Inventory;
use super::reach::Reached;
use super::role::readers;
use crate::binding::Binding;
use crate::container::Container;

/// A role: the index of its template with its logical id, or `None` with its ARN or name. Uses in
/// different templates thus meet.
type RoleKey = (Option<usize>, String);

/// A property by which something runs with a role, such as the `Role` of a Lambda function.
struct Use<'t> {
    document: usize,
    /// The logical id of the resource.
    owner: String,
    /// The property's key, as messages name it.
    key: String,
    node: NodeRef<'t>,
}

/// The number of uses of one role that a message names.
const USES_NAMED: usize = 5;

/// The types whose resources start or write something with their role, and run no code of the
/// user's. An event rule that starts a task is not a finding.
const WITHOUT_CODE: [&str; 13] = [
    "AWS::ApiGateway::",
    "AWS::ApplicationAutoScaling::",
    "AWS::CloudFormation::",
    "AWS::CloudTrail::",
    "AWS::CodeDeploy::",
    "AWS::CodePipeline::",
    "AWS::ECS::Service",
    "AWS::Events::",
    "AWS::KinesisFirehose::",
    "AWS::Logs::",
    "AWS::Pipes::",
    "AWS::Scheduler::",
    "Custom::",
];

/// Warns of roles that both read secrets and run code.
///
/// There are two messages: one resource does both with the same role, or something else runs with a
/// reader's role. Roles without a reader are not looked at.
pub(super) fn shared_role_warnings(
    inventory: &Inventory<'_>,
    bindings: &[Binding],
) -> Vec<Diagnostic> {
    let readers = readers_by_role(inventory, bindings);
    if readers.is_empty() {
        return Vec::new();
    }
    let uses = uses_of_roles(inventory);
    let mut reported = BTreeSet::new();
    let mut found = Vec::new();
    for (key, readers) in &readers {
        let Some(uses) = uses.get(key) else { continue };
        found.extend(own_use_warnings(
            inventory,
            &key.1,
            (readers, uses),
            &mut reported,
        ));
        found.extend(other_use_warning(inventory, &key.1, readers, uses));
    }
    found
}

/// Returns the containers that read secrets, by the roles that they read them with.
fn readers_by_role<'i, 'p>(
    inventory: &'i Inventory<'p>,
    bindings: &[Binding],
) -> BTreeMap<RoleKey, Vec<&'i Container<'p>>> {
    let mut found: BTreeMap<RoleKey, Vec<&Container<'p>>> = BTreeMap::new();
    for (index, _) in readers(inventory, bindings) {
        let container = &inventory.containers[index];
        for node in container.roles.iter().flatten() {
            for key in inventory.role_keys(container.document, *node) {
                found.entry(key).or_default().push(container);
            }
        }
    }
    found
}

/// Returns the properties of all templates by which something runs with a role, by role.
fn uses_of_roles<'p>(inventory: &Inventory<'p>) -> BTreeMap<RoleKey, Vec<Use<'p>>> {
    let mut uses: BTreeMap<RoleKey, Vec<Use<'p>>> = BTreeMap::new();
    for (document, declarations) in inventory.declarations.iter().enumerate() {
        for (owner, resource) in &declarations.resources {
            inventory.read_uses(document, owner, *resource, &mut uses);
        }
        let globals = inventory.documents[document]
            .template
            .root()
            .and_then(|root| root.get("Globals"));
        if let Some(globals) = globals {
            inventory.read_uses(document, "Globals", globals, &mut uses);
        }
    }
    uses
}

impl<'p> Inventory<'p> {
    /// Returns the roles that a property leads to. A role that is known neither by a resource nor
    /// by its ARN has no key, and no use of it is found.
    fn role_keys(&self, document: usize, node: NodeRef<'p>) -> Vec<RoleKey> {
        let key = |reached| match reached {
            Reached::Here(found) => Some((Some(found.document), found.role.id)),
            Reached::Elsewhere(_, arn) => arn.map(|arn| (None, arn)),
        };
        self.roles_at(document, node)
            .into_iter()
            .filter_map(key)
            .collect()
    }

    /// Adds the properties of a resource by which it runs with roles.
    ///
    /// Any property counts whose key ends in `Role`, `RoleArn` or `RoleName`: the types of AWS that
    /// run code are many, and new ones follow the same names. Policies only mention a role, and so
    /// do properties such as `Tags`.
    fn read_uses(
        &self,
        document: usize,
        owner: &str,
        resource: NodeRef<'p>,
        uses: &mut BTreeMap<RoleKey, Vec<Use<'p>>>,
    ) {
        let kind = resource.get("Type").and_then(literal).unwrap_or_default();
        let is_policy = kind.starts_with("AWS::IAM::") && kind != "AWS::IAM::InstanceProfile";
        if is_policy || WITHOUT_CODE.iter().any(|prefix| kind.starts_with(prefix)) {
            return;
        }
        let is_container = ResourceType::of(&kind).is_some();
        let mut open: Vec<NodeRef<'p>> = vec![resource.get("Properties").unwrap_or(resource)];
        while let Some(node) = open.pop() {
            if node.intrinsic().is_some() && !node.kind().is_mapping() {
                open.extend(node.children());
                continue;
            }
            if !node.kind().is_mapping() {
                open.extend(node.items());
                continue;
            }
            for entry in node.entries() {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                if is_role_key(&key, &kind, is_container) {
                    for (value, _) in branches(entry.value, &Guard::default()) {
                        let items = if value.intrinsic().is_some() {
                            vec![value]
                        } else {
                            value.subtree().collect()
                        };
                        let roles = items.into_iter().flat_map(|item| {
                            self.role_keys(document, item)
                                .into_iter()
                                .map(move |key| (key, item))
                        });
                        for (role, item) in roles {
                            let (owner, key) = (owner.to_owned(), key.clone().into_owned());
                            uses.entry(role).or_default().push(Use {
                                document,
                                owner,
                                key,
                                node: item,
                            });
                        }
                    }
                } else if !is_mention_only(&key) {
                    open.push(entry.value);
                }
            }
        }
    }
}

/// Warns of resources that read secrets and run their own code with the same role: an ECS task
/// whose execution role is its task role, or a job. Once for each place, although the role may be
/// reached in several ways.
fn own_use_warnings(
    inventory: &Inventory<'_>,
    role: &str,
    (readers, uses): (&[&Container<'_>], &[Use<'_>]),
    reported: &mut BTreeSet<(usize, NodeId)>,
) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let owners: BTreeMap<(usize, &str), &Use<'_>> = uses
        .iter()
        .rev()
        .filter(|found| matches!(found.key.as_str(), "TaskRoleArn" | "JobRoleArn"))
        .map(|found| ((found.document, found.owner.as_str()), found))
        .collect();
    for container in readers {
        let Some(own) = owners.get(&(container.document, container.task_definition.as_str()))
        else {
            continue;
        };
        // A job may have several, each with its own roles.
        let is_of_container = container.application_roles.iter().find(|node| {
            inventory
                .role_keys(container.document, **node)
                .iter()
                .any(|key| key.1 == role)
        });
        let Some(other) = is_of_container else {
            continue;
        };
        if !reported.insert((container.document, container.role_place.id())) {
            continue;
        }
        let document = &inventory.documents[container.document];
        let word = if own.key == "JobRoleArn" {
            "job role"
        } else {
            "task role"
        };
        let message = format!(
            "`{role}` is both execution role and {word}: the application itself may read the parameters"
        );
        let diagnostic =
            Diagnostic::warning("shared-role", message, document.place(container.role_place))
                .with(document.place(*other), "the application runs with it")
                .help(format!("give `{}` a role of its own", own.key));
        warnings.push(diagnostic);
    }
    warnings
}

/// Returns a warning if something besides the readers runs with their role. It names the first few
/// of these resources.
fn other_use_warning(
    inventory: &Inventory<'_>,
    role: &str,
    readers: &[&Container<'_>],
    uses: &[Use<'_>],
) -> Option<Diagnostic> {
    let own: BTreeSet<(usize, &str)> = readers
        .iter()
        .map(|container| (container.document, container.task_definition.as_str()))
        .collect();
    let others: Vec<&Use<'_>> = uses
        .iter()
        .filter(|found| !own.contains(&(found.document, found.owner.as_str())))
        .collect();
    let (first, reader) = (others.first()?, readers[0]);
    let mut owners: Vec<String> = Vec::new();
    for found in &others {
        let owner = format!("`{}`", found.owner);
        if !owners.contains(&owner) && owners.len() <= USES_NAMED {
            owners.push(owner);
        }
    }
    let more = if owners.len() > USES_NAMED {
        " and others"
    } else {
        ""
    };
    owners.truncate(USES_NAMED);
    let verb = if owners.len() == 1 { "runs" } else { "run" };
    let message = format!(
        "`{role}` is the {} of `{}`, and {}{more} {verb} with it too: that code may read the parameters",
        word(reader.resource_type),
        reader.task_definition,
        owners.join(", ")
    );
    let place = inventory.documents[reader.document].place(reader.role_place);
    let mut diagnostic = Diagnostic::warning("shared-role", message, place);
    for found in others.iter().take(USES_NAMED) {
        let place = inventory.documents[found.document].place(found.node);
        diagnostic = diagnostic.with(place, format!("`{}` runs with it", found.owner));
    }
    Some(diagnostic.help(format!(
        "give `{}` of `{}` a role of its own",
        first.key, first.owner
    )))
}

/// Returns the word for the role that reads for a resource type: execution role, instance role or
/// service role.
fn word(resource_type: ResourceType) -> &'static str {
    match resource_type.role_key() {
        "InstanceRoleArn" => "instance role",
        "ServiceRole" => "service role",
        _ => "execution role",
    }
}

/// Returns whether a property of a resource type names a role that code runs with. Of resources
/// with containers only the roles of the application count; the one that reads the secrets is the
/// reader itself.
fn is_role_key(key: &str, kind: &str, is_container: bool) -> bool {
    if is_container {
        return matches!(
            key,
            "TaskRoleArn" | "JobRoleArn" | "InstanceRoleArn" | "ServiceRole"
        );
    }
    let lower = key.to_ascii_lowercase();
    let is_list = matches!(
        kind,
        "AWS::IAM::InstanceProfile" | "AWS::Cognito::IdentityPoolRoleAttachment"
    );
    ["role", "rolearn", "rolename"]
        .iter()
        .any(|end| lower.ends_with(end))
        || (is_list && lower == "roles")
}

/// Returns whether a property only mentions roles: as the subject of a policy, or as data for a
/// program.
fn is_mention_only(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "variables" | "tags" | "parameters" | "principal" | "statement"
    ) || lower.contains("policy")
}
