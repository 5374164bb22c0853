//! What is known to be secret in a run, and the masks over it in what the plan says.

use std::collections::BTreeSet;

use byref_cloudformation::{DYNAMIC_REFERENCE, Facts, has_no_echo, literal, sub_text};
use byref_lint::KnownValues;

use super::Planner;
use super::replaced::written_values;
use crate::binding::Outcome;
use byref_iam::Verdict;

impl Planner<'_> {
    /// Learns the values of the run's secrets, and masks the names in the plan's texts that hold one. Also of a plan that
    /// fails: what stands in its way has names of templates in it, too.
    pub(super) fn mask_known_values(&mut self) {
        let known = self.known_values();
        for diagnostic in &mut self.plan.diagnostics {
            known.mask(diagnostic);
        }
        for access in &mut self.plan.access {
            if let Verdict::NotAllowed(why) | Verdict::Unknown(why) = &mut access.verdict {
                *why = known.masked(why);
            }
        }
        for binding in &mut self.plan.bindings {
            if let Outcome::Skipped { reason } = &mut binding.outcome {
                *reason = known.masked(reason);
            }
        }
        self.plan.known = known;
    }

    /// What the templates have for declared names and in parameters with `NoEcho`, and what the store gave.
    fn known_values(&self) -> KnownValues {
        let lines = self.request.app.secrets(Some(&self.request.environment.name));
        let declared: BTreeSet<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        let mut values: BTreeSet<String> = self.removed_values.iter().map(|removed| removed.text.clone()).collect();
        for parameter in self.survey.declarations.iter().flat_map(|declarations| declarations.parameters.values()) {
            if has_no_echo(*parameter) {
                values.extend(parameter.get("Default").and_then(literal));
            }
        }
        let facts: Vec<Facts<'_>> = self.documents.iter().map(|document| Facts::of(&document.template)).collect();
        for container in &self.survey.containers {
            let is_declared = |name: &String| declared.contains(name.as_str());
            let pairs = container.environment.pairs.iter();
            let pairs = pairs.filter(|pair| pair.name.iter().chain(&pair.possible_names).any(is_declared));
            let options = container.logs.iter().filter_map(|log| log.options).flat_map(|log| log.value.entries());
            let options = options.filter(|entry| entry.key.text().is_some_and(|key| is_option(&lines, &key)));
            for entry in pairs.filter_map(|pair| pair.value).chain(options) {
                let (facts, declarations) = (&facts[container.document], &self.survey.declarations[container.document]);
                let written = written_values(entry.value, facts, declarations);
                values.extend(written.into_iter().map(|written| written.text));
                // A computed value holds secrets in parts: the password of a URL. Its holes are in no text.
                let call = entry.value.intrinsic().filter(|call| call.name == "Sub");
                let text = call.and_then(|call| sub_text(call.argument));
                values.extend(text.map(|text| text.replace("${", "\0{")));
            }
        }
        values.retain(|value| !value.contains(DYNAMIC_REFERENCE));
        let stored = self.answers.values().map(byref_parameter::SecretValue::expose);
        KnownValues::new(values.iter().map(String::as_str).chain(stored))
    }
}

/// Whether one of the secret lines is about an option of a log driver.
fn is_option(lines: &[&byref_config::SecretLine], key: &str) -> bool {
    lines.iter().any(|line| line.log_option.as_deref() == Some(key))
}
