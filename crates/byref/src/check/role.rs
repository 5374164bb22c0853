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

use std::collections::{BTreeMap, BTreeSet};

use byref_aws::{AwsDeployments, Decision, Simulation};
use byref_config::{App, ExecutionRole, Grant, Reference, Scheme};
use byref_iam::{Action, Request};
use byref_parameter::Region;
use byref_rewrite::{
    Answers, Document, OutsideRole, RoleReference, Survey, outside_roles, requests_to_read,
};
use byref_store::StoreError;
use byref_template::{Diagnostic, Location, Severity};
use serde::Serialize;

use super::{AdditionalChecks, Check};
use crate::deployed::{Depth, find, stack_names};
use crate::error::Error;
use crate::project::listed;

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

    /// Returns the verdict on decrypting with a customer-managed key, as Parameter Store does on
    /// its behalf.
    ///
    /// Asked in two steps. First without the encryption context: most policies allow the key as
    /// such, and one request is enough for all parameters. Only if that is not allowed, once for
    /// each parameter with its ARN as the context, up to the first that fails.
    async fn decrypt(self, role: &str, requests: &[&Request]) -> Result<Verdict, StoreError> {
        let first = requests[0];
        let mut verdict = simulate(self.deployments, role, &[first], &context(first)).await?;
        if verdict == Verdict::Allowed {
            return Ok(verdict);
        }
        // Policies may name the parameter that the key is used for.
        for request in requests {
            let mut context = context(request);
            let holder = "kms:EncryptionContext:PARAMETER_ARN";
            context.extend(
                request
                    .context
                    .get(holder)
                    .map(|values| (holder.to_owned(), values.clone())),
            );
            verdict = simulate(self.deployments, role, &[request], &context).await?;
            if verdict != Verdict::Allowed {
                break;
            }
        }
        match (
            verdict,
            first
                .context
                .get(ALIASES)
                .and_then(|aliases| aliases.first()),
        ) {
            (Verdict::NotAllowed { .. }, Some(alias)) => Ok(Verdict::Unknown {
                why: format!(
                    "`{alias}` is an alias, and the role's policies may name the key behind it"
                ),
                help: "give `kms-key` as the ARN of the key in each Region".to_owned(),
            }),
            (verdict, _) => Ok(verdict),
        }
    }
}

/// The context key by which a policy may allow a KMS key by alias.
const ALIASES: &str = "kms:ResourceAliases";

/// Returns requests that IAM is asked about at once, in the order of the first of each group; no
/// group is empty.
///
/// Compares each request with the first of each group, so the cost is the product of requests and
/// groups: some dozens by two or three.
fn groups<'r>(
    requests: impl Iterator<Item = &'r Request>,
    belong_together: impl Fn(&Request, &Request) -> bool,
) -> Vec<Vec<&'r Request>> {
    let mut found: Vec<Vec<&Request>> = Vec::new();
    for request in requests {
        match found
            .iter_mut()
            .find(|group| belong_together(group[0], request))
        {
            Some(group) => group.push(request),
            None => found.push(vec![request]),
        }
    }
    found
}

/// Returns the context keys of a simulation. IAM derives the accounts itself.
///
/// Source: IAM user guide, "AWS global condition context keys".
///
/// Only those that are certain for a read by ECS: the Region, the service that calls KMS, and the
/// aliases of the key. A key that is left out makes a condition on it "depends", which is true.
fn context(request: &Request) -> BTreeMap<String, Vec<String>> {
    let told = ["aws:RequestedRegion", "kms:ViaService", ALIASES];
    let known = request
        .context
        .iter()
        .filter(|(key, _)| told.contains(&key.as_str()));
    known
        .map(|(key, values)| (key.clone(), values.clone()))
        .collect()
}

