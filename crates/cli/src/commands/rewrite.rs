//! `byref rewrite`

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use byref_rewrite::{Baked, BakedPart, Document, Plan, limits, plan, rewrite, wanted};
use byref_template::{Diagnostic, Template};

use super::shown;
use crate::answers::{Ask, answers};
use crate::args::store::StoreOptions;
use crate::args::{Common, Rewrite};
use crate::failure::{Failure, Outcome};
use crate::output::{say, write_bytes};
use crate::project::{Choice, Project, has_errors};
use crate::render::diagnostic::report;
use crate::render::escape::one_line;
use crate::render::summary::written;
use crate::write::{Readers, write_atomically};

/// The rewritten templates of a run, in its order, each proven.
pub(crate) struct Rewritten {
    pub(crate) plan: Plan,
    pub(crate) outputs: Vec<Arc<str>>,
    /// Messages of the plan, and of the limits of its outputs.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Plans and rewrites, without writing anything.
pub(crate) fn rewrite_all(
    project: &Project,
    choice: &Choice<'_>,
    documents: &[Document],
    store: &StoreOptions,
    ask: Ask,
) -> Result<Rewritten, Failure> {
    let request = choice.request(&project.config);
    let answers = answers(&wanted(&request, documents), choice.environment, store, ask)?;
    let plan = plan(&request, documents, &answers);
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
    Ok(Rewritten { plan, outputs, diagnostics })
}

pub(crate) fn run(common: &Common, options: &Rewrite) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    let (paths, app_name) = {
        let choice = project.choose(&options.selection, &options.templates)?;
        (project.template_paths(choice.app, &options.templates)?, choice.app.name.clone())
    };
    check_targets(options, &paths)?;
    let documents = project.documents(&paths)?;
    #[cfg(feature = "aws")]
    let stacks =
        if options.deployed { deployed_templates(&mut project, options, &paths, &documents)? } else { Vec::new() };
    let choice = project.choose(&options.selection, &options.templates)?;
    #[cfg(feature = "aws")]
    let choice = if options.deployed { choice.over_stacks() } else { choice };
    let mut rewritten = rewrite_all(&project, &choice, &documents, &options.selection.store, Ask::WhereNeeded)?;
    #[cfg(feature = "aws")]
    if !has_errors(&rewritten.diagnostics) {
        compare_with_stacks(&choice, &documents, &mut rewritten, &stacks, options.selection.to_values);
    }
    let several = project.config.environments.len() > 1;
    if let Some(baked) = rewritten.plan.baked_environment.filter(|_| options.in_place && several) {
        rewritten.diagnostics.push(refuse_baked(baked, &choice.environment.name));
    }
    if has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics));
    }
    report(&project.sources, &rewritten.diagnostics, shown(common));
    let changed: Vec<bool> =
        documents.iter().zip(&rewritten.outputs).map(|(document, output)| document.template.text() != output).collect();
    let environment = &choice.environment.name;
    if !common.quiet {
        say(&format!("{app_name}, {environment}: {}\n", written(&rewritten.plan, choice.content)));
    }
    if options.check {
        for (path, _) in paths.iter().zip(&changed).filter(|(_, changed)| **changed) {
            say(&format!("would change: {}\n", one_line(&path.display().to_string())));
        }
        return Ok(if changed.contains(&true) { Outcome::Differences } else { Outcome::Done });
    }
    let outputs = outputs(&documents, &rewritten);
    write_outputs(&project, options, &paths, &outputs)?;
    Ok(Outcome::Done)
}

