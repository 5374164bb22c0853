//! `byref secret`: one file a command.

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

use crate::args::Common;
use crate::args::deferred::Deferred;
use crate::args::secret::SecretCommand;
use crate::failure::{Failure, Outcome};
pub(crate) use put::plain_desire;

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
