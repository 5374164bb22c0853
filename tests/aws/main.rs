//! The built `byref` against an AWS emulator. Without Python these tests are ignored; with `CI` set
//! they fail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod accounts;
mod deployed;
mod scale;
mod secret;
mod sweep;

use std::process::ExitCode;

fn main() -> ExitCode {
    byref_harness::run(&[
        accounts::TESTS,
        deployed::check::TESTS,
        deployed::effects::TESTS,
        deployed::preview::TESTS,
        deployed::roles::TESTS,
        deployed::several::TESTS,
        scale::TESTS,
        secret::TESTS,
        #[cfg(unix)]
        sweep::faults::TESTS,
        sweep::outputs::TESTS,
        sweep::deployed_outputs::TESTS,
    ])
}

/// A parameter of the application `web` in `production`.
const DB: &str = "/production/web/db-password";

/// Returns a value for each Region of `production`.
fn all(value: &str) -> [Option<String>; 3] {
    [(); 3].map(|()| Some(value.to_owned()))
}
