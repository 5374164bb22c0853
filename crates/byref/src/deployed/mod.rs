//! The stacks that an application is deployed as, with their templates, task definitions and
//! services.
//!
//! [`homes`] pairs templates with stacks, [`look`] asks AWS for them, and [`crate::Preview::over`]
//! and [`update_messages`] compare a rewrite with what they have now. Everything here reads only.
//!
//! | step | requests |
//! | --- | --- |
//! | the stack | `DescribeStacks`, `GetTemplate` |
//! | its resources, with [`Depth`] | `ListStackResources`, one for each nested stack too |
//! | its task definitions | `DescribeTaskDefinition`, five at a time |
//! | its services | `DescribeServices` |
//!
//! The first row is needed, and its failure an error. The others only add effects to a comparison:
//! a denied one becomes a note, and the comparison goes on without it.
//!
//! The template that is compared is the original one, as it was sent to CloudFormation, before
//! macros and transforms: it is the one that the rewrite continues.

mod delivery;
mod effect;
mod home;
mod rollback;
mod service;
mod update;
mod view;

use byref_aws::{AwsDeployments, DeployedContainer, Service, StackResource, TaskDefinition};
use byref_config::{App, Environment, SecretLine};
use byref_parameter::{Region, SecretValue};
use byref_rewrite::Document;
use byref_store::StoreError;
use byref_template::Sources;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

pub(crate) use self::delivery::{Delivery, Holder, deliveries, downgrades, values};
pub(crate) use self::effect::{Effect, Level, effects, mixed_update, would_fail};
pub(crate) use self::home::locate;
pub use self::home::{Home, homes};
pub(crate) use self::rollback::Rollback;
pub use self::update::update_messages;
pub(crate) use self::view::views;
pub use self::view::{StackNow, View, look};
use crate::error::Error;

/// A stack in one Region.
///
/// The template is a secret value because it may contain plaintext: the reason for the move.
pub(crate) struct DeployedStack {
    /// The stack's name; of a nested stack its ARN.
    pub(crate) name: String,
    pub(crate) region: Region,
    /// `UPDATE_COMPLETE`, for example.
    pub(crate) status: String,
    /// The template as it was deployed.
    pub(crate) template: SecretValue,
    pub(crate) inside: Inside,
    /// Remarks about requests that the caller may not make.
    pub(crate) notes: Vec<String>,
}

/// The resources of a stack by logical ids; those of a nested stack are prefixed with its own:
/// `Worker.Task`.
///
/// A resource that exists in the stack but not in ECS is listed as lost, since an update that needs
/// it fails.
#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) task_definitions: Vec<(String, TaskDefinition)>,
    /// Task definitions of the stack that were deleted outside of CloudFormation.
    pub(crate) lost_task_definitions: Vec<String>,
    pub(crate) services: Vec<(String, Service)>,
    /// Services of the stack that were deleted outside of CloudFormation.
    pub(crate) lost_services: Vec<String>,
}

/// The reason why there is no stack to compare with.
///
/// Not an error: before the first deploy there is nothing to compare with, and every secret of the
/// template is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nothing was deployed under its name.
    NotThere,
    /// It has a change set that was never carried out, and nothing else.
    UnderReview,
}

/// A stack, or why there is none.
pub(crate) type Found = Result<Box<DeployedStack>, Absence>;

impl Absence {
    /// Returns the reason as a sentence about a stack.
    pub(crate) fn describe(self, name: &str, region: &Region) -> String {
        match self {
            Self::NotThere => format!("there is no stack `{name}` in {region} yet"),
            Self::UnderReview => {
                format!(
                    "nothing is deployed yet of the stack `{name}` in {region}, which is under review"
                )
            }
        }
    }
}

/// Returns the names of an application's stacks in an environment, in the order of its templates.
///
/// `stack = "web-{environment}"` → `web-production`.
///
/// # Errors
///
/// [`Error::Request`] for an application without `stack`.
pub(crate) fn stack_names(app: &App, environment: &Environment) -> Result<Vec<String>, Error> {
    if app.stacks.is_empty() {
        return Err(Error::request(
            format!(
                "the configuration does not say which stack `{}` is deployed as",
                app.name
            ),
            format!(
                "set `stack = \"{}-{{environment}}\"` under `[apps.{}]`",
                app.name, app.name
            ),
        ));
    }
    Ok(app
        .stacks
        .iter()
        .map(|pattern| pattern.replace("{environment}", &environment.name))
        .collect())
}

