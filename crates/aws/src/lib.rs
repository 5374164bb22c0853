//! Parameter Store over the AWS SDK, in several Regions at once; and what is deployed there. It knows no policy: what is
//! asked is asked, in batches, within the rates, and what AWS says becomes a [`StoreError`](byref_store::StoreError).
//!
//! [`AwsStore::new`] does nothing yet. The first request loads the configuration and the credentials as every tool of
//! AWS does (environment, profiles, SSO, web identity, credential processes, `AWS_ENDPOINT_URL`), so a command that
//! never asks never looks for them.
//!
//! ```no_run
//! use byref_aws::{AwsStore, Connection};
//! use byref_store::ParameterStore as _;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let region = "us-west-2".parse()?;
//! let store = AwsStore::new(Connection::new("111122223333".parse()?, "us-west-2".parse()?));
//! for found in store.look_up(&region, &["/production/web/db-password".parse()?]).await? {
//!     println!("{} is a {}", found.name, found.kind);
//! }
//! # Ok(())
//! # }
//! ```
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
    AwsDeployments, Controller, Decision, DeployedContainer, Service, Simulation, Stack, StackResource, TaskDefinition,
    Validation,
};
pub use http::PlainHttp;
pub use store::AwsStore;
