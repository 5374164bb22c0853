//! `byref rewrite`

mod output;

#[cfg(feature = "aws")]
use std::path::PathBuf;

#[cfg(feature = "aws")]
use byref_parameter::SecretValue;
use byref_rewrite::{Document, Plan};
use byref_template::{Diagnostic, Template, has_errors};

use self::output::{Destination, outputs};
use super::shown;
use crate::answers::{Ask, answers};
use crate::args::store::StoreOptions;
use crate::args::{Common, Rewrite};
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::project::Project;
use crate::render::diagnostic::report;
use crate::render::escape::one_line;
use crate::render::summary::written;
use byref::Deployment;

/// The rewritten templates of a run, in its order, each proven.
pub(crate) struct Rewritten {
    pub(crate) plan: Plan,
    pub(crate) outputs: Vec<Template>,
    /// Messages of the plan, and of the limits of its outputs.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Plans and rewrites, without writing anything. Of templates that are only read, which come last, there is no output.
pub(crate) fn rewrite_all(
    project: &Project,
    choice: &Deployment<'_>,
    documents: &[Document],
    store: &StoreOptions,
    ask: Ask,
) -> Result<Rewritten, Failure> {
    let templates = choice.documents(project.sources.clone(), documents.to_vec());
    let survey = templates.survey();
    let answers = answers(&survey.questions(), choice.environment(), store, ask)?;
    let plan = survey.plan(&answers);
    project.keep_secret(&plan.decided().known, documents);
    let (outputs, said) = plan.attempt();
    let diagnostics = project.warnings.iter().cloned().chain(said).collect();
    let outputs = outputs.into_iter().map(byref::Output::into_template).collect();
    Ok(Rewritten { plan: plan.into_decided(), outputs, diagnostics })
}

pub(crate) fn run(common: &Common, options: &Rewrite) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    let (paths, app_name) = {
        let choice = project.choose(&options.selection, &options.templates)?;
        (project.template_paths(choice.app(), &options.templates)?, choice.app().name.clone())
    };
    let destination = Destination::new(&project, options, &paths)?;
    if destination.recover(&project, &paths)? {
        // What was read may have been undone.
        project = Project::load(common)?;
    }
    let documents = project.documents_in_view(&app_name, &paths)?;
    let own = &documents[..paths.len()];
    #[cfg(feature = "aws")]
    let stacks = if options.deployed { deployed_templates(&mut project, options, &paths, own)? } else { Vec::new() };
    let choice = project.choose(&options.selection, &options.templates)?;
    #[cfg(feature = "aws")]
    let choice = if options.deployed { choice.over_stacks() } else { choice };
    let mut rewritten = rewrite_all(&project, &choice, &documents, &options.selection.store, Ask::WhereNeeded)?;
    #[cfg(feature = "aws")]
    if !has_errors(&rewritten.diagnostics) {
        compare_with_stacks(&choice, own, &mut rewritten, &stacks, options.selection.to_values);
    }
    if let Some(option) = destination.option_that_writes_a_source() {
        rewritten.diagnostics.extend(choice.source_refusal(&rewritten.plan, option));
    } else {
        rewritten.diagnostics.extend(choice.one_region(&rewritten.plan));
    }
    if has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics));
    }
    report(&project.sources, &rewritten.diagnostics, shown(common));
    let changed: Vec<bool> = own
        .iter()
        .zip(&rewritten.outputs)
        .map(|(document, output)| document.template.text() != output.text())
        .collect();
    // What was done is said once it is done.
    let outputs = outputs(own, &rewritten);
    destination.write(options, &paths, &outputs)?;
    if !common.quiet {
        let environment = &choice.environment().name;
        say(&format!("{app_name}, {environment}: {}\n", written(&rewritten.plan, choice.request().content)));
    }
    let standing = choice.kept_references(&rewritten.plan);
    report(&project.sources, &standing, shown(common));
    if options.check {
        for (path, _) in paths.iter().zip(&changed).filter(|(_, changed)| **changed) {
            say(&format!("would change: {}\n", one_line(&path.display().to_string())));
        }
    }
    let is_difference = options.check && changed.contains(&true) || !standing.is_empty();
    Ok(if is_difference { Outcome::Differences } else { Outcome::Done })
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
        let regions = if is_one { vec![choice.request().region.clone()] } else { choice.environment().regions.clone() };
        (choice.app().name.clone(), choice.environment().name.clone(), regions)
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
    choice: &Deployment<'_>,
    documents: &[Document],
    rewritten: &mut Rewritten,
    stacks: &[(usize, Document)],
    to_values: bool,
) {
    let lines = choice.app().secrets(Some(&choice.environment().name));
    let deployed: Vec<SecretValue> =
        stacks.iter().flat_map(|(_, stack)| crate::deployed::values(stack, &lines)).collect();
    let known = rewritten.plan.known.joined(deployed.iter().map(SecretValue::expose));
    crate::output::keep_secret(&known);
    let mut found = Vec::new();
    let mut said: Vec<(usize, &str)> = Vec::new();
    for (index, stack) in stacks {
        let key = (*index, stack.template.text().as_ref());
        if !said.contains(&key) {
            let next = Document { template: rewritten.outputs[*index].clone(), ..documents[*index].clone() };
            found.extend(crate::deployed::mixed_update(stack, &next));
            found.extend(crate::deployed::downgrades(stack, &[next], &lines, to_values));
            said.push(key);
        }
    }
    for diagnostic in &mut found {
        known.mask(diagnostic);
    }
    rewritten.diagnostics.extend(found);
}
