//! Conversion of files into a configuration.
//!
//! Files are parsed into one tree, in which the root file takes precedence. The tree is then read
//! key by key into the [model](crate::DeployConfig). Reading continues after a mistake, so that one
//! run reports all of them. Finally, secret lines are checked in combination with environments.
//!
//! The order matters in two places. Environments are read first, because applications and the flag
//! refer to them by name. References are checked last, because a name depends on a pattern, an
//! application, an environment and a line at once.

use std::collections::BTreeMap;

use byref_template::{Diagnostic, Location, Severity, SourceId};

use crate::flag::Flag;
use crate::lint_table::read_lint;
use crate::model::{
    App, DeployConfig, Environment, Grant, GrantScope, ReferenceForm, RewriteSettings, Target,
};
use crate::names::NamePatterns;
use crate::pasted::suspect;
use crate::reader::{Reader, closest, shown_key};
use crate::secret_line::pasted;
use crate::tree::{Table, read};

/// A file of the configuration.
///
/// The caller reads the files and adds their texts to [`Sources`](byref_template::Sources), so that
/// the crate does no I/O.
#[derive(Clone, Copy)]
pub struct ConfigFile<'t> {
    /// The id of the text for messages.
    pub source: SourceId,
    /// The text.
    pub text: &'t str,
}

/// The keys at the root.
const KEYS: [&str; 7] = [
    "include",
    "environments",
    "names",
    "flag",
    "rewrite",
    "lint",
    "apps",
];

/// Returns the paths that a file includes, with their locations. Paths are relative to the folder
/// of the file. Mistakes in the file are left to [`parse()`].
///
/// ```
/// use byref_config::{ConfigFile, includes};
/// use byref_template::Sources;
///
/// let text = "include = [\"apps/quiz.toml\"]\n";
/// let source = Sources::new().add("deploy.toml", text);
/// let paths: Vec<String> =
///     includes(ConfigFile { source, text }).into_iter().map(|(path, _)| path).collect();
/// assert_eq!(paths, ["apps/quiz.toml"]);
/// ```
pub fn includes(file: ConfigFile<'_>) -> Vec<(String, Location)> {
    let table = read(file.source, file.text, &mut Vec::new());
    Reader::default().texts(&table, "include")
}

