//! What goes wrong with a store: one variant per thing that the user would do differently.

use std::path::PathBuf;

use byref_parameter::{AccountId, ParameterName, Region, ValueError};

/// Why a store did not do what it was asked. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such parameter.
    #[error("there is no parameter `{name}` in {region}")]
    NotFound {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// There is no such version, or no version with that label.
    #[error("parameter `{name}` has no version `{selector}` in {region}")]
    VersionNotFound {
        /// The parameter.
        name: ParameterName,
        /// The number or the label.
        selector: String,
        /// The Region.
        region: Region,
    },
    /// A new parameter is there already.
    #[error("parameter `{name}` is there already in {region}")]
    AlreadyExists {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// A parameter's type can't be changed.
    #[error("parameter `{name}` has another type in {region}, and a type can't be changed")]
    TypeChange {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// An advanced parameter can't become a standard one.
    #[error("parameter `{name}` is of the Advanced tier in {region}, which never goes back to Standard")]
    TierChange {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// A value that Parameter Store does not take.
    #[error("{problem}")]
    Value {
        /// What is wrong with it.
        problem: ValueError,
    },
    /// 100 versions are there, and the oldest has a label, so that it can't be dropped.
    #[error(
        "parameter `{name}` has 100 versions in {region}, and the oldest has a label, which keeps it from being dropped"
    )]
    VersionLimit {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// A version has ten labels already.
    #[error("a version of `{name}` has ten labels already in {region}")]
    LabelLimit {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// The account has as many parameters as it may.
    #[error("the account has as many parameters in {region} as its tier allows")]
    ParameterLimit {
        /// The Region.
        region: Region,
    },
    /// Somebody else writes the same parameter now.
    #[error("parameter `{name}` is being written by somebody else in {region}")]
    TooManyUpdates {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// The key is not there, is disabled, or is of the wrong kind.
    #[error("the key of `{name}` can't be used in {region}")]
    InvalidKey {
        /// The parameter.
        name: ParameterName,
        /// The Region.
        region: Region,
    },
    /// The caller may not.
    #[error("{0}")]
    Denied(Denial),
    /// There are no credentials.
    #[error("there are no AWS credentials")]
    NoCredentials,
    /// Credentials are set up, but can't be had.
    #[error("cannot load AWS credentials: {problem}")]
    CredentialsFailed {
        /// What fails.
        problem: &'static str,
    },
    /// The credentials have expired, or are not valid.
    #[error("the AWS credentials have expired or are not valid ({code})")]
    ExpiredCredentials {
        /// AWS's code.
        code: String,
    },
    /// The caller is in another account than the environment.
    #[error("the credentials belong to account {found}, but the environment to account {expected}")]
    WrongAccount {
        /// The environment's account.
        expected: AccountId,
        /// The caller's.
        found: String,
    },
    /// AWS refused the time at which a request was signed.
    #[error("{action} was refused for its time (`{code}`): the clock of this machine is wrong")]
    ClockSkew {
        /// The action.
        action: &'static str,
        /// AWS's code.
        code: String,
    },
    /// An endpoint is plain HTTP to another machine. Nothing was sent.
    #[error("{action} would go to `{host}` over plain HTTP, where values and credentials can be read on the way")]
    InsecureEndpoint {
        /// The action.
        action: &'static str,
        /// The host of the endpoint.
        host: String,
    },
    /// Too many requests, also after all attempts.
    #[error("AWS refuses further requests in {region} for now: `{action}` is throttled")]
    Throttled {
        /// The action.
        action: &'static str,
        /// The Region.
        region: Region,
    },
    /// No answer, also after all attempts. Whether a write was carried out is not known.
    #[error("{action} in {region}: {why}")]
    Unreachable {
        /// The action.
        action: &'static str,
        /// The Region.
        region: Region,
        /// What happened.
        why: Unreachable,
    },
    /// Another refusal of the service.
    #[error("{action} in {region} was refused: `{code}`")]
    Refused {
        /// The action.
        action: &'static str,
        /// The Region.
        region: Region,
        /// AWS's code; its message is left out, since it may repeat what was sent.
        code: String,
    },
    /// The store's file can't be read or written.
    #[error("cannot {action} the store `{}`: {problem}", path.display())]
    File {
        /// `read`, `write`, `lock`, `decrypt`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do.
        help: &'static str,
    },
}

/// What was denied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} may not `{action}` on `{resource}`", principal.as_deref().unwrap_or("the caller"))]
pub struct Denial {
    /// The IAM action.
    pub action: String,
    /// The ARN of the resource, or the names.
    pub resource: String,
    /// The ARN of the caller, where AWS says it.
    pub principal: Option<String>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// The connection could not be made, or broke.
    #[error("no connection")]
    Connection,
    /// It took too long.
    #[error("no answer in time")]
    TimeOut,
    /// The service failed.
    #[error("the service failed (5xx)")]
    ServiceFailure,
    /// The answer is not what the service sends.
    #[error("the answer is broken")]
    BrokenAnswer,
    /// The answer can't be one to what was asked.
    #[error("the answer does not fit the request: {0}")]
    Unexpected(&'static str),
    /// The answer is larger than any that AWS sends.
    #[error("the answer is too large")]
    TooLarge,
}

impl StoreError {
    /// What the user can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NotFound { .. } => "create it with `byref secret put`, or correct its name".to_owned(),
            Self::VersionNotFound { .. } => "`byref secret history` lists its versions".to_owned(),
            Self::AlreadyExists { .. } => "say `--overwrite` to give it a new version".to_owned(),
            Self::TypeChange { .. } => {
                "delete it with `byref secret delete` and create it again, at least 30 seconds later".to_owned()
            }
            Self::TierChange { .. } => "leave `--tier` out, or say `--tier Advanced`".to_owned(),
            Self::Value { problem: ValueError::Length { .. } } => {
                "say `--tier Advanced` for up to 8 KB, or split the value".to_owned()
            }
            Self::Value { .. } => "give the value on standard input or with `--file`".to_owned(),
            Self::VersionLimit { .. } => "take the label off that version, or move it to a newer one".to_owned(),
            Self::LabelLimit { .. } => "take a label off that version first".to_owned(),
            Self::ParameterLimit { .. } => {
                "remove parameters that nobody needs, or ask AWS for a higher quota".to_owned()
            }
            Self::TooManyUpdates { .. } => "run the command again in a moment".to_owned(),
            Self::InvalidKey { .. } => {
                "check that the key is there in this Region, enabled, symmetric, and that you may use it".to_owned()
            }
            Self::Denied(Denial { action, resource, principal }) => {
                let principal = principal.as_deref().unwrap_or("the caller");
                format!("allow `{action}` on `{resource}` for {principal}, or use other credentials")
            }
            Self::NoCredentials => {
                "set `AWS_PROFILE`, sign in with `aws sso login`, or work without AWS: `--store file:PATH`".to_owned()
            }
            Self::CredentialsFailed { .. } => {
                "check the profile and `role-arn`; `aws sts get-caller-identity` may say more".to_owned()
            }
            Self::ExpiredCredentials { .. } => "sign in again, for example with `aws sso login`".to_owned(),
            Self::WrongAccount { .. } => {
                "use credentials of that account, or set `role-arn` of the environment in deploy.toml".to_owned()
            }
            Self::Throttled { .. } => {
                "run the command again later, or with lower rates (`--read-rate`, `--write-rate`)".to_owned()
            }
            Self::ClockSkew { .. } => {
                "set the clock of this machine (AWS accepts five minutes of difference), for example by NTP".to_owned()
            }
            Self::InsecureEndpoint { .. } => {
                "use `https://` in `AWS_ENDPOINT_URL` or `endpoint_url` of the profile, or pass `--insecure-endpoint` in a network that you trust".to_owned()
            }
            Self::Unreachable { why: Unreachable::Unexpected(_) | Unreachable::TooLarge | Unreachable::BrokenAnswer, .. } => {
                "check `AWS_ENDPOINT_URL` and any proxy between this machine and AWS, and run the command again".to_owned()
            }
            Self::Unreachable { action: "sts:GetCallerIdentity", .. } => {
                "byref compares the account of the credentials before it asks anything else: check the network and `AWS_ENDPOINT_URL`; in a VPC without internet access, add an interface endpoint for STS".to_owned()
            }
            Self::Unreachable { .. } => {
                "check the network, the Region and `AWS_ENDPOINT_URL`, and run the command again".to_owned()
            }
            Self::Refused { .. } => "look the code up in the documentation of that service".to_owned(),
            Self::File { help, .. } => (*help).to_owned(),
        }
    }

    /// Whether a write that ended with this error may have been carried out, or may be yet: there was no answer, or a
    /// further attempt was sent away after one without an answer.
    pub fn may_have_been_carried_out(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Throttled { .. } | Self::TooManyUpdates { .. })
    }

    /// Whether AWS refused or could not be reached; the others are mistakes of the input.
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
