//! `byref secret get`

use std::io::IsTerminal as _;

use byref::secrets::read;
use byref_store::VersionSelector;

use crate::args::Common;
use crate::args::secret::Get;
use crate::failure::{Failure, Outcome};
use crate::output::write_bytes;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Get) -> Result<Outcome, Failure> {
    refuse_terminal(options.reveal)?;
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let project = crate::project::load(common)?;
    let targets = options.one.place.targets(&project)?;
    let target = targets.find(options.one.name())?;
    let stores = Stores::to_read(&options.one.place.store);
    let parameter = block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        Ok(read(
            &store,
            target.first_region(),
            &target.name,
            version.as_ref(),
        )
        .await?)
    })?;
    write_bytes(parameter.value.expose())?;
    if !options.no_newline {
        write_bytes("\n")?;
    }
    Ok(Outcome::Done)
}

/// Refuses to show values on a terminal unless `--reveal` was given: other people may see it, and
/// it has a history.
pub(crate) fn refuse_terminal(reveal: bool) -> Result<(), Failure> {
    if reveal || !std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(
        "standard output is a terminal, and would show the value",
        "pass `--reveal`, or send it to a pipe or a file",
    ))
}

pub(crate) fn parse_version(text: &str) -> Result<VersionSelector, Failure> {
    text.parse().map_err(|error| {
        Failure::usage(
            format!("`--version` is {error}"),
            "`byref secret history` lists both",
        )
    })
}
