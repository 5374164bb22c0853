//! `--known`: the values of the store.

use byref::Project;
use byref::linting::{StoredValues, ValueSearch};
use byref_known::SHORTEST_KNOWN;

use crate::args::{Common, Lint};
use crate::failure::Failure;
use crate::output::note;
use crate::store::{Progress, Stores, block_on};

/// Reads all values that the configuration's environments can reach.
pub(super) fn read_known(
    common: &Common,
    options: &Lint,
    project: Option<&Project>,
) -> Result<ValueSearch, Failure> {
    let Some(project) = project else {
        return Err(Failure::usage(
            "`--known` needs a configuration: it says where the secrets are",
            "write one with `byref init TEMPLATE`",
        ));
    };
    let environments: Vec<&str> = match &options.place.environment {
        Some(name) => vec![name.as_str()],
        None => project
            .config()
            .environments
            .keys()
            .map(String::as_str)
            .collect(),
    };
    let stores = Stores::to_read(&options.place.store);
    let progress = Progress::new(common, None);
    let read = block_on(async {
        let mut values = StoredValues::new();
        for environment in environments {
            let targets = options.place.targets_in(project, Some(environment))?;
            let store = stores.open(targets.environment(), &progress)?;
            let paths = targets.reachable_paths();
            values
                .read(
                    &store,
                    project,
                    targets.environment(),
                    targets.regions(),
                    &paths,
                )
                .await?;
        }
        Ok(values)
    });
    progress.clear();
    let search = read?.into_search();
    if search.too_short() > 0 {
        let count = search.too_short();
        note(
            common,
            &format!(
                "{count} values are shorter than {SHORTEST_KNOWN} bytes and are not searched for"
            ),
        );
    }
    Ok(search)
}
