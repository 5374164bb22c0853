//! The plan of a write: the present content of every Region, and its change.
//!
//! All Regions are read at once: the present values with decryption, then the descriptions of the
//! parameters that exist, for their keys and tiers. Without the values a plan could neither tell
//! that a Region is up to date nor undo a write that fails half-way.
//!
//! | caller may | plan |
//! | --- | --- |
//! | decrypt and describe | complete |
//! | describe, not decrypt | without a comparison; a failed write is not undone |
//! | decrypt, not describe | a parameter may get the default key; the plan notes it |

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{KmsKey, ParameterName, Region};
use byref_store::transaction::{Destination, PriorState, Step, Transaction, plan};
use byref_store::{
    Description, Found, Parameter, ParameterStore, PutMode, Selection, StoreError, Tag,
    Unreachable, VERSIONS,
};
use futures_util::future::join_all;
use serde::Serialize;

use super::SecretWrite;
use crate::error::Error;
use crate::render::escape::line;
use crate::secrets::serialized;

/// The treatment of secrets that exist already.
///
/// | secret | `Overwrite` | `Refuse` | `CreateOnly` | `ExistingOnly` |
/// | --- | --- | --- | --- | --- |
/// | is nowhere | create | create | create | error |
/// | has the value everywhere | nothing | nothing | error | nothing |
/// | has the value in some Regions only | create | create | error | error |
/// | has another value | overwrite | error | error | overwrite |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflicts {
    /// They get the new value.
    Overwrite,
    /// A secret with another value is an error that lists all of them.
    Refuse,
    /// A secret that exists in any Region is an error, even if it has the value.
    CreateOnly,
    /// A secret that is missing in any Region is an error.
    ExistingOnly,
}

/// The planned write of one secret. Serialises without values.
///
/// The lists of Regions are in the order in which they are written.
#[derive(Debug, Serialize)]
pub struct PlannedWrite {
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// The Regions that hold the secret, with whatever value.
    #[serde(serialize_with = "serialized::texts")]
    pub present: Vec<Region>,
    /// The Regions that do not hold the secret.
    #[serde(serialize_with = "serialized::texts")]
    pub absent: Vec<Region>,
    /// The Regions whose version will be followed by a new one.
    #[serde(serialize_with = "serialized::texts")]
    pub overwrites: Vec<Region>,
    /// `true` if the write changes a value or a tag in any Region.
    pub changes: bool,
    /// `true` if the caller may not read the present value of some Region: byref cannot compare it
    /// or restore it.
    pub is_unreadable: bool,
    /// The plan as text, one line for each Region: `us-west-2  version 3 -> another value`.
    pub text: String,
    #[serde(skip)]
    pub(super) tags: Vec<(Region, Vec<Tag>)>,
    #[serde(skip)]
    pub(super) transaction: Transaction,
}

/// The planned writes of several secrets, in the order of the requests. Serialises as their list.
///
/// A plan is made from the content of the store, shown or checked, and then carried out: consent is
/// the caller's step between [`WritePlan::check`] and [`WritePlan::carry_out`].
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct WritePlan {
    pub(super) writes: Vec<PlannedWrite>,
}

impl WritePlan {
    /// Reads the present content of all Regions at once, and plans each write.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store cannot be read, or if Parameter Store would refuse a write:
    /// another type, a lower tier, a value that is empty or too large. A caller who may not decrypt
    /// values gets a plan without a comparison.
    pub async fn new<S: ParameterStore>(
        store: &S,
        writes: Vec<SecretWrite>,
    ) -> Result<Self, Error> {
        let mut names: BTreeMap<&Region, BTreeSet<&ParameterName>> = BTreeMap::new();
        for write in &writes {
            for region in &write.regions {
                names.entry(region).or_default().insert(&write.desired.name);
            }
        }
        let asked = names.into_iter().map(|(region, names)| {
            let names = names.into_iter().cloned().collect();
            RegionContent::read(store, region.clone(), names)
        });
        let contents = join_all(asked)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let contents: BTreeMap<Region, RegionContent> = contents
            .into_iter()
            .map(|content| (content.region.clone(), content))
            .collect();
        let writes = writes
            .into_iter()
            .map(|write| plan_write(write, &contents))
            .collect::<Result<_, _>>()?;
        Ok(Self { writes })
    }

    /// Returns the writes, in the order of the requests.
    pub fn writes(&self) -> &[PlannedWrite] {
        &self.writes
    }

    /// Returns `true` if no Region would change.
    pub fn is_up_to_date(&self) -> bool {
        !self.writes.iter().any(|planned| planned.changes)
    }

    /// Checks the plan against the treatment of existing secrets. Nothing has been written.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] that names the secrets in conflict; [`StoreError::NotFound`] for
    /// [`Conflicts::ExistingOnly`].
    pub fn check(&self, conflicts: Conflicts) -> Result<(), Error> {
        match conflicts {
            Conflicts::Overwrite => Ok(()),
            Conflicts::Refuse => self.refuse_overwrites(),
            Conflicts::CreateOnly => self.refuse_present(),
            Conflicts::ExistingOnly => self.refuse_absent(),
        }
    }

