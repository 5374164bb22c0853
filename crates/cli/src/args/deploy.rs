//! Arguments of `byref check`, `byref exec` and `byref cost`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::store::{ListFormat, Place, StoreOptions};
use crate::online::CheckOptions;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Text,
    Json,
    /// Annotations of GitHub Actions
    Github,
}

#[derive(Args)]
#[command(
    after_help = "Needs `ssm:GetParameters` only. With `ssm:DescribeParameters` it also checks keys and suggests names for misspelt ones; with `iam:SimulatePrincipalPolicy` it checks execution roles defined outside the template. A right that cannot be proven is an error unless `execution-role = \"external\"` acknowledges it. Only --parity decrypts values.\n\nExamples:\n  byref check -e production --app quiz-api\n  byref check -e production --all --format github\n  byref check -e production --app quiz-api --parity --deployed"
)]
pub(crate) struct Check {
    /// The templates whose roles are checked [default: those of the application that exist]
    #[arg(value_name = "TEMPLATE", conflicts_with = "all")]
    pub(crate) templates: Vec<PathBuf>,
    /// The application [default: the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "all", add = super::complete::apps())]
    pub(crate) app: Option<String>,
    /// Check every application
    #[arg(long)]
    pub(crate) all: bool,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME", add = super::complete::environments())]
    pub(crate) environment: Option<String>,
    /// Only these Regions [default: all of the environment]
    #[arg(long, value_name = "REGION", value_delimiter = ',', add = super::complete::regions())]
    pub(crate) region: Vec<String>,
    /// Compare the plaintext values in this template with the stored ones, and decrypt these for it
    /// [default: the templates of the application, or with --deployed the task definitions of its
    /// stacks]
    #[arg(long, value_name = "TEMPLATE", num_args = 0..=1, conflicts_with = "all")]
    #[expect(
        clippy::option_option,
        reason = "clap's way to say that an option may have a value"
    )]
    pub(crate) parity: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub(crate) online: CheckOptions,
    /// Check KMS keys even with --all and without a `kms-key`
    #[arg(long)]
    pub(crate) keys: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = CheckFormat::Text, value_name = "FORMAT")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Args)]
#[command(
    after_help = "The command receives the signals and the terminal, and its exit code is byref's. Nothing is written to disk.\n\nExample:\n  byref exec -e development --app quiz-api -- ./server --port 8080"
)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Clear the environment: the command gets only the secrets
    #[arg(long)]
    pub(crate) pristine: bool,
    /// Refuse to run if a secret is missing, or if the environment already has a variable with a
    /// secret's name
    #[arg(long)]
    pub(crate) strict: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct Cost {
    /// The application [default: all of the configuration]
    #[arg(long, value_name = "NAME", add = super::complete::apps())]
    pub(crate) app: Option<String>,
    /// The environment [default: all]
    #[arg(short, long, value_name = "NAME", add = super::complete::environments())]
    pub(crate) environment: Option<String>,
    /// Number of secrets, instead of those in the configuration
    #[arg(long, value_name = "N")]
    pub(crate) secrets: Option<u64>,
    /// Number of secrets in the Advanced tier
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) advanced: u64,
    /// Deploys per day and application
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    pub(crate) deploys: f64,
    /// Tasks that each deploy starts
    #[arg(long, value_name = "N", default_value_t = 4.0)]
    pub(crate) tasks: f64,
    /// Other task starts per day and application: scaling, scheduled tasks, failures
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    pub(crate) starts: f64,
    /// Parameters read per day, instead of the number that follows from deploys and task starts
    #[arg(long, value_name = "N")]
    pub(crate) interactions: Option<f64>,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}