/// A source that serves several environments gets nothing that holds in one of them.
fn refuse_baked(baked: Baked, environment: &str) -> Diagnostic {
    let (what, help) = match baked.what {
        BakedPart::Name => (
            format!("the names of `{environment}` into a template that serves several environments"),
            "set `environment-parameter` under `[rewrite]`, or write to another file with `-o`",
        ),
        BakedPart::Key => (
            format!("the key of `{environment}` into a template that serves several environments with other keys"),
            "give all of them the same alias as `kms-key`, or write to another file with `-o`",
        ),
        BakedPart::LiteralArn => (
            "ARNs of one account and Region into a template that serves several environments".to_owned(),
            "set `reference = \"pseudo\"` under `[rewrite]`, or write to another file with `-o`",
        ),
    };
    Diagnostic::error("baked-environment", format!("`--in-place` would write {what}"), baked.line).help(help)
}

/// What stacks have now: the templates, each with the index of that of the run which is deployed there; in every Region of
/// the environment, or in the one that was named.
#[cfg(feature = "aws")]
fn deployed_templates(
    project: &mut Project,
    options: &Rewrite,
    paths: &[PathBuf],
    documents: &[Document],
) -> Result<Vec<(usize, Document)>, Failure> {
    use crate::deployed::{homes, locate};
    use crate::store::{Progress, block_on, deployments};

    let (app, environment, regions) = {
        let choice = project.choose(&options.selection, &options.templates)?;
        let is_one = options.selection.region.is_some();
        let regions = if is_one { vec![choice.region.clone()] } else { choice.environment.regions.clone() };
        (choice.app.name.clone(), choice.environment.name.clone(), regions)
    };
    let homes = homes(project, (&app, &environment), paths, documents)?;
    let environment = project.environment(Some(&environment))?;
    let found = block_on(async {
        let deployments = deployments(&options.selection.store, environment, &Progress::hidden())?;
        let places = homes.iter().flat_map(|home| regions.iter().map(move |region| (home, region)));
        let asked = places.map(async |(home, region)| {
            let found = locate(&deployments, region, home).await;
            found.map(|found| Some((home.document, found.ok()?)))
        });
        let found: Result<Vec<_>, _> = futures_util::future::join_all(asked).await.into_iter().collect();
        Ok(found?)
    })?;
    found.into_iter().flatten().map(|(index, stack)| Ok((index, stack.document(&mut project.sources)?))).collect()
}

/// What is deployed by reference does not go back to values unless that was asked for, and `CodeDeploy` gets no update
/// that it does not take. The same in several Regions is said once.
#[cfg(feature = "aws")]
fn compare_with_stacks(
    choice: &Choice<'_>,
    documents: &[Document],
    rewritten: &mut Rewritten,
    stacks: &[(usize, Document)],
    to_values: bool,
) {
    let lines = choice.app.secrets(Some(&choice.environment.name));
    let mut said: Vec<(usize, &str)> = Vec::new();
    for (index, stack) in stacks {
        let key = (*index, stack.template.text().as_ref());
        let next = Template::parse(Arc::clone(&rewritten.outputs[*index])).ok();
        if let Some(template) = next.filter(|_| !said.contains(&key)) {
            let next = Document { template, ..documents[*index].clone() };
            rewritten.diagnostics.extend(crate::deployed::mixed_update(stack, &next));
            rewritten.diagnostics.extend(crate::deployed::downgrades(stack, &[next], &lines, to_values));
            said.push(key);
        }
    }
}

/// A rewritten template, on its way to a file.
struct Output<'r> {
    text: &'r str,
    is_changed: bool,
    /// Whoever may read a template must not read values that it got from the store.
    readers: Readers,
}

fn outputs<'r>(documents: &[Document], rewritten: &'r Rewritten) -> Vec<Output<'r>> {
    let output = |(index, text): (usize, &'r Arc<str>)| Output {
        text,
        is_changed: documents[index].template.text() != text,
        readers: if rewritten.plan.carries_values_in(index) { Readers::Owner } else { Readers::AsBefore },
    };
    rewritten.outputs.iter().enumerate().map(output).collect()
}

