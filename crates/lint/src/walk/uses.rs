//! The places where a template uses its parameters and mappings.
//!
//! Uses are kept by name rather than by node: a parameter that a hundred variables refer to by one
//! name has one use.

use std::collections::BTreeMap;

use crate::template_facts::Use;

/// The uses of parameters and mappings that a walk has come across.
///
/// A default or a mapped value is judged under the names of its uses as well: `Default: …` of `Pw`
/// is a password because an environment variable `DB_PASSWORD` refers to it.
#[derive(Default)]
pub(crate) struct Uses {
    /// By the names of parameters.
    parameters: BTreeMap<String, Vec<Use>>,
    /// By the names of mappings and their second keys; an empty key means that the template
    /// computes it.
    mappings: BTreeMap<(String, String), Vec<Use>>,
}

impl Uses {
    /// Returns the uses of a parameter, in the order of the walk.
    pub(crate) fn of_parameter(&self, parameter: &str) -> &[Use] {
        self.parameters
            .get(parameter)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns the uses that may read a value of a mapping: those of its second key, and those of a
    /// computed one.
    pub(crate) fn of_mapping(&self, map: &str, key: &str) -> Vec<Use> {
        let uses = |key: &str| {
            self.mappings
                .get(&(map.to_owned(), key.to_owned()))
                .into_iter()
                .flatten()
        };
        uses(key).chain(uses("")).cloned().collect()
    }

    /// Adds a use of a parameter, once.
    pub(crate) fn add_parameter(&mut self, parameter: &str, used: Use) {
        add(
            self.parameters.entry(parameter.to_owned()).or_default(),
            used,
        );
    }

    /// Adds a use of a mapping's second key, once.
    pub(crate) fn add_mapping(&mut self, map: String, key: String, used: Use) {
        add(self.mappings.entry((map, key)).or_default(), used);
    }
}

/// Adds a use unless it is known.
fn add(known: &mut Vec<Use>, used: Use) {
    if !known.contains(&used) {
        known.push(used);
    }
}
