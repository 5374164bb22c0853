//! What every Region holds, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{KmsKey, ParameterName, ParameterType, Region, SecretValue, Tier};
use byref_store::transaction::{DesiredParameter, Destination, PriorState, Step, Transaction, WhenUpToDate, plan};
use byref_store::{
    Description, Found, Parameter, ParameterStore, PutMode, Selection, StoreError, Tag, Unreachable, VERSIONS,
};
use futures_util::future::join_all;

use crate::failure::Failure;
use crate::store::Target;
use byref::render::escape::line;

/// A secret that shall have a value.
pub(crate) struct Desire {
    pub(crate) target: Target,
    pub(crate) value: SecretValue,
    pub(crate) kind: ParameterType,
    pub(crate) tier: Option<Tier>,
    /// The keys that were asked for, by Region; elsewhere a parameter keeps its own.
    pub(crate) keys: BTreeMap<Region, KmsKey>,
    /// Tags of a new parameter.
    pub(crate) tags: Vec<Tag>,
    /// Tags that a parameter gets which is there already.
    pub(crate) further_tags: Vec<Tag>,
    pub(crate) when_up_to_date: WhenUpToDate,
}

/// The writing of one secret, planned.
pub(crate) struct PlannedWrite {
    pub(crate) name: ParameterName,
    pub(crate) transaction: Transaction,
    /// What the user is shown.
    text: String,
    /// Whether anything would be written.
    pub(crate) changes: bool,
    /// Regions that hold another value already.
    pub(crate) overwrites: Vec<Region>,
    /// Regions that have the secret, with whatever value.
    pub(crate) present: Vec<Region>,
    /// Regions that don't.
    pub(crate) absent: Vec<Region>,
    /// Regions that have a value which may not be read: there is no comparison, and no way back.
    pub(crate) is_sealed: bool,
    /// Tags to be set afterwards.
    pub(crate) tags: Vec<(Region, Vec<Tag>)>,
}

