//! `byref secret get`

use std::io::IsTerminal as _;

use byref_parameter::{ParameterName, Region};
use byref_store::{Parameter, ParameterStore as _, StoreError, VersionSelector};

use crate::args::Common;
use crate::args::secret::Get;
use crate::failure::{Failure, Outcome};
use crate::output::write_bytes;
use crate::store::{Progress, Store, Stores, Targets, block_on};

pub(crate) fn run(common: &Common, options: &Get) -> Result<Outcome, Failure> {
    refuse_terminal(options.reveal)?;
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let project = crate::project::load(common)?;
    let place = &options.one.place;
    let targets = Targets::new(&project, place)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let stores = Stores::to_read(&place.store);
    let region = &target.regions[0];
    let parameter = block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        Ok(read(&store, region, &target.name, version.as_ref()).await?)
    })?;
    write_bytes(parameter.value.expose())?;
    if !options.no_newline {
        write_bytes("\n")?;
    }
    Ok(Outcome::Done)
}

/// The value of a version, or of the newest one.
pub(crate) async fn read(
    store: &Store,
    region: &Region,
    name: &ParameterName,
    version: Option<&VersionSelector>,
) -> Result<Parameter, StoreError> {
    if let Some(version) = version {
        return store.read_version(region, name, version).await;
    }
    let found = store.read(region, std::slice::from_ref(name)).await?;
    let missing = || StoreError::NotFound { name: name.clone(), region: region.clone() };
    found.into_iter().next().ok_or_else(missing)
}

/// Values go to a terminal only when that was asked for: somebody may look over the shoulder, and it has a history.
pub(crate) fn refuse_terminal(reveal: bool) -> Result<(), Failure> {
    if reveal || !std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(
        "standard output is a terminal, and would show the value",
        "say `--reveal`, or send it to a pipe or a file",
    ))
}

pub(crate) fn parse_version(text: &str) -> Result<VersionSelector, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("`--version` is {error}"), "`byref secret history` lists both"))
}
