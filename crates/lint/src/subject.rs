//! The subject of a rule: a value with all that is known about it.
//!
//! A value can be a subject several times, under different places and names: the default of a
//! parameter counts once as itself and once for each use.

use std::borrow::Cow;
use std::ops::Range;

use byref_cloudformation::has_secret_lists;
use byref_template::NodeRef;

use crate::located::Located;
use crate::path::Path;
use crate::place::Place;

/// A resource of the template.
#[derive(Clone, Debug)]
pub(crate) struct Resource<'t> {
    /// The logical id.
    pub(crate) id: Cow<'t, str>,
    /// The resource type, such as `AWS::ECS::TaskDefinition`.
    pub(crate) kind: Cow<'t, str>,
}

impl Resource<'_> {
    /// Returns `true` if the resource has a list of references beside its environment.
    pub(crate) fn takes_references(&self) -> bool {
        self.kind.starts_with("AWS::ECS::") || has_secret_lists(&self.kind)
    }
}

/// A value with all that is known about it.
pub(crate) struct Subject<'s, 't> {
    /// The kind of place where the value is.
    pub(crate) place: Place,
    /// The name of the value; empty if it has none.
    pub(crate) name: &'s str,
    /// The node of the value, for findings about the whole.
    pub(crate) node: NodeRef<'t>,
    /// The literal text of the value, with holes for computed parts.
    pub(crate) located: &'s Located<'t>,
    /// The resource that the value belongs to; `None` outside of resources.
    pub(crate) resource: Option<&'s Resource<'t>>,
    /// The path from the root to the value.
    pub(crate) path: &'s Path<'t>,
    /// `true` for the default of a parameter with `NoEcho`.
    pub(crate) no_echo: bool,
}

impl Subject<'_, '_> {
    /// Returns the literal text.
    pub(crate) fn text(&self) -> &str {
        &self.located.text
    }

    /// Returns the range of the text without the spaces around it.
    ///
    /// A value of spaces alone gives an empty range.
    pub(crate) fn trimmed(&self) -> Range<usize> {
        let text = self.text();
        let start = text.len() - text.trim_start().len();
        start..text.trim_end().len().max(start)
    }
}
