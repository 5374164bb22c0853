//! What a value in a template is, and what it evaluates to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use byref_config::Environment;
use byref_parameter::Region;
use byref_template::{NodeRef, SubPart, Template, sub_names, sub_parts};

use crate::container::{Guard, branches, conditional, is_nothing, literal};
use crate::facts::Facts;
use crate::hidden::is_function;
use crate::policy::PolicyIndex;

/// What the template declares: parameters with their defaults, resources with their types.
pub(crate) struct Declarations<'t> {
    pub(crate) parameters: BTreeMap<String, NodeRef<'t>>,
    pub(crate) resources: BTreeMap<String, NodeRef<'t>>,
    /// The keys of the resources.
    pub(crate) keys: BTreeMap<String, NodeRef<'t>>,
    mappings: Option<NodeRef<'t>>,
    /// The policy resources, and the names of roles.
    pub(crate) policies: PolicyIndex<'t>,
}

impl<'t> Declarations<'t> {
    pub(crate) fn of(template: &'t Template) -> Self {
        let section = |name: &str| {
            let entries = template.root().and_then(|root| root.get(name)).into_iter().flat_map(NodeRef::entries);
            entries.filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.value))).collect()
        };
        let mappings = template.root().and_then(|root| root.get("Mappings"));
        let (parameters, resources) = (section("Parameters"), section("Resources"));
        let policies = PolicyIndex::of(&resources);
        let entries = template.root().and_then(|root| root.get("Resources")).into_iter().flat_map(NodeRef::entries);
        let keys = entries.filter_map(|entry| Some((entry.key.text()?.into_owned(), entry.key))).collect();
        Self { parameters, resources, keys, mappings, policies }
    }
}

/// How the value of an `Environment` entry comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Written in the template, or given to it as a parameter.
    Given,
    /// Computed from resources or by the deploy: the store's value would silently replace it.
    Computed,
    /// It comes from a store already, by a dynamic reference or a parameter of a type that reads one.
    Stored,
    /// One branch of an `Fn::If` is `AWS::NoValue`: with the value, the condition would vanish.
    Conditional,
}

/// What the value is. Follows `rewriting.md`: computed is `Fn::GetAtt`, `Fn::ImportValue`, a `Ref` to a resource,
/// and whatever is made of those; what can't be seen through (`Fn::Transform`) counts as computed too.
pub(crate) fn origin(value: NodeRef<'_>, declarations: &Declarations<'_>) -> Origin {
    let alternatives = branches(value, &Guard::default());
    let is_no_value = |node: NodeRef<'_>| node.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value);
    if alternatives.iter().any(|(node, _)| is_no_value(*node)) {
        return Origin::Conditional;
    }
    for node in value.subtree() {
        let Some(call) = node.intrinsic() else { continue };
        let computed = match call.name {
            "GetAtt" | "ImportValue" | "GetStackOutput" | "Transform" => true,
            "Ref" => call.target().is_none_or(|(id, _)| is_of_deploy(&id) || declarations.resources.contains_key(&id)),
            "Sub" => sub_text(call.argument).is_some_and(|text| {
                sub_names(&text)
                    .any(|name| name.contains('.') || is_of_deploy(name) || declarations.resources.contains_key(name))
            }),
            _ => false,
        };
        if computed {
            return Origin::Computed;
        }
    }
    if is_stored(value, declarations) { Origin::Stored } else { Origin::Given }
}

/// Pseudo parameters that only a deploy gives a value.
fn is_of_deploy(name: &str) -> bool {
    matches!(name, "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs")
}

/// What a dynamic reference begins with.
pub(crate) const DYNAMIC_REFERENCE: &str = "{{resolve:";

/// Whether a part of a value is a dynamic reference, or a parameter that CloudFormation reads from Parameter Store; also
/// by a parameter's default or a mapping, and where functions put the reference together.
fn is_stored(value: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let facts = Facts::of(value.template());
    let is_reference = |text: &str| text.contains(DYNAMIC_REFERENCE);
    let says = |node: NodeRef<'_>| node.text().is_some_and(|text| is_reference(&text));
    value.subtree().any(|node| {
        let by_parameter =
            names_used(node).iter().filter_map(|name| declarations.parameters.get(name)).any(|parameter| {
                let kind = parameter.get("Type").and_then(literal).unwrap_or_default();
                kind.starts_with("AWS::SSM::Parameter::Value") || parameter.get("Default").is_some_and(says)
            });
        let call = node.intrinsic();
        let by_mapping = || {
            let leaves = call.filter(|call| call.name == "FindInMap").and_then(|call| facts.leaves(call));
            leaves.is_some_and(|leaves| leaves.into_iter().any(says))
        };
        let composed = || call.is_some_and(|call| call.name == "Join") && join_says(node, &is_reference);
        says(node) || by_parameter || by_mapping() || composed()
    })
}

