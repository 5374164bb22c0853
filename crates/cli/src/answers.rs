//! What a store tells of the questions of a plan: the one place where answers are obtained.

use std::collections::BTreeMap;

use byref_config::Environment;
use byref_parameter::{ParameterName, Region};
use byref_rewrite::{Answer, Answers, Question};
use byref_store::ParameterStore as _;

use crate::args::store::StoreOptions;
use crate::failure::Failure;
use crate::store::{Progress, Stores, block_on, is_aws_configured};

/// When a store is asked for values that a template shall carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Whenever the plan can't do without.
    WhereNeeded,
    /// Only when a store was named: what is only looked at works offline.
    WhereNamed,
}

/// The answers to a plan's questions: values alone. Whether parameters are there is `byref check`'s to say, so that a
/// rewrite to references needs no network.
pub(crate) fn answers(
    questions: &[Question],
    environment: &Environment,
    options: &StoreOptions,
    ask: Ask,
) -> Result<Answers, Failure> {
    let mut names: BTreeMap<&Region, Vec<ParameterName>> = BTreeMap::new();
    for question in questions {
        if let Question::Value { region, name } = question {
            names.entry(region).or_default().push(name.clone());
        }
    }
    let mut answers = Answers::none();
    let is_asked = options.store.is_some() || (ask == Ask::WhereNeeded && is_aws_configured());
    if names.is_empty() || !is_asked {
        return Ok(answers);
    }
    let stores = Stores::to_read(options);
    block_on(async {
        let store = stores.open(environment, &Progress::hidden())?;
        for (region, names) in names {
            let parameters = store.read(region, &names).await?;
            for name in &names {
                answers.set_value(region.clone(), name.clone(), Answer::Missing);
            }
            for parameter in parameters {
                answers.set_value(region.clone(), parameter.found.name, Answer::Known(parameter.value));
            }
        }
        Ok(answers)
    })
}
