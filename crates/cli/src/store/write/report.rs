//! What stands where, in the end.

use byref_config::Environment;
use byref_parameter::ParameterName;
use byref_store::StoreError;
use byref_store::transaction::{Cause, RegionReport, RegionState, Report, Verdict};

use crate::args::Common;
use crate::output::say;
use crate::report::report_listed;

/// How the writing of a secret ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    Interrupted,
    Failed,
    /// Another process wrote the same secret at the same time.
    Overtaken,
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
    let (ending, why) = ending(name, report.cause.as_ref());
    let help_of_cause = match &report.cause {
        Some(Cause::Failed { error, .. }) if ending == Ending::Failed => {
            format!("{}; then run the same command again", error.help())
        }
        Some(Cause::Unconfirmed { error, .. }) => {
            format!("{}; then run the same command again, which compares the Regions first", error.help())
        }
        Some(Cause::Overtaken { .. } | Cause::Failed { .. }) => {
            "agree on one value, and run the command again when the other one is done".to_owned()
        }
        Some(Cause::Interrupted) | None => "run the same command again".to_owned(),
    };
    if report.verdict() == Verdict::Unconfirmed {
        report_listed(&why, &table("when they were last seen, the Regions held:", report), &help_of_cause);
        return ending;
    }
    if report.verdict() == Verdict::RolledBack {
        let held = format!("every Region holds what it held before: {}", line(report));
        let was_created = report.regions.iter().any(|region| region.state == RegionState::Removed);
        let wait = if was_created { "; AWS needs 30 seconds before the name is free again" } else { "" };
        report_listed(&why, &[held], &format!("{help_of_cause}{wait}"));
        return ending;
    }
    let help = heal(environment, report, is_sealed);
    if ending == Ending::Overtaken {
        let help = format!("{help_of_cause}; or {help}");
        report_listed(&why, &table("the Regions hold now:", report), &help);
    } else {
        report_listed(&why, &table("the Regions differ now:", report), &help);
    }
    ending
}

/// How it ended, and why.
fn ending(name: &ParameterName, cause: Option<&Cause>) -> (Ending, String) {
    match cause {
        Some(Cause::Failed { region, error: StoreError::AlreadyExists { .. } }) => {
            (Ending::Overtaken, format!("another process created `{name}` in {region} at the same time"))
        }
        Some(Cause::Failed { region, error }) => {
            (Ending::Failed, format!("`{name}` can't be written in {region}: {error}"))
        }
        Some(Cause::Overtaken { region }) => (
            Ending::Overtaken,
            format!("another process wrote `{name}` at the same time, and in {region} after this one"),
        ),
        Some(Cause::Unconfirmed { region, error }) => {
            (Ending::Failed, format!("`{name}` was written, but {region} can't be read back: {error}"))
        }
        Some(Cause::Interrupted) | None => (Ending::Interrupted, format!("`{name}`: stopped")),
    }
}

/// `us-west-2 version 4, us-east-1 right already`
fn line(report: &Report) -> String {
    let of = |region: &RegionReport| format!("{} {}", region.region, describe(region));
    report.regions.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn table(head: &str, report: &Report) -> Vec<String> {
    let regions = report.regions.iter().map(|region| format!("  {}  {}", region.region, describe(region)));
    std::iter::once(head.to_owned()).chain(regions).collect()
}

fn describe(region: &RegionReport) -> String {
    let held = match &region.state {
        RegionState::UpToDate => "right already".to_owned(),
        RegionState::Unchanged if region.was_absent => "nothing, as before".to_owned(),
        RegionState::Unchanged => "the old value".to_owned(),
        RegionState::New { version } => format!("the new value (version {version})"),
        RegionState::Restored { version } => format!("the old value (version {version})"),
        RegionState::Removed => "nothing again".to_owned(),
        RegionState::Deleted => "deleted".to_owned(),
        RegionState::DeletedElsewhere => "nothing: somebody else deleted it".to_owned(),
        RegionState::OverwrittenElsewhere { version } => {
            format!("another value (version {version}), which somebody else wrote")
        }
        RegionState::Unknown(error) if region.was_absent => format!("nothing or the new value: {error}"),
        RegionState::Unknown(error) => format!("the old value or the new one: {error}"),
    };
    let doubt = region.unconfirmed.as_ref().map(|error| format!(", not read back: {error}"));
    format!("{held}{}", doubt.unwrap_or_default())
}

/// The one command after which all Regions hold the same again.
fn heal(environment: &Environment, report: &Report, is_sealed: bool) -> String {
    let new = report
        .regions
        .iter()
        .find(|region| matches!(region.state, RegionState::New { .. } | RegionState::UpToDate))
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
