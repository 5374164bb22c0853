//! The single pass over a document: it gives every value its place, its name, its path and its
//! literal text, and hands it to the rules.
//!
//! # Order
//!
//! Resources are walked before parameters and mappings. A default has no meaning by itself:
//! `Default: x` of a parameter `Value1` is a password if an environment variable `DB_PASSWORD`
//! refers to it. The uses are known once all resources have been walked, so that one pass over the
//! tree is enough.
//!
//! # Places and names
//!
//! | part of the template | place | name |
//! | --- | --- | --- |
//! | `Environment: [{Name: DB_PASSWORD, Value: x}]` | environment | `DB_PASSWORD`, by the pair |
//! | `Properties: {MasterUserPassword: x}` | a property that takes a secret | the key |
//! | `UserData: !Base64 x` | script | the key |
//! | `Tags: [{Key: a, Value: x}]` | named | `a`, by the pair |
//! | `Description: x` | prose | the key |
//! | `# x` | comment | none |

mod call;
mod name;
mod section;
mod uses;

use std::borrow::Cow;

use byref_template::NodeRef;

use crate::compose::{Composed, compose};
use crate::pair::Pair;
use crate::path::{Path, Step};
use crate::place::{Place, is_schema_key};
use crate::properties;
use crate::subject::{Resource, Subject};
use crate::template_facts::{Facts, Use};

pub(crate) use self::uses::Uses;

/// The receiver of what a walk comes across, in the order of the walk.
///
/// Judging and walking are apart, so that the JSON inside a value is walked by the same code with
/// another visitor.
pub(crate) trait Visitor<'t> {
    /// Receives a value with a literal part.
    fn value(&mut self, subject: &Subject<'_, 't>);
    /// Receives a reference to a parameter of the template.
    fn parameter_used(&mut self, subject: &Subject<'_, 't>, parameter: &str);
    /// Receives a reference to an attribute of a resource.
    fn attribute_used(&mut self, subject: &Subject<'_, 't>, attribute: &str);
}

/// A walk in progress.
pub(crate) struct Walk<'v, 't, V> {
    /// The receiver of what the walk comes across.
    visitor: &'v mut V,
    /// The parameters of the document.
    facts: &'v Facts<'t>,
    /// The path to the current value.
    path: Path<'t>,
    /// The resource that the walk is in.
    resource: Option<Resource<'t>>,
    /// The number of steps that lead to the resource's `Properties`.
    properties_at: usize,
    /// The uses that the walk has come across so far.
    uses: Uses,
    /// A name that a pair gives to the values below it, and that counts more than the path.
    given_name: Option<String>,
}

