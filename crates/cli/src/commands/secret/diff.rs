//! `byref secret diff`

use byref::secrets::{Comparison, DiffSide};

use crate::args::Common;
use crate::args::secret::Diff;
use crate::failure::{Failure, Outcome};
use crate::output::write_report;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Diff) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let is_environment = project.config().environments.contains_key(&options.first);
    let default = is_environment.then_some(options.first.as_str());
    let targets = options.one.place.targets_in(&project, default)?;
    let stores = Stores::to_read(&options.one.place.store);
    let comparison = block_on(async {
        let read = async |word: Option<&str>| {
            let side = DiffSide::find(&targets, options.one.name(), word)?;
            let store = stores.open(side.environment(), &Progress::hidden())?;
            Ok::<_, Failure>(side.read(&store).await?)
        };
        Ok(Comparison::of(
            read(Some(&options.first)).await?,
            read(options.second.as_deref()).await?,
        ))
    })?;
    write_report(options.format.format, &comparison, Comparison::text)?;
    Ok(if options.exit_code && !comparison.same {
        Outcome::Differences
    } else {
        Outcome::Done
    })
}
