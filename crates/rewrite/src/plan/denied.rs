//! What is said of rights that roles lack, or that can't be known.

use std::collections::BTreeMap;

use byref_config::{ExecutionRole, Scheme};
use byref_template::{Diagnostic, Location, Severity};

use super::Planner;
use crate::binding::{Access, RoleReference};
use byref_iam::Verdict;

/// The place of a role's property, the role, the action, and why.
type Reason<'a> = (Location, &'a str, &'a str, &'a str);
/// With what denies it, and the parameters whose defaults count.
type Denial<'a> = (Reason<'a>, Option<Location>, &'a [String]);

impl Planner<'_> {
    /// The role of another template gets nothing from here: what it must be allowed is said, once for each role.
    pub(super) fn warn_of_elsewhere(&mut self, places: &[Location]) {
        if !self.grants_to_roles() {
            return;
        }
        let mut groups: BTreeMap<Location, Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.plan.access.iter().zip(places) {
            let is_written = self.plan.bindings[access.binding].writes_reference();
            if is_written && matches!(access.role, RoleReference::Elsewhere(_)) {
                groups.entry(*place).or_default().push(access);
            }
        }
        let (app, environment) = (&self.request.app.name, &self.request.environment.name);
        let mut found = Vec::new();
        for (place, access) in groups {
            let why = match &access[0].verdict {
                Verdict::Unknown(why) => why.as_str(),
                Verdict::Allowed | Verdict::NotAllowed(_) => "",
            };
            let binding = &self.plan.bindings[access[0].binding];
            let message = format!("cannot tell whether `{}` may read its secrets: {why}", binding.task_definition);
            found.push(Diagnostic::warning("role-elsewhere", message, place).with(binding.line, "asked for here").help(
                format!("attach the policy that `byref iam --app {app} -e {environment}` prints, then set `execution-role = \"external\"` to confirm it"),
            ));
        }
        self.plan.diagnostics.extend(found);
    }

    /// A task that its role can't read for hangs a rollout for hours: one message for each role, action and reason. What
    /// is denied for certain is an error, as no allow of anybody's helps.
    pub(super) fn warn_of_denied(&mut self, places: &[Location]) {
        let is_external = self.request.app.execution_role == ExecutionRole::External;
        let mut groups: BTreeMap<Denial<'_>, Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.plan.access.iter().zip(places) {
            if let (RoleReference::InTemplate(role), Verdict::NotAllowed(why)) = (&access.role, &access.verdict)
                && (access.is_denied_for_certain() || !is_external)
            {
                let key = ((*place, role.as_str(), access.action, why.as_str()), access.denied_by, &*access.by_default);
                groups.entry(key).or_default().push(access);
            }
        }
        let found: Vec<Diagnostic> =
            groups.into_iter().map(|((reason, ..), access)| self.not_allowed(reason, &access)).collect();
        self.plan.diagnostics.extend(found);
    }

    fn not_allowed(&self, (place, role, action, why): Reason<'_>, access: &[&Access]) -> Diagnostic {
        let mut resources: Vec<String> = Vec::new();
        for access in access {
            let binding = &self.plan.bindings[access.binding];
            // As it is referenced, where that is an ARN for every Region.
            let is_written = action == "ssm:GetParameters" && binding.reference.starts_with("arn:");
            let own = if is_written { std::slice::from_ref(&binding.reference) } else { &access.resources };
            for resource in own.iter().map(|resource| format!("`{resource}`")) {
                if !resources.contains(&resource) {
                    resources.push(resource);
                }
            }
        }
        let resources = resources.join(", ");
        let (is_read, is_external) = (
            self.request.scheme == Scheme::Reference || access.iter().any(|access| self.is_written(access)),
            self.request.app.execution_role == ExecutionRole::External,
        );
        let denied_by = access[0].denied_by;
        let severity = if access[0].is_denied_for_certain() && is_read && !is_external {
            Severity::Error
        } else {
            Severity::Warning
        };
        let line = self.plan.bindings[access[0].binding].line;
        let message =
            format!("role `{role}` may not read {}: {why}{}", self.names(access), by_default(&access[0].by_default));
        let diagnostic = Diagnostic::new(severity, "not-allowed", message, place);
        match denied_by {
            None => diagnostic.with(line, "asked for here").help(format!("allow it `{action}` on {resources}")),
            Some(place) if why.contains("boundary") => {
                diagnostic.with(place, "the boundary").with(line, "asked for here").help(format!(
                    "let the permissions boundary allow `{action}` on {resources}: no policy of the role can"
                ))
            }
            Some(place) => diagnostic
                .with(place, "denied here")
                .with(line, "asked for here")
                .help(format!("remove the deny, or except {resources} from it: no allow helps against a deny")),
        }
    }

    /// What the policies of a role leave open, and what holds only with a parameter's default; of references that are new.
    pub(super) fn warn_of_unknown(&mut self, places: &[Location]) {
        if self.request.app.execution_role == ExecutionRole::External {
            return;
        }
        let mut groups: BTreeMap<_, (Location, Vec<&Access>)> = BTreeMap::new();
        for (access, place) in self.plan.access.iter().zip(places) {
            let RoleReference::InTemplate(role) = &access.role else { continue };
            let why = match &access.verdict {
                Verdict::Unknown(why) => why.as_str(),
                Verdict::Allowed if !access.by_default.is_empty() => "",
                Verdict::Allowed | Verdict::NotAllowed(_) => continue,
            };
            if self.is_written(access) {
                // Once for each role, whatever reads with it.
                let key = ((place.source, role.as_str(), access.action, why), &access.by_default, access.is_granted);
                let (first, group) = groups.entry(key).or_insert((*place, Vec::new()));
                *first = (*first).min(*place);
                group.push(access);
            }
        }
        let mut found = Vec::new();
        for (((_, role, action, why), defaults, is_granted), (place, access)) in groups {
            let names = self.names(&access);
            let line = self.plan.bindings[access[0].binding].line;
            let diagnostic = if why.is_empty() {
                let message = format!("role `{role}` may `{action}` for {names}{}", by_default(defaults));
                Diagnostic::note("role-by-default", message, place)
                    .help("where the stack gets another value, allow it there too")
            } else {
                let message = format!("cannot tell whether role `{role}` may `{action}` for {names}: {why}");
                let help = if is_granted {
                    format!("it is granted: make sure that nothing takes `{action}` away again")
                } else {
                    let app = &self.request.app.name;
                    format!(
                        "allow it without that, or acknowledge it with `execution-role = \"external\"` under `[apps.{app}]`"
                    )
                };
                Diagnostic::warning("role-unknown", message, place).help(help)
            };
            found.push(diagnostic.with(line, "asked for here"));
        }
        self.plan.diagnostics.extend(found);
    }

    fn is_written(&self, access: &Access) -> bool {
        self.plan.bindings[access.binding].writes_reference()
    }

    /// The secrets of several rights, each once.
    fn names(&self, access: &[&Access]) -> String {
        let mut names: Vec<String> = Vec::new();
        for access in access {
            let name = format!("`{}`", self.plan.bindings[access.binding].secret);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }
}

/// Said behind a verdict that takes defaults of parameters.
fn by_default(parameters: &[String]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let names: Vec<String> = parameters.iter().map(|name| format!("`{name}`")).collect();
    format!(", only with the default of {}", names.join(", "))
}
