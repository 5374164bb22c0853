//! `byref secret copy`

use byref::AnyStore;
use byref::secrets::{CopiedLines, SecretCopy, SecretWrite, Targets};

use crate::args::Common;
use crate::args::secret::Copy as Options;
use crate::args::store::named;
use crate::failure::{Failure, Outcome};
use crate::output::note;
use crate::store::{Progress, Stores, Writing, block_on};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let from = options.place.targets(&project)?;
    let to = destination(options, &from)?;
    let copy = SecretCopy::new(&from, &to, options.from_region.as_deref())?;
    let stores = Stores::to_write(&options.place.store);
    let writing = Writing {
        common,
        options: &options.write,
        stores: &stores,
        targets: &to,
        conflicts: super::conflicts(options.overwrite),
        question: format!("Copy to {}?", to.environment().name),
    };
    block_on(async {
        let source = stores.open(from.environment(), &Progress::hidden())?;
        let writes = writes(common, options, &copy, &source).await?;
        let store = stores.open(to.environment(), &Progress::hidden())?;
        writing.carry_out(&store, writes).await
    })
}

/// Reads one secret, or those of all lines.
async fn writes(
    common: &Common,
    options: &Options,
    copy: &SecretCopy<'_, '_>,
    store: &AnyStore,
) -> Result<Vec<SecretWrite>, Failure> {
    let name = |secret| named(secret, options.full_name);
    if let Some(secret) = &options.secret {
        return Ok(vec![
            copy.secret(store, name(secret), options.to.as_deref().map(name))
                .await?,
        ]);
    }
    let CopiedLines {
        writes,
        in_secrets_manager,
    } = copy.all(store).await?;
    for name in in_secrets_manager {
        note(
            common,
            &format!("`{name}` is kept in Secrets Manager and is left out"),
        );
    }
    Ok(writes)
}

fn destination<'p>(options: &Options, from: &Targets<'p>) -> Result<Targets<'p>, Failure> {
    let mut to = from.clone();
    if let Some(environment) = &options.to_environment {
        to = to.in_environment(environment)?;
    }
    if let Some(app) = &options.to_app {
        to = to.of_app(app)?;
    }
    Ok(match options.to_scope {
        Some(scope) => to.in_scope(scope.into()),
        None => to,
    })
}
