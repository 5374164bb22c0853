//! End-to-end tests: the built `byref`, real files, real pipes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it can't go on")]

mod byref;
mod canary;
mod canary_store;
mod cfn_lint;
mod commands;
mod deploy;
mod fixtures;
mod hostile;
mod iam;
mod readme;
mod secret;
mod store;
mod writing;
