//! Secrets to all their Regions: the plan, the question, the work, the report.

mod confirm;
mod plan;
mod report;

use byref_config::Environment;
use byref_store::transaction::{Verdict, run};
use byref_store::{ParameterStore as _, StoreError};

pub(crate) use confirm::{Consent, confirm};
pub(crate) use plan::{Desire, PlannedWrite, plan_writes};

use super::{Interrupt, Store, Stores};
use crate::args::Common;
use crate::args::store::WriteOptions;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use report::{Ending, show_report};

/// Whether what is there already may get another value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflicts {
    Overwrite,
    /// It is an error that lists them, and nothing is written.
    Refuse,
    /// A secret must not be there in any Region, whatever its value.
    CreateOnly,
    /// A secret must be there in every Region.
    ExistingOnly,
}

impl Conflicts {
    /// As `--overwrite` says.
    pub(crate) fn of(overwrite: bool) -> Self {
        if overwrite { Self::Overwrite } else { Self::Refuse }
    }
}

/// Writes to the store of an environment: shows the plan, asks, writes, and reports.
pub(crate) struct Writing<'w> {
    pub(crate) common: &'w Common,
    pub(crate) options: &'w WriteOptions,
    pub(crate) stores: &'w Stores<'w>,
    pub(crate) environment: &'w Environment,
    pub(crate) conflicts: Conflicts,
    /// What is asked, such as `Write to production?`
    pub(crate) question: String,
}

impl Writing<'_> {
    /// All desires, in their order. Nothing is asked where every Region is right already.
    pub(crate) async fn carry_out(&self, store: &Store, desires: Vec<Desire>) -> Result<Outcome, Failure> {
        let plans = plan_writes(store, desires).await?;
        show_plans(self.common, &plans);
        match self.conflicts {
            Conflicts::CreateOnly => refuse_present(&plans)?,
            Conflicts::ExistingOnly => refuse_absent(&plans)?,
            Conflicts::Overwrite | Conflicts::Refuse => {}
        }
        if !plans.iter().any(|planned| planned.changes) {
            say("nothing to write: every Region is right already\n");
            return Ok(Outcome::Done);
        }
        if self.conflicts == Conflicts::Refuse {
            refuse_conflicts(&plans)?;
        }
        if let Some(text) = crate::store::placeholder_note(self.environment) {
            note(self.common, &text);
        }
        if let Consent::Stop(outcome) = confirm(self.options, self.stores.is_remote(), &self.question)? {
            return Ok(outcome);
        }
        write_all(self.common, store, self.environment, plans).await
    }
}

/// What is planned, unless `--quiet`.
pub(crate) fn show_plans<'p>(common: &Common, plans: impl IntoIterator<Item = &'p PlannedWrite>) {
    if !common.quiet {
        for planned in plans {
            say(planned.text());
        }
    }
}

/// Nothing that is there gets another value unless that was asked for.
fn refuse_conflicts(plans: &[PlannedWrite]) -> Result<(), Failure> {
    let conflicts: Vec<String> = plans
        .iter()
        .filter(|planned| !planned.overwrites.is_empty())
        .map(|planned| {
            let regions: Vec<String> = planned.overwrites.iter().map(ToString::to_string).collect();
            format!("{} ({})", planned.name, regions.join(", "))
        })
        .collect();
    let count = match conflicts.len() {
        0 => return Ok(()),
        1 => "1 secret".to_owned(),
        several => format!("{several} secrets"),
    };
    Err(byref::Error::Request {
        message: format!("{count} would get another value; nothing was written:"),
        lines: conflicts,
        help: "say `--overwrite`, or leave them out".to_owned(),
    }
    .into())
}

fn refuse_present(plans: &[PlannedWrite]) -> Result<(), Failure> {
    let Some(planned) = plans.iter().find(|planned| !planned.present.is_empty()) else { return Ok(()) };
    let regions: Vec<String> = planned.present.iter().map(ToString::to_string).collect();
    Err(Failure::usage(
        format!("`{}` exists already in {}; nothing was written", planned.name, regions.join(", ")),
        "leave `--create-only` out to give it a new value",
    ))
}

fn refuse_absent(plans: &[PlannedWrite]) -> Result<(), Failure> {
    let absent = plans.iter().find_map(|planned| Some((planned, planned.absent.first()?)));
    absent.map_or(Ok(()), |(planned, region)| {
        Err(StoreError::NotFound { name: planned.name.clone(), region: region.clone() }.into())
    })
}

/// Writes one secret after the other, each to all its Regions or to none, and stops at the first that fails. A
/// further run finds what is done already right.
pub(crate) async fn write_all(
    common: &Common,
    store: &Store,
    environment: &Environment,
    plans: Vec<PlannedWrite>,
) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::default();
    let total = plans.len();
    let mut ending = Ending::Complete;
    let mut done = 0;
    for mut planned in plans {
        let report = interrupt.watch(run(store, &mut planned.transaction, || interrupt.is_set())).await;
        ending = show_report(common, environment, &report, planned.is_sealed);
        if report.verdict() != Verdict::Complete {
            break;
        }
        done += 1;
        for (region, tags) in &planned.tags {
            if let Err(error) = store.tag(region, &report.name, tags).await {
                note(common, &format!("the tags were not set in {region}: {error}; {}", error.help()));
            }
        }
    }
    if done < total && total > 1 {
        say(&format!("{done} of {total} secrets are written; run the same command again to finish\n"));
    }
    store.finish().await?;
    Ok(match ending {
        Ending::Complete => Outcome::Done,
        Ending::Interrupted => Outcome::Interrupted,
        Ending::Failed => Outcome::Refused,
        Ending::Overtaken => Outcome::Overtaken,
    })
}
