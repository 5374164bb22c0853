//! `byref secret`: one file for each command.

mod copy;
mod declared;
mod delete;
mod diff;
mod duplicates;
mod export;
mod generate;
mod get;
mod health;
mod history;
mod import;
mod label;
mod list;
mod put;
mod rollback;

use byref::secrets::Conflicts;

use crate::args::Common;
use crate::args::deferred::Deferred;
use crate::args::secret::SecretCommand;
use crate::failure::{Failure, Outcome};

pub(crate) fn run(common: &Common, command: &SecretCommand) -> Result<Outcome, Failure> {
    match command {
        SecretCommand::Put(Deferred(options)) => put::run(common, options),
        SecretCommand::Generate(Deferred(options)) => generate::run(common, options),
        SecretCommand::Get(Deferred(options)) => get::run(common, options),
        SecretCommand::List(Deferred(options)) => list::run(common, options),
        SecretCommand::History(Deferred(options)) => history::run(common, options),
        SecretCommand::Diff(Deferred(options)) => diff::run(common, options),
        SecretCommand::Rollback(Deferred(options)) => rollback::run(common, options),
        SecretCommand::Label(Deferred(options)) => label::run(common, options),
        SecretCommand::Delete(Deferred(options)) => delete::run(common, options),
        SecretCommand::Copy(Deferred(options)) => copy::run(common, options),
        SecretCommand::Import(Deferred(options)) => import::run(common, options),
        SecretCommand::Export(Deferred(options)) => export::run(common, options),
        SecretCommand::Health(Deferred(options)) => health::run(common, options),
        SecretCommand::Duplicates(Deferred(options)) => duplicates::run(common, options),
    }
}

/// Returns the treatment of existing secrets without or with `--overwrite`.
fn conflicts(overwrite: bool) -> Conflicts {
    if overwrite {
        Conflicts::Overwrite
    } else {
        Conflicts::Refuse
    }
}
