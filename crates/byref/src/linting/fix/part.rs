//! The values to move, by application.

use std::collections::BTreeMap;
use std::path::PathBuf;

use byref_parameter::SecretValue;
use byref_rewrite::Outcome;

use super::FixRequest;
use super::movable::movable;
use crate::deployment::Deployment;
use crate::error::Error;
use crate::linting::report::LintReport;
use crate::project::Project;
use crate::rewritten::Rewritten;

/// The values that can be moved out of the templates of one application.
pub(super) struct Part {
    pub(super) app: String,
    pub(super) templates: Vec<PathBuf>,
    /// The values by the names of their environment variables.
    pub(super) secrets: BTreeMap<String, SecretValue>,
    /// The names that each template gives up.
    names: Vec<Vec<String>>,
}

/// Returns the parts of a report in the order of their first templates, and the number of findings
/// that moving them solves.
///
/// # Errors
///
/// [`Error::Request`] if the application of a template is ambiguous, if one of its names has
/// several values, or if the template came from standard input and cannot be written.
pub(super) fn parts(
    project: &Project,
    report: &LintReport,
    request: FixRequest<'_>,
) -> Result<(Vec<Part>, usize), Error> {
    let mut parts: Vec<Part> = Vec::new();
    let mut fixed = 0;
    for file in &report.files {
        let found = movable(
            &file.text,
            file.findings.iter().map(|located| &located.finding),
        );
        if found.is_empty() {
            continue;
        }
        if file.source.as_os_str() == "-" {
            return Err(Error::request(
                "`--fix` writes templates, and standard input is none",
                "name the file",
            ));
        }
        let app = &project
            .choose_app(request.app, std::slice::from_ref(&file.source))?
            .name;
        let at = parts
            .iter()
            .position(|part| part.app == *app)
            .unwrap_or(parts.len());
        if at == parts.len() {
            parts.push(Part {
                app: app.clone(),
                templates: Vec::new(),
                secrets: BTreeMap::new(),
                names: Vec::new(),
            });
        }
        let part = &mut parts[at];
        fixed += found.len();
        let mut names = Vec::new();
        for (name, value) in found {
            if part.secrets.get(&name).is_some_and(|known| *known != value) {
                return Err(Error::request(
                    format!("`{name}` of `{app}` has several values ({})", file.path),
                    "give them names of their own, or containers in deploy.toml, and move them with `byref secret put`",
                ));
            }
            names.push(name.clone());
            part.secrets.insert(name, value);
        }
        part.templates.push(file.source.clone());
        part.names.push(names);
    }
    Ok((parts, fixed))
}

impl Part {
    /// Checks that a rewrite moves the values, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] with the errors of the rewrite, or if it would write names of one
    /// environment into a template that serves several; [`Error::Request`] if a value stays, or if
    /// another container would get the secret.
    pub(super) fn check(
        &self,
        project: &Project,
        deployment: &Deployment<'_>,
        rewritten: &Rewritten,
    ) -> Result<(), Error> {
        if rewritten.has_errors() {
            return Err(project.mistakes(rewritten.diagnostics.clone()));
        }
        if let Some(refusal) = deployment.source_refusal(&rewritten.plan, "--fix") {
            return Err(project.mistakes(vec![refusal]));
        }
        for (index, names) in self.names.iter().enumerate() {
            for name in names {
                let bindings = rewritten.plan.bindings.iter();
                let outcomes: Vec<&Outcome> = bindings
                    .filter(|binding| binding.document == index && binding.secret == *name)
                    .map(|binding| &binding.outcome)
                    .collect();
                let is_moved = outcomes
                    .iter()
                    .any(|one| matches!(one, Outcome::Moved | Outcome::Deduplicated));
                if !is_moved || outcomes.contains(&&Outcome::Added) {
                    let template = self.templates[index].display();
                    return Err(Error::request(
                        format!(
                            "`{name}` can't be moved in `{template}`: its line names other containers"
                        ),
                        "correct `containers` of the line in deploy.toml, or move it with `byref secret put` and `byref rewrite`",
                    ));
                }
            }
        }
        Ok(())
    }
}
