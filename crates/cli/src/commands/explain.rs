//! `byref explain`

use byref::Trace;

use super::{rewrite_all, shown};
use crate::answers::Ask;
use crate::args::{Common, Explain, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::project::{choose, load};
use crate::report::report;

pub(crate) fn run(common: &Common, options: &Explain) -> Result<Outcome, Failure> {
    let mut project = load(common)?;
    let paths = {
        let deployment = choose(&project, &options.selection, &[])?;
        deployment.secret_line(&options.name)?;
        project.listed_paths(deployment.app())?
    };
    let documents = project.documents(&paths)?;
    let deployment = choose(&project, &options.selection, &[])?;
    let line = deployment.secret_line(&options.name)?;
    let rewritten = rewrite_all(
        &project,
        &deployment,
        &documents,
        &options.selection.store,
        Ask::WhereNamed,
    )?;
    let trace = Trace::new(&project, &deployment, line, &rewritten);
    let text = match options.format {
        Format::Json => json(&trace)?,
        Format::Text => trace.text(),
    };
    write_text(&text)?;
    if byref_template::has_errors(trace.diagnostics()) {
        return Err(project.mistakes(trace.diagnostics().to_vec()).into());
    }
    report(project.sources(), trace.diagnostics(), shown(common));
    Ok(Outcome::Done)
}
