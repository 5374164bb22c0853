//! Diagnosis of missing or broken credentials.
//!
//! The SDK resolves credentials while it sends a request and reports a failure as a transport
//! error. This module recognizes such errors, so that the user is told to sign in instead of to
//! check the network.
//!
//! | Cause | Result |
//! | --- | --- |
//! | no provider has credentials | [`StoreError::NoCredentials`] |
//! | a profile that is incomplete or missing | [`StoreError::CredentialsFailed`] |
//! | an SSO session that has expired | [`StoreError::ExpiredCredentials`] |
//! | a role that can't be assumed | the error of `sts:AssumeRole` |
//! | a provider that does not respond | [`StoreError::Unreachable`] |

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use byref_store::{StoreError, Unreachable};

use crate::failure::{Call, refusal};

/// Returns the credentials problem that prevented a request from being sent, if there is one.
///
/// The deepest cause wins: if a role can't be assumed because there are no credentials to assume it
/// with, the missing credentials are the problem.
pub(crate) fn problem(error: &(dyn Error + 'static), call: &Call<'_>) -> Option<StoreError> {
    let causes = chain(error).filter_map(|error| {
        let of_provider = error
            .downcast_ref::<CredentialsError>()
            .map(|error| provider(error, call));
        of_provider.or_else(|| {
            error
                .downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>()
                .map(|e| role(e, call))
        })
    });
    causes.last()
}

/// Returns the error followed by its causes.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        (*error).source()
    })
}

/// Classifies an error of a credentials provider. The SDK distinguishes many cases only by message.
fn provider(error: &CredentialsError, call: &Call<'_>) -> StoreError {
    let words: Vec<String> = chain(error).map(ToString::to_string).collect();
    let contains = |any: &[&str]| {
        words
            .iter()
            .any(|words| any.iter().any(|part| words.contains(part)))
    };
    match error {
        CredentialsError::ProviderTimedOut(_) => call.unreachable(Unreachable::TimeOut),
        // The profile refers to a missing one. On the second request, the SDK only refers to the
        // first.
        _ if contains(&["was not defined", "profile file"]) => PROFILE,
        CredentialsError::InvalidConfiguration(_) => PROFILE,
        CredentialsError::CredentialsNotLoaded(_) => StoreError::NoCredentials,
        // The SSO session has expired or was never started.
        _ if contains(&[
            "expired",
            "UnauthorizedException",
            "InvalidGrant",
            "/sso/cache/",
            "cached SSO token",
        ]) =>
        {
            StoreError::ExpiredCredentials {
                code: "not signed in".to_owned(),
            }
        }
        _ => StoreError::CredentialsFailed {
            problem: "the credentials provider failed",
        },
    }
}

/// The error for a profile that is incomplete or refers to a missing one.
const PROFILE: StoreError = StoreError::CredentialsFailed {
    problem: "the profile is not configured correctly",
};

/// Classifies an error of `sts:AssumeRole`.
///
/// A denial names `sts:AssumeRole`, not the action of the request that needed the credentials.
fn role(error: &SdkError<AssumeRoleError, HttpResponse>, call: &Call<'_>) -> StoreError {
    let call = Call {
        action: "sts:AssumeRole",
        names: &[],
        subject: None,
        ..*call
    };
    match error {
        SdkError::ServiceError(answer) => {
            let (error, status) = (answer.err(), answer.raw().status().as_u16());
            match refusal(error.code(), error.message(), status, &call) {
                StoreError::Refused { .. } => StoreError::CredentialsFailed {
                    problem: "the role can't be assumed",
                },
                other => other,
            }
        }
        SdkError::TimeoutError(_) => call.unreachable(Unreachable::TimeOut),
        SdkError::DispatchFailure(_) => call.unreachable(Unreachable::Connection),
        _ => call.unreachable(Unreachable::BrokenAnswer),
    }
}
