//! The answers of a store to the questions of a plan.

use byref_config::Environment;
use byref_rewrite::{Answers, Question};

use crate::args::store::StoreOptions;
use crate::failure::Failure;
use crate::store::{Progress, Stores, block_on, is_aws_configured};

/// The condition for asking a store for the values of a template.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Whenever the plan can't do without.
    WhereNeeded,
    /// Only with `--store`, so that a preview works offline.
    WhereNamed,
}

/// Returns the answers to the questions about values. Questions about the existence of parameters
/// are left to `byref check`, so that a rewrite to references needs no network.
pub(crate) fn answers(
    questions: &[Question],
    environment: &Environment,
    options: &StoreOptions,
    ask: Ask,
) -> Result<Answers, Failure> {
    let values: Vec<Question> = questions
        .iter()
        .filter(|question| matches!(question, Question::Value { .. }))
        .cloned()
        .collect();
    let is_asked = options.store.is_some() || (ask == Ask::WhereNeeded && is_aws_configured());
    if values.is_empty() || !is_asked {
        return Ok(Answers::none());
    }
    let stores = Stores::to_read(options);
    block_on(async {
        let store = stores.open(environment, &Progress::hidden())?;
        Ok(byref::answer(&store, &values).await?)
    })
}
