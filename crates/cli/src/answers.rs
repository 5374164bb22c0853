//! What a store tells of the questions of a plan: the one place where answers are obtained.

use byref_config::Environment;
use byref_rewrite::{Answers, Question};

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
    let values: Vec<Question> =
        questions.iter().filter(|question| matches!(question, Question::Value { .. })).cloned().collect();
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
