//! The questions of a plan to a store, and the answers.
//!
//! Planning needs no store. The caller may ask one, in any order and as it likes, and hands over
//! the answers that it got.

use std::collections::BTreeMap;

use byref_parameter::{ParameterName, Region, SecretValue};

/// A fact that only a parameter store knows. Answering is optional; the planner works with whatever
/// answers it gets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Question {
    /// Whether a parameter is there: the template will refer to it.
    Exists {
        /// The Region of the store.
        region: Region,
        /// The parameter.
        name: ParameterName,
    },
    /// A parameter's value, decrypted: the template will carry it.
    Value {
        /// The Region of the store.
        region: Region,
        /// The parameter.
        name: ParameterName,
    },
}

/// The answer to one question.
#[derive(Clone, Debug, Default)]
pub enum Answer<T> {
    /// It is there.
    Known(T),
    /// The store has no such parameter.
    Missing,
    /// The store could not tell; why, in a few words that hold no value.
    Unknown(String),
    /// Nobody asked.
    #[default]
    NotAsked,
}

/// The answers of a run; a question without one counts as not asked. `Debug` shows no value.
///
/// ```
/// use byref_parameter::{ParameterName, Region};
/// use byref_rewrite::{Answer, Answers};
///
/// let name: ParameterName = "/production/web/db-password".parse()?;
/// let region: Region = "us-west-2".parse()?;
/// let mut answers = Answers::none();
/// answers.set_existence(region, name, Answer::Missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A plan with these answers fails with `missing-parameter` if a reference names the parameter.
/// Without any answer it succeeds: whether the parameter exists is then for the deploy to find out.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    existence: BTreeMap<(Region, ParameterName), Answer<()>>,
    values: BTreeMap<(Region, ParameterName), Answer<SecretValue>>,
}

impl Answers {
    /// Returns no answers, for a plan that is made offline.
    pub fn none() -> Self {
        Self::default()
    }

    /// Answers [`Question::Exists`].
    pub fn set_existence(&mut self, region: Region, name: ParameterName, answer: Answer<()>) {
        self.existence.insert((region, name), answer);
    }

    /// Answers [`Question::Value`].
    pub fn set_value(&mut self, region: Region, name: ParameterName, answer: Answer<SecretValue>) {
        self.values.insert((region, name), answer);
    }

    /// Returns the answer to [`Question::Exists`].
    pub(crate) fn existence(&self, region: &Region, name: &ParameterName) -> Answer<()> {
        self.existence
            .get(&(region.clone(), name.clone()))
            .cloned()
            .unwrap_or_default()
    }

    /// Returns the values that are known, in the order of Regions and names.
    pub(crate) fn values(&self) -> impl Iterator<Item = &SecretValue> {
        self.values.values().filter_map(|answer| {
            if let Answer::Known(value) = answer {
                Some(value)
            } else {
                None
            }
        })
    }

    /// Returns the answer to [`Question::Value`].
    pub(crate) fn value(&self, region: &Region, name: &ParameterName) -> Answer<SecretValue> {
        self.values
            .get(&(region.clone(), name.clone()))
            .cloned()
            .unwrap_or_default()
    }
}
