//! Roles of the template, and the policies that they have.

use std::collections::BTreeSet;

use byref_template::NodeRef;

use super::managed::{Managed, managed};
use super::{Truth, World, holed};
use crate::container::{conditional, literal};
use crate::value::{Declarations, Evaluation, names_used, sub_text};

/// A role that the template holds.
#[derive(Clone)]
pub(crate) struct Role<'t> {
    pub(crate) id: String,
    pub(crate) resource: NodeRef<'t>,
}

/// Where a role is.
pub(crate) enum FoundRole<'t> {
    InTemplate(Role<'t>),
    /// Not in this template: what says so, and its ARN where that is known.
    Elsewhere(String, Option<String>),
}

/// The role that a property means: `!GetAtt R.Arn`, `!Ref R`, `!Sub ${R.Arn}`, an ARN that ends in `:role/${R}`, and a
/// literal that is the name of one.
pub(crate) fn find_role<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    node: NodeRef<'_>,
) -> FoundRole<'t> {
    let role = |id: &str| {
        let resource = declarations.resources.get(id).copied().filter(|resource| is_of(*resource, "AWS::IAM::Role"));
        resource.map(|resource| Role { id: id.to_owned(), resource })
    };
    if let Some(found) = target(node).and_then(|id| role(&id)) {
        return FoundRole::InTemplate(found);
    }
    let by_text = |text: &str| {
        let name = text.rsplit('/').next().unwrap_or(text);
        let is_here = is_of_account(text, evaluation);
        declarations.policies.role_named(evaluation, name).filter(|_| is_here).and_then(role)
    };
    if let Some(found) = evaluation.symbolic(node).and_then(|text| by_text(&text)) {
        return FoundRole::InTemplate(found);
    }
    match evaluation.text_of(node) {
        Ok(text) => FoundRole::Elsewhere("the role is not in the template".to_owned(), Some(text)),
        Err(why) => FoundRole::Elsewhere(format!("the role is {why}"), None),
    }
}

/// Whether a text is no ARN, or one of the account.
pub(crate) fn is_of_account(text: &str, evaluation: &Evaluation<'_>) -> bool {
    let account = text.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    account.is_none_or(|account| account == evaluation.environment.account.to_string())
}

/// The logical id that stands for a role's name or ARN.
pub(crate) fn target(node: NodeRef<'_>) -> Option<String> {
    let call = node.intrinsic()?;
    match call.name {
        "Ref" => call.target().map(|(id, _)| id),
        "GetAtt" => call.target().filter(|(_, attribute)| attribute.as_deref() == Some("Arn")).map(|(id, _)| id),
        "Sub" => {
            let text = sub_text(call.argument)?;
            let last = text.trim().strip_suffix('}')?;
            let (before, name) = last.rsplit_once("${")?;
            let is_whole = before.is_empty();
            let is_name = before.contains(":role/") && before.ends_with('/');
            let own = call.argument.items().nth(1).and_then(|map| map.get(name));
            match (own, name.strip_suffix(".Arn")) {
                (Some(value), _) if is_whole || is_name => {
                    value.intrinsic().filter(|call| matches!(call.name, "Ref" | "GetAtt"))?.target().map(|(id, _)| id)
                }
                (None, Some(id)) if is_whole => Some(id.to_owned()),
                (None, None) if is_whole || is_name => Some(name.to_owned()),
                _ => None,
            }
        }
        "Join" => {
            let mut parts = call.argument.items();
            let is_plain =
                parts.next().and_then(literal).is_some_and(|delimiter| delimiter.is_empty() || delimiter == "/");
            let last = parts.next().filter(|_| is_plain)?.items().last()?;
            last.intrinsic().filter(|call| call.name == "Ref")?.target().map(|(id, _)| id)
        }
        _ => None,
    }
}

pub(crate) fn is_of(resource: NodeRef<'_>, kind: &str) -> bool {
    resource.get("Type").and_then(literal).is_some_and(|found| found == kind)
}

/// A policy of a role.
pub(crate) enum Source<'t> {
    Document(NodeRef<'t>),
    Managed(Managed),
    /// A policy of AWS that is not in the table.
    OfAws(String),
    Unseen(String),
}

