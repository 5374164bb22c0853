//! The identity of the caller.

use std::sync::Arc;

use aws_config::SdkConfig;
use byref_parameter::{AccountId, Region};
use byref_store::{StoreError, Unreachable};
use tokio::sync::OnceCell;

use crate::answer;
use crate::failure::{Call, failure};

/// The identity that belongs to the credentials, as STS reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account of the caller.
    pub account: AccountId,
    /// The ARN of the IAM user, or of the role session.
    pub arn: String,
}

/// The cached identity of the caller. Clones share the cache.
///
/// Give all connections with the same credentials a clone, so that STS is asked once.
#[derive(Clone, Debug, Default)]
pub struct SharedCaller(Arc<OnceCell<Caller>>);

impl SharedCaller {
    /// Returns the cached caller, or asks for it. Failures are not cached.
    pub(crate) async fn get_or_ask(
        &self,
        ask: impl AsyncFn() -> Result<Caller, StoreError>,
    ) -> Result<&Caller, StoreError> {
        self.0.get_or_try_init(async || ask().await).await
    }
}

/// Calls `GetCallerIdentity`, which needs no permission.
///
/// Source: AWS Security Token Service API reference, `GetCallerIdentity`.
pub(crate) async fn ask(config: &SdkConfig, region: &Region) -> Result<Caller, StoreError> {
    let call = Call::new("sts:GetCallerIdentity", region, &[]);
    let answer = aws_sdk_sts::Client::new(config)
        .get_caller_identity()
        .send()
        .await;
    let answer = answer.map_err(|error| failure(&error, &call))?;
    let account: Option<AccountId> = answer
        .account
        .as_deref()
        .and_then(|account| account.parse().ok());
    let Some((account, arn)) = account.zip(answer.arn) else {
        return Err(call.unreachable(Unreachable::BrokenAnswer));
    };
    if answer::account_of_arn(&arn).as_ref() != Some(&account) {
        return Err(call.unexpected("the caller's ARN is of another account"));
    }
    Ok(Caller { account, arn })
}
