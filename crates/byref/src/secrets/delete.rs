//! The deletion of a secret with all its versions, in all its Regions.
//!
//! A deletion is no transaction, unlike a write: Parameter Store deletes the history with the
//! parameter, so a Region cannot get its versions back. The best that is left is to delete
//! everywhere, to report each Region, and to make another run safe.
//!
//! Parameter Store deletes a parameter although templates and running tasks refer to it. The plan
//! names the lines of the configuration that refer to the parameter; a deployed stack may have
//! others.

use byref_parameter::{ParameterName, Region};
use byref_store::transaction::{Cause, Deletion, RegionReport, RegionState, Report, delete};
use byref_store::{ParameterStore, StoreError};
use futures_util::future::join_all;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::target::{Target, Targets};
use super::write::region_views;
use super::{Explanation, WriteOutcome, serialized};
use crate::error::Error;
use crate::render::escape::line;

/// The plan of a deletion: the Regions that hold the secret, and the secret lines that refer to it.
///
/// Its JSON has the Regions as a map: `{"us-west-2": 3, "eu-west-1": null}`.
#[derive(Clone, Debug, Serialize)]
pub struct DeletionPlan {
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// Each Region with its newest version; `None` if it does not hold the secret. In the order of
    /// the Regions.
    #[serde(serialize_with = "versions")]
    pub regions: Vec<(Region, Option<u64>)>,
    /// The secret lines that refer to the parameter in the environment: `` `DB_PASSWORD` of web
    /// (deploy.toml:12:1) ``.
    pub users: Vec<String>,
}

fn versions<S: Serializer>(
    regions: &[(Region, Option<u64>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        regions
            .iter()
            .map(|(region, version)| (region.to_string(), version)),
    )
}

/// The report of a deletion: the state of every Region that held the secret.
///
/// Serialises as `name`, `outcome` and `regions`, as a [`WriteReport`](super::WriteReport) does.
#[derive(Clone, Debug)]
pub struct DeletionReport(Report);

impl DeletionPlan {
    /// Looks the secret up in all its Regions at once.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if any Region cannot be asked.
    pub async fn new<S: ParameterStore>(
        store: &S,
        targets: &Targets<'_>,
        target: Target,
    ) -> Result<Self, Error> {
        let asked = target
            .regions
            .iter()
            .map(|region| store.look_up(region, std::slice::from_ref(&target.name)));
        let found = join_all(asked)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, StoreError>>()?;
        let versions = found
            .into_iter()
            .map(|found| found.first().map(|found| found.version));
        let sources = targets.project().sources();
        let users = targets.lines_of(&target.name).into_iter();
        let users = users.map(|(app, line)| {
            format!(
                "`{}` of {} ({})",
                line.name,
                app.name,
                sources.position(line.name_location)
            )
        });
        Ok(Self {
            users: users.collect(),
            regions: target.regions.into_iter().zip(versions).collect(),
            name: target.name,
        })
    }

    /// Returns `true` if no Region holds the secret.
    pub fn is_empty(&self) -> bool {
        self.regions.iter().all(|(_, version)| version.is_none())
    }

    /// Returns the plan as text, one line for each Region.
    pub fn text(&self) -> String {
        let mut text = format!("delete {}, with all its versions\n", self.name);
        for (region, version) in &self.regions {
            match version {
                Some(version) => line!(text, "  {region}  version {version}"),
                None => line!(text, "  {region}  not there"),
            }
        }
        text
    }

    /// Deletes the secret in one Region after the other. A deletion cannot be undone: the history
    /// is deleted as well, so a failure in one Region does not stop the others, and another run
    /// finishes the rest.
    ///
    /// `is_interrupted` is asked before each Region.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store cannot make the deletion last. A failed deletion is a report,
    /// not an error.
    ///
    /// Regions that did not hold the secret when the plan was made are left alone.
    pub async fn carry_out<S: ParameterStore>(
        self,
        store: &S,
        is_interrupted: impl Fn() -> bool,
    ) -> Result<DeletionReport, Error> {
        let present = self
            .regions
            .into_iter()
            .filter(|(_, version)| version.is_some());
        let deletion = Deletion {
            name: self.name,
            regions: present.map(|(region, _)| region).collect(),
        };
        let report = delete(store, &deletion, is_interrupted).await;
        store.finish().await?;
        Ok(DeletionReport(report))
    }
}

impl DeletionReport {
    /// Returns the state of every Region, as the deletion left it.
    pub fn report(&self) -> &Report {
        &self.0
    }

    /// Returns how the deletion ended.
    ///
    /// Complete also where a Region did not hold the secret before: there was nothing to delete.
    pub fn outcome(&self) -> WriteOutcome {
        match self.0.cause {
            None => WriteOutcome::Complete,
            Some(Cause::Interrupted) => WriteOutcome::Interrupted,
            Some(Cause::Overtaken { .. }) => WriteOutcome::Overtaken,
            Some(Cause::Unconfirmed { .. } | Cause::Failed { .. }) => WriteOutcome::Failed,
        }
    }

    /// Returns the report in one line: `/a/b: us-west-2 deleted, us-east-1 still there`.
    pub fn text(&self) -> String {
        let of = |region: &RegionReport| format!("{} {}", region.region, state(region));
        format!(
            "{}: {}",
            self.0.name,
            self.0.regions.iter().map(of).collect::<Vec<_>>().join(", ")
        )
    }

    /// Returns the reason why a deletion did not complete, the states of the Regions, and the
    /// advice; `None` for a complete one.
    pub fn explanation(&self) -> Option<Explanation> {
        let name = &self.0.name;
        let (message, help) = match self.0.cause.as_ref()? {
            Cause::Interrupted => (
                "stopped".to_owned(),
                "run the same command again to finish".to_owned(),
            ),
            Cause::Overtaken { region } => (
                format!("another process wrote `{name}` in {region} while it was deleted"),
                "run the same command again if it shall be deleted all the same".to_owned(),
            ),
            Cause::Unconfirmed { region, error } => (
                format!("`{name}` was deleted, but {region} can't be looked at again: {error}"),
                format!("{}; then run the same command again", error.help()),
            ),
            Cause::Failed { region, error } => (
                format!("`{name}` can't be deleted in {region}: {error}"),
                format!(
                    "{}; then run the same command again to finish",
                    error.help()
                ),
            ),
        };
        Some(Explanation {
            message,
            lines: vec![self.text()],
            help,
        })
    }
}

fn state(region: &RegionReport) -> String {
    match (&region.state, &region.unconfirmed) {
        (RegionState::Deleted, None) => "deleted".to_owned(),
        (RegionState::Deleted, Some(error)) => format!("deleted, not looked at again: {error}"),
        (RegionState::Unknown(error), _) => format!("still there, or deleted: {error}"),
        (RegionState::OverwrittenElsewhere { version }, _) => {
            format!("written again by another process (version {version})")
        }
        _ => "still there".to_owned(),
    }
}

impl Serialize for DeletionReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("DeletionReport", 3)?;
        fields.serialize_field("name", self.0.name.as_str())?;
        fields.serialize_field("outcome", &self.outcome())?;
        fields.serialize_field("regions", &region_views(&self.0))?;
        fields.end()
    }
}
