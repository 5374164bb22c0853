//! Execution roles defined outside the templates: IAM is asked, for each Region, if they may read
//! the secrets.
//!
//! The rights of a role inside the templates follow from the templates; those of a role outside are
//! in IAM. `SimulatePrincipalPolicy` is asked instead of reading and evaluating its policies here:
//! the simulation knows managed policies, permissions boundaries and service control policies, for
//! which the caller would need several more permissions, and byref an evaluator of all condition
//! operators.
//!
//! Its limits become verdicts rather than guesses:
//!
//! - It does not evaluate the policies of KMS keys, so "allowed" is about identity policies, and
//!   the summary adds that.
//! - A condition on a context key that only the real request has gives "unknown", not "denied".
//! - A key that is configured by its alias may be allowed by its ARN, which the simulation cannot
//!   know: "unknown".
//!
//! The cost is one request for each role, Region and action, plus one for each parameter where the
//! right to decrypt depends on the encryption context.
//!
//! Sources: IAM API reference, `SimulatePrincipalPolicy`; ECS developer guide, "Amazon ECS task
//! execution IAM role".

mod messages;
mod simulation;

use std::collections::{BTreeMap, BTreeSet};

use byref_aws::AwsDeployments;
use byref_config::{App, ExecutionRole, Grant, Reference};
use byref_iam::{Action, Request};
use byref_parameter::Region;
use byref_rewrite::{
    Answers, Document, OutsideRole, RoleReference, Survey, outside_roles, requests_to_read,
};
use byref_store::StoreError;
use byref_template::Location;
use serde::Serialize;

use self::messages::{diagnostics, summary};
use self::simulation::{context, groups, simulate};
use super::{AdditionalChecks, Check};
use crate::deployed::{Depth, find, stack_names};
use crate::error::Error;

/// A role and the secrets that it reads.
///
/// One for each task definition, even if several share a role: the message points at the place that
/// names the role.
struct Reader {
    task_definition: String,
    /// Its ARN; else why it is not known.
    arn: Result<String, String>,
    location: Location,
    /// The secret lines of its task definition.
    lines: BTreeSet<String>,
}

/// The verdict of IAM on one role, Region and action. Keys and words are only ever added.
#[derive(Serialize)]
pub(super) struct Row {
    app: String,
    task_definition: String,
    role: Option<String>,
    region: String,
    action: Option<&'static str>,
    #[serde(flatten)]
    verdict: Verdict,
}

/// The answer of IAM about one role, Region and action.
///
/// The words are `allowed`, `not-allowed` and `unknown`, under the key `verdict`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
enum Verdict {
    /// The role's identity policies allow it. The simulation does not evaluate the policies of KMS
    /// keys.
    Allowed,
    NotAllowed {
        resources: Vec<String>,
        why: &'static str,
    },
    Unknown {
        why: String,
        help: String,
    },
}

/// The question to IAM about one application.
#[derive(Clone, Copy)]
pub(super) struct RoleCheck<'c> {
    pub check: &'c Check<'c>,
    pub app: &'c App,
    pub deployments: &'c AwsDeployments,
    /// `true` if a role that the template does not tell is looked for in the stack.
    pub is_stack_asked: bool,
}

