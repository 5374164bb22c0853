//! Task definitions and services: `DescribeTaskDefinition`, `ListTaskDefinitions`,
//! `DescribeServices`.

use aws_sdk_ecs::types;
use byref_parameter::{Region, SecretValue};
use byref_store::{StoreError, Unreachable};

use super::AwsDeployments;
use crate::answer::is_arn_of;
use crate::failure::{Call, is_refusal};
use crate::pages::Pages;

/// The number of services in one request. Source: ECS API reference, `DescribeServices`.
const SERVICES: usize = 10;

/// A revision of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// The ARN of the revision.
    pub arn: String,
    /// The family that the revision belongs to.
    pub family: String,
    /// The number of the revision within its family.
    pub revision: i32,
    /// Tasks can be started with this revision. A deregistered one remains readable.
    pub is_active: bool,
    /// The ARN of the execution role, which reads the secrets when a task starts.
    pub execution_role: Option<String>,
    /// The containers, in the order of the task definition.
    pub containers: Vec<DeployedContainer>,
}

/// A container of a registered task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedContainer {
    /// The name of the container.
    pub name: String,
    /// Environment variables with their plaintext values, which every principal with
    /// `ecs:DescribeTaskDefinition` can read.
    pub environment: Vec<(String, SecretValue)>,
    /// Environment variables that ECS fills from a store, with their `valueFrom`.
    pub secrets: Vec<(String, String)>,
    /// Options of the log driver with their plaintext values, sorted by name.
    pub log_options: Vec<(String, SecretValue)>,
    /// Options of the log driver that ECS fills from a store, with their `valueFrom`.
    pub log_secrets: Vec<(String, String)>,
}

/// The deployment controller of a service, which replaces its tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Amazon ECS.
    Ecs,
    /// AWS `CodeDeploy`.
    CodeDeploy,
    /// A third-party controller.
    External,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The ARN of the service.
    pub arn: String,
    /// The name of the service.
    pub name: String,
    /// The deployment controller.
    pub controller: Controller,
    /// ECS stops a deployment whose tasks fail to start.
    pub has_circuit_breaker: bool,
    /// The circuit breaker then rolls back to the last completed deployment.
    pub rolls_back: bool,
    /// The deployment strategy: `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`.
    pub strategy: String,
    /// The service exists. A deleted service can be described for a while.
    pub is_active: bool,
    /// The ARN of the current revision. `None` with an external controller.
    pub task_definition: Option<String>,
    /// The desired number of running tasks.
    pub desired_count: i32,
}

impl AwsDeployments {
    /// Returns a revision by its ARN, by `family:revision`, or the newest active one by its family.
    /// Returns `None` if the revision was deleted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `ecs:DescribeTaskDefinition`, or another
    /// [`StoreError`] if ECS can't be reached.
    pub async fn task_definition(
        &self,
        region: &Region,
        arn: &str,
    ) -> Result<Option<TaskDefinition>, StoreError> {
        let call = Call::about("ecs:DescribeTaskDefinition", region, arn);
        let client = self.tasks(region).await?;
        let request = client
            .client
            .describe_task_definition()
            .task_definition(arn);
        let answer = client
            .send(call, async || match request.clone().send().await {
                Ok(answer) => Ok(Some(answer)),
                Err(error)
                    if is_refusal(
                        &error,
                        "ClientException",
                        "unable to describe task definition",
                    ) =>
                {
                    Ok(None)
                }
                Err(error) => Err(error),
            })
            .await?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let read = answer.task_definition.and_then(task_definition);
        self.session.answered(1);
        let read = read.ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
        // A bare family means its newest active revision, `family:7` a specific one.
        let asked = arn.rsplit('/').next().unwrap_or(arn);
        let is_asked = if arn.starts_with("arn:") {
            read.arn == arn
        } else {
            [
                read.family.clone(),
                format!("{}:{}", read.family, read.revision),
            ]
            .contains(&asked.to_owned())
        };
        if !is_asked
            || revision(&read.arn)
                != u32::try_from(read.revision)
                    .ok()
                    .map(|number| (&*read.family, number))
        {
            return Err(call.unexpected("it describes another task definition"));
        }
        if !is_arn_of(&read.arn, region, &self.session.connection.account) {
            return Err(call.unexpected("the task definition belongs to another Region or account"));
        }
        Ok(Some(read))
    }

