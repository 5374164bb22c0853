//! The command line.

pub(crate) mod complete;
pub(crate) mod deferred;
pub(crate) mod deploy;
pub(crate) mod iam;
pub(crate) mod mistake;
pub(crate) mod secret;
pub(crate) mod store;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::deferred::Deferred;
use crate::online::{PreviewStacks, RewriteStacks};

/// Secrets by reference: rewrites the ECS task definitions of CloudFormation templates so that
/// containers get `Secrets`/`ValueFrom` references where they used to get values.
#[derive(Parser)]
#[command(
    name = "byref",
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 success · 1 findings, missing secrets, or (on request) differences · 2 invalid input · 3 AWS refused a request or could not be reached"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args)]
pub(crate) struct Common {
    /// The configuration [default: deploy.toml here or in a parent folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Coloured output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Global options")]
    pub(crate) color: Color,
    /// Print nothing to standard error but errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Global options"
    )]
    pub(crate) quiet: bool,
    /// Also report the files that are read
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal; `NO_COLOR` and `CLICOLOR_FORCE` are honoured
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes this the choice of every stream.
    pub(crate) fn write_global(self) {
        let choice = match self {
            Color::Auto => return,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a template with references instead of values
    Rewrite(Deferred<Rewrite>),
    /// Show what a rewrite would change, with every value masked
    Preview(Deferred<Preview>),
    /// Trace one secret: its line in deploy.toml, parameter name, ARNs, containers, and places in
    /// the template
    Explain(Deferred<Explain>),
    /// Show the scheme of every application, and the rule that decided it
    Flag(Deferred<FlagArguments>),
    /// Write a first deploy.toml from templates
    Init(Deferred<Init>),
    /// Find plaintext secrets in templates
    Lint(Deferred<Lint>),
    /// Check before a deploy that every secret exists in every Region, is encrypted, and may be
    /// read by the roles
    Check(Deferred<deploy::Check>),
    /// Run a command with the secrets of an application in its environment
    Exec(Deferred<deploy::Exec>),
    /// Print the IAM policy that a role needs, or a stack with a KMS key
    Iam(Deferred<iam::Iam>),
    /// Estimate the monthly cost of the secrets
    Cost(Deferred<deploy::Cost>),
    /// Create, compare, rotate and roll back secrets in all Regions
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write a page for each command
    Man {
        /// Write `byref.1`, `byref-rewrite.1` and so on into this existing folder
        #[arg(long, value_name = "DIR")]
        output_dir: Option<PathBuf>,
    },
}

/// The application, the environment, and the options of a rewrite.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "options of the command line are independent of each other"
)]
pub(crate) struct Selection {
    /// The application [default: the only one, or the one that lists the template]
    #[arg(long, value_name = "NAME", help_heading = "Application and environment", add = complete::apps())]
    pub(crate) app: Option<String>,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME", help_heading = "Application and environment", add = complete::environments())]
    pub(crate) environment: Option<String>,
    /// The Region of literal references and of comparisons [default: the first of the environment]
    #[arg(long, value_name = "REGION", help_heading = "Application and environment", add = complete::regions())]
    pub(crate) region: Option<String>,
    /// Deploy with this scheme, whatever the flag in deploy.toml says [env: `BYREF_SCHEME`, which
    /// accepts only `reference`]
    #[arg(
        long,
        value_enum,
        value_name = "SCHEME",
        help_heading = "Application and environment"
    )]
    pub(crate) scheme: Option<SchemeArgument>,
    /// Also remove template parameters, conditions and mappings that the rewrite leaves unused,
    /// unless a macro may use them
    #[arg(long, help_heading = "Clean-up")]
    pub(crate) prune_parameters: bool,
    /// With the value scheme: turn existing references back into values, also where references are
    /// deployed
    #[arg(long, help_heading = "Value scheme")]
    pub(crate) to_values: bool,
    /// With the value scheme: keep existing references, without an error
    #[arg(long, help_heading = "Value scheme", conflicts_with = "to_values")]
    pub(crate) keep_references: bool,
    /// Grant roles in the template permission to read the secrets; `never` leaves roles alone, and
    /// a missing role is only a warning
    #[arg(long, help_heading = "Roles", value_enum, value_name = "WHEN")]
    pub(crate) grant: Option<GrantArgument>,
    /// Write only the grants of roles, for an update before the one that changes references; works
    /// while an application still deploys by value
    #[arg(long, help_heading = "Roles", conflicts_with_all = ["prune_grants", "create_execution_role", "prune_parameters", "to_values"])]
    pub(crate) grants_only: bool,
    /// Remove permissions from byref's policies that no reference needs any more; roles that other
    /// stacks may use keep theirs
    #[arg(long, help_heading = "Clean-up")]
    pub(crate) prune_grants: bool,
    /// Add an execution role to task definitions without one
    #[arg(long, help_heading = "Roles")]
    pub(crate) create_execution_role: bool,
    #[command(flatten)]
    pub(crate) store: store::StoreOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeArgument {
    Value,
    Reference,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrantArgument {
    Auto,
    Never,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  byref rewrite -e production stacks/quiz-api.yaml > out.yaml\n  byref rewrite -e production --app quiz-api --in-place\n  byref rewrite -e production --check"
)]
pub(crate) struct Rewrite {
    /// The templates; `-` is standard input [default: those of the application]
    #[arg(value_name = "TEMPLATE")]
    pub(crate) templates: Vec<PathBuf>,
    /// Write to a file; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["output_dir", "in_place", "check"])]
    pub(crate) output: Option<PathBuf>,
    /// Write every template into this folder, under its own path
    #[arg(long, value_name = "DIR", conflicts_with_all = ["in_place", "check"])]
    pub(crate) output_dir: Option<PathBuf>,
    /// Overwrite the templates
    #[arg(long, conflicts_with = "check")]
    pub(crate) in_place: bool,
    /// Write nothing; exit with 1 if a template would change
    #[arg(long)]
    pub(crate) check: bool,
    /// With the value scheme: allow values from the store on standard output, a pipe or a device
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) stacks: RewriteStacks,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

