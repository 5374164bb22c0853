//! Reports as text: masked, escaped, and safe for a terminal, a log, Markdown and JSON.
//!
//! Every function returns a string; printing it is the caller's. [`escape`] makes text from
//! templates, files and AWS harmless, [`mask`] covers hidden spans of a line, and the other modules
//! build on both.
//!
//! | to show | use |
//! | --- | --- |
//! | a message with its line | [`diagnostic::render`] |
//! | a change of a template | [`diff::MaskedDiff`] |
//! | an annotation of a pull request | [`github::annotation`] |
//! | a plan | [`summary::access`], [`summary::written`] |
//! | a message of CloudFormation | [`service_message::masked_message`] |
//! | any other text | [`escape::page`] as the last step |

pub mod diagnostic;
pub mod diff;
pub mod escape;
pub mod github;
pub mod mask;
pub mod service_message;
pub mod summary;
