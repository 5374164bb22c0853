//! `byref secret list`

use byref::secrets::{SecretList, Values, parse_path};

use super::get::refuse_terminal;
use crate::args::Common;
use crate::args::secret::List;
use crate::failure::{Failure, Outcome};
use crate::output::write_report;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &List) -> Result<Outcome, Failure> {
    if options.values {
        refuse_terminal(options.reveal)?;
    }
    let values = if options.values {
        Values::Reveal
    } else {
        Values::Hide
    };
    let project = crate::project::load(common)?;
    let targets = options.place.targets(&project)?;
    let path = options
        .path
        .as_deref()
        .map_or_else(|| targets.path(), parse_path)?;
    let stores = Stores::to_read(&options.place.store);
    let progress = Progress::new(common, None);
    let list = block_on(async {
        let store = stores.open(targets.environment(), &progress)?;
        Ok(SecretList::read(&store, targets.regions(), &path, values).await?)
    });
    progress.clear();
    let list = list?;
    write_report(options.format.format, &list, SecretList::text)?;
    Ok(Outcome::Done)
}
