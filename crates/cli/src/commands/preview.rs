//! `byref preview`

#[cfg(feature = "aws")]
mod deployed;

use std::fmt::Write as _;

use byref_rewrite::{Binding, Document};
use byref_template::{Diagnostic, Template, has_errors};
use serde::Serialize;

use super::rewrite::{Rewritten, rewrite_all};
use super::shown;
use crate::answers::Ask;
use crate::args::{Common, Preview, PreviewFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{json as as_json, write_styled, write_text};
use crate::project::Project;
use crate::render::diagnostic::report;
use crate::render::diff::{Colors, masked_diff};
use crate::render::escape::{code, code_cell, line};
use crate::render::summary::{AccessReport, access, outcome, written};
use byref::Deployment;

/// A preview as JSON. Keys are only ever added.
#[derive(Serialize)]
struct Report<'r> {
    app: &'r str,
    environment: &'r str,
    region: String,
    scheme: &'static str,
    changed: bool,
    summary: String,
    secrets: Vec<SecretReport<'r>>,
    access: Vec<AccessReport<'r>>,
    templates: Vec<TemplateReport>,
    messages: Vec<MessageReport<'r>>,
    /// With `--deployed`: each stack of each template, by Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployed: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct SecretReport<'r> {
    name: &'r str,
    template: &'r str,
    task_definition: &'r str,
    container: &'r str,
    outcome: &'static str,
    reason: Option<&'r str>,
    reference: &'r str,
    place: String,
    line: String,
}

#[derive(Serialize)]
struct TemplateReport {
    path: String,
    changed: bool,
    diff: String,
}

#[derive(Serialize)]
struct MessageReport<'r> {
    severity: &'static str,
    code: &'static str,
    message: &'r str,
    place: String,
    help: Option<&'r str>,
}

pub(crate) fn run(common: &Common, options: &Preview) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    let (paths, app) = {
        let choice = project.choose(&options.selection, &options.templates)?;
        (project.template_paths(choice.app(), &options.templates)?, choice.app().name.clone())
    };
    let view = project.documents_in_view(&app, &paths)?;
    let documents = view[..paths.len()].to_vec();
    #[cfg(feature = "aws")]
    let looked =
        options.deployed.then(|| deployed::look(&mut project, &options.selection, &paths, &documents)).transpose()?;
    let choice = project.choose(&options.selection, &options.templates)?;
    #[cfg(feature = "aws")]
    let choice = if looked.is_some() { choice.over_stacks() } else { choice };
    let mut rewritten = rewrite_all(&project, &choice, &view, &options.selection.store, Ask::WhereNamed)?;
    rewritten.diagnostics.extend(choice.one_region(&rewritten.plan));
    let failed = has_errors(&rewritten.diagnostics);
    let standing = choice.kept_references(&rewritten.plan);
    let standing = if failed { Vec::new() } else { standing };
    let changed = !failed
        && documents.iter().zip(&rewritten.outputs).any(|(document, output)| document.template.text() != output.text());
    let beyond = Beyond { changed, standing, ..Beyond::default() };
    #[cfg(feature = "aws")]
    let beyond = match looked.filter(|_| !failed) {
        Some(looked) => {
            let views = deployed::views(&choice, &documents, &rewritten, &looked, options.selection.to_values);
            Beyond {
                changed: views.iter().any(|view| view.changed),
                fails: views.iter().any(deployed::View::would_fail),
                text: views.iter().map(deployed::View::text).collect(),
                markdown: views.iter().map(deployed::View::markdown).collect(),
                json: serde_json::to_value(&views).ok(),
                diagnostics: views.into_iter().flat_map(|view| view.downgrades).collect(),
                standing: beyond.standing,
            }
        }
        None => beyond,
    };
    match options.format {
        PreviewFormat::Json => write_text(&json(&project, &choice, &documents, &rewritten, &beyond)?)?,
        PreviewFormat::Markdown => {
            write_text(&(markdown(&project, &choice, &documents, &rewritten) + &beyond.markdown))?;
        }
        PreviewFormat::Text => write_styled(&(text(&project, &choice, &documents, &rewritten) + &beyond.text))?,
    }
    rewritten.diagnostics.extend(beyond.diagnostics);
    let is_left = !beyond.standing.is_empty();
    if has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics));
    }
    rewritten.diagnostics.extend(beyond.standing);
    report(&project.sources, &rewritten.diagnostics, shown(common));
    let is_difference = is_left || beyond.fails || beyond.changed && options.exit_code;
    Ok(if is_difference { Outcome::Differences } else { Outcome::Done })
}

/// What there is to say beyond the templates.
#[derive(Default)]
struct Beyond {
    /// Whether anything would change.
    changed: bool,
    /// Whether a deploy of it would fail.
    fails: bool,
    text: String,
    markdown: String,
    json: Option<serde_json::Value>,
    diagnostics: Vec<Diagnostic>,
    /// References that the value scheme leaves references.
    standing: Vec<Diagnostic>,
}

