//! One secret to several Regions: all of them or none.
//!
//! [`plan`] says what is to be written where, from what every Region held before. A [`Transaction`] decides from that
//! what is to be done next; [`run`] does it. The Regions are written in their order. When one can't be written, those
//! before it get their old value back, or lose what was new.
//!
//! After every failed write the Region is looked at again, since a request without an answer may have been carried
//! out. It may also be carried out after that look: at the end, every Region with such a request, and every one that
//! could not be looked at, is looked at once more. Nothing is written or deleted in a Region of which it is not known
//! that it holds the new value. What can't be looked at is [`RegionState::Unknown`], and the report says so.
//!
//! After the last write every Region is read back, by its version: another process may write the same secret at the same
//! time. Each of two writers reads back after all its writes, so at least one of them sees the other's version wherever
//! the Regions differ in the end, and does not report success ([`Cause::Overtaken`]). For the same reason a Region is
//! looked at before its old value goes back: what another writer wrote there stays.
//!
//! A caller who may write but not read has no way back: what was written stays, and the report says where.

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

/// Carries a transaction out. `is_interrupted` is asked before every request of the way forward.
pub async fn run<S: ParameterStore>(
    store: &S,
    transaction: &mut Transaction,
    is_interrupted: impl Fn() -> bool,
) -> Report {
    loop {
        if is_interrupted() {
            transaction.interrupt();
        }
        let Some(action) = transaction.next() else { return transaction.report() };
        let answer = match action {
            Action::Put { region, put } => store.put(region, put).await.map(Answer::Written),
            Action::Delete { region, name } => {
                store.delete(region, std::slice::from_ref(name)).await.map(|_| Answer::Deleted)
            }
            Action::Read { region, name } => {
                store.read(region, std::slice::from_ref(name)).await.map(|found| Answer::Read(found.into_iter().next()))
            }
            Action::LookUp { region, name } => store
                .look_up(region, std::slice::from_ref(name))
                .await
                .map(|found| Answer::LookedUp(found.into_iter().next())),
        };
        transaction.record(answer.unwrap_or_else(Answer::Failed));
    }
}
