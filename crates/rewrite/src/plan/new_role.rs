//! Execution roles that the run adds, where containers with secrets have none and the request asks
//! for it.
//!
//! A new role has what the service needs to start the container, and the right to read the secrets;
//! what else the application needs, such as a private registry, is for the user to add. Creating a
//! role takes a capability that the deploy must acknowledge, so byref never does it unasked.
//!
//! For a task definition `Web` without a role, in short:
//!
//! ```text
//! WebExecutionRole:
//!   Type: AWS::IAM::Role
//!   Properties:
//!     AssumeRolePolicyDocument: … # trusts ecs-tasks.amazonaws.com
//!     ManagedPolicyArns: [… AmazonECSTaskExecutionRolePolicy]
//!     Policies: [… byref-secrets]
//! Web:
//!   Properties:
//!     ExecutionRoleArn: !GetAtt WebExecutionRole.Arn
//! ```
//!
//! The role has no name of its own: a named role needs `CAPABILITY_NAMED_IAM`, and two stacks of
//! one template would collide in an account.

use byref_cloudformation::ResourceType;
use byref_template::{Build, Diagnostic};

use super::grant::{GrantWriter, Grants, NewRole, free_id};
use super::inventory::Inventory;
use crate::container::{Container, RoleGap};
use crate::request::MissingRoles;
use byref_iam::{document, inline_policy, literal, mapping};

impl Inventory<'_> {
    /// Returns whether the run adds missing roles.
    pub(super) fn creates_roles(&self) -> bool {
        self.request.missing_roles == MissingRoles::Create
            && self.request.grant == byref_config::Grant::Auto
    }

    /// Returns a free logical id for the role of a container's resource, such as
    /// `WebExecutionRole`. CloudFormation takes letters and digits alone.
    pub(super) fn new_role_id(&self, container: &Container<'_>) -> String {
        let word = match container.resource_type {
            ResourceType::AppRunnerService => "InstanceRole",
            ResourceType::CodeBuildProject => "ServiceRole",
            _ => "ExecutionRole",
        };
        let resources = &self.declarations[container.document].resources;
        // CloudFormation takes letters and digits; what is there already may be something else.
        let stem = container
            .task_definition
            .chars()
            .filter(char::is_ascii_alphanumeric);
        free_id(&stem.chain(word.chars()).collect::<String>(), |id| {
            resources.contains_key(id)
        })
    }
}

impl<'p> GrantWriter<'p, '_> {
    /// Adds the roles with their policies, refers to them from the resources that lack one, and
    /// notes that the stack needs `CAPABILITY_IAM`.
    ///
    /// Source: CloudFormation user guide, "Acknowledging IAM resources in CloudFormation
    /// templates".
    pub(super) fn create_roles(&mut self, grants: &Grants<'p>) {
        for ((index, resource), role) in &grants.new_roles {
            let declarations = &self.inventory.declarations[*index];
            let own = declarations
                .keys
                .get(resource)
                .zip(declarations.resources.get(resource));
            let Some((key, value)) = own.map(|(key, value)| (*key, *value)) else {
                continue;
            };
            let changes = &mut self.changes[*index];
            changes
                .inserted
                .entry(key.id())
                .or_default()
                .push((role.id.clone(), build(role, value)));
            self.fill_gaps(*index, role);
            let message = format!(
                "`{resource}` gets a new role `{}`: the stack needs `CAPABILITY_IAM`",
                role.id
            );
            let place = self.inventory.documents[*index].place(key);
            self.report(
                Diagnostic::note("new-role", message, place).help(
                    "deploy with `--capabilities CAPABILITY_IAM`; add what else the role needs",
                ),
            );
        }
    }

    /// Writes the ARN of a new role into each place that lacks one: an empty property, a mapping
    /// without the property, or a resource without that mapping. The ARN is an `Fn::GetAtt` in the
    /// form that the template uses.
    fn fill_gaps(&mut self, index: usize, role: &NewRole<'p>) {
        let key = role.resource_type.role_key();
        // In the long form CloudFormation documents a list alone; the text with a dot belongs to
        // the short one.
        let attribute =
            if byref_template::edit::uses_short_forms(&self.inventory.documents[index].template) {
                Build::Text(format!("{}.Arn", role.id))
            } else {
                Build::Sequence(vec![
                    Build::Text(role.id.clone()),
                    Build::Text("Arn".to_owned()),
                ])
            };
        let arn = || Build::Call("GetAtt", Box::new(attribute.clone()));
        let changes = &mut self.changes[index];
        for gap in &role.gaps {
            match gap {
                RoleGap::Empty(node) => {
                    changes.replaced.insert(node.id(), arn());
                }
                RoleGap::Holder(holder) => {
                    if let Some(last) = holder.entries().last() {
                        changes
                            .inserted
                            .entry(last.key.id())
                            .or_default()
                            .push((key.to_owned(), arn()));
                    } else {
                        changes
                            .replaced
                            .insert(holder.id(), mapping(vec![(key, arn())]));
                    }
                }
                RoleGap::Owner(owner, name) => {
                    if let Some(last) = owner.entries().last() {
                        let holder = ((*name).to_owned(), mapping(vec![(key, arn())]));
                        changes
                            .inserted
                            .entry(last.key.id())
                            .or_default()
                            .push(holder);
                    }
                }
            }
        }
    }
}

/// Returns the role: the trust in its service, the managed policy that ECS needs to start a task,
/// and the secrets. It has the condition of the resource that uses it.
///
/// Source: ECS developer guide, "Amazon ECS task execution IAM role".
fn build(role: &NewRole<'_>, resource: byref_template::NodeRef<'_>) -> Build {
    let trust = mapping(vec![
        ("Effect", literal("Allow")),
        (
            "Principal",
            mapping(vec![("Service", literal(role.resource_type.principal()))]),
        ),
        ("Action", literal("sts:AssumeRole")),
    ]);
    let mut properties = vec![("AssumeRolePolicyDocument", document(vec![trust]))];
    if role.resource_type.principal() == "ecs-tasks.amazonaws.com" {
        let managed =
            "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        properties.push((
            "ManagedPolicyArns",
            Build::Sequence(vec![byref_iam::text(managed)]),
        ));
    }
    properties.push((
        "Policies",
        Build::Sequence(vec![inline_policy(&role.rights)]),
    ));
    let mut entries = vec![("Type", literal("AWS::IAM::Role"))];
    let condition = resource
        .get("Condition")
        .and_then(byref_cloudformation::literal);
    entries.extend(condition.map(|condition| ("Condition", Build::Text(condition))));
    entries.push(("Properties", mapping(properties)));
    mapping(entries)
}
