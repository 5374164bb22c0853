//! What stands where, in the end.

use byref_config::Environment;
use byref_store::transaction::{Cause, Holding, RegionReport, Report, Verdict};

use crate::args::Common;
use crate::output::say;
use crate::render::diagnostic::report_listed;

/// How the writing of a secret ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    Interrupted,
    Failed,
}

/// Says what every Region holds, and what to do.
pub(crate) fn show_report(common: &Common, environment: &Environment, report: &Report, is_sealed: bool) -> Ending {
    let name = &report.name;
    if report.verdict() == Verdict::Complete {
        if !common.quiet {
            say(&format!("{name}: {}\n", line(report)));
        }
        return Ending::Complete;
    }
    let (ending, why) = match &report.cause {
        Some(Cause::Failed { region, error }) => {
            (Ending::Failed, format!("`{name}` can't be written in {region}: {error}"))
        }
        Some(Cause::Interrupted) | None => (Ending::Interrupted, format!("`{name}`: stopped")),
    };
    let help_of_cause = match &report.cause {
        Some(Cause::Failed { error, .. }) => format!("{}; then run the same command again", error.help()),
        _ => "run the same command again".to_owned(),
    };
    if report.verdict() == Verdict::Undone {
        let held = format!("every Region holds what it held before: {}", line(report));
        let was_created = report.regions.iter().any(|region| region.holding == Holding::Removed);
        let wait = if was_created { "; AWS needs 30 seconds before the name is free again" } else { "" };
        report_listed(&why, &[held], &format!("{help_of_cause}{wait}"));
        return ending;
    }
    report_listed(&why, &table(report), &heal(environment, report, is_sealed));
    ending
}

/// `us-west-2 version 4, us-east-1 right already`
fn line(report: &Report) -> String {
    let of = |region: &RegionReport| format!("{} {}", region.region, words(region));
    report.regions.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn table(report: &Report) -> Vec<String> {
    let regions = report.regions.iter().map(|region| format!("  {}  {}", region.region, words(region)));
    std::iter::once("the Regions differ now:".to_owned()).chain(regions).collect()
}

fn words(region: &RegionReport) -> String {
    match &region.holding {
        Holding::Right => "right already".to_owned(),
        Holding::Before if region.was_absent => "nothing, as before".to_owned(),
        Holding::Before => "the old value".to_owned(),
        Holding::New { version } => format!("the new value (version {version})"),
        Holding::Restored { version } => format!("the old value (version {version})"),
        Holding::Removed => "nothing again".to_owned(),
        Holding::Deleted => "deleted".to_owned(),
        Holding::Gone => "nothing: somebody else deleted it".to_owned(),
        Holding::Other { version } => format!("another value (version {version}), which somebody else wrote"),
        Holding::Unknown(error) if region.was_absent => format!("nothing or the new value: {error}"),
        Holding::Unknown(error) => format!("the old value or the new one: {error}"),
    }
}

/// The one command after which all Regions hold the same again.
fn heal(environment: &Environment, report: &Report, is_sealed: bool) -> String {
    let new = report
        .regions
        .iter()
        .find(|region| matches!(region.holding, Holding::New { .. } | Holding::Right))
        .filter(|_| !is_sealed);
    match new {
        Some(region) => {
            let full_name = if report.name.as_str().starts_with('/') { "" } else { " --full-name" };
            format!(
                "give every Region the new value: `byref secret copy {}{full_name} -e {} --from-region {} --overwrite`",
                report.name, environment.name, region.region
            )
        }
        None => "run the same command again when every Region answers".to_owned(),
    }
}