    /// Checks that no secret gets another value.
    ///
    /// All of them are listed, so that a user decides once and not secret by secret.
    fn refuse_overwrites(&self) -> Result<(), Error> {
        let overwrites = self
            .writes
            .iter()
            .filter(|planned| !planned.overwrites.is_empty());
        let lines: Vec<String> = overwrites
            .map(|planned| format!("{} ({})", planned.name, listed(&planned.overwrites)))
            .collect();
        let count = match lines.len() {
            0 => return Ok(()),
            1 => "1 secret".to_owned(),
            several => format!("{several} secrets"),
        };
        Err(Error::Request {
            message: format!("{count} would get another value; nothing was written:"),
            lines,
            help: "pass `--overwrite`, or leave them out".to_owned(),
        })
    }

    /// Checks that no secret exists.
    ///
    /// The first one is enough: the request was to create, and the name is taken.
    fn refuse_present(&self) -> Result<(), Error> {
        let Some(planned) = self
            .writes
            .iter()
            .find(|planned| !planned.present.is_empty())
        else {
            return Ok(());
        };
        Err(Error::request(
            format!(
                "`{}` exists already in {}; nothing was written",
                planned.name,
                listed(&planned.present)
            ),
            "leave `--create-only` out to give it a new value",
        ))
    }

    /// Checks that every secret exists in all its Regions.
    ///
    /// The error is the one of a read, [`StoreError::NotFound`], with the first Region that lacks
    /// the secret.
    fn refuse_absent(&self) -> Result<(), Error> {
        let absent = self
            .writes
            .iter()
            .find_map(|planned| Some((planned, planned.absent.first()?)));
        absent.map_or(Ok(()), |(planned, region)| {
            Err(StoreError::NotFound {
                name: planned.name.clone(),
                region: region.clone(),
            }
            .into())
        })
    }
}

