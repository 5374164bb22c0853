//! What a check has to say beyond the parameters: of roles, of the template, of what is deployed.

use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::{Diagnostic, Severity};

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

    /// Puts rows into the report as JSON, after those that it has under this key.
    pub(crate) fn report(&mut self, key: &str, rows: &[impl serde::Serialize]) -> Result<(), Failure> {
        let list = self.json.entry(key).or_insert_with(|| serde_json::Value::Array(Vec::new()));
        let serde_json::Value::Array(list) = list else { return Ok(()) };
        for row in rows {
            list.push(serde_json::to_value(row).map_err(|error| Failure::Output(error.into()))?);
        }
        Ok(())
    }
}
