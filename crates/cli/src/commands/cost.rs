//! `byref cost`

use byref::cost::{Cost, Secrets, TaskStarts};

use crate::args::deploy::Cost as Options;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::project::load;

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let starts = TaskStarts {
        deploys: options.deploys,
        tasks: options.tasks,
        others: options.starts,
    };
    let project = if options.secrets.is_none() {
        Some(load(common)?)
    } else {
        None
    };
    let secrets = match (&project, options.secrets) {
        (Some(project), _) => Secrets::OfProject {
            project,
            app: options.app.as_deref(),
            environment: options.environment.as_deref(),
        },
        (None, secrets) => Secrets::Count(secrets.unwrap_or_default()),
    };
    let cost = Cost::estimate(secrets, options.advanced, starts, options.interactions)?;
    match options.format.format {
        Format::Json => write_text(&json(&cost)?)?,
        Format::Text => write_text(&cost.text())?,
    }
    Ok(Outcome::Done)
}
