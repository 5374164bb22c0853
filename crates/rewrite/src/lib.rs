//! Plans the rewrite of an application's templates to references, applies it, and proves the
//! result.
//!
//! [`Survey::new`] reads the parsed templates and decides what happens to each declared secret;
//! [`Survey::questions`] returns the questions to a parameter store; [`Survey::plan`] turns the
//! decisions and the [`Answers`] into a [`Plan`] of changes and messages; [`rewrite`] applies the
//! changes to a template, and has an independent parser confirm that the result is the source with
//! exactly those changes.
//!
//! ```
//! use byref_config::{ConfigFile, Grant, parse};
//! use byref_rewrite::{Answers, Document, DocumentRole, Request, Survey, rewrite};
//! use byref_template::{Sources, Template};
//!
//! let toml = r#"
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2"]
//!
//! [apps.web.secrets]
//! DB_PASSWORD = true
//! "#;
//! let yaml = "
//! Resources:
//!   Task:
//!     Type: AWS::ECS::TaskDefinition
//!     Properties:
//!       ContainerDefinitions:
//!         - Name: web
//!           Environment:
//!             - {Name: DB_PASSWORD, Value: not-a-secret} # the database
//! ";
//!
//! let mut sources = Sources::new();
//! let (config, mistakes) =
//!     parse(&[ConfigFile { source: sources.add("deploy.toml", toml), text: toml }]);
//! assert!(mistakes.is_empty());
//! let config = config.ok_or("no configuration")?;
//!
//! let source = sources.add("web.yaml", yaml);
//! let (path, template) = ("web.yaml".to_owned(), Template::parse(yaml)?);
//! let documents = [Document { source, path, template, role: DocumentRole::Written }];
//!
//! // The template has no role to grant anything to.
//! let (app, environment) = (&config.apps["web"], &config.environments["production"]);
//! let request = Request { grant: Grant::Never, ..Request::new(&config, app, environment) };
//! let survey = Survey::new(request, &documents);
//! assert_eq!(survey.questions().len(), 1);
//!
//! let plan = survey.plan(&Answers::none());
//! assert!(!plan.has_errors());
//! let output = rewrite(&documents[0], &plan.changes[0]).map_err(|error| error.message)?;
//! assert!(output.text().contains("parameter/production/web/db-password"));
//! assert!(output.text().contains("# the database") && !output.text().contains("not-a-secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything is pure and synchronous: data in, data out, and the same for the same input. No
//! recursion follows the input deeper than the template's own limit, and the cost is linear in the
//! number of task definitions, secret lines and messages.
#![forbid(unsafe_code)]

mod binding;
mod candidate;
mod comment;
mod container;
mod execution_role;
mod hidden;
mod iam;
mod limits;
mod list;
mod log;
mod nested;
mod plaintext;
mod plan;
mod policy;
mod question;
mod reference;
mod request;
mod update;
mod verify;

pub use byref_iam::{PolicyForm, RolePolicy, Verdict};

pub use binding::{
    Access, Binding, Denial, KeptReference, Outcome, Plan, RoleReference, SpecificKind,
    SpecificPart,
};
pub use candidate::{Candidate, Delivery, referenced_options, secret_candidates, surveyed};
pub use comment::removed_comments;
pub use container::container_names;
pub use execution_role::{OutsideRole, outside_roles};
pub use hidden::hidden_spans;
pub use iam::{application_policy, key_stack, requests_to_read, scopes_policy};
pub use limits::{
    INLINE_TEMPLATE_BYTES, RESOURCES, ROLE_POLICY_CHARACTERS, TASK_DEFINITION_BYTES,
    TEMPLATE_BYTES, limits,
};
pub use nested::nested_stacks;
pub use plaintext::{Plaintext, plaintext_options, plaintexts};
pub use plan::Survey;
pub use question::{Answer, Answers, Question};
pub use request::{
    Baseline, Content, Document, DocumentRole, ExistingReferences, MissingRoles, Request,
    UnneededGrants, UnusedParameters,
};
pub use update::{
    CircuitBreaker, HolderUpdate, ResourceChange, StackUpdate, UserUpdate, stack_update,
};
pub use verify::rewrite;
