//! `byref check`, `byref exec`, `byref cost`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::store::{ListFormat, Place, StoreOptions};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Text,
    Json,
    /// Annotations of GitHub Actions
    Github,
}

#[derive(Args)]
#[command(
    after_help = "Needs `ssm:GetParameters` alone; with `ssm:DescribeParameters` it also checks keys and says what a misspelt name was meant to be; with `iam:SimulatePrincipalPolicy` whether an execution role that is not in the template may read the secrets. What can't be proven is an error, unless `execution-role = \"external\"` acknowledges it. Nothing is decrypted but with --parity.\n\nExamples:\n  byref check -e production --app quiz-api\n  byref check -e production --all --format github\n  byref check -e production --app quiz-api --parity --deployed"
)]
#[cfg_attr(feature = "aws", expect(clippy::struct_excessive_bools, reason = "options, as they are typed"))]
pub(crate) struct Check {
    /// The templates whose roles are checked [default: those of the application, where they are there]
    #[arg(value_name = "TEMPLATE", conflicts_with = "all")]
    pub(crate) templates: Vec<PathBuf>,
    /// The application [default: the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub(crate) app: Option<String>,
    /// Every application
    #[arg(long)]
    pub(crate) all: bool,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Only these Regions [default: all of the environment]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    /// Compare the plaintext values that this template still has with the stored ones, or with --deployed those that
    /// the stack's task definitions have now; decrypts the stored ones
    #[arg(long, value_name = "TEMPLATE", num_args = 0..=1, conflicts_with = "all")]
    #[expect(clippy::option_option, reason = "clap's way to say that an option may have a value")]
    pub(crate) parity: Option<Option<PathBuf>>,
    /// Ask AWS what the stack has now: its execution roles, and with --parity its values
    #[cfg(feature = "aws")]
    #[arg(long)]
    pub(crate) deployed: bool,
    /// Name the revisions of the stack's task definitions that still hold plaintext values, also inactive ones
    #[cfg(feature = "aws")]
    #[arg(long)]
    pub(crate) revisions: bool,
    /// Have CloudFormation validate what would be deployed
    #[cfg(feature = "aws")]
    #[arg(long, conflicts_with = "all")]
    pub(crate) validate: bool,
    /// Check keys also with --all and without a `kms-key`
    #[arg(long)]
    pub(crate) keys: bool,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = CheckFormat::Text, value_name = "FORMAT")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Args)]
#[command(
    after_help = "Signals, terminal and exit code are the command's own. Nothing is written to a disk.\n\nExample:\n  byref exec -e development --app quiz-api -- ./server --port 8080"
)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Give the command nothing but the secrets
    #[arg(long)]
    pub(crate) pristine: bool,
    /// Refuse to run when a secret is missing, or when the environment already has a variable of a secret's name
    #[arg(long)]
    pub(crate) strict: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct Cost {
    /// The application [default: all of the configuration]
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// The environment [default: all]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Secrets, instead of those of the configuration
    #[arg(long, value_name = "N")]
    pub(crate) secrets: Option<u64>,
    /// Secrets of the Advanced tier among them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) advanced: u64,
    /// Deploys a day, of each application
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    pub(crate) deploys: f64,
    /// Tasks that start with each deploy
    #[arg(long, value_name = "N", default_value_t = 4.0)]
    pub(crate) tasks: f64,
    /// Task starts a day besides deploys, of each application: scaling, scheduled tasks, failures
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    pub(crate) starts: f64,
    /// Parameters that are read a day, instead of what follows from deploys and task starts
    #[arg(long, value_name = "N")]
    pub(crate) interactions: Option<f64>,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}
