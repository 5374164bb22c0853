//! The report of a write as text and as data: the state of every Region, and the advice.
//!
//! The user has one question after a failed write: which value does each Region have now? So every
//! form of the report answers it for each Region, also where the answer is "not known", and the
//! advice is one command and not a choice.
//!
//! | state in JSON | state in the text |
//! | --- | --- |
//! | `up-to-date` | right already |
//! | `unchanged` | the old value; or nothing, as before |
//! | `new` | the new value (version 4) |
//! | `restored` | the old value (version 5): written again, after a failure |
//! | `removed` | nothing again |
//! | `deleted`, `deleted-elsewhere` | deleted, by this run or by another user |
//! | `overwritten-elsewhere` | another value (version 5), of another user |
//! | `unknown` | the old value or the new one, with the error |

use byref_store::StoreError;
use byref_store::transaction::{Cause, RegionReport, RegionState, Report, Verdict};
use serde::Serialize;

use super::{WriteOutcome, WriteReport};
use crate::secrets::Explanation;

/// The state of a Region as data.
///
/// `error` is the reason of an unknown state, or of a state that could not be read back after the
/// write.
#[derive(Serialize)]
pub(in crate::secrets) struct RegionView {
    region: String,
    state: &'static str,
    version: Option<u64>,
    error: Option<String>,
}

/// Returns the states of all Regions of a transaction as data, in their order.
pub(in crate::secrets) fn region_views(report: &Report) -> Vec<RegionView> {
    report.regions.iter().map(RegionView::of).collect()
}

impl RegionView {
    fn of(report: &RegionReport) -> Self {
        let (state, version, error) = match &report.state {
            RegionState::UpToDate => ("up-to-date", None, None),
            RegionState::Unchanged => ("unchanged", None, None),
            RegionState::New { version } => ("new", Some(*version), None),
            RegionState::Restored { version } => ("restored", Some(*version), None),
            RegionState::Removed => ("removed", None, None),
            RegionState::Deleted => ("deleted", None, None),
            RegionState::DeletedElsewhere => ("deleted-elsewhere", None, None),
            RegionState::OverwrittenElsewhere { version } => {
                ("overwritten-elsewhere", Some(*version), None)
            }
            RegionState::Unknown(error) => ("unknown", None, Some(error)),
        };
        let error = error
            .or(report.unconfirmed.as_ref())
            .map(ToString::to_string);
        Self {
            region: report.region.to_string(),
            state,
            version,
            error,
        }
    }
}

impl WriteReport {
    /// Returns the report in one line:
    /// `/a/b: us-west-2 the new value (version 4), us-east-1 right already`.
    pub fn text(&self) -> String {
        format!("{}: {}", self.name(), states(&self.report))
    }

    /// Returns the reason why a write did not complete, the state of every Region, and the advice;
    /// `None` for a complete write.
    ///
    /// | verdict | lines | help |
    /// | --- | --- | --- |
    /// | complete | none | none |
    /// | unconfirmed | a table, as last seen | run again, which compares first |
    /// | rolled back | one line: each Region as before | the advice of the cause |
    /// | mixed | a table, as it is now | the command that makes the Regions equal |
    ///
    /// A parameter that was created and removed again blocks its name for 30 seconds, which the
    /// help adds.
    pub fn explanation(&self) -> Option<Explanation> {
        let (report, outcome) = (&self.report, self.outcome());
        let advice = self.advice();
        let (lines, help) = match report.verdict() {
            Verdict::Complete => return None,
            Verdict::Unconfirmed => (
                table("when they were last seen, the Regions held:", report),
                advice,
            ),
            Verdict::RolledBack => {
                let was_created = report
                    .regions
                    .iter()
                    .any(|region| region.state == RegionState::Removed);
                let wait = if was_created {
                    "; AWS needs 30 seconds before the name is free again"
                } else {
                    ""
                };
                let held = format!("every Region holds what it held before: {}", states(report));
                (vec![held], format!("{advice}{wait}"))
            }
            Verdict::Mixed if outcome == WriteOutcome::Overtaken => (
                table("the Regions hold now:", report),
                format!("{advice}; or {}", self.repair()),
            ),
            Verdict::Mixed => (table("the Regions differ now:", report), self.repair()),
        };
        Some(Explanation {
            message: self.reason(),
            lines,
            help,
        })
    }

