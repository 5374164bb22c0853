//! One file a command.

pub(crate) mod check;
mod cost;
mod exec;
mod explain;
mod flag;
mod iam;
mod init;
mod lint;
mod man;
mod preview;
mod rewrite;
mod secret;

use clap::CommandFactory as _;

use crate::args::deferred::Deferred;
use crate::args::{Arguments, Command};
use crate::failure::{Failure, Outcome};
use crate::hardened::Hardened;
use crate::output::write_bytes;
use crate::report::Shown;

/// Runs what was typed.
pub(crate) fn run(arguments: &Arguments, hardened: Hardened) -> Result<Outcome, Failure> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Rewrite(Deferred(options)) => rewrite::run(common, options),
        Command::Preview(Deferred(options)) => preview::run(common, options),
        Command::Explain(Deferred(options)) => explain::run(common, options),
        Command::Flag(Deferred(options)) => flag::run(common, options),
        Command::Check(Deferred(options)) => check::run(common, options),
        Command::Exec(Deferred(options)) => exec::run(common, options, hardened),
        Command::Iam(Deferred(options)) => iam::run(common, options),
        Command::Cost(Deferred(options)) => cost::run(common, options),
        Command::Secret(command) => secret::run(common, command),
        Command::Init(Deferred(options)) => init::run(common, options),
        Command::Lint(Deferred(options)) => lint::run(common, options),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "byref", &mut script);
            write_bytes(&String::from_utf8_lossy(&script)).map(|()| Outcome::Done)
        }
        Command::Man { output_dir } => man::run(output_dir.as_deref()),
    }
}

pub(crate) fn shown(common: &crate::args::Common) -> Shown {
    if common.quiet { Shown::Errors } else { Shown::All }
}