/// Parses the root file, which comes first, and the files that it includes, in order of precedence.
///
/// Returns all mistakes, sorted by file and position. The configuration is `None` if one of them is
/// an error.
///
/// ```
/// use byref_config::{ConfigFile, parse};
/// use byref_template::Sources;
///
/// let text = "[apps.web]\ncontianers = [\"web\"]\n";
/// let mut sources = Sources::new();
/// let source = sources.add("deploy.toml", text);
/// let (config, mistakes) = parse(&[ConfigFile { source, text }]);
/// assert!(config.is_none());
/// assert_eq!(mistakes[0].code, "unknown-key");
/// assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `containers`?"));
/// ```
pub fn parse(files: &[ConfigFile<'_>]) -> (Option<DeployConfig>, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let mut root = Table::default();
    for file in files {
        let table = read(file.source, file.text, &mut reader.mistakes);
        root.include(table);
    }
    let config = read_root(&mut reader, &root);
    check_references(&mut reader, &config);
    let mut mistakes = reader.mistakes;
    mistakes.sort_by(|a, b| {
        (a.primary.location, a.code, &a.message).cmp(&(b.primary.location, b.code, &b.message))
    });
    mistakes.dedup();
    let is_valid = mistakes
        .iter()
        .all(|mistake| mistake.severity != Severity::Error);
    (is_valid.then_some(config), mistakes)
}

/// Reads the merged table of all files.
fn read_root(reader: &mut Reader, root: &Table) -> DeployConfig {
    reader.unknown_keys(root, &KEYS, "the configuration");
    let _ = reader.texts(root, "include");
    let tables = reader.table_or_empty(root, "environments");
    let is_environment = |reader: &mut Reader, name: &str, location: Location| {
        if !tables.entries.contains_key(name) {
            let known: Vec<&str> = tables.entries.keys().map(String::as_str).collect();
            let help = match closest(name, &known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "declare it under `[environments]`".to_owned(),
            };
            reader.error(
                "unknown-environment",
                format!("there is no environment `{}`", shown_key(name)),
                location,
                help,
            );
        }
    };
    let environments = tables
        .in_order()
        .into_iter()
        .filter_map(|(name, entry)| {
            Some((name.to_owned(), Environment::read(reader, name, entry)?))
        })
        .collect();
    let names_table = reader.table_or_empty(root, "names");
    let patterns = NamePatterns::read(reader, names_table);
    let flag_table = reader.table_or_empty(root, "flag");
    let flag = Flag::read(reader, flag_table, is_environment);
    let rewrite_table = reader.table_or_empty(root, "rewrite");
    let rewrite = read_rewrite(reader, rewrite_table);
    let lint_table = reader.table_or_empty(root, "lint");
    let lint_waivers = read_lint(reader, lint_table);
    let app_tables = reader.table_or_empty(root, "apps");
    let mut apps = BTreeMap::new();
    for (name, entry) in app_tables.in_order() {
        if let Some(app) = App::read(reader, name, entry, is_environment) {
            apps.insert(name.to_owned(), app);
        }
    }
    DeployConfig {
        environments,
        names: patterns,
        flag,
        rewrite,
        lint_waivers,
        apps,
    }
}

/// Reads `[rewrite]`.
///
/// | Key | Words | Default |
/// | --- | --- | --- |
/// | `reference` | `pseudo`, `literal` | `pseudo` |
/// | `grant` | `auto`, `never` | `auto` |
/// | `grant-scope` | `exact`, `application` | `exact` |
/// | `environment-parameter` | the name of a template parameter | none |
fn read_rewrite(reader: &mut Reader, table: &Table) -> RewriteSettings {
    reader.unknown_keys(
        table,
        &["reference", "grant", "grant-scope", "environment-parameter"],
        "`[rewrite]`",
    );
    let reference = reader.one_of(
        table,
        "reference",
        &[
            ("pseudo", ReferenceForm::Pseudo),
            ("literal", ReferenceForm::Literal),
        ],
    );
    let grant = reader.one_of(
        table,
        "grant",
        &[("auto", Grant::Auto), ("never", Grant::Never)],
    );
    let grant_scope = reader.one_of(
        table,
        "grant-scope",
        &[
            ("exact", GrantScope::Exact),
            ("application", GrantScope::Application),
        ],
    );
    let environment_parameter =
        reader
            .text(table, "environment-parameter")
            .and_then(|(text, location)| {
                let fits =
                    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if !fits {
                    reader.error(
                        "bad-value",
                        "`environment-parameter` is not a valid name of a template parameter",
                        location,
                        "use letters and digits only",
                    );
                }
                if fits && suspect(text).is_some() {
                    pasted(
                        reader,
                        "environment-parameter",
                        location,
                        "write the name of a template parameter",
                    );
                }
                fits.then(|| (text.to_owned(), location))
            });
    RewriteSettings {
        reference: reference.map_or_else(ReferenceForm::default, |(form, _)| form),
        grant: grant.map_or_else(Grant::default, |(grant, _)| grant),
        grant_scope: grant_scope.map_or_else(GrantScope::default, |(scope, _)| scope),
        environment_parameter,
    }
}

/// Checks combinations of secret lines and environments: names that become too long, and ARNs of
/// other accounts and Regions.
///
/// ECS can't read parameters of other accounts. Source: [Working with shared parameters in
/// Parameter
/// Store](https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html).
///
/// | Line | Result |
/// | --- | --- |
/// | a key whose name gets too long in one environment | `bad-name`, an error |
/// | an ARN in another account | `other-account`, an error |
/// | an ARN in another partition | `other-partition`, an error |
/// | an ARN in a Region that the environment does not have | `other-region`, a warning |
/// | an ARN in one of several Regions | `other-region`, a warning |
fn check_references(reader: &mut Reader, config: &DeployConfig) {
    for app in config.apps.values() {
        for environment in config.environments.values() {
            for line in app.secrets(Some(&environment.name)) {
                if let Err(error) = config.reference(app, environment, line) {
                    let message = format!(
                        "the parameter name of `{}` in `{}` is not valid: {error}",
                        shown_key(&line.name),
                        shown_key(&environment.name)
                    );
                    reader.error(
                        "bad-name",
                        message,
                        line.location,
                        "shorten the key, or change the pattern in `[names]`",
                    );
                }
                let Target::Arn(arn) = &line.target else {
                    continue;
                };
                if arn.account != environment.account {
                    let diagnostic = Diagnostic::error(
                        "other-account",
                        format!(
                            "`{}` refers to a parameter in a different account than `{}`, which ECS can't read",
                            line.name, environment.name
                        ),
                        line.location,
                    );
                    let help = "copy the value to a parameter in the account of the environment, or override the line for that environment";
                    reader.mistakes.push(
                        diagnostic
                            .labelled("asked for here")
                            .with(environment.location, "the environment")
                            .help(help),
                    );
                } else if arn.partition != environment.partition {
                    reader.error(
                        "other-partition",
                        format!(
                            "`{}` refers to a different partition than `{}`",
                            line.name, environment.name
                        ),
                        line.location,
                        "use the partition of the environment",
                    );
                } else if !environment.regions.contains(&arn.region) {
                    let diagnostic = Diagnostic::warning(
                        "other-region",
                        format!(
                            "`{}` refers to `{}`, which is not a Region of `{}`",
                            line.name, arn.region, environment.name
                        ),
                        line.location,
                    );
                    reader.mistakes.push(
                        diagnostic
                            .about(&line.name)
                            .help("a task in another Region reads the parameter across Regions: give a key instead"),
                    );
                } else if environment.regions.len() > 1 {
                    let diagnostic = Diagnostic::warning(
                        "other-region",
                        format!(
                            "`{}` refers to `{}` in every Region of `{}`",
                            line.name, arn.region, environment.name
                        ),
                        line.location,
                    );
                    reader.mistakes.push(
                        diagnostic
                            .about(&line.name)
                            .help("a task in another Region reads the parameter across Regions: give a key instead"),
                    );
                }
            }
        }
    }
}
