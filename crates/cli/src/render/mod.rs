//! What is shown, and how.

pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod escape;
pub(crate) mod github;
#[cfg(feature = "aws")]
pub(crate) mod service_message;
pub(crate) mod summary;
