//! What a scalar says.

use std::borrow::Cow;

use crate::tree::{NodeId, Template};

pub(crate) fn text(_template: &Template, _id: NodeId) -> Option<Cow<'_, str>> {
    None
}
