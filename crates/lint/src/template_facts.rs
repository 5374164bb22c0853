//! What has to be known of a template before its values can be judged: its parameters, and where they are used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use byref_cloudformation::has_no_echo;
use byref_template::NodeRef;

use crate::place::Place;

/// A template parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter<'t> {
    pub(crate) key: NodeRef<'t>,
    pub(crate) body: NodeRef<'t>,
    pub(crate) no_echo: bool,
    /// Its type is one of those whose default names a parameter in Parameter Store, or a resource.
    pub(crate) is_plain: bool,
}

/// Where a parameter, or a value of a mapping, is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) place: Place,
    /// The name that it is used under.
    pub(crate) name: String,
}

/// The declared parameters of a template.
#[derive(Default)]
pub(crate) struct Facts<'t> {
    pub(crate) parameters: BTreeMap<Cow<'t, str>, Parameter<'t>>,
}

impl<'t> Facts<'t> {
    pub(crate) fn of(root: NodeRef<'t>) -> Self {
        let mut parameters = BTreeMap::new();
        for entry in root.get("Parameters").into_iter().flat_map(NodeRef::entries) {
            let Some(name) = entry.key.text() else { continue };
            let text = |key: &str| entry.value.get(key).and_then(NodeRef::text).unwrap_or_default();
            let no_echo = has_no_echo(entry.value);
            let kind = text("Type");
            let is_plain = kind.is_empty() || matches!(kind.as_ref(), "String" | "CommaDelimitedList");
            parameters.insert(name, Parameter { key: entry.key, body: entry.value, no_echo, is_plain });
        }
        Self { parameters }
    }
}
