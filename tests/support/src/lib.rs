//! For tests only: runs the built `byref` in folders that the tests make.
//!
//! [`byref`] is the command in a folder, without the caller's environment. A [`Vault`] is a folder
//! with a file store, a [`Cloud`] is a folder whose environments are accounts of an AWS emulator.
//! The test targets share this crate, so that they need not compile the same helpers several times.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod byref;
mod cloud;
mod folder;
mod lint;
mod samples;
mod vault;

pub use byref::{
    assert_error_hides, assert_hides, assert_says, byref, ends, finish, parsed, program, run,
    run_with_input, start, stderr, stdout,
};
pub use cloud::{Cloud, REGIONS};
pub use folder::{Folder, folder};
pub use lint::{LINT_SECRET, lint_reports, template_with_secret};
pub use samples::{CANARY, config, fixtures, repository, template};
#[cfg(unix)]
pub use vault::for_owner;
pub use vault::{CONFIG, TEMPLATE, Vault};
