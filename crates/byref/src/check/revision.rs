//! Revisions of task definitions that still contain plaintext values. Deregistered revisions stay
//! readable, too.
//!
//! A move to references leaves the old revisions behind, each with the values that it was
//! registered with. `DescribeTaskDefinition` returns them to all who may call it, and deregistering
//! a revision does not change that: only `DeleteTaskDefinitions` removes the content.
//!
//! All revisions of all families are described, one request for each: ECS has no batch form of
//! that. A family that is deployed every day for years has thousands, which is why the question has
//! to be asked for, and why [`CONCURRENCY`] requests are under way at once and not more.

use std::collections::BTreeSet;

use byref_aws::{AwsDeployments, TaskDefinition};
use byref_config::{App, Environment, SecretLine};
use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::Diagnostic;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::AdditionalChecks;
use crate::deployed::{Depth, find, stack_names, value_of};
use crate::error::Error;
use crate::project::listed;

/// Requests under way.
///
/// ECS limits the rate of requests for an account and Region as a whole: a check must not slow
/// deployments down.
const CONCURRENCY: usize = 5;
/// Revisions that one message names.
///
/// The others are counted; the JSON report has all of them.
const NAMED: usize = 5;

/// A revision with values. As JSON, keys are only ever added.
#[derive(Serialize)]
pub(super) struct Row {
    app: String,
    region: String,
    arn: String,
    family: String,
    revision: i32,
    active: bool,
    /// `true` if the stack has it now.
    current: bool,
    /// The secret lines whose values it contains.
    secrets: Vec<String>,
}

/// Describes all revisions of the families that an application's stacks have. The failure of a
/// Region is reported beside the answers of the others.
///
/// The order is that of the Regions, then of the families by name; the newest revision of a family
/// comes first.
pub(super) async fn check(
    additional: &mut AdditionalChecks,
    (app, environment): (&App, &Environment),
    regions: &[Region],
    deployments: &AwsDeployments,
) -> Result<(), Error> {
    let names = stack_names(app, environment)?;
    let lines = app.secrets(Some(&environment.name));
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    for region in regions {
        match revisions(additional, &names, region, deployments).await {
            Ok((current, revisions)) => {
                looked_at += revisions.len();
                let row = |task: &TaskDefinition| {
                    row((app, &lines), region, task, current.contains(&task.arn))
                };
                let found: Vec<Row> = revisions.iter().filter_map(row).collect();
                additional
                    .diagnostics
                    .extend(warnings(&lines, region, &found));
                rows.extend(found);
            }
            Err(error) => additional.failures.push((region.clone(), error)),
        }
    }
    let count = rows.len();
    additional.summary.push(format!(
        "{}: {count} of {looked_at} revisions of its stacks' task definitions hold plaintext values of secrets",
        app.name
    ));
    additional
        .rows
        .revisions
        .get_or_insert_default()
        .extend(rows);
    Ok(())
}

/// All revisions of the families in one Region, with the ARNs of those that the stacks have now.
///
/// The families are those of the revisions that the stacks have now. A family that a stack had
/// under another name before is not found: nothing in AWS ties it to the stack.
async fn revisions(
    additional: &mut AdditionalChecks,
    stacks: &[String],
    region: &Region,
    deployments: &AwsDeployments,
) -> Result<(BTreeSet<String>, Vec<TaskDefinition>), StoreError> {
    let (mut current, mut families) = (BTreeSet::new(), BTreeSet::new());
    for name in stacks {
        match find(deployments, region, name).await? {
            Ok(mut stack) => {
                stack.look_inside(deployments, Depth::Nested).await?;
                additional.notes.append(&mut stack.notes);
                for (_, task) in stack.inside.task_definitions {
                    current.insert(task.arn);
                    families.insert(task.family);
                }
            }
            Err(absence) => additional
                .notes
                .push(format!("revisions: {}", absence.describe(name, region))),
        }
    }
    let mut found = Vec::new();
    for family in &families {
        found.extend(all_of(deployments, region, family).await?);
    }
    Ok((current, found))
}

/// Describes all revisions of a family, active or not, in AWS's order. A revision that is deleted
/// while byref asks is left out.
async fn all_of(
    deployments: &AwsDeployments,
    region: &Region,
    family: &str,
) -> Result<Vec<TaskDefinition>, StoreError> {
    let arns = deployments.revisions(region, family).await?;
    let found: Vec<Option<TaskDefinition>> = stream::iter(&arns)
        .map(|arn| deployments.task_definition(region, arn))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns the row of a revision that contains plaintext values of secret lines; none for a
/// revision without them. An empty value is no plaintext.
///
/// The row names the secret lines, never their values.
fn row(
    (app, lines): (&App, &[&SecretLine]),
    region: &Region,
    task: &TaskDefinition,
    current: bool,
) -> Option<Row> {
    let is_held = |line: &&&SecretLine| {
        task.containers
            .iter()
            .filter_map(|container| value_of(container, line))
            .any(|value| !value.expose().is_empty())
    };
    let secrets: Vec<String> = lines
        .iter()
        .filter(is_held)
        .map(|line| line.name.clone())
        .collect();
    (!secrets.is_empty()).then(|| Row {
        app: app.name.clone(),
        region: region.to_string(),
        arn: task.arn.clone(),
        family: task.family.clone(),
        revision: task.revision,
        active: task.is_active,
        current,
        secrets,
    })
}

/// Returns one warning for revisions that may be deleted, and one for the current ones.
///
/// The two need different steps: a current revision cannot be deleted before the next deploy, and
/// an old one can be deleted today. The place is the first secret line that any of them contains.
fn warnings(lines: &[&SecretLine], region: &Region, rows: &[Row]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for is_current in [true, false] {
        let own: Vec<&Row> = rows
            .iter()
            .filter(|row| row.current == is_current)
            .collect();
        let secrets: BTreeSet<&String> = own.iter().flat_map(|row| &row.secrets).collect();
        let Some(line) = lines.iter().find(|line| secrets.contains(&line.name)) else {
            continue;
        };
        let revisions: Vec<String> = own
            .iter()
            .map(|row| format!("{}:{}", row.family, row.revision))
            .collect();
        let more = match revisions.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (verb, named) = (
            if revisions.len() == 1 {
                "holds"
            } else {
                "hold"
            },
            listed(revisions.iter().take(NAMED).cloned()),
        );
        let secrets = listed(secrets.into_iter().cloned());
        let (message, advice) = if is_current {
            (
                format!(
                    "{named}{more}, which the stack has now, {verb} the plaintext of {secrets} in {region}"
                ),
                "deploy by reference; after that this revision can be deleted, too".to_owned(),
            )
        } else {
            let first = &revisions[0];
            (
                format!(
                    "{named}{more} in {region} still {verb} the plaintext of {secrets}, readable by all who may describe task definitions"
                ),
                format!(
                    "deregister and delete them (`aws ecs deregister-task-definition --task-definition {first}`, then `aws ecs delete-task-definitions --task-definitions {first}`), and rotate what they held"
                ),
            )
        };
        found.push(
            Diagnostic::warning("plaintext-revision", message, line.name_location).help(advice),
        );
    }
    found
}
