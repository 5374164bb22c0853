//! What is deployed now: the stack of an application, with its template, task definitions and services.

mod effect;
mod standing;

use byref_aws::{AwsDeployments, Service, StackResource, TaskDefinition};
use byref_config::{App, Environment};
use byref_parameter::{Region, SecretValue};
use byref_rewrite::Document;
use byref_store::StoreError;
use byref_template::Sources;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

pub(crate) use effect::{Effect, Level, effects};
pub(crate) use standing::{Holder, Standing, downgrades, standings};

use crate::failure::Failure;
use crate::project::add_document;

/// A stack in one Region.
pub(crate) struct DeployedStack {
    pub(crate) name: String,
    pub(crate) region: Region,
    /// `UPDATE_COMPLETE`, for example.
    pub(crate) status: String,
    /// The template as it was deployed.
    pub(crate) template: SecretValue,
    /// Its task definitions, by their logical ids.
    pub(crate) task_definitions: Vec<(String, TaskDefinition)>,
    /// Its services, by their logical ids.
    pub(crate) services: Vec<(String, Service)>,
    /// What could not be found out.
    pub(crate) notes: Vec<String>,
}

/// The stack's name in an environment.
pub(crate) fn stack_name(app: &App, environment: &Environment) -> Result<String, Failure> {
    let pattern = app.stack.as_ref().ok_or_else(|| {
        Failure::usage(
            format!("the configuration does not say which stack `{}` is deployed as", app.name),
            format!("set `stack = \"{}-{{environment}}\"` under `[apps.{}]`", app.name, app.name),
        )
    })?;
    Ok(pattern.replace("{environment}", &environment.name))
}

/// A stack and its template; none where nothing was deployed yet. Whose account it is is asked only when there is none.
pub(crate) async fn find(
    deployments: &AwsDeployments,
    region: &Region,
    name: &str,
) -> Result<Option<DeployedStack>, StoreError> {
    let found = deployments.stack(region, name).await?;
    // A change set that was never carried out leaves a stack without a template.
    let Some(stack) = found.filter(|stack| stack.status != "REVIEW_IN_PROGRESS") else {
        deployments.check_account().await?;
        return Ok(None);
    };
    let template = deployments.template(region, name).await?;
    Ok(Some(DeployedStack {
        name: stack.name,
        region: region.clone(),
        status: stack.status,
        template,
        task_definitions: Vec::new(),
        services: Vec::new(),
        notes: Vec::new(),
    }))
}

impl DeployedStack {
    /// Its template, among the texts that messages point into.
    pub(crate) fn document(&self, sources: &mut Sources) -> Result<Document, Failure> {
        add_document(sources, self.label(), self.template.expose()).map_err(|diagnostic| Failure::Mistakes {
            sources: Box::new(sources.clone()),
            diagnostics: vec![*diagnostic],
        })
    }

    /// `stack quiz-api-production (us-west-2)`
    pub(crate) fn label(&self) -> String {
        format!("stack {} ({})", self.name, self.region)
    }

    /// Asks for its task definitions and services. What the caller may not see becomes a note.
    pub(crate) async fn look_inside(&mut self, deployments: &AwsDeployments) -> Result<(), StoreError> {
        let resources = match deployments.resources(&self.region, &self.name).await {
            Ok(resources) => resources,
            Err(error @ StoreError::Denied(_)) => {
                self.note("its task definitions and services", &error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match task_definitions(deployments, &self.region, &resources).await {
            Ok(found) => self.task_definitions = found,
            Err(error @ StoreError::Denied(_)) => self.note("its task definitions", &error),
            Err(error) => return Err(error),
        }
        let ids = physical_ids(&resources, "AWS::ECS::Service");
        let arns: Vec<String> = ids.iter().map(|(_, arn)| arn.clone()).collect();
        match deployments.services(&self.region, &arns).await {
            Ok(found) => {
                let with_id = |service: Service| {
                    let (id, _) = ids.iter().find(|(_, arn)| *arn == service.arn)?;
                    Some((id.clone(), service))
                };
                self.services = found.into_iter().filter_map(with_id).collect();
            }
            Err(error @ StoreError::Denied(_)) => self.note("its services", &error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn note(&mut self, what: &str, error: &StoreError) {
        self.notes.push(format!("{what} are not known: {error}; {}", error.help()));
    }
}

/// The task definitions of a stack, by their logical ids.
pub(crate) async fn task_definitions(
    deployments: &AwsDeployments,
    region: &Region,
    resources: &[StackResource],
) -> Result<Vec<(String, TaskDefinition)>, StoreError> {
    /// Requests under way.
    const CONCURRENCY: usize = 5;
    let ids = physical_ids(resources, "AWS::ECS::TaskDefinition");
    let found: Vec<(String, Option<TaskDefinition>)> = stream::iter(ids)
        .map(async |(id, arn)| Ok::<_, StoreError>((id, deployments.task_definition(region, &arn).await?)))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(found.into_iter().filter_map(|(id, found)| Some((id, found?))).collect())
}

fn physical_ids(resources: &[StackResource], resource_type: &str) -> Vec<(String, String)> {
    let own = resources.iter().filter(|resource| resource.resource_type == resource_type);
    own.filter_map(|resource| Some((resource.logical_id.clone(), resource.physical_id.clone()?))).collect()
}
