//! The policies of a template's roles, and the verdicts on them.
//!
//! A template makes policies out of parameters and conditions. This module reads them as
//! `byref_iam` takes them, once for each combination of the conditions that they depend on, and
//! joins the verdicts.
//!
//! Of `n` conditions all `2^n` combinations are tried, up to six conditions: 64 evaluations of a
//! role's policies. An analysis of the policies by symbols would have no such limit, and would have
//! to prove for wildcards, denies and boundaries what an evaluation simply computes. Roles with
//! more conditions get the verdict "unknown".
//!
//! Parameters are not enumerated. A first verdict takes their defaults; a second one leaves these
//! out. Where the two differ, each default is left out by itself, which gives the parameters that
//! the first verdict relies on.
//!
//! For a policy that allows the parameter only under `IsLive`:
//!
//! | the role's reader | verdict |
//! |---|---|
//! | has no condition | unknown: it depends on `IsLive` |
//! | is created under `IsLive` | allowed |

mod document;
mod role;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use byref_cloudformation::{Declarations, Defaults, Evaluation, HOLE, Role};
use byref_iam::{Judgement, Pattern, Request, Verdict, decide};
use byref_template::{NodeId, NodeRef};

/// A verdict, and its relation to grants.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// Whether the role's own policies allow it in any case: a boundary or a deny may take that
    /// away, but no further grant brings it back.
    pub(crate) is_granted_already: bool,
    /// What takes it away, whatever else allows it: a statement that denies, or a boundary.
    pub(crate) denied_by: Option<NodeId>,
    /// The parameters whose defaults the verdict takes: with other values it may be another.
    pub(crate) by_default: BTreeSet<String>,
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
        while let Some((condition, yes, no)) = byref_cloudformation::conditional(node) {
            node = if self.conditions.get(&condition).copied().unwrap_or(true) {
                yes
            } else {
                no
            };
        }
        (!node
            .intrinsic()
            .is_some_and(byref_template::Intrinsic::is_no_value))
        .then_some(node)
    }

    /// The value of an entry, if there is one.
    pub(crate) fn get(&self, node: NodeRef<'t>, key: &str) -> Option<NodeRef<'t>> {
        node.get(key).and_then(|value| self.resolve(value))
    }

    /// Returns a value as a pattern of a policy, with gaps for what is not known.
    ///
    /// `!Sub arn:aws:ssm:*:*:parameter/${Stage}/*` with an unknown `Stage` is the pattern
    /// `arn:aws:ssm:*:*:parameter/` + gap + `/*`: it still matches no ARN of another service.
    pub(crate) fn pattern(&self, node: NodeRef<'t>) -> Pattern {
        match self.evaluation.text_of(node) {
            Ok(text) => Pattern::known(text),
            Err(reason) => {
                let text = self.evaluation.text_with_holes(node, &self.conditions);
                Pattern::with_gaps(text.split(HOLE), reason)
            }
        }
    }

    /// Returns the patterns of one item of a list: several where it is a parameter that holds a
    /// list itself.
    ///
    /// The default `a,b` of a parameter of the type `CommaDelimitedList` is two patterns, and one
    /// of the type `String` is a single one with a comma in it.
    fn patterns(&self, node: NodeRef<'t>) -> Vec<Pattern> {
        let parameter = node
            .intrinsic()
            .filter(|call| call.name == "Ref")
            .and_then(byref_template::Intrinsic::target)
            .and_then(|(name, _)| self.declarations.parameters.get(&name));
        let kind = parameter
            .and_then(|parameter| parameter.get("Type"))
            .and_then(byref_cloudformation::literal);
        let pattern = self.pattern(node);
        match pattern.text() {
            Ok(text) if kind.is_some_and(|kind| kind.contains("List")) => text
                .split(',')
                .map(|part| Pattern::known(part.trim()))
                .collect(),
            _ => vec![pattern],
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
///
/// Each further condition doubles the work for every role and Region.
const CONDITIONS_TRIED: usize = 6;

/// Decides for one role and several requests, under all combinations of the conditions that its
/// policies depend on.
///
/// `given` is a condition that holds where it matters: what reads is made under it. Where a deploy
/// may pass other values than the defaults of the template's parameters, the verdict names those.
pub(crate) fn verdicts<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    role: &Role<'t>,
    (requests, given): (&[Request], Option<&str>),
) -> Vec<Judged> {
    let mut found = judge(declarations, evaluation, role, (requests, given));
    let defaulted = role::defaulted(declarations, evaluation, role);
    if defaulted.is_empty() {
        return found;
    }
    let without = |names: &BTreeSet<String>| {
        let evaluation = Evaluation {
            defaults: Defaults::Without(names),
            ..*evaluation
        };
        judge(declarations, &evaluation, role, (requests, given))
    };
    let is_other = |judged: &Judged, other: &Judged| {
        discriminant(&judged.verdict) != discriminant(&other.verdict)
            || judged.denied_by.is_some() != other.denied_by.is_some()
    };
    let certain = without(&defaulted);
    if !found
        .iter()
        .zip(&certain)
        .any(|(judged, certain)| is_other(judged, certain))
    {
        return found;
    }
    let one_by_one: Vec<(String, Vec<Judged>)> = defaulted
        .iter()
        .map(|name| (name.clone(), without(&BTreeSet::from([name.clone()]))))
        .collect();
    for (index, judged) in found
        .iter_mut()
        .enumerate()
        .filter(|(index, judged)| is_other(judged, &certain[*index]))
    {
        let decides = one_by_one
            .iter()
            .filter(|(_, without)| is_other(judged, &without[index]));
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
    (requests, given): (&[Request], Option<&str>),
) -> Vec<Judged> {
    let mut conditions = role::conditions(declarations, role);
    conditions.retain(|name| given != Some(name));
    let conditions = match conditions {
        conditions if conditions.len() <= CONDITIONS_TRIED => conditions,
        conditions => {
            let why = format!("{} conditions", conditions.len());
            return vec![Judged::of(Verdict::Unknown(why)); requests.len()];
        }
    };
    let mut found: Vec<Vec<Judgement<NodeId>>> = vec![Vec::new(); requests.len()];
    for combination in 0..1_usize << conditions.len() {
        let value = |(index, name): (usize, &String)| (name.clone(), combination >> index & 1 == 0);
        let world = World {
            declarations,
            evaluation: *evaluation,
            conditions: conditions.iter().enumerate().map(value).collect(),
        };
        let policies = role::policies(&world, role);
        for (judged, request) in found.iter_mut().zip(requests) {
            judged.push(decide(&policies, request));
        }
    }
    let all = |judged: Vec<Judgement<NodeId>>| Judged {
        is_granted_already: judged.iter().all(|judged| judged.is_granted_already),
        denied_by: judged[0]
            .denied_by
            .filter(|_| judged.iter().all(|judged| judged.denied_by.is_some())),
        by_default: BTreeSet::new(),
        verdict: combine(
            judged.into_iter().map(|judged| judged.verdict).collect(),
            &conditions,
        ),
    };
    found.into_iter().map(all).collect()
}

impl Judged {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            is_granted_already: false,
            denied_by: None,
            by_default: BTreeSet::new(),
        }
    }
}

/// What holds in every case holds; else it depends on the conditions.
fn combine(verdicts: Vec<Verdict>, conditions: &BTreeSet<String>) -> Verdict {
    let mut verdicts = verdicts.into_iter();
    let Some(first) = verdicts.next() else {
        return Verdict::Unknown("nothing".to_owned());
    };
    for verdict in verdicts {
        if discriminant(&verdict) != discriminant(&first) {
            let names: Vec<String> = conditions.iter().map(|name| format!("`{name}`")).collect();
            return Verdict::Unknown(format!("it depends on {}", names.join(", ")));
        }
    }
    first
}
