//! The lists of values and of references that a container has, through `Fn::If` at every level.
//!
//! `Environment` may be a list, a condition between two lists, and each item may be a condition
//! again. All of that is flattened here into pairs of a name and a value, each with the conditions
//! under which it holds.
//!
//! For example, `!If [C, [{Name: A, Value: x}], [!If [D, {Name: A, Value: y}, !Ref AWS::NoValue]]]`
//! has two leaves and two pairs named `A`: the first under `C`, the second under not `C` and `D`.
//!
//! Names are indexed when the list is read, so the cost of a lookup does not grow with the list.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{
    Facts, Guard, Layout, ListName, branches, is_nothing, literal, opaque_key,
};
use byref_template::{Entry, NodeRef};

/// `Environment` or `Secrets` of a container.
#[derive(Default)]
pub(crate) struct List<'t> {
    /// The property with its key; `None` if it is missing.
    pub(crate) entry: Option<Entry<'t>>,
    /// The lists that the property may be: one, or one for each branch of the `Fn::If`s around it.
    pub(crate) leaves: Vec<Leaf<'t>>,
    /// Every pair of `Name` and value in them.
    pub(crate) pairs: Vec<Pair<'t>>,
    /// The parts that byref can't see through.
    pub(crate) opaque: Vec<NodeRef<'t>>,
    /// Indices of the pairs by their names: a list may have thousands, and each secret line looks
    /// for one.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Indices of the pairs by each name that they may have, among others.
    by_possible_name: BTreeMap<String, Vec<usize>>,
}

/// One of the lists that a property may be.
pub(crate) struct Leaf<'t> {
    pub(crate) node: NodeRef<'t>,
    pub(crate) guard: Guard,
    /// Whether it is a sequence, rather than `AWS::NoValue` or an empty value.
    pub(crate) is_list: bool,
}

/// One entry: `{Name: …, Value: …}` or `{Name: …, ValueFrom: …}`.
pub(crate) struct Pair<'t> {
    /// Index into [`List::leaves`].
    pub(crate) leaf: usize,
    /// The item of the list; the pair itself, or the outermost `Fn::If` around it.
    pub(crate) item: NodeRef<'t>,
    pub(crate) mapping: NodeRef<'t>,
    /// The conditions of the list and of the item.
    pub(crate) guard: Guard,
    /// The name, where it is certain: a literal, or a function that can give only one text.
    pub(crate) name: Option<String>,
    /// The names that it may have, if there are several.
    pub(crate) possible_names: BTreeSet<String>,
    pub(crate) name_key: Option<NodeRef<'t>>,
    pub(crate) value: Option<Entry<'t>>,
}

impl Pair<'_> {
    /// Returns the conditions of the item alone, without those of the list.
    pub(crate) fn item_guard(&self, list: &List<'_>) -> Guard {
        Guard(self.guard.0[list.leaves[self.leaf].guard.0.len()..].to_vec())
    }
}

impl<'t> List<'t> {
    /// Reads a list of a container. CodeBuild has one list for both, which is split by the types of
    /// its entries.
    pub(crate) fn of(container: NodeRef<'t>, layout: Layout, name: ListName) -> Self {
        let mut list = List {
            entry: container.entry(layout.key(name)),
            ..List::default()
        };
        let Some(entry) = list.entry else { return list };
        for (node, guard) in branches(entry.value, &Guard::default()) {
            let no_value = node
                .intrinsic()
                .is_some_and(byref_template::Intrinsic::is_no_value);
            if node.kind().is_sequence() && node.tag().is_none() {
                list.leaves.push(Leaf {
                    node,
                    guard,
                    is_list: true,
                });
                let leaf = list.leaves.len() - 1;
                for item in node.items() {
                    list.read_item(leaf, item, layout, name);
                }
            } else if no_value || is_nothing(node) {
                list.leaves.push(Leaf {
                    node,
                    guard,
                    is_list: false,
                });
            } else {
                list.opaque.push(node);
            }
        }
        list
    }

    /// Reads an item of a list: one pair for each branch.
    fn read_item(&mut self, leaf: usize, item: NodeRef<'t>, layout: Layout, list: ListName) {
        for (node, guard) in branches(item, &self.leaves[leaf].guard) {
            let call = node.intrinsic();
            if call.is_some_and(byref_template::Intrinsic::is_no_value) {
                continue;
            }
            if call.is_some()
                || !node.kind().is_mapping()
                || node.entries().any(|entry| opaque_key(entry.key))
            {
                self.opaque.push(node);
                continue;
            }
            if layout == Layout::TypedVariables {
                let own = typed(node);
                // One of the two lists reports what can't be seen.
                if own.is_none() && list == ListName::Environment {
                    self.opaque.push(node);
                }
                if own != Some(list) {
                    continue;
                }
            }
            let name_entry = node.entry("Name");
            let (name, possible_names) =
                name_entry.map_or_else(Default::default, |entry| names(entry.value));
            if let Some(name) = &name {
                self.by_name
                    .entry(name.clone())
                    .or_default()
                    .push(self.pairs.len());
            }
            for name in &possible_names {
                self.by_possible_name
                    .entry(name.clone())
                    .or_default()
                    .push(self.pairs.len());
            }
            self.pairs.push(Pair {
                leaf,
                item,
                mapping: node,
                guard,
                name,
                possible_names,
                name_key: name_entry.map(|entry| entry.key),
                value: node.entry(layout.value_key(list)),
            });
        }
    }

    /// Returns the indices of the pairs with this name, in order.
    pub(crate) fn named(&self, name: &str) -> Vec<usize> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// Returns the certain names in the list, each once.
    ///
    /// | node | certain | possible |
    /// |---|---|---|
    /// | `TOKEN` | `TOKEN` | – |
    /// | `!Sub TOKEN` | `TOKEN` | – |
    /// | `!If [C, TOKEN, KEY]` | – | `KEY`, `TOKEN` |
    /// | `!ImportValue Name` | – | – |
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Returns the indices of the pairs that may have this name, and may have another one.
    pub(crate) fn possibly_named(&self, name: &str) -> Vec<usize> {
        self.by_possible_name.get(name).cloned().unwrap_or_default()
    }

    /// Returns whether the property is missing, `AWS::NoValue` or an empty list in every branch.
    pub(crate) fn is_vacant(&self) -> bool {
        self.pairs.is_empty() && self.opaque.is_empty()
    }
}

/// Returns the one name that a node has, or the names that it may have.
fn names(node: NodeRef<'_>) -> (Option<String>, BTreeSet<String>) {
    if let Some(name) = literal(node) {
        return (Some(name), BTreeSet::new());
    }
    let mut names = Facts::of(node.template()).texts(node).unwrap_or_default();
    if names.len() == 1 {
        (names.pop_first(), names)
    } else {
        (None, names)
    }
}

/// Returns the list that an entry of CodeBuild's one list belongs in; `None` if its type is
/// computed or unknown.
///
/// | `Type` | list |
/// |---|---|
/// | missing, `PLAINTEXT` | `Environment` |
/// | `PARAMETER_STORE`, `SECRETS_MANAGER` | `Secrets` |
/// | any other text, `!Ref` of an unknown value | none |
fn typed(mapping: NodeRef<'_>) -> Option<ListName> {
    match mapping.get("Type") {
        None => Some(ListName::Environment),
        Some(node) => match Facts::of(mapping.template()).text(node)?.as_str() {
            "PLAINTEXT" => Some(ListName::Environment),
            "PARAMETER_STORE" | "SECRETS_MANAGER" => Some(ListName::Secrets),
            _ => None,
        },
    }
}
