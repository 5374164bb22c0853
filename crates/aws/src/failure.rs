//! Conversion of SDK errors into [`StoreError`].
//!
//! AWS's error messages are left out, because they may repeat the request and with it a secret
//! value. Only error codes, and the parts that [`denial`] recognizes, become part of an error.
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

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use byref_parameter::{ParameterName, Region, Tier, ValueError};
use byref_store::{StoreError, Unreachable, VersionSelector};

use crate::{credentials, denial, http};

/// The part of a request that an error may mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    /// The IAM action, for example `ssm:PutParameter`.
    pub(crate) action: &'static str,
    /// The Region of the request.
    pub(crate) region: &'c Region,
    /// The parameters of the request.
    pub(crate) names: &'c [ParameterName],
    /// The requested version.
    ///
    /// It tells a missing version from a missing parameter.
    pub(crate) version: Option<&'c VersionSelector>,
    /// The subject of a request to a service other than Parameter Store.
    pub(crate) subject: Option<&'c str>,
    /// The KMS action that Parameter Store performs on behalf of the caller.
    pub(crate) key_action: Option<&'static str>,
}

impl<'c> Call<'c> {
    /// Creates the description of a call to Parameter Store about these parameters.
    pub(crate) fn new(
        action: &'static str,
        region: &'c Region,
        names: &'c [ParameterName],
    ) -> Self {
        Self {
            action,
            region,
            names,
            version: None,
            subject: None,
            key_action: None,
        }
    }

    /// Creates the description of a call to a service other than Parameter Store.
    pub(crate) fn about(action: &'static str, region: &'c Region, subject: &'c str) -> Self {
        Self {
            subject: Some(subject),
            ..Self::new(action, region, &[])
        }
    }

    /// Creates the error for a request without a usable response.
    pub(crate) fn unreachable(&self, why: Unreachable) -> StoreError {
        StoreError::Unreachable {
            action: self.action,
            region: self.region.clone(),
            why,
        }
    }

    /// Creates the error for a response that can't belong to the request: an emulator, a proxy or
    /// an endpoint that is not AWS may have sent it.
    pub(crate) fn unexpected(&self, problem: &'static str) -> StoreError {
        self.unreachable(Unreachable::Unexpected(problem))
    }

    /// Creates the error for a request that AWS rejected with this code.
    pub(crate) fn refused(&self, code: &str) -> StoreError {
        StoreError::Refused {
            action: self.action,
            region: self.region.clone(),
            code: code.to_owned(),
        }
    }

