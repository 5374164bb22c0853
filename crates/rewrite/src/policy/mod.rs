//! Whether a role of the template may read what will be referenced: IAM's evaluation, as far as it can be known here.
//!
//! Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference". Identity policies in one
//! account: a deny that holds wins, then an allow that holds; what can't be known is never guessed. Key policies,
//! service control policies and the like are not in the template and not looked at.

mod condition;
mod index;
mod managed;
mod pattern;
mod role;
mod statement;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::mem::discriminant;

use byref_template::{NodeId, NodeRef};

use crate::value::{Declarations, Defaults, Evaluation};

pub(crate) use index::{PolicyIndex, roles_of};
pub(crate) use pattern::matches_resource;
pub(crate) use role::{FoundRole, Role, find_role, target};

/// What is known of a role's right to do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The identity policies in the template allow it.
    Allowed,
    /// They don't; why, in a few words.
    NotAllowed(String),
    /// It can't be known here; what it depends on.
    Unknown(String),
}

impl Verdict {
    /// The word that reports show.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotAllowed(_) => "not-allowed",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A verdict, and what it says of grants.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// Whether the role's own policies allow it in any case: a boundary or a deny may take that away, but no further
    /// grant brings it back.
    pub(crate) is_granted_already: bool,
    /// What takes it away, whatever else allows it: a statement that denies, or a boundary.
    pub(crate) denied_by: Option<NodeId>,
    /// The parameters whose defaults the verdict takes: with other values it may be another.
    pub(crate) by_default: BTreeSet<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed => formatter.write_str("allowed"),
            Self::NotAllowed(why) => write!(formatter, "not allowed: {why}"),
            Self::Unknown(why) => write!(formatter, "unknown: {why}"),
        }
    }
}

/// Something that a service does with a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Action {
    /// `ssm:GetParameters`, say.
    pub(crate) name: &'static str,
    /// The ARN that it is done on.
    pub(crate) resource: String,
    /// How much of that ARN is known, in bytes, where its end stands for what only AWS knows (a key's id): a pattern that
    /// would have to name it is neither right nor wrong.
    pub(crate) known: Option<usize>,
    /// What conditions may ask for, with its values.
    pub(crate) context: BTreeMap<String, Vec<String>>,
    /// Whether a policy that will be written allows it.
    pub(crate) is_granted: bool,
}

/// Yes, no, or what it depends on. `Maybe` is between the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    Maybe(String),
    No,
}

impl Truth {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    pub(crate) fn and(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Maybe(why) => match other() {
                Self::No => Self::No,
                Self::Yes | Self::Maybe(_) => Self::Maybe(why),
            },
        }
    }

    pub(crate) fn or(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Self::Yes => Self::Yes,
            Self::No => other(),
            Self::Maybe(why) => match other() {
                Self::Yes => Self::Yes,
                Self::No | Self::Maybe(_) => Self::Maybe(why),
            },
        }
    }

    pub(crate) fn not(self) -> Truth {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe(why) => Self::Maybe(why),
        }
    }
}

/// A template's policies under one assumption about its conditions.
pub(crate) struct World<'w, 't> {
    pub(crate) declarations: &'w Declarations<'t>,
    pub(crate) evaluation: Evaluation<'w>,
    pub(crate) conditions: BTreeMap<String, bool>,
}

