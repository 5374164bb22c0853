//! Messages about rights that roles lack, or that byref can't judge.
//!
//! A task whose role can't read its secrets does not fail the stack update: ECS starts it over and
//! over, for up to three hours. So byref reports before the deploy what it knows from the
//! templates. Messages are grouped, one for each role, action and reason, with all secrets that
//! they concern.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::{ExecutionRole, Scheme};
use byref_template::{Diagnostic, Location, Severity};

use super::inventory::Inventory;
use crate::binding::{Access, Binding, Denial, RoleReference};
use byref_iam::Verdict;

/// The place of a role's property, the role, the action, and the reason.
type Reason<'a> = (Location, &'a str, &'a str, &'a str);
/// A reason with the place of a deny and the parameters whose defaults the verdict relies on:
/// messages are grouped by all of it.
type DenialKey<'a> = (Reason<'a>, Option<Denial>, &'a [String]);

/// The input of the phase: the verdicts on the roles of all bindings.
pub(super) struct AccessReport<'p> {
    pub(super) inventory: &'p Inventory<'p>,
    pub(super) bindings: &'p [Binding],
    pub(super) access: &'p [Access],
    /// For each of `access` the place of the property that names the role.
    pub(super) places: &'p [Location],
}

impl AccessReport<'_> {
    /// Returns the messages about rights that are denied, unknown, or managed elsewhere. Rights
    /// that hold, and rights that the plan grants, have none.
    pub(super) fn messages(&self) -> Vec<Diagnostic> {
        [self.denied(), self.unknown(), self.elsewhere()].concat()
    }

    /// Warns, once for each place, of new references that a role from outside the templates must be
    /// allowed to read. byref can't grant it anything.
    fn elsewhere(&self) -> Vec<Diagnostic> {
        if !self.inventory.grants_to_roles() {
            return Vec::new();
        }
        let mut groups: BTreeMap<Location, Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.access.iter().zip(self.places) {
            let is_written = self.bindings[access.binding].writes_reference();
            if is_written && matches!(access.role, RoleReference::Elsewhere(_)) {
                groups.entry(*place).or_default().push(access);
            }
        }
        let (app, environment) = (
            &self.inventory.request.app.name,
            &self.inventory.request.environment.name,
        );
        let mut found = Vec::new();
        for (place, access) in groups {
            let why = match &access[0].verdict {
                Verdict::Unknown(why) => why.as_str(),
                Verdict::Allowed | Verdict::NotAllowed(_) => "",
            };
            let binding = &self.bindings[access[0].binding];
            let message = format!(
                "cannot tell whether `{}` may read its secrets: {why}",
                binding.task_definition
            );
            found.push(Diagnostic::warning("role-elsewhere", message, place).with(binding.line, "asked for here").help(
                format!("attach the policy that `byref iam --app {app} -e {environment}` prints, then set `execution-role = \"external\"` to confirm it"),
            ));
        }
        found
    }

    /// Reports rights that a role does not have.
    ///
    /// A right that is denied for certain is an error, since no grant helps against a deny; the
    /// rest are warnings, which an application with an external role does not get.
    fn denied(&self) -> Vec<Diagnostic> {
        let is_external = self.inventory.request.app.execution_role == ExecutionRole::External;
        let mut groups: BTreeMap<DenialKey<'_>, Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.access.iter().zip(self.places) {
            if let (RoleReference::InTemplate(role), Verdict::NotAllowed(why)) =
                (&access.role, &access.verdict)
                && (access.is_denied_for_certain() || !is_external)
            {
                let key = (
                    (*place, role.as_str(), access.action, why.as_str()),
                    access.denied_by,
                    &*access.by_default,
                );
                groups.entry(key).or_default().push(access);
            }
        }
        groups
            .into_iter()
            .map(|((reason, ..), access)| self.not_allowed(reason, &access))
            .collect()
    }

    /// Returns the message about one group of rights, with the resources to allow and the place of
    /// the deny, if there is one.
    ///
    /// It is an error only if the plan brings references that the role is to read, and if the role
    /// is not managed elsewhere.
    fn not_allowed(
        &self,
        (place, role, action, why): Reason<'_>,
        access: &[&Access],
    ) -> Diagnostic {
        let resources = self.resources(action, access);
        let (is_read, is_external) = (
            self.inventory.request.scheme == Scheme::Reference
                || access.iter().any(|access| self.is_written(access)),
            self.inventory.request.app.execution_role == ExecutionRole::External,
        );
        let denied_by = access[0].denied_by;
        let severity = if access[0].is_denied_for_certain() && is_read && !is_external {
            Severity::Error
        } else {
            Severity::Warning
        };
        let line = self.bindings[access[0].binding].line;
        let message = format!(
            "role `{role}` may not read {}: {why}{}",
            self.names(access),
            by_default(&access[0].by_default)
        );
        let diagnostic = self.about_all(
            Diagnostic::new(severity, "not-allowed", message, place),
            access,
        );
        match denied_by {
            None => diagnostic.with(line, "asked for here").help(format!("allow it `{action}` on {resources}")),
            Some(Denial::Boundary(place)) => diagnostic.with(place, "the boundary").with(line, "asked for here").help(
                format!("let the permissions boundary allow `{action}` on {resources}: no policy of the role can"),
            ),
            Some(Denial::Statement(place)) => diagnostic
                .with(place, "denied here")
                .with(line, "asked for here")
                .help(format!("remove the deny, or except {resources} from it: no allow helps against a deny")),
        }
    }

    /// Reports new references whose rights depend on something that the templates do not decide,
    /// and those that hold only with the default of a parameter. Existing references have worked so
    /// far, and are not reported.
    fn unknown(&self) -> Vec<Diagnostic> {
        if self.inventory.request.app.execution_role == ExecutionRole::External {
            return Vec::new();
        }
        let mut groups: BTreeMap<_, (Location, Vec<&Access>)> = BTreeMap::new();
        for (access, place) in self.access.iter().zip(self.places) {
            let RoleReference::InTemplate(role) = &access.role else {
                continue;
            };
            let why = match &access.verdict {
                Verdict::Unknown(why) => why.as_str(),
                Verdict::Allowed if !access.by_default.is_empty() => "",
                Verdict::Allowed | Verdict::NotAllowed(_) => continue,
            };
            if self.is_written(access) {
                // Once for each role, whatever reads with it.
                let key = (
                    (place.source, role.as_str(), access.action, why),
                    &access.by_default,
                    access.is_granted,
                );
                let (first, group) = groups.entry(key).or_insert((*place, Vec::new()));
                *first = (*first).min(*place);
                group.push(access);
            }
        }
        let mut found = Vec::new();
        for (((_, role, action, why), defaults, is_granted), (place, access)) in groups {
            let names = self.names(&access);
            let line = self.bindings[access[0].binding].line;
            let diagnostic = if why.is_empty() {
                let message = format!(
                    "role `{role}` may `{action}` for {names}{}",
                    by_default(defaults)
                );
                Diagnostic::note("role-by-default", message, place)
                    .help("where the stack gets another value, allow it there too")
            } else {
                let message =
                    format!("cannot tell whether role `{role}` may `{action}` for {names}: {why}");
                Diagnostic::warning("role-unknown", message, place)
                    .help(self.unknown_help(action, is_granted))
            };
            found.push(
                self.about_all(diagnostic, &access)
                    .with(line, "asked for here"),
            );
        }
        found
    }

    /// Returns the advice for a right that byref can't judge.
    fn unknown_help(&self, action: &str, is_granted: bool) -> String {
        if is_granted {
            return format!("it is granted: make sure that nothing takes `{action}` away again");
        }
        let app = &self.inventory.request.app.name;
        format!(
            "allow it without that, or acknowledge it with `execution-role = \"external\"` under `[apps.{app}]`"
        )
    }

    /// Returns whether the plan writes the reference of a verdict.
    fn is_written(&self, access: &Access) -> bool {
        self.bindings[access.binding].writes_reference()
    }

    /// Marks a message as one about the secrets of several rights.
    fn about_all(&self, diagnostic: Diagnostic, access: &[&Access]) -> Diagnostic {
        let secrets = access
            .iter()
            .map(|access| &self.bindings[access.binding].secret);
        secrets.fold(diagnostic, Diagnostic::about)
    }

    /// Returns the secrets of several rights, each once.
    fn names(&self, access: &[&Access]) -> String {
        let names = access
            .iter()
            .map(|access| self.bindings[access.binding].secret.as_str());
        quoted_once(names)
    }

    /// Returns the resources of several rights, each once. A parameter is named by the ARN that the
    /// template carries, if that holds in every Region.
    fn resources(&self, action: &str, access: &[&Access]) -> String {
        let resources = access.iter().flat_map(|access| {
            let binding = &self.bindings[access.binding];
            let is_written = action == "ssm:GetParameters" && binding.reference.starts_with("arn:");
            if is_written {
                std::slice::from_ref(&binding.reference)
            } else {
                &access.resources
            }
        });
        quoted_once(resources.map(String::as_str))
    }
}

/// Lists texts in back-ticks, in order and each once.
fn quoted_once<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut seen = BTreeSet::new();
    let new: Vec<String> = texts
        .filter(|text| seen.insert(*text))
        .map(|text| format!("`{text}`"))
        .collect();
    new.join(", ")
}

/// Returns the end of a message about a verdict that relies on defaults of parameters.
fn by_default(parameters: &[String]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let names: Vec<String> = parameters.iter().map(|name| format!("`{name}`")).collect();
    format!(", only with the default of {}", names.join(", "))
}
