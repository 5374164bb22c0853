//! `--fix`: the plan is shown, the values are stored, the files change.

use byref::linting::{Fix, FixRequest, FixedSecret, LintReport};
use byref::secrets::{SecretWrite, Targets, WritePlan};

use super::check_judged;
use crate::args::{Common, Lint, SchemeArgument};
use crate::failure::{Failure, Outcome};
use crate::output::{say, write_styled};
use crate::report::report;
use crate::store::{Consent, Progress, Stores, block_on, confirm, write_all};
use crate::write::commit;

/// Plans, asks, and moves.
pub(super) fn fix(common: &Common, options: &Lint, judged: LintReport) -> Result<Outcome, Failure> {
    let judged = check_judged(judged)?;
    let project = crate::project::load(common)?;
    let place = &options.place;
    let request = FixRequest {
        app: place.app.as_deref(),
        environment: place.environment.as_deref(),
        regions: &place.region,
    };
    let fix = Fix::plan(&project, &judged, request)?;
    if !fix.is_empty() {
        // Like every command, it refuses a variable that it does not understand.
        crate::project::overrides(Some(SchemeArgument::Reference))?;
        if !common.quiet {
            report(
                fix.project().sources(),
                fix.diagnostics(),
                crate::commands::shown(common),
            );
        }
        match carry_out(common, options, &fix)? {
            Outcome::Done => {}
            other => return Ok(other),
        }
    }
    say(&format!(
        "{} findings are fixed, {} are left\n",
        fix.fixed(),
        fix.left()
    ));
    Ok(if fix.left() == 0 {
        Outcome::Done
    } else {
        Outcome::Differences
    })
}

/// Shows the plan, asks, and writes: the store, the configuration, the templates.
fn carry_out(common: &Common, options: &Lint, fix: &Fix) -> Result<Outcome, Failure> {
    let targets = options.place.targets(fix.project())?;
    let desired = fix
        .secrets()
        .iter()
        .map(|secret| desired(&targets, secret))
        .collect::<Result<Vec<_>, _>>()?;
    let stores = Stores::to_write(&options.place.store);
    block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        let plan = WritePlan::new(&store, desired).await?;
        let steps: String = plan
            .writes()
            .iter()
            .map(|planned| planned.text.as_str())
            .collect();
        write_styled(&(steps + &fix.preview()))?;
        if let Some(other) = plan
            .writes()
            .iter()
            .find(|write| !write.overwrites.is_empty())
        {
            return Err(Failure::usage(
                format!("the store holds another value of `{}`", other.name),
                "compare them with `byref secret diff`, and remove the wrong one first",
            ));
        }
        let question = format!("Move them to {}?", targets.environment().name);
        if let Consent::Stop(_) = confirm(&options.write, true, &question)? {
            return Ok(Outcome::Differences);
        }
        let transaction = fix.prepare()?;
        let done = write_all(common, &store, &targets.environment().name, plan).await?;
        if done == Outcome::Done {
            commit(transaction, "; the store has the secrets already")?;
        } else {
            say("no file was changed\n");
        }
        Ok(done)
    })
}

/// The secret as `byref secret put` would store it: with the environment's key, and with tags.
fn desired(targets: &Targets<'_>, secret: &FixedSecret) -> Result<SecretWrite, Failure> {
    let targets = targets.of_app(&secret.app)?;
    let target = targets.of_line(targets.require_app()?, &secret.line)?;
    Ok(targets.write(target, secret.value.clone()))
}