    /// Returns the reason as a sentence.
    ///
    /// A sentence about the first cause: later failures, such as in the rollback, are in the states
    /// of the Regions.
    fn reason(&self) -> String {
        let name = self.name();
        match &self.report.cause {
            Some(Cause::Failed {
                region,
                error: StoreError::AlreadyExists { .. },
            }) => {
                format!("another process created `{name}` in {region} at the same time")
            }
            Some(Cause::Failed { region, error }) => {
                format!("`{name}` can't be written in {region}: {error}")
            }
            Some(Cause::Overtaken { region }) => {
                format!(
                    "another process wrote `{name}` at the same time, and in {region} after this one"
                )
            }
            Some(Cause::Unconfirmed { region, error }) => {
                format!("`{name}` was written, but {region} can't be read back: {error}")
            }
            Some(Cause::Interrupted) | None => format!("`{name}`: stopped"),
        }
    }

    /// Returns the advice that follows from the cause alone.
    ///
    /// It does not look at the Regions: [`WriteReport::explanation`] adds the repair where they
    /// differ.
    fn advice(&self) -> String {
        match &self.report.cause {
            Some(Cause::Failed { error, .. }) if self.outcome() == WriteOutcome::Failed => {
                format!("{}; then run the same command again", error.help())
            }
            Some(Cause::Unconfirmed { error, .. }) => {
                format!(
                    "{}; then run the same command again, which compares the Regions first",
                    error.help()
                )
            }
            Some(Cause::Overtaken { .. } | Cause::Failed { .. }) => {
                "agree on one value, and run the command again when the other one is done"
                    .to_owned()
            }
            Some(Cause::Interrupted) | None => "run the same command again".to_owned(),
        }
    }

    /// Returns the one command after which all Regions hold the same value again.
    ///
    /// A Region that holds the new value is the source, because the user wanted that value. Without
    /// one, or if the present values could not be read, another run is the only way. The name gets
    /// `--full-name` if it would be taken for a key.
    fn repair(&self) -> String {
        let regions = &self.report.regions;
        let holds_new = |region: &&RegionReport| {
            matches!(
                region.state,
                RegionState::New { .. } | RegionState::UpToDate
            )
        };
        match regions
            .iter()
            .find(holds_new)
            .filter(|_| !self.is_unreadable)
        {
            Some(region) => {
                let name = self.name();
                let full_name = if name.as_str().starts_with('/') {
                    ""
                } else {
                    " --full-name"
                };
                format!(
                    "give every Region the new value: `byref secret copy {name}{full_name} -e {} --from-region {} --overwrite`",
                    self.environment, region.region
                )
            }
            None => "run the same command again when every Region answers".to_owned(),
        }
    }
}

/// Lists the states of all Regions in one line.
fn states(report: &Report) -> String {
    let of = |region: &RegionReport| format!("{} {}", region.region, state(region));
    report.regions.iter().map(of).collect::<Vec<_>>().join(", ")
}

/// Returns the states of all Regions as a table.
///
/// One line for the head, and one for each Region, in the order of the transaction.
fn table(head: &str, report: &Report) -> Vec<String> {
    let regions = report
        .regions
        .iter()
        .map(|region| format!("  {}  {}", region.region, state(region)));
    std::iter::once(head.to_owned()).chain(regions).collect()
}

/// Describes the state of one Region.
///
/// A state that could not be read back is followed by the doubt: `the new value (version 4), not
/// read back: …`.
fn state(region: &RegionReport) -> String {
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
        RegionState::Unknown(error) if region.was_absent => {
            format!("nothing or the new value: {error}")
        }
        RegionState::Unknown(error) => format!("the old value or the new one: {error}"),
    };
    let doubt = region
        .unconfirmed
        .as_ref()
        .map(|error| format!(", not read back: {error}"));
    format!("{held}{}", doubt.unwrap_or_default())
}