#[derive(Args)]
pub(crate) struct Preview {
    /// The templates; `-` is standard input [default: those of the application]
    #[arg(value_name = "TEMPLATE")]
    pub(crate) templates: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = PreviewFormat::Text, value_name = "FORMAT")]
    pub(crate) format: PreviewFormat,
    /// Exit with 1 if the template, or with --deployed the stack, would change
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) stacks: PreviewStacks,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewFormat {
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// The name of the environment variable
    #[arg(value_name = "NAME", add = complete::secrets())]
    pub(crate) name: String,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

#[derive(Args)]
pub(crate) struct FlagArguments {
    /// Only this application
    #[arg(long, value_name = "NAME", add = complete::apps())]
    pub(crate) app: Option<String>,
    /// Only this environment
    #[arg(short, long, value_name = "NAME", add = complete::environments())]
    pub(crate) environment: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args)]
pub(crate) struct Init {
    /// The templates
    #[arg(value_name = "TEMPLATE", required = true)]
    pub(crate) templates: Vec<PathBuf>,
    /// Write to a file that does not exist yet [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  byref lint stacks\n  byref lint --format sarif stacks > byref.sarif\n  byref lint --explain secret-name\n\nExit codes: 0 no findings · 1 findings · 2 invalid input"
)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Lint {
    /// Files and folders; `-` is standard input [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = LintFormat::Text, value_name = "FORMAT")]
    pub(crate) format: LintFormat,
    /// Write to a file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Report findings of this level and above, and exit with 1 for them
    #[arg(long, value_enum, default_value_t = LintLevel::Warning, value_name = "LEVEL")]
    pub(crate) level: LintLevel,
    /// Apply only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', conflicts_with = "except", add = complete::rules())]
    pub(crate) only: Vec<String>,
    /// Apply all rules except these
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = complete::rules())]
    pub(crate) except: Vec<String>,
    /// Lint every text file, not only templates
    #[arg(long)]
    pub(crate) all_text: bool,
    /// Skip named files that are not templates, as in folders; for pre-commit
    #[arg(long)]
    pub(crate) as_found: bool,
    /// Succeed even if no file was linted, or `--known` had no values to search for
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Ignore the findings that FILE lists
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Create or update the baseline from the current findings
    #[arg(long, requires = "baseline")]
    pub(crate) update_baseline: bool,
    /// Search files of any kind for the values in the store, in plaintext or encoded
    #[arg(long)]
    pub(crate) known: bool,
    /// Move secrets found in container environments to the store, and replace them by a line in
    /// deploy.toml and a reference in the template; shows the plan first
    #[arg(long, conflicts_with_all = ["known", "baseline", "output", "format"])]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) write: store::WriteOptions,
    #[command(flatten)]
    pub(crate) place: store::Place,
    /// Explain a rule
    #[arg(long, value_name = "RULE", conflicts_with_all = ["paths", "fix", "known", "baseline"], add = complete::rules())]
    pub(crate) explain: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// The lines with their findings, every value masked
    Text,
    Json,
    /// SARIF 2.1.0, for GitHub code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    Junit,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintLevel {
    Warning,
    Error,
}
