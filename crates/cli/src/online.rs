//! Options that ask AWS about deployed stacks, roles and templates. Without the feature `aws`,
//! `offline.rs` takes the place of this file: the options do not exist there, and nothing is asked.

use std::path::PathBuf;

use byref::check::{AdditionalChecks, AppToCheck, Check, Questions, Revisions};
use byref::deployed::{Depth, StackNow, homes, look, update_messages};
use byref::{Deployment, Preview, Project, Rewritten};
use byref_config::Environment;
use byref_rewrite::Document;
use byref_template::Diagnostic;
use clap::Args;

use crate::answers::Ask;
use crate::args::Selection;
use crate::args::store::StoreOptions;
use crate::commands::rewrite_all;
use crate::failure::Failure;
use crate::project::{choose, overrides};
use crate::store::{Progress, Stores, block_on, deployments};

/// Options of `byref rewrite`.
#[derive(Args)]
pub(crate) struct RewriteStacks {
    /// Compare with the deployed stacks, and refuse to turn deployed references into values without
    /// --to-values
    #[arg(long)]
    deployed: bool,
}

/// Options of `byref preview`.
#[derive(Args)]
pub(crate) struct PreviewStacks {
    /// Compare with the deployed stacks and show the effects of an update, in every Region or in
    /// that of --region; exit with 1 if the update would fail
    #[arg(long)]
    deployed: bool,
}

/// Options of `byref check`.
#[derive(Args)]
pub(crate) struct CheckOptions {
    /// Ask AWS for the execution roles of the deployed stack, and with --parity for its values
    #[arg(long)]
    pub(crate) deployed: bool,
    /// List revisions of the stack's task definitions that still contain plaintext values,
    /// including inactive ones
    #[arg(long)]
    revisions: bool,
    /// Have CloudFormation validate the rewritten templates
    #[arg(long, conflicts_with = "all")]
    pub(crate) validate: bool,
}

/// The stacks that the templates of a run are deployed as; none where they were not asked for.
pub(crate) struct Stacks(Option<Vec<StackNow>>);

/// The depth to which the stacks are asked for, if they are.
pub(crate) type Asked = Option<Depth>;

impl RewriteStacks {
    pub(crate) fn asked(&self) -> Asked {
        self.deployed.then_some(Depth::Template)
    }
}

impl PreviewStacks {
    pub(crate) fn asked(&self) -> Asked {
        self.deployed.then_some(Depth::Own)
    }
}

impl Stacks {
    /// Asks AWS for the stacks, if they are asked for.
    pub(crate) fn look(
        asked: Asked,
        project: &mut Project,
        selection: &Selection,
        paths: &[PathBuf],
        documents: &[Document],
    ) -> Result<Self, Failure> {
        let Some(depth) = asked else {
            return Ok(Self(None));
        };
        let (app, environment, regions) = {
            let deployment = choose(project, selection, paths)?;
            (
                deployment.app().name.clone(),
                deployment.environment().clone(),
                deployment.regions(),
            )
        };
        let homes = homes(project, (&app, &environment.name), paths, documents)?;
        let looked = block_on(async {
            let deployments = deployments(&selection.store, &environment, &Progress::hidden())?;
            Ok(look(project, &deployments, &homes, &regions, depth).await?)
        })?;
        Ok(Self(Some(looked)))
    }

    /// Plans the deployment over the stacks, if they were asked for.
    pub(crate) fn under<'p>(&self, deployment: Deployment<'p>) -> Deployment<'p> {
        if self.0.is_some() {
            deployment.over_stacks()
        } else {
            deployment
        }
    }

    /// Returns messages about updating the stacks to a rewrite without errors.
    pub(crate) fn messages(
        &self,
        project: &Project,
        deployment: &Deployment<'_>,
        documents: &[Document],
        rewritten: &Rewritten,
    ) -> Vec<Diagnostic> {
        let stacks = self.0.iter().filter(|_| !rewritten.has_errors());
        stacks
            .flat_map(|stacks| update_messages(project, deployment, documents, rewritten, stacks))
            .collect()
    }

    /// Adds the stacks to a preview.
    pub(crate) fn compared(
        &self,
        preview: Preview,
        project: &Project,
        deployment: &Deployment<'_>,
        documents: &[Document],
        rewritten: &Rewritten,
    ) -> Preview {
        match &self.0 {
            Some(stacks) => preview.over(project, deployment, documents, rewritten, stacks),
            None => preview,
        }
    }
}

/// The questions of a check to AWS.
pub(crate) struct Online(Questions);

impl CheckOptions {
    /// Returns the questions to AWS. With a file store only the file is asked, unless an option
    /// names AWS.
    pub(crate) fn questions(
        &self,
        project: &Project,
        options: &crate::args::deploy::Check,
        stores: &Stores<'_>,
        apps: &[AppToCheck<'_>],
    ) -> Result<Online, Failure> {
        let names_aws = self.validate || self.revisions || self.deployed;
        let has_templates = apps.iter().any(|checked| !checked.documents.is_empty());
        let outputs = self
            .validate
            .then(|| outputs(project, options, apps))
            .transpose()?;
        Ok(Online(Questions {
            are_roles_asked: (names_aws || stores.is_remote()) && has_templates,
            is_stack_asked: self.deployed,
            revisions: match (self.revisions, options.all) {
                (false, _) => Revisions::Skip,
                (true, true) => Revisions::WhereDeployed,
                (true, false) => Revisions::Required,
            },
            outputs,
        }))
    }
}

impl Online {
    /// Returns whether IAM is asked about roles that are defined outside the templates.
    pub(crate) fn are_roles_asked(&self) -> bool {
        self.0.are_roles_asked
    }

    pub(crate) async fn ask(
        &self,
        check: &Check<'_>,
        additional: &mut AdditionalChecks,
        (options, environment): (&StoreOptions, &Environment),
        progress: &Progress,
    ) -> Result<(), Failure> {
        if self.0.are_roles_asked || self.0.revisions != Revisions::Skip {
            let deployments = deployments(options, environment, progress)?;
            check.ask_aws(additional, &deployments, &self.0).await?;
        }
        Ok(())
    }
}

/// Returns the rewritten templates of the one application that is checked.
fn outputs(
    project: &Project,
    options: &crate::args::deploy::Check,
    apps: &[AppToCheck<'_>],
) -> Result<Vec<byref_template::Template>, Failure> {
    let Some(AppToCheck { app, documents }) = apps.first() else {
        return Ok(Vec::new());
    };
    let environment = project.choose_environment(options.environment.as_deref())?;
    let deployment = project
        .deployment(&app.name, &environment.name)?
        .overridden(&overrides(None)?);
    let rewritten = rewrite_all(
        project,
        &deployment,
        documents,
        &options.store,
        Ask::WhereNeeded,
    )?;
    Ok(rewritten.into_outputs(project)?)
}

/// Compares the values of deployed task definitions with the stored ones. Returns remarks about
/// denied requests, too.
pub(crate) async fn parity_of_stacks(
    project: &Project,
    options: &crate::args::deploy::Check,
    stores: &Stores<'_>,
    progress: &Progress,
) -> Result<(byref::check::Parity, Vec<String>), Failure> {
    let environment = project.choose_environment(options.environment.as_deref())?;
    let app = project.choose_app(options.app.as_deref(), &[])?;
    let regions = byref::choose_regions(environment, &options.region)?;
    let deployments = deployments(&options.store, environment, progress)?;
    let store = stores.open(environment, progress)?;
    let asked = (&deployments, &store);
    Ok(byref::check::Parity::of_stacks(project, (app, environment), &regions, asked).await?)
}
