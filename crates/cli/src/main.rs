//! `byref`: secrets by reference.
//!
//! Arguments ([`args`]) become options of the library ([`project`]), a command calls it
//! ([`commands`]) and prints its report ([`output`]), and the outcome becomes an exit code
//! ([`failure`]). A closed pipe is a success.
#![forbid(unsafe_code)]

mod answers;
mod args;
mod commands;
mod failure;
mod hardened;
#[cfg_attr(not(feature = "aws"), path = "offline.rs")]
mod online;
mod output;
mod project;
mod read;
mod report;
mod store;
mod write;

use std::process::ExitCode;

/// Reduces the message of a panic to its place: the default message may quote the text that byref
/// worked on.
fn hide_what_panics_quote() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()))
            .unwrap_or_default();
        output::say(&format!(
            "error: byref stopped because of a defect of its own{place}; nothing more is written\n  \
             help: please report it with the command and an input that shows it, without secrets\n"
        ));
    }));
}

fn main() -> ExitCode {
    let hardened = hardened::harden();
    hide_what_panics_quote();
    args::complete::answer();
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
