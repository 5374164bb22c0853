//! `byref secret`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::deferred::Deferred;
use super::store::{ListFormat, OneSecret, Place, WriteOptions};

/// The life of a secret, in all Regions of an environment.
#[derive(Subcommand)]
pub(crate) enum SecretCommand {
    /// Store a value in every Region: from standard input, a file, or a prompt without echo
    Put(Deferred<Put>),
    /// Store a random value in every Region
    Generate(Deferred<Generate>),
    /// Print a value to a pipe or a file; to a terminal only with `--reveal`
    Get(Deferred<Get>),
    /// List secrets by scope or path
    List(Deferred<List>),
    /// Show the versions of a secret, without values
    History(Deferred<History>),
    /// Compare versions, Regions or environments, without showing a value
    Diff(Deferred<Diff>),
    /// Store an old value again, as a new version
    Rollback(Deferred<Rollback>),
    /// Put a label on a version
    Label(Deferred<LabelArguments>),
    /// Delete a secret with all its versions, in every Region
    Delete(Deferred<Delete>),
    /// Copy secrets to another environment, application, scope or Region
    Copy(Deferred<Copy>),
    /// Store the secrets of a dotenv, JSON or docker-compose file
    Import(Deferred<Import>),
    /// Print all secrets of an application as dotenv, JSON or shell
    Export(Deferred<Export>),
    /// Compare every secret between the Regions: missing, different value, type or key
    Health(Deferred<Health>),
    /// Find every secret that has the same value as a leaked one, and replace them all
    Duplicates(Deferred<Duplicates>),
}

/// The source of a value, and the treatment of a line break at its end.
#[derive(Args)]
pub(crate) struct ValueSource {
    /// Read the value from a file [default: standard input, or a prompt]
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Keep a line break at the end as a part of the value
    #[arg(long)]
    pub(crate) keep_newline: bool,
}

/// The secrets that may be written.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Declaration {
    /// Add a line for the secret to deploy.toml if none declares it yet
    #[arg(long, conflicts_with = "undeclared")]
    pub(crate) declare: bool,
    /// Store the secret although no line of deploy.toml declares it; a full name (`/production/x`)
    /// needs no line
    #[arg(long)]
    pub(crate) undeclared: bool,
    /// Refuse a secret that exists already in any of the Regions
    #[arg(long, conflicts_with = "existing")]
    pub(crate) create_only: bool,
    /// Refuse a secret that does not exist yet in any of the Regions
    #[arg(long)]
    pub(crate) existing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TypeArgument {
    #[value(alias = "SecureString")]
    SecureString,
    String,
    #[value(alias = "StringList")]
    StringList,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TierArgument {
    Standard,
    Advanced,
}

/// Storage options of a parameter.
#[derive(Args)]
pub(crate) struct StorageOptions {
    /// Parameter type; it cannot be changed for an existing secret
    #[arg(long = "type", value_enum, ignore_case = true, default_value_t = TypeArgument::SecureString, value_name = "TYPE")]
    pub(crate) kind: TypeArgument,
    /// Parameter tier: standard (4 KB, free) or advanced (8 KB, billed) [default: unchanged, or
    /// standard]
    #[arg(long, value_enum, ignore_case = true, value_name = "TIER")]
    pub(crate) tier: Option<TierArgument>,
    /// KMS key that encrypts it [default: `kms-key` of the environment, else its present key]
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Additional tag; byref tags new parameters with `environment`, `application` and `key`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) tag: Vec<String>,
    /// Write a new version even if the value is the same
    #[arg(long)]
    pub(crate) new_version: bool,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  byref secret put DB_PASSWORD -e production\n  pwgen -s 40 1 | byref secret put DB_PASSWORD -e production --yes"
)]
pub(crate) struct Put {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    #[command(flatten)]
    pub(crate) value: ValueSource,
    #[command(flatten)]
    pub(crate) storage: StorageOptions,
    #[command(flatten)]
    pub(crate) declaration: Declaration,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// Number of characters
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) length: u16,
    /// Alphabet: `alphanumeric`, `hex`, `base64url`, `printable`, or the characters themselves
    #[arg(long, value_name = "ALPHABET", default_value = "alphanumeric")]
    pub(crate) alphabet: String,
    #[command(flatten)]
    pub(crate) storage: StorageOptions,
    #[command(flatten)]
    pub(crate) declaration: Declaration,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Args)]