/// Returns a stack with its template. Only where there is none, checks that the account is the
/// environment's.
///
/// In a wrong account every stack looks as if it was never deployed. The account is checked only in
/// that case, since a stack that is found has the account in its ARN, and needs no further request.
pub(crate) async fn find(
    deployments: &AwsDeployments,
    region: &Region,
    name: &str,
) -> Result<Found, StoreError> {
    let Some(stack) = deployments.stack(region, name).await? else {
        deployments.check_account().await?;
        return Ok(Err(Absence::NotThere));
    };
    if stack.status == "REVIEW_IN_PROGRESS" {
        return Ok(Err(Absence::UnderReview));
    }
    let template = deployments.template(region, name).await?;
    Ok(Ok(Box::new(DeployedStack {
        name: stack.name,
        region: region.clone(),
        status: stack.status,
        template,
        inside: Inside::default(),
        notes: Vec::new(),
    })))
}

/// The resources of a stack that are asked for.
///
/// The choice matters for cost alone: [`Depth::Nested`] adds a request for each nested stack,
/// whether or not it has containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: only its template.
    Template,
    /// Only its own resources.
    Own,
    /// Also those of the stacks that it nests, and that these nest.
    Nested,
}

/// Stacks below one that are looked into: CloudFormation's own limit is far below.
const NESTED_STACKS: usize = 200;

impl DeployedStack {
    /// Parses its template, and adds it to the texts that messages point into.
    ///
    /// The name of the source is [`DeployedStack::label`], so a message about it reads `stack
    /// web-production (us-west-2):12:3`.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] for a template that does not parse, which CloudFormation accepted: a
    /// form that byref does not support.
    pub(crate) fn document(&self, sources: &mut Sources) -> Result<Document, Error> {
        crate::parse_template(sources, self.label(), self.template.expose())
            .map_err(|diagnostic| crate::Mistakes::new(sources.clone(), vec![*diagnostic]).into())
    }

    /// Returns `stack quiz-api-production (us-west-2)`.
    pub(crate) fn label(&self) -> String {
        format!("stack {} ({})", self.name, self.region)
    }

