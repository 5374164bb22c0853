//! What is deployed in an account: stacks, task definitions and services, and what roles may do.

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

/// What is deployed in one account, in all Regions. Only reads.
///
/// Rates: each service and Region counts for itself, by the connection's [`Rates`](crate::Rates).
pub struct AwsDeployments {
    session: Session,
    stacks: Clients<aws_sdk_cloudformation::Client>,
    tasks: Clients<aws_sdk_ecs::Client>,
    roles: Clients<aws_sdk_iam::Client>,
}

impl fmt::Debug for AwsDeployments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwsDeployments").field("connection", &self.session.connection).finish_non_exhaustive()
    }
}

impl AwsDeployments {
    /// Nothing has been asked yet.
    pub fn new(connection: Connection) -> Self {
        Self {
            session: Session::new(connection),
            stacks: Clients::default(),
            tasks: Clients::default(),
            roles: Clients::default(),
        }
    }

    /// Whether the caller belongs to the environment's account; asked once, before the first request. Needs no permission.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongAccount`] if not; there are no credentials, they have expired, or STS can't be reached.
    pub async fn check_account(&self) -> Result<&Caller, StoreError> {
        self.session.check_account().await
    }

    async fn stacks(&self, region: &Region) -> Result<Arc<RegionClient<aws_sdk_cloudformation::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        Ok(self.stacks.of_region(region, || region_client!(aws_sdk_cloudformation, config, region, rates)))
    }

    async fn tasks(&self, region: &Region) -> Result<Arc<RegionClient<aws_sdk_ecs::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        Ok(self.tasks.of_region(region, || region_client!(aws_sdk_ecs, config, region, rates)))
    }

    /// IAM is one for all Regions of a partition: the primary one names the partition.
    async fn roles(&self) -> Result<Arc<RegionClient<aws_sdk_iam::Client>>, StoreError> {
        self.check_account().await?;
        let (config, rates) = (self.session.config().await, self.session.connection.rates);
        let region = &self.session.connection.primary;
        Ok(self.roles.of_region(region, || region_client!(aws_sdk_iam, config, region, rates)))
    }
}
