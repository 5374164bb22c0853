//! `byref rewrite`

mod output;

use byref_rewrite::Document;

use self::output::{Destination, outputs};
use super::shown;
use crate::answers::{Ask, answers};
use crate::args::store::StoreOptions;
use crate::args::{Common, Rewrite};
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::report::report;
use byref::Project;
use byref::render::escape::one_line;
use byref::render::summary::written;
use byref::{Deployment, Rewritten};

/// Plans and rewrites, without writing anything. Of templates that are only read, which come last, there is no output.
pub(crate) fn rewrite_all(
    project: &Project,
    choice: &Deployment<'_>,
    documents: &[Document],
    store: &StoreOptions,
    ask: Ask,
) -> Result<Rewritten, Failure> {
    Rewritten::new(project, choice, documents, |questions| answers(questions, choice.environment(), store, ask))
}

pub(crate) fn run(common: &Common, options: &Rewrite) -> Result<Outcome, Failure> {
    let mut project = crate::project::load(common)?;
    let (paths, app_name) = {
        let choice = crate::project::choose(&project, &options.selection, &options.templates)?;
        (project.template_paths(choice.app(), &options.templates)?, choice.app().name.clone())
    };
    let destination = Destination::new(&project, options, &paths)?;
    if destination.recover(&project, &paths)? {
        // The files that were read may have changed.
        project = crate::project::load(common)?;
    }
    let documents = project.documents_in_view(&app_name, &paths)?;
    let own = &documents[..paths.len()];
    #[cfg(feature = "aws")]
    let stacks =
        if options.deployed { super::stacks(&mut project, &options.selection, &paths, own, None)? } else { Vec::new() };
    let choice = crate::project::choose(&project, &options.selection, &options.templates)?;
    #[cfg(feature = "aws")]
    let choice = if options.deployed { choice.over_stacks() } else { choice };
    let mut rewritten = rewrite_all(&project, &choice, &documents, &options.selection.store, Ask::WhereNeeded)?;
    #[cfg(feature = "aws")]
    if !rewritten.has_errors() {
        let messages = byref::deployed::update_messages(&project, &choice, own, &rewritten, &stacks);
        rewritten.diagnostics.extend(messages);
    }
    if let Some(option) = destination.option_that_writes_a_source() {
        rewritten.diagnostics.extend(choice.source_refusal(&rewritten.plan, option));
    } else {
        rewritten.diagnostics.extend(choice.one_region(&rewritten.plan));
    }
    if rewritten.has_errors() {
        return Err(project.mistakes(rewritten.diagnostics).into());
    }
    report(project.sources(), &rewritten.diagnostics, shown(common));
    let changed: Vec<bool> = (0..own.len()).map(|index| rewritten.is_changed(own, index)).collect();
    // byref reports the result only after writing it.
    let outputs = outputs(own, &rewritten);
    destination.write(options, &paths, &outputs)?;
    if !common.quiet {
        let environment = &choice.environment().name;
        say(&format!("{app_name}, {environment}: {}\n", written(&rewritten.plan, choice.request().content)));
    }
    let standing = choice.standing_references(&rewritten.plan);
    report(project.sources(), &standing, shown(common));
    if options.check {
        for (path, _) in paths.iter().zip(&changed).filter(|(_, changed)| **changed) {
            say(&format!("would change: {}\n", one_line(&path.display().to_string())));
        }
    }
    let is_difference = options.check && changed.contains(&true) || !standing.is_empty();
    Ok(if is_difference { Outcome::Differences } else { Outcome::Done })
}
