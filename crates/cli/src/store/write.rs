//! Writes to the store of an environment: shows the plan, asks for consent, writes, and reports.

use byref::AnyStore;
use byref::secrets::{
    Conflicts, Explanation, SecretWrite, Targets, WriteOutcome, WritePlan, WriteReport,
};

use super::{Consent, Interrupt, Stores, confirm};
use crate::args::Common;
use crate::args::store::WriteOptions;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::report::report_listed;

/// The circumstances of a write.
pub(crate) struct Writing<'w, 'p> {
    pub(crate) common: &'w Common,
    pub(crate) options: &'w WriteOptions,
    pub(crate) stores: &'w Stores<'w>,
    pub(crate) targets: &'w Targets<'p>,
    pub(crate) conflicts: Conflicts,
    /// The question before the write, such as `Write to production?`
    pub(crate) question: String,
}

impl Writing<'_, '_> {
    /// Writes all secrets, in their order. Asks nothing if every Region is up to date.
    pub(crate) async fn carry_out(
        &self,
        store: &AnyStore,
        writes: Vec<SecretWrite>,
    ) -> Result<Outcome, Failure> {
        let environment = self.targets.environment();
        let plan = WritePlan::new(store, writes).await?;
        show_plan(self.common, &plan);
        plan.check(self.conflicts)?;
        if plan.is_up_to_date() {
            say("nothing to write: every Region is right already\n");
            return Ok(Outcome::Done);
        }
        if let Some(text) = byref::placeholder_note(environment) {
            note(self.common, &text);
        }
        if let Consent::Stop(outcome) =
            confirm(self.options, self.stores.is_remote(), &self.question)?
        {
            return Ok(outcome);
        }
        write_all(self.common, store, &environment.name, plan).await
    }
}

/// Shows a plan, unless `--quiet`.
pub(crate) fn show_plan(common: &Common, plan: &WritePlan) {
    if !common.quiet {
        for planned in plan.writes() {
            say(&planned.text);
        }
    }
}

/// Carries a plan out, and reports the state of every Region after each secret.
pub(crate) async fn write_all(
    common: &Common,
    store: &AnyStore,
    environment: &str,
    plan: WritePlan,
) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::default();
    let total = plan.writes().len();
    let observe = |report: &WriteReport| show_report(common, report);
    let reports = interrupt
        .watch(plan.carry_out(store, environment, || interrupt.is_set(), observe))
        .await?;
    let is_complete = |report: &&WriteReport| report.outcome() == WriteOutcome::Complete;
    let done = reports.iter().filter(is_complete).count();
    if done < total && total > 1 {
        say(&format!(
            "{done} of {total} secrets are written; run the same command again to finish\n"
        ));
    }
    Ok(reports
        .last()
        .map_or(Outcome::Done, |report| report.outcome().into()))
}

fn show_report(common: &Common, report: &WriteReport) {
    match report.explanation() {
        Some(Explanation {
            message,
            lines,
            help,
        }) => report_listed(&message, &lines, &help),
        None if common.quiet => {}
        None => say(&format!("{}\n", report.text())),
    }
    for (region, error) in report.untagged() {
        note(
            common,
            &format!(
                "the tags were not set in {region}: {error}; {}",
                error.help()
            ),
        );
    }
}

impl From<WriteOutcome> for Outcome {
    fn from(outcome: WriteOutcome) -> Self {
        match outcome {
            WriteOutcome::Complete => Self::Done,
            WriteOutcome::Interrupted => Self::Interrupted,
            WriteOutcome::Failed => Self::Refused,
            WriteOutcome::Overtaken => Self::Overtaken,
        }
    }
}
