//! Who asks.

use std::sync::Arc;

use aws_config::SdkConfig;
use byref_parameter::{AccountId, Region};
use byref_store::{StoreError, Unreachable};
use tokio::sync::OnceCell;

use crate::answer;
use crate::failure::{Call, failure};

/// Whose credentials these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user, or of the role's session.
    pub arn: String,
}

/// The caller, once STS has said who that is. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SharedCaller(Arc<OnceCell<Caller>>);

impl SharedCaller {
    /// The caller; asks STS where that is not known yet. A failure is not kept.
    pub(crate) async fn get_or_ask(
        &self,
        ask: impl AsyncFn() -> Result<Caller, StoreError>,
    ) -> Result<&Caller, StoreError> {
        self.0.get_or_try_init(async || ask().await).await
    }
}

/// Asks `GetCallerIdentity`, which needs no permission.
pub(crate) async fn ask(config: &SdkConfig, region: &Region) -> Result<Caller, StoreError> {
    let call = Call::new("sts:GetCallerIdentity", region, &[]);
    let answer = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure(&error, &call))?;
    let account: Option<AccountId> = answer.account.as_deref().and_then(|account| account.parse().ok());
    let Some((account, arn)) = account.zip(answer.arn) else {
        return Err(call.unreachable(Unreachable::BrokenAnswer));
    };
    if answer::account_of_arn(&arn).as_ref() != Some(&account) {
        return Err(call.unexpected("the caller's ARN is of another account"));
    }
    Ok(Caller { account, arn })
}
