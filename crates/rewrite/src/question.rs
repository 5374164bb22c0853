//! What a plan has to know from a store, and what is known of it.

use std::collections::BTreeMap;

use byref_parameter::{ParameterName, Region, SecretValue};

/// Something that only a store can tell. Whoever looks it up, or nobody: a plan is made with what is known.
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

/// What is known of something that was asked.
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

/// All answers of a run; nothing is known of what is not in it. Its `Debug` shows no value.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    existence: BTreeMap<(Region, ParameterName), Answer<()>>,
    values: BTreeMap<(Region, ParameterName), Answer<SecretValue>>,
}

impl Answers {
    /// Nothing was asked: what plans that are made offline get.
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

    pub(crate) fn existence(&self, region: &Region, name: &ParameterName) -> Answer<()> {
        self.existence.get(&(region.clone(), name.clone())).cloned().unwrap_or_default()
    }

    /// The values that are known, in no order that says anything.
    pub(crate) fn values(&self) -> impl Iterator<Item = &SecretValue> {
        self.values.values().filter_map(|answer| if let Answer::Known(value) = answer { Some(value) } else { None })
    }

    pub(crate) fn value(&self, region: &Region, name: &ParameterName) -> Answer<SecretValue> {
        self.values.get(&(region.clone(), name.clone())).cloned().unwrap_or_default()
    }
}