/// Asks IAM about requests for one action, and sums up the decisions on its resources: a denial of
/// one denies all.
///
/// A missing role is not allowed anything; a denied question is unknown, not a failure. Source: IAM
/// API reference, `SimulatePrincipalPolicy`.
///
/// | answers | verdict |
/// | --- | --- |
/// | any denied | not allowed, with those resources |
/// | any without an allow | not allowed, with those resources |
/// | any that depends on a condition | unknown |
/// | all allowed | allowed |
async fn simulate(
    deployments: &AwsDeployments,
    role: &str,
    requests: &[&Request],
    context: &BTreeMap<String, Vec<String>>,
) -> Result<Verdict, StoreError> {
    let simulation = Simulation {
        role: role.to_owned(),
        action: requests[0].action.name(),
        resources: requests
            .iter()
            .map(|request| request.resource.clone())
            .collect(),
        context: context.clone(),
    };
    let shown = || requests.iter().map(|request| request.resource_pattern());
    let decisions = match deployments.simulate(&simulation).await {
        Ok(Some(decisions)) => decisions,
        Ok(None) => {
            let why = "there is no such role";
            return Ok(Verdict::NotAllowed {
                resources: shown().collect(),
                why,
            });
        }
        Err(error @ StoreError::Denied(_)) => {
            return Ok(Verdict::Unknown {
                why: error.to_string(),
                help: error.help(),
            });
        }
        Err(error) => return Err(error),
    };
    let of = |wanted: Decision| -> Vec<String> {
        shown()
            .zip(&decisions)
            .filter(|(_, decision)| **decision == wanted)
            .map(|(resource, _)| resource)
            .collect()
    };
    for (decision, why) in [
        (
            Decision::Denied,
            "a policy, a permissions boundary or the organization denies it",
        ),
        (Decision::NotAllowed, "no identity policy allows it"),
    ] {
        let resources = of(decision);
        if !resources.is_empty() {
            return Ok(Verdict::NotAllowed { resources, why });
        }
    }
    let depends = of(Decision::Depends);
    if depends.is_empty() {
        return Ok(Verdict::Allowed);
    }
    let why = format!(
        "for {} it depends on conditions that only a request fulfils",
        listed(depends)
    );
    Ok(Verdict::Unknown {
        why,
        help: "look at the conditions of the role's policies".to_owned(),
    })
}

/// Returns the messages, each once for all Regions. Under the value scheme no role reads anything
/// yet, so they are warnings.
///
/// | verdict | reference scheme | value scheme | `execution-role = "external"` |
/// | --- | --- | --- | --- |
/// | not allowed | error | warning | as without it |
/// | unknown | error | warning | note |
///
/// A proven denial stays a finding for an external role too: declaring that its rights are
/// elsewhere does not help if they are not there.
fn diagnostics(app: &App, scheme: Scheme, rows: &[(Row, Location)]) -> Vec<Diagnostic> {
    let mut groups: Vec<(&Row, Location, Vec<&str>)> = Vec::new();
    for (row, location) in rows
        .iter()
        .filter(|(row, _)| row.verdict != Verdict::Allowed)
    {
        let kind = std::mem::discriminant(&row.verdict);
        let same = groups.iter_mut().find(|(other, place, _)| {
            place == location
                && other.action == row.action
                && std::mem::discriminant(&other.verdict) == kind
                && other.role == row.role
        });
        match same {
            Some((_, _, regions)) => regions.push(&row.region),
            None => groups.push((row, *location, vec![&row.region])),
        }
    }
    let mut found = Vec::new();
    for (row, location, regions) in groups {
        let role = row.role.as_ref().map_or_else(
            || format!("the execution role of `{}`", row.task_definition),
            |role| format!("`{role}`, the execution role of `{}`,", row.task_definition),
        );
        let (action, regions) = (
            row.action.unwrap_or("ssm:GetParameters"),
            regions.join(", "),
        );
        let by_scheme = if scheme == Scheme::Value {
            Severity::Warning
        } else {
            Severity::Error
        };
        found.push(match &row.verdict {
            Verdict::Allowed => continue,
            Verdict::NotAllowed { resources, why } => {
                let message = format!("{role} may not `{action}` in {regions}: {why}");
                Diagnostic::new(by_scheme, "role-not-allowed", message, location)
                    .help(format!("allow it `{action}` on {}", listed(resources.iter().cloned())))
            }
            Verdict::Unknown { why, help } => {
                let severity = if app.execution_role == ExecutionRole::External { Severity::Note } else { by_scheme };
                let message = format!("whether {role} may `{action}` in {regions} is not known: {why}");
                let help = match severity {
                    Severity::Note => help.clone(),
                    _ => format!(
                        "{help}; or acknowledge it with `execution-role = \"external\"` under `[apps.{}]`",
                        app.name
                    ),
                };
                Diagnostic::new(severity, "role-unknown", message, location).help(help)
            }
        });
    }
    found
}

/// `role … is allowed to read its secrets in … by its identity policies`
///
/// A role with any other verdict is left out: its messages have the details.
fn summary(rows: &[(Row, Location)]) -> Vec<String> {
    let roles: BTreeSet<&String> = rows
        .iter()
        .filter_map(|(row, _)| row.role.as_ref())
        .collect();
    let is_allowed = |role: &&String| {
        let mut own = rows
            .iter()
            .filter(|(row, _)| row.role.as_ref() == Some(*role));
        own.all(|(row, _)| row.verdict == Verdict::Allowed)
    };
    let line = |role: &String| {
        let own = rows
            .iter()
            .filter(|(row, _)| row.role.as_ref() == Some(role));
        let regions: BTreeSet<&str> = own.map(|(row, _)| row.region.as_str()).collect();
        let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
        format!(
            "{role} may read its secrets in {regions}: allowed by identity policies, key policy not evaluated"
        )
    };
    roles.into_iter().filter(is_allowed).map(line).collect()
}
