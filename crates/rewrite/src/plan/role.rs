//! The roles that read the secrets of containers.

use byref_config::Grant;
use byref_template::{Diagnostic, Severity};

use super::Planner;
use crate::container::Container;

impl Planner<'_> {
    /// The containers that read something by reference, with the indices of their bindings.
    pub(super) fn readers(&self) -> Vec<(usize, Vec<usize>)> {
        let mut readers = Vec::new();
        for (index, container) in self.survey.containers.iter().enumerate() {
            let own = |binding: &crate::binding::Binding| {
                binding.document == container.document && binding.node == container.node.id()
            };
            let bindings = self.plan.bindings.iter().enumerate();
            let read: Vec<usize> = bindings
                .filter(|(_, binding)| own(binding) && binding.is_by_reference())
                .map(|(binding, _)| binding)
                .collect();
            if !read.is_empty() {
                readers.push((index, read));
            }
        }
        readers
    }

    /// Containers with secrets need a role that reads them: ECS refuses the task definition otherwise.
    pub(super) fn check_roles(&mut self) {
        let severity = match self.request.grant {
            Grant::Auto => Severity::Error,
            Grant::Never => Severity::Warning,
        };
        let survey = self.survey;
        for (container, bindings) in self.readers() {
            let container = &survey.containers[container];
            let missing = container.roles.iter().filter(|role| role.is_none()).count();
            if missing == 0 {
                continue;
            }
            let in_one_branch = if missing == container.roles.len() { "" } else { " in one branch" };
            let place = self.documents[container.document].place(container.role_place);
            let line = self.plan.bindings[bindings[0]].line;
            self.say(
                Diagnostic::new(severity, "no-execution-role", no_role(container, in_one_branch), place)
                    .with(line, "a secret is asked for here")
                    .help(format!("add a role that trusts `{}` and may call `ssm:GetParameters` on the parameters; `--grant never` turns this into a warning", container.resource_type.principal())),
            );
        }
    }
}

fn no_role(container: &Container<'_>, in_one_branch: &str) -> String {
    let key = container.resource_type.role_key();
    let service = container.resource_type.service();
    format!(
        "`{}` has no `{key}`{in_one_branch}: without it {service} can't read its secrets",
        container.task_definition
    )
}
