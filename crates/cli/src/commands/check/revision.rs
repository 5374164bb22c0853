//! Which revisions of task definitions still hold plaintext values: also those that were deregistered stay readable.

use std::collections::BTreeSet;

use byref_aws::{AwsDeployments, TaskDefinition};
use byref_config::{App, Environment, SecretLine};
use byref_parameter::Region;
use byref_store::StoreError;
use byref_template::Diagnostic;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::further::Further;
use crate::deployed::{find, stack_name};
use crate::failure::Failure;
use crate::project::listed;

/// Requests under way.
const CONCURRENCY: usize = 5;
/// Revisions that one message names.
const NAMED: usize = 5;

/// A revision with values. As JSON, keys are only ever added.
#[derive(Serialize)]
struct Row {
    app: String,
    region: String,
    arn: String,
    family: String,
    revision: i32,
    active: bool,
    /// Whether the stack has it now.
    current: bool,
    /// The secret lines whose values it holds.
    secrets: Vec<String>,
}

/// Describes all revisions of the families that an application's stack has.
pub(crate) async fn check(
    further: &mut Further,
    (app, environment): (&App, &Environment),
    regions: &[Region],
    deployments: &AwsDeployments,
) -> Result<(), Failure> {
    let name = stack_name(app, environment)?;
    let lines = app.secrets(Some(&environment.name));
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    for region in regions {
        let Some(mut stack) = find(deployments, region, &name).await? else {
            further.notes.push(format!("revisions: there is no stack `{name}` in {region} yet"));
            continue;
        };
        stack.look_inside(deployments).await?;
        further.notes.append(&mut stack.notes);
        let current: BTreeSet<String> = stack.task_definitions.iter().map(|(_, task)| task.arn.clone()).collect();
        let families: BTreeSet<&str> = stack.task_definitions.iter().map(|(_, task)| task.family.as_str()).collect();
        for family in families {
            let revisions = all_of(deployments, region, family).await?;
            looked_at += revisions.len();
            let row = |task: &TaskDefinition| row((app, &lines), region, task, current.contains(&task.arn));
            let found: Vec<Row> = revisions.iter().filter_map(row).collect();
            further.diagnostics.extend(warnings(&lines, region, &found));
            rows.extend(found);
        }
    }
    let count = rows.len();
    further.summary.push(format!(
        "{count} of {looked_at} revisions of the stack's task definitions hold plaintext values of secrets"
    ));
    further.report("revisions", &rows)
}

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

fn row((app, lines): (&App, &[&SecretLine]), region: &Region, task: &TaskDefinition, current: bool) -> Option<Row> {
    let is_held = |line: &&&SecretLine| {
        let mut pairs = task.containers.iter().flat_map(|container| &container.environment);
        pairs.any(|(name, value)| *name == line.name && !value.expose().is_empty())
    };
    let secrets: Vec<String> = lines.iter().filter(is_held).map(|line| line.name.clone()).collect();
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

/// One warning for those that may go, and one for what runs now.
fn warnings(lines: &[&SecretLine], region: &Region, rows: &[Row]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for is_current in [true, false] {
        let own: Vec<&Row> = rows.iter().filter(|row| row.current == is_current).collect();
        let secrets: BTreeSet<&String> = own.iter().flat_map(|row| &row.secrets).collect();
        let Some(line) = lines.iter().find(|line| secrets.contains(&line.name)) else { continue };
        let revisions: Vec<String> = own.iter().map(|row| format!("{}:{}", row.family, row.revision)).collect();
        let more = match revisions.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (verb, named) =
            (if revisions.len() == 1 { "holds" } else { "hold" }, listed(revisions.iter().take(NAMED).cloned()));
        let secrets = listed(secrets.into_iter().cloned());
        let (message, advice) = if is_current {
            (
                format!("{named}{more}, which the stack has now, {verb} the plaintext of {secrets} in {region}"),
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
        found.push(Diagnostic::warning("plaintext-revision", message, line.name_location).help(advice));
    }
    found
}
