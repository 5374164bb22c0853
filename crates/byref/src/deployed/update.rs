//! Messages about the update of stacks to a rewrite.

use byref_parameter::SecretValue;
use byref_rewrite::Document;
use byref_template::Diagnostic;

use super::{StackNow, downgrades, mixed_update, values};
use crate::deployment::Deployment;
use crate::project::Project;
use crate::rewritten::Rewritten;

/// Returns errors and warnings about updating stacks to a rewrite without errors: references that
/// would become values again, an error unless the deployment asks for that, and updates that
/// `CodeDeploy` does not take. The same message about several Regions appears once.
///
/// The values that the stacks have for secret lines are hidden in the project's reports from then
/// on.
///
/// A stack that is the same in several Regions is compared once, by its text. The places of the
/// messages are in the configuration and in the stack's template, so the project's sources need
/// both.
///
/// The messages come after a rewrite and before its files are written: an error among them is the
/// last chance to stop a deploy that would bring plaintext back.
pub fn update_messages(
    project: &Project,
    deployment: &Deployment<'_>,
    documents: &[Document],
    rewritten: &Rewritten,
    stacks: &[StackNow],
) -> Vec<Diagnostic> {
    let lines = deployment
        .app()
        .secrets(Some(&deployment.environment().name));
    let now: Vec<(usize, &Document)> = stacks.iter().filter_map(StackNow::document).collect();
    let deployed: Vec<SecretValue> = now
        .iter()
        .flat_map(|(_, stack)| values(stack, &lines))
        .collect();
    let known = rewritten
        .plan
        .known
        .joined(deployed.iter().map(SecretValue::expose));
    project.redactions().keep_secret(&known);
    let mut found = Vec::new();
    let mut compared: Vec<(usize, &str)> = Vec::new();
    for (index, stack) in now {
        let key = (index, stack.template.text().as_ref());
        if !compared.contains(&key) {
            let next = Document {
                template: rewritten.outputs[index].clone(),
                ..documents[index].clone()
            };
            found.extend(mixed_update(stack, &next));
            found.extend(downgrades(
                stack,
                &[next],
                &lines,
                deployment.turns_references_into_values(),
            ));
            compared.push(key);
        }
    }
    for diagnostic in &mut found {
        known.mask(diagnostic);
    }
    found
}
