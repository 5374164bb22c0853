//! Why there are no credentials.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use byref_store::{StoreError, Unreachable};

use crate::failure::{Call, refusal};

/// What an error says of credentials, if they are why nothing was sent. The deepest cause speaks: a role can't be
/// assumed because there are no credentials to assume it with.
pub(crate) fn problem(error: &(dyn Error + 'static), call: &Call<'_>) -> Option<StoreError> {
    let causes = chain(error).filter_map(|error| {
        let of_provider = error.downcast_ref::<CredentialsError>().map(|error| provider(error, call));
        of_provider.or_else(|| error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>().map(|e| role(e, call)))
    });
    causes.last()
}

/// The errors from this one down to its first cause.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

/// What a provider of credentials says. Much of it the SDK says in words only.
fn provider(error: &CredentialsError, call: &Call<'_>) -> StoreError {
    let words: Vec<String> = chain(error).map(ToString::to_string).collect();
    let says = |any: &[&str]| words.iter().any(|words| any.iter().any(|part| words.contains(part)));
    match error {
        CredentialsError::ProviderTimedOut(_) => call.unreachable(Unreachable::TimeOut),
        // The profile names another one that is not there; asked again, the SDK says that it said so.
        _ if says(&["was not defined", "profile file"]) => PROFILE,
        CredentialsError::InvalidConfiguration(_) => PROFILE,
        CredentialsError::CredentialsNotLoaded(_) => StoreError::NoCredentials,
        // Signed in too long ago, or never.
        _ if says(&["expired", "UnauthorizedException", "InvalidGrant", "/sso/cache/", "cached SSO token"]) => {
            StoreError::ExpiredCredentials { code: "not signed in".to_owned() }
        }
        _ => StoreError::CredentialsFailed { problem: "what should hand them out has failed" },
    }
}

const PROFILE: StoreError = StoreError::CredentialsFailed { problem: "the profile is not set up right" };

/// What STS says, asked to assume a role.
fn role(error: &SdkError<AssumeRoleError, HttpResponse>, call: &Call<'_>) -> StoreError {
    let call = Call { action: "sts:AssumeRole", names: &[], subject: None, ..*call };
    match error {
        SdkError::ServiceError(answer) => {
            let (error, status) = (answer.err(), answer.raw().status().as_u16());
            match refusal(error.code(), error.message(), status, &call) {
                StoreError::Refused { .. } => StoreError::CredentialsFailed { problem: "the role can't be assumed" },
                other => other,
            }
        }
        SdkError::TimeoutError(_) => call.unreachable(Unreachable::TimeOut),
        SdkError::DispatchFailure(_) => call.unreachable(Unreachable::Connection),
        _ => call.unreachable(Unreachable::BrokenAnswer),
    }
}
