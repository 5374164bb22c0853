//! `byref secret rollback`

use byref::secrets::{Marked, Rollback, WritePlan};
use byref_store::ParameterStore as _;

use super::get::parse_version;
use crate::args::Common;
use crate::args::secret::Rollback as Options;
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::store::{Consent, Progress, Stores, block_on, confirm, show_plan, write_all};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let project = crate::project::load(common)?;
    let place = &options.one.place;
    let targets = place.targets(&project)?;
    let target = targets.find(options.one.name())?;
    let environment = targets.environment();
    let stores = Stores::to_change(&place.store);
    block_on(async {
        let store = stores.open(environment, &Progress::hidden())?;
        let rollback = Rollback::find(&store, &target, version.as_ref()).await?;
        let plan = WritePlan::new(&store, vec![rollback.write(&targets, target)]).await?;
        if !common.quiet {
            say(&format!(
                "back to version {} of {}\n",
                rollback.version(),
                rollback.region()
            ));
        }
        show_plan(common, &plan);
        if plan.is_up_to_date() {
            say("nothing to write: every Region holds that value already\n");
            report_unmarked(common, &rollback, rollback.unmark(&store).await);
            store.finish().await?;
            return Ok(Outcome::Done);
        }
        let question = format!("Roll back in {}?", environment.name);
        if let Consent::Stop(outcome) = confirm(&options.write, stores.is_remote(), &question)? {
            return Ok(outcome);
        }
        if let Marked::Refused(error) = rollback.mark(&store).await {
            let help = format!(
                "if it is cut off, pass `--version {}` in the next run",
                rollback.version()
            );
            note(
                common,
                &format!("the rollback can't be marked ({error}): {help}"),
            );
        }
        let outcome = write_all(common, &store, &environment.name, plan).await?;
        if outcome == Outcome::Done {
            report_unmarked(common, &rollback, rollback.unmark(&store).await);
            store.finish().await?;
        }
        Ok(outcome)
    })
}

fn report_unmarked(common: &Common, rollback: &Rollback, marked: Marked) {
    if let (Marked::Refused(error), Some(label)) = (marked, rollback.label()) {
        note(
            common,
            &format!(
                "the label `{label}` stays in {}: {error}",
                rollback.region()
            ),
        );
    }
}
