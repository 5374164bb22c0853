//! Secrets to all their Regions: the plan, the question, the work, the report.

mod confirm;
mod plan;
mod report;

use byref_config::Environment;
use byref_store::ParameterStore as _;
use byref_store::transaction::{Verdict, run};

pub(crate) use confirm::{Consent, confirm};
pub(crate) use plan::{Desire, PlannedWrite, plan_writes};
pub(crate) use report::{Ending, show_report};

use super::{Interrupt, Store};
use crate::args::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};

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
    })
}
