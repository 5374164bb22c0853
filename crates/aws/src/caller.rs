//! Who asks.

use aws_config::SdkConfig;
use byref_parameter::{AccountId, Region};
use byref_store::{StoreError, Unreachable};

use crate::failure::{Call, failure};

/// Whose credentials these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user, or of the role's session.
    pub arn: String,
}

/// Asks `GetCallerIdentity`, which needs no permission.
pub(crate) async fn ask(config: &SdkConfig, region: &Region) -> Result<Caller, StoreError> {
    let call = Call::new("sts:GetCallerIdentity", region, &[]);
    let answer = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure(&error, &call))?;
    let account = answer.account.as_deref().and_then(|account| account.parse().ok());
    account
        .zip(answer.arn)
        .map(|(account, arn)| Caller { account, arn })
        .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
}