/// The masked diff of each template.
fn diffs(documents: &[Document], rewritten: &Rewritten, colors: Colors) -> Vec<String> {
    if has_errors(&rewritten.diagnostics) {
        return vec![String::new(); documents.len()];
    }
    let diff = |(document, output): (&Document, &Template)| {
        masked_diff(&document.path, &document.template, output, &rewritten.plan.known, colors)
    };
    documents.iter().zip(&rewritten.outputs).map(diff).collect()
}

/// What is written, and by which rule.
fn head(choice: &Deployment<'_>, rewritten: &Rewritten) -> String {
    let scheme = choice.decision().scheme.word();
    format!("{} (by {scheme}, {})", written(&rewritten.plan, choice.request().content), choice.decision().rule.words())
}

fn text(project: &Project, choice: &Deployment<'_>, documents: &[Document], rewritten: &Rewritten) -> String {
    let mut text = String::new();
    line!(text, "{}, {}: {}", choice.app().name, choice.environment().name, head(choice, rewritten));
    let bindings = &rewritten.plan.bindings;
    let width = bindings.iter().map(|binding| binding.secret.len()).max().unwrap_or(0);
    let known = &rewritten.plan.known;
    let holder =
        |binding: &Binding| format!("{}/{}", known.shown(&binding.task_definition), known.shown(&binding.container));
    let holder_width = bindings.iter().map(|binding| holder(binding).len()).max().unwrap_or(0);
    for binding in bindings {
        let place = project.sources.position(binding.location);
        line!(text, "  {:width$}  {:holder_width$}  {}  {place}", binding.secret, holder(binding), outcome(binding));
    }
    for line in access(&rewritten.plan) {
        line!(text, "  {line}");
    }
    for diff in diffs(documents, rewritten, Colors::Yes).iter().filter(|diff| !diff.is_empty()) {
        let _ = write!(text, "\n{diff}");
    }
    text
}

fn markdown(project: &Project, choice: &Deployment<'_>, documents: &[Document], rewritten: &Rewritten) -> String {
    let (app, environment) = (code(&choice.app().name), code(&choice.environment().name));
    let mut text = format!("### {app}, {environment}: {}\n\n", head(choice, rewritten));
    if !rewritten.plan.bindings.is_empty() {
        text.push_str("| secret | container | | place |\n| --- | --- | --- | --- |\n");
    }
    let known = &rewritten.plan.known;
    for binding in &rewritten.plan.bindings {
        let holder = format!("{}/{}", known.shown(&binding.task_definition), known.shown(&binding.container));
        let place = project.sources.position(binding.location);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            code_cell(&binding.secret),
            code_cell(&holder),
            match &binding.outcome {
                byref_rewrite::Outcome::Skipped { .. } => code_cell(&outcome(binding)),
                _ => outcome(binding),
            },
            code_cell(&place)
        );
    }
    let roles = access(&rewritten.plan);
    if !roles.is_empty() {
        text.push('\n');
    }
    for line in roles {
        let _ = writeln!(text, "- {}", code(&line));
    }
    for diff in diffs(documents, rewritten, Colors::No).iter().filter(|diff| !diff.is_empty()) {
        text.push_str(&fenced(diff));
    }
    text
}

/// A diff as a block of code; nothing where there is none.
fn fenced(diff: &str) -> String {
    if diff.is_empty() {
        return String::new();
    }
    let longest = diff.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}diff\n{diff}{fence}\n")
}

fn json(
    project: &Project,
    choice: &Deployment<'_>,
    documents: &[Document],
    rewritten: &Rewritten,
    beyond: &Beyond,
) -> Result<String, Failure> {
    let position = |location| project.sources.position(location);
    let secrets = rewritten.plan.bindings.iter().map(|binding| SecretReport {
        name: &binding.secret,
        template: &documents[binding.document].path,
        task_definition: rewritten.plan.known.shown(&binding.task_definition),
        container: rewritten.plan.known.shown(&binding.container),
        outcome: binding.outcome.word(),
        reason: match &binding.outcome {
            byref_rewrite::Outcome::Skipped { reason } => Some(reason.as_str()),
            _ => None,
        },
        reference: &binding.reference,
        place: position(binding.location),
        line: position(binding.line),
    });
    let templates = documents.iter().zip(diffs(documents, rewritten, Colors::No));
    let messages = rewritten.diagnostics.iter().chain(&beyond.diagnostics).chain(&beyond.standing).map(|diagnostic| {
        MessageReport {
            severity: diagnostic.severity.word(),
            code: diagnostic.code,
            message: &diagnostic.message,
            place: position(diagnostic.primary.location),
            help: diagnostic.help.as_deref(),
        }
    });
    let report = Report {
        app: &choice.app().name,
        environment: &choice.environment().name,
        region: choice.request().region.to_string(),
        scheme: choice.decision().scheme.word(),
        changed: beyond.changed,
        summary: written(&rewritten.plan, choice.request().content),
        secrets: secrets.collect(),
        access: rewritten.plan.access.iter().map(|access| AccessReport::new(&rewritten.plan, access)).collect(),
        templates: templates
            .map(|(document, diff)| TemplateReport { path: document.path.clone(), changed: !diff.is_empty(), diff })
            .collect(),
        messages: messages.collect(),
        deployed: beyond.json.clone(),
    };
    as_json(&report)
}
