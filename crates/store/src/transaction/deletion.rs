//! Deletion of a parameter from all of its Regions. It can't be rolled back, because Parameter
//! Store deletes the history together with the parameter.

use byref_parameter::{ParameterName, Region};

use super::progress::CHECKS;
use super::report::{Cause, RegionReport, RegionState, Report};
use crate::error::StoreError;
use crate::store::ParameterStore;

/// A parameter and the Regions to delete it from.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The parameter to delete.
    pub name: ParameterName,
    /// The Regions that have the parameter, in the order of deletion.
    pub regions: Vec<Region>,
}

/// Deletes a parameter from one Region after the other.
///
/// A failure in one Region does not stop the others: deleted parameters can't be restored, so the
/// only consistent state is ahead, and running the same deletion again completes it. A request
/// without a response may be carried out late; such Regions are read once more at the end. So is
/// every Region whose parameter was deleted, because another process may have written it again.
///
/// `is_interrupted` is called before every Region. Once it returns `true`, no further Region is
/// touched.
pub async fn delete<S: ParameterStore>(
    store: &S,
    deletion: &Deletion,
    is_interrupted: impl Fn() -> bool,
) -> Report {
    let name = &deletion.name;
    let (mut states, mut errors) = (Vec::new(), Vec::new());
    let mut has_stopped = false;
    for region in &deletion.regions {
        has_stopped = has_stopped || is_interrupted();
        let (state, error) = if has_stopped {
            (RegionState::Unchanged, None)
        } else {
            delete_in(store, region, name).await
        };
        states.push(state);
        errors.push(error);
    }
    let mut unconfirmed = vec![None; states.len()];
    for (index, region) in deletion.regions.iter().enumerate() {
        if states[index] == RegionState::Deleted {
            (states[index], unconfirmed[index]) = confirm(store, region, name).await;
        }
    }
    // Last, because a deletion without a response may still arrive.
    for (index, region) in deletion.regions.iter().enumerate() {
        let is_in_doubt = errors[index]
            .as_ref()
            .is_some_and(StoreError::may_have_been_carried_out)
            || matches!(states[index], RegionState::Unknown(_));
        if is_in_doubt
            && !matches!(
                states[index],
                RegionState::Deleted | RegionState::OverwrittenElsewhere { .. }
            )
        {
            states[index] = look(store, region, name).await;
        }
    }
    let regions = deletion.regions.iter().zip(&states);
    let failure = regions
        .clone()
        .zip(errors)
        .find_map(|((region, state), error)| {
            let error = error.filter(|_| *state != RegionState::Deleted)?;
            Some(Cause::Failed {
                region: region.clone(),
                error,
            })
        });
    let overtaken = regions.clone().find_map(|(region, state)| {
        matches!(state, RegionState::OverwrittenElsewhere { .. }).then(|| Cause::Overtaken {
            region: region.clone(),
        })
    });
    let unknown = deletion
        .regions
        .iter()
        .zip(&unconfirmed)
        .find_map(|(region, error)| {
            Some(Cause::Unconfirmed {
                region: region.clone(),
                error: error.clone()?,
            })
        });
    let cause = failure
        .or(has_stopped.then_some(Cause::Interrupted))
        .or(overtaken)
        .or(unknown);
    let regions = regions
        .zip(unconfirmed)
        .map(|((region, state), unconfirmed)| RegionReport {
            region: region.clone(),
            was_absent: false,
            state: state.clone(),
            unconfirmed,
        });
    Report::new(name.clone(), regions.collect(), cause)
}

/// Deletes the parameter in one Region, reading the Region if that fails.
async fn delete_in<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
) -> (RegionState, Option<StoreError>) {
    match store.delete(region, std::slice::from_ref(name)).await {
        Ok(_) => (RegionState::Deleted, None),
        Err(error) => (look(store, region, name).await, Some(error)),
    }
}

/// Checks that a deleted parameter still does not exist.
async fn confirm<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
) -> (RegionState, Option<StoreError>) {
    let mut seen = (RegionState::Deleted, None);
    for _ in 0..CHECKS {
        seen = match store.look_up(region, std::slice::from_ref(name)).await {
            Ok(found) => match found.first() {
                None => return (RegionState::Deleted, None),
                Some(found) => (
                    RegionState::OverwrittenElsewhere {
                        version: found.version,
                    },
                    None,
                ),
            },
            Err(error) => (RegionState::Deleted, Some(error)),
        };
    }
    seen
}

/// Reads the Region after a failed deletion.
async fn look<S: ParameterStore>(store: &S, region: &Region, name: &ParameterName) -> RegionState {
    match store.look_up(region, std::slice::from_ref(name)).await {
        Ok(found) if found.is_empty() => RegionState::Deleted,
        Ok(_) => RegionState::Unchanged,
        Err(error) => RegionState::Unknown(error),
    }
}