    /// Returns the parameter names, shortened for a message.
    ///
    /// `/web/a` → itself; three names → `/web/a, and 2 more`; none → the subject, or `*`.
    fn resource(&self) -> String {
        match self.names {
            [] => self.subject.unwrap_or("*").to_owned(),
            [one] => one.to_string(),
            [one, rest @ ..] => format!("{one}, and {} more", rest.len()),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::error::ErrorMetadata;
    use aws_sdk_ssm::operation::put_parameter::PutParameterError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    const SECRET: &str = "EXAMPLE-not-a-secret-1";

    fn region() -> Region {
        "us-west-2".parse().unwrap()
    }

    fn names() -> Vec<ParameterName> {
        vec!["/a/b".parse().unwrap(), "/a/c".parse().unwrap()]
    }

    /// Converts an error response with this code.
    fn answered(code: Option<&str>, message: &str, status: u16) -> StoreError {
        let (region, names) = (region(), names());
        let mut call = Call::new("ssm:PutParameter", &region, &names[..1]);
        call.key_action = Some("kms:Encrypt");
        let mut metadata = ErrorMetadata::builder().message(message);
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        let error = PutParameterError::generic(metadata.build());
        let raw = HttpResponse::new(
            StatusCode::try_from(status).unwrap(),
            SdkBody::from(message),
        );
        failure(&SdkError::service_error(error, raw), &call)
    }

    #[test]
    fn parameter_store_codes_map_to_errors() {
        let (name, region) = (names().remove(0), region());
        let limit = |tier: Tier| StoreError::Value {
            problem: ValueError::Length {
                tier,
                limit: tier.value_bytes(),
            },
        };
        let at = |make: fn(ParameterName, Region) -> StoreError| make(name.clone(), region.clone());
        for (code, message, error) in [
            (
                "ParameterNotFound",
                "",
                at(|name, region| StoreError::NotFound { name, region }),
            ),
            (
                "ParameterAlreadyExists",
                "",
                at(|name, region| StoreError::AlreadyExists { name, region }),
            ),
            (
                "HierarchyTypeMismatchException",
                "",
                at(|name, region| StoreError::TypeChange { name, region }),
            ),
            (
                "ParameterMaxVersionLimitExceeded",
                "",
                at(|name, region| StoreError::VersionLimit { name, region }),
            ),
            (
                "ParameterVersionLabelLimitExceeded",
                "",
                at(|name, region| StoreError::LabelLimit { name, region }),
            ),
            (
                "TooManyUpdates",
                "",
                at(|name, region| StoreError::TooManyUpdates { name, region }),
            ),
            (
                "InvalidKeyId",
                "",
                at(|name, region| StoreError::InvalidKey { name, region }),
            ),
            (
                "ParameterLimitExceeded",
                "",
                at(|_, region| StoreError::ParameterLimit { region }),
            ),
            (
                "ValidationException",
                "You can't downgrade a parameter from the advanced-parameter tier",
                at(|name, region| StoreError::TierChange { name, region }),
            ),
            (
                "ValidationException",
                "Standard tier parameters support a maximum parameter value of 4096 characters.",
                limit(Tier::Standard),
            ),
        ] {
            assert_eq!(answered(Some(code), message, 400), error, "{code}");
        }
    }

    #[test]
    fn common_aws_codes_map_to_errors() {
        let region = region();
        let action = "ssm:PutParameter";
        let throttled = StoreError::Throttled {
            action,
            region: region.clone(),
        };
        let failed = StoreError::Unreachable {
            action,
            region: region.clone(),
            why: Unreachable::ServiceFailure,
        };
        let broken = StoreError::Unreachable {
            action,
            region: region.clone(),
            why: Unreachable::BrokenAnswer,
        };
        assert_eq!(
            answered(Some("ThrottlingException"), "Rate exceeded", 400),
            throttled
        );
        assert_eq!(answered(Some("Anything"), "", 429), throttled);
        assert_eq!(answered(Some("InternalServerError"), "", 500), failed);
        assert_eq!(answered(Some("Anything"), "", 503), failed);
        assert_eq!(answered(None, "<!doctype html>", 500), failed);
        assert_eq!(answered(None, "<!doctype html>", 403), broken);
        for code in [
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
        ] {
            assert_eq!(
                answered(Some(code), "", 400),
                StoreError::ExpiredCredentials {
                    code: code.to_owned()
                }
            );
        }
        let refused = StoreError::Refused {
            action,
            region,
            code: "UnsupportedParameterType".to_owned(),
        };
        assert_eq!(answered(Some("UnsupportedParameterType"), "", 400), refused);
    }

    #[test]
    fn clock_skew_is_recognized() {
        for (code, message) in [
            ("RequestTimeTooSkewed", ""),
            ("RequestExpired", ""),
            (
                "InvalidSignatureException",
                "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: 20260101T001000Z is still later than 20260101T000000Z",
            ),
        ] {
            let error = StoreError::ClockSkew {
                action: "ssm:PutParameter",
                code: code.to_owned(),
            };
            assert_eq!(answered(Some(code), message, 403), error, "{code}");
        }
        let other = answered(
            Some("SignatureDoesNotMatch"),
            "The request signature we calculated does not match",
            403,
        );
        assert!(matches!(other, StoreError::ExpiredCredentials { .. }));
    }

    #[test]
    fn denial_names_kms_action_if_the_message_does() {
        let denied = |message| answered(Some("AccessDeniedException"), message, 400).to_string();
        assert_eq!(
            denied(""),
            "the caller may not `ssm:PutParameter` on `/a/b`"
        );
        assert_eq!(
            denied("The ciphertext refers to a customer master key that does not exist"),
            "the caller may not `kms:Encrypt` on `the key of /a/b`"
        );
    }

    #[test]
    fn errors_never_contain_aws_messages() {
        let codes = [
            "AccessDeniedException",
            "ValidationException",
            "ParameterNotFound",
            "ThrottlingException",
            SECRET,
        ];
        for code in codes {
            let error = answered(Some(code), SECRET, 400);
            assert!(
                !format!("{error} {error:?} {}", error.help()).contains(SECRET),
                "{code}"
            );
        }
    }

    #[test]
    fn transport_errors_map_to_unreachable() {
        type Failed = SdkError<PutParameterError, HttpResponse>;
        let (region, names) = (region(), names());
        let call = Call::new("ssm:PutParameter", &region, &names);
        let failed = |error: Failed| failure(&error, &call);
        let io = || Box::new(std::io::Error::other(SECRET));
        let raw = |status: u16| {
            HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(SECRET))
        };
        for (error, why) in [
            (Failed::timeout_error(io()), Unreachable::TimeOut),
            (
                Failed::dispatch_failure(ConnectorError::timeout(io())),
                Unreachable::TimeOut,
            ),
            (
                Failed::dispatch_failure(ConnectorError::io(io())),
                Unreachable::Connection,
            ),
            (
                Failed::dispatch_failure(ConnectorError::user(io())),
                Unreachable::Connection,
            ),
            (
                Failed::response_error(io(), raw(200)),
                Unreachable::BrokenAnswer,
            ),
            (
                Failed::response_error(io(), raw(502)),
                Unreachable::ServiceFailure,
            ),
            (Failed::construction_failure(io()), Unreachable::Connection),
        ] {
            assert_eq!(failed(error), call.unreachable(why));
        }
    }

    #[test]
    fn errors_name_versions_and_lists() {
        let (region, names) = (region(), names());
        let version = VersionSelector::Number(7);
        let mut call = Call::new("ssm:GetParameters", &region, &names);
        call.version = Some(&version);
        let missing = refusal(Some("ParameterVersionNotFound"), None, 400, &call);
        assert_eq!(
            missing.to_string(),
            "parameter `/a/b` has no version `7` in us-west-2"
        );
        let denied = refusal(Some("AccessDeniedException"), None, 400, &call);
        assert_eq!(
            denied.to_string(),
            "the caller may not `ssm:GetParameters` on `/a/b, and 1 more`"
        );
    }
}
