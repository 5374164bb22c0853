//! `byref secret`: one file a command.

mod copy;
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
use crate::args::secret::SecretCommand;
use crate::failure::{Failure, Outcome};
pub(crate) use put::plain_desire;

pub(crate) fn run(common: &Common, command: &SecretCommand) -> Result<Outcome, Failure> {
    match command {
        SecretCommand::Put(options) => put::run(common, options),
        SecretCommand::Generate(options) => generate::run(common, options),
        SecretCommand::Get(options) => get::run(common, options),
        SecretCommand::List(options) => list::run(common, options),
        SecretCommand::History(options) => history::run(common, options),
        SecretCommand::Diff(options) => diff::run(common, options),
        SecretCommand::Rollback(options) => rollback::run(common, options),
        SecretCommand::Label(options) => label::run(common, options),
        SecretCommand::Delete(options) => delete::run(common, options),
        SecretCommand::Copy(options) => copy::run(common, options),
        SecretCommand::Import(options) => import::run(common, options),
        SecretCommand::Export(options) => export::run(common, options),
        SecretCommand::Health(options) => health::run(common, options),
        SecretCommand::Duplicates(options) => duplicates::run(common, options),
    }
}
