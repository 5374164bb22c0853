//! What is certain of values and conditions before a deployment, whatever is passed to the stack.
//!
//! Unlike for [`Evaluation`](crate::Evaluation), the `Default` of a parameter counts for nothing
//! here: a caller may pass another value. Its `AllowedValues` count.
//!
//! | value | texts |
//! | --- | --- |
//! | `live` | `live` |
//! | `!Ref Stage`, with `AllowedValues: [live, test]` | `live` and `test` |
//! | `!Ref Stage`, with a default alone | not listed |
//! | `!If [C, a, b]` | `a` and `b`, or one of them where `C` is decided |
//!
//! Conditions are decided once and remembered, since hundreds of values may ask for the same one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use byref_template::{Intrinsic, MAX_DEPTH, NodeRef, Template};

use crate::evaluation::StackInstance;
use crate::evaluator::{evaluate, mapped};
use crate::guard::conditional;
use crate::names::canonical;
use crate::node::literal;
use crate::value::{Evaluate, Lookup, Names, Side};

/// The texts that a value may be; none where they can't be listed.
pub type Texts = Option<BTreeSet<String>>;

/// The certain facts of a template: in general, or in one stack.
///
/// ```
/// use byref_cloudformation::Facts;
/// use byref_template::Template;
///
/// let text = "Parameters: {Stage: {Type: String, AllowedValues: [live, test]}}\n\
///     Conditions:\n  Odd: !Equals [!Ref Stage, other]\n";
/// let template = Template::parse(text).unwrap();
/// let facts = Facts::of(&template);
/// assert_eq!(facts.holds("Odd"), Some(false), "no allowed value is `other`");
/// ```
pub struct Facts<'t> {
    root: Option<NodeRef<'t>>,
    /// The values of pseudo parameters and parameters that are known.
    known: BTreeMap<String, String>,
    /// Conditions that are decided, or being decided.
    decided: Mutex<BTreeMap<String, Option<bool>>>,
}

impl<'t> Facts<'t> {
    /// Returns the facts that hold wherever the template is deployed.
    pub fn of(template: &'t Template) -> Self {
        Self {
            root: template.root(),
            known: BTreeMap::new(),
            decided: Mutex::default(),
        }
    }

    /// Returns the facts that hold in a stack.
    pub fn at(template: &'t Template, stack: &StackInstance<'_>) -> Self {
        let names = ["AWS::Region", "AWS::AccountId", "AWS::Partition"].into_iter();
        let names = names.chain(stack.given.map(|(name, _)| name));
        let known = names
            .filter_map(|name| Some((name.to_owned(), stack.value_of(name)?)))
            .collect();
        Self {
            known,
            ..Self::of(template)
        }
    }

    /// Returns the value of a pseudo parameter or parameter that is known.
    pub fn known(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// Returns a section of the template.
    fn section(&self, name: &str) -> Option<NodeRef<'t>> {
        self.root.and_then(|root| root.get(name))
    }

