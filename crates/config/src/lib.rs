//! `deploy.toml`: environments, parameter names, the flag, applications and their secrets.
//!
//! [`parse()`] reads the root file together with the files that it includes. It reports all
//! mistakes at once, each with its location, and returns a [`DeployConfig`] only if none of them is
//! an error. The crate does no I/O: the caller reads the files, and [`includes`] lists the paths in
//! a file.
//!
//! ```
//! use byref_config::{ConfigFile, parse};
//! use byref_template::Sources;
//!
//! let text = r#"
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2"]
//!
//! [apps.quiz-api.secrets]
//! DB_PASSWORD = "db-password"
//! "#;
//! let mut sources = Sources::new();
//! let source = sources.add("deploy.toml", text);
//! let (config, mistakes) = parse(&[ConfigFile { source, text }]);
//! assert!(mistakes.is_empty());
//!
//! let config = config.unwrap();
//! let (app, environment) = (&config.apps["quiz-api"], &config.environments["production"]);
//! for line in app.secrets(Some("production")) {
//!     let reference = config.reference(app, environment, line)?;
//!     assert_eq!(reference.to_string(), "/production/quiz-api/db-password");
//!     assert_eq!(
//!         reference.resource(environment, &environment.regions[0]),
//!         "arn:aws:ssm:us-west-2:111122223333:parameter/production/quiz-api/db-password",
//!     );
//! }
//! # Ok::<(), byref_parameter::NameError>(())
//! ```
//!
//! # Secrets
//!
//! Users paste secret values where a key or a name belongs. A text that looks like a value is an
//! error, and no message contains it. [`hidden_spans`] returns the parts of a file that a renderer
//! must mask, and [`shown_name`] returns the mask for a name that may be a value.
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
    App, ComputedValues, ContainerSelector, DeployConfig, DistinctValues, Environment,
    ExecutionRole, Grant, GrantScope, ReferenceForm, RewriteSettings, Scheme, Scope, SecretLine,
    Target, TemplatePath,
};
pub use names::{NamePatterns, NamePiece, Reference};
pub use parse::{ConfigFile, includes, parse};
pub use secret_line::derived_key;
pub use shown::{is_path, looks_pasted, shown_name};
pub use toml_text::{toml_key, toml_string};
