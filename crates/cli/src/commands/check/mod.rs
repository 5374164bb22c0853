//! `byref check`: before a deploy, everything that is referenced is there, and may be read.
//!
//! [`inspect`] asks every Region at once, [`judge`](inspect) says what is wrong, [`render`] shows it. What is deployed
//! and what roles may do is asked of AWS, wherever the secrets are: [`further`] gathers it.

mod further;
mod inspect;
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

#[cfg(feature = "aws")]
use std::sync::Arc;

#[cfg(feature = "aws")]
use byref_config::{App, Environment};
#[cfg(feature = "aws")]
use byref_parameter::Region;
#[cfg(feature = "aws")]
use byref_rewrite::Document;

use crate::args::Common;
use crate::args::deploy::Check;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::store::{Progress, Stores, block_on};
use further::Further;

pub(crate) fn run(common: &Common, options: &Check) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
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
    let further = Further::default();
    #[cfg(feature = "aws")]
    let mut further = further;
    #[cfg(feature = "aws")]
    let online = Online::read(&mut project, options, &stores, &mut further)?;
    let environment = project.environment(options.environment.as_deref())?;
    let regions = crate::store::regions(environment, &options.region)?;
    let apps = if options.all {
        project.config.apps.values().collect()
    } else {
        vec![project.app(options.app.as_deref(), &options.templates)?]
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
        let answers = inspect::inspect(&store, &regions, &subjects, keys).await;
        if inspect::is_everything_missing(&answers) {
            // More likely than that nothing was ever stored: the credentials are of another account.
            store.check_account().await?;
        }
        #[cfg(feature = "aws")]
        online.ask(&mut further, &project, environment, &regions, &progress).await?;
        Ok(answers)
    });
    progress.clear();
    let report = inspect::Report::new(environment, &subjects, &inspection?, further);
    render::write(common, &project, options.format, &report)?;
    Ok(report.outcome())
}

/// What is asked beyond the parameters, and what for.
#[cfg(feature = "aws")]
struct Online<'o> {
    options: &'o Check,
    /// The applications, with their templates where roles are asked for.
    apps: Vec<(String, Vec<Document>)>,
    /// What would be deployed, where it shall be validated.
    outputs: Option<Vec<Arc<str>>>,
}

#[cfg(feature = "aws")]
impl<'o> Online<'o> {
    /// Reads the templates. Those that were typed must be there; those of the configuration need not.
    fn read(
        project: &mut Project,
        options: &'o Check,
        stores: &Stores<'_>,
        further: &mut Further,
    ) -> Result<Self, Failure> {
        let chosen: Vec<App> = if options.all {
            project.config.apps.values().cloned().collect()
        } else {
            vec![project.app(options.app.as_deref(), &options.templates)?.clone()]
        };
        let is_required = options.validate || !options.templates.is_empty();
        let mut apps = Vec::new();
        for app in chosen {
            // With a file store nothing but the file is asked, unless that was said.
            let is_wanted = is_required || options.deployed || stores.is_remote();
            let documents = match project.template_paths(&app, &options.templates) {
                _ if !is_wanted => Vec::new(),
                Ok(paths) => match project.documents(&paths) {
                    Ok(documents) => documents,
                    Err(failure) if is_required => return Err(failure),
                    Err(_) => {
                        further.notes.push(format!(
                            "execution roles of `{}`: not checked, since its templates are not all here",
                            app.name
                        ));
                        Vec::new()
                    }
                },
                Err(failure) if is_required => return Err(failure),
                Err(_) => Vec::new(),
            };
            apps.push((app.name, documents));
        }
        let outputs = if options.validate { Some(outputs(project, options, &apps)?) } else { None };
        Ok(Self { options, apps, outputs })
    }

    async fn ask(
        &self,
        further: &mut Further,
        project: &Project,
        environment: &Environment,
        regions: &[Region],
        progress: &Progress,
    ) -> Result<(), Failure> {
        let options = self.options;
        let is_asked =
            options.validate || options.revisions || self.apps.iter().any(|(_, documents)| !documents.is_empty());
        if !is_asked {
            return Ok(());
        }
        let deployments = crate::store::deployments(&options.store, environment, progress)?;
        for (name, documents) in &self.apps {
            let app = project.app(Some(name), &[])?;
            let is_stack_asked = options.deployed;
            let roles = role::RoleCheck { project, app, environment, deployments: &deployments, is_stack_asked };
            let done = roles.run(further, documents, regions).await;
            reported(further, &regions[0], done)?;
            if options.revisions {
                let done = revision::check(further, (app, environment), regions, &deployments).await;
                reported(further, &regions[0], done)?;
            }
            if let Some(outputs) = &self.outputs {
                let done = validate::check(further, documents, outputs, &regions[0], &deployments).await;
                reported(further, &regions[0], done)?;
            }
        }
        Ok(())
    }
}

/// What AWS gave no answer to stands in the report, beside what it did answer.
#[cfg(feature = "aws")]
fn reported(further: &mut Further, region: &Region, done: Result<(), Failure>) -> Result<(), Failure> {
    match done {
        Err(Failure::Store(error)) => {
            further.failures.push((region.clone(), error));
            Ok(())
        }
        done => done,
    }
}

/// What would be deployed of the one application that is checked.
#[cfg(feature = "aws")]
fn outputs(project: &Project, options: &Check, apps: &[(String, Vec<Document>)]) -> Result<Vec<Arc<str>>, Failure> {
    use crate::answers::Ask;
    use crate::commands::rewrite::rewrite_all;

    let Some((name, documents)) = apps.first() else { return Ok(Vec::new()) };
    let selection = crate::args::Selection {
        app: Some(name.clone()),
        environment: options.environment.clone(),
        region: None,
        scheme: None,
        to_values: false,
        grant: None,
        prune_parameters: false,
        prune_grants: false,
        create_execution_role: false,
        store: options.store.clone(),
    };
    let choice = project.choose(&selection, &[])?;
    let rewritten = rewrite_all(project, &choice, documents, &options.store, Ask::WhereNeeded)?;
    if crate::project::has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics));
    }
    Ok(rewritten.outputs)
}
