//! `byref`: secrets by reference.
//!
//! What was typed ([`args`]) becomes what it means ([`project`]), runs ([`commands`]), is shown ([`byref::render`]), and ends
//! in an exit code: 0 done, 1 differences where they were asked for, 2 the input is wrong. A closed pipe is a success.
#![forbid(unsafe_code)]

mod answers;
mod args;
mod commands;
mod failure;
mod findings;
mod hardened;
mod output;
mod project;
mod read;
mod report;
mod store;
mod write;

use std::process::ExitCode;

/// A panic says where it happened and nothing else: the usual message may quote the text that was worked on.
fn hide_what_panics_quote() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        output::say(&format!(
            "error: byref stopped because of a defect of its own{place}; nothing more is written\n  \
             help: please report it with the command and an input that shows it, without secrets\n"
        ));
    }));
}

fn main() -> ExitCode {
    let hardened = hardened::harden();
    hide_what_panics_quote();
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
