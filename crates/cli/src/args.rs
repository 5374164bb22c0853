//! What is typed.

pub(crate) mod deferred;
pub(crate) mod deploy;
pub(crate) mod iam;
pub(crate) mod mistake;
pub(crate) mod secret;
pub(crate) mod store;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::deferred::Deferred;

/// Secrets by reference: rewrites the ECS task definitions of CloudFormation templates so that containers get
/// `Secrets`/`ValueFrom` references where they used to get values.
#[derive(Parser)]
#[command(name = "byref", version, about, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done · 1 findings, missing secrets, or (where asked for) differences · 2 the input is wrong · 3 AWS refused or could not be reached"
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
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Coloured output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Only errors on standard error
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Says more: the files that are read
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
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
    /// Trace one secret: its line in deploy.toml, parameter name, ARNs, containers, and places in the template
    Explain(Deferred<Explain>),
    /// Show the scheme of every application, and which rule decided
    Flag(Deferred<FlagArguments>),
    /// Write a first deploy.toml from templates
    Init(Deferred<Init>),
    /// Find plaintext secrets in templates
    Lint(Deferred<Lint>),
    /// Before a deploy: every secret exists in every Region and is encrypted, and the roles may read it
    Check(Deferred<deploy::Check>),
    /// Run a command with the secrets of an application in its environment
    Exec(Deferred<deploy::Exec>),
    /// Print the policy that a role needs, or the stack of a key
    Iam(Deferred<iam::Iam>),
    /// Show what the secrets cost a month
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

/// Which application, where.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "options of the command line are independent of each other")]
pub(crate) struct Selection {
    /// The application [default: the only one, or the one that lists the template]
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// The environment [default: the only one]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The Region in which references are compared, and which literal ones name [default: the environment's first]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The scheme, above every other rule of the flag
    #[arg(long, value_enum, value_name = "SCHEME")]
    pub(crate) scheme: Option<SchemeArgument>,
    /// Under the value scheme: turn references of the secret lines back into values; what is deployed may go back too
    #[arg(long)]
    pub(crate) to_values: bool,
    /// Under the value scheme: references of the secret lines stay references, and that is no error
    #[arg(long, conflicts_with = "to_values")]
    pub(crate) keep_references: bool,
    /// Grant roles in the template permission to read the secrets; `never` leaves roles alone, and a missing role is only a warning
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) grant: Option<GrantArgument>,
    /// Write only what roles get, for an update before the one that changes references; also while an application still
    /// deploys by value
    #[arg(long, conflicts_with_all = ["prune_grants", "create_execution_role", "prune_parameters", "to_values"])]
    pub(crate) grants_only: bool,
    /// Remove rights from byref's policies that no reference needs any more; none of a role that something unseen may use
    #[arg(long)]
    pub(crate) prune_grants: bool,
    /// Add an execution role where there is none
    #[arg(long)]
    pub(crate) create_execution_role: bool,
    /// Also remove template parameters, conditions and mappings that the rewrite leaves unused; none where a macro may use them
    #[arg(long)]
    pub(crate) prune_parameters: bool,
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
#[cfg_attr(feature = "aws", expect(clippy::struct_excessive_bools, reason = "options, as they are typed"))]
pub(crate) struct Rewrite {
    /// The templates; `-` is standard input [default: those of the application]
    #[arg(value_name = "TEMPLATE")]
    pub(crate) templates: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write to a file; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["output_dir", "in_place", "check"])]
    pub(crate) output: Option<PathBuf>,
    /// Write every template into a folder, under its path
    #[arg(long, value_name = "DIR", conflicts_with_all = ["in_place", "check"])]
    pub(crate) output_dir: Option<PathBuf>,
    /// Rewrite the files themselves
    #[arg(long, conflicts_with = "check")]
    pub(crate) in_place: bool,
    /// Write nothing; exit with 1 if anything would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Under the value scheme: values from the store may go to standard output, a pipe or a device
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Ask AWS what the stack has now, and refuse to go back from references to values without --to-values
    #[cfg(feature = "aws")]
    #[arg(long)]
    pub(crate) deployed: bool,
}

#[derive(Args)]
pub(crate) struct Preview {
    /// The templates; `-` is standard input [default: those of the application]
    #[arg(value_name = "TEMPLATE")]
    pub(crate) templates: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = PreviewFormat::Text, value_name = "FORMAT")]
    pub(crate) format: PreviewFormat,
    /// Exit with 1 if anything would change: the template, or with --deployed the stack
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Ask AWS what the stack has now, and show what an update would do to it, in every Region or in that of --region; exits with 1 where it would fail
    #[cfg(feature = "aws")]
    #[arg(long)]
    pub(crate) deployed: bool,
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
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args)]
pub(crate) struct FlagArguments {
    /// Only this application
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// Only this environment
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// How it is shown
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
    after_help = "Examples:\n  byref lint stacks\n  byref lint --format sarif stacks > byref.sarif\n  byref lint --explain secret-name\n\nExit codes: 0 nothing found · 1 findings · 2 the input is wrong"
)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Lint {
    /// Files and folders; `-` is standard input [default: the folder here]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How the findings are shown
    #[arg(long, value_enum, default_value_t = LintFormat::Text, value_name = "FORMAT")]
    pub(crate) format: LintFormat,
    /// Write to a file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least level that is reported, and that makes the exit code 1
    #[arg(long, value_enum, default_value_t = LintLevel::Warning, value_name = "LEVEL")]
    pub(crate) level: LintLevel,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', conflicts_with = "except")]
    pub(crate) only: Vec<String>,
    /// All rules but these
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) except: Vec<String>,
    /// Judge every text, not only templates
    #[arg(long)]
    pub(crate) all_text: bool,
    /// Judge named files like those in folders: pass over files that are not templates, as pre-commit needs it
    #[arg(long)]
    pub(crate) as_found: bool,
    /// Succeed although no file was judged, or `--known` had no values to search for
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Ignore the findings that FILE lists
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Create or update the baseline from the current findings
    #[arg(long, requires = "baseline")]
    pub(crate) update_baseline: bool,
    /// Search files of any kind for every value that the store holds, as plaintext or encoded
    #[arg(long)]
    pub(crate) known: bool,
    /// Move what is found in the environments of containers to the store, with a line in deploy.toml and a reference
    /// in the template, after a plan
    #[arg(long, conflicts_with_all = ["known", "baseline", "output", "format"])]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) write: store::WriteOptions,
    #[command(flatten)]
    pub(crate) place: store::Place,
    /// Show what a rule finds, and what to do
    #[arg(long, value_name = "RULE", exclusive = true)]
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
