//! What is certain about values before a deploy, whatever is passed to the stack.
//!
//! Unlike [`Evaluation`](crate::value::Evaluation), a parameter's `Default` counts for nothing here: a caller may pass
//! another value.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use byref_config::Environment;
use byref_parameter::Region;
use byref_template::{Intrinsic, MAX_DEPTH, NodeRef, SubPart, Template, sub_parts};

use crate::container::{conditional, is_nothing, literal};
use crate::value::{canonical, sub_text};

/// A value with more possible texts than this counts as unknown.
const MOST_TEXTS: usize = 64;

/// The texts that a value may be; none where they can't be listed.
pub(crate) type Texts = Option<BTreeSet<String>>;

/// The certain facts of a template: in general, or in one Region of one environment.
pub(crate) struct Facts<'t> {
    root: Option<NodeRef<'t>>,
    /// What pseudo parameters and parameters are known to be.
    known: BTreeMap<String, String>,
    /// Conditions that are looked up, or being looked up.
    decided: RefCell<BTreeMap<String, Option<bool>>>,
}

impl<'t> Facts<'t> {
    /// What holds wherever the template is deployed.
    pub(crate) fn of(template: &'t Template) -> Self {
        Self { root: template.root(), known: BTreeMap::new(), decided: RefCell::default() }
    }

    /// What holds in a Region of an environment; `parameter` is the one whose value is the environment's name.
    pub(crate) fn at(
        template: &'t Template,
        environment: &Environment,
        region: &Region,
        parameter: Option<&str>,
    ) -> Self {
        let mut facts = Self::of(template);
        let mut know = |name: &str, value: String| facts.known.insert(name.to_owned(), value);
        know("AWS::Region", region.to_string());
        know("AWS::AccountId", environment.account.to_string());
        know("AWS::Partition", environment.partition.to_string());
        if let Some(parameter) = parameter {
            know(parameter, environment.name.clone());
        }
        facts
    }

    /// What a pseudo parameter or parameter is known to be.
    pub(crate) fn known(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    fn section(&self, name: &str) -> Option<NodeRef<'t>> {
        self.root.and_then(|root| root.get(name))
    }

