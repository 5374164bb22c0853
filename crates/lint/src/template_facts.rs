//! The facts about a template that the judgement of its values depends on: its parameters, and
//! where they are used.
//!
//! A default is judged under the names of all its uses. `Default: sunshine` of a parameter `Value1`
//! is a password if an environment variable `DB_PASSWORD` refers to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use byref_cloudformation::has_no_echo;
use byref_template::NodeRef;

use crate::place::Place;

/// A parameter of a template.
#[derive(Clone, Debug)]
pub(crate) struct Parameter<'t> {
    /// The node of the parameter's name.
    pub(crate) key: NodeRef<'t>,
    /// The node of its declaration.
    pub(crate) body: NodeRef<'t>,
    /// `true` for a parameter with `NoEcho`.
    pub(crate) no_echo: bool,
    /// `true` if the value is a text. The values of other types name a stored parameter or a
    /// resource.
    pub(crate) is_plain: bool,
}

/// A use of a parameter, or of a value of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    /// The kind of place where it is used.
    pub(crate) place: Place,
    /// The name under which it is used.
    pub(crate) name: String,
}

/// The declared parameters of a template, by name.
#[derive(Default)]
pub(crate) struct Facts<'t> {
    /// The parameters, by name.
    pub(crate) parameters: BTreeMap<Cow<'t, str>, Parameter<'t>>,
}

impl<'t> Facts<'t> {
    /// Collects the parameters of a template.
    pub(crate) fn of(root: NodeRef<'t>) -> Self {
        let mut parameters = BTreeMap::new();
        for entry in root
            .get("Parameters")
            .into_iter()
            .flat_map(NodeRef::entries)
        {
            let Some(name) = entry.key.text() else {
                continue;
            };
            let text = |key: &str| {
                entry
                    .value
                    .get(key)
                    .and_then(NodeRef::text)
                    .unwrap_or_default()
            };
            let no_echo = has_no_echo(entry.value);
            let kind = text("Type");
            let is_plain =
                kind.is_empty() || matches!(kind.as_ref(), "String" | "CommaDelimitedList");
            parameters.insert(
                name,
                Parameter {
                    key: entry.key,
                    body: entry.value,
                    no_echo,
                    is_plain,
                },
            );
        }
        Self { parameters }
    }
}
