//! End-to-end tests: the built `byref`, real files, real pipes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod canary;
mod canary_store;
mod commands;
mod completion;
mod deploy;
mod files;
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
mod nothing_checked;
mod pasted;
mod planning;
mod readme;
mod secret;
mod writing;
