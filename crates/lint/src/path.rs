//! Paths from a template's root to a value.

use std::borrow::Cow;
use std::fmt;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<'t> {
    /// Into the value of a key.
    Key(Cow<'t, str>),
    /// Into an item of a list, counted from 0.
    Index(usize),
    /// Into the argument of a call in its long form.
    Call(&'t str),
    /// Into an item of a call's argument, counted from 0.
    Branch(usize),
}

impl Step<'_> {
    /// Returns the key, if the step is one.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Step::Key(key) => Some(key),
            _ => None,
        }
    }
}

/// The path from a template's root to a value. `Display` writes it as
/// `Resources.Web.Properties.Tags[0].Value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path<'t> {
    /// The steps, the first of them at the root.
    steps: Vec<Step<'t>>,
}

impl<'t> Path<'t> {
    /// Enters a value.
    pub(crate) fn push(&mut self, step: Step<'t>) {
        self.steps.push(step);
    }

    /// Leaves the value that was entered last.
    pub(crate) fn pop(&mut self) {
        self.steps.pop();
    }

    /// Returns the number of steps.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns the steps, the first of them at the root.
    pub(crate) fn steps(&self) -> &[Step<'t>] {
        &self.steps
    }
}

/// | steps | written |
/// | --- | --- |
/// | a key | `.Web`; line breaks and control characters are escaped |
/// | an item, or a branch of a call | `[0]` |
/// | a call in its long form | `.Fn::Sub`, or `.Ref` |
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
