//! Trial of a first configuration before it is written: lines that the rewrite's plan refuses
//! become comments.
//!
//! The plan itself decides, so that the written configuration always passes `byref preview`.

use byref_config::Scheme;
use byref_rewrite::{Answers, Document, Question};
use byref_template::{Diagnostic, Label, Severity, Sources};

use super::lines::Line;
use crate::error::Error;
use crate::project::Project;
use crate::rewritten::Rewritten;

/// The name of the configuration, which is not in a file yet.
const UNNAMED: &str = "<deploy.toml>";

/// The application that is tried, and how its lines become a configuration.
pub(super) struct Trial<'t> {
    pub(super) sources: &'t Sources,
    pub(super) documents: &'t [Document],
    pub(super) app: &'t str,
    /// The whole configuration with these lines.
    pub(super) text: &'t dyn Fn(&[Line]) -> String,
}

impl Trial<'_> {
    /// Comments out every line that the plan refuses, with the reason. Where the plan's errors
    /// point at lines, or are about their secrets, these are commented out; else one line after the
    /// other is tried.
    ///
    /// # Errors
    ///
    /// The configuration can't be read with no line at all: a defect of byref, or a hostile path.
    pub(super) fn comment_out(&self, lines: &mut [Line]) -> Result<(), Error> {
        let active = suspend(lines, "");
        // Errors without any line are about the templates.
        let about_templates = self.errors(lines, &[])?;
        resume(lines, &active);
        loop {
            let errors = self.errors(lines, &about_templates)?;
            let Some(first) = errors.first() else {
                return Ok(());
            };
            let mut is_blamed = false;
            for error in &errors {
                for index in self.named(error, lines) {
                    lines[index]
                        .reason
                        .get_or_insert_with(|| reason(&error.diagnostic));
                    is_blamed = true;
                }
            }
            if !is_blamed {
                let why = reason(&first.diagnostic);
                return self.try_each(lines, &about_templates, &why);
            }
        }
    }

    /// Leaves those lines active with which there is no error.
    fn try_each(
        &self,
        lines: &mut [Line],
        about_templates: &[Refusal],
        why: &str,
    ) -> Result<(), Error> {
        for index in suspend(lines, why) {
            lines[index].reason = None;
            if let Some(error) = self.errors(lines, about_templates)?.first() {
                lines[index].reason = Some(reason(&error.diagnostic));
            }
        }
        Ok(())
    }

    /// The errors with these lines, without those that are known to be about something else.
    fn errors(&self, lines: &[Line], known: &[Refusal]) -> Result<Vec<Refusal>, Error> {
        let project =
            match Project::parse_beside(self.sources.clone(), UNNAMED, &(self.text)(lines)) {
                Ok(project) => project,
                Err(mistakes) if lines.iter().all(|line| line.reason.is_some()) => {
                    return Err(mistakes.into());
                }
                Err(mistakes) => {
                    let (sources, diagnostics) = mistakes.into_parts();
                    return Ok(Refusal::all(&sources, diagnostics));
                }
            };
        // As `byref preview` without options.
        let environment = project.choose_environment(None)?;
        let deployment = project
            .deployment(self.app, &environment.name)?
            .scheme(Scheme::Reference);
        let offline = |_: &[Question]| Ok::<_, Error>(Answers::none());
        let rewritten = Rewritten::new(&project, &deployment, self.documents, offline)?;
        let mut errors = Refusal::all(project.sources(), rewritten.diagnostics);
        let is_same = |one: &Refusal, other: &Refusal| {
            (one.diagnostic.code, &one.diagnostic.message)
                == (other.diagnostic.code, &other.diagnostic.message)
        };
        errors.retain(|error| !known.iter().any(|known| is_same(known, error)));
        Ok(errors)
    }

    /// The active lines that an error is about: it points at them, or is about their secrets.
    fn named(&self, error: &Refusal, lines: &[Line]) -> Vec<usize> {
        let text = (self.text)(lines);
        let written: Vec<&str> = text.lines().collect();
        let is_active = |index: &usize| lines[*index].reason.is_none();
        let is_at = |index: &usize| {
            error.config_lines.iter().any(|line| {
                let line = written.get(*line as usize - 1).copied().unwrap_or_default();
                line.strip_prefix(&lines[*index].text)
                    .is_some_and(|rest| rest.trim_start().starts_with('#'))
            })
        };
        let found: Vec<usize> = (0..lines.len()).filter(is_active).filter(is_at).collect();
        if !found.is_empty() {
            return found;
        }
        let is_named = |index: &usize| error.diagnostic.secrets.contains(&lines[*index].name);
        (0..lines.len())
            .filter(is_active)
            .filter(is_named)
            .collect()
    }
}

/// Comments out all active lines; returns which they were.
fn suspend(lines: &mut [Line], reason: &str) -> Vec<usize> {
    let active: Vec<usize> = (0..lines.len())
        .filter(|index| lines[*index].reason.is_none())
        .collect();
    for index in &active {
        lines[*index].reason = Some(reason.to_owned());
    }
    active
}

/// Makes lines active again.
fn resume(lines: &mut [Line], active: &[usize]) {
    for index in active {
        lines[*index].reason = None;
    }
}

/// An error of the plan, with the lines of the configuration that it points at, from 1.
struct Refusal {
    diagnostic: Diagnostic,
    config_lines: Vec<u32>,
}

impl Refusal {
    /// The errors among messages.
    fn all(sources: &Sources, diagnostics: Vec<Diagnostic>) -> Vec<Self> {
        let errors = diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        errors
            .map(|diagnostic| Self::new(sources, diagnostic))
            .collect()
    }

    fn new(sources: &Sources, diagnostic: Diagnostic) -> Self {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        let in_config = labels.filter(|label| sources.get(label.location.source).name() == UNNAMED);
        let line = |label: &Label| {
            sources
                .get(label.location.source)
                .line_column(label.location.span.start)
                .line
        };
        let config_lines = in_config.map(line).collect();
        Self {
            diagnostic,
            config_lines,
        }
    }
}

/// Returns the reason why a line is commented out. Messages contain no values.
fn reason(diagnostic: &Diagnostic) -> String {
    let help = diagnostic
        .help
        .as_ref()
        .map(|help| format!("; {help}"))
        .unwrap_or_default();
    format!("{}{help}", diagnostic.message)
}
