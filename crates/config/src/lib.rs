//! `deploy.toml`: environments, names, the flag, applications and their secret lines.
//!
//! [`parse`] reads the root file and what it includes, and reports all mistakes at once, each with its place.
//! A string that might be a secret pasted into the wrong place is in no message; [`hidden_spans`] says which
//! parts of the files a renderer must mask. Pure: the caller reads the files.
//!
//! ```
//! use byref_config::{ConfigFile, SchemeOverride, parse};
//! use byref_template::Sources;
//! let text = r#"
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2"]
//! [apps.quiz-api.secrets]
//! DB_PASSWORD = "db-password"
//! "#;
//! let mut sources = Sources::new();
//! let source = sources.add("deploy.toml", text);
//! let (config, mistakes) = parse(&[ConfigFile { source, text }]);
//! assert!(mistakes.is_empty());
//! let config = config.unwrap();
//! let (app, environment) = (&config.apps["quiz-api"], &config.environments["production"]);
//! let line = app.secrets(Some("production"))[0];
//! let reference = config.reference(app, environment, line).unwrap();
//! assert_eq!(reference.to_string(), "/production/quiz-api/db-password");
//! ```
#![forbid(unsafe_code)]

mod app;
mod edit;
mod environment;
mod flag;
mod hidden;
mod lint_table;
mod model;
mod names;
mod parse;
mod pasted;
mod reader;
mod secret_line;
mod shown;
mod toml_text;
mod tree;

pub use edit::{secret_line, with_secret_lines, with_secret_lines_written};
pub use environment::PLACEHOLDER_ACCOUNT;
pub use flag::{Decision, Flag, FlagTable, Rule, SchemeOverride, SchemeOverrideError};
pub use hidden::hidden_spans;
pub use lint_table::LintWaiver;
pub use model::{
    App, ComputedValues, ContainerSelector, DeployConfig, DistinctValues, Environment, ExecutionRole, Grant,
    GrantScope, ReferenceForm, RewriteSettings, Scheme, Scope, SecretLine, Target, TemplatePath,
};
pub use names::{NamePatterns, NamePiece, Reference};
pub use parse::{ConfigFile, includes, parse};
pub use secret_line::derived_key;
pub use shown::{is_path, looks_pasted, shown_name};
pub use toml_text::{toml_key, toml_string};
