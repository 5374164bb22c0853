//! Writes of one secret to several Regions: to all of them or to none.
//!
//! [`plan`] compares the desired parameter with the state of every Region and returns one [`Step`]
//! per Region. A [`Transaction`] decides the next request from the responses so far, and [`run`]
//! carries the requests out on any [`ParameterStore`]. Regions are written in the order of the
//! steps. If one can't be written, those before it are rolled back: their old value is restored, or
//! the new parameter is deleted.
//!
//! # Lost responses
//!
//! A request without a response may have been carried out, or may be carried out later. After every
//! failed write the transaction therefore reads the Region, and at the end it reads every such
//! Region once more. It restores or deletes nothing in a Region unless it has seen the new value
//! there. A Region that can't be read is reported as [`RegionState::Unknown`].
//!
//! # Concurrent writers
//!
//! Another process may write the same secret at the same time. After the last write, the
//! transaction reads back the version of every Region. Each of two writers reads back after all of
//! its writes, so wherever the Regions differ in the end, at least one writer sees the version of
//! the other and does not report success ([`Cause::Overtaken`]). For the same reason it reads a
//! Region before it restores the old value: a value from another writer stays.
//!
//! # Write-only callers
//!
//! A caller with permission to write but not to read can't roll back. The new values stay where
//! they were written, and the [`Report`] lists those Regions.

mod deletion;
mod machine;
mod observation;
mod planning;
mod progress;
mod report;
mod step;

use crate::store::ParameterStore;

pub use deletion::{Deletion, delete};
pub use machine::Transaction;
pub use planning::{DesiredParameter, Destination, WhenUpToDate, plan};
pub use report::{Cause, RegionReport, RegionState, Report, Verdict};
pub use step::{Action, Answer, PriorState, Step};

/// Carries out a transaction and reports the state of every Region.
///
/// `is_interrupted` is called before every request. Once it returns `true`, no further Region is
/// written, and those already written are rolled back.
pub async fn run<S: ParameterStore>(
    store: &S,
    transaction: &mut Transaction,
    is_interrupted: impl Fn() -> bool,
) -> Report {
    loop {
        if is_interrupted() {
            transaction.interrupt();
        }
        let Some(action) = transaction.next() else {
            return transaction.report();
        };
        let answer = match action {
            Action::Put { region, put } => store.put(region, put).await.map(Answer::Written),
            Action::Delete { region, name } => store
                .delete(region, std::slice::from_ref(name))
                .await
                .map(|_| Answer::Deleted),
            Action::Read { region, name } => store
                .read(region, std::slice::from_ref(name))
                .await
                .map(|found| Answer::Read(found.into_iter().next())),
            Action::LookUp { region, name } => store
                .look_up(region, std::slice::from_ref(name))
                .await
                .map(|found| Answer::LookedUp(found.into_iter().next())),
        };
        transaction.record(answer.unwrap_or_else(Answer::Failed));
    }
}
