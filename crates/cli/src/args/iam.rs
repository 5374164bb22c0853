//! Arguments of `byref iam`.

use clap::{Args, ValueEnum};

use super::store::ScopeArgument;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IamFormat {
    /// A policy document, for the account and Regions of the environment
    Json,
    /// The same in YAML
    Yaml,
    /// A stack that attaches it to a role, for any account and Region
    Cloudformation,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  byref iam --app quiz-api -e production\n  byref iam -e production --scopes --format cloudformation > policy.yaml\n  byref iam -e production --key environment > key.yaml"
)]
pub(crate) struct Iam {
    /// The application [default: the only one]
    #[arg(long, value_name = "NAME", add = super::complete::apps())]
    pub(crate) app: Option<String>,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME", add = super::complete::environments())]
    pub(crate) environment: Option<String>,
    /// Only these Regions [default: all of the environment]
    #[arg(long, value_name = "REGION", value_delimiter = ',', conflicts_with = "key", add = super::complete::regions())]
    pub(crate) region: Vec<String>,
    /// Allow everything in all four scopes, instead of exactly the secret lines
    ///
    /// A scope is granted by the part of its pattern before the key. The default pattern of
    /// `shared` is `/shared/{key}`, so `/shared/*` holds what other applications keep under
    /// `/shared/{app}/` too. To keep them apart, give `shared` a pattern of its own in `[names]`,
    /// such as `/shared/all/{key}`.
    #[arg(long, conflicts_with = "key")]
    pub(crate) scopes: bool,
    /// Print a stack with a customer-managed KMS key for the secrets of this scope, instead of a
    /// policy
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(crate) key: Option<ScopeArgument>,
    /// Format of the policy
    #[arg(long, value_enum, default_value_t = IamFormat::Json, value_name = "FORMAT", conflicts_with = "key")]
    pub(crate) format: IamFormat,
}