/// Whether the literal parts of an `Fn::Join` say something together.
fn join_says(node: NodeRef<'_>, is_said: &dyn Fn(&str) -> bool) -> bool {
    let Some(call) = node.intrinsic() else { return false };
    let mut parts = call.argument.items();
    let delimiter = parts.next().and_then(literal).unwrap_or_default();
    let items = parts.next().into_iter().flat_map(NodeRef::items);
    let text: Vec<String> = items.map(|item| literal(item).unwrap_or_else(|| HOLE.to_string())).collect();
    is_said(&text.join(&delimiter))
}

/// The parameters that a value is made of, each once.
pub(crate) fn parameters_in(value: NodeRef<'_>, declarations: &Declarations<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for node in value.subtree() {
        for name in names_used(node) {
            if declarations.parameters.contains_key(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The names that a node itself refers to by `Ref`, `Fn::Sub`, `Fn::RefAll` or `Fn::ValueOf`.
pub(crate) fn names_used(node: NodeRef<'_>) -> Vec<String> {
    let Some(call) = node.intrinsic() else { return Vec::new() };
    match call.name {
        "Ref" => call.target().map(|(name, _)| name).into_iter().collect(),
        "Sub" => {
            let Some(text) = sub_text(call.argument) else { return Vec::new() };
            sub_names(&text).map(|name| name.split('.').next().unwrap_or(name).to_owned()).collect()
        }
        "RefAll" | "ValueOf" | "ValueOfAll" => {
            let first =
                if call.argument.kind().is_sequence() { call.argument.items().next() } else { Some(call.argument) };
            first.and_then(literal).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The text of `Fn::Sub` in either of its forms.
pub(crate) fn sub_text(argument: NodeRef<'_>) -> Option<String> {
    if argument.kind().is_sequence() { argument.items().next()?.text() } else { argument.text() }
        .map(std::borrow::Cow::into_owned)
}

/// The same text for values that are the same, whatever their quotes and forms.
pub(crate) fn canonical(value: NodeRef<'_>) -> String {
    enum Step<'t> {
        Node(NodeRef<'t>),
        Text(&'static str),
    }
    let mut text = String::new();
    let mut steps = vec![Step::Node(value)];
    while let Some(step) = steps.pop() {
        let node = match step {
            Step::Text(part) => {
                text.push_str(part);
                continue;
            }
            Step::Node(node) => node,
        };
        if let Some(call) = node.intrinsic() {
            let _ = write!(text, "!{}(", call.name);
            steps.push(Step::Text(")"));
            match call.target().filter(|_| call.name == "GetAtt") {
                Some((id, attribute)) => {
                    let _ = write!(text, "{id}.{}", attribute.unwrap_or_default());
                }
                None => steps.push(Step::Node(call.argument)),
            }
        } else if let Some(scalar) = node.text() {
            let _ = write!(text, "{scalar:?}");
        } else {
            text.push('[');
            steps.push(Step::Text("]"));
            let children: Vec<_> = node.children().collect();
            for child in children.into_iter().rev() {
                steps.push(Step::Text(","));
                steps.push(Step::Node(child));
            }
        }
    }
    text
}

/// What a value evaluates to where it is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evaluated {
    Text(String),
    /// It depends on this, which is not known before the deploy.
    Unknown(String),
}

/// Stands in a text for a part that is not known.
pub(crate) const HOLE: char = '\0';

/// Where a template is evaluated: pseudo parameters by environment and Region, parameters by default.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'t> {
    pub(crate) declarations: &'t Declarations<'t>,
    pub(crate) environment: &'t Environment,
    pub(crate) region: &'t Region,
    /// The parameter whose value is the environment's name.
    pub(crate) environment_parameter: Option<&'t str>,
    /// Which defaults of parameters count.
    pub(crate) defaults: Defaults<'t>,
}

/// Which defaults of parameters count as their values: a deploy may pass others.
#[derive(Clone, Copy)]
pub(crate) enum Defaults<'t> {
    All,
    /// All but those of these parameters.
    Without(&'t BTreeSet<String>),
    None,
}

impl Defaults<'_> {
    fn counts(self, parameter: &str) -> bool {
        match self {
            Self::All => true,
            Self::Without(names) => !names.contains(parameter),
            Self::None => false,
        }
    }
}

type Known = Result<String, String>;

/// How what is not known shows in a text.
#[derive(Clone, Copy)]
enum Unknowns<'c> {
    /// The whole is not known.
    Spread,
    /// A [`HOLE`] stands there; `Fn::If` is decided by these conditions.
    Holes(&'c BTreeMap<String, bool>),
}

impl Evaluation<'_> {
    /// What a value without conditions evaluates to, or what it depends on.
    pub(crate) fn text_of(&self, node: NodeRef<'_>) -> Result<String, String> {
        self.text(node, Unknowns::Spread, 0)
    }

    /// The same with a [`HOLE`] for every part that is not known.
    pub(crate) fn text_with_holes(&self, node: NodeRef<'_>, conditions: &BTreeMap<String, bool>) -> String {
        self.part(node, Unknowns::Holes(conditions), 0).unwrap_or_else(|_| HOLE.to_string())
    }

    /// What a value evaluates to, with what is not known by its name: equal texts are equal whatever is passed.
    pub(crate) fn symbolic(&self, node: NodeRef<'_>) -> Option<String> {
        if let Ok(text) = self.text_of(node) {
            return Some(text);
        }
        let named = |name: &str| self.reference(name, 0).unwrap_or_else(|_| format!("{HOLE}{name}{HOLE}"));
        let call = node.intrinsic()?;
        match call.name {
            "Ref" => Some(named(&literal(call.argument)?)),
            "Sub" if !call.argument.kind().is_sequence() => {
                let text = sub_text(call.argument)?;
                let part = |(_, part)| match part {
                    SubPart::Text(text) => Some(text.to_owned()),
                    SubPart::Name(name) => Some(named(name)),
                    SubPart::Escaped(_) => None,
                };
                sub_parts(&text).map(part).collect()
            }
            "Join" => {
                let mut parts = call.argument.items();
                let delimiter = parts.next().and_then(literal)?;
                let list = parts.next().filter(|list| list.kind().is_sequence() && list.tag().is_none())?;
                let texts: Option<Vec<String>> = list
                    .items()
                    .map(|item| {
                        if item.intrinsic().is_some_and(|call| call.name == "Join") {
                            None
                        } else {
                            self.symbolic(item)
                        }
                    })
                    .collect();
                Some(texts?.join(&delimiter))
            }
            _ => None,
        }
    }

    /// A part of a text: a hole where it is not known, if holes are wanted.
    fn part(&self, node: NodeRef<'_>, unknowns: Unknowns<'_>, depth: usize) -> Known {
        match (self.text(node, unknowns, depth), unknowns) {
            (Err(_), Unknowns::Holes(_)) => Ok(HOLE.to_string()),
            (known, _) => known,
        }
    }

    /// What each alternative of a value evaluates to, in the order of the text.
    pub(crate) fn alternatives(&self, value: NodeRef<'_>) -> Vec<Evaluated> {
        let evaluate = |(node, _): (NodeRef<'_>, Guard)| match self.text_of(node) {
            Ok(text) => Evaluated::Text(text),
            Err(unknown) => Evaluated::Unknown(unknown),
        };
        branches(value, &Guard::default()).into_iter().map(evaluate).collect()
    }

    /// Recursion is bounded by the depth that a template may have.
    fn text(&self, node: NodeRef<'_>, unknowns: Unknowns<'_>, depth: usize) -> Known {
        if depth > byref_template::MAX_DEPTH {
            return Err("a value that refers to itself".to_owned());
        }
        let Some(call) = node.intrinsic() else {
            return literal(node).filter(|_| !is_nothing(node)).ok_or_else(|| "a value that is not text".to_owned());
        };
        match call.name {
            "Ref" => self.reference(&literal(call.argument).unwrap_or_default(), depth),
            "Sub" => self.sub(call.argument, unknowns, depth),
            "Join" => self.join(call.argument, unknowns, depth),
            "FindInMap" => self.find_in_map(call.argument, depth),
            "If" => self.decided(node, unknowns, depth),
            name if is_function(name) => Err(format!("`Fn::{name}`")),
            // A value that begins with `!` and has no quotes is a tag for YAML.
            _ => Err("an unknown function".to_owned()),
        }
    }

    fn decided(&self, node: NodeRef<'_>, unknowns: Unknowns<'_>, depth: usize) -> Known {
        let (Unknowns::Holes(conditions), Some((condition, yes, no))) = (unknowns, conditional(node)) else {
            return Err("a condition".to_owned());
        };
        let branch = if conditions.get(&condition).copied().unwrap_or(true) { yes } else { no };
        self.text(branch, unknowns, depth + 1)
    }

    fn reference(&self, name: &str, depth: usize) -> Known {
        match name {
            "AWS::Region" => return Ok(self.region.to_string()),
            "AWS::AccountId" => return Ok(self.environment.account.to_string()),
            "AWS::Partition" => return Ok(self.environment.partition.to_string()),
            "AWS::URLSuffix" if self.environment.partition.to_string() == "aws" => {
                return Ok("amazonaws.com".to_owned());
            }
            _ if self.environment_parameter == Some(name) => return Ok(self.environment.name.clone()),
            _ => {}
        }
        let unknown = || format!("`{name}`");
        if let Some(parameter) = self.declarations.parameters.get(name) {
            let stored = parameter
                .get("Type")
                .and_then(literal)
                .is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value"));
            return parameter
                .get("Default")
                .filter(|_| !stored && self.defaults.counts(name))
                .and_then(literal)
                .ok_or_else(unknown);
        }
        // A name that is not declared may be anything, also a value.
        let undeclared = || {
            let is_pseudo = name.starts_with("AWS::") && name[5..].bytes().all(|byte| byte.is_ascii_alphabetic());
            if is_pseudo { unknown() } else { "a name that the template does not declare".to_owned() }
        };
        let resource = self.declarations.resources.get(name).ok_or_else(undeclared)?;
        // A `Ref` to a parameter of the Parameter Store is its name.
        let stored = resource.get("Type").and_then(literal).is_some_and(|kind| kind == "AWS::SSM::Parameter");
        let named = resource.get("Properties").and_then(|properties| properties.get("Name")).filter(|_| stored);
        named.map_or_else(|| Err(unknown()), |node| self.text(node, Unknowns::Spread, depth + 1))
    }

    fn sub(&self, argument: NodeRef<'_>, unknowns: Unknowns<'_>, depth: usize) -> Known {
        let text = sub_text(argument).ok_or_else(|| "`Fn::Sub`".to_owned())?;
        let own = argument.items().nth(1);
        let mut result = String::with_capacity(text.len());
        for (_, part) in sub_parts(&text) {
            match part {
                SubPart::Text(text) => result.push_str(text),
                SubPart::Escaped(name) => {
                    let _ = write!(result, "${{{name}}}");
                }
                SubPart::Name(name) => match (own.and_then(|map| map.get(name)), unknowns) {
                    (Some(value), _) => result.push_str(&self.part(value, unknowns, depth + 1)?),
                    (None, unknowns) => match (self.reference(name, depth + 1), unknowns) {
                        (Err(_), Unknowns::Holes(_)) => result.push(HOLE),
                        (known, _) => result.push_str(&known?),
                    },
                },
            }
        }
        Ok(result)
    }

    fn join(&self, argument: NodeRef<'_>, unknowns: Unknowns<'_>, depth: usize) -> Known {
        let unknown = || "`Fn::Join`".to_owned();
        let mut parts = argument.items();
        let delimiter = parts.next().and_then(literal).ok_or_else(unknown)?;
        let list = parts.next().filter(|list| list.kind().is_sequence() && list.tag().is_none()).ok_or_else(unknown)?;
        let texts: Result<Vec<String>, String> =
            list.items().map(|item| self.part(item, unknowns, depth + 1)).collect();
        Ok(texts?.join(&delimiter))
    }

    fn find_in_map(&self, argument: NodeRef<'_>, depth: usize) -> Known {
        let keys: Result<Vec<String>, String> =
            argument.items().take(3).map(|key| self.text(key, Unknowns::Spread, depth + 1)).collect();
        let mut node = self.declarations.mappings;
        for key in &keys? {
            node = node.and_then(|node| node.get(key));
        }
        node.and_then(literal).ok_or_else(|| "`Fn::FindInMap`".to_owned())
    }
}