/// All policies of a role, each with the node that says it and whether it is attached, and the boundary that may take
/// away from them.
pub(crate) struct Sources<'t> {
    pub(crate) policies: Vec<(Source<'t>, Truth)>,
    pub(crate) boundary: Option<Boundary<'t>>,
}

/// A permissions boundary: what it does not allow, no policy of the role does.
pub(crate) struct Boundary<'t> {
    pub(crate) source: Source<'t>,
    /// Where the role names it.
    pub(crate) place: NodeRef<'t>,
}

const UNSEEN: &str = "a policy that can't be seen through";

/// The policy resources that are looked at for a role: those that may be attached to it, and those that it names.
fn looked_at<'t>(declarations: &Declarations<'t>, role: &Role<'t>) -> Vec<NodeRef<'t>> {
    let index = &declarations.policies;
    let found = index.of_a_role(&role.id, role.resource).into_iter().chain(index.named_by(role.resource));
    let mut known = BTreeSet::new();
    found.filter(|(id, _)| known.insert(id.to_owned())).map(|(_, resource)| resource).collect()
}

/// The names of the conditions that a role's policies depend on.
pub(crate) fn conditions<'t>(declarations: &Declarations<'t>, role: &Role<'t>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let of_role = role.resource.get("Condition").and_then(literal);
    for resource in std::iter::once(role.resource).chain(looked_at(declarations, role)) {
        // Whether the role itself is made is a question of another kind; what is made with it is made.
        let own = resource.get("Condition").and_then(literal).filter(|own| of_role.as_ref() != Some(own));
        names.extend(own);
        names.extend(resource.subtree().filter_map(conditional).map(|(condition, _, _)| condition));
    }
    names
}

/// The parameters with a default that a role's policies are made of, other than those whose value is known.
pub(crate) fn defaulted<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    role: &Role<'t>,
) -> BTreeSet<String> {
    let nodes = std::iter::once(role.resource).chain(looked_at(declarations, role)).flat_map(NodeRef::subtree);
    let is_defaulted = |name: &String| {
        let parameter = declarations.parameters.get(name);
        evaluation.environment_parameter != Some(name) && parameter.is_some_and(|node| node.get("Default").is_some())
    };
    nodes.flat_map(names_used).filter(is_defaulted).collect()
}

/// The policies of a role under one assumption about the conditions.
pub(crate) fn sources<'t>(world: &World<'_, 't>, role: &Role<'t>) -> Sources<'t> {
    let mut found = Sources { policies: Vec::new(), boundary: None };
    let Some(properties) = world.get(role.resource, "Properties") else { return found };
    if let Some(boundary) = world.get(properties, "PermissionsBoundary") {
        let source = match by_arn(world, boundary) {
            Source::Unseen(_) => Source::Unseen("a permissions boundary".to_owned()),
            Source::OfAws(why) => Source::OfAws(format!("the boundary: {why}")),
            seen => seen,
        };
        found.boundary = Some(Boundary { source, place: boundary });
    }
    for policy in world.get(properties, "Policies").map(|list| world.list(list)).unwrap_or_default() {
        let document = Some(policy).filter(|policy| policy.intrinsic().is_none());
        let source = match document.and_then(|policy| world.get(policy, "PolicyDocument")) {
            Some(document) => Source::Document(document),
            None => Source::Unseen(UNSEEN.to_owned()),
        };
        found.policies.push((source, Truth::Yes));
    }
    for item in world.get(properties, "ManagedPolicyArns").map(|list| world.list(list)).unwrap_or_default() {
        found.policies.push((by_arn(world, item), Truth::Yes));
    }
    for (_, resource) in world.declarations.policies.of_a_role(&role.id, role.resource) {
        let is_made = resource
            .get("Condition")
            .and_then(literal)
            .is_none_or(|condition| world.conditions.get(&condition).copied().unwrap_or(true));
        let Some(properties) = Some(resource).filter(|_| is_made).and_then(|node| world.get(node, "Properties")) else {
            continue;
        };
        let attached = if is_of(resource, "AWS::IAM::RolePolicy") {
            world.get(properties, "RoleName").map(|name| means(world, name, role))
        } else {
            let names = world.get(properties, "Roles").map(|list| world.list(list)).unwrap_or_default();
            Some(names.into_iter().fold(Truth::No, |truth, name| truth.or(|| means(world, name, role))))
        };
        let Some(attached) = attached.filter(|attached| *attached != Truth::No) else { continue };
        let source = match world.get(properties, "PolicyDocument") {
            Some(document) => Source::Document(document),
            None => Source::Unseen(UNSEEN.to_owned()),
        };
        found.policies.push((source, attached));
    }
    found
}