    /// Returns a parameter's declaration.
    pub fn parameter(&self, name: &str) -> Option<NodeRef<'t>> {
        self.section("Parameters")
            .and_then(|section| section.get(name))
    }

    /// Returns the conditions of the template, in order.
    pub fn conditions(&self) -> impl Iterator<Item = (String, NodeRef<'t>)> {
        let entries = self
            .section("Conditions")
            .into_iter()
            .flat_map(NodeRef::entries);
        entries.filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value)))
    }

    /// Returns the one text that a value is.
    pub fn text<'n>(&self, node: NodeRef<'n>) -> Option<String>
    where
        't: 'n,
    {
        self.texts(node)
            .filter(|texts| texts.len() == 1)
            .and_then(|mut texts| texts.pop_first())
    }

    /// Returns all texts that a value may be.
    pub fn texts<'n>(&self, node: NodeRef<'n>) -> Texts
    where
        't: 'n,
    {
        evaluate(self, node)
            .texts
            .iter()
            .map(|text| text.known().ok())
            .collect()
    }

    /// Returns the branches of an `Fn::If` that are not ruled out; none for another node.
    pub fn possible_branches<'n>(&self, node: NodeRef<'n>) -> Option<Vec<NodeRef<'n>>> {
        let (condition, yes, no) = conditional(node)?;
        Some(match self.holds(&condition) {
            Some(true) => vec![yes],
            Some(false) => vec![no],
            None => vec![yes, no],
        })
    }

    /// Returns the texts of a parameter with `AllowedValues`. A list or a number has none: a number
    /// has several spellings.
    fn allowed(&self, name: &str) -> Option<Vec<String>> {
        let parameter = self.parameter(name)?;
        if parameter.get("Type").and_then(literal).as_deref() != Some("String") {
            return None;
        }
        let allowed = parameter
            .get("AllowedValues")
            .filter(|node| node.kind().is_sequence() && node.tag().is_none())?;
        allowed
            .items()
            .map(literal)
            .collect::<Option<Vec<String>>>()
            .filter(|texts| !texts.is_empty())
    }

    /// Returns the values of mappings that an `Fn::FindInMap` may return, with its `DefaultValue`,
    /// in the order of the text; none where they can't be listed. A key that is not known may be
    /// any.
    ///
    /// Source: CloudFormation template reference, "`Fn::FindInMap`" and "`AWS::LanguageExtensions`
    /// transform".
    pub fn leaves<'n>(&self, call: Intrinsic<'n>) -> Option<Vec<NodeRef<'n>>>
    where
        't: 'n,
    {
        let arguments: Vec<NodeRef<'n>> = call.argument.items().collect();
        let is_mapped =
            |key: &NodeRef<'_>| key.intrinsic().is_some_and(|call| call.name == "FindInMap");
        let keys: Vec<Texts> = arguments
            .get(..3)?
            .iter()
            .map(|key| {
                if is_mapped(key) {
                    None
                } else {
                    self.texts(*key)
                }
            })
            .collect();
        let mut nodes: Vec<NodeRef<'n>> = mapped(self.section("Mappings")?, &keys);
        nodes.extend(
            arguments
                .get(3)
                .and_then(|options| options.get("DefaultValue")),
        );
        (!nodes.is_empty()).then_some(nodes)
    }

    fn decided(&self) -> MutexGuard<'_, BTreeMap<String, Option<bool>>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a condition holds, where that is certain.
    pub fn holds(&self, condition: &str) -> Option<bool> {
        if let Some(known) = self.decided().get(condition) {
            return *known;
        }
        // A condition that names itself stays unknown.
        self.decided().insert(condition.to_owned(), None);
        let node = self
            .section("Conditions")
            .and_then(|section| section.get(condition));
        let decided = node.and_then(|node| self.decide(node, 0));
        self.decided().insert(condition.to_owned(), decided);
        decided
    }

    /// Decides the body of a condition. Recursion is bounded by the depth that a template may have.
    fn decide(&self, node: NodeRef<'_>, depth: usize) -> Option<bool> {
        let call = node.intrinsic().filter(|_| depth <= MAX_DEPTH)?;
        let parts = || {
            call.argument
                .items()
                .map(|part| self.decide(part, depth + 1))
                .collect::<Vec<_>>()
        };
        match call.name {
            "Condition" => self.holds(&literal(call.argument)?),
            "Not" => parts().first().copied().flatten().map(|held| !held),
            "And" => all(&parts(), true),
            "Or" => all(&parts(), false),
            "Equals" => {
                let sides: Vec<NodeRef<'_>> = call.argument.items().collect();
                let [left, right] = sides.as_slice() else {
                    return None;
                };
                if canonical(*left) == canonical(*right) {
                    return Some(true);
                }
                let (left, right) = (self.texts(*left)?, self.texts(*right)?);
                match (left.len(), right.len()) {
                    _ if left.is_disjoint(&right) => Some(false),
                    (1, 1) => Some(true),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Returns the conjunction of answers where `neutral` is true, else their disjunction; none where
/// an open part decides.
fn all(parts: &[Option<bool>], neutral: bool) -> Option<bool> {
    if parts.contains(&Some(!neutral)) {
        return Some(!neutral);
    }
    parts
        .iter()
        .all(|part| *part == Some(neutral))
        .then_some(neutral)
}

impl<'n, 't: 'n> Names<'n> for Facts<'t> {
    fn name(&self, name: &str) -> Lookup<'n> {
        let known = self.known.get(name).map(|known| vec![known.clone()]);
        let texts = known.or_else(|| self.allowed(name));
        texts.map_or_else(|| Lookup::Unknown(format!("`{name}`")), Lookup::Texts)
    }

    fn side(&self, condition: &str) -> Side {
        self.holds(condition).map_or(Side::Either, Side::One)
    }

    fn mapped(&self, call: Intrinsic<'n>, _: Evaluate<'_, 'n>) -> Result<Vec<NodeRef<'n>>, String> {
        self.leaves(call)
            .ok_or_else(|| "`Fn::FindInMap`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
Parameters:
  One: {Type: String, AllowedValues: [only]}
  Two: {Type: String, AllowedValues: [a, b]}
  Open: {Type: String, Default: open}
Mappings:
  M: {x: {k: first}, y: {k: second}}
Conditions:
  Never: !Equals [!Ref Two, c]
  Always: !Not [!Condition Never]
  Perhaps: !Equals [!Ref Two, a]
  Loop: !Not [!Condition Loop]
Values:
";

    fn texts(value: &str) -> Option<Vec<String>> {
        let template = Template::parse(format!("{TEMPLATE}  - {value}\n")).unwrap();
        let node = template
            .root()
            .unwrap()
            .get("Values")
            .unwrap()
            .items()
            .next()
            .unwrap();
        Facts::of(&template)
            .texts(node)
            .map(|texts| texts.into_iter().collect())
    }

    #[test]
    fn texts_are_listed_where_they_are_certain() {
        let is = |value: &str, expected: &[&str]| {
            assert_eq!(texts(value).unwrap_or_default(), expected, "{value}");
        };
        is("plain", &["plain"]);
        is("!Sub DB_PASSWORD", &["DB_PASSWORD"]);
        is("{\"Fn::Sub\": DB_PASSWORD}", &["DB_PASSWORD"]);
        is("!Sub '${One}_${!One}'", &["only_${One}"]);
        is("!Sub ['${x}-${One}', {x: !Ref Two}]", &["a-only", "b-only"]);
        is("!Join ['_', [DB, PASSWORD]]", &["DB_PASSWORD"]);
        is("!If [Perhaps, p, q]", &["p", "q"]);
        is("!If [Always, p, q]", &["p"]);
        is("!If [Never, p, q]", &["q"]);
        is("!FindInMap [M, x, k]", &["first"]);
        is("!FindInMap [M, !Ref AWS::Region, k]", &["first", "second"]);
        for unknown in [
            "!Ref Open",
            "!Ref AWS::Region",
            "!Sub '${Open}'",
            "!GetAtt A.B",
            "!If [Loop, !Ref Open, q]",
        ] {
            assert_eq!(texts(unknown), None, "{unknown}");
        }
    }
}
