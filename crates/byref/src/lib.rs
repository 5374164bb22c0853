//! Secrets of ECS task definitions by reference: the library behind the command `byref`.
//!
//! A deploy service that holds a CloudFormation template and a `deploy.toml` gets the template back
//! with every declared secret as a reference to a parameter in SSM Parameter Store
//! (`Secrets`/`ValueFrom`), proven to be the source with exactly these changes. Nothing here
//! prints, reads the clock or the environment; values are a type that does not show itself.
//!
//! ```
//! use byref::{Answers, Project};
//!
//! let toml = r#"
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2", "eu-west-1"]
//!
//! [flag]
//! default = "reference"
//!
//! [apps.web.secrets]
//! DB_PASSWORD = "db-password"
//! "#;
//! let yaml = "
//! Resources:
//!   Task:
//!     Type: AWS::ECS::TaskDefinition
//!     Properties:
//!       ExecutionRoleArn: arn:aws:iam::111122223333:role/execution
//!       ContainerDefinitions:
//!         - Name: web
//!           Environment:
//!             - {Name: DB_PASSWORD, Value: not-a-secret}
//! ";
//!
//! let project = Project::parse([("deploy.toml", toml)])?;
//! let deployment = project.deployment("web", "production")?;
//! for secret in deployment.secrets() {
//!     let region = "us-west-2".parse()?;
//!     assert_eq!(
//!         secret.arn(&region)?.to_string(),
//!         "arn:aws:ssm:us-west-2:111122223333:parameter/production/web/db-password"
//!     );
//! }
//!
//! let templates = deployment.templates([("web.yaml", yaml)])?;
//! let survey = templates.survey();
//! // `byref::answer(&store, &survey.questions()).await?` asks a store; a plan is made without one as well.
//! let plan = survey.plan(&Answers::none());
//! for output in plan.rewrite()? {
//!     assert!(output.is_changed() && output.text().contains("ValueFrom"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # From a configuration to a template
//!
//! | step | holds | made from |
//! | --- | --- | --- |
//! | [`Project`] | `deploy.toml` with all that it includes, parsed | texts, or a path |
//! | [`Deployment`] | one application in one environment, with options that all have defaults | the project |
//! | [`Templates`] | the parsed templates of the application | their names and texts |
//! | [`Survey`] | the facts of the templates, gathered once; its [questions](Survey::questions) to a store | the templates |
//! | [`Plan`] | the changes and the reason for each; serialises as a report | [`Answers`], which may be empty |
//! | [`Output`] | a rewritten template, proven | a plan without errors |
//!
//! Everything is data in, data out, `Send` and `Sync`, and the same for the same input; only
//! [`answer`] and [`secrets`] wait for a store. One [`Project`] serves any number of deployments at
//! once.
//!
//! # Beyond the rewrite
//!
//! | task | start here |
//! | --- | --- |
//! | show the changes to people | [`Preview`]: text, Markdown, JSON; with stacks: `Preview::over` |
//! | follow one secret | [`Trace`] |
//! | prove before a deploy that everything exists and may be read | [`check::Check`] |
//! | compare deployed plaintext with the stored values | [`check::Parity`] |
//! | find plaintext secrets in texts and folders | [`LintRun`] |
//! | move found values to a store | [`linting::Fix`] |
//! | look at deployed stacks | module `deployed`, with the feature `aws` |
//! | write a first configuration | [`InitialConfig`] |
//! | put, list, roll back, copy, import secrets in all Regions | [`secrets`]; over [`AnyStore`], or a store of your own |
//! | estimate the cost | [`cost::Cost`] |
//!
//! The crates that this one is made of are re-exported under their own names: [`lint`] judges one
//! text, [`store`] keeps values and changes them in all Regions, [`config`] edits `deploy.toml`,
//! [`template`] is the lossless tree.
//!
//! # Errors
//!
//! [`Mistakes`] reports all mistakes of a configuration or of templates at once, each with its
//! location. Planning never fails: [`Plan::messages`] includes the errors that prevent the rewrite,
//! and [`Plan::rewrite`] returns them as [`Mistakes`]. Operations that read files or ask a store
//! return [`Error`], with one variant for each thing that the user would do differently. No message
//! contains a secret value: names that equal one are masked.
//!
//! # Features
//!
//! `aws` adds Parameter Store, and the questions to CloudFormation, ECS and IAM. Without it the
//! crate needs neither the AWS SDK nor a network.
#![forbid(unsafe_code)]

mod answer;
mod any_store;
mod change;
pub mod check;
pub mod cost;
#[cfg(feature = "aws")]
pub mod deployed;
mod deployment;
mod error;
mod init;
mod lines;
pub mod linting;
mod mistakes;
mod output;
mod placeholder;
mod plan;
mod preview;
mod project;
mod redactions;
pub mod render;
mod rewritten;
mod secret;
pub mod secrets;
mod specific;
mod survey;
mod templates;
mod trace;
mod unparsed;

#[cfg(feature = "aws")]
pub use byref_aws as aws;
pub use byref_cloudformation as cloudformation;
pub use byref_config as config;
pub use byref_iam as iam;
pub use byref_judge as judge;
pub use byref_known as known;
pub use byref_lint as lint;
pub use byref_parameter as parameter;
pub use byref_rewrite as rewrite;
pub use byref_store as store;
pub use byref_template as template;

pub use answer::answer;
pub use any_store::AnyStore;
pub use byref_config::{Grant, Scheme};
pub use byref_files as files;
pub use byref_parameter::{ParameterArn, ParameterName, Region, SecretValue};
pub use byref_rewrite::{Answer, Answers, Question};
pub use change::{Access, Change};
pub use deployment::{Deployment, UnknownRegion};
pub use error::Error;
pub use init::InitialConfig;
pub use linting::{LintReport, LintRun};
pub use mistakes::{Message, Mistakes, Place};
pub use output::Output;
pub use placeholder::{placeholder_note, refuse_placeholder};
pub use plan::Plan;
pub use preview::{Preview, TemplatePreview};
pub use project::{
    Project, Reader, UnknownName, choose_regions, closest, listed, read_bytes, read_file, utf8,
};
pub use redactions::Redactions;
pub use rewritten::Rewritten;
pub use secret::{Secret, SecretError};
pub use survey::Survey;
pub use templates::{Templates, parse_template};
pub use trace::Trace;
pub use unparsed::hidden_in_unparsed;
