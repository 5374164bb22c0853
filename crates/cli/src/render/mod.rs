//! What is shown, and how.

pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod github;
pub(crate) mod summary;
