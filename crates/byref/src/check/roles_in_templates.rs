//! The rights of roles in an application's templates to read the referenced secrets: judged from
//! the templates alone, with the grants of a rewrite.
//!
//! The plan of a rewrite judges the roles already, so this check makes the same plan and reports
//! its verdicts. It decides nothing on its own: a check that passed and a rewrite that fails would
//! be worse than no check. No request is made.
//!
//! A role of the templates gets the missing rights from the rewrite, so a right that will be
//! granted is no finding. The findings are the rest: a deny that a grant cannot override, a task
//! definition without a role, and a condition that the templates do not decide.

use byref_config::{App, ExecutionRole, Scheme};
use byref_rewrite::{Answers, Plan, Request, RoleReference, Survey, Verdict};
use byref_template::{Diagnostic, Severity};
use serde::Serialize;

use super::{AdditionalChecks, AppToCheck, Check};
use crate::change::Access;
use crate::project::listed;
use crate::render::summary::access;

/// One right of a role. Keys are only ever added.
///
/// The fields of the access are those of a plan's JSON, with `app` beside them, since a check may
/// have several applications.
#[derive(Serialize)]
pub(super) struct Row {
    app: String,
    #[serde(flatten)]
    access: Access,
}

/// Judges the roles of an application's templates. The report calls roles defined outside the
/// templates unknown where IAM is not asked about them.
///
/// An application without templates adds nothing. If errors prevent the rewrite itself, a note
/// points to `byref preview`, which explains them: repeating them here would make one mistake look
/// like two.
pub(super) fn check(
    additional: &mut AdditionalChecks,
    check: &Check<'_>,
    checked: &AppToCheck<'_>,
    is_iam_asked: bool,
) {
    let AppToCheck { app, documents } = checked;
    let Check {
        project,
        environment,
        ..
    } = check;
    if documents.is_empty() {
        return;
    }
    let request = Request::new(project.config(), app, environment);
    let mut plan = Survey::new(request, documents).plan(&Answers::none());
    project.keep_secret(&plan.known, documents);
    // Under the value scheme nothing is read yet.
    let decision = project
        .config()
        .scheme(app, Some(&environment.name), &check.overrides);
    let severity = if decision.scheme == Scheme::Value {
        Severity::Warning
    } else {
        Severity::Error
    };
    for said in &plan.diagnostics {
        match said.code {
            "not-allowed" => {
                // Acknowledged roles get their rights elsewhere, but no right helps against a deny:
                // a warning stays one.
                let is_acknowledged = app.execution_role == ExecutionRole::External;
                let severity = if is_acknowledged {
                    severity.min(said.severity)
                } else {
                    severity
                };
                additional.diagnostics.push(Diagnostic {
                    severity,
                    code: "role-not-allowed",
                    ..said.clone()
                });
            }
            "no-execution-role" => {
                additional.diagnostics.push(Diagnostic {
                    severity: severity.min(said.severity),
                    ..said.clone()
                });
            }
            _ => {}
        }
    }
    additional.diagnostics.extend(unknown(app, &plan, severity));
    let is_of_role = |said: &Diagnostic| matches!(said.code, "no-execution-role" | "not-allowed");
    let stands_in_the_way =
        |said: &Diagnostic| said.severity == Severity::Error && !is_of_role(said);
    if plan.diagnostics.iter().any(stands_in_the_way) {
        additional.notes.push(format!(
            "roles of `{}` are judged only as far as its templates can be rewritten: `byref preview --app {} -e {}` shows what prevents the rewrite",
            app.name, app.name, environment.name
        ));
    }
    let shown = plan
        .access
        .iter()
        .filter(|access| !is_iam_asked || Access::is_in_template(access));
    let rows = shown.map(|access| Row {
        app: app.name.clone(),
        access: Access::new(&plan, access),
    });
    additional.rows.access.get_or_insert_default().extend(rows);
    plan.access.retain(Access::is_in_template);
    additional.summary.extend(
        access(&plan)
            .into_iter()
            .map(|line| format!("{}: {line}", app.name)),
    );
}

/// Role, action, and why it is not known.
///
/// The key by which messages are put together.
type Reason<'p> = (&'p str, &'p str, &'p str);

/// Returns a message for each right that cannot be proven; the same role, action and reason appear
/// once.
///
/// A list and not a map, so that the order is that of the bindings. The place is that of the first
/// one.
fn unknown(app: &App, plan: &Plan, severity: Severity) -> Vec<Diagnostic> {
    let mut groups: Vec<(Reason<'_>, Vec<usize>)> = Vec::new();
    for access in &plan.access {
        let (RoleReference::InTemplate(role), Verdict::Unknown(why)) =
            (&access.role, &access.verdict)
        else {
            continue;
        };
        let key = (role.as_str(), access.action, why.as_str());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, bindings)) => bindings.push(access.binding),
            None => groups.push((key, vec![access.binding])),
        }
    }
    let diagnostic = |((role, action, why), bindings): (Reason<'_>, Vec<usize>)| {
        let mut names: Vec<String> = bindings
            .iter()
            .map(|binding| plan.bindings[*binding].secret.clone())
            .collect();
        names.sort();
        names.dedup();
        let message = format!(
            "cannot tell whether role `{role}` may `{action}` for {}: {why}",
            listed(names)
        );
        let is_acknowledged = app.execution_role == ExecutionRole::External;
        let severity = if is_acknowledged {
            Severity::Note
        } else {
            severity
        };
        let help = format!(
            "allow it without that condition, or acknowledge it with `execution-role = \"external\"` under `[apps.{}]`",
            app.name
        );
        let diagnostic = Diagnostic::new(
            severity,
            "role-unknown",
            message,
            plan.bindings[bindings[0]].location,
        );
        if is_acknowledged {
            diagnostic
        } else {
            diagnostic.help(help)
        }
    };
    groups.into_iter().map(diagnostic).collect()
}
