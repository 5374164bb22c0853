//! `byref check`: before a deploy, everything that is referenced is there, and may be read.
//!
//! [`inspect`] asks every Region at once, [`judge`](inspect) says what is wrong, [`render`] shows it. [`access`] judges
//! the roles in the templates; what is deployed and what roles from elsewhere may do is asked of AWS, wherever the
//! secrets are: [`further`] gathers it.

mod access;
mod further;
mod inspect;
#[cfg(feature = "aws")]
mod online;
mod parity;
#[cfg(feature = "aws")]
mod parity_deployed;
mod render;
#[cfg(feature = "aws")]
mod revision;
#[cfg(feature = "aws")]
mod role;
mod subject;
#[cfg(feature = "aws")]
mod validate;

pub(crate) use inspect::is_key;

use byref_config::App;
use byref_rewrite::Document;

use crate::args::Common;
use crate::args::deploy::Check;
use crate::failure::{Failure, Outcome};
use crate::store::{Progress, Stores, block_on};
use byref::Project;
use further::Further;

pub(crate) fn run(common: &Common, options: &Check) -> Result<Outcome, Failure> {
    let mut project = crate::project::load(common)?;
    match &options.parity {
        Some(Some(template)) => return parity::run(common, options, &mut project, template),
        #[cfg(feature = "aws")]
        Some(None) if options.deployed => return parity_deployed::run(common, options, &project),
        Some(None) => {
            return Err(Failure::usage(
                "`--parity` has nothing to compare with",
                "name the template, or say `--deployed` for what the stack has now",
            ));
        }
        None => {}
    }
    let stores = Stores::to_read(&options.store);
    let mut further = Further::default();
    let templates = templates(&mut project, options, &mut further)?;
    #[cfg(feature = "aws")]
    let online = online::Online::new(&project, options, &stores, &templates)?;
    let environment = project.choose_environment(options.environment.as_deref())?;
    let regions = crate::store::regions(environment, &options.region)?;
    further.notes.extend(crate::store::placeholder_note(environment));
    for (name, documents) in &templates {
        let app = project.app(name)?;
        #[cfg(feature = "aws")]
        let is_iam_asked = online.is_iam_asked();
        #[cfg(not(feature = "aws"))]
        let is_iam_asked = false;
        access::check(&mut further, &project, (app, environment), documents, is_iam_asked)?;
    }
    let apps = if options.all {
        project.config().apps.values().collect()
    } else {
        vec![project.choose_app(options.app.as_deref(), &options.templates)?]
    };
    let subjects = subject::subjects(&project, environment, &regions, &apps);
    let keys = if options.keys || !options.all || !environment.kms_keys.is_empty() {
        inspect::Keys::Compare
    } else {
        inspect::Keys::Skip
    };
    let total = subject::questions(&subjects);
    let progress = Progress::new(common, Some(total));
    let inspection = block_on(async {
        let store = stores.open(environment, &progress)?;
        // Every request would say so, and each Region would have it in the report.
        store.check_account().await?;
        let answers = inspect::inspect(&store, &regions, &subjects, keys).await;
        #[cfg(feature = "aws")]
        online.ask(&mut further, &project, environment, &regions, &progress).await?;
        Ok(answers)
    });
    progress.clear();
    let report = inspect::Report::new((project.config(), environment), &subjects, &inspection?, further);
    render::write(common, &project, options.format, &report)?;
    Ok(report.outcome())
}

/// The applications that are checked, with their templates. Those that were typed, or that shall be validated, must be
/// there; those of the configuration need not.
fn templates(
    project: &mut Project,
    options: &Check,
    further: &mut Further,
) -> Result<Vec<(String, Vec<Document>)>, Failure> {
    let chosen: Vec<App> = if options.all {
        project.config().apps.values().cloned().collect()
    } else {
        vec![project.choose_app(options.app.as_deref(), &options.templates)?.clone()]
    };
    let is_required = !options.templates.is_empty();
    #[cfg(feature = "aws")]
    let is_required = is_required || options.validate;
    let mut apps = Vec::new();
    for app in chosen {
        let paths = project.template_paths(&app, &options.templates);
        let read = paths.and_then(|paths| project.documents_in_view(&app.name, &paths));
        let documents = match read {
            Ok(documents) => documents,
            Err(failure) if is_required => return Err(failure.into()),
            Err(_) if app.templates.is_empty() => Vec::new(),
            Err(_) => {
                further.notes.push(format!(
                    "roles of `{}` are not checked, since its templates can't all be read: `byref preview --app {}` says why",
                    app.name, app.name
                ));
                Vec::new()
            }
        };
        apps.push((app.name, documents));
    }
    Ok(apps)
}
