//! The part of a check that asks IAM, ECS and CloudFormation.
//!
//! The checks run one after the other in the order of the report: roles, revisions, validation. A
//! denied or failed request of one does not stop the others: it becomes one of the failures, and
//! the check as a whole has not passed.
//!
//! | question | permission |
//! | --- | --- |
//! | [`Questions::are_roles_asked`] | `iam:SimulatePrincipalPolicy` |
//! | [`Questions::is_stack_asked`] | `DescribeStacks`, `GetTemplate` and `ListStackResources` of CloudFormation, `DescribeTaskDefinition` and `DescribeServices` of ECS |
//! | [`Questions::revisions`] | those of a stack, and `ecs:ListTaskDefinitions` |
//! | [`Questions::outputs`] | `cloudformation:ValidateTemplate` |

use byref_aws::AwsDeployments;
use byref_template::Template;

use super::{AdditionalChecks, AppToCheck, Check, revision, role, validate};
use crate::error::Error;

/// The questions to AWS.
///
/// Every question is optional, since each needs a permission of its own, and a pipeline that only
/// deploys may have none of them.
///
/// ```
/// use byref::check::{Questions, Revisions};
///
/// let offline = Questions {
///     are_roles_asked: false,
///     is_stack_asked: false,
///     revisions: Revisions::Skip,
///     outputs: None,
/// };
/// assert_eq!(offline.revisions, Revisions::Skip); // no request is made for these
/// ```
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
///
/// The middle choice suits a check of all applications of a project, some of which are not deployed
/// yet; the strict one suits a user who asks for revisions by name.
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

/// Turns an error of a service into a failure of the report, under the first Region of the check,
/// and lets mistakes of the request through.
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
