//! `byref rewrite`

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use byref_rewrite::{Document, Plan, limits, plan, rewrite};
use byref_template::{Diagnostic, Template};

use super::shown;
use crate::args::{Common, Rewrite};
use crate::failure::{Failure, Outcome};
use crate::output::{say, write_bytes};
use crate::project::{Choice, Project, has_errors};
use crate::render::diagnostic::report;
use crate::render::summary::counts;
use crate::write::write_atomically;

/// The rewritten templates of a run, in its order, each proven.
pub(crate) struct Rewritten {
    pub(crate) plan: Plan,
    pub(crate) outputs: Vec<Arc<str>>,
    /// Messages of the plan, and of the limits of its outputs.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Plans and rewrites, without writing anything.
pub(crate) fn rewrite_all(project: &Project, choice: &Choice<'_>, documents: &[Document]) -> Rewritten {
    let plan = plan(&choice.request(&project.config), documents);
    let mut diagnostics = project.warnings.clone();
    diagnostics.extend(plan.diagnostics.iter().cloned());
    let mut outputs = Vec::new();
    for (document, changes) in documents.iter().zip(&plan.changes) {
        match rewrite(document, changes) {
            Ok(output) => {
                let parsed = if changes.is_empty() {
                    Some(document.template.clone())
                } else {
                    Template::parse(Arc::clone(&output)).ok()
                };
                diagnostics.extend(parsed.iter().flat_map(|template| limits(template, document.source)));
                outputs.push(output);
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    Rewritten { plan, outputs, diagnostics }
}

pub(crate) fn run(common: &Common, options: &Rewrite) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    let (paths, app_name) = {
        let choice = project.choose(&options.selection, &options.templates)?;
        (project.template_paths(choice.app, &options.templates)?, choice.app.name.clone())
    };
    check_targets(options, &paths)?;
    let documents = project.documents(&paths)?;
    let choice = project.choose(&options.selection, &options.templates)?;
    let mut rewritten = rewrite_all(&project, &choice, &documents);
    let several = project.config.environments.len() > 1;
    if let Some(place) = rewritten.plan.baked_environment.filter(|_| options.in_place && several) {
        rewritten.diagnostics.push(
            Diagnostic::error(
                "baked-environment",
                format!(
                    "`--in-place` would write the names of `{}` into a template that serves several environments",
                    choice.environment.name
                ),
                place,
            )
            .help("set `environment-parameter` under `[rewrite]`, or write to another file with `-o`"),
        );
    }
    if has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics));
    }
    report(&project.sources, &rewritten.diagnostics, shown(common));
    let changed: Vec<bool> =
        documents.iter().zip(&rewritten.outputs).map(|(document, output)| document.template.text() != output).collect();
    let environment = &choice.environment.name;
    if !common.quiet {
        say(&format!("{app_name}, {environment}: {}\n", counts(&rewritten.plan)));
    }
    if options.check {
        for (path, _) in paths.iter().zip(&changed).filter(|(_, changed)| **changed) {
            say(&format!("would change: {}\n", path.display()));
        }
        return Ok(if changed.contains(&true) { Outcome::Differences } else { Outcome::Done });
    }
    write_outputs(&project, options, &paths, &rewritten.outputs, &changed)?;
    Ok(Outcome::Done)
}

/// What can't be known only after the work: where it goes.
fn check_targets(options: &Rewrite, paths: &[PathBuf]) -> Result<(), Failure> {
    let reads_stdin = paths.iter().filter(|path| path.as_os_str() == "-").count();
    if reads_stdin > 1 {
        return Err(Failure::usage("standard input can be read only once", "name `-` once"));
    }
    if reads_stdin > 0 && (options.in_place || options.output_dir.is_some()) {
        return Err(Failure::usage(
            "standard input is no file that could be written",
            "write to standard output, or to a file with `-o`",
        ));
    }
    let single = !options.in_place && !options.check && options.output_dir.is_none();
    if single && paths.len() > 1 {
        return Err(Failure::usage(
            format!("{} templates and one output", paths.len()),
            "write them with `--in-place` or `--output-dir DIR`, or name one template",
        ));
    }
    Ok(())
}

fn write_outputs(
    project: &Project,
    options: &Rewrite,
    paths: &[PathBuf],
    outputs: &[Arc<str>],
    changed: &[bool],
) -> Result<(), Failure> {
    if options.in_place {
        for ((path, output), _) in paths.iter().zip(outputs).zip(changed).filter(|(_, changed)| **changed) {
            write_atomically(path, output)?;
        }
        return Ok(());
    }
    if let Some(folder) = &options.output_dir {
        let targets = targets(project, folder, paths)?;
        for (target, output) in targets.iter().zip(outputs) {
            if let Some(parent) = target.parent() {
                fs_err::create_dir_all(parent).map_err(|error| Failure::file("create", parent, &error))?;
            }
            write_atomically(target, output)?;
        }
        return Ok(());
    }
    match (&options.output, outputs) {
        (Some(path), [output]) if path.as_os_str() != "-" => write_atomically(path, output),
        (_, [output]) => write_bytes(output),
        _ => Ok(()),
    }
}

/// Where every template goes in a folder: under its path from the configuration's folder, or its file name where it
/// lies elsewhere.
fn targets(project: &Project, folder: &Path, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let base =
        fs_err::canonicalize(if project.folder.as_os_str().is_empty() { Path::new(".") } else { &project.folder })
            .unwrap_or_default();
    let mut targets: Vec<PathBuf> = Vec::new();
    for path in paths {
        let whole = fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
        let relative = whole
            .strip_prefix(&base)
            .ok()
            .filter(|relative| relative.components().all(|part| matches!(part, Component::Normal(_))));
        let target = match relative {
            Some(relative) => folder.join(relative),
            None => folder.join(path.file_name().unwrap_or_default()),
        };
        if targets.contains(&target) {
            return Err(Failure::usage(
                format!("two templates would be written to `{}`", target.display()),
                "rewrite them in two runs",
            ));
        }
        targets.push(target);
    }
    Ok(targets)
}
