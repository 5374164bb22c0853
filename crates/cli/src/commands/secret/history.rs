//! `byref secret history`

use byref::secrets::History;

use crate::args::Common;
use crate::args::secret::History as Options;
use crate::failure::{Failure, Outcome};
use crate::output::write_report;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = options.one.place.targets(&project)?;
    let target = targets.find(options.one.name())?;
    let stores = Stores::to_read(&options.one.place.store);
    let history = block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        Ok(History::read(&store, &target).await?)
    })?;
    write_report(options.format.format, &history, History::text)?;
    Ok(Outcome::Done)
}
