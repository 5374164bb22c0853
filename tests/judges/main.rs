//! Independent judges of the output of the built `byref`: cfn-lint, CloudFormation's validator, the
//! schema of SARIF. Without Python these tests are ignored; with `CI` set they fail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod lint_formats;
mod policies;
mod properties;
mod templates;

use std::process::ExitCode;

fn main() -> ExitCode {
    byref_harness::run(&[
        lint_formats::TESTS,
        policies::TESTS,
        properties::TESTS,
        templates::TESTS,
    ])
}
