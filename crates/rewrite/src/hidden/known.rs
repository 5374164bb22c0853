//! Values that are known to be secret, wherever they stand: also as an image, a family, a logical id.

use aho_corasick::AhoCorasick;
use byref_parameter::MASK;
use byref_template::{NodeRef, Span, Template};

/// Shorter values are everyday words and numbers: a mask over each of them would hide the whole template.
pub(crate) const SHORTEST_KNOWN: usize = 4;

/// The values that a plan takes out of its templates. A place that holds one is hidden as a whole: a mark under a part of it
/// would say which.
#[derive(Clone, Default)]
pub struct KnownValues {
    search: Option<AhoCorasick>,
}

impl KnownValues {
    pub(crate) fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut values: Vec<&str> = values.into_iter().filter(|value| value.len() >= SHORTEST_KNOWN).collect();
        values.sort_unstable();
        values.dedup();
        // Building fails only beyond 2^31 states.
        Self { search: if values.is_empty() { None } else { AhoCorasick::new(&values).ok() } }
    }

    /// Whether a text holds one of the values.
    pub fn occur_in(&self, text: &str) -> bool {
        self.search.as_ref().is_some_and(|search| search.is_match(text))
    }

    /// A name, or the mask where it holds one of the values.
    pub fn shown<'n>(&self, name: &'n str) -> &'n str {
        if self.occur_in(name) { MASK } else { name }
    }

    /// A message with a mask for each part in back-ticks that holds one of the values: those parts are names of templates.
    pub(crate) fn masked(&self, message: &str) -> String {
        let part = |(index, part)| if index % 2 == 1 { self.shown(part) } else { part };
        message.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
    }

    /// The scalars and keys of a template that hold one of the values, as it is written or as it is read, in order.
    pub fn places(&self, template: &Template) -> Vec<Span> {
        if self.search.is_none() {
            return Vec::new();
        }
        let holds = |node: &NodeRef<'_>| {
            node.kind().is_scalar()
                && (self.occur_in(node.raw()) || node.text().is_some_and(|text| self.occur_in(&text)))
        };
        template.nodes().filter(holds).map(NodeRef::span).collect()
    }
}
