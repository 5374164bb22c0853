//! A parameter goes from all its Regions. It is never undone: the history goes with it.

use byref_parameter::{ParameterName, Region};

use super::CHECKS;
use super::report::{Cause, Holding, RegionReport, Report};
use crate::error::StoreError;
use crate::store::ParameterStore;

/// What is deleted where: the Regions that have the parameter, in their order.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The parameter.
    pub name: ParameterName,
    /// The Regions that have it.
    pub regions: Vec<Region>,
}

/// Deletes in one Region after the other. A Region that fails is looked at again and does not stop the others: what
/// is gone can't come back, so the way to one state is forward, and a further run finishes it. A request without an
/// answer may be carried out late; such Regions are looked at once more at the end. So is every Region where the
/// parameter was deleted: another process may have written it again. `is_interrupted` is asked before every Region.
pub async fn delete<S: ParameterStore>(store: &S, deletion: &Deletion, is_interrupted: impl Fn() -> bool) -> Report {
    let name = &deletion.name;
    let (mut holdings, mut errors) = (Vec::new(), Vec::new());
    let mut has_stopped = false;
    for region in &deletion.regions {
        has_stopped = has_stopped || is_interrupted();
        let (holding, error) = if has_stopped { (Holding::Before, None) } else { delete_in(store, region, name).await };
        holdings.push(holding);
        errors.push(error);
    }
    let mut unconfirmed = vec![None; holdings.len()];
    for (index, region) in deletion.regions.iter().enumerate() {
        if holdings[index] == Holding::Deleted {
            (holdings[index], unconfirmed[index]) = confirm(store, region, name).await;
        }
    }
    // Last, since what is in doubt may still arrive.
    for (index, region) in deletion.regions.iter().enumerate() {
        let is_in_doubt = errors[index].as_ref().is_some_and(StoreError::may_have_been_carried_out)
            || matches!(holdings[index], Holding::Unknown(_));
        if is_in_doubt && !matches!(holdings[index], Holding::Deleted | Holding::Other { .. }) {
            holdings[index] = look(store, region, name).await;
        }
    }
    let regions = deletion.regions.iter().zip(&holdings);
    let failure = regions.clone().zip(errors).find_map(|((region, holding), error)| {
        let error = error.filter(|_| *holding != Holding::Deleted)?;
        Some(Cause::Failed { region: region.clone(), error })
    });
    let overtaken = regions.clone().find_map(|(region, holding)| {
        matches!(holding, Holding::Other { .. }).then(|| Cause::Overtaken { region: region.clone() })
    });
    let unknown = deletion
        .regions
        .iter()
        .zip(&unconfirmed)
        .find_map(|(region, error)| Some(Cause::Unconfirmed { region: region.clone(), error: error.clone()? }));
    let cause = failure.or(has_stopped.then_some(Cause::Interrupted)).or(overtaken).or(unknown);
    let regions = regions.zip(unconfirmed).map(|((region, holding), unconfirmed)| RegionReport {
        region: region.clone(),
        was_absent: false,
        holding: holding.clone(),
        unconfirmed,
    });
    Report::new(name.clone(), regions.collect(), cause)
}

async fn delete_in<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
) -> (Holding, Option<StoreError>) {
    match store.delete(region, std::slice::from_ref(name)).await {
        Ok(_) => (Holding::Deleted, None),
        Err(error) => (look(store, region, name).await, Some(error)),
    }
}

/// Whether a deleted parameter is still gone.
async fn confirm<S: ParameterStore>(store: &S, region: &Region, name: &ParameterName) -> (Holding, Option<StoreError>) {
    let mut seen = (Holding::Deleted, None);
    for _ in 0..CHECKS {
        seen = match store.look_up(region, std::slice::from_ref(name)).await {
            Ok(found) => match found.first() {
                None => return (Holding::Deleted, None),
                Some(found) => (Holding::Other { version: found.version }, None),
            },
            Err(error) => (Holding::Deleted, Some(error)),
        };
    }
    seen
}

async fn look<S: ParameterStore>(store: &S, region: &Region, name: &ParameterName) -> Holding {
    match store.look_up(region, std::slice::from_ref(name)).await {
        Ok(found) if found.is_empty() => Holding::Deleted,
        Ok(_) => Holding::Before,
        Err(error) => Holding::Unknown(error),
    }
}
