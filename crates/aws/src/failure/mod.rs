//! Conversion of SDK errors into [`StoreError`].
//!
//! AWS's error messages are left out, because they may repeat the request and with it a secret
//! value. Only error codes, and the parts that [`denial`](crate::denial) recognizes, become part of
//! an error.
//!
//! Errors fall into three groups that callers treat differently: AWS rejected the request and
//! nothing was changed; no usable response arrived and a write may have been carried out
//! ([`StoreError::may_have_been_carried_out`]); or the request was never sent, for lack of
//! credentials.
//!
//! | Source | Result |
//! | --- | --- |
//! | a violated limit of [`http`] | `InsecureEndpoint`, or `Unreachable` as too large |
//! | an error response with a code | the variant for the code, or `Refused` with it |
//! | an error response without a code | `Unreachable`, by its status |
//! | a timeout | `Unreachable` |
//! | missing or broken credentials | the variants of [`credentials`] |
//! | any other transport error | `Unreachable` |

mod call;
mod refusal;
#[cfg(test)]
mod tests;

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use byref_store::{StoreError, Unreachable};

use crate::{credentials, http};

pub(crate) use call::Call;
pub(crate) use refusal::refusal;

/// Converts an error of the SDK.
///
/// The limits come first, because the SDK reports a violation as a transport error, and the
/// credentials come before the connection, because the SDK resolves them while it sends.
pub(crate) fn failure<E>(error: &SdkError<E, HttpResponse>, call: &Call<'_>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(problem) = http::problem(error, call) {
        return problem;
    }
    match error {
        SdkError::ServiceError(answer) => {
            let (error, status) = (answer.err(), answer.raw().status().as_u16());
            refusal(error.code(), error.message(), status, call)
        }
        SdkError::TimeoutError(_) => call.unreachable(Unreachable::TimeOut),
        SdkError::ResponseError(answer) if answer.raw().status().is_server_error() => {
            call.unreachable(Unreachable::ServiceFailure)
        }
        SdkError::ResponseError(_) => call.unreachable(Unreachable::BrokenAnswer),
        SdkError::DispatchFailure(failed) => {
            let no_credentials = failed
                .as_connector_error()
                .and_then(|error| credentials::problem(error, call));
            let why = if failed.is_timeout() {
                Unreachable::TimeOut
            } else {
                Unreachable::Connection
            };
            no_credentials.unwrap_or_else(|| call.unreachable(why))
        }
        other => credentials::problem(other, call)
            .unwrap_or_else(|| call.unreachable(Unreachable::Connection)),
    }
}

/// Returns `true` if the service rejected a request with this code, and its message contains this
/// lower-case text.
///
/// Several services report a missing resource with a general code, and only the message tells. An
/// empty text matches every message.
pub(crate) fn is_refusal<E>(error: &SdkError<E, HttpResponse>, code: &str, words: &str) -> bool
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let answer = error.as_service_error();
    answer.is_some_and(|error| {
        error.code() == Some(code)
            && error
                .message()
                .unwrap_or_default()
                .to_lowercase()
                .contains(words)
    })
}
