//! The verdicts as messages and as lines of the summary, each once for all Regions.

use std::collections::BTreeSet;

use byref_config::{App, ExecutionRole, Scheme};
use byref_template::{Diagnostic, Location, Severity};

use super::{Row, Verdict};
use crate::project::listed;

/// Returns the messages, each once for all Regions. Under the value scheme no role reads anything
/// yet, so they are warnings.
///
/// | verdict | reference scheme | value scheme | `execution-role = "external"` |
/// | --- | --- | --- | --- |
/// | not allowed | error | warning | as without it |
/// | unknown | error | warning | note |
///
/// A proven denial stays a finding for an external role too: declaring that its rights are
/// elsewhere does not help if they are not there.
pub(super) fn diagnostics(app: &App, scheme: Scheme, rows: &[(Row, Location)]) -> Vec<Diagnostic> {
    let mut groups: Vec<(&Row, Location, Vec<&str>)> = Vec::new();
    for (row, location) in rows
        .iter()
        .filter(|(row, _)| row.verdict != Verdict::Allowed)
    {
        let kind = std::mem::discriminant(&row.verdict);
        let same = groups.iter_mut().find(|(other, place, _)| {
            place == location
                && other.action == row.action
                && std::mem::discriminant(&other.verdict) == kind
                && other.role == row.role
        });
        match same {
            Some((_, _, regions)) => regions.push(&row.region),
            None => groups.push((row, *location, vec![&row.region])),
        }
    }
    let mut found = Vec::new();
    for (row, location, regions) in groups {
        let role = row.role.as_ref().map_or_else(
            || format!("the execution role of `{}`", row.task_definition),
            |role| format!("`{role}`, the execution role of `{}`,", row.task_definition),
        );
        let (action, regions) = (
            row.action.unwrap_or("ssm:GetParameters"),
            regions.join(", "),
        );
        let by_scheme = if scheme == Scheme::Value {
            Severity::Warning
        } else {
            Severity::Error
        };
        found.push(match &row.verdict {
            Verdict::Allowed => continue,
            Verdict::NotAllowed { resources, why } => {
                let message = format!("{role} may not `{action}` in {regions}: {why}");
                Diagnostic::new(by_scheme, "role-not-allowed", message, location)
                    .help(format!("allow it `{action}` on {}", listed(resources.iter().cloned())))
            }
            Verdict::Unknown { why, help } => {
                let severity = if app.execution_role == ExecutionRole::External { Severity::Note } else { by_scheme };
                let message = format!("whether {role} may `{action}` in {regions} is not known: {why}");
                let help = match severity {
                    Severity::Note => help.clone(),
                    _ => format!(
                        "{help}; or acknowledge it with `execution-role = \"external\"` under `[apps.{}]`",
                        app.name
                    ),
                };
                Diagnostic::new(severity, "role-unknown", message, location).help(help)
            }
        });
    }
    found
}

/// `role … is allowed to read its secrets in … by its identity policies`
///
/// A role with any other verdict is left out: its messages have the details.
pub(super) fn summary(rows: &[(Row, Location)]) -> Vec<String> {
    let roles: BTreeSet<&String> = rows
        .iter()
        .filter_map(|(row, _)| row.role.as_ref())
        .collect();
    let is_allowed = |role: &&String| {
        let mut own = rows
            .iter()
            .filter(|(row, _)| row.role.as_ref() == Some(*role));
        own.all(|(row, _)| row.verdict == Verdict::Allowed)
    };
    let line = |role: &String| {
        let own = rows
            .iter()
            .filter(|(row, _)| row.role.as_ref() == Some(role));
        let regions: BTreeSet<&str> = own.map(|(row, _)| row.region.as_str()).collect();
        let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
        format!(
            "{role} may read its secrets in {regions}: allowed by identity policies, key policy not evaluated"
        )
    };
    roles.into_iter().filter(is_allowed).map(line).collect()
}
