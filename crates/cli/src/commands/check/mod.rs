//! `byref check`: before a deploy, everything that is referenced is there.
//!
//! [`inspect`] asks every Region at once, [`judge`](inspect) says what is wrong, [`render`] shows it.

mod inspect;
mod parity;
mod render;
mod subject;

pub(crate) use inspect::is_key;

use crate::args::Common;
use crate::args::deploy::Check;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Check) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    if let Some(template) = &options.parity {
        return parity::run(common, options, &mut project, template);
    }
    let environment = project.environment(options.environment.as_deref())?;
    let regions = crate::store::regions(environment, &options.region)?;
    let apps = if options.all {
        project.config.apps.values().collect()
    } else {
        vec![project.app(options.app.as_deref(), &[])?]
    };
    let subjects = subject::subjects(&project, environment, &regions, &apps);
    let keys = if options.keys || !options.all || !environment.kms_keys.is_empty() {
        inspect::Keys::Compare
    } else {
        inspect::Keys::Skip
    };
    let total = subject::questions(&subjects);
    let progress = Progress::new(common, Some(total));
    let stores = Stores::to_read(&options.store);
    let inspection = block_on(async {
        let store = stores.open(environment, &progress)?;
        let answers = inspect::inspect(&store, &regions, &subjects, keys).await;
        if inspect::is_everything_missing(&answers) {
            // More likely than that nothing was ever stored: the credentials are of another account.
            store.check_account().await?;
        }
        Ok(answers)
    });
    progress.clear();
    let report = inspect::Report::new(environment, &subjects, &inspection?);
    render::write(common, &project, options.format, &report)?;
    Ok(report.outcome())
}