/// Whether a name in `Roles` means a role.
fn means(world: &World<'_, '_>, name: NodeRef<'_>, role: &Role<'_>) -> Truth {
    if let Some((id, None)) =
        name.intrinsic().filter(|call| call.name == "Ref").and_then(byref_template::Intrinsic::target)
        && world.declarations.resources.contains_key(&id)
    {
        return Truth::of(id == role.id);
    }
    if name.intrinsic().filter(|call| call.name == "Sub").and_then(|_| target(name)).is_some_and(|id| id == role.id) {
        return Truth::Yes;
    }
    let own = role.resource.get("Properties").and_then(|properties| properties.get("RoleName"));
    let symbolic = |node| world.evaluation.symbolic(node);
    if own.and_then(symbolic).is_some_and(|own| symbolic(name).as_ref() == Some(&own)) {
        return Truth::Yes;
    }
    match (holed(world, name), own.map(|own| holed(world, own))) {
        // A name that AWS makes up is nobody's to write out.
        ((_, None), None) => Truth::No,
        ((text, None), Some((own, None))) => Truth::of(text == own),
        ((_, Some(why)), _) | (_, Some((_, Some(why)))) => {
            Truth::Maybe(format!("whether a policy is attached depends on {why}"))
        }
    }
}

/// A managed policy by what stands in `ManagedPolicyArns`.
fn by_arn<'t>(world: &World<'_, 't>, item: NodeRef<'t>) -> Source<'t> {
    let named = || {
        let text = world.evaluation.text_of(item).ok()?;
        world.declarations.policies.by_arn(&world.evaluation, &text)
    };
    let resource = policy_target(item).and_then(|id| world.declarations.resources.get(&id).copied()).or_else(named);
    if let Some(resource) = resource.filter(|resource| is_of(*resource, "AWS::IAM::ManagedPolicy")) {
        let document = world.get(resource, "Properties").and_then(|properties| world.get(properties, "PolicyDocument"));
        return document.map_or_else(|| Source::Unseen(UNSEEN.to_owned()), Source::Document);
    }
    let (text, why) = holed(world, item);
    match text.split_once(":iam::aws:policy/") {
        Some((_, name)) if why.is_none() || !name.contains(crate::value::HOLE) => match managed(name) {
            Some(managed) => Source::Managed(managed),
            None if name.contains("Deny") || name.contains("Quarantine") => {
                Source::Unseen(format!("the policy `{name}`"))
            }
            None => Source::OfAws(format!("the policy `{name}`")),
        },
        _ => Source::Unseen(why.map_or_else(
            || "a managed policy that is not in the template".to_owned(),
            |why| format!("a managed policy that is {why}"),
        )),
    }
}

/// The logical id of a managed policy: `!Ref P`, `!GetAtt P.PolicyArn`, and both in a `!Sub`.
fn policy_target(node: NodeRef<'_>) -> Option<String> {
    let is_arn = |attribute: Option<&str>| attribute.is_none_or(|attribute| attribute == "PolicyArn");
    let call = node.intrinsic()?;
    if call.name != "Sub" {
        return call.target().filter(|(_, attribute)| is_arn(attribute.as_deref())).map(|(id, _)| id);
    }
    let text = sub_text(call.argument)?;
    let name = text.trim().strip_prefix("${")?.strip_suffix('}').filter(|name| !name.contains(['{', '}']))?;
    if let Some(value) = call.argument.items().nth(1).and_then(|map| map.get(name)) {
        return value.intrinsic()?.target().filter(|(_, attribute)| is_arn(attribute.as_deref())).map(|(id, _)| id);
    }
    let (id, attribute) = name.split_once('.').map_or((name, None), |(id, attribute)| (id, Some(attribute)));
    is_arn(attribute).then(|| id.to_owned())
}
