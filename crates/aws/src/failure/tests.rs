//! Tests of the conversion of errors.

use aws_sdk_ssm::error::ErrorMetadata;
use aws_sdk_ssm::operation::put_parameter::PutParameterError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use byref_parameter::{ParameterName, Region, Tier, ValueError};
use byref_store::VersionSelector;

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
