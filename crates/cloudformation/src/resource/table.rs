//! The rows of the table.
//!
//! To add a type: a row here, in the order of the names, with the shape of its properties from
//! `shape`, and if it runs containers a variant of [`ResourceType`] with its places from `place`.

use super::ResourceType;
use super::place::{self, Layout, Place};
use super::shape::{self, Shape};
use Shape::{Map, Name};

/// A resource type.
pub(super) struct Row {
    /// Its name, as `Type` of a resource has it.
    pub(super) name: &'static str,
    /// The shape of its properties.
    pub(super) properties: Shape,
    /// Its containers, if it has such as take references.
    pub(super) containers: Option<Containers>,
    /// Set where its properties have lists of references, of the containers or of a log driver.
    pub(super) has_secret_lists: bool,
}

/// The containers of a resource type.
pub(super) struct Containers {
    /// The type, as code names it.
    pub(super) resource_type: ResourceType,
    /// The service, for messages.
    pub(super) service: &'static str,
    /// The places of the containers in the properties.
    pub(super) places: &'static [Place],
    /// The way in which they hold values and references.
    pub(super) layout: Layout,
    /// The property of the role that reads for them.
    pub(super) role_key: &'static str,
    /// The service principal that the role trusts.
    pub(super) principal: &'static str,
    /// The name of a container that has none of its own.
    pub(super) only_name: Option<&'static str>,
}

/// Returns the row of a resource type, by binary search.
pub(super) fn row(name: &str) -> Option<&'static Row> {
    TABLE
        .binary_search_by_key(&name, |row| row.name)
        .ok()
        .and_then(|index| TABLE.get(index))
}

/// The containers of a task definition.
///
/// Source: ECS developer guide, "Amazon ECS task execution IAM role".
pub(super) const TASK_DEFINITION: Containers = Containers {
    resource_type: ResourceType::TaskDefinition,
    service: "ECS",
    places: &[place::TASK_DEFINITION],
    layout: Layout::EnvironmentAndSecrets,
    role_key: "ExecutionRoleArn",
    principal: "ecs-tasks.amazonaws.com",
    only_name: None,
};

/// A type without containers.
const fn plain(name: &'static str, properties: Shape) -> Row {
    Row {
        name,
        properties,
        containers: None,
        has_secret_lists: false,
    }
}

/// A type with containers, which have a list of references unless values and references share one.
const fn with_containers(name: &'static str, properties: Shape, containers: Containers) -> Row {
    let has_secret_lists = !matches!(containers.layout, Layout::TypedVariables);
    Row {
        name,
        properties,
        containers: Some(containers),
        has_secret_lists,
    }
}

/// All types that byref knows, sorted by name.
pub(super) static TABLE: [Row; 19] = [
    with_containers(
        "AWS::AppRunner::Service",
        shape::APP_RUNNER_SERVICE,
        Containers {
            resource_type: ResourceType::AppRunnerService,
            service: "App Runner",
            places: &place::APP_RUNNER_SERVICE,
            layout: Layout::RuntimeEnvironment,
            role_key: "InstanceRoleArn",
            principal: "tasks.apprunner.amazonaws.com",
            only_name: None,
        },
    ),
    with_containers(
        "AWS::Batch::JobDefinition",
        shape::JOB_DEFINITION,
        Containers {
            resource_type: ResourceType::JobDefinition,
            service: "Batch",
            places: &place::JOB_DEFINITION,
            ..TASK_DEFINITION
        },
    ),
    with_containers(
        "AWS::CodeBuild::Project",
        shape::CODE_BUILD_PROJECT,
        Containers {
            resource_type: ResourceType::CodeBuildProject,
            service: "CodeBuild",
            places: &[place::CODE_BUILD_PROJECT],
            layout: Layout::TypedVariables,
            role_key: "ServiceRole",
            principal: "codebuild.amazonaws.com",
            only_name: None,
        },
    ),
    plain(
        "AWS::ECR::Repository",
        Map(&[
            ("RepositoryName", Name),
            ("RepositoryPolicyText", shape::POLICY_DOCUMENT),
        ]),
    ),
    with_containers(
        "AWS::ECS::DaemonTaskDefinition",
        shape::TASK_DEFINITION,
        Containers {
            resource_type: ResourceType::DaemonTaskDefinition,
            ..TASK_DEFINITION
        },
    ),
    with_containers(
        "AWS::ECS::ExpressGatewayService",
        shape::EXPRESS_GATEWAY_SERVICE,
        Containers {
            resource_type: ResourceType::ExpressGatewayService,
            places: &[place::EXPRESS_GATEWAY_SERVICE],
            only_name: Some("Main"),
            ..TASK_DEFINITION
        },
    ),
    // Service Connect has a log configuration of its own.
    Row {
        has_secret_lists: true,
        ..plain("AWS::ECS::Service", shape::SERVICE)
    },
    with_containers(
        "AWS::ECS::TaskDefinition",
        shape::TASK_DEFINITION,
        TASK_DEFINITION,
    ),
    plain("AWS::IAM::GroupPolicy", shape::POLICY),
    plain("AWS::IAM::ManagedPolicy", shape::POLICY),
    plain("AWS::IAM::Policy", shape::POLICY),
    plain("AWS::IAM::Role", shape::ROLE),
    plain("AWS::IAM::RolePolicy", shape::POLICY),
    plain("AWS::IAM::UserPolicy", shape::POLICY),
    plain(
        "AWS::KMS::Key",
        Map(&[("KeyPolicy", shape::POLICY_DOCUMENT)]),
    ),
    plain(
        "AWS::S3::BucketPolicy",
        Map(&[("Bucket", Name), ("PolicyDocument", shape::POLICY_DOCUMENT)]),
    ),
    plain(
        "AWS::SNS::TopicPolicy",
        Map(&[("PolicyDocument", shape::POLICY_DOCUMENT), ("Topics", Name)]),
    ),
    plain(
        "AWS::SQS::QueuePolicy",
        Map(&[("PolicyDocument", shape::POLICY_DOCUMENT), ("Queues", Name)]),
    ),
    plain(
        "AWS::SecretsManager::ResourcePolicy",
        Map(&[("ResourcePolicy", shape::POLICY_DOCUMENT)]),
    ),
];

/// The properties that take `ssm-secure`: the keys from `Properties`, by resource type.
///
/// Source: CloudFormation user guide, "Resources that support dynamic parameter patterns for secure
/// strings".
pub(super) const SECURE_STRINGS: [(&str, &[&str]); 11] = [
    ("AWS::DirectoryService::MicrosoftAD", &["Password"]),
    ("AWS::DirectoryService::SimpleAD", &["Password"]),
    ("AWS::ElastiCache::ReplicationGroup", &["AuthToken"]),
    ("AWS::IAM::User", &["LoginProfile", "Password"]),
    (
        "AWS::KinesisFirehose::DeliveryStream",
        &["RedshiftDestinationConfiguration", "Password"],
    ),
    ("AWS::OpsWorks::App", &["AppSource", "Password"]),
    (
        "AWS::OpsWorks::Stack",
        &["CustomCookbooksSource", "Password"],
    ),
    ("AWS::OpsWorks::Stack", &["RdsDbInstances", "DbPassword"]),
    ("AWS::RDS::DBCluster", &["MasterUserPassword"]),
    ("AWS::RDS::DBInstance", &["MasterUserPassword"]),
    ("AWS::Redshift::Cluster", &["MasterUserPassword"]),
];
