//! What a check has to say beyond the parameters: of roles, of the template, of what is deployed.

use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::{Diagnostic, Severity};

#[cfg(feature = "aws")]
use crate::failure::Failure;

/// Gathered by the checks that were asked for.
#[derive(Default)]
pub(crate) struct Further {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Lines after the report.
    pub(crate) summary: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// What AWS gave no answer to.
    pub(crate) failures: Vec<(Region, StoreError)>,
    /// Further keys of the report as JSON.
    pub(crate) json: serde_json::Map<String, serde_json::Value>,
}

impl Further {
    /// How often something is wrong.
    pub(crate) fn findings(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// Puts rows into the report as JSON.
    #[cfg(feature = "aws")]
    pub(crate) fn report(&mut self, key: &str, rows: &impl serde::Serialize) -> Result<(), Failure> {
        let rows = serde_json::to_value(rows).map_err(|error| Failure::Output(error.into()))?;
        self.json.insert(key.to_owned(), rows);
        Ok(())
    }
}