/// Values go where they were asked to go, and never into a source.
fn refuse_values(path: &Path) -> Failure {
    Failure::usage(
        format!("`{}` is a source, and this would write secret values into it", path.display()),
        "write to another file with `-o FILE` (only its owner may read it), or deploy by reference",
    )
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
    outputs: &[Output<'_>],
) -> Result<(), Failure> {
    let targets: Vec<PathBuf> = match (&options.output_dir, &options.output) {
        _ if options.in_place => paths.to_vec(),
        (Some(folder), _) => targets(project, folder, paths)?,
        (None, Some(path)) if path.as_os_str() != "-" => vec![path.clone()],
        _ => return outputs.iter().try_for_each(|output| print(options, output)),
    };
    for (target, output) in targets.iter().zip(outputs).filter(|(_, output)| output.readers == Readers::Owner) {
        check_value_target(options, paths, target, output)?;
    }
    for (target, output) in targets.iter().zip(outputs) {
        if options.in_place && !output.is_changed {
            continue;
        }
        if let Some(parent) = target.parent().filter(|_| options.output_dir.is_some()) {
            fs_err::create_dir_all(parent).map_err(|error| Failure::file("create", parent, &error))?;
        }
        write_atomically(target, output.text, output.readers)?;
    }
    Ok(())
}

/// In CI, standard output is a log.
fn print(options: &Rewrite, output: &Output<'_>) -> Result<(), Failure> {
    if output.readers == Readers::Owner && !options.reveal {
        return Err(Failure::usage(
            "the template would carry secret values from the store, and standard output may be a log",
            "write to a file with `-o FILE` (only its owner may read it), or say `--reveal`",
        ));
    }
    write_bytes(output.text)
}

/// Where a template with values must not go: into a source, and into what is no file unless `--reveal` says so.
fn check_value_target(options: &Rewrite, paths: &[PathBuf], target: &Path, output: &Output<'_>) -> Result<(), Failure> {
    let whole = |path: &Path| fs_err::canonicalize(path).ok();
    let is_source = whole(target).is_some_and(|target| paths.iter().any(|path| whole(path).as_ref() == Some(&target)));
    if output.is_changed && is_source {
        return Err(refuse_values(target));
    }
    let is_file = fs_err::metadata(target).map_or(true, |metadata| metadata.is_file() || metadata.is_dir());
    if is_file || options.reveal {
        return Ok(());
    }
    Err(Failure::usage(
        format!("`{}` is no file, and the template would carry secret values from the store", target.display()),
        "write to a file (only its owner may read it), or say `--reveal`",
    ))
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Arguments, Command};

    fn options(arguments: &str) -> Rewrite {
        let parsed = Arguments::parse_from(format!("byref rewrite {arguments}").split_whitespace());
        let Command::Rewrite(options) = parsed.command else { unreachable!("it is `rewrite`") };
        options.0
    }

    fn output(readers: Readers) -> Output<'static> {
        Output { text: "", is_changed: true, readers }
    }

    #[test]
    fn values_go_to_standard_output_only_where_it_is_said() {
        assert!(print(&options(""), &output(Readers::Owner)).is_err());
        assert!(print(&options("--reveal"), &output(Readers::Owner)).is_ok());
        assert!(print(&options(""), &output(Readers::AsBefore)).is_ok());
    }

    #[test]
    fn values_go_into_no_source_and_no_device() {
        let folder = tempfile::tempdir().unwrap();
        let (source, new) = (folder.path().join("source.yaml"), folder.path().join("new.yaml"));
        std::fs::write(&source, "x").unwrap();
        let paths = [source.clone()];
        let check = |arguments: &str, target: &Path| {
            check_value_target(&options(arguments), &paths, target, &output(Readers::Owner)).is_ok()
        };
        assert!(!check("--in-place", &source) && !check("-o x --reveal", &source));
        assert!(check("-o x", &new));
        #[cfg(unix)]
        {
            let link = folder.path().join("link.yaml");
            std::os::unix::fs::symlink("source.yaml", &link).unwrap();
            assert!(!check("-o x", &link));
            assert!(!check("-o x", Path::new("/dev/null")) && check("-o x --reveal", Path::new("/dev/null")));
        }
    }
}
