//! `byref preview`

use byref::Preview;

use super::{rewrite_all, shown};
use crate::answers::Ask;
use crate::args::{Common, Preview as Options, PreviewFormat};
use crate::failure::{Failure, Outcome};
use crate::online::Stacks;
use crate::output::{json, write_styled, write_text};
use crate::project::{choose, load};
use crate::report::report;

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let mut project = load(common)?;
    let (paths, app) = {
        let choice = choose(&project, &options.selection, &options.templates)?;
        (
            project.template_paths(choice.app(), &options.templates)?,
            choice.app().name.clone(),
        )
    };
    let documents = project.documents_in_view(&app, &paths)?;
    let own = &documents[..paths.len()];
    let stacks = Stacks::look(
        options.stacks.asked(),
        &mut project,
        &options.selection,
        &paths,
        own,
    )?;
    let choice = stacks.under(choose(&project, &options.selection, &options.templates)?);
    let rewritten = rewrite_all(
        &project,
        &choice,
        &documents,
        &options.selection.store,
        Ask::WhereNamed,
    )?;
    let preview = Preview::new(&project, &choice, own, &rewritten);
    let preview = stacks.compared(preview, &project, &choice, own, &rewritten);
    match options.format {
        PreviewFormat::Json => write_text(&json(&preview)?)?,
        PreviewFormat::Markdown => write_text(&preview.markdown())?,
        PreviewFormat::Text => write_styled(&preview.text())?,
    }
    report(
        project.sources(),
        &preview.diagnostics(&project)?,
        shown(common),
    );
    let is_difference = preview.would_fail() || preview.is_changed() && options.exit_code;
    Ok(if is_difference {
        Outcome::Differences
    } else {
        Outcome::Done
    })
}
