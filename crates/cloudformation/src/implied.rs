//! Conditions that exclude or imply each other.
//!
//! The check is a small propositional one. `Fn::Equals` compares an operand with a text; an operand
//! equals at most one text, and a parameter with `AllowedValues` exactly one of them. Any other
//! condition that names no condition is a proposition of its own. All combinations of the operands'
//! values are tried, up to a bound; beyond the bound nothing is claimed, so that an answer is
//! always right, but not always found.
//!
//! Source: CloudFormation template reference, "Condition functions".
//!
//! | conditions | answer |
//! | --- | --- |
//! | `!Equals [!Ref S, a]` and `!Equals [!Ref S, b]` | exclude each other |
//! | the same, with `AllowedValues: [a, b]` | one of them holds |
//! | `!Not [{Condition: A}]` and `A` | exclude each other |
//! | `!Equals [!Ref Count, 1]` and `!Equals [!Ref Count, 01]`, with a number | not claimed |
//!
//! A solver would find more, and is not needed: the conditions of one question compare a few
//! operands. At most 2,048 combinations are tried, each in time linear in the conditions.

use std::collections::{BTreeMap, BTreeSet};

use byref_template::{MAX_DEPTH, NodeRef, Template};

use crate::facts::Facts;
use crate::guard::Guard;
use crate::names::canonical;
use crate::node::literal;

/// The number of combinations that are tried for one question.
const MOST_COMBINATIONS: usize = 2048;

/// Something that a condition depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Variable {
    /// An operand of `Fn::Equals`, by its canonical text.
    Operand(String),
    /// Something that holds or not.
    Proposition(String),
}

/// The value of each variable in one combination: an index into its domain, past the end for
/// "anything else". For a proposition, 1 means that it holds.
type Combination = BTreeMap<Variable, usize>;

/// The conditions of a template, and the questions about them.
///
/// ```
/// use byref_cloudformation::{Guard, Logic};
/// use byref_template::Template;
/// let text = "Conditions:\n  Live: !Equals [!Ref Stage, live]\n  Test: !Equals [!Ref Stage, test]\n\
///     Parameters:\n  Stage: {Type: String}\n";
/// let template = Template::parse(text).unwrap();
/// let (live, test) = (Guard::default().and("Live", true), Guard::default().and("Test", true));
/// assert!(Logic::of(&template).excludes(&live, &test));
/// ```
pub struct Logic<'t> {
    facts: Facts<'t>,
    conditions: Vec<(String, NodeRef<'t>)>,
    index: BTreeMap<String, usize>,
}

/// One side of a comparison.
enum Compared {
    /// An operand with a text.
    Text(Variable, String),
    /// Two texts that are known.
    Constant(bool),
    /// Anything else, which holds or not.
    Proposition(Variable),
}

/// The variables of a question with the texts that each may be; whether others are possible too.
type Domains = BTreeMap<Variable, (Vec<String>, bool)>;

