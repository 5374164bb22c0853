//! The transactions of a plan, and their reports.

use byref_parameter::{ParameterName, Region};
use byref_store::transaction::{Cause, Report, Verdict, run};
use byref_store::{ParameterStore, StoreError};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::plan::WritePlan;
use super::region_views;
use crate::error::Error;

/// The end of the write of one secret.
///
/// Only the first means success. After the others [`WriteReport::explanation`] has the reason, the
/// state of each Region and the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteOutcome {
    /// Every Region holds the new value.
    Complete,
    /// The caller interrupted it.
    Interrupted,
    /// The store refused a request or could not be reached.
    Failed,
    /// Another process wrote the same secret at the same time.
    Overtaken,
}

/// The report of the write of one secret: the state of every Region.
///
/// Serialises as `name`, `outcome`, `regions` (each with `region`, `state`, `version`, `error`) and
/// `untagged`.
#[derive(Clone, Debug)]
pub struct WriteReport {
    pub(super) report: Report,
    pub(super) environment: String,
    pub(super) is_unreadable: bool,
    untagged: Vec<(Region, StoreError)>,
}

impl WriteReport {
    /// Returns the name of the parameter.
    pub fn name(&self) -> &ParameterName {
        &self.report.name
    }

    /// Returns the state of every Region, as the transaction left it.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the Regions whose tags could not be set, each with the reason. The values are
    /// written nevertheless.
    pub fn untagged(&self) -> &[(Region, StoreError)] {
        &self.untagged
    }

    /// Returns how the write ended.
    pub fn outcome(&self) -> WriteOutcome {
        match &self.report.cause {
            _ if self.report.verdict() == Verdict::Complete => WriteOutcome::Complete,
            Some(
                Cause::Failed {
                    error: StoreError::AlreadyExists { .. },
                    ..
                }
                | Cause::Overtaken { .. },
            ) => WriteOutcome::Overtaken,
            Some(Cause::Failed { .. } | Cause::Unconfirmed { .. }) => WriteOutcome::Failed,
            Some(Cause::Interrupted) | None => WriteOutcome::Interrupted,
        }
    }
}

impl Serialize for WriteReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let untagged: Vec<String> = self
            .untagged
            .iter()
            .map(|(region, _)| region.to_string())
            .collect();
        let mut fields = serializer.serialize_struct("WriteReport", 4)?;
        fields.serialize_field("name", self.name().as_str())?;
        fields.serialize_field("outcome", &self.outcome())?;
        fields.serialize_field("regions", &region_views(&self.report))?;
        fields.serialize_field("untagged", &untagged)?;
        fields.end()
    }
}

impl WritePlan {
    /// Writes one secret after the other, each to all its Regions or to none, and stops at the
    /// first that does not complete. Another run of the same requests finds the completed ones up
    /// to date.
    ///
    /// `is_interrupted` is asked before each Region; `true` makes the transaction restore the
    /// Regions that it wrote. `observe` receives each report when its secret is done. `environment`
    /// is the name of the environment, for the commands that a report advises.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store cannot make the writes last ([`ParameterStore::finish`]). A
    /// failed write is a report, not an error: the last one of the list.
    pub async fn carry_out<S: ParameterStore>(
        self,
        store: &S,
        environment: &str,
        is_interrupted: impl Fn() -> bool,
        mut observe: impl FnMut(&WriteReport),
    ) -> Result<Vec<WriteReport>, Error> {
        let mut reports = Vec::new();
        for mut planned in self.writes {
            let report = run(store, &mut planned.transaction, &is_interrupted).await;
            let is_complete = report.verdict() == Verdict::Complete;
            let environment = environment.to_owned();
            let is_unreadable = planned.is_unreadable;
            let mut report = WriteReport {
                report,
                environment,
                is_unreadable,
                untagged: Vec::new(),
            };
            if is_complete {
                for (region, tags) in planned.tags {
                    if let Err(error) = store.tag(&region, report.name(), &tags).await {
                        report.untagged.push((region, error));
                    }
                }
            }
            observe(&report);
            reports.push(report);
            if !is_complete {
                break;
            }
        }
        store.finish().await?;
        Ok(reports)
    }
}
