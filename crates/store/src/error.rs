//! Errors of a store: one variant per thing that the user would do differently.

use std::path::PathBuf;

use byref_parameter::{AccountId, ParameterName, Region, ValueError};

/// A failed operation on a store. Never contains the value of a parameter.
///
/// Messages name the parameter and the Region. AWS's own error messages are not part of them,
/// because AWS may repeat the request in its message, including the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The parameter does not exist.
    #[error("there is no parameter `{name}` in {region}")]
    NotFound {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The parameter has no version with this number or label.
    #[error("parameter `{name}` has no version `{selector}` in {region}")]
    VersionNotFound {
        /// The name in the request.
        name: ParameterName,
        /// The number or the label.
        selector: String,
        /// The Region of the request.
        region: Region,
    },
    /// The parameter to create already exists.
    #[error("parameter `{name}` already exists in {region}")]
    AlreadyExists {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The parameter exists with a different type, which can't be changed.
    #[error(
        "parameter `{name}` has a different type in {region}, and the type of a parameter can't be changed"
    )]
    TypeChange {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The parameter is in the Advanced tier and can't be moved to Standard.
    #[error(
        "parameter `{name}` is in the Advanced tier in {region} and can't be moved back to Standard"
    )]
    TierChange {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// Parameter Store does not accept the value.
    #[error("{problem}")]
    Value {
        /// The violated rule.
        problem: ValueError,
    },
    /// The parameter has 100 versions and the oldest has a label, so that Parameter Store can't
    /// delete it to make room. Source: `PutParameter`, `ParameterMaxVersionLimitExceeded`.
    #[error(
        "parameter `{name}` has 100 versions in {region}, and the oldest can't be deleted because it has a label"
    )]
    VersionLimit {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The version already has ten labels.
    #[error("the version of `{name}` already has ten labels in {region}")]
    LabelLimit {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The account has reached its quota of parameters in this Region.
    #[error("the account has reached its quota of parameters in {region}")]
    ParameterLimit {
        /// The Region of the request.
        region: Region,
    },
    /// Another caller is writing the same parameter.
    #[error("parameter `{name}` is being written by another caller in {region}")]
    TooManyUpdates {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// The KMS key does not exist, is disabled, or can't encrypt.
    #[error("the KMS key of `{name}` can't be used in {region}")]
    InvalidKey {
        /// The name in the request.
        name: ParameterName,
        /// The Region of the request.
        region: Region,
    },
    /// IAM or a key policy denies the action.
    #[error("{0}")]
    Denied(Denial),
    /// No AWS credentials were found.
    #[error("no AWS credentials found")]
    NoCredentials,
    /// AWS credentials are configured but can't be loaded.
    #[error("cannot load AWS credentials: {problem}")]
    CredentialsFailed {
        /// The failed part of the credential chain.
        problem: &'static str,
    },
    /// The credentials have expired or are invalid.
    #[error("the AWS credentials have expired or are not valid ({code})")]
    ExpiredCredentials {
        /// The error code of AWS.
        code: String,
    },
    /// The credentials belong to another account than the environment.
    #[error(
        "the credentials belong to account {found}, but the environment uses account {expected}"
    )]
    WrongAccount {
        /// The account of the environment.
        expected: AccountId,
        /// The account of the caller.
        found: String,
    },
    /// AWS rejected the request because of the time at which it was signed.
    #[error(
        "{action} was rejected because of its timestamp (`{code}`): the clock of this machine is wrong"
    )]
    ClockSkew {
        /// The IAM action, for example `ssm:PutParameter`.
        action: &'static str,
        /// The error code of AWS.
        code: String,
    },
    /// The endpoint uses plain HTTP to another machine. Nothing was sent.
    #[error(
        "{action} would go to `{host}` over plain HTTP, which exposes values and credentials to the network"
    )]
    InsecureEndpoint {
        /// The IAM action, for example `ssm:PutParameter`.
        action: &'static str,
        /// The host of the endpoint, without a port.
        host: String,
    },
    /// AWS rejected the request because of its rate, even after all retries.
    #[error("AWS is throttling `{action}` in {region}")]
    Throttled {
        /// The IAM action, for example `ssm:PutParameter`.
        action: &'static str,
        /// The Region of the request.
        region: Region,
    },
    /// No usable response, even after all retries. A write may have been carried out.
    #[error("{action} in {region}: {why}")]
    Unreachable {
        /// The IAM action, for example `ssm:PutParameter`.
        action: &'static str,
        /// The Region of the request.
        region: Region,
        /// The kind of failure.
        why: Unreachable,
    },
    /// AWS rejected the request for another reason.
    #[error("AWS rejected {action} in {region}: `{code}`")]
    Refused {
        /// The IAM action, for example `ssm:PutParameter`.
        action: &'static str,
        /// The Region of the request.
        region: Region,
        /// AWS's error code. Its message is left out, because it may repeat the request.
        code: String,
    },
    /// The file of the store can't be read or written.
    #[error("cannot {action} the store `{}`: {problem}", path.display())]
    File {
        /// `read`, `write`, `lock`, `decrypt`.
        action: &'static str,
        /// The path of the store.
        path: PathBuf,
        /// The problem, completing "cannot ACTION the store `PATH`: ".
        problem: String,
        /// An instruction that solves the problem.
        help: &'static str,
    },
}

/// A denied action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} may not `{action}` on `{resource}`", principal.as_deref().unwrap_or("the caller"))]
pub struct Denial {
    /// The IAM action, for example `ssm:PutParameter` or `kms:Decrypt`.
    pub action: String,
    /// The ARN of the resource, or the parameter names if AWS does not report an ARN.
    pub resource: String,
    /// The ARN of the principal, if AWS reports it.
    pub principal: Option<String>,
}

