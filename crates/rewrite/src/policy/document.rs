//! The reader of policy documents: from the tree of a template to the statements that `byref_iam`
//! evaluates.
//!
//! Whatever a function makes is kept as "unreadable", with its reason, instead of being left out.
//! The distinction matters for a deny: a document that is left out denies nothing, whereas one that
//! can't be read may deny everything.
//!
//! | part | read as |
//! |---|---|
//! | `Effect: Allow` | that effect |
//! | `Effect` missing | matches nothing |
//! | `Effect: !Ref Effect` with an unknown parameter | unknown, with the reason |
//! | `Action` and `NotAction` together, or neither | matches nothing |
//! | `Condition: !If […]` | the branch of the assumed conditions |
//! | `Condition: !Transform …` | unreadable |

use byref_cloudformation::opaque_key;
use byref_iam::{Clause, Condition, Conditions, Document, Effect, PolicyStatement};
use byref_template::{NodeId, NodeRef};

use super::World;

/// Reads a policy document under one assumption about the template's conditions.
pub(super) fn read<'t>(world: &World<'_, 't>, document: NodeRef<'t>) -> Document<NodeId> {
    if !is_readable(document) {
        let reason = "a policy that can't be seen through";
        return Document {
            statements: vec![PolicyStatement::Unreadable(reason.into())],
        };
    }
    let statements = world
        .get(document, "Statement")
        .map(|list| world.list(list))
        .unwrap_or_default();
    Document {
        statements: statements
            .into_iter()
            .map(|node| statement(world, node))
            .collect(),
    }
}

/// A mapping whose entries are all there is: no function makes it, or some of it.
fn is_readable(node: NodeRef<'_>) -> bool {
    let has_call = node.entries().any(|entry| opaque_key(entry.key));
    node.kind().is_mapping() && node.intrinsic().is_none() && !has_call
}

fn statement<'t>(world: &World<'_, 't>, node: NodeRef<'t>) -> PolicyStatement<NodeId> {
    if !is_readable(node) {
        return PolicyStatement::Unreadable("a statement that can't be seen through".into());
    }
    PolicyStatement::Known {
        place: node.id(),
        effect: world
            .get(node, "Effect")
            .map_or(Effect::Missing, |effect| self::effect(world, effect)),
        actions: clause(world, node, ["Action", "NotAction"]),
        resources: clause(world, node, ["Resource", "NotResource"]),
        conditions: world.get(node, "Condition").map_or_else(
            || Conditions::Known(Vec::new()),
            |block| conditions(world, block),
        ),
    }
}

fn effect<'t>(world: &World<'_, 't>, node: NodeRef<'t>) -> Effect {
    match world.pattern(node).text() {
        Ok("Allow") => Effect::Allow,
        Ok("Deny") => Effect::Deny,
        Ok(_) => Effect::Unknown("an effect".into()),
        Err(reason) => Effect::Unknown(reason.clone()),
    }
}

/// Reads an element, or its opposite; a statement with both or neither matches nothing.
fn clause<'t>(
    world: &World<'_, 't>,
    statement: NodeRef<'t>,
    [element, opposite]: [&str; 2],
) -> Clause {
    let patterns = |list| {
        world
            .list(list)
            .into_iter()
            .flat_map(|item| world.patterns(item))
            .collect()
    };
    match (
        world.get(statement, element),
        world.get(statement, opposite),
    ) {
        (Some(list), None) => Clause::AnyOf(patterns(list)),
        (None, Some(list)) => Clause::NoneOf(patterns(list)),
        _ => Clause::Missing,
    }
}

fn conditions<'t>(world: &World<'_, 't>, block: NodeRef<'t>) -> Conditions {
    let is_computed = |node: NodeRef<'_>| node.intrinsic().is_some() || !node.kind().is_mapping();
    if is_computed(block) {
        return Conditions::Unreadable("a condition that can't be seen through".into());
    }
    let mut found = Vec::new();
    for operator in block.entries() {
        let name = operator.key.text().unwrap_or_default();
        let Some(keys) = world.resolve(operator.value) else {
            continue;
        };
        if is_computed(keys) {
            return Conditions::Unreadable(format!("the condition `{name}`").into());
        }
        for entry in keys.entries() {
            let Some(values) = world.resolve(entry.value) else {
                continue;
            };
            found.push(Condition {
                operator: name.clone().into_owned(),
                key: entry.key.text().unwrap_or_default().into_owned(),
                values: world
                    .list(values)
                    .into_iter()
                    .map(|value| world.pattern(value))
                    .collect(),
            });
        }
    }
    Conditions::Known(found)
}
