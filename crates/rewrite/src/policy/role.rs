//! Roles of the template, and the policies that they have.
//!
//! Four places decide about the rights of a role: its `Policies`, its `ManagedPolicyArns`, its
//! `PermissionsBoundary`, and the policy resources that name it. The first three are read off the
//! role. The last ones are looked up in an index of the template, since any resource may be one.

use std::collections::BTreeSet;

use byref_cloudformation::{
    Declarations, Evaluation, HOLE, Role, conditional, is_of, literal, names_used, sole_name,
    sub_text, target,
};
use byref_iam::{AttachedPolicy, Boundary, PolicySource, RolePolicies, Truth};
use byref_template::{NodeId, NodeRef};

use super::{World, document};

const UNSEEN: &str = "a policy that can't be seen through";

/// The policy resources that are looked at for a role: those that may be attached to it, and those
/// that it names.
fn looked_at<'t>(declarations: &Declarations<'t>, role: &Role<'t>) -> Vec<NodeRef<'t>> {
    let index = &declarations.policies;
    let found = index
        .of_a_role(&role.id, role.resource)
        .into_iter()
        .chain(index.named_by(role.resource));
    let mut known = BTreeSet::new();
    found
        .filter(|(id, _)| known.insert(id.to_owned()))
        .map(|(_, resource)| resource)
        .collect()
}

/// The names of the conditions that a role's policies depend on.
pub(crate) fn conditions<'t>(declarations: &Declarations<'t>, role: &Role<'t>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let of_role = role.resource.get("Condition").and_then(literal);
    for resource in std::iter::once(role.resource).chain(looked_at(declarations, role)) {
        // Whether the role itself is made is a question of another kind; what is made with it is
        // made.
        let own = resource
            .get("Condition")
            .and_then(literal)
            .filter(|own| of_role.as_ref() != Some(own));
        names.extend(own);
        names.extend(
            resource
                .subtree()
                .filter_map(conditional)
                .map(|(condition, _, _)| condition),
        );
    }
    names
}

/// The parameters with a default that a role's policies are made of, other than those whose value
/// is known.
pub(crate) fn defaulted<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    role: &Role<'t>,
) -> BTreeSet<String> {
    let nodes = std::iter::once(role.resource)
        .chain(looked_at(declarations, role))
        .flat_map(NodeRef::subtree);
    let is_defaulted = |name: &String| {
        let parameter = declarations.parameters.get(name);
        evaluation.stack.given.map(|(given, _)| given) != Some(name)
            && parameter.is_some_and(|node| node.get("Default").is_some())
    };
    nodes.flat_map(names_used).filter(is_defaulted).collect()
}

/// Reads the policies of a role under one assumption about the conditions.
pub(crate) fn policies<'t>(world: &World<'_, 't>, role: &Role<'t>) -> RolePolicies<NodeId> {
    let mut found = RolePolicies::default();
    let Some(properties) = world.get(role.resource, "Properties") else {
        return found;
    };
    found.boundary = world
        .get(properties, "PermissionsBoundary")
        .map(|node| boundary(world, node));
    let items = |key: &str| {
        world
            .get(properties, key)
            .map(|list| world.list(list))
            .unwrap_or_default()
    };
    for policy in items("Policies") {
        let holder = Some(policy).filter(|policy| policy.intrinsic().is_none());
        found.policies.push(AttachedPolicy {
            source: document_of(world, holder),
            attached: Truth::Yes,
        });
    }
    for item in items("ManagedPolicyArns") {
        found.policies.push(AttachedPolicy {
            source: by_arn(world, item),
            attached: Truth::Yes,
        });
    }
    for (_, resource) in world
        .declarations
        .policies
        .of_a_role(&role.id, role.resource)
    {
        found.policies.extend(attached(world, resource, role));
    }
    found
}

fn boundary<'t>(world: &World<'_, 't>, node: NodeRef<'t>) -> Boundary<NodeId> {
    let source = match by_arn(world, node) {
        PolicySource::Unreadable(_) => PolicySource::Unreadable("a permissions boundary".into()),
        PolicySource::UnlistedManaged(why) => {
            PolicySource::UnlistedManaged(format!("the boundary: {why}").into())
        }
        seen => seen,
    };
    Boundary {
        source,
        place: node.id(),
    }
}

/// The document of an inline policy, or of the properties of a policy resource.
fn document_of<'t>(world: &World<'_, 't>, holder: Option<NodeRef<'t>>) -> PolicySource<NodeId> {
    match holder.and_then(|holder| world.get(holder, "PolicyDocument")) {
        Some(node) => PolicySource::Document(document::read(world, node)),
        None => PolicySource::Unreadable(UNSEEN.into()),
    }
}

/// A policy resource, if it is made, and may be attached to a role.
fn attached<'t>(
    world: &World<'_, 't>,
    resource: NodeRef<'t>,
    role: &Role<'t>,
) -> Option<AttachedPolicy<NodeId>> {
    let condition = resource.get("Condition").and_then(literal);
    let is_made =
        condition.is_none_or(|condition| world.conditions.get(&condition).copied().unwrap_or(true));
    let properties = Some(resource)
        .filter(|_| is_made)
        .and_then(|node| world.get(node, "Properties"))?;
    let attached = if is_of(resource, "AWS::IAM::RolePolicy") {
        means(world, world.get(properties, "RoleName")?, role)
    } else {
        let names = world
            .get(properties, "Roles")
            .map(|list| world.list(list))
            .unwrap_or_default();
        Truth::any(names.into_iter().map(|name| means(world, name, role)))
    };
    let source = (attached != Truth::No).then(|| document_of(world, Some(properties)))?;
    Some(AttachedPolicy { source, attached })
}

