//! What a rule judges: a value with all that is known of it.

use std::borrow::Cow;

use byref_cloudformation::has_secret_lists;
use byref_template::NodeRef;

use crate::located::Located;
use crate::path::Path;
use crate::place::Place;

/// A resource of the template.
#[derive(Clone, Debug)]
pub(crate) struct Resource<'t> {
    pub(crate) id: Cow<'t, str>,
    pub(crate) kind: Cow<'t, str>,
}

impl Resource<'_> {
    /// Whether its environment has a list of references beside it.
    pub(crate) fn takes_references(&self) -> bool {
        self.kind.starts_with("AWS::ECS::") || has_secret_lists(&self.kind)
    }
}

/// A value with all that is known of it.
pub(crate) struct Subject<'s, 't> {
    pub(crate) place: Place,
    /// The name that it stands under; empty where there is none.
    pub(crate) name: &'s str,
    pub(crate) node: NodeRef<'t>,
    /// What is literal of it.
    pub(crate) located: &'s Located<'t>,
    pub(crate) resource: Option<&'s Resource<'t>>,
    pub(crate) path: &'s Path<'t>,
    /// The default of a parameter with `NoEcho`.
    pub(crate) no_echo: bool,
}

impl Subject<'_, '_> {
    pub(crate) fn text(&self) -> &str {
        &self.located.text
    }
}