impl<'t> Logic<'t> {
    /// Reads the conditions of a template.
    pub fn of(template: &'t Template) -> Self {
        let facts = Facts::of(template);
        let conditions: Vec<(String, NodeRef<'t>)> = facts.conditions().collect();
        let index = conditions
            .iter()
            .enumerate()
            .map(|(index, (name, _))| (name.clone(), index))
            .collect();
        Self {
            facts,
            conditions,
            index,
        }
    }

    /// Returns whether two guards never hold at the same time; false where that is not certain.
    pub fn excludes(&self, one: &Guard, other: &Guard) -> bool {
        one.excludes(other) || {
            let both = Guard(one.0.iter().chain(&other.0).cloned().collect());
            both.0.len() > 1 && !self.may_hold(&both)
        }
    }

    /// Returns whether `one` holds whenever `other` does; false where that is not certain.
    pub fn covers(&self, one: &Guard, other: &Guard) -> bool {
        one.covers(other)
            || one.0.iter().all(|(condition, side)| {
                other.0.contains(&(condition.clone(), *side))
                    || !self.may_hold(&other.and(condition, !side))
            })
    }

    /// Returns whether some combination makes a guard hold; true where there are too many
    /// combinations.
    fn may_hold(&self, guard: &Guard) -> bool {
        let mut domains = Domains::new();
        let mut seen = BTreeSet::new();
        for (condition, _) in &guard.0 {
            self.collect(condition, &mut domains, &mut seen);
        }
        let sizes = domains
            .iter()
            .map(|(variable, (texts, is_open))| match variable {
                Variable::Proposition(_) => 2,
                Variable::Operand(_) => (texts.len() + usize::from(*is_open)).max(1),
            });
        let sizes: Vec<usize> = sizes.collect();
        let total = sizes
            .iter()
            .try_fold(1_usize, |product, size| product.checked_mul(*size));
        let Some(total) = total.filter(|total| *total <= MOST_COMBINATIONS) else {
            return true;
        };
        (0..total).any(|mut number| {
            let mut combination = Combination::new();
            for (variable, size) in domains.keys().zip(&sizes) {
                combination.insert(variable.clone(), number % size);
                number /= size;
            }
            let mut held = BTreeMap::new();
            guard.0.iter().all(|(condition, side)| {
                self.holds(condition, &domains, &combination, &mut held)
                    .is_none_or(|holds| holds == *side)
            })
        })
    }

    /// Adds the variables that a condition depends on, through the conditions that it names.
    fn collect(&self, condition: &str, domains: &mut Domains, seen: &mut BTreeSet<String>) {
        let mut open = vec![condition.to_owned()];
        while let Some(condition) = open.pop() {
            if !seen.insert(condition.clone()) {
                continue;
            }
            let Some(index) = self.index.get(&condition) else {
                domains.entry(Variable::Proposition(condition)).or_default();
                continue;
            };
            let mut nodes = vec![self.conditions[*index].1];
            while let Some(node) = nodes.pop() {
                let Some(call) = node.intrinsic() else {
                    continue;
                };
                match call.name {
                    "And" | "Or" | "Not" => nodes.extend(call.argument.items()),
                    "Condition" => open.extend(literal(call.argument)),
                    _ => match self.compared(node) {
                        Compared::Constant(_) => {}
                        Compared::Proposition(variable) => {
                            domains.entry(variable).or_default();
                        }
                        Compared::Text(variable, text) => {
                            let domain = domains
                                .entry(variable)
                                .or_insert_with_key(|variable| self.domain(variable));
                            if !domain.0.contains(&text) && domain.1 {
                                domain.0.push(text);
                            }
                        }
                    },
                }
            }
        }
    }

    /// Returns the texts that an operand may be, without those that conditions compare it with, and
    /// whether it may be others.
    fn domain(&self, variable: &Variable) -> (Vec<String>, bool) {
        let Variable::Operand(operand) = variable else {
            return (Vec::new(), true);
        };
        let parameter = operand
            .strip_prefix("!Ref(\"")
            .and_then(|rest| rest.strip_suffix("\")"));
        let declared = parameter.and_then(|name| self.facts.parameter(name));
        let allowed = declared.and_then(|declared| declared.get("AllowedValues"));
        let allowed = allowed.filter(|node| node.kind().is_sequence() && node.tag().is_none());
        match allowed.and_then(|list| list.items().map(literal).collect::<Option<Vec<String>>>()) {
            Some(texts) => (texts, false),
            None => (Vec::new(), true),
        }
    }

    /// Reads an `Fn::Equals`.
    fn compared(&self, node: NodeRef<'_>) -> Compared {
        let unseen = || Compared::Proposition(Variable::Proposition(canonical(node)));
        let Some(call) = node.intrinsic().filter(|call| call.name == "Equals") else {
            return unseen();
        };
        let sides: Vec<NodeRef<'_>> = call.argument.items().collect();
        let [left, right] = sides.as_slice() else {
            return unseen();
        };
        let (left_text, right_text) = (self.facts.text(*left), self.facts.text(*right));
        let (operand, text) = match (left_text, right_text) {
            (Some(left), Some(right)) => return Compared::Constant(left == right),
            (None, Some(text)) => (*left, text),
            (Some(text), None) => (*right, text),
            (None, None) => {
                let (left, right) = (canonical(*left), canonical(*right));
                if left == right {
                    return Compared::Constant(true);
                }
                let (first, second) = if left < right {
                    (left, right)
                } else {
                    (right, left)
                };
                return Compared::Proposition(Variable::Proposition(format!("{first} = {second}")));
            }
        };
        let name = canonical(operand);
        if self.is_text(operand) {
            Compared::Text(Variable::Operand(name), text)
        } else {
            Compared::Proposition(Variable::Proposition(format!("{name} = {text:?}")))
        }
    }

    /// Returns whether an operand is one text, which equals no other: a number has several
    /// spellings, and a list is several texts.
    fn is_text(&self, operand: NodeRef<'_>) -> bool {
        let call = operand.intrinsic().filter(|call| call.name == "Ref");
        let Some(name) = call.and_then(|call| literal(call.argument)) else {
            return operand.intrinsic().is_some();
        };
        name.starts_with("AWS::")
            || self.facts.parameter(&name).is_some_and(|declared| {
                declared.get("Type").and_then(literal).as_deref() == Some("String")
            })
    }

    /// Evaluates a condition by its name; none where it depends on itself.
    fn holds(
        &self,
        condition: &str,
        domains: &Domains,
        combination: &Combination,
        held: &mut BTreeMap<String, Option<bool>>,
    ) -> Option<bool> {
        if let Some(known) = held.get(condition) {
            return *known;
        }
        // A condition that names itself is neither true nor false.
        held.insert(condition.to_owned(), None);
        let holds = match self.index.get(condition) {
            Some(index) => self.evaluate(self.conditions[*index].1, domains, combination, held, 0),
            None => combination
                .get(&Variable::Proposition(condition.to_owned()))
                .map(|value| *value == 1),
        };
        held.insert(condition.to_owned(), holds);
        holds
    }

    /// Evaluates the body of a condition. Recursion is bounded by the depth that a template may
    /// have.
    fn evaluate(
        &self,
        node: NodeRef<'_>,
        domains: &Domains,
        combination: &Combination,
        held: &mut BTreeMap<String, Option<bool>>,
        depth: usize,
    ) -> Option<bool> {
        let call = node.intrinsic().filter(|_| depth <= MAX_DEPTH)?;
        match call.name {
            "Condition" => self.holds(&literal(call.argument)?, domains, combination, held),
            "Not" => {
                let inner = call.argument.items().next()?;
                self.evaluate(inner, domains, combination, held, depth + 1)
                    .map(|holds| !holds)
            }
            "And" | "Or" => {
                let decisive = call.name == "Or";
                let mut result = Some(!decisive);
                for part in call.argument.items() {
                    match self.evaluate(part, domains, combination, held, depth + 1) {
                        Some(holds) if holds == decisive => return Some(decisive),
                        Some(_) => {}
                        None => result = None,
                    }
                }
                result
            }
            _ => match self.compared(node) {
                Compared::Constant(holds) => Some(holds),
                Compared::Proposition(variable) => {
                    combination.get(&variable).map(|value| *value == 1)
                }
                Compared::Text(variable, text) => {
                    let value = domains.get(&variable)?.0.get(*combination.get(&variable)?);
                    Some(value.is_some_and(|value| *value == text))
                }
            },
        }
    }
}

/// Returns a guard with all that follows from it, in the order of the template: of two conditions
/// that compare a parameter with different texts at most one holds, and where no other value is
/// allowed, exactly one does.
pub fn implied(template: &Template, guard: &Guard) -> Guard {
    let mut all = guard.clone();
    if guard.0.is_empty() {
        return all;
    }
    let logic = Logic::of(template);
    let variables = |conditions: &[&str]| {
        let (mut domains, mut seen) = (Domains::new(), BTreeSet::new());
        for condition in conditions {
            logic.collect(condition, &mut domains, &mut seen);
        }
        domains.into_keys().collect::<BTreeSet<Variable>>()
    };
    let own = variables(
        &guard
            .0
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
    );
    for (condition, _) in &logic.conditions {
        let is_decided = guard.0.iter().any(|(name, _)| name == condition);
        if is_decided || variables(&[condition]).is_disjoint(&own) {
            continue;
        }
        let side = [false, true]
            .into_iter()
            .find(|side| !logic.may_hold(&guard.and(condition, !side)));
        if let Some(side) = side {
            all = all.and(condition, side);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn implied_in(text: &str, guard: &[(&str, bool)]) -> Vec<(String, bool)> {
        let template = Template::parse(text).unwrap();
        let guard = guard_of(guard);
        implied(&template, &guard).0[guard.0.len()..].to_vec()
    }

    fn guard_of(guard: &[(&str, bool)]) -> Guard {
        Guard(
            guard
                .iter()
                .map(|(name, side)| ((*name).to_owned(), *side))
                .collect(),
        )
    }

    const TWO: &str = "Parameters:\n  Mode: {Type: String, AllowedValues: [own, managed]}\nConditions:\n  Own: !Equals [!Ref Mode, own]\n  Managed: !Equals [managed, !Ref Mode]\n";

    #[test]
    fn one_value_excludes_the_other() {
        assert_eq!(
            implied_in(TWO, &[("Own", true)]),
            [("Managed".to_owned(), false)]
        );
    }

    #[test]
    fn the_last_allowed_value_is_the_value() {
        assert_eq!(
            implied_in(TWO, &[("Own", false)]),
            [("Managed".to_owned(), true)]
        );
        let open = TWO.replace(", AllowedValues: [own, managed]", "");
        assert_eq!(implied_in(&open, &[("Own", false)]), []);
        let three = TWO.replace("[own, managed]}", "[own, managed, none]}");
        assert_eq!(implied_in(&three, &[("Own", false)]), []);
    }

    #[test]
    fn nothing_follows_for_other_types_and_for_nothing() {
        assert_eq!(
            implied_in(
                &TWO.replace("Type: String", "Type: Number"),
                &[("Own", true)]
            ),
            []
        );
        assert_eq!(implied_in(TWO, &[]), []);
        assert_eq!(implied_in(TWO, &[("Other", true)]), []);
    }

    const MANY: &str = "\
Parameters:
  P: {Type: String}
Conditions:
  C: !Equals [!Ref AWS::Region, us-west-2]
  D: !Equals [!Ref P, x]
  NotC: !Not [!Condition C]
  NotNotC: !Not [!Condition NotC]
  LongNotC: {'Fn::Not': [{Condition: C}]}
  Same: !Equals [us-west-2, !Ref AWS::Region]
  Both: !And [!Condition C, !Condition D]
  Neither: !Not [!Or [!Condition C, !Condition D]]
  Inline: !Not [!Equals [!Ref AWS::Region, us-west-2]]
  East: !Equals [!Ref AWS::Region, us-east-1]
  Loop: !Not [!Condition Loop]
  Mapped: !Equals [!FindInMap [M, !Ref P, k], a]
  NotMapped: !Not [!Equals [a, !FindInMap [M, !Ref P, k]]]
";

    #[test]
    fn negations_and_combinations_exclude_each_other() {
        let template = Template::parse(MANY).unwrap();
        let logic = Logic::of(&template);
        let excludes = |one: &str, other: &str| {
            logic.excludes(&guard_of(&[(one, true)]), &guard_of(&[(other, true)]))
        };
        for (one, other) in [
            ("C", "NotC"),
            ("NotC", "NotNotC"),
            ("C", "LongNotC"),
            ("Same", "NotC"),
            ("Same", "Inline"),
            ("Both", "NotC"),
            ("Neither", "Both"),
            ("Neither", "D"),
            ("C", "East"),
            ("Mapped", "NotMapped"),
        ] {
            assert!(
                excludes(one, other) && excludes(other, one),
                "{one} and {other}"
            );
        }
        for (one, other) in [
            ("C", "D"),
            ("C", "Same"),
            ("NotC", "Inline"),
            ("D", "Both"),
            ("C", "Loop"),
            ("C", "Unknown"),
        ] {
            assert!(
                !excludes(one, other) && !excludes(other, one),
                "{one} and {other}"
            );
        }
        assert!(logic.covers(&guard_of(&[("C", true)]), &guard_of(&[("Both", true)])));
        assert!(!logic.covers(&guard_of(&[("Both", true)]), &guard_of(&[("C", true)])));
    }

    #[test]
    fn many_variables_claim_nothing_and_take_no_time() {
        let mut text = "Conditions:\n".to_owned();
        for index in 0..200 {
            let _ = writeln!(text, "  C{index}: !Equals [!Ref 'AWS::{index}', x]");
        }
        let all: Vec<String> = (0..200)
            .map(|index| format!("!Condition C{index}"))
            .collect();
        let all = all.join(", ");
        let _ = writeln!(text, "  All: !And [{all}]\n  None: !Not [!Or [{all}]]");
        let template = Template::parse(text.as_str()).unwrap();
        let logic = Logic::of(&template);
        assert!(!logic.excludes(&guard_of(&[("All", true)]), &guard_of(&[("None", true)])));
    }
}