pub(crate) struct Get {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// A version's number or label [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Print to a terminal, too
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Write no line break after the value
    #[arg(short, long)]
    pub(crate) no_newline: bool,
}

#[derive(Args)]
pub(crate) struct List {
    /// List everything below this path [default: the path of the scope]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Include the values, to a pipe or a file
    #[arg(long)]
    pub(crate) values: bool,
    /// With `--values`: print to a terminal, too
    #[arg(long, requires = "values")]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}

#[derive(Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}

#[derive(Args)]
#[command(
    after_help = "A and B are versions (`3`, or a label), Regions (`us-west-2`), or environments (`production`). One that is left out is the newest version in the first Region.\n\nExamples:\n  byref secret diff DB_PASSWORD 3 4\n  byref secret diff DB_PASSWORD us-west-2 us-east-1\n  byref secret diff DB_PASSWORD development production"
)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// A version, a Region or an environment
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// Another one
    #[arg(value_name = "B")]
    pub(crate) second: Option<String>,
    /// Exit with 1 if the values differ
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}

#[derive(Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// A version's number or label, as it is in the first Region [default: the one before the
    /// newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Args)]
pub(crate) struct LabelArguments {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// The label; any other version loses it
    #[arg(value_name = "LABEL")]
    pub(crate) label: String,
    /// A version's number or label, as it is in the first Region [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Remove the label
    #[arg(long)]
    pub(crate) remove: bool,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  byref secret copy DB_PASSWORD -e development --to-environment staging\n  byref secret copy --all --app web -e development --to-environment staging\n  byref secret copy DB_PASSWORD -e production --from-region us-west-2"
)]
pub(crate) struct Copy {
    /// A name in deploy.toml, a key, or a full name
    #[arg(value_name = "SECRET", required_unless_present = "all", add = super::complete::secrets())]
    pub(crate) secret: Option<String>,
    /// Take SECRET as a full name although it has no leading slash
    #[arg(long)]
    pub(crate) full_name: bool,
    /// Every secret line of the application
    #[arg(long, conflicts_with = "secret")]
    pub(crate) all: bool,
    /// Region to read from [default: the environment's first]
    #[arg(long, value_name = "REGION", add = super::complete::regions())]
    pub(crate) from_region: Option<String>,
    /// To this environment
    #[arg(long, value_name = "NAME", add = super::complete::environments())]
    pub(crate) to_environment: Option<String>,
    /// To this application
    #[arg(long, value_name = "NAME", add = super::complete::apps())]
    pub(crate) to_app: Option<String>,
    /// To this scope
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(crate) to_scope: Option<super::store::ScopeArgument>,
    /// To this key or full name
    #[arg(long, value_name = "SECRET", conflicts_with = "all", add = super::complete::secrets())]
    pub(crate) to: Option<String>,
    /// Overwrite existing secrets that have another value
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// `NAME=value` lines
    Dotenv,
    /// One object of names and values, as `chamber export` and credstash's `getall` write it
    Json,
    /// The `environment` of the services of a docker-compose file
    Compose,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Format of the file [default: follows from its name]
    #[arg(long = "from", value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ImportFormat>,
    /// Only this service of a docker-compose file
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Only these names of the file
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Overwrite existing secrets that have another value
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// `NAME="value"` lines
    Dotenv,
    /// One object of names and values
    Json,
    /// `export NAME='value'` lines
    Shell,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Output format
    #[arg(long, value_enum, default_value_t = ExportFormat::Dotenv, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Write to a file that only its owner may read
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Print values to a terminal, too
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Args)]
pub(crate) struct Health {
    /// Only this secret [default: every secret line of the environment]
    #[arg(value_name = "SECRET", add = super::complete::secrets())]
    pub(crate) secret: Option<String>,
    /// Compare everything below this path, declared or not
    #[arg(long, value_name = "PATH", conflicts_with = "secret")]
    pub(crate) path: Option<String>,
    /// Compare KMS keys, too (needs `ssm:DescribeParameters`) [default: if the environment has a
    /// `kms-key`]
    #[arg(long)]
    pub(crate) keys: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}

#[derive(Args)]
pub(crate) struct Duplicates {
    #[command(flatten)]
    pub(crate) one: OneSecret,
    /// Search below this path [default: everything that the configuration's names can reach]
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Search every environment of the configuration
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Set them all to a new value, from standard input, a file or a prompt
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) value: ValueSource,
    #[command(flatten)]
    pub(crate) write: WriteOptions,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}