fn listed(regions: &[Region]) -> String {
    regions
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The content of one Region, as far as it concerns the names of the writes.
///
/// One read serves all writes of the plan: names are gathered by Region before.
struct RegionContent {
    region: Region,
    before: BTreeMap<ParameterName, PriorState>,
    descriptions: BTreeMap<ParameterName, Description>,
    /// The reason why tiers and keys are not known.
    not_described: Option<StoreError>,
}

impl RegionContent {
    async fn read<S: ParameterStore>(
        store: &S,
        region: Region,
        names: Vec<ParameterName>,
    ) -> Result<Self, StoreError> {
        let before = before(store, &region, &names).await?;
        let present: Vec<ParameterName> = before.keys().cloned().collect();
        let mut content = Self {
            region,
            before,
            descriptions: BTreeMap::new(),
            not_described: None,
        };
        if !present.is_empty() {
            content.describe(store, &present).await?;
        }
        Ok(content)
    }

    /// Adds the descriptions of the parameters that exist.
    ///
    /// Only a denial is tolerated; a Region that cannot be reached would fail the write as well.
    /// Descriptions of fresh parameters may come late, which counts as not described.
    async fn describe<S: ParameterStore>(
        &mut self,
        store: &S,
        names: &[ParameterName],
    ) -> Result<(), StoreError> {
        match store.describe(&self.region, Selection::Names(names)).await {
            Ok(list) => {
                let described = list
                    .into_iter()
                    .map(|description| (description.found.name.clone(), description));
                self.descriptions = described.collect();
                // Descriptions may come late, or not at all: the key of such a parameter is not
                // known.
                if names
                    .iter()
                    .any(|name| !self.descriptions.contains_key(name))
                {
                    self.not_described = Some(StoreError::Unreachable {
                        action: "ssm:DescribeParameters",
                        region: self.region.clone(),
                        why: Unreachable::Unexpected(
                            "nothing is said of a parameter that is there",
                        ),
                    });
                }
                Ok(())
            }
            Err(error @ StoreError::Denied(_)) => {
                self.not_described = Some(error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Returns the present parameters of a Region, with values if the caller may read them.
async fn before<S: ParameterStore>(
    store: &S,
    region: &Region,
    names: &[ParameterName],
) -> Result<BTreeMap<ParameterName, PriorState>, StoreError> {
    let readable = |parameter: Parameter| {
        (
            parameter.found.name.clone(),
            PriorState::Readable(parameter),
        )
    };
    let unreadable = |found: Found| (found.name.clone(), PriorState::Unreadable(found));
    match store.read(region, names).await {
        Ok(parameters) => Ok(parameters.into_iter().map(readable).collect()),
        // A caller who may not decrypt may still be allowed to see the versions.
        Err(StoreError::Denied(denial)) => match store.look_up(region, names).await {
            Ok(found) => Ok(found.into_iter().map(unreadable).collect()),
            Err(_) => Err(StoreError::Denied(denial)),
        },
        Err(error) => Err(error),
    }
}

/// Plans one write against the content of its Regions.
///
/// The key of a write is that of the configuration, else the one that the parameter has: a write
/// without a key would encrypt with the default key of the account. Tags of existing parameters are
/// set after the transaction, since they are no part of a version and need not be undone.
fn plan_write(
    write: SecretWrite,
    contents: &BTreeMap<Region, RegionContent>,
) -> Result<PlannedWrite, StoreError> {
    let SecretWrite {
        desired,
        regions,
        keys,
        added_tags,
        unchanged,
    } = write;
    let place = |region: Region| {
        let content = contents.get(&region);
        let before = content
            .and_then(|content| content.before.get(&desired.name))
            .cloned()
            .unwrap_or(PriorState::Absent);
        let description = content
            .and_then(|content| content.descriptions.get(&desired.name))
            .cloned();
        // Without a key, Parameter Store would take its default one, even for a parameter that has
        // another.
        let own_key = description
            .as_ref()
            .and_then(|description| description.key.as_deref());
        let own_key = own_key.and_then(|key| KmsKey::of_parameter(key).ok());
        let key = keys.get(&region).cloned().or(own_key);
        Destination {
            region,
            before,
            description,
            key,
        }
    };
    let steps = plan(
        &desired,
        regions.into_iter().map(place).collect(),
        unchanged,
    )?;
    let not_described = contents
        .values()
        .find_map(|content| content.not_described.as_ref());
    let regions_of = |is_chosen: fn(&&Step) -> bool| {
        steps
            .iter()
            .filter(is_chosen)
            .map(|step| step.region.clone())
            .collect()
    };
    let present: Vec<Region> = regions_of(|step| step.before != PriorState::Absent);
    let tagged: &[Region] = if added_tags.is_empty() { &[] } else { &present };
    let tags: Vec<_> = tagged
        .iter()
        .map(|region| (region.clone(), added_tags.clone()))
        .collect();
    Ok(PlannedWrite {
        absent: regions_of(|step| step.before == PriorState::Absent),
        overwrites: regions_of(|step| step.put.is_some() && step.before != PriorState::Absent),
        changes: steps.iter().any(|step| step.put.is_some()) || !tags.is_empty(),
        is_unreadable: steps
            .iter()
            .any(|step| matches!(step.before, PriorState::Unreadable(_))),
        text: text(&desired.name, &steps, not_described),
        transaction: Transaction::new(desired.name.clone(), steps),
        name: desired.name,
        present,
        tags,
    })
}

/// Returns the plan of one secret as text, a line for each Region, then the notes.
///
/// ```text
/// /production/web/db-password
///   us-west-2  version 103 -> another value
///   eu-west-1  new (SecureString)
///   note: version 4 in us-west-2 will be deleted: Parameter Store keeps 100 versions
/// ```
fn text(name: &ParameterName, steps: &[Step], not_described: Option<&StoreError>) -> String {
    let mut text = format!("{name}\n");
    let width = steps
        .iter()
        .map(|step| step.region.to_string().len())
        .max()
        .unwrap_or(0);
    for step in steps {
        line!(
            text,
            "  {:width$}  {}",
            step.region.to_string(),
            change(step)
        );
    }
    let pushed_out = steps
        .iter()
        .filter(|step| step.put.is_some() && version(&step.before) >= VERSIONS);
    for step in pushed_out {
        let oldest = version(&step.before) + 1 - VERSIONS;
        line!(
            text,
            "  note: version {oldest} in {} will be deleted: Parameter Store keeps 100 versions",
            step.region
        );
    }
    if steps
        .iter()
        .any(|step| matches!(step.before, PriorState::Unreadable(_)))
    {
        text.push_str(
            "  note: you may not read the present value: nothing is compared, and if a Region fails, those before it keep the new value\n",
        );
    }
    let gets_default_key = |step: &Step| {
        step.put
            .as_ref()
            .is_some_and(|put| put.mode == PutMode::Overwrite && put.key.is_none())
    };
    if let Some(error) = not_described.filter(|_| steps.iter().any(gets_default_key)) {
        line!(
            text,
            "  note: the present key is not known ({error}): it will be encrypted with `alias/aws/ssm`, unless you pass `--key`"
        );
    }
    text
}

fn version(before: &PriorState) -> u64 {
    before.found().map_or(0, |found| found.version)
}

/// Describes the change of one Region: `version 3 -> another value`.
///
/// | present | write | text |
/// | --- | --- | --- |
/// | anything | none | `right already (version 3)` |
/// | nothing | yes | `new (SecureString)` |
/// | the same value | yes | `version 3 -> same value, new version` |
/// | another value, or unreadable | yes | `version 3 -> another value` |
///
/// A key that differs from the present one follows: `, alias/app`.
fn change(step: &Step) -> String {
    let version = version(&step.before);
    let Some(put) = &step.put else {
        return format!("right already (version {version})");
    };
    let own_key = step
        .restore
        .as_ref()
        .and_then(|restore| restore.key.as_ref());
    let key = put
        .key
        .as_ref()
        .filter(|key| Some(*key) != own_key)
        .map(|key| format!(", {key}"))
        .unwrap_or_default();
    match &step.before {
        PriorState::Absent => format!("new ({}{key})", put.kind),
        PriorState::Readable(held) if held.value == put.value => {
            format!("version {version} -> same value, new version{key}")
        }
        _ => format!("version {version} -> another value{key}"),
    }
}
