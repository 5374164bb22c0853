//! `byref secret delete`

use std::fmt::Write as _;

use byref_store::ParameterStore as _;
use byref_store::transaction::{Cause, Deletion, RegionReport, RegionState, Report, delete};
use futures_util::future::join_all;

use crate::args::Common;
use crate::args::secret::Delete;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::report::report_listed;
use crate::store::{Consent, Interrupt, Progress, Stores, Targets, block_on, confirm};
use byref::Project;

pub(crate) fn run(common: &Common, options: &Delete) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.one.place)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let name = &target.name;
    let stores = Stores::to_change(&options.one.place.store);
    block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        let asked = target.regions.iter().map(|region| store.look_up(region, std::slice::from_ref(name)));
        let mut regions = Vec::new();
        let mut text = format!("delete {name}, with all its versions\n");
        for (region, found) in target.regions.iter().zip(join_all(asked).await) {
            match found?.first() {
                Some(found) => {
                    let _ = writeln!(text, "  {region}  version {}", found.version);
                    regions.push(region.clone());
                }
                None => {
                    let _ = writeln!(text, "  {region}  not there");
                }
            }
        }
        say(&text);
        if regions.is_empty() {
            say("nothing to delete: it is in none of these Regions\n");
            return Ok(Outcome::Done);
        }
        for user in users(&project, &targets, name) {
            note(common, &format!("{user} refers to it: a deploy would fail"));
        }
        if let Consent::Stop(outcome) = confirm(&options.write, true, "This can't be undone. Delete?")? {
            return Ok(outcome);
        }
        let interrupt = Interrupt::default();
        let deletion = Deletion { name: name.clone(), regions };
        let report = interrupt.watch(delete(&store, &deletion, || interrupt.is_set())).await;
        store.finish().await?;
        Ok(show(common, &report))
    })
}

/// The secret lines of any application that refer to a parameter in this environment.
fn users(project: &Project, targets: &Targets<'_>, name: &byref_parameter::ParameterName) -> Vec<String> {
    let mut users = Vec::new();
    for app in project.config().apps.values() {
        for line in app.secrets(Some(&targets.environment.name)) {
            if targets.of_line(app, line).is_ok_and(|target| target.name == *name) {
                users.push(format!(
                    "`{}` of {} ({})",
                    line.name,
                    app.name,
                    project.sources().position(line.name_location)
                ));
            }
        }
    }
    users
}

fn show(common: &Common, report: &Report) -> Outcome {
    let describe = |region: &RegionReport| match (&region.state, &region.unconfirmed) {
        (RegionState::Deleted, None) => "deleted".to_owned(),
        (RegionState::Deleted, Some(error)) => format!("deleted, not looked at again: {error}"),
        (RegionState::Unknown(error), _) => format!("still there, or deleted: {error}"),
        (RegionState::OverwrittenElsewhere { version }, _) => {
            format!("written again by another process (version {version})")
        }
        _ => "still there".to_owned(),
    };
    let lines: Vec<String> =
        report.regions.iter().map(|region| format!("{} {}", region.region, describe(region))).collect();
    let line = format!("{}: {}", report.name, lines.join(", "));
    match &report.cause {
        None => {
            if !common.quiet {
                say(&format!("{line}\nAWS needs 30 seconds before the name can be used again\n"));
            }
            Outcome::Done
        }
        Some(Cause::Interrupted) => {
            report_listed("stopped", &[line], "run the same command again to finish");
            Outcome::Interrupted
        }
        Some(Cause::Overtaken { region }) => {
            let message = format!("another process wrote `{}` in {region} while it was deleted", report.name);
            report_listed(&message, &[line], "run the same command again if it shall be deleted all the same");
            Outcome::Overtaken
        }
        Some(Cause::Unconfirmed { region, error }) => {
            let message = format!("`{}` was deleted, but {region} can't be looked at again: {error}", report.name);
            report_listed(&message, &[line], &format!("{}; then run the same command again", error.help()));
            Outcome::Refused
        }
        Some(Cause::Failed { region, error }) => {
            let message = format!("`{}` can't be deleted in {region}: {error}", report.name);
            report_listed(&message, &[line], &format!("{}; then run the same command again to finish", error.help()));
            Outcome::Refused
        }
    }
}
