//! Which store, and which part of it.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::Format;

/// Where secrets are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreLocation {
    Aws,
    File(PathBuf),
}

impl FromStr for StoreLocation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "aws" => Ok(Self::Aws),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err("a store is `aws` or `file:PATH`"),
        }
    }
}

/// Options of all commands that ask a store.
#[derive(Clone, Args)]
pub(crate) struct StoreOptions {
    /// Where the secrets are: `aws`, or `file:PATH`, an encrypted file [default: aws]
    #[arg(long, env = "BYREF_STORE", value_name = "STORE", hide_env_values = true)]
    pub(crate) store: Option<StoreLocation>,
    /// A file with the age identity or the passphrase of a file store, on one line [default: a prompt]
    #[arg(long, env = "BYREF_STORE_KEY_FILE", value_name = "FILE", hide_env_values = true)]
    pub(crate) store_key: Option<PathBuf>,
    /// Requests per second and Region that read; starting tasks share the account's 40
    #[arg(long, value_name = "N", default_value = "10", hide_short_help = true)]
    pub(crate) read_rate: NonZeroU32,
    /// Requests per second and Region that write or describe, of the account's 3
    #[arg(long, value_name = "N", default_value = "2", hide_short_help = true)]
    pub(crate) write_rate: NonZeroU32,
    /// Seconds that one attempt of a request may take; there are five, or as many as `AWS_MAX_ATTEMPTS` says, and all
    /// together end after a minute, or after this time where it is longer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300), hide_short_help = true)]
    pub(crate) timeout: u16,
    /// Allow an endpoint (`AWS_ENDPOINT_URL`, `endpoint_url`) that is plain HTTP on another machine: values and
    /// credentials can be read on the way
    #[arg(long, hide_short_help = true)]
    pub(crate) insecure_endpoint: bool,
    /// Who the caller is, asked once a run.
    #[arg(skip)]
    #[cfg(feature = "aws")]
    pub(crate) callers: crate::store::Callers,
}

/// Who shares a secret.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeArgument {
    /// One application in one environment
    App,
    /// Every application of an environment
    Environment,
    /// One application in every environment
    SharedApp,
    /// Everyone
    Shared,
}

/// In which application, environment, scope and Regions.
#[derive(Args)]
pub(crate) struct Place {
    /// The application [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Whose secret a key names [default: app]
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(crate) scope: Option<ScopeArgument>,
    /// Only these Regions [default: all of the environment]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

/// One secret.
#[derive(Args)]
pub(crate) struct OneSecret {
    /// A name of deploy.toml (`DB_PASSWORD`), a key (`db-password`), or a full name (`/production/web/db-password`)
    #[arg(value_name = "SECRET")]
    pub(crate) secret: String,
    /// SECRET is a full name, though it has no leading slash
    #[arg(long)]
    pub(crate) full_name: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Options of all commands that write.
#[derive(Args)]
pub(crate) struct WriteOptions {
    /// Show the plan and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Write without asking for confirmation; needed where there is no terminal
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// How a list is shown.
#[derive(Args)]
pub(crate) struct ListFormat {
    /// How it is shown
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
}
