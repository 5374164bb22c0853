//! The way from a template's root to a value.

use std::borrow::Cow;
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<'t> {
    /// Into the value of a key.
    Key(Cow<'t, str>),
    /// Into an item of a list, from 0.
    Index(usize),
    /// Into a call in its long form.
    Call(&'t str),
    /// Into an argument of a call, from 0.
    Branch(usize),
}

impl Step<'_> {
    /// The key, if it is one.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Step::Key(key) => Some(key),
            _ => None,
        }
    }
}

/// The way from a template's root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path<'t> {
    steps: Vec<Step<'t>>,
}

impl<'t> Path<'t> {
    pub(crate) fn push(&mut self, step: Step<'t>) {
        self.steps.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.steps.pop();
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn steps(&self) -> &[Step<'t>] {
        &self.steps
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Key(key) => write!(formatter, "{dot}{}", key.escape_debug())?,
                Step::Index(index) | Step::Branch(index) => write!(formatter, "[{index}]")?,
                Step::Call(name) if *name == "Ref" => write!(formatter, "{dot}Ref")?,
                Step::Call(name) => write!(formatter, "{dot}Fn::{name}")?,
            }
        }
        Ok(())
    }
}
