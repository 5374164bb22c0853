//! A connection with its loaded configuration and its caller.
//!
//! All clients of a connection share one session, so profiles are read once and the caller is
//! compared once, however many services and Regions are used.

use aws_config::SdkConfig;
use byref_store::StoreError;
use tokio::sync::OnceCell;

use crate::caller::{self, Caller};
use crate::connection::Connection;

/// A connection and the configuration that it loads on demand.
pub(crate) struct Session {
    pub(crate) connection: Connection,
    /// Empty until the first request.
    config: OnceCell<SdkConfig>,
}

impl Session {
    /// Creates a session without loading anything.
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            config: OnceCell::new(),
        }
    }

    /// Returns the configuration from environment variables and profiles, loaded once.
    pub(crate) async fn config(&self) -> &SdkConfig {
        self.config
            .get_or_init(|| Box::pin(self.connection.load()))
            .await
    }

    /// Returns the identity of the caller, requested once.
    pub(crate) async fn caller(&self) -> Result<&Caller, StoreError> {
        let ask =
            async || Box::pin(caller::ask(self.config().await, &self.connection.primary)).await;
        self.connection.caller.get_or_ask(ask).await
    }

    /// Checks that the caller belongs to the expected account. Every request to every service calls
    /// this first.
    ///
    /// The answer is cached with the caller, so later calls cost nothing. A failure is not cached,
    /// and the next request asks again.
    pub(crate) async fn check_account(&self) -> Result<&Caller, StoreError> {
        let caller = self.caller().await?;
        if caller.account == self.connection.account {
            return Ok(caller);
        }
        Err(StoreError::WrongAccount {
            expected: self.connection.account.clone(),
            found: caller.account.to_string(),
        })
    }

    /// Notifies the observer of a response with this many items.
    pub(crate) fn answered(&self, items: usize) {
        if let Some(observer) = &self.connection.observer {
            observer(items);
        }
    }

    /// Returns the number of concurrent requests.
    pub(crate) fn concurrency(&self) -> usize {
        usize::try_from(self.connection.rates.concurrency.get()).unwrap_or(usize::MAX)
    }
}