/// Whether a name in `Roles` means a role.
///
/// For a role `Role` of the template:
///
/// | name | `RoleName` of the role | means it |
/// |---|---|---|
/// | `!Ref Role`, `!Sub ${Role}` | any or none | yes |
/// | `!Ref Other`, another resource | any or none | no |
/// | `web` | none | no: AWS makes the name up |
/// | `web` | `web` | yes |
/// | `!Sub ${AWS::StackName}-web` | the same text | yes, whatever the stack is called |
/// | `!Ref Name`, without a default | `web` | depends on the parameter |
fn means<'t>(world: &World<'_, 't>, name: NodeRef<'t>, role: &Role<'t>) -> Truth {
    if let Some((id, None)) = name
        .intrinsic()
        .filter(|call| call.name == "Ref")
        .and_then(byref_template::Intrinsic::target)
        && world.declarations.resources.contains_key(&id)
    {
        return Truth::of(id == role.id);
    }
    if name
        .intrinsic()
        .filter(|call| call.name == "Sub")
        .and_then(|_| target(name))
        .is_some_and(|id| id == role.id)
    {
        return Truth::Yes;
    }
    let own = role
        .resource
        .get("Properties")
        .and_then(|properties| properties.get("RoleName"));
    let symbolic = |node| world.evaluation.symbolic(node);
    if own
        .and_then(symbolic)
        .is_some_and(|own| symbolic(name).as_ref() == Some(&own))
    {
        return Truth::Yes;
    }
    let (name, own) = (world.pattern(name), own.map(|own| world.pattern(own)));
    match (name.text(), own.as_ref().map(byref_iam::Pattern::text)) {
        // No text names a role whose name AWS makes up.
        (Ok(_), None) => Truth::No,
        (Ok(text), Some(Ok(own))) => Truth::of(text == own),
        (Err(why), _) | (_, Some(Err(why))) => {
            Truth::maybe(format!("whether a policy is attached depends on {why}"))
        }
    }
}

/// Returns the managed policy that an item of `ManagedPolicyArns` names.
fn by_arn<'t>(world: &World<'_, 't>, item: NodeRef<'t>) -> PolicySource<NodeId> {
    let text = world.evaluation.text_of(item);
    let named = || {
        world
            .declarations
            .policies
            .by_arn(&world.evaluation, text.as_ref().ok()?)
    };
    let resource = policy_target(item)
        .and_then(|id| world.declarations.resources.get(&id).copied())
        .or_else(named);
    if let Some(resource) = resource.filter(|resource| is_of(*resource, "AWS::IAM::ManagedPolicy"))
    {
        return document_of(world, world.get(resource, "Properties"));
    }
    // Only the name must be known: partition and path are the same policy in any case.
    let seen = match &text {
        Ok(text) => text.clone(),
        Err(_) => world.evaluation.text_with_holes(item, &world.conditions),
    };
    match (seen.split_once(":iam::aws:policy/"), text) {
        (Some((_, name)), text) if text.is_ok() || !name.contains(HOLE) => {
            PolicySource::of_aws(name)
        }
        (_, Ok(_)) => {
            PolicySource::Unreadable("a managed policy that is not in the template".into())
        }
        (_, Err(why)) => PolicySource::Unreadable(format!("a managed policy that is {why}").into()),
    }
}

/// The logical id of a managed policy: `!Ref P`, `!GetAtt P.PolicyArn`, and both in a `!Sub`.
///
/// | item | logical id |
/// |---|---|
/// | `!Ref P` | `P` |
/// | `!GetAtt P.PolicyArn` | `P` |
/// | `!Sub ${P}`, `!Sub ${P.PolicyArn}` | `P` |
/// | `!Sub [${A}, {A: !Ref P}]` | `P` |
/// | `!GetAtt P.PolicyId` | none: not an ARN |
/// | `!Sub ${P}-x` | none: not the whole text |
fn policy_target(node: NodeRef<'_>) -> Option<String> {
    let is_arn =
        |attribute: Option<&str>| attribute.is_none_or(|attribute| attribute == "PolicyArn");
    let call = node.intrinsic()?;
    if call.name != "Sub" {
        return call
            .target()
            .filter(|(_, attribute)| is_arn(attribute.as_deref()))
            .map(|(id, _)| id);
    }
    let text = sub_text(call.argument)?;
    let name = sole_name(&text)?;
    if let Some(value) = call.argument.items().nth(1).and_then(|map| map.get(name)) {
        return value
            .intrinsic()?
            .target()
            .filter(|(_, attribute)| is_arn(attribute.as_deref()))
            .map(|(id, _)| id);
    }
    let (id, attribute) = name
        .split_once('.')
        .map_or((name, None), |(id, attribute)| (id, Some(attribute)));
    is_arn(attribute).then(|| id.to_owned())
}
