//! Arguments that name a store, and a part of it.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use byref::Project;
use byref::secrets::{SecretName, TargetSelection, Targets};
use byref_config::Scope;
use clap::{Args, ValueEnum};

use super::Format;
use crate::failure::Failure;

/// The store of the secrets.
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
    /// The store: `aws`, or `file:PATH` for an encrypted file [default: aws]
    #[arg(
        long,
        env = "BYREF_STORE",
        value_name = "STORE",
        hide_env_values = true,
        help_heading = "Store"
    )]
    pub(crate) store: Option<StoreLocation>,
    /// File with the age identity or passphrase of a file store, on one line [default: a prompt]
    #[arg(
        long,
        env = "BYREF_STORE_KEY_FILE",
        value_name = "FILE",
        hide_env_values = true,
        help_heading = "Store"
    )]
    pub(crate) store_key: Option<PathBuf>,
    /// Read requests per second and Region; the account has 40, which starting tasks share
    #[arg(
        long,
        value_name = "N",
        default_value = "10",
        hide_short_help = true,
        help_heading = "Store"
    )]
    pub(crate) read_rate: NonZeroU32,
    /// Write and describe requests per second and Region; the account has 3
    #[arg(
        long,
        value_name = "N",
        default_value = "2",
        hide_short_help = true,
        help_heading = "Store"
    )]
    pub(crate) write_rate: NonZeroU32,
    /// Seconds per attempt of a request. byref tries five times (or `AWS_MAX_ATTEMPTS`), for at
    /// most a minute in all, or this time if it is longer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300), hide_short_help = true, help_heading = "Store")]
    pub(crate) timeout: u16,
    /// Allow an endpoint (`AWS_ENDPOINT_URL`, `endpoint_url`) with plain HTTP on another machine,
    /// which exposes values and credentials to the network
    #[arg(long, hide_short_help = true, help_heading = "Store")]
    pub(crate) insecure_endpoint: bool,
    /// The identity of the caller, asked for once in a run.
    #[arg(skip)]
    #[cfg(feature = "aws")]
    pub(crate) callers: crate::store::Callers,
}

/// The applications and environments that share a secret.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeArgument {
    /// One application in one environment
    App,
    /// Every application of an environment
    Environment,
    /// One application in every environment
    SharedApp,
    /// Every application in every environment
    Shared,
}

impl From<ScopeArgument> for Scope {
    fn from(argument: ScopeArgument) -> Self {
        match argument {
            ScopeArgument::App => Self::App,
            ScopeArgument::Environment => Self::Environment,
            ScopeArgument::SharedApp => Self::SharedApp,
            ScopeArgument::Shared => Self::Shared,
        }
    }
}

/// The application, environment, scope and Regions of secrets.
#[derive(Args)]
pub(crate) struct Place {
    /// The application [default: the only one]
    #[arg(long, value_name = "NAME", help_heading = "Application and environment", add = super::complete::apps())]
    pub(crate) app: Option<String>,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME", help_heading = "Application and environment", add = super::complete::environments())]
    pub(crate) environment: Option<String>,
    /// The scope of a key [default: app]
    #[arg(
        long,
        value_enum,
        value_name = "SCOPE",
        help_heading = "Application and environment"
    )]
    pub(crate) scope: Option<ScopeArgument>,
    /// Only these Regions [default: all of the environment]
    #[arg(long, value_name = "REGION", value_delimiter = ',', help_heading = "Application and environment", add = super::complete::regions())]
    pub(crate) region: Vec<String>,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

impl Place {
    /// Returns the secrets that the arguments choose from.
    pub(crate) fn targets<'p>(&self, project: &'p Project) -> Result<Targets<'p>, Failure> {
        self.targets_in(project, None)
    }

    /// Returns the secrets as [`Place::targets`] does; if no environment was typed, those of
    /// another default.
    pub(crate) fn targets_in<'p>(
        &self,
        project: &'p Project,
        default: Option<&str>,
    ) -> Result<Targets<'p>, Failure> {
        let selection = TargetSelection {
            environment: self
                .environment
                .clone()
                .or_else(|| default.map(str::to_owned)),
            app: self.app.clone(),
            scope: self.scope.map(Scope::from),
            regions: self.region.clone(),
        };
        Ok(Targets::new(project, &selection)?)
    }
}

/// One secret.
#[derive(Args)]
pub(crate) struct OneSecret {
    /// A name in deploy.toml (`DB_PASSWORD`), a key (`db-password`), or a full name
    /// (`/production/web/db-password`)
    #[arg(value_name = "SECRET", add = super::complete::secrets())]
    pub(crate) secret: String,
    /// Take SECRET as a full name although it has no leading slash
    #[arg(long)]
    pub(crate) full_name: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

impl OneSecret {
    /// Returns the name of the secret.
    pub(crate) fn name(&self) -> SecretName<'_> {
        named(&self.secret, self.full_name)
    }
}

/// Returns the name of a secret without or with `--full-name`.
pub(crate) fn named(secret: &str, is_full_name: bool) -> SecretName<'_> {
    if is_full_name {
        SecretName::Full(secret)
    } else {
        SecretName::Short(secret)
    }
}

/// Options of all commands that write.
#[derive(Args)]
pub(crate) struct WriteOptions {
    /// Show the plan and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Write without asking for confirmation; required without a terminal, but for new values in a file store
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// The format of a list.
#[derive(Args)]
pub(crate) struct ListFormat {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
}