    /// A parameter's declaration.
    pub(crate) fn parameter(&self, name: &str) -> Option<NodeRef<'t>> {
        self.section("Parameters").and_then(|section| section.get(name))
    }

    /// The conditions of the template, in order.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (String, NodeRef<'t>)> {
        let entries = self.section("Conditions").into_iter().flat_map(NodeRef::entries);
        entries.filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value)))
    }

    /// The one text that a value is.
    pub(crate) fn text(&self, node: NodeRef<'_>) -> Option<String> {
        self.texts(node).filter(|texts| texts.len() == 1).and_then(|mut texts| texts.pop_first())
    }

    /// All texts that a value may be.
    pub(crate) fn texts(&self, node: NodeRef<'_>) -> Texts {
        self.texts_at(node, 0)
    }

    /// Recursion is bounded by the depth that a template may have.
    fn texts_at(&self, node: NodeRef<'_>, depth: usize) -> Texts {
        if depth > MAX_DEPTH {
            return None;
        }
        let Some(call) = node.intrinsic() else {
            return literal(node).filter(|_| !is_nothing(node)).map(|text| BTreeSet::from([text]));
        };
        match call.name {
            "Ref" => self.reference(&literal(call.argument)?),
            "Sub" => self.sub(call.argument, depth),
            "Join" => self.join(call.argument, depth),
            "FindInMap" => {
                let leaves = self.leaves(call)?;
                bounded(leaves.into_iter().map(literal).collect::<Option<BTreeSet<String>>>()?)
            }
            "If" => {
                let mut texts = BTreeSet::new();
                for branch in self.possible_branches(node)? {
                    texts.append(&mut self.texts_at(branch, depth + 1)?);
                }
                bounded(texts)
            }
            _ => None,
        }
    }

    /// The branches of an `Fn::If` that are not ruled out.
    pub(crate) fn possible_branches<'n>(&self, node: NodeRef<'n>) -> Option<Vec<NodeRef<'n>>> {
        let (condition, yes, no) = conditional(node)?;
        Some(match self.holds(&condition) {
            Some(true) => vec![yes],
            Some(false) => vec![no],
            None => vec![yes, no],
        })
    }

    fn reference(&self, name: &str) -> Texts {
        if let Some(known) = self.known.get(name) {
            return Some(BTreeSet::from([known.clone()]));
        }
        let parameter = self.parameter(name)?;
        if parameter.get("Type").and_then(literal).as_deref() != Some("String") {
            return None;
        }
        let allowed =
            parameter.get("AllowedValues").filter(|node| node.kind().is_sequence() && node.tag().is_none())?;
        bounded(allowed.items().map(literal).collect::<Option<BTreeSet<String>>>()?)
    }

    fn sub(&self, argument: NodeRef<'_>, depth: usize) -> Texts {
        let text = sub_text(argument)?;
        let own = argument.kind().is_sequence().then(|| argument.items().nth(1)).flatten();
        let mut texts = BTreeSet::from([String::new()]);
        for (_, part) in sub_parts(&text) {
            let part = match part {
                SubPart::Text(text) => BTreeSet::from([text.to_owned()]),
                SubPart::Escaped(name) => BTreeSet::from([format!("${{{name}}}")]),
                SubPart::Name(name) => match own.and_then(|map| map.get(name)) {
                    Some(value) => self.texts_at(value, depth + 1)?,
                    None => self.reference(name)?,
                },
            };
            texts = with_suffix(texts, &part)?;
        }
        Some(texts)
    }

    fn join(&self, argument: NodeRef<'_>, depth: usize) -> Texts {
        let mut parts = argument.items();
        let delimiter = BTreeSet::from([parts.next().and_then(literal)?]);
        let list = parts.next().filter(|list| list.kind().is_sequence() && list.tag().is_none())?;
        let mut texts = BTreeSet::from([String::new()]);
        for (index, item) in list.items().enumerate() {
            if index > 0 {
                texts = with_suffix(texts, &delimiter)?;
            }
            texts = with_suffix(texts, &self.texts_at(item, depth + 1)?)?;
        }
        Some(texts)
    }

    /// The values of mappings that an `Fn::FindInMap` may give, each once; none where they can't be listed.
    pub(crate) fn leaves<'n>(&self, call: Intrinsic<'n>) -> Option<Vec<NodeRef<'n>>>
    where
        't: 'n,
    {
        let arguments: Vec<NodeRef<'n>> = call.argument.items().collect();
        let keys = arguments.get(..3)?;
        let mut nodes: Vec<NodeRef<'n>> = vec![self.section("Mappings")?];
        for key in keys {
            let names =
                if key.intrinsic().is_some_and(|call| call.name == "FindInMap") { None } else { self.texts(*key) };
            let mut next = Vec::new();
            for node in nodes {
                match &names {
                    Some(names) => next.extend(names.iter().filter_map(|name| node.get(name))),
                    None => next.extend(node.entries().map(|entry| entry.value)),
                }
            }
            nodes = next;
        }
        let fallback = arguments.get(3).and_then(|options| options.get("DefaultValue"));
        nodes.extend(fallback);
        (!nodes.is_empty()).then_some(nodes)
    }

    /// Whether a condition holds, where that is certain.
    pub(crate) fn holds(&self, condition: &str) -> Option<bool> {
        if let Some(known) = self.decided.borrow().get(condition) {
            return *known;
        }
        // A condition that names itself stays unknown.
        self.decided.borrow_mut().insert(condition.to_owned(), None);
        let node = self.section("Conditions").and_then(|section| section.get(condition));
        let decided = node.and_then(|node| self.decide(node, 0));
        self.decided.borrow_mut().insert(condition.to_owned(), decided);
        decided
    }

    fn decide(&self, node: NodeRef<'_>, depth: usize) -> Option<bool> {
        let call = node.intrinsic().filter(|_| depth <= MAX_DEPTH)?;
        let parts = || call.argument.items().map(|part| self.decide(part, depth + 1)).collect::<Vec<_>>();
        match call.name {
            "Condition" => self.holds(&literal(call.argument)?),
            "Not" => parts().first().copied().flatten().map(|held| !held),
            "And" => all(&parts(), true),
            "Or" => all(&parts(), false),
            "Equals" => {
                let sides: Vec<NodeRef<'_>> = call.argument.items().collect();
                let [left, right] = sides.as_slice() else { return None };
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

/// `And` where `neutral` is true, else `Or`.
fn all(parts: &[Option<bool>], neutral: bool) -> Option<bool> {
    if parts.contains(&Some(!neutral)) {
        return Some(!neutral);
    }
    parts.iter().all(|part| *part == Some(neutral)).then_some(neutral)
}

fn bounded(texts: BTreeSet<String>) -> Texts {
    (!texts.is_empty() && texts.len() <= MOST_TEXTS).then_some(texts)
}

/// Every text with every one of the others behind it.
fn with_suffix(texts: BTreeSet<String>, suffixes: &BTreeSet<String>) -> Texts {
    if suffixes.len() == 1 && texts.len() == 1 {
        // The usual case appends in place: a `Sub` may have thousands of parts.
        let (mut text, suffix) = (texts.into_iter().next()?, suffixes.first()?);
        text.push_str(suffix);
        return Some(BTreeSet::from([text]));
    }
    if texts.len().saturating_mul(suffixes.len()) > MOST_TEXTS {
        return None;
    }
    Some(texts.iter().flat_map(|text| suffixes.iter().map(move |suffix| format!("{text}{suffix}"))).collect())
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
        let node = template.root().unwrap().get("Values").unwrap().items().next().unwrap();
        Facts::of(&template).texts(node).map(|texts| texts.into_iter().collect())
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
        for unknown in ["!Ref Open", "!Ref AWS::Region", "!Sub '${Open}'", "!GetAtt A.B", "!If [Loop, !Ref Open, q]"] {
            assert_eq!(texts(unknown), None, "{unknown}");
        }
    }
}