    /// Returns the ARNs of all revisions of a family, including deregistered ones, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `ecs:ListTaskDefinitions`, or another
    /// [`StoreError`] if ECS can't be reached.
    pub async fn revisions(
        &self,
        region: &Region,
        family: &str,
    ) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for status in [
            types::TaskDefinitionStatus::Active,
            types::TaskDefinitionStatus::Inactive,
        ] {
            found.extend(self.revisions_with(region, family, status).await?);
        }
        found.retain(|arn| revision(arn).is_some_and(|(own, _)| own == family));
        found.sort_by_key(|arn| std::cmp::Reverse(revision(arn).map(|(_, number)| number)));
        found.dedup();
        Ok(found)
    }

    /// Returns the ARNs of all revisions with one status, reading all pages.
    async fn revisions_with(
        &self,
        region: &Region,
        family: &str,
        status: types::TaskDefinitionStatus,
    ) -> Result<Vec<String>, StoreError> {
        let call = Call::about("ecs:ListTaskDefinitions", region, family);
        let client = self.tasks(region).await?;
        let request = client
            .client
            .list_task_definitions()
            .family_prefix(family)
            .status(status);
        let mut found: Vec<String> = Vec::new();
        let mut pages = Pages::default();
        let mut token = None;
        loop {
            let page = request.clone().set_next_token(token);
            let answer = client
                .send(call, async || page.clone().send().await)
                .await?;
            let sent = answer.task_definition_arns;
            let sent =
                sent.ok_or_else(|| call.unexpected("it contains no list of task definitions"))?;
            for arn in &sent {
                // The service matches the family as a prefix.
                let is_meant = revision(arn).is_some_and(|(own, _)| own.starts_with(family));
                if !is_meant || !is_arn_of(arn, region, &self.session.connection.account) {
                    return Err(
                        call.unexpected("it contains a task definition that was not requested")
                    );
                }
            }
            found.extend(sent);
            match pages.next(answer.next_token, &call)? {
                Some(next) => token = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Returns the services with these ARNs, leaving out missing ones.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `ecs:DescribeServices`, or another
    /// [`StoreError`] if ECS can't be reached.
    pub async fn services(
        &self,
        region: &Region,
        arns: &[String],
    ) -> Result<Vec<Service>, StoreError> {
        let mut found = Vec::new();
        let client = self.tasks(region).await?;
        let mut clusters: Vec<(Option<&str>, Vec<String>)> = Vec::new();
        for arn in arns {
            match clusters
                .iter_mut()
                .find(|(cluster, own)| *cluster == cluster_of(arn) && own.len() < SERVICES)
            {
                Some((_, own)) => own.push(arn.clone()),
                None => clusters.push((cluster_of(arn), vec![arn.clone()])),
            }
        }
        for (cluster, arns) in clusters {
            let call = Call::about("ecs:DescribeServices", region, cluster.unwrap_or("default"));
            let request = client
                .client
                .describe_services()
                .set_services(Some(arns.clone()));
            let request = request.set_cluster(cluster.map(str::to_owned));
            let answer = client
                .send(call, async || request.clone().send().await)
                .await?;
            found.extend(described(
                &call,
                &arns,
                answer.services,
                &answer.failures.unwrap_or_default(),
            )?);
        }
        Ok(found)
    }
}

/// Converts the services of a response. Each requested service must appear once, either as a
/// service or as missing, and no other may appear.
fn described(
    call: &Call<'_>,
    asked: &[String],
    sent: Option<Vec<types::Service>>,
    failures: &[types::Failure],
) -> Result<Vec<Service>, StoreError> {
    let sent = sent.ok_or_else(|| call.unexpected("it contains no list of services"))?;
    let services: Option<Vec<Service>> = sent.into_iter().map(service).collect();
    let services = services.ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
    if services.iter().any(|service| !asked.contains(&service.arn)) {
        return Err(call.unexpected("it contains a service that was not requested"));
    }
    for arn in asked {
        let is_missing = failures.iter().any(|failure| {
            failure.reason() == Some("MISSING")
                && failure.arn().is_some_and(|own| is_same_service(own, arn))
        });
        match (
            services
                .iter()
                .filter(|service| service.arn == *arn)
                .count(),
            is_missing,
        ) {
            (1, false) | (0, true) => {}
            (0, false) => {
                return Err(call.unexpected("it does not mention a service that was requested"));
            }
            _ => return Err(call.unexpected("it contains a service twice")),
        }
    }
    Ok(services)
}

/// Returns `true` if two ARNs name the same service. The old ARN format has no cluster.
///
/// `…:service/web` and `…:service/cluster/web` are the same.
fn is_same_service(one: &str, two: &str) -> bool {
    let parts = |arn: &str| -> Option<(String, String)> {
        let (before, _) = arn.split_once(":service/")?;
        Some((before.to_owned(), arn.rsplit('/').next()?.to_owned()))
    };
    one == two || parts(one).is_some_and(|one| Some(one) == parts(two))
}

/// Returns the cluster in `arn:aws:ecs:us-west-2:111122223333:service/cluster/name`, or `None` for
/// the old ARN format without a cluster.
///
/// `…:service/prod/web` → `prod`, `…:service/web` → none.
fn cluster_of(arn: &str) -> Option<&str> {
    let resource = arn.split(':').nth(5)?;
    let mut parts = resource.split('/').skip(1);
    let first = parts.next()?;
    parts.next().map(|_| first)
}

/// Returns family and number of `arn:aws:ecs:us-west-2:111122223333:task-definition/web:7`.
///
/// `…:task-definition/web:7` → `web` and 7; a text without a number → none.
fn revision(arn: &str) -> Option<(&str, u32)> {
    let (family, number) = arn.rsplit_once('/')?.1.rsplit_once(':')?;
    Some((family, number.parse().ok()?))
}

/// Converts a revision, or returns `None` if a required field is missing.
fn task_definition(sent: types::TaskDefinition) -> Option<TaskDefinition> {
    Some(TaskDefinition {
        arn: sent.task_definition_arn?,
        family: sent.family?,
        revision: sent.revision,
        is_active: sent
            .status
            .is_none_or(|status| status == types::TaskDefinitionStatus::Active),
        execution_role: sent.execution_role_arn.filter(|role| !role.is_empty()),
        containers: sent
            .container_definitions?
            .into_iter()
            .map(container)
            .collect::<Option<_>>()?,
    })
}

/// Converts a container, or returns `None` if the container or one of its variables has no name.
fn container(sent: types::ContainerDefinition) -> Option<DeployedContainer> {
    let environment = sent.environment.unwrap_or_default().into_iter();
    let environment = environment
        .map(|pair| Some((pair.name?, SecretValue::new(pair.value.unwrap_or_default()))));
    let references = |secrets: Option<Vec<types::Secret>>| {
        secrets
            .unwrap_or_default()
            .into_iter()
            .map(|secret| (secret.name, secret.value_from))
            .collect()
    };
    let log = sent.log_configuration;
    let options = log
        .as_ref()
        .and_then(|log| log.options.clone())
        .unwrap_or_default();
    let mut log_options: Vec<(String, SecretValue)> = options
        .into_iter()
        .map(|(name, value)| (name, SecretValue::new(value)))
        .collect();
    log_options.sort_by(|(one, _), (two, _)| one.cmp(two));
    Some(DeployedContainer {
        name: sent.name.filter(|name| !name.is_empty())?,
        environment: environment.collect::<Option<_>>()?,
        secrets: references(sent.secrets),
        log_options,
        log_secrets: references(log.and_then(|log| log.secret_options)),
    })
}

/// Converts a service, or returns `None` if it has no ARN or name. A missing strategy is `ROLLING`,
/// the default of ECS.
fn service(sent: types::Service) -> Option<Service> {
    let controller = match sent
        .deployment_controller
        .map(|controller| controller.r#type)
    {
        None | Some(types::DeploymentControllerType::Ecs) => Controller::Ecs,
        Some(types::DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy,
        Some(_) => Controller::External,
    };
    let configuration = sent.deployment_configuration;
    let strategy = configuration
        .as_ref()
        .and_then(|configuration| configuration.strategy.clone());
    let breaker = configuration.and_then(|configuration| configuration.deployment_circuit_breaker);
    let breaker = breaker.filter(|breaker| breaker.enable);
    Some(Service {
        arn: sent.service_arn?,
        name: sent.service_name?,
        controller,
        has_circuit_breaker: breaker.is_some(),
        rolls_back: breaker.is_some_and(|breaker| breaker.rollback),
        strategy: strategy.map_or_else(
            || "ROLLING".to_owned(),
            |strategy| strategy.as_str().to_owned(),
        ),
        is_active: sent.status.is_none_or(|status| status == "ACTIVE"),
        task_definition: sent.task_definition.filter(|arn| !arn.is_empty()),
        desired_count: sent.desired_count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_and_revision_parse_from_arns() {
        let service = "arn:aws:ecs:us-west-2:111122223333:service/cluster/web";
        assert_eq!(cluster_of(service), Some("cluster"));
        assert_eq!(
            cluster_of("arn:aws:ecs:us-west-2:111122223333:service/web"),
            None
        );
        assert_eq!(
            revision("arn:aws:ecs:us-west-2:111122223333:task-definition/web:7"),
            Some(("web", 7))
        );
        assert_eq!(revision("web:7"), None);
    }

    #[test]
    fn environment_values_are_masked_in_debug() {
        let pair = types::KeyValuePair::builder()
            .name("A")
            .value("EXAMPLE-not-a-secret-1")
            .build();
        let sent = types::ContainerDefinition::builder()
            .name("web")
            .environment(pair)
            .build();
        let container = container(sent).unwrap();
        assert_eq!(
            container.environment[0].1.expose(),
            "EXAMPLE-not-a-secret-1"
        );
        assert!(!format!("{container:?}").contains("EXAMPLE"));
    }
}
