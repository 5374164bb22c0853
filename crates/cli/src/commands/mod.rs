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

use byref::{Deployment, Project, Rewritten};
use byref_rewrite::Document;

use crate::answers::{Ask, answers};
use crate::args::complete;
use crate::args::deferred::Deferred;
use crate::args::store::StoreOptions;
use crate::args::{Arguments, Command};
use crate::failure::{Failure, Outcome};
use crate::hardened::Hardened;
use crate::output::write_bytes;
use crate::report::Shown;

/// Runs a command.
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
            let script = complete::script(*shell).map_err(Failure::Output)?;
            write_bytes(&script).map(|()| Outcome::Done)
        }
        Command::Man { output_dir } => man::run(output_dir.as_deref()),
    }
}

pub(crate) fn shown(common: &crate::args::Common) -> Shown {
    if common.quiet {
        Shown::Errors
    } else {
        Shown::All
    }
}

/// Plans and rewrites, without writing anything. Of templates that are only read, which come last,
/// there is no output.
pub(crate) fn rewrite_all(
    project: &Project,
    choice: &Deployment<'_>,
    documents: &[Document],
    store: &StoreOptions,
    ask: Ask,
) -> Result<Rewritten, Failure> {
    Rewritten::new(project, choice, documents, |questions| {
        answers(questions, choice.environment(), store, ask)
    })
}