/// A reason why a request got no usable response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// The connection could not be established, or was closed too early.
    #[error("no connection")]
    Connection,
    /// No response arrived within the timeout.
    #[error("no response in time")]
    TimeOut,
    /// The service failed with a 5xx status.
    #[error("the service failed (5xx)")]
    ServiceFailure,
    /// The response is not in the format of the service.
    #[error("the response is malformed")]
    BrokenAnswer,
    /// The response is well-formed but can't belong to the request, for example because it contains
    /// a parameter that was not requested. The text completes "the response does not match the
    /// request: ".
    #[error("the response does not match the request: {0}")]
    Unexpected(&'static str),
    /// The response is larger than any that AWS sends.
    #[error("the response is too large")]
    TooLarge,
}

impl StoreError {
    /// Returns an instruction that solves the problem, for the `help:` line of a message.
    pub fn help(&self) -> String {
        match self {
            Self::NotFound { .. } => "create it with `byref secret put`, or correct its name".to_owned(),
            Self::VersionNotFound { .. } => "`byref secret history` lists its versions".to_owned(),
            Self::AlreadyExists { .. } => "pass `--overwrite` to write a new version".to_owned(),
            Self::TypeChange { .. } => {
                "delete it with `byref secret delete`, wait at least 30 seconds, and create it again".to_owned()
            }
            Self::TierChange { .. } => "omit `--tier`, or pass `--tier Advanced`".to_owned(),
            Self::Value { problem: ValueError::Length { .. } } => {
                "pass `--tier Advanced` for up to 8 KB, or split the value".to_owned()
            }
            Self::Value { .. } => "pass the value on standard input or with `--file`".to_owned(),
            Self::VersionLimit { .. } => "remove the label from that version, or move it to a newer one".to_owned(),
            Self::LabelLimit { .. } => "remove a label from that version first".to_owned(),
            Self::ParameterLimit { .. } => {
                "delete parameters that are no longer needed, or request a higher quota from AWS".to_owned()
            }
            Self::TooManyUpdates { .. } => "run the command again in a moment".to_owned(),
            Self::InvalidKey { .. } => {
                "check that the key exists in this Region, is enabled and symmetric, and that you may use it".to_owned()
            }
            Self::Denied(Denial { action, resource, principal }) => {
                let principal = principal.as_deref().unwrap_or("the caller");
                format!("allow `{action}` on `{resource}` for {principal}, or use other credentials")
            }
            Self::NoCredentials => {
                "set `AWS_PROFILE`, sign in with `aws sso login`, or work without AWS: `--store file:PATH`".to_owned()
            }
            Self::CredentialsFailed { .. } => {
                "check the profile and `role-arn`; `aws sts get-caller-identity` may show the cause".to_owned()
            }
            Self::ExpiredCredentials { .. } => "sign in again, for example with `aws sso login`".to_owned(),
            Self::WrongAccount { .. } => {
                "use credentials of that account, or set `role-arn` of the environment in deploy.toml".to_owned()
            }
            Self::Throttled { .. } => {
                "run the command again later, or with lower rates (`--read-rate`, `--write-rate`)".to_owned()
            }
            Self::ClockSkew { .. } => {
                "set the clock of this machine (AWS accepts five minutes of difference), for example with NTP".to_owned()
            }
            Self::InsecureEndpoint { .. } => {
                "use `https://` in `AWS_ENDPOINT_URL` or `endpoint_url` of the profile, or pass `--insecure-endpoint` in a network that you trust".to_owned()
            }
            Self::Unreachable { why: Unreachable::Unexpected(_) | Unreachable::TooLarge | Unreachable::BrokenAnswer, .. } => {
                "check `AWS_ENDPOINT_URL` and any proxy between this machine and AWS, and run the command again".to_owned()
            }
            Self::Unreachable { action: "sts:GetCallerIdentity", .. } => {
                "byref checks the account of the credentials before any other request: check the network and `AWS_ENDPOINT_URL`; in a VPC without internet access, add an interface endpoint for STS".to_owned()
            }
            Self::Unreachable { .. } => {
                "check the network, the Region and `AWS_ENDPOINT_URL`, and run the command again".to_owned()
            }
            Self::Refused { .. } => "look up the code in the API reference of that service".to_owned(),
            Self::File { help, .. } => (*help).to_owned(),
        }
    }

    /// Returns `true` if a write that ended with this error may have been carried out, or may still
    /// be: no response arrived, or a retry was rejected after an attempt without a response.
    pub fn may_have_been_carried_out(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Throttled { .. } | Self::TooManyUpdates { .. }
        )
    }

    /// Returns `true` if AWS rejected the request or could not be reached, and `false` if the input
    /// was wrong. Front ends map this to different exit codes.
    pub fn is_service_error(&self) -> bool {
        matches!(
            self,
            Self::Denied(_)
                | Self::NoCredentials
                | Self::CredentialsFailed { .. }
                | Self::ExpiredCredentials { .. }
                | Self::WrongAccount { .. }
                | Self::ClockSkew { .. }
                | Self::Throttled { .. }
                | Self::Unreachable { .. }
                | Self::Refused { .. }
                | Self::TooManyUpdates { .. }
                | Self::InvalidKey { .. }
                | Self::ParameterLimit { .. }
                | Self::VersionLimit { .. }
                | Self::LabelLimit { .. }
        )
    }
}
