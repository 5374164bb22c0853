//! End-to-end tests: the built `byref`, real files, real pipes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it can't go on")]

mod byref;
mod canary;
mod cfn_lint;
mod commands;
mod fixtures;
mod hostile;
mod writing;
