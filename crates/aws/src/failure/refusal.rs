//! Conversion of error codes of AWS.

use byref_parameter::{ParameterName, Tier, ValueError};
use byref_store::{StoreError, Unreachable};

use super::Call;
use crate::denial;

/// Converts an error response, given its code, message and HTTP status.
///
/// Source: "Errors" of each operation, and "Common errors", in the API references of Systems
/// Manager, STS, CloudFormation, ECS and IAM.
///
/// Codes decide before the status, since services send throttling with 400 as well as with 429. The
/// codes that concern a parameter come first, as some of them mean something else without one.
///
/// | Code or status | Result |
/// | --- | --- |
/// | `ParameterNotFound` | `NotFound` |
/// | `AccessDeniedException` | `Denied`, with principal, action and resource |
/// | `AccessDeniedException` about the time | `ClockSkew` |
/// | `ThrottlingException`, or status 429 | `Throttled` |
/// | `ExpiredTokenException` | `ExpiredCredentials` |
/// | status 500 and above | `Unreachable` |
/// | any other code | `Refused` |
pub(crate) fn refusal(
    code: Option<&str>,
    message: Option<&str>,
    status: u16,
    call: &Call<'_>,
) -> StoreError {
    let region = call.region.clone();
    let message = message.unwrap_or_default();
    let Some(code) = code.filter(|code| is_code(code)) else {
        // An HTML page from a proxy, or a crashed emulator.
        return call.unreachable(match status {
            500.. => Unreachable::ServiceFailure,
            300..400 => Unreachable::Unexpected("it is a redirect, which byref does not follow"),
            _ => Unreachable::BrokenAnswer,
        });
    };
    if let Some(error) = call
        .names
        .first()
        .and_then(|name| of_parameter(code, message, name, call))
    {
        return error;
    }
    match code {
        _ if is_about_time(code, message) => StoreError::ClockSkew {
            action: call.action,
            code: code.to_owned(),
        },
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" => {
            denied(message, call)
        }
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "SlowDown" => StoreError::Throttled {
            action: call.action,
            region,
        },
        "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "OptInRequired" => StoreError::ExpiredCredentials {
            code: code.to_owned(),
        },
        "ParameterLimitExceeded" => StoreError::ParameterLimit { region },
        "InternalServerError"
        | "ServerException"
        | "ServiceFailure"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => call.unreachable(Unreachable::ServiceFailure),
        _ if status == 429 => StoreError::Throttled {
            action: call.action,
            region,
        },
        _ if status >= 500 => call.unreachable(Unreachable::ServiceFailure),
        _ => call.refused(code),
    }
}

/// Returns `true` if AWS rejected a request because of its timestamp.
///
/// Source: IAM user guide, "Troubleshoot Signature Version 4 requests": signatures are valid for
/// five minutes.
///
/// A wrong clock also shows as an invalid signature. Without this distinction, the user would be
/// told to renew credentials that are fine.
fn is_about_time(code: &str, message: &str) -> bool {
    match code {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
        "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "AuthFailure"
        | "AccessDenied"
        | "AccessDeniedException" => [
            "Signature expired",
            "Signature not yet current",
            "is now earlier than",
            "is still later than",
        ]
        .iter()
        .any(|words| message.contains(words)),
        _ => false,
    }
}

/// Converts an error that concerns a single parameter.
///
/// Returns `None` for codes that do not depend on the parameter, which [`refusal`] converts.
fn of_parameter(
    code: &str,
    message: &str,
    name: &ParameterName,
    call: &Call<'_>,
) -> Option<StoreError> {
    let (name, region) = (name.clone(), call.region.clone());
    Some(match code {
        "ParameterNotFound" | "InvalidResourceId" => StoreError::NotFound { name, region },
        "ParameterVersionNotFound" | "ParameterVersionLabelNotFound" => match call.version {
            Some(version) => StoreError::VersionNotFound {
                name,
                selector: version.to_string(),
                region,
            },
            None => StoreError::NotFound { name, region },
        },
        "ParameterAlreadyExists" => StoreError::AlreadyExists { name, region },
        "HierarchyTypeMismatchException" => StoreError::TypeChange { name, region },
        "ParameterMaxVersionLimitExceeded" => StoreError::VersionLimit { name, region },
        "ParameterVersionLabelLimitExceeded" => StoreError::LabelLimit { name, region },
        "TooManyUpdates" => StoreError::TooManyUpdates { name, region },
        "InvalidKeyId"
        | "KMSInvalidStateException"
        | "KMSNotFoundException"
        | "KMSDisabledException" => StoreError::InvalidKey { name, region },
        // These two cases share a code and differ only by message.
        "ValidationException" if message.contains("downgrade") => {
            StoreError::TierChange { name, region }
        }
        "ValidationException" if message.contains("maximum parameter value") => {
            let tier = if message.starts_with("Standard") {
                Tier::Standard
            } else {
                Tier::Advanced
            };
            StoreError::Value {
                problem: ValueError::Length {
                    tier,
                    limit: tier.value_bytes(),
                },
            }
        }
        _ => return None,
    })
}

/// Converts an access-denied response. If its message mentions KMS, the KMS action was denied.
fn denied(message: &str, call: &Call<'_>) -> StoreError {
    let resource = call.resource();
    let is_of_key = ["KMS", "kms:", "ciphertext", "customer master key"]
        .iter()
        .any(|word| message.contains(word));
    StoreError::Denied(match call.key_action.filter(|_| is_of_key) {
        Some(action) => denial::read(message, action, &format!("the key of {resource}")),
        None => denial::read(message, call.action, &resource),
    })
}

/// Returns `true` if a code is a single word. Other text must not get into an error.
///
/// `ThrottlingException` is one. A sentence, a text with a colon, and more than 80 characters are
/// not.
fn is_code(code: &str) -> bool {
    (1..=80).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
}
