//! AWS Systems Manager Parameter Store in several Regions, and the stacks, task definitions and
//! services that are deployed there.
//!
//! [`AwsStore`] implements [`ParameterStore`](byref_store::ParameterStore) with the AWS SDK.
//! [`AwsDeployments`] reads CloudFormation, ECS and IAM and never writes. Both send requests in
//! batches, stay below [`Rates`] that leave room for starting tasks, retry as [`Timeouts`] allow,
//! and turn every failure into a [`StoreError`](byref_store::StoreError). They make no decisions:
//! they request exactly what the caller asks for.
//!
//! Creating a store sends nothing. The first request loads configuration and credentials from the
//! same places as other AWS tools (environment variables, profiles, SSO, web identity, credential
//! processes and `AWS_ENDPOINT_URL`), and compares the account of the caller with the expected one.
//!
//! ```no_run
//! use byref_aws::{AwsStore, Connection};
//! use byref_store::ParameterStore as _;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let region = "us-west-2".parse()?;
//! let store = AwsStore::new(Connection::new("111122223333".parse()?, "us-west-2".parse()?));
//! for found in store.look_up(&region, &["/production/web/db-password".parse()?]).await? {
//!     println!("{} is a {} at version {}", found.name, found.kind, found.version);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Trust
//!
//! A response is not trusted: an emulator, a proxy or a wrong endpoint may have sent it. Names,
//! accounts and Regions in it must match the request, each item must appear once, and pages must
//! come to an end. Anything else is reported as
//! [`Unreachable::Unexpected`](byref_store::Unreachable::Unexpected). Error messages of AWS are
//! never part of an error, because they may repeat the request and with it a secret value.
#![forbid(unsafe_code)]

mod answer;
mod caller;
mod connection;
mod credentials;
mod denial;
mod deployments;
mod describe;
mod failure;
mod http;
mod label;
mod pace;
mod pages;
mod read;
mod request;
mod session;
mod store;
mod write;

pub use caller::{Caller, SharedCaller};
pub use connection::{Connection, Observer, Rates, Timeouts};
pub use deployments::{
    AwsDeployments, Controller, Decision, DeployedContainer, Service, Simulation, Stack,
    StackResource, TaskDefinition, Validation,
};
pub use http::PlainHttp;
pub use store::AwsStore;