impl RoleCheck<'_> {
    /// Asks IAM for the roles of the application's templates.
    ///
    /// The stacks of a Region are looked up only if some role is not known from the templates,
    /// since that is the most expensive of the questions.
    pub(super) async fn run(
        self,
        additional: &mut AdditionalChecks,
        documents: &[Document],
    ) -> Result<(), Error> {
        let Check {
            project,
            environment,
            regions,
            overrides,
            ..
        } = self.check;
        let decision = project
            .config()
            .scheme(self.app, Some(&environment.name), overrides);
        let readers = self.readers(documents, &regions[0]);
        let mut rows = Vec::new();
        for region in regions {
            let roles_now =
                if self.is_stack_asked && readers.iter().any(|reader| reader.arn.is_err()) {
                    self.deployed_roles(additional, region).await?
                } else {
                    BTreeMap::new()
                };
            for reader in &readers {
                let from_stack = || roles_now.get(&reader.task_definition).cloned();
                let arn = reader.arn.clone().or_else(|what| from_stack().ok_or(what));
                match self.ask(region, reader, arn.as_ref()).await {
                    Ok(verdicts) => rows.extend(verdicts.into_iter().map(|(action, verdict)| {
                        let row = Row {
                            app: self.app.name.clone(),
                            task_definition: reader.task_definition.clone(),
                            role: arn.clone().ok(),
                            region: region.to_string(),
                            action,
                            verdict,
                        };
                        (row, reader.location)
                    })),
                    Err(error) => self.unanswered(additional, region, error),
                }
            }
        }
        additional
            .diagnostics
            .extend(diagnostics(self.app, decision.scheme, &rows));
        additional.summary.extend(summary(&rows));
        let rows: Vec<Row> = rows.into_iter().map(|(row, _)| row).collect();
        if !rows.is_empty() {
            additional.rows.roles.get_or_insert_default().extend(rows);
        }
        Ok(())
    }

    /// Records a question that IAM did not answer. IAM is one for all Regions, so the same failure
    /// appears once; for a role that is managed elsewhere a note is enough.
    fn unanswered(self, additional: &mut AdditionalChecks, region: &Region, error: StoreError) {
        if self.app.execution_role == ExecutionRole::External {
            let note = format!("execution roles of `{}`: {error}", self.app.name);
            if !additional.notes.contains(&note) {
                additional.notes.push(note);
            }
        } else if !additional.failures.iter().any(|(_, known)| *known == error) {
            additional.failures.push((region.clone(), error));
        }
    }

    /// Returns the roles defined outside the templates, each with the secrets that its task
    /// definition reads by reference.
    ///
    /// The plan is made with [`Grant::Never`] and without answers: which secret a task definition
    /// reads does not depend on rights. If the plan has errors, the readers of a secret are not
    /// known, and all lines count as read: too many questions are better than a missed right.
    fn readers(self, documents: &[Document], region: &Region) -> Vec<Reader> {
        let Self {
            app,
            check:
                Check {
                    project,
                    environment,
                    ..
                },
            ..
        } = self;
        let request = byref_rewrite::Request {
            region,
            grant: Grant::Never,
            ..byref_rewrite::Request::new(project.config(), app, environment)
        };
        let plan = Survey::new(request, documents).plan(&Answers::none());
        // A right that is denied hides no reader.
        let all = || {
            app.secrets(Some(&environment.name))
                .into_iter()
                .map(|line| line.name.clone())
                .collect()
        };
        let mut readers = Vec::new();
        for (index, document) in documents
            .iter()
            .enumerate()
            .filter(|(_, document)| document.is_written())
        {
            for OutsideRole {
                task_definition,
                arn,
                location,
            } in outside_roles(document, environment, region)
            {
                let own = plan.bindings.iter().filter(|binding| {
                    binding.document == index
                        && binding.task_definition == task_definition
                        && binding.is_by_reference()
                });
                // The role may be one of another template of the run, which passes it on.
                let mut roles = plan.access.iter().filter(|access| {
                    let binding = &plan.bindings[access.binding];
                    binding.document == index && binding.task_definition == task_definition
                });
                let is_of_run = roles.clone().next().is_some()
                    && roles.all(|access| matches!(access.role, RoleReference::InTemplate(_)));
                if is_of_run {
                    continue;
                }
                // A plan with errors does not tell the readers of a secret.
                let lines: BTreeSet<String> = if plan.is_decided() {
                    own.map(|binding| binding.secret.clone()).collect()
                } else {
                    all()
                };
                if !lines.is_empty() {
                    readers.push(Reader {
                        task_definition,
                        arn,
                        location,
                        lines,
                    });
                }
            }
        }
        readers
    }

    /// The execution roles that the stack's task definitions have now, by logical id.
    ///
    /// `Worker.Task` → `Task`: the template of a nested stack has its own ids, without the way to
    /// it. If two nested stacks have the same id, the last one wins.
    async fn deployed_roles(
        self,
        additional: &mut AdditionalChecks,
        region: &Region,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut found = BTreeMap::new();
        for name in stack_names(self.app, self.check.environment)? {
            match find(self.deployments, region, &name).await? {
                Ok(mut stack) => {
                    stack.look_inside(self.deployments, Depth::Nested).await?;
                    additional.notes.append(&mut stack.notes);
                    for (id, task) in stack.inside.task_definitions {
                        // The templates of nested stacks know nothing of the way to them.
                        let own = id
                            .rsplit_once('.')
                            .map_or(id.as_str(), |(_, own)| own)
                            .to_owned();
                        found.extend(task.execution_role.map(|role| (own, role)));
                    }
                }
                Err(absence) => additional.notes.push(absence.describe(&name, region)),
            }
        }
        Ok(found)
    }

    /// Returns the verdicts on one role in one Region, by action.
    ///
    /// Two cases need no request: a role that is not known at all, and one of another account than
    /// the environment's, which a service would refuse to pass.
    ///
    /// Requests are put together where one simulation can answer them: reads with the same action
    /// and context, and rights to decrypt with the same key.
    async fn ask(
        self,
        region: &Region,
        reader: &Reader,
        arn: Result<&String, &String>,
    ) -> Result<Vec<(Option<&'static str>, Verdict)>, StoreError> {
        let role = match arn {
            Ok(role) => role,
            Err(why) => {
                let (why, help) = if self.is_stack_asked {
                    let help =
                        "give the role's ARN in the template, or as the default of its parameter";
                    (format!("{why}, and neither does the stack say it"), help)
                } else {
                    let help = "pass `--deployed` to use the role that the stack's task definition has now";
                    (why.clone(), help)
                };
                return Ok(vec![(
                    None,
                    Verdict::Unknown {
                        why,
                        help: help.to_owned(),
                    },
                )]);
            }
        };
        let account = role.split(':').nth(4).unwrap_or_default();
        if account != self.check.environment.account.to_string() {
            let why = format!(
                "it belongs to account {account}, and the environment to {}",
                self.check.environment.account
            );
            let help = "a service takes roles of its own account only: name one of that".to_owned();
            return Ok(vec![(None, Verdict::Unknown { why, help })]);
        }
        let reads = self.reads(region, &reader.lines);
        let mut found = Vec::new();
        for requests in groups(reads.iter().map(|(read, _)| read), |one, other| {
            one.action == other.action && context(one) == context(other)
        }) {
            let verdict =
                simulate(self.deployments, role, &requests, &context(requests[0])).await?;
            found.push((Some(requests[0].action.name()), verdict));
        }
        for requests in groups(
            reads.iter().filter_map(|(_, decrypt)| decrypt.as_ref()),
            |one, other| one.resource == other.resource && context(one) == context(other),
        ) {
            found.push((
                Some(Action::Decrypt.name()),
                self.decrypt(role, &requests).await?,
            ));
        }
        Ok(found)
    }

    /// Returns the requests of ECS for secret lines in a Region, in the order of their ARNs; for a
    /// parameter with that to decrypt.
    ///
    /// A parameter gives a read and, with a customer managed key, a request to decrypt. A secret of
    /// Secrets Manager gives only its read.
    fn reads(
        self,
        region: &Region,
        lines: &BTreeSet<String>,
    ) -> BTreeSet<(Request, Option<Request>)> {
        let Self {
            app,
            check:
                Check {
                    project,
                    environment,
                    ..
                },
            ..
        } = self;
        let lines = app
            .secrets(Some(&environment.name))
            .into_iter()
            .filter(|line| lines.contains(&line.name));
        // The report has a finding about a line that is not a reference.
        let references =
            lines.filter_map(|line| project.config().reference(app, environment, line).ok());
        let pair = |reference: Reference| {
            let mut requests =
                requests_to_read(project.config(), environment, &reference, region).into_iter();
            let (read, decrypt) = (requests.next()?, requests.next());
            let decrypt = decrypt.filter(|_| read.action == Action::GetParameters);
            Some((read, decrypt))
        };
        references.filter_map(pair).collect()
    }
}
