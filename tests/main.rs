//! End-to-end tests: the built `byref`, real files, real pipes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it can't go on")]

mod aws;
mod byref;
mod canary;
mod canary_aws;
mod canary_deployed;
mod canary_store;
mod cfn_lint;
mod cloud;
mod commands;
mod deploy;
mod deployed;
#[cfg(unix)]
mod documentation;
mod faults;
mod files;
mod fixtures;
mod grants;
mod hostile;
mod iam;
mod init;
mod injection;
mod known_values;
mod lint;
mod lint_fix;
mod lint_formats;
mod lint_gate;
mod lint_waivers;
mod memory;
mod pasted;
mod planning;
mod scale;
mod secret;
mod store;
mod writing;
