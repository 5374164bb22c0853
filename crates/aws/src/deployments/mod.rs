//! Deployed resources of an account: stacks, task definitions, services, and permissions of roles.

mod role;
mod stack;
mod task;

use std::fmt;
use std::sync::Arc;

use byref_parameter::Region;
use byref_store::StoreError;

use crate::caller::Caller;
use crate::connection::Connection;
use crate::request::{Clients, RegionClient, region_client};
use crate::session::Session;

pub use role::{Decision, Simulation};
pub use stack::{Stack, StackResource, Validation};
pub use task::{Controller, DeployedContainer, Service, TaskDefinition};

/// A read-only view of the resources in one account, in all Regions.
///
/// Each service has its own request counters per Region, limited by the [`Rates`](crate::Rates) of
/// the connection.
///
/// ```no_run
/// use byref_aws::{AwsDeployments, Connection};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let region = "us-west-2".parse()?;
/// let connection = Connection::new("111122223333".parse()?, "us-west-2".parse()?);
/// let deployments = AwsDeployments::new(connection);
/// if let Some(stack) = deployments.stack(&region, "web-production").await? {
///     for resource in deployments.resources(&region, &stack.id).await? {
///         println!("{} is a {}", resource.logical_id, resource.resource_type);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Values of environment variables, whole templates and messages of CloudFormation are
/// [`SecretValue`](byref_parameter::SecretValue)s from the moment they arrive.
pub struct AwsDeployments {
    session: Session,
    stacks: Clients<aws_sdk_cloudformation::Client>,
    tasks: Clients<aws_sdk_ecs::Client>,
    roles: Clients<aws_sdk_iam::Client>,
}

impl fmt::Debug for AwsDeployments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AwsDeployments")
            .field("connection", &self.session.connection)
            .finish_non_exhaustive()
    }
}

impl AwsDeployments {
    /// Creates a view without sending a request.
    pub fn new(connection: Connection) -> Self {
        Self {
            session: Session::new(connection),
            stacks: Clients::default(),
            tasks: Clients::default(),
            roles: Clients::default(),
        }
    }

    /// Checks once that the caller belongs to the expected account, and returns its identity. All
    /// other methods call this first. It needs no permission.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongAccount`] if the caller belongs to another account. Other errors mean
    /// that credentials are missing or expired, or that STS can't be reached.
    pub async fn check_account(&self) -> Result<&Caller, StoreError> {
        self.session.check_account().await
    }

    /// Returns the CloudFormation client of a Region after checking the account.
    async fn stacks(
        &self,
        region: &Region,
    ) -> Result<Arc<RegionClient<aws_sdk_cloudformation::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        Ok(self.stacks.of_region(region, || {
            region_client!(aws_sdk_cloudformation, config, region, rates)
        }))
    }

    /// Returns the ECS client of a Region after checking the account.
    async fn tasks(
        &self,
        region: &Region,
    ) -> Result<Arc<RegionClient<aws_sdk_ecs::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        Ok(self.tasks.of_region(region, || {
            region_client!(aws_sdk_ecs, config, region, rates)
        }))
    }

    /// Returns the client for IAM, which is global per partition. The primary Region selects the
    /// partition.
    async fn roles(&self) -> Result<Arc<RegionClient<aws_sdk_iam::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        let region = &self.session.connection.primary;
        Ok(self.roles.of_region(region, || {
            region_client!(aws_sdk_iam, config, region, rates)
        }))
    }
}
