//! A fix: plaintext values in the environments of containers become stored secrets, lines of
//! `deploy.toml` and references.
//!
//! All templates are one plan, and the rewrite of each is proven before anything is written. Then
//! the store comes first: a reference to a missing secret would break the next deploy. The
//! configuration and the templates follow as one transaction; if one of these files cannot be
//! written, all keep their old texts.

mod movable;
mod part;
mod replace;

use std::collections::BTreeMap;
use std::path::PathBuf;

use byref_config::{
    Reference, Scheme, SecretLine, derived_key, toml_key, toml_string, with_secret_lines,
};
use byref_files::Transaction;
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_rewrite::{Answers, Document};
use byref_template::Diagnostic;

use self::part::{Part, parts};
use self::replace::{Replacement, prepare};
use super::files::shown_path;
use super::report::LintReport;
use crate::deployment::Deployment;
use crate::error::Error;
use crate::project::{Project, choose_regions};
use crate::render::diff::{Colors, masked_diff};
use crate::render::escape::line;
use crate::rewritten::Rewritten;
use crate::secret::Secret;

/// The choices of a [`Fix`].
#[derive(Clone, Copy, Debug, Default)]
pub struct FixRequest<'f> {
    /// The application; by default the one that lists the template, or the only one.
    pub app: Option<&'f str>,
    /// The environment whose store gets the values; by default the only one.
    pub environment: Option<&'f str>,
    /// The Regions that get the values; all Regions of the environment if there are none.
    pub regions: &'f [String],
}

/// A value that a fix moves, and the parameter that gets it.
#[derive(Clone, Debug)]
pub struct FixedSecret {
    /// The application.
    pub app: String,
    /// The secret line, with the name of the environment variable.
    pub line: SecretLine,
    /// The parameter that the reference will name.
    pub parameter: ParameterName,
    /// The Regions in which it must be stored.
    pub regions: Vec<Region>,
    /// The value.
    pub value: SecretValue,
}

/// A plan that moves the plaintext values of a lint report out of templates.
///
/// Carrying it out takes three steps in this order, so that no deploy sees a reference to a missing
/// parameter:
///
/// 1. [`Fix::prepare`] writes the new files beside the old ones, and fails if one of them cannot be
///    replaced.
/// 2. The caller stores [`Fix::secrets`].
/// 3. [`Transaction::commit`] replaces the configuration and the templates, all or none.
///
/// ```no_run
/// use std::path::{Path, PathBuf};
///
/// use byref::linting::{Fix, FixRequest, LintFiles, LintRun};
/// use byref::{Error, Project};
///
/// # fn store(secret: &byref::linting::FixedSecret) -> Result<(), Error> { Ok(()) }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let project = Project::load(Path::new("deploy.toml"))?;
/// let files = LintFiles::find(&[PathBuf::from("stacks")]);
/// let report = LintRun::new("2026-12-01").project(&project)?.files(&files);
///
/// let fix = Fix::plan(&project, &report, FixRequest::default())?;
/// println!("{}", fix.preview());
/// let files = fix.prepare()?;
/// for secret in fix.secrets() {
///     store(secret)?;
/// }
/// files.commit().map_err(|error| Error::from(error.cause))?;
/// # Ok(())
/// # }
/// ```
pub struct Fix {
    fixed: usize,
    left: usize,
    /// The configuration with the new lines.
    project: Project,
    lines: String,
    moves: Moves,
}

/// The changes of files and of the store.
#[derive(Default)]
struct Moves {
    files: Vec<Replacement>,
    diff: String,
    diagnostics: Vec<Diagnostic>,
    secrets: Vec<FixedSecret>,
    /// The index of the secret of each parameter; two lines may mean the same one.
    parameters: BTreeMap<ParameterName, usize>,
}

impl Fix {
    /// Plans the move of everything that can be moved: whole literal values in the environments of
    /// containers, found by rules whose values are [movable](byref_lint::Rule::is_movable). Writes
    /// nothing and asks no store.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if a name has several values, a line names other containers, a line
    /// refers to Secrets Manager, two values would get the same parameter, or the application or
    /// environment is ambiguous; [`Error::Mistakes`] if the rewrite of a template has errors or
    /// would write names of one environment into a template of several.
    pub fn plan(
        project: &Project,
        report: &LintReport,
        request: FixRequest<'_>,
    ) -> Result<Self, Error> {
        let (parts, fixed) = parts(project, report, request)?;
        let left = report
            .files
            .iter()
            .map(|file| file.findings.len())
            .sum::<usize>()
            - fixed;
        if parts.is_empty() {
            let project = project.clone();
            return Ok(Self {
                fixed,
                left,
                project,
                lines: String::new(),
                moves: Moves::default(),
            });
        }
        let (files, lines) = with_lines(project, &parts)?;
        let edited = files
            .iter()
            .filter_map(|file| Some((file.path.to_str()?, file.after.as_str())));
        let mut project = project.with_texts(&edited.collect())?;
        let mut documents: Vec<Vec<Document>> = Vec::new();
        for part in &parts {
            // The other lines of the application change nothing in this run.
            project.keep_secrets(&part.app, |name| part.secrets.contains_key(name));
            documents.push(project.documents_in_view(&part.app, &part.templates)?);
        }
        let environment = project.choose_environment(request.environment)?;
        let regions = choose_regions(environment, request.regions)?;
        let mut moves = Moves {
            files,
            ..Moves::default()
        };
        for (part, documents) in parts.iter().zip(&documents) {
            let deployment = project
                .deployment(&part.app, &environment.name)?
                .scheme(Scheme::Reference);
            let rewritten = Rewritten::new(&project, &deployment, documents, |_| {
                Ok::<_, Error>(Answers::none())
            })?;
            part.check(&project, &deployment, &rewritten)?;
            moves.add_templates(part, documents, &rewritten);
            moves.add_secrets(part, &project, &deployment, &regions)?;
            moves.diagnostics.extend(rewritten.diagnostics);
        }
        Ok(Self {
            fixed,
            left,
            project,
            lines,
            moves,
        })
    }

