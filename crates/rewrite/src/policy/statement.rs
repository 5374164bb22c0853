//! Statements: whether they speak of an action, and what they say.

use byref_template::NodeRef;

use super::managed::Managed;
use super::pattern::{matches_action, matches_known, matches_resource};
use super::role::{Source, Sources};
use super::{Action, Judged, Truth, Verdict, World, condition, holed};

/// What all policies say together.
struct Tally {
    allow: Truth,
    deny: Truth,
}

impl Tally {
    fn allow(&mut self, truth: Truth) {
        self.allow = std::mem::replace(&mut self.allow, Truth::No).or(|| truth);
    }

    fn deny(&mut self, truth: Truth) {
        self.deny = std::mem::replace(&mut self.deny, Truth::No).or(|| truth);
    }

    /// Something that may allow as well as deny.
    fn unseen(&mut self, why: &str) {
        self.allow(Truth::Maybe(why.to_owned()));
        self.deny(Truth::Maybe(why.to_owned()));
    }
}

/// A deny that holds wins, then an allow that holds; what may be a deny leaves it open.
pub(crate) fn decide(world: &World<'_, '_>, sources: &Sources<'_>, action: &Action) -> Judged {
    let mut tally = Tally { allow: Truth::of(action.is_granted), deny: Truth::No };
    for (source, attached) in &sources.policies {
        match source {
            Source::Document(document) => read(world, *document, attached, action, &mut tally),
            Source::Managed(managed) => tally.allow(attached.clone().and(|| allows(managed, action))),
            // Policies of AWS allow; those that deny say so in their name.
            Source::OfAws(why) => tally.allow(Truth::Maybe(why.clone())),
            Source::Unseen(why) => tally.unseen(why),
        }
    }
    let is_granted_already = tally.allow == Truth::Yes;
    let verdict = match (tally.deny, tally.allow) {
        (Truth::Yes, _) => Verdict::NotAllowed("a policy denies it".to_owned()),
        (_, Truth::No) => Verdict::NotAllowed(format!("no policy of the role allows `{}` on it", action.name)),
        (_, Truth::Maybe(why)) | (Truth::Maybe(why), Truth::Yes) => Verdict::Unknown(why),
        (Truth::No, Truth::Yes) => match &sources.boundary {
            Some(why) => Verdict::Unknown(why.clone()),
            None => Verdict::Allowed,
        },
    };
    Judged { verdict, is_granted_already }
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
            Some((effect, None)) if effect == "Deny" => tally.deny(speaks),
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
