//! The answers of a store to the questions of a plan.

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{ParameterName, Region};
use byref_rewrite::{Answer, Answers, Question};
use byref_store::{ParameterStore, StoreError};

/// Asks a store all questions of a survey: whether parameters are there (nothing is decrypted), and
/// the values that the templates will carry. One list of names for each Region and kind, Regions in
/// their order.
///
/// # Errors
///
/// The first error of the store, in the order of the questions. A missing parameter is no error but
/// [`Answer::Missing`].
pub async fn answer(
    store: &impl ParameterStore,
    questions: &[Question],
) -> Result<Answers, StoreError> {
    let mut existence: BTreeMap<&Region, Vec<ParameterName>> = BTreeMap::new();
    let mut values: BTreeMap<&Region, Vec<ParameterName>> = BTreeMap::new();
    for question in questions {
        match question {
            Question::Exists { region, name } => {
                existence.entry(region).or_default().push(name.clone());
            }
            Question::Value { region, name } => {
                values.entry(region).or_default().push(name.clone());
            }
            _ => {}
        }
    }
    let mut answers = Answers::none();
    for (region, names) in existence {
        let found = store.look_up(region, &names).await?;
        let found: BTreeSet<ParameterName> = found.into_iter().map(|found| found.name).collect();
        for name in names {
            let is_there = found.contains(&name);
            answers.set_existence(
                region.clone(),
                name,
                if is_there {
                    Answer::Known(())
                } else {
                    Answer::Missing
                },
            );
        }
    }
    for (region, names) in values {
        let parameters = store.read(region, &names).await?;
        for name in names {
            answers.set_value(region.clone(), name, Answer::Missing);
        }
        for parameter in parameters {
            answers.set_value(
                region.clone(),
                parameter.found.name,
                Answer::Known(parameter.value),
            );
        }
    }
    Ok(answers)
}
