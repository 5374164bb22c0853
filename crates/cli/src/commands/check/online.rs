//! What a check asks AWS beyond the parameters, and what for.

use byref_config::Environment;
use byref_parameter::Region;
use byref_rewrite::Document;
use byref_template::Template;

use super::further::Further;
use super::{revision, role, validate};
use crate::answers::Ask;
use crate::args::deploy::Check;
use crate::commands::rewrite::rewrite_all;
use crate::failure::Failure;
use crate::store::{Progress, Stores, deployments};
use byref::Project;

/// The questions of one run.
pub(super) struct Online<'o> {
    options: &'o Check,
    /// The applications with their templates.
    apps: &'o [(String, Vec<Document>)],
    /// What would be deployed, where it shall be validated.
    outputs: Option<Vec<Template>>,
    is_iam_asked: bool,
}

impl<'o> Online<'o> {
    pub(super) fn new(
        project: &Project,
        options: &'o Check,
        stores: &Stores<'_>,
        apps: &'o [(String, Vec<Document>)],
    ) -> Result<Self, Failure> {
        // With a file store nothing but the file is asked, unless that was said.
        let is_said = options.validate || options.revisions || options.deployed;
        let is_iam_asked = (is_said || stores.is_remote()) && apps.iter().any(|(_, documents)| !documents.is_empty());
        let outputs = if options.validate { Some(outputs(project, options, apps)?) } else { None };
        Ok(Self { options, apps, outputs, is_iam_asked })
    }

    /// Whether IAM is asked about roles from elsewhere.
    pub(super) fn is_iam_asked(&self) -> bool {
        self.is_iam_asked
    }

    pub(super) async fn ask(
        &self,
        further: &mut Further,
        project: &Project,
        environment: &Environment,
        regions: &[Region],
        progress: &Progress,
    ) -> Result<(), Failure> {
        let options = self.options;
        if !self.is_iam_asked && !options.revisions {
            return Ok(());
        }
        let deployments = deployments(&options.store, environment, progress)?;
        for (name, documents) in self.apps {
            let app = project.app(name)?;
            let is_stack_asked = options.deployed;
            let roles = role::RoleCheck { project, app, environment, deployments: &deployments, is_stack_asked };
            let done = roles.run(further, documents, regions).await;
            reported(further, &regions[0], done)?;
            if options.revisions && !(options.all && app.stacks.is_empty()) {
                revision::check(further, (app, environment), regions, &deployments).await?;
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
fn reported(further: &mut Further, region: &Region, done: Result<(), Failure>) -> Result<(), Failure> {
    match done {
        Err(Failure::Operation(byref::Error::Store(error))) => {
            further.failures.push((region.clone(), error));
            Ok(())
        }
        done => done,
    }
}

/// What would be deployed of the one application that is checked.
fn outputs(project: &Project, options: &Check, apps: &[(String, Vec<Document>)]) -> Result<Vec<Template>, Failure> {
    let Some((name, documents)) = apps.first() else { return Ok(Vec::new()) };
    let selection = crate::args::Selection {
        app: Some(name.clone()),
        environment: options.environment.clone(),
        region: None,
        scheme: None,
        to_values: false,
        keep_references: false,
        grant: None,
        grants_only: false,
        prune_parameters: false,
        prune_grants: false,
        create_execution_role: false,
        store: options.store.clone(),
    };
    let choice = crate::project::choose(&project, &selection, &[])?;
    let rewritten = rewrite_all(project, &choice, documents, &options.store, Ask::WhereNeeded)?;
    if byref_template::has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics).into());
    }
    Ok(rewritten.outputs)
}
