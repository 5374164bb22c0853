//! Findings of a check beyond the parameters: about roles, templates and deployed stacks.
//!
//! Each check adds to one shared [`AdditionalChecks`] instead of returning a value of its own: the
//! order of the calls is the order of the report, and a check that fails half-way keeps the
//! findings that it has already.
//!
//! | code | from | severity |
//! | --- | --- | --- |
//! | `role-not-allowed` | templates, IAM | error; warning under the value scheme |
//! | `role-unknown` | templates, IAM | as above; note for a role that is declared external |
//! | `no-execution-role` | templates | error; warning under the value scheme |
//! | `plaintext-revision` | ECS | warning |
//! | `invalid-template` | CloudFormation | error |

use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::{Diagnostic, Severity};
use serde::Serialize;

use super::roles_in_templates;
#[cfg(feature = "aws")]
use super::{revision, role, validate};

/// Findings beyond the parameters, gathered by the checks that were asked for.
///
/// The default has run no check: its JSON has no key for any of them, where a check that ran and
/// found nothing has an empty list.
///
/// ```
/// use byref::check::AdditionalChecks;
/// use byref::template::{Diagnostic, Location, Severity, Sources, Span};
///
/// let mut sources = Sources::new();
/// let source = sources.add("web.yaml", "Resources: {}\n");
/// let location = Location { source, span: Span::new(0, 9) };
/// let found = |severity| Diagnostic::new(severity, "role-unknown", "not known", location);
///
/// let mut additional = AdditionalChecks::default();
/// additional.diagnostics.extend([found(Severity::Warning), found(Severity::Error)]);
/// assert_eq!(additional.findings(), 1); // a warning is shown, and does not fail the check
/// ```
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
    ///
    /// Warnings and notes don't count, and neither do [`AdditionalChecks::failures`]: the report
    /// counts those apart.
    pub fn findings(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count()
    }
}
