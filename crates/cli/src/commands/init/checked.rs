//! Trying a first configuration before it is written: what the rewrite's plan refuses becomes a comment.
//!
//! The plan itself decides, so that what is written here always passes `byref preview`.

use byref_rewrite::Document;
use byref_template::{Diagnostic, Label, Severity, Sources};

use super::lines::Line;
use crate::answers::Ask;
use crate::args::store::StoreOptions;
use crate::args::{SchemeArgument, Selection};
use crate::commands::rewrite::rewrite_all;
use crate::failure::Failure;
use crate::project::Project;

/// The application that is tried, and how its lines become a configuration.
pub(super) struct Trial<'t> {
    pub(super) sources: &'t Sources,
    pub(super) documents: &'t [Document],
    pub(super) app: &'t str,
    /// The whole configuration with these lines.
    pub(super) text: &'t dyn Fn(&[Line]) -> String,
}

impl Trial<'_> {
    /// Comments out every line that the plan refuses, with the reason. Where the plan's errors point at lines, or are about
    /// their secrets, these are commented out; else one line after the other is tried.
    ///
    /// # Errors
    ///
    /// The configuration can't be read with no line at all: a defect of byref, or a hostile path.
    pub(super) fn comment_out(&self, lines: &mut [Line]) -> Result<(), Failure> {
        let active = suspend(lines, "");
        // What the plan says without any line is about the templates.
        let about_templates = self.errors(lines, &[])?;
        resume(lines, &active);
        loop {
            let errors = self.errors(lines, &about_templates)?;
            let Some(first) = errors.first() else { return Ok(()) };
            let mut is_blamed = false;
            for error in &errors {
                for index in self.named(error, lines) {
                    lines[index].reason.get_or_insert_with(|| reason(&error.diagnostic));
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
    fn try_each(&self, lines: &mut [Line], about_templates: &[Refusal], why: &str) -> Result<(), Failure> {
        for index in suspend(lines, why) {
            lines[index].reason = None;
            if let Some(error) = self.errors(lines, about_templates)?.first() {
                lines[index].reason = Some(reason(&error.diagnostic));
            }
        }
        Ok(())
    }

    /// The errors with these lines, without those that are known to be about something else.
    fn errors(&self, lines: &[Line], known: &[Refusal]) -> Result<Vec<Refusal>, Failure> {
        let project = match Project::of_text(self.sources.clone(), &(self.text)(lines)) {
            Ok(project) => project,
            Err((sources, mistakes)) if lines.iter().all(|line| line.reason.is_some()) => {
                return Err(Failure::Mistakes { sources: Box::new(sources), diagnostics: mistakes });
            }
            Err((sources, mistakes)) => return Ok(Refusal::all(&sources, mistakes)),
        };
        let selection = selection(self.app);
        let choice = project.choose(&selection, &[])?;
        let rewritten = rewrite_all(&project, &choice, self.documents, &selection.store, Ask::WhereNamed)?;
        let mut errors = Refusal::all(&project.sources, rewritten.diagnostics);
        let is_same = |one: &Refusal, other: &Refusal| {
            (one.diagnostic.code, &one.diagnostic.message) == (other.diagnostic.code, &other.diagnostic.message)
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
                line.strip_prefix(&lines[*index].text).is_some_and(|rest| rest.trim_start().starts_with('#'))
            })
        };
        let found: Vec<usize> = (0..lines.len()).filter(is_active).filter(is_at).collect();
        if !found.is_empty() {
            return found;
        }
        let is_named = |index: &usize| error.diagnostic.secrets.contains(&lines[*index].name);
        (0..lines.len()).filter(is_active).filter(is_named).collect()
    }
}

/// Comments out all active lines; returns which they were.
fn suspend(lines: &mut [Line], reason: &str) -> Vec<usize> {
    let active: Vec<usize> = (0..lines.len()).filter(|index| lines[*index].reason.is_none()).collect();
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
        let errors = diagnostics.into_iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        errors.map(|diagnostic| Self::new(sources, diagnostic)).collect()
    }

    fn new(sources: &Sources, diagnostic: Diagnostic) -> Self {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        let in_config = labels.filter(|label| sources.get(label.location.source).name() == Project::UNNAMED);
        let line = |label: &Label| sources.get(label.location.source).line_column(label.location.span.start).line;
        let config_lines = in_config.map(line).collect();
        Self { diagnostic, config_lines }
    }
}

/// Why a line is commented out: messages hold no values.
fn reason(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}{help}", diagnostic.message)
}

/// As `byref preview` without options, whatever `BYREF_SCHEME` says today.
fn selection(app: &str) -> Selection {
    Selection {
        app: Some(app.to_owned()),
        environment: None,
        region: None,
        scheme: Some(SchemeArgument::Reference),
        to_values: false,
        keep_references: false,
        grant: None,
        grants_only: false,
        prune_grants: false,
        create_execution_role: false,
        prune_parameters: false,
        store: StoreOptions::none(),
    }
}
