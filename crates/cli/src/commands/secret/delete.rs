//! `byref secret delete`

use byref::secrets::{DeletionPlan, DeletionReport, Explanation};

use crate::args::Common;
use crate::args::secret::Delete;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::report::report_listed;
use crate::store::{Consent, Interrupt, Progress, Stores, block_on, confirm};

pub(crate) fn run(common: &Common, options: &Delete) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = options.one.place.targets(&project)?;
    let target = targets.find(options.one.name())?;
    let stores = Stores::to_change(&options.one.place.store);
    block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        let plan = DeletionPlan::new(&store, &targets, target).await?;
        if !(common.quiet && options.write.yes) {
            say(&plan.text());
        }
        if plan.is_empty() {
            say("nothing to delete: it is in none of these Regions\n");
            return Ok(Outcome::Done);
        }
        for user in &plan.users {
            note(common, &format!("{user} refers to it: a deploy would fail"));
        }
        if let Consent::Stop(outcome) =
            confirm(&options.write, true, "This can't be undone. Delete?")?
        {
            return Ok(outcome);
        }
        let interrupt = Interrupt::default();
        let report = interrupt
            .watch(plan.carry_out(&store, || interrupt.is_set()))
            .await?;
        show_report(common, &report);
        Ok(report.outcome().into())
    })
}

fn show_report(common: &Common, report: &DeletionReport) {
    match report.explanation() {
        Some(Explanation {
            message,
            lines,
            help,
        }) => report_listed(&message, &lines, &help),
        None if common.quiet => {}
        None => say(&format!(
            "{}\nAWS needs 30 seconds before the name can be used again\n",
            report.text()
        )),
    }
}
