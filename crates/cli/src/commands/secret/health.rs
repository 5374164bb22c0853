//! `byref secret health`

use byref::secrets::{HealthCheck, HealthReport, parse_path};

use crate::args::Common;
use crate::args::secret::Health;
use crate::failure::{Failure, Outcome};
use crate::output::{note, write_report};
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Health) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = options.place.targets(&project)?;
    let check = match (&options.path, &options.secret) {
        (Some(path), _) => HealthCheck::below(&targets, parse_path(path)?),
        (None, Some(secret)) => HealthCheck::of_secret(&targets, targets.find(secret.as_str())?),
        (None, None) => HealthCheck::of_lines(&targets),
    };
    let check = if options.keys {
        check.with_keys()
    } else {
        check
    };
    let stores = Stores::to_read(&options.place.store);
    let progress = Progress::new(common, check.parameters());
    let report = block_on(async {
        let store = stores.open(targets.environment(), &progress)?;
        Ok(check.run(&store).await?)
    });
    progress.clear();
    let report = report?;
    if report.rows.is_empty() {
        return Err(Failure::usage(
            "nothing was compared: there is no secret line with a parameter, and none below the path",
            "add secret lines under `[apps.NAME.secrets]`, or name another path or application",
        ));
    }
    write_report(options.format.format, &report, HealthReport::text)?;
    for (region, error) in &report.keys_not_compared {
        note(
            common,
            &format!(
                "keys in {region} were not compared: {error}; {}",
                error.help()
            ),
        );
    }
    Ok(if report.unhealthy() > 0 {
        Outcome::Differences
    } else {
        Outcome::Done
    })
}
