//! Plans of which only the grants are written, for an update before the references.
//!
//! Source: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`" ("Considerations"): a task
//! definition changes in an update of its own.

use byref_template::Severity;

use super::Planner;
use crate::binding::Outcome;

impl Planner<'_> {
    /// What was said of references concerns a later update, but for what stands in its way.
    pub(super) fn leave_out_references(&mut self) {
        self.plan.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        self.plan.baked_environment = None;
        self.plan.baked_region = None;
        self.plan.standing_references.clear();
    }

    /// What the grants are for happens later.
    pub(super) fn skip_movements(&mut self) {
        for binding in &mut self.plan.bindings {
            if binding.writes_reference() || binding.outcome == Outcome::Deduplicated {
                binding.outcome = Outcome::Skipped { reason: "only grants are written".to_owned() };
            }
        }
    }
}
