//! The part of a check that asks IAM, ECS and CloudFormation.

use byref_aws::AwsDeployments;
use byref_template::Template;

use super::{AdditionalChecks, AppToCheck, Check, revision, role, validate};
use crate::error::Error;

/// The questions to AWS.
pub struct Questions {
    /// Ask IAM if roles that are not in the templates may read the secrets.
    pub are_roles_asked: bool,
    /// Ask for the execution role that a stack's task definition has now, where its template does
    /// not tell.
    pub is_stack_asked: bool,
    /// Ask for revisions of task definitions that still contain plaintext values.
    pub revisions: Revisions,
    /// The templates that CloudFormation is to validate: the rewritten ones of the application, in
    /// its order.
    pub outputs: Option<Vec<Template>>,
}

/// The applications whose revisions are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revisions {
    /// None.
    Skip,
    /// Applications whose stack the configuration names.
    WhereDeployed,
    /// All; one without a stack is an error.
    Required,
}

/// Asks about one application. A request that AWS does not answer becomes a part of the report,
/// beside those that it does.
pub(super) async fn ask(
    check: &Check<'_>,
    checked: &AppToCheck<'_>,
    additional: &mut AdditionalChecks,
    deployments: &AwsDeployments,
    questions: &Questions,
) -> Result<(), Error> {
    let AppToCheck { app, documents } = checked;
    let is_stack_asked = questions.is_stack_asked;
    let roles = role::RoleCheck {
        check,
        app,
        deployments,
        is_stack_asked,
    };
    if questions.are_roles_asked {
        let done = roles.run(additional, documents).await;
        reported(check, additional, done)?;
    }
    let are_revisions_asked = match questions.revisions {
        Revisions::Skip => false,
        Revisions::WhereDeployed => !app.stacks.is_empty(),
        Revisions::Required => true,
    };
    if are_revisions_asked {
        revision::check(
            additional,
            (app, check.environment),
            &check.regions,
            deployments,
        )
        .await?;
    }
    if let Some(outputs) = &questions.outputs {
        let done = validate::check(
            additional,
            documents,
            outputs,
            &check.regions[0],
            deployments,
        )
        .await;
        reported(check, additional, done)?;
    }
    Ok(())
}

fn reported(
    check: &Check<'_>,
    additional: &mut AdditionalChecks,
    done: Result<(), Error>,
) -> Result<(), Error> {
    match done {
        Err(Error::Store(error)) => {
            additional.failures.push((check.regions[0].clone(), error));
            Ok(())
        }
        done => done,
    }
}
