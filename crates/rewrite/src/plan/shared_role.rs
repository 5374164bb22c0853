//! Roles that read secrets and that code runs with too: such code may read the parameters itself.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, ResourceType, branches, literal};
use byref_template::{Diagnostic, NodeId, NodeRef};

use super::Planner;
use super::reach::Reached;
use crate::container::Container;

/// A role: the template that holds it with its logical id, or its ARN or name.
type RoleKey = (Option<usize>, String);

/// A property by which something runs with a role.
struct Use<'t> {
    document: usize,
    /// The logical id of the resource.
    owner: String,
    key: String,
    node: NodeRef<'t>,
}

/// So many uses of one role are named.
const USES_NAMED: usize = 5;

/// Services that start or write something with their role, and run no code of the user's.
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

impl<'p> Planner<'p> {
    /// What both starts a task and runs something: the application may read the parameters itself.
    pub(super) fn warn_of_shared_roles(&mut self) {
        let survey = self.survey;
        let mut readers: BTreeMap<RoleKey, Vec<&Container<'p>>> = BTreeMap::new();
        for (index, _) in self.readers() {
            let container = &survey.containers[index];
            for node in container.roles.iter().flatten() {
                for key in self.role_keys(container.document, *node) {
                    readers.entry(key).or_default().push(container);
                }
            }
        }
        if readers.is_empty() {
            return;
        }
        let mut uses: BTreeMap<RoleKey, Vec<Use<'p>>> = BTreeMap::new();
        for document in 0..self.documents.len() {
            for (owner, resource) in &survey.declarations[document].resources {
                self.read_uses(document, owner, *resource, &mut uses);
            }
            let globals = self.documents[document].template.root().and_then(|root| root.get("Globals"));
            if let Some(globals) = globals {
                self.read_uses(document, "Globals", globals, &mut uses);
            }
        }
        let mut said = BTreeSet::new();
        for (key, readers) in &readers {
            let Some(uses) = uses.get(key) else { continue };
            self.warn_of_own_use(&key.1, readers, uses, &mut said);
            self.warn_of_other_uses(&key.1, readers, uses);
        }
    }

    fn role_keys(&self, document: usize, node: NodeRef<'p>) -> Vec<RoleKey> {
        let key = |reached| match reached {
            Reached::Here(found) => Some((Some(found.document), found.role.id)),
            Reached::Elsewhere(_, arn) => arn.map(|arn| (None, arn)),
        };
        self.roles_at(document, node).into_iter().filter_map(key).collect()
    }

    /// The properties of a resource by which it runs with roles.
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
                let Some(key) = entry.key.text() else { continue };
                if is_role_key(&key, &kind, is_container) {
                    for (value, _) in branches(entry.value, &Guard::default()) {
                        let items = if value.intrinsic().is_some() { vec![value] } else { value.subtree().collect() };
                        let roles = items
                            .into_iter()
                            .flat_map(|item| self.role_keys(document, item).into_iter().map(move |key| (key, item)));
                        for (role, item) in roles {
                            let (owner, key) = (owner.to_owned(), key.clone().into_owned());
                            uses.entry(role).or_default().push(Use { document, owner, key, node: item });
                        }
                    }
                } else if !says_nothing_of_itself(&key) {
                    open.push(entry.value);
                }
            }
        }
    }

    /// One resource reads and runs with the same role.
    fn warn_of_own_use(
        &mut self,
        role: &str,
        readers: &[&Container<'p>],
        uses: &[Use<'p>],
        said: &mut BTreeSet<(usize, NodeId)>,
    ) {
        let owners: BTreeMap<(usize, &str), &Use<'p>> = uses
            .iter()
            .rev()
            .filter(|found| matches!(found.key.as_str(), "TaskRoleArn" | "JobRoleArn"))
            .map(|found| ((found.document, found.owner.as_str()), found))
            .collect();
        for container in readers {
            let Some(own) = owners.get(&(container.document, container.task_definition.as_str())) else { continue };
            // A job may have several, each with its own roles.
            let is_of_container = container
                .application_roles
                .iter()
                .find(|node| self.role_keys(container.document, **node).iter().any(|key| key.1 == role));
            let Some(other) = is_of_container else { continue };
            if !said.insert((container.document, container.role_place.id())) {
                continue;
            }
            let document = &self.documents[container.document];
            let word = if own.key == "JobRoleArn" { "job role" } else { "task role" };
            let message =
                format!("`{role}` is both execution role and {word}: the application itself may read the parameters");
            let diagnostic = Diagnostic::warning("shared-role", message, document.place(container.role_place))
                .with(document.place(*other), "the application runs with it")
                .help(format!("give `{}` a role of its own", own.key));
            self.say(diagnostic);
        }
    }

    /// Something else runs with a role that reads.
    fn warn_of_other_uses(&mut self, role: &str, readers: &[&Container<'p>], uses: &[Use<'p>]) {
        let own: BTreeSet<(usize, &str)> =
            readers.iter().map(|container| (container.document, container.task_definition.as_str())).collect();
        let others: Vec<&Use<'p>> =
            uses.iter().filter(|found| !own.contains(&(found.document, found.owner.as_str()))).collect();
        let (Some(first), reader) = (others.first(), readers[0]) else { return };
        let mut owners: Vec<String> = Vec::new();
        for found in &others {
            let owner = format!("`{}`", found.owner);
            if !owners.contains(&owner) && owners.len() <= USES_NAMED {
                owners.push(owner);
            }
        }
        let more = if owners.len() > USES_NAMED { " and others" } else { "" };
        owners.truncate(USES_NAMED);
        let verb = if owners.len() == 1 { "runs" } else { "run" };
        let message = format!(
            "`{role}` is the {} of `{}`, and {}{more} {verb} with it too: that code may read the parameters",
            word(reader.resource_type),
            reader.task_definition,
            owners.join(", ")
        );
        let place = self.documents[reader.document].place(reader.role_place);
        let mut diagnostic = Diagnostic::warning("shared-role", message, place);
        for found in others.iter().take(USES_NAMED) {
            let place = self.documents[found.document].place(found.node);
            diagnostic = diagnostic.with(place, format!("`{}` runs with it", found.owner));
        }
        self.say(diagnostic.help(format!("give `{}` of `{}` a role of its own", first.key, first.owner)));
    }
}

/// What the role is called that reads for a resource.
fn word(resource_type: ResourceType) -> &'static str {
    match resource_type.role_key() {
        "InstanceRoleArn" => "instance role",
        "ServiceRole" => "service role",
        _ => "execution role",
    }
}

/// Whether a property of a resource type names a role that code runs with.
fn is_role_key(key: &str, kind: &str, is_container: bool) -> bool {
    if is_container {
        return matches!(key, "TaskRoleArn" | "JobRoleArn" | "InstanceRoleArn" | "ServiceRole");
    }
    let lower = key.to_ascii_lowercase();
    let is_list = matches!(kind, "AWS::IAM::InstanceProfile" | "AWS::Cognito::IdentityPoolRoleAttachment");
    ["role", "rolearn", "rolename"].iter().any(|end| lower.ends_with(end)) || (is_list && lower == "roles")
}

/// Properties in which a role is only spoken of: to whom something is allowed, and what is handed to a program.
fn says_nothing_of_itself(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    matches!(lower.as_str(), "variables" | "tags" | "parameters" | "principal" | "statement")
        || lower.contains("policy")
}