impl<'t> World<'_, 't> {
    /// The branch of `Fn::If`s that counts; none for `AWS::NoValue`.
    pub(crate) fn resolve(&self, node: NodeRef<'t>) -> Option<NodeRef<'t>> {
        let mut node = node;
        while let Some((condition, yes, no)) = crate::container::conditional(node) {
            node = if self.conditions.get(&condition).copied().unwrap_or(true) { yes } else { no };
        }
        (!node.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value)).then_some(node)
    }

    /// The value of an entry, if there is one.
    pub(crate) fn get(&self, node: NodeRef<'t>, key: &str) -> Option<NodeRef<'t>> {
        node.get(key).and_then(|value| self.resolve(value))
    }

    /// What one item of a list of patterns says: several texts where it is a parameter that holds a list.
    pub(crate) fn texts(&self, node: NodeRef<'t>) -> Vec<(String, Option<String>)> {
        let parameter = node
            .intrinsic()
            .filter(|call| call.name == "Ref")
            .and_then(byref_template::Intrinsic::target)
            .and_then(|(name, _)| self.declarations.parameters.get(&name));
        let kind = parameter.and_then(|parameter| parameter.get("Type")).and_then(crate::container::literal);
        let is_list = kind.is_some_and(|kind| kind.contains("List"));
        let (text, why) = holed(self, node);
        match why {
            None if is_list => text.split(',').map(|part| (part.trim().to_owned(), None)).collect(),
            why => vec![(text, why)],
        }
    }

    /// The items of a list, or the one item where it is not written as a list.
    pub(crate) fn list(&self, node: NodeRef<'t>) -> Vec<NodeRef<'t>> {
        if node.kind().is_sequence() && node.tag().is_none() {
            node.items().filter_map(|item| self.resolve(item)).collect()
        } else {
            vec![node]
        }
    }
}

/// More conditions than this are not tried in all their combinations.
const CONDITIONS_TRIED: usize = 6;

/// Decides for one role and several actions, under all combinations of the conditions that its policies depend on.
///
/// `given` is a condition that holds where it matters: what reads is made under it. Where a deploy may pass other values than the defaults of the template's parameters, the verdict names those.
pub(crate) fn verdicts<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    role: &Role<'t>,
    (actions, given): (&[Action], Option<&str>),
) -> Vec<Judged> {
    let mut found = judge(declarations, evaluation, role, (actions, given));
    let defaulted = role::defaulted(declarations, evaluation, role);
    if defaulted.is_empty() {
        return found;
    }
    let without = |names: &BTreeSet<String>| {
        let evaluation = Evaluation { defaults: Defaults::Without(names), ..*evaluation };
        judge(declarations, &evaluation, role, (actions, given))
    };
    let is_other = |judged: &Judged, other: &Judged| {
        discriminant(&judged.verdict) != discriminant(&other.verdict)
            || judged.denied_by.is_some() != other.denied_by.is_some()
    };
    let certain = without(&defaulted);
    if !found.iter().zip(&certain).any(|(judged, certain)| is_other(judged, certain)) {
        return found;
    }
    let one_by_one: Vec<(String, Vec<Judged>)> =
        defaulted.iter().map(|name| (name.clone(), without(&BTreeSet::from([name.clone()])))).collect();
    for (index, judged) in found.iter_mut().enumerate().filter(|(index, judged)| is_other(judged, &certain[*index])) {
        let decides = one_by_one.iter().filter(|(_, without)| is_other(judged, &without[index]));
        judged.by_default = decides.map(|(name, _)| name.clone()).collect();
        if judged.by_default.is_empty() {
            judged.by_default.clone_from(&defaulted);
        }
    }
    found
}

fn judge<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    role: &Role<'t>,
    (actions, given): (&[Action], Option<&str>),
) -> Vec<Judged> {
    let mut conditions = role::conditions(declarations, role);
    conditions.retain(|name| given != Some(name));
    let conditions = match conditions {
        conditions if conditions.len() <= CONDITIONS_TRIED => conditions,
        conditions => {
            let why = format!("{} conditions", conditions.len());
            return vec![Judged::of(Verdict::Unknown(why)); actions.len()];
        }
    };
    let mut found: Vec<Vec<Judged>> = vec![Vec::new(); actions.len()];
    for combination in 0..1_usize << conditions.len() {
        let value = |(index, name): (usize, &String)| (name.clone(), combination >> index & 1 == 0);
        let world = World {
            declarations,
            evaluation: *evaluation,
            conditions: conditions.iter().enumerate().map(value).collect(),
        };
        let sources = role::sources(&world, role);
        for (judged, action) in found.iter_mut().zip(actions) {
            judged.push(statement::decide(&world, &sources, action));
        }
    }
    let all = |judged: Vec<Judged>| Judged {
        is_granted_already: judged.iter().all(|judged| judged.is_granted_already),
        denied_by: judged[0].denied_by.filter(|_| judged.iter().all(|judged| judged.denied_by.is_some())),
        by_default: BTreeSet::new(),
        verdict: combine(judged.into_iter().map(|judged| judged.verdict).collect(), &conditions),
    };
    found.into_iter().map(all).collect()
}

impl Judged {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self { verdict, is_granted_already: false, denied_by: None, by_default: BTreeSet::new() }
    }
}

/// What holds in every case holds; else it depends on the conditions.
fn combine(verdicts: Vec<Verdict>, conditions: &BTreeSet<String>) -> Verdict {
    let mut verdicts = verdicts.into_iter();
    let Some(first) = verdicts.next() else { return Verdict::Unknown("nothing".to_owned()) };
    for verdict in verdicts {
        if discriminant(&verdict) != discriminant(&first) {
            let names: Vec<String> = conditions.iter().map(|name| format!("`{name}`")).collect();
            return Verdict::Unknown(format!("it depends on {}", names.join(", ")));
        }
    }
    first
}

/// A value of a template as text, with holes for what is not known, and what that is.
pub(crate) fn holed(world: &World<'_, '_>, node: NodeRef<'_>) -> (String, Option<String>) {
    match world.evaluation.text_of(node) {
        Ok(text) => (text, None),
        Err(why) => (world.evaluation.text_with_holes(node, &world.conditions), Some(why)),
    }
}
