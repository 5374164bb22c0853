//! Statements: whether they speak of an action, and what they say.

use std::collections::BTreeSet;

use byref_template::{NodeId, NodeRef};

use super::managed::Managed;
use super::pattern::{matches_action, matches_known, matches_resource};
use super::role::{Boundary, Source, Sources};
use super::{Action, Judged, Truth, Verdict, World, condition, holed};

/// What all policies say together.
struct Tally {
    allow: Truth,
    deny: Truth,
    /// The statement that denies for certain.
    denied_by: Option<NodeId>,
}

impl Tally {
    fn allow(&mut self, truth: Truth) {
        self.allow = std::mem::replace(&mut self.allow, Truth::No).or(|| truth);
    }

    fn deny(&mut self, truth: Truth) {
        self.deny = std::mem::replace(&mut self.deny, Truth::No).or(|| truth);
    }

    fn read<'t>(&mut self, world: &World<'_, 't>, source: &Source<'t>, attached: &Truth, action: &Action) {
        match source {
            Source::Document(document) => read(world, *document, attached, action, self),
            Source::Managed(managed) => self.allow(attached.clone().and(|| allows(managed, action))),
            // Policies of AWS allow; those that deny say so in their name.
            Source::OfAws(why) => self.allow(Truth::Maybe(why.clone())),
            Source::Unseen(why) => self.unseen(why),
        }
    }

    /// Something that may allow as well as deny.
    fn unseen(&mut self, why: &str) {
        self.allow(Truth::Maybe(why.to_owned()));
        self.deny(Truth::Maybe(why.to_owned()));
    }
}

/// What a permissions boundary says of an action that something allows.
enum Bounds {
    Within,
    Unknown(String),
    Denied(String, NodeId),
}

/// A deny that holds wins, then a boundary that does not allow it, then an allow that holds; what may be a deny leaves it
/// open.
pub(crate) fn decide<'t>(world: &World<'_, 't>, sources: &Sources<'t>, action: &Action) -> Judged {
    let mut tally = Tally { allow: Truth::of(action.is_granted), deny: Truth::No, denied_by: None };
    for (source, attached) in &sources.policies {
        tally.read(world, source, attached, action);
    }
    let is_granted_already = tally.allow == Truth::Yes;
    let bounds = sources.boundary.as_ref().map_or(Bounds::Within, |boundary| bounds(world, boundary, action));
    let mut denied_by = tally.denied_by;
    let verdict = match (tally.deny, tally.allow, bounds) {
        (Truth::Yes, _, _) => Verdict::NotAllowed("a policy denies it".to_owned()),
        (_, _, Bounds::Denied(why, place)) => {
            denied_by = Some(place);
            Verdict::NotAllowed(why)
        }
        (_, Truth::No, _) => Verdict::NotAllowed(format!("no policy of the role allows `{}` on it", action.name)),
        (_, Truth::Maybe(why), _)
        | (Truth::Maybe(why), Truth::Yes, _)
        | (Truth::No, Truth::Yes, Bounds::Unknown(why)) => Verdict::Unknown(why),
        (Truth::No, Truth::Yes, Bounds::Within) => Verdict::Allowed,
    };
    Judged { verdict, is_granted_already, denied_by, by_default: BTreeSet::new() }
}

/// A boundary grants nothing: what it does not allow is denied, and so is what it denies.
///
/// Source: IAM user guide, "Permissions boundaries for IAM entities".
fn bounds<'t>(world: &World<'_, 't>, boundary: &Boundary<'t>, action: &Action) -> Bounds {
    let mut tally = Tally { allow: Truth::No, deny: Truth::No, denied_by: None };
    tally.read(world, &boundary.source, &Truth::Yes, action);
    match (tally.deny, tally.allow) {
        (Truth::Yes, _) => Bounds::Denied(
            "the permissions boundary denies it".to_owned(),
            tally.denied_by.unwrap_or_else(|| boundary.place.id()),
        ),
        (_, Truth::No) => Bounds::Denied(
            format!("the permissions boundary does not allow `{}` on it", action.name),
            boundary.place.id(),
        ),
        (_, Truth::Maybe(why)) | (Truth::Maybe(why), Truth::Yes) => Bounds::Unknown(why),
        (Truth::No, Truth::Yes) => Bounds::Within,
    }
}

fn allows(managed: &Managed, action: &Action) -> Truth {
    let is_action = managed.actions.iter().any(|name| matches_action(name, action.name, None) == Truth::Yes);
    Truth::of(is_action).and(|| matches_resource(managed.resource, &action.resource, None))
}

fn read<'t>(world: &World<'_, 't>, document: NodeRef<'t>, attached: &Truth, action: &Action, tally: &mut Tally) {
    let is_seen = |node: NodeRef<'_>| {
        let has_call = node.entries().any(|entry| crate::container::opaque_key(entry.key));
        node.kind().is_mapping() && node.intrinsic().is_none() && !has_call
    };
    if !is_seen(document) {
        tally.unseen("a policy that can't be seen through");
        return;
    }
    let Some(statements) = world.get(document, "Statement") else { return };
    for statement in world.list(statements) {
        if !is_seen(statement) {
            tally.unseen("a statement that can't be seen through");
            continue;
        }
        let speaks = attached
            .clone()
            .and(|| {
                names(world, statement, ["Action", "NotAction"], |pattern, why| {
                    matches_action(pattern, action.name, why)
                })
            })
            .and(|| names(world, statement, ["Resource", "NotResource"], |pattern, why| resource(pattern, action, why)))
            .and(|| match world.get(statement, "Condition") {
                Some(block) => condition::holds(world, block, action),
                None => Truth::Yes,
            });
        match world.get(statement, "Effect").map(|effect| holed(world, effect)) {
            Some((effect, None)) if effect == "Allow" => tally.allow(speaks),
            Some((effect, None)) if effect == "Deny" => {
                tally.denied_by = tally.denied_by.or(Some(statement.id()).filter(|_| speaks == Truth::Yes));
                tally.deny(speaks);
            }
            Some((_, why)) if speaks != Truth::No => tally.unseen(&why.unwrap_or_else(|| "an effect".to_owned())),
            _ => {}
        }
    }
}

fn resource(pattern: &str, action: &Action, why: Option<&str>) -> Truth {
    match action.known {
        Some(known) => matches_known(pattern, &action.resource, known, why),
        None => matches_resource(pattern, &action.resource, why),
    }
}

/// Whether one of the patterns of a statement's element fits, or none of its opposite. A statement with neither says
/// nothing.
fn names<'t>(
    world: &World<'_, 't>,
    statement: NodeRef<'t>,
    [element, opposite]: [&str; 2],
    fits: impl Fn(&str, Option<&str>) -> Truth,
) -> Truth {
    let any = |list: NodeRef<'t>| {
        world.list(list).into_iter().fold(Truth::No, |truth, pattern| {
            truth.or(|| {
                let texts = world.texts(pattern);
                texts.iter().fold(Truth::No, |truth, (text, why)| truth.or(|| fits(text, why.as_deref())))
            })
        })
    };
    match (world.get(statement, element), world.get(statement, opposite)) {
        (Some(list), None) => any(list),
        (None, Some(list)) => any(list).not(),
        _ => Truth::No,
    }
}