impl<'v, 't, V: Visitor<'t>> Walk<'v, 't, V> {
    /// Starts a walk without a path.
    pub(crate) fn new(visitor: &'v mut V, facts: &'v Facts<'t>) -> Self {
        Self {
            visitor,
            facts,
            path: Path::default(),
            resource: None,
            properties_at: 0,
            uses: Uses::default(),
            given_name: None,
        }
    }

    /// Returns the uses of parameters and mappings, after the walk.
    pub(crate) fn into_uses(self) -> Uses {
        self.uses
    }

    /// Walks a tree that is not a template.
    pub(crate) fn tree(&mut self, root: NodeRef<'t>, place: Place) {
        self.visit(root, place);
    }

    /// Walks a value of any kind.
    fn visit(&mut self, node: NodeRef<'t>, place: Place) {
        if let Some(call) = node
            .intrinsic()
            .filter(|call| call.is_short || is_function(call.name))
        {
            let function = call.name;
            if !call.is_short {
                self.path.push(Step::Call(function));
            }
            self.call(node, function, call.argument, place);
            if !call.is_short {
                self.path.pop();
            }
            return;
        }
        if node.kind().is_mapping() {
            self.mapping(node, place);
        } else if node.kind().is_sequence() {
            self.sequence(node, place);
        } else if let Some(composed) = compose(node) {
            self.literal(node, &composed, place);
        }
    }

    /// Walks a mapping. A pair gives its value a name and a place of its own.
    fn mapping(&mut self, node: NodeRef<'t>, place: Place) {
        let keys: Vec<Cow<'t, str>> = node
            .entries()
            .filter_map(|entry| entry.key.text())
            .collect();
        let in_free_map = place == Place::Schema && !keys.iter().all(|key| is_schema_key(key));
        let pair = Pair::of(node, &keys);
        let is_reference = pair.as_ref().is_some_and(|pair| pair.is_reference);
        for entry in node.entries() {
            let Some(key) = entry.key.text() else {
                continue;
            };
            let of_pair = pair.as_ref().filter(|pair| pair.value_key == key);
            let below = place.below(&key, in_free_map);
            let below = match of_pair {
                Some(_) if is_reference => Place::Reference,
                Some(pair) if pair.is_header => Place::Header,
                Some(_) if below == Place::Schema => Place::Named,
                // A file of cfn-init whose content is written as a tree: its keys are names.
                _ if below == Place::Script && key == "content" && is_document(entry.value) => {
                    Place::Named
                }
                _ => below,
            };
            let name = of_pair.map(|pair| pair.name.clone());
            self.path.push(Step::Key(key));
            let outer = match name {
                Some(name) => self.given_name.replace(name),
                None => self.given_name.take(),
            };
            self.visit(entry.value, below);
            self.given_name = outer;
            self.path.pop();
        }
    }

    /// Walks a list. A list of words in the place of a command is one command.
    fn sequence(&mut self, node: NodeRef<'t>, place: Place) {
        if place == Place::Command
            && node
                .items()
                .all(|item| item.kind().is_scalar() || item.intrinsic().is_some())
        {
            self.command(node);
            return;
        }
        for (index, item) in node.items().enumerate() {
            self.path.push(Step::Index(index));
            self.visit(item, place);
            self.path.pop();
        }
    }

    /// Hands over the words of a command together: an option is followed by its value.
    ///
    /// `["mysql", "-u", "root", !Ref Pw]` is judged as `mysql -u root`, a space, and a hole. A
    /// finding in it is located in the item that it comes from.
    fn command(&mut self, node: NodeRef<'t>) {
        let mut whole = Composed {
            located: crate::located::Located::default(),
            holes: Vec::new(),
        };
        for item in node.items() {
            if !whole.located.text.is_empty() {
                whole.located.push_between(" ", item);
            }
            if let Some(composed) = compose(item) {
                whole.located.push(&composed.located);
                whole.holes.extend(composed.holes);
            } else {
                whole.located.push_hole(item);
                whole.holes.push(item);
            }
        }
        self.literal(node, &whole, Place::Command);
    }

    /// Hands over a value with a literal part, and walks its holes.
    fn literal(&mut self, node: NodeRef<'t>, composed: &Composed<'t>, place: Place) {
        let place = self.place_here(place);
        let name = self.name().into_owned();
        let mut contexts = vec![(place, name)];
        if place == Place::Mapping {
            contexts.extend(
                self.uses_of_mapping()
                    .into_iter()
                    .map(|used| (used.place, used.name)),
            );
        }
        self.hand_over(node, composed, &contexts, false);
        // A parameter that is a part of a value is not a secret by the name of the whole.
        let is_part =
            place != Place::Command && composed.located.text.chars().any(char::is_alphanumeric);
        for hole in &composed.holes {
            let reference = hole
                .intrinsic()
                .filter(|call| is_part && call.name == "Ref");
            match reference.and_then(|call| call.argument.text()) {
                Some(parameter) => self.used_inside(*hole, &parameter, place),
                None => self.visit(*hole, place),
            }
        }
    }

    /// Hands over a value once for each place and name that it has.
    ///
    /// A value with two contexts may have two findings at one place; the later step keeps one of
    /// them.
    fn hand_over(
        &mut self,
        node: NodeRef<'t>,
        composed: &Composed<'t>,
        contexts: &[(Place, String)],
        no_echo: bool,
    ) {
        for (place, name) in contexts {
            let (located, resource, path) = (&composed.located, self.resource.as_ref(), &self.path);
            let subject = Subject {
                place: *place,
                name,
                node,
                located,
                resource,
                path,
                no_echo,
            };
            self.visitor.value(&subject);
        }
    }

    /// Returns the uses of the mapping's value that the path leads to.
    fn uses_of_mapping(&self) -> Vec<Use> {
        let (Some(Step::Key(map)), Some(Step::Key(key))) =
            (self.path.steps().get(1), self.path.steps().get(3))
        else {
            return Vec::new();
        };
        self.uses.of_mapping(map, key)
    }

    /// Returns the place of a value, which its property may change: a property that takes a secret,
    /// and one that names the function of a custom resource.
    ///
    /// Only a place that is `Schema` or `Named` changes. A script in a property stays a script.
    fn place_here(&self, place: Place) -> Place {
        let Some(resource) = &self.resource else {
            return place;
        };
        let is_property = self
            .path
            .steps()
            .get(self.properties_at..)
            .and_then(|steps| steps.first()?.key());
        if place == Place::Named && is_property == Some("ServiceToken") {
            return Place::Reference;
        }
        if !matches!(place, Place::Schema | Place::Named) {
            return place;
        }
        let steps = self
            .path
            .steps()
            .get(self.properties_at..)
            .unwrap_or_default();
        if properties::takes_secret(&resource.kind, steps) {
            Place::SecretProperty
        } else {
            place
        }
    }
}

/// Returns `true` for long forms that are functions. `Condition` in a policy statement is not.
fn is_function(name: &str) -> bool {
    name != "Condition"
}

/// Returns `true` for a mapping that is not a call.
fn is_document(node: NodeRef<'_>) -> bool {
    node.kind().is_mapping() && node.intrinsic().is_none()
}
