//! The store that was asked for, and what commands do with it.

mod either;
mod interrupt;
mod lines;
mod open;
mod progress;
mod target;
mod value;
mod write;

pub(crate) use either::Store;
pub(crate) use interrupt::Interrupt;
pub(crate) use lines::line_values;
#[cfg(feature = "aws")]
pub(crate) use open::{Callers, deployments};
pub(crate) use open::{Stores, block_on, is_aws_configured, placeholder_note};
pub(crate) use progress::Progress;
pub(crate) use target::{Target, Targets, regions};
pub(crate) use value::read_value;
pub(crate) use write::{
    Conflicts, Consent, Desire, PlannedWrite, Writing, confirm, plan_writes, show_plans, write_all,
};
