//! Proof before a deploy that everything referenced exists and may be read.
//!
//! A [`Check`] covers applications, with their templates, in some Regions of an environment. It
//! asks a store for every parameter ([`Check::ask`]), judges the roles in the templates
//! ([`Check::judge_roles`]), and with the feature `aws` asks IAM, ECS and CloudFormation for facts
//! that are in no template (`Check::ask_aws`). [`Check::report`] puts all of it together. Nothing
//! is decrypted.
//!
//! ```
//! use byref::check::{AdditionalChecks, AppToCheck, Check, Keys};
//! use byref::config::SchemeOverride;
//! # use byref::{Project, SecretValue, store::{Access, FileStore, StoreKey}};
//! # let folder = tempfile::tempdir()?;
//! # let toml = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\n";
//! # let project = Project::parse([("deploy.toml", toml)])?;
//! # let key = StoreKey::parse("correct horse battery staple")?;
//! # let account = "111122223333".parse()?;
//! # let store = FileStore::open(&folder.path().join("secrets.age"), key, Access::CreateIfAbsent, "me".to_owned(), account)?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//!
//! let environment = project.environment("production")?;
//! let apps = vec![AppToCheck { app: project.app("web")?, documents: Vec::new() }];
//! let regions = environment.regions.clone();
//! let check = Check::new(&project, environment, regions, apps, SchemeOverride::default(), Keys::Skip);
//! let answers = runtime.block_on(check.ask(&store)); // any `ParameterStore`
//! let report = check.report(&answers, AdditionalChecks::default());
//! assert_eq!(report.findings(), 1); // nothing is stored yet
//! assert!(report.text().contains("there is no parameter `/production/web/db-password`"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is asked
//!
//! | question | request | permission |
//! | --- | --- | --- |
//! | does the parameter exist, and is it encrypted? | `GetParameters` without decryption, ten names each | `ssm:GetParameters` |
//! | which key encrypts it, which names are close? | `DescribeParameters` | `ssm:DescribeParameters` |
//! | may a role outside the templates read it? | `SimulatePrincipalPolicy` | `iam:SimulatePrincipalPolicy` |
//! | which role and values does the stack have? | `GetTemplate`, `ListStackResources`, `DescribeTaskDefinition` | reading CloudFormation and ECS |
//!
//! A request that is denied becomes a note or a failure in the report, never a passed check.

mod additional;
mod inspect;
#[cfg(feature = "aws")]
mod online;
mod parity;
#[cfg(feature = "aws")]
mod parity_deployed;
mod report;
#[cfg(feature = "aws")]
mod revision;
#[cfg(feature = "aws")]
mod role;
mod roles_in_templates;
mod subject;
#[cfg(feature = "aws")]
mod validate;

use byref_config::{App, Environment, SchemeOverride};
use byref_parameter::Region;
use byref_rewrite::Document;
use byref_store::ParameterStore;

pub use self::additional::AdditionalChecks;
pub use self::inspect::{KeyState, RegionAnswer, Row, State, is_key};
#[cfg(feature = "aws")]
pub use self::online::{Questions, Revisions};
pub use self::parity::{Comparison, Parity, ParityRow};
pub use self::report::Report;
pub use self::subject::{Referent, Subject};
use crate::project::Project;

/// An application that is checked, with its templates; none where only its parameters are checked.
///
/// Without templates [`Check::judge_roles`] and the questions about roles have nothing to judge and
/// add nothing, while the parameters are asked for as ever.
pub struct AppToCheck<'p> {
    /// The application.
    pub app: &'p App,
    /// Its templates, those that are written first.
    pub documents: Vec<Document>,
}

/// The keys that a check compares.
///
/// The comparison is optional because `DescribeParameters` is a permission on all parameters of the
/// account: it cannot be limited to the names of an application.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The key of each parameter, which costs one more request for 50 parameters and needs
    /// `ssm:DescribeParameters`.
    Compare,
    /// None.
    Skip,
}

/// A check of applications in one environment.
///
/// A check owns no store and no client. The same one can be put to several stores, and a test needs
/// no AWS:
///
/// 1. [`Check::ask`] for the parameters, and, in any order or not at all,
/// 2. [`Check::judge_roles`], then `Check::ask_aws` with the feature `aws`, which add to one
///    [`AdditionalChecks`];
/// 3. [`Check::report`] for the result.
pub struct Check<'p> {
    project: &'p Project,
    environment: &'p Environment,
    regions: Vec<Region>,
    apps: Vec<AppToCheck<'p>>,
    overrides: SchemeOverride,
    keys: Keys,
    subjects: Vec<Subject>,
}

impl<'p> Check<'p> {
    /// Returns a check of applications in some Regions of an environment, in their order.
    /// `overrides` decide the scheme as in a deploy: under the value scheme a role that may not
    /// read is a warning.
    pub fn new(
        project: &'p Project,
        environment: &'p Environment,
        regions: Vec<Region>,
        apps: Vec<AppToCheck<'p>>,
        overrides: SchemeOverride,
        keys: Keys,
    ) -> Self {
        let own: Vec<&App> = apps.iter().map(|checked| checked.app).collect();
        let subjects = subject::subjects(project, environment, &regions, &own);
        Self {
            project,
            environment,
            regions,
            apps,
            overrides,
            keys,
            subjects,
        }
    }

    /// Returns how many parameters [`Check::ask`] asks for, in all Regions together.
    ///
    /// For a progress bar or a cost estimate: it is known before the first request.
    pub fn parameters(&self) -> u64 {
        subject::questions(&self.subjects)
    }

    /// Judges the roles in the templates, with the grants of a rewrite. Roles defined outside the
    /// templates are left out of the report where IAM is asked about them (`is_iam_asked`).
    ///
    /// Makes no request; it can run before, after or without [`Check::ask`].
    pub fn judge_roles(&self, additional: &mut AdditionalChecks, is_iam_asked: bool) {
        for checked in &self.apps {
            roles_in_templates::check(additional, self, checked, is_iam_asked);
        }
    }

    /// Asks the store for every parameter, all Regions at once. A Region that does not answer is
    /// part of its answer.
    pub async fn ask<S: ParameterStore>(&self, store: &S) -> Vec<RegionAnswer> {
        inspect::inspect(store, &self.regions, &self.subjects, self.keys).await
    }

    /// Asks AWS for facts that are in no template.
    ///
    /// # Errors
    ///
    /// The application has no stack although its stack is asked for; a deployed template does not
    /// parse.
    #[cfg(feature = "aws")]
    pub async fn ask_aws(
        &self,
        additional: &mut AdditionalChecks,
        deployments: &byref_aws::AwsDeployments,
        questions: &Questions,
    ) -> Result<(), crate::Error> {
        for checked in &self.apps {
            online::ask(self, checked, additional, deployments, questions).await?;
        }
        Ok(())
    }

    /// Puts the answers together.
    ///
    /// Pure: it asks nothing more, and the same answers give the same report.
    pub fn report(&self, answers: &[RegionAnswer], additional: AdditionalChecks) -> Report {
        Report::new(
            self.project,
            self.environment,
            &self.subjects,
            answers,
            additional,
        )
    }
}
