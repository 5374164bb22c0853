//! Who asks, set up once for all that is asked.

use aws_config::SdkConfig;
use byref_store::StoreError;
use tokio::sync::OnceCell;

use crate::caller::{self, Caller};
use crate::connection::Connection;

/// A connection with what becomes known of it.
pub(crate) struct Session {
    pub(crate) connection: Connection,
    config: OnceCell<SdkConfig>,
}

impl Session {
    /// Nothing is asked yet.
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, config: OnceCell::new() }
    }

    /// What the environment and the profiles say; loaded once.
    pub(crate) async fn config(&self) -> &SdkConfig {
        self.config.get_or_init(|| Box::pin(self.connection.load())).await
    }

    /// Whose credentials these are; asked once.
    pub(crate) async fn caller(&self) -> Result<&Caller, StoreError> {
        let ask = async || Box::pin(caller::ask(self.config().await, &self.connection.primary)).await;
        self.connection.caller.get_or_ask(ask).await
    }

    /// Compares the caller's account with the environment's. Every request of every service asks this first.
    pub(crate) async fn check_account(&self) -> Result<&Caller, StoreError> {
        let caller = self.caller().await?;
        if caller.account == self.connection.account {
            return Ok(caller);
        }
        Err(StoreError::WrongAccount { expected: self.connection.account.clone(), found: caller.account.to_string() })
    }

    /// Says that an answer was about this many items.
    pub(crate) fn answered(&self, items: usize) {
        if let Some(observer) = &self.connection.observer {
            observer(items);
        }
    }

    /// Requests that may be under way at a time.
    pub(crate) fn concurrency(&self) -> usize {
        usize::try_from(self.connection.rates.concurrency.get()).unwrap_or(usize::MAX)
    }
}
