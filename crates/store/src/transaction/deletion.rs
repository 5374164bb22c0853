//! A parameter goes from all its Regions. It is never undone: the history goes with it.

use byref_parameter::{ParameterName, Region};

use super::report::{Cause, Holding, RegionReport, Report};
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
/// is gone can't come back, so the way to one state is forward, and a further run finishes it. `is_interrupted` is
/// asked before every Region.
pub async fn delete<S: ParameterStore>(store: &S, deletion: &Deletion, is_interrupted: impl Fn() -> bool) -> Report {
    let name = std::slice::from_ref(&deletion.name);
    let mut regions = Vec::new();
    let mut cause = None;
    for region in &deletion.regions {
        let holding = if cause == Some(Cause::Interrupted) || is_interrupted() {
            cause = Some(Cause::Interrupted);
            Holding::Before
        } else {
            match store.delete(region, name).await {
                Ok(_) => Holding::Removed,
                Err(error) => {
                    let holding = match store.look_up(region, name).await {
                        Ok(found) if found.is_empty() => Holding::Removed,
                        Ok(_) => Holding::Before,
                        Err(error) => Holding::Unknown(error),
                    };
                    if holding != Holding::Removed && cause.is_none() {
                        cause = Some(Cause::Failed { region: region.clone(), error });
                    }
                    holding
                }
            }
        };
        regions.push(RegionReport { region: region.clone(), was_absent: false, holding });
    }
    Report { name: deletion.name.clone(), regions, cause }
}
