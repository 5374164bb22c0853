//! `byref`: secrets by reference.
//!
//! What was typed ([`args`]) becomes what it means ([`project`]), runs ([`commands`]), is shown ([`render`]), and ends
//! in an exit code: 0 done, 1 differences where they were asked for, 2 the input is wrong. A closed pipe is a success.
#![forbid(unsafe_code)]

mod answers;
mod args;
mod commands;
#[cfg(feature = "aws")]
mod deployed;
mod failure;
mod findings;
mod hardened;
mod mask;
mod output;
mod project;
mod read;
mod render;
mod store;
mod write;

use std::process::ExitCode;

fn main() -> ExitCode {
    let hardened = hardened::harden();
    let arguments = match args::mistake::parse() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    arguments.common.color.write_global();
    match commands::run(&arguments, hardened) {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => failure.report(),
    }
}
