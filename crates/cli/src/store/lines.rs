//! The secret lines of an application with their values.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::{App, Target as LineTarget};
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::ParameterStore;

use super::{Target, Targets};
use crate::failure::Failure;

/// A secret line, and the value of what it refers to; none where that is missing.
pub(crate) struct LineValue {
    pub(crate) name: String,
    pub(crate) target: Target,
    pub(crate) value: Option<SecretValue>,
}

/// The values of an application's environment variables, in the order of its lines, and the names of the lines that
/// are kept in Secrets Manager and so have no value here. Lines for log options are no environment variables.
pub(crate) async fn line_values<S: ParameterStore>(
    store: &S,
    targets: &Targets<'_>,
    app: &App,
) -> Result<(Vec<LineValue>, Vec<String>), Failure> {
    let mut lines = Vec::new();
    let mut elsewhere = Vec::new();
    for line in app.secrets(Some(&targets.environment.name)) {
        if line.log_option.is_some() {
            continue;
        }
        if let LineTarget::SecretsManager(_) = line.target {
            elsewhere.push(line.name.clone());
            continue;
        }
        lines.push(LineValue { name: line.name.clone(), target: targets.of_line(app, line)?, value: None });
    }
    let mut names: BTreeMap<Region, BTreeSet<ParameterName>> = BTreeMap::new();
    for LineValue { target, .. } in &lines {
        names.entry(target.regions[0].clone()).or_default().insert(target.name.clone());
    }
    let mut values = BTreeMap::new();
    for (region, names) in names {
        let names: Vec<ParameterName> = names.into_iter().collect();
        for parameter in store.read(&region, &names).await? {
            values.insert((region.clone(), parameter.found.name), parameter.value);
        }
    }
    for line in &mut lines {
        line.value = values.get(&(line.target.regions[0].clone(), line.target.name.clone())).cloned();
    }
    Ok((lines, elsewhere))
}
