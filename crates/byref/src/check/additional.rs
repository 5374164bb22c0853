//! Findings of a check beyond the parameters: about roles, templates and deployed stacks.

use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::{Diagnostic, Severity};
use serde::Serialize;

use super::roles_in_templates;
#[cfg(feature = "aws")]
use super::{revision, role, validate};

/// Findings beyond the parameters, gathered by the checks that were asked for.
#[derive(Default)]
pub struct AdditionalChecks {
    /// Messages with their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Lines below the report.
    pub summary: Vec<String>,
    /// Remarks about checks that were left out.
    pub notes: Vec<String>,
    /// Requests that AWS did not answer.
    pub failures: Vec<(Region, StoreError)>,
    pub(super) rows: Rows,
}

/// The findings as data. A key is there where its check has run.
#[derive(Default, Serialize)]
pub(super) struct Rows {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) access: Option<Vec<roles_in_templates::Row>>,
    #[cfg(feature = "aws")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revisions: Option<Vec<revision::Row>>,
    #[cfg(feature = "aws")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) roles: Option<Vec<role::Row>>,
    #[cfg(feature = "aws")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) validation: Option<Vec<validate::Row>>,
}

impl AdditionalChecks {
    /// Returns the number of errors.
    pub fn findings(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count()
    }
}