    /// Asks for its task definitions and services, to this depth. A permission that the caller
    /// lacks becomes a note.
    pub(crate) async fn look_inside(
        &mut self,
        deployments: &AwsDeployments,
        depth: Depth,
    ) -> Result<(), StoreError> {
        if depth == Depth::Template {
            return Ok(());
        }
        let resources = match self.resources(deployments, depth).await {
            Ok(resources) => resources,
            Err(error @ StoreError::Denied(_)) => {
                self.note("its task definitions and services", &error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match self
            .inside
            .ask_task_definitions(deployments, &self.region, &resources)
            .await
        {
            Ok(()) => {}
            Err(error @ StoreError::Denied(_)) => self.note("its task definitions", &error),
            Err(error) => return Err(error),
        }
        match self
            .inside
            .ask_services(deployments, &self.region, &resources)
            .await
        {
            Ok(()) => {}
            Err(error @ StoreError::Denied(_)) => self.note("its services", &error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Lists the resources of the stack, and of the stacks below it where these are asked for, up
    /// to a limit.
    ///
    /// Breadth first. A resource of a nested stack follows those of its parent and has the logical
    /// id of the nested stack in front of its own, at every level: `Outer.Inner.Task`.
    async fn resources(
        &self,
        deployments: &AwsDeployments,
        depth: Depth,
    ) -> Result<Vec<StackResource>, StoreError> {
        let mut found = deployments.resources(&self.region, &self.name).await?;
        if depth == Depth::Own {
            return Ok(found);
        }
        let mut next = 0;
        let mut looked_into = 0;
        while let Some(resource) = found.get(next) {
            next += 1;
            let nested = resource
                .physical_id
                .clone()
                .filter(|_| resource.resource_type == NESTED_STACK);
            let Some(stack) = nested.filter(|_| looked_into < NESTED_STACKS) else {
                continue;
            };
            looked_into += 1;
            let prefix = resource.logical_id.clone();
            let own = deployments
                .resources(&self.region, &stack)
                .await?
                .into_iter();
            found.extend(own.map(|resource| StackResource {
                logical_id: format!("{prefix}.{}", resource.logical_id),
                ..resource
            }));
        }
        Ok(found)
    }

    /// Adds a remark about a denied request.
    fn note(&mut self, what: &str, error: &StoreError) {
        self.notes
            .push(format!("{what} are not known: {error}; {}", error.help()));
    }
}

/// The type of a stack in a stack.
const NESTED_STACK: &str = "AWS::CloudFormation::Stack";

impl Inside {
    /// Describes the task definitions among the resources, several at a time, in their order.
    ///
    /// A task definition that ECS does not know any more is lost: it was deleted, not only
    /// deregistered.
    async fn ask_task_definitions(
        &mut self,
        deployments: &AwsDeployments,
        region: &Region,
        resources: &[StackResource],
    ) -> Result<(), StoreError> {
        /// Requests under way.
        const CONCURRENCY: usize = 5;
        let ids = physical_ids(resources, "AWS::ECS::TaskDefinition");
        let found: Vec<(String, Option<TaskDefinition>)> = stream::iter(ids)
            .map(async |(id, arn)| {
                Ok::<_, StoreError>((id, deployments.task_definition(region, &arn).await?))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        for (id, found) in found {
            match found {
                Some(task) => self.task_definitions.push((id, task)),
                None => self.lost_task_definitions.push(id),
            }
        }
        Ok(())
    }

    /// Describes the services among the resources. An ARN without a cluster cannot be looked up:
    /// the short form that old services have.
    ///
    /// ```text
    /// arn:aws:ecs:us-west-2:111122223333:service/cluster/web  looked up
    /// arn:aws:ecs:us-west-2:111122223333:service/web          the short form: left out
    /// ```
    ///
    /// Only the first one can be lost: about the other one nothing is known.
    async fn ask_services(
        &mut self,
        deployments: &AwsDeployments,
        region: &Region,
        resources: &[StackResource],
    ) -> Result<(), StoreError> {
        let ids = physical_ids(resources, "AWS::ECS::Service");
        let arns: Vec<String> = ids.iter().map(|(_, arn)| arn.clone()).collect();
        let found = deployments.services(region, &arns).await?;
        for (id, arn) in ids {
            match found
                .iter()
                .find(|service| service.arn == arn && service.is_active)
            {
                Some(service) => self.services.push((id, service.clone())),
                // The short form of the ARN does not contain the cluster to look in.
                None if arn.matches('/').count() == 2 => self.lost_services.push(id),
                None => {}
            }
        }
        Ok(())
    }
}

/// Returns the logical and physical ids of the resources of a type that exist already.
fn physical_ids(resources: &[StackResource], resource_type: &str) -> Vec<(String, String)> {
    let own = resources
        .iter()
        .filter(|resource| resource.resource_type == resource_type);
    own.filter_map(|resource| Some((resource.logical_id.clone(), resource.physical_id.clone()?)))
        .collect()
}

/// Returns the value that a container has for a secret line: in its environment, or as an option of
/// its log driver.
///
/// The first one counts where a name appears twice, which ECS does not register.
pub(crate) fn value_of<'c>(
    container: &'c DeployedContainer,
    line: &SecretLine,
) -> Option<&'c SecretValue> {
    let (values, name) = match &line.log_option {
        Some(option) => (&container.log_options, option.as_str()),
        None => (&container.environment, line.name.as_str()),
    };
    values
        .iter()
        .find(|(own, _)| own == name)
        .map(|(_, value)| value)
}

/// Returns whether a container has a secret line by reference.
pub(crate) fn has_reference(container: &DeployedContainer, line: &SecretLine) -> bool {
    let (references, name) = match &line.log_option {
        Some(option) => (&container.log_secrets, option.as_str()),
        None => (&container.secrets, line.name.as_str()),
    };
    references.iter().any(|(own, _)| own == name)
}
