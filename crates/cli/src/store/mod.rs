//! The named store, and the dialogue with the user about changes to it.

mod confirm;
mod interrupt;
mod open;
mod progress;
mod value;
mod write;

pub(crate) use confirm::{Consent, confirm};
pub(crate) use interrupt::Interrupt;
#[cfg(feature = "aws")]
pub(crate) use open::{Callers, deployments};
pub(crate) use open::{Stores, block_on, is_aws_configured};
pub(crate) use progress::Progress;
pub(crate) use value::read_value;
pub(crate) use write::{Writing, show_plan, write_all};
