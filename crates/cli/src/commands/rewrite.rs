//! `byref rewrite`

mod output;

use self::output::{Destination, outputs};
use super::{rewrite_all, shown};
use crate::answers::Ask;
use crate::args::{Common, Rewrite};
use crate::failure::{Failure, Outcome};
use crate::online::Stacks;
use crate::output::say;
use crate::report::report;
use byref::render::escape::one_line;
use byref::render::summary::written;

pub(crate) fn run(common: &Common, options: &Rewrite) -> Result<Outcome, Failure> {
    let mut project = crate::project::load(common)?;
    let (paths, app_name) = {
        let choice = crate::project::choose(&project, &options.selection, &options.templates)?;
        (
            project.template_paths(choice.app(), &options.templates)?,
            choice.app().name.clone(),
        )
    };
    let destination = Destination::new(&project, options, &paths)?;
    if destination.recover(&project, &paths)? {
        // The files that were read may have changed.
        project = crate::project::load(common)?;
    }
    let documents = project.documents_in_view(&app_name, &paths)?;
    let own = &documents[..paths.len()];
    let stacks = Stacks::look(
        options.stacks.asked(),
        &mut project,
        &options.selection,
        &paths,
        own,
    )?;
    let choice = stacks.under(crate::project::choose(
        &project,
        &options.selection,
        &options.templates,
    )?);
    let mut rewritten = rewrite_all(
        &project,
        &choice,
        &documents,
        &options.selection.store,
        Ask::WhereNeeded,
    )?;
    let messages = stacks.messages(&project, &choice, own, &rewritten);
    rewritten.diagnostics.extend(messages);
    if let Some(option) = destination.option_that_writes_a_source() {
        rewritten
            .diagnostics
            .extend(choice.source_refusal(&rewritten.plan, option));
    } else {
        rewritten
            .diagnostics
            .extend(choice.one_region(&rewritten.plan));
    }
    if rewritten.has_errors() {
        return Err(project.mistakes(rewritten.diagnostics).into());
    }
    report(project.sources(), &rewritten.diagnostics, shown(common));
    let changed: Vec<bool> = (0..own.len())
        .map(|index| rewritten.is_changed(own, index))
        .collect();
    // byref reports the result only after writing it.
    let outputs = outputs(own, &rewritten);
    destination.write(options, &paths, &outputs)?;
    if !common.quiet {
        let environment = &choice.environment().name;
        say(&format!(
            "{app_name}, {environment}: {}\n",
            written(&rewritten.plan, choice.request().content)
        ));
    }
    let standing = choice.kept_references(&rewritten.plan);
    report(project.sources(), &standing, shown(common));
    if options.check {
        for (path, _) in paths.iter().zip(&changed).filter(|(_, changed)| **changed) {
            say(&format!(
                "would change: {}\n",
                one_line(&path.display().to_string())
            ));
        }
    }
    let is_difference = options.check && changed.contains(&true) || !standing.is_empty();
    Ok(if is_difference {
        Outcome::Differences
    } else {
        Outcome::Done
    })
}