impl PlannedWrite {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// What one Region holds of the names that were asked for.
struct RegionState {
    region: Region,
    before: BTreeMap<ParameterName, PriorState>,
    descriptions: BTreeMap<ParameterName, Description>,
    /// Why tiers and keys are not known.
    not_described: Option<StoreError>,
}

/// Reads what is there, in all Regions at once, and plans each secret.
pub(crate) async fn plan_writes<S: ParameterStore>(
    store: &S,
    desires: Vec<Desire>,
) -> Result<Vec<PlannedWrite>, Failure> {
    let mut names: BTreeMap<Region, BTreeSet<ParameterName>> = BTreeMap::new();
    for Desire { target, .. } in &desires {
        for region in &target.regions {
            names.entry(region.clone()).or_default().insert(target.name.clone());
        }
    }
    let asked = names.into_iter().map(|(region, names)| state(store, region, names.into_iter().collect()));
    let mut states = BTreeMap::new();
    for state in join_all(asked).await {
        let state = state?;
        states.insert(state.region.clone(), state);
    }
    desires.into_iter().map(|desire| plan_write(desire, &states)).collect()
}

async fn state<S: ParameterStore>(
    store: &S,
    region: Region,
    names: Vec<ParameterName>,
) -> Result<RegionState, StoreError> {
    let held = |parameter: Parameter| (parameter.found.name.clone(), PriorState::Readable(parameter));
    let sealed = |found: Found| (found.name.clone(), PriorState::Unreadable(found));
    let before: BTreeMap<ParameterName, PriorState> = match store.read(&region, &names).await {
        Ok(parameters) => parameters.into_iter().map(held).collect(),
        // Who may not decrypt may still be allowed to see what is there.
        Err(StoreError::Denied(denial)) => match store.look_up(&region, &names).await {
            Ok(found) => found.into_iter().map(sealed).collect(),
            Err(_) => return Err(StoreError::Denied(denial)),
        },
        Err(error) => return Err(error),
    };
    let present: Vec<ParameterName> = before.keys().cloned().collect();
    let mut state = RegionState { region, before, descriptions: BTreeMap::new(), not_described: None };
    if !present.is_empty() {
        match store.describe(&state.region, Selection::Names(&present)).await {
            Ok(list) => {
                state.descriptions =
                    list.into_iter().map(|description| (description.found.name.clone(), description)).collect();
                // Descriptions may come late, or not at all: the key of such a parameter is not known.
                if present.iter().any(|name| !state.descriptions.contains_key(name)) {
                    state.not_described = Some(StoreError::Unreachable {
                        action: "ssm:DescribeParameters",
                        region: state.region.clone(),
                        why: Unreachable::Unexpected("nothing is said of a parameter that is there"),
                    });
                }
            }
            Err(error @ StoreError::Denied(_)) => state.not_described = Some(error),
            Err(error) => return Err(error),
        }
    }
    Ok(state)
}

fn plan_write(desire: Desire, states: &BTreeMap<Region, RegionState>) -> Result<PlannedWrite, Failure> {
    let name = desire.target.name.clone();
    let mut places = Vec::new();
    for region in &desire.target.regions {
        let state = states.get(region);
        let before = state.and_then(|state| state.before.get(&name)).cloned().unwrap_or(PriorState::Absent);
        let description = state.and_then(|state| state.descriptions.get(&name)).cloned();
        // Without a key, Parameter Store would take its default one, also where there is another.
        let own_key = description.as_ref().and_then(|description| description.key.as_deref());
        let own_key = own_key.and_then(|key| KmsKey::of_parameter(key).ok());
        let key = desire.keys.get(region).cloned().or(own_key);
        places.push(Destination { region: region.clone(), before, description, key });
    }
    let desired = DesiredParameter {
        name: name.clone(),
        value: desire.value,
        kind: desire.kind,
        tier: desire.tier,
        tags: desire.tags,
    };
    let steps = plan(&desired, places, desire.when_up_to_date)?;
    let not_described = states.values().find_map(|state| state.not_described.as_ref());
    let text = text(&name, &steps, not_described);
    let holds = |step: &&Step| step.put.is_some() && step.before != PriorState::Absent;
    let tags = if desire.further_tags.is_empty() {
        Vec::new()
    } else {
        let there = steps.iter().filter(|step| step.before != PriorState::Absent);
        there.map(|step| (step.region.clone(), desire.further_tags.clone())).collect()
    };
    let is_absent = |step: &&Step| step.before == PriorState::Absent;
    let (absent, present): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(is_absent);
    let regions = |steps: Vec<&Step>| steps.into_iter().map(|step| step.region.clone()).collect();
    Ok(PlannedWrite {
        present: regions(present),
        absent: regions(absent),
        text,
        changes: steps.iter().any(|step| step.put.is_some()) || !tags.is_empty(),
        overwrites: steps.iter().filter(holds).map(|step| step.region.clone()).collect(),
        is_sealed: steps.iter().any(|step| matches!(step.before, PriorState::Unreadable(_))),
        tags,
        transaction: Transaction::new(name.clone(), steps),
        name,
    })
}

fn text(name: &ParameterName, steps: &[Step], not_described: Option<&StoreError>) -> String {
    let mut text = format!("{name}\n");
    let width = steps.iter().map(|step| step.region.to_string().len()).max().unwrap_or(0);
    for step in steps {
        line!(text, "  {:width$}  {}", step.region.to_string(), describe(step));
    }
    let pushed_out = steps.iter().filter(|step| step.put.is_some() && version(&step.before) >= VERSIONS);
    for step in pushed_out {
        let oldest = version(&step.before) + 1 - VERSIONS;
        line!(text, "  note: version {oldest} in {} will be deleted: Parameter Store keeps 100 versions", step.region);
    }
    if steps.iter().any(|step| matches!(step.before, PriorState::Unreadable(_))) {
        text.push_str(
            "  note: you may not read the present value: nothing is compared, and if a Region fails, those before it keep the new value\n",
        );
    }
    let is_blind =
        |step: &Step| step.put.as_ref().is_some_and(|put| put.mode == PutMode::Overwrite && put.key.is_none());
    if let Some(error) = not_described.filter(|_| steps.iter().any(is_blind)) {
        line!(
            text,
            "  note: the present key is not known ({error}): it will be encrypted with `alias/aws/ssm`, unless you say `--key`"
        );
    }
    text
}

fn version(before: &PriorState) -> u64 {
    before.found().map_or(0, |found| found.version)
}

fn describe(step: &Step) -> String {
    let version = version(&step.before);
    let Some(put) = &step.put else { return format!("right already (version {version})") };
    let own_key = step.restore.as_ref().and_then(|restore| restore.key.as_ref());
    let key = put.key.as_ref().filter(|key| Some(*key) != own_key).map(|key| format!(", {key}")).unwrap_or_default();
    match &step.before {
        PriorState::Absent => format!("new ({}{key})", put.kind),
        PriorState::Readable(held) if held.value == put.value => {
            format!("version {version} -> same value, new version{key}")
        }
        _ => format!("version {version} -> another value{key}"),
    }
}
