//! The execution role of the task definitions that read secrets.
//!
//! Grants belong here: [`Planner::readers`] says which task definition reads which references.

use std::collections::BTreeMap;

use byref_config::Grant;
use byref_template::{Diagnostic, NodeRef, Severity};

use super::Planner;
use crate::container::{Guard, TaskDefinition, branches, is_nothing};

/// Where a task definition says which role reads its secrets.
enum ExecutionRole<'t> {
    /// No `ExecutionRoleArn`.
    Missing,
    /// `ExecutionRoleArn` is `AWS::NoValue` in one branch.
    SometimesMissing(NodeRef<'t>),
    /// There is one.
    Present,
}

impl<'t> ExecutionRole<'t> {
    fn of(task_definition: &TaskDefinition<'t>) -> Self {
        let role = task_definition.properties.and_then(|properties| properties.get("ExecutionRoleArn"));
        let Some(role) = role else { return Self::Missing };
        let alternatives = branches(role, &Guard::default());
        let is_missing = |node: NodeRef<'_>| {
            node.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value) || is_nothing(node)
        };
        let missing = alternatives.iter().filter(|(node, _)| is_missing(*node)).count();
        match missing {
            0 => Self::Present,
            count if count == alternatives.len() => Self::Missing,
            _ => Self::SometimesMissing(role),
        }
    }
}

impl Planner<'_> {
    /// What each task definition reads by reference: indices of bindings, by document and logical id.
    fn readers(&self) -> BTreeMap<(usize, String), Vec<usize>> {
        let mut readers: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
        for (index, binding) in self.plan.bindings.iter().enumerate() {
            if binding.is_by_reference() {
                readers.entry((binding.document, binding.task_definition.clone())).or_default().push(index);
            }
        }
        readers
    }

    /// Containers with secrets need `ExecutionRoleArn`: ECS refuses the task definition otherwise.
    pub(super) fn check_roles(&mut self) {
        let severity = match self.request.grant {
            Grant::Auto => Severity::Error,
            Grant::Never => Severity::Warning,
        };
        for ((document, logical_id), bindings) in self.readers() {
            let survey = self.survey;
            let found = survey
                .task_definitions
                .iter()
                .find(|found| found.document == document && found.logical_id == logical_id);
            let Some(task_definition) = found else { continue };
            let (message, node) = match ExecutionRole::of(task_definition) {
                ExecutionRole::Present => continue,
                ExecutionRole::Missing => (
                    format!("`{logical_id}` has no `ExecutionRoleArn`: without it ECS can't read its secrets"),
                    task_definition.key,
                ),
                ExecutionRole::SometimesMissing(node) => (
                    format!(
                        "`{logical_id}` has no `ExecutionRoleArn` in one branch: without it ECS can't read its secrets"
                    ),
                    node,
                ),
            };
            let place = self.documents[document].place(node);
            let line = self.plan.bindings[bindings[0]].line;
            self.say(
                Diagnostic::new(severity, "no-execution-role", message, place)
                    .with(line, "a secret is asked for here")
                    .help("add a role that trusts `ecs-tasks.amazonaws.com` and may call `ssm:GetParameters` on the parameters; `--grant never` turns this into a warning"),
            );
        }
    }
}