    /// Returns whether nothing can be moved.
    pub fn is_empty(&self) -> bool {
        self.fixed == 0
    }

    /// Returns the number of findings that the fix solves.
    pub fn fixed(&self) -> usize {
        self.fixed
    }

    /// Returns the number of findings that it leaves.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Returns the configuration with the new lines, whose sources the messages point into.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Returns the values to store, each parameter once, by application, then by the name of the
    /// line.
    pub fn secrets(&self) -> &[FixedSecret] {
        &self.moves.secrets
    }

    /// Returns the warnings of the configuration and of the rewritten templates.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.moves.diagnostics
    }

    /// Returns the changes of files for people: the new lines of the configuration, then the masked
    /// diffs of the templates.
    pub fn preview(&self) -> String {
        format!("{}\n{}", self.lines, self.moves.diff)
    }

    /// Writes the new texts of the configuration and the templates beside the files, which must
    /// still have their old texts. The files change when the returned transaction is committed, and
    /// nothing is left behind if it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for a file that is read-only, has changed, or cannot be written.
    pub fn prepare(&self) -> Result<Transaction, Error> {
        prepare(&self.moves.files)
    }
}

impl Moves {
    /// Adds the new texts of the templates, with their masked diffs.
    fn add_templates(&mut self, part: &Part, documents: &[Document], rewritten: &Rewritten) {
        for ((path, document), output) in
            part.templates.iter().zip(documents).zip(&rewritten.outputs)
        {
            let known = &rewritten.plan.known;
            self.diff.push_str(&masked_diff(
                &document.path,
                &document.template,
                output,
                known,
                Colors::No,
            ));
            let (before, after) = (
                document.template.text().to_string(),
                output.text().to_string(),
            );
            self.files.push(Replacement {
                path: path.clone(),
                before,
                after,
            });
        }
    }

    /// Adds the values of an application with the parameters of their lines.
    fn add_secrets(
        &mut self,
        part: &Part,
        project: &Project,
        deployment: &Deployment<'_>,
        regions: &[Region],
    ) -> Result<(), Error> {
        let lines: BTreeMap<&str, Secret<'_>> = deployment
            .secrets()
            .map(|line| (line.name(), line))
            .collect();
        for (name, value) in &part.secrets {
            let Some(line) = lines.get(name.as_str()) else {
                continue;
            };
            let (parameter, regions) = stored_at(project, line, regions)?;
            match self
                .parameters
                .get(&parameter)
                .map(|index| &self.secrets[*index])
            {
                None => {
                    self.parameters
                        .insert(parameter.clone(), self.secrets.len());
                    let (app, line, value) = (part.app.clone(), line.line().clone(), value.clone());
                    self.secrets.push(FixedSecret {
                        app,
                        line,
                        parameter,
                        regions,
                        value,
                    });
                }
                Some(other) if other.value == *value => {}
                Some(_) => {
                    return Err(Error::request(
                        format!("`{parameter}` would get several values"),
                        "give the lines in deploy.toml keys of their own",
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Returns the parameter of a line, with the Regions that have it: those of the request, or that of
/// the line's own ARN.
fn stored_at(
    project: &Project,
    secret: &Secret<'_>,
    regions: &[Region],
) -> Result<(ParameterName, Vec<Region>), Error> {
    let name = secret.name();
    let position = project.sources().position(secret.line().name_location);
    match secret.reference() {
        Ok(Reference::Parameter(parameter, _)) => Ok((parameter, regions.to_vec())),
        Ok(Reference::Arn(arn)) => Ok((arn.name, vec![arn.region])),
        Ok(Reference::SecretsManager(_)) => Err(Error::request(
            format!("`{name}` ({position}) is kept in Secrets Manager"),
            "byref refers to such secrets and does not manage them: use `aws secretsmanager`",
        )),
        Err(error) => Err(Error::request(
            format!("{error} ({position})"),
            "correct the line",
        )),
    }
}

/// Returns the files of the configuration with a line for every name that has none, and the lines
/// for people.
fn with_lines(project: &Project, parts: &[Part]) -> Result<(Vec<Replacement>, String), Error> {
    let mut files: Vec<Replacement> = Vec::new();
    let mut shown = String::new();
    for part in parts {
        let app = project.app(&part.app)?;
        let known: Vec<&str> = app
            .secrets(None)
            .into_iter()
            .map(|line| line.name.as_str())
            .collect();
        let names = part
            .secrets
            .keys()
            .filter(|name| !known.contains(&name.as_str()));
        let lines: Vec<(String, String)> = names
            .map(|name| (name.clone(), derived_key(name)))
            .collect();
        if lines.is_empty() {
            continue;
        }
        let source = project.sources().get(app.location.source);
        let path = PathBuf::from(source.name());
        shown.push('\n');
        line!(
            shown,
            "{}: [apps.{}.secrets]",
            shown_path(&path),
            toml_key(&app.name)
        );
        for (name, key) in &lines {
            line!(shown, "+ {} = {}", toml_key(name), toml_string(key));
        }
        let at = files
            .iter()
            .position(|file| file.path == path)
            .unwrap_or(files.len());
        if at == files.len() {
            let text = source.text().to_string();
            files.push(Replacement {
                path,
                before: text.clone(),
                after: text,
            });
        }
        let file = &mut files[at];
        file.after = with_secret_lines(&file.after, &app.name, &lines);
    }
    Ok((files, shown))
}
