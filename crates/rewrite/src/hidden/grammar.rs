//! The grammar of resources: which properties are names, by resource type and position.
//!
//! Source: the CloudFormation template reference of each type. A property that is not here is
//! hidden, and so is everything below it: the tables list what is known to be harmless, never what
//! is known to be secret.
//!
//! The tables have these rules:
//!
//! - An id, a size, a choice and an image are names. A text of the user's, such as a command, a
//!   label or a description, is not: people write passwords into them.
//! - The values of `Environment` and of log options are hidden, whatever their names are.
//! - A reference is shown only if it has the grammar of a parameter's name or of an ARN, because a
//!   secret may be pasted in its place.

use Shape::{Hidden, List, Map, Name, Reference};

/// The shape of a position: which texts are shown there.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Nothing is shown.
    Hidden,
    /// A name, a number or a choice, or a list of them.
    Name,
    /// The value of `ValueFrom`: shown if it has the grammar of a parameter's name or of an ARN.
    Reference,
    /// A part of such a text.
    Part,
    /// The logical id of a resource, or a list of them.
    Resource,
    /// The name of a condition.
    Condition,
    /// A list, or its only item.
    List(&'static Shape),
    /// A mapping with these keys.
    Map(&'static [(&'static str, Shape)]),
    /// A variable of CodeBuild: its `Type` decides whether its `Value` is a reference.
    TypedVariable,
}

impl Shape {
    /// Returns the shape of a key's value.
    pub(super) fn key(self, key: &str) -> Shape {
        let Map(entries) = self else { return Hidden };
        entries.iter().find(|(known, _)| *known == key).map_or(Hidden, |(_, shape)| *shape)
    }

    /// Returns the shape if it is one of a single text, and otherwise the one that hides
    /// everything.
    pub(super) fn scalar(self) -> Shape {
        match self {
            Name | Reference | Shape::Part => self,
            _ => Hidden,
        }
    }
}

/// Returns the shape of the properties of a resource type. An unknown type hides all of them.
pub(super) fn properties(resource_type: &str) -> Shape {
    TYPES.iter().find(|(known, _)| *known == resource_type).map_or(Hidden, |(_, shape)| *shape)
}

/// The attributes that every resource may have beside its properties.
///
/// Source: CloudFormation template reference, "Resource attribute reference".
pub(super) const ATTRIBUTES: Shape =
    Map(&[("Type", Name), ("DependsOn", Shape::Resource), ("DeletionPolicy", Name), ("UpdateReplacePolicy", Name)]);

/// The attributes of a template parameter. A default may be a secret, and so may an allowed value.
pub(super) const PARAMETER: Shape = Map(&[("Type", Name), ("NoEcho", Name)]);

/// The properties of each resource type that has names worth showing: those with containers, and
/// those around roles, keys and policies.
pub(super) const TYPES: &[(&str, Shape)] = &[
    ("AWS::ECS::TaskDefinition", TASK_DEFINITION),
    ("AWS::ECS::DaemonTaskDefinition", TASK_DEFINITION),
    ("AWS::ECS::ExpressGatewayService", EXPRESS_GATEWAY_SERVICE),
    ("AWS::ECS::Service", SERVICE),
    ("AWS::Batch::JobDefinition", JOB_DEFINITION),
    ("AWS::AppRunner::Service", APP_RUNNER_SERVICE),
    ("AWS::CodeBuild::Project", CODE_BUILD_PROJECT),
    ("AWS::IAM::Role", ROLE),
    ("AWS::IAM::Policy", POLICY),
    ("AWS::IAM::RolePolicy", POLICY),
    ("AWS::IAM::ManagedPolicy", POLICY),
    ("AWS::IAM::UserPolicy", POLICY),
    ("AWS::IAM::GroupPolicy", POLICY),
    ("AWS::KMS::Key", Map(&[("KeyPolicy", POLICY_DOCUMENT)])),
    ("AWS::ECR::Repository", Map(&[("RepositoryName", Name), ("RepositoryPolicyText", POLICY_DOCUMENT)])),
    ("AWS::S3::BucketPolicy", Map(&[("Bucket", Name), ("PolicyDocument", POLICY_DOCUMENT)])),
    ("AWS::SNS::TopicPolicy", Map(&[("Topics", Name), ("PolicyDocument", POLICY_DOCUMENT)])),
    ("AWS::SQS::QueuePolicy", Map(&[("Queues", Name), ("PolicyDocument", POLICY_DOCUMENT)])),
    ("AWS::SecretsManager::ResourcePolicy", Map(&[("ResourcePolicy", POLICY_DOCUMENT)])),
];

/// A list of variables: their names alone.
const ENVIRONMENT: Shape = List(&Map(&[("Name", Name)]));
/// A list of references, by the names of their variables.
const SECRETS: Shape = List(&Map(&[("Name", Name), ("ValueFrom", Reference)]));
/// The credentials of a private registry, which are a reference.
const CREDENTIALS: Shape = Map(&[("CredentialsParameter", Reference)]);
/// A log configuration. `Options` is left out: tokens of log services are written there.
const LOG_CONFIGURATION: Shape = Map(&[("LogDriver", Name), ("SecretOptions", SECRETS)]);
const RUNTIME_PLATFORM: Shape = Map(&[("CpuArchitecture", Name), ("OperatingSystemFamily", Name)]);

/// A container definition. `Command`, `EntryPoint`, `DockerLabels` and `HealthCheck` are left out:
/// they are texts of the user's.
const CONTAINER: Shape = Map(&[
    ("Cpu", Name),
    ("DependsOn", List(&Map(&[("Condition", Name), ("ContainerName", Name)]))),
    ("Environment", ENVIRONMENT),
    ("Essential", Name),
    ("FirelensConfiguration", Map(&[("Type", Name)])),
    ("Image", Name),
    ("LogConfiguration", LOG_CONFIGURATION),
    ("Memory", Name),
    ("MemoryReservation", Name),
    ("MountPoints", List(&Map(&[("ReadOnly", Name), ("SourceVolume", Name)]))),
    ("Name", Name),
    (
        "PortMappings",
        List(&Map(&[
            ("AppProtocol", Name),
            ("ContainerPort", Name),
            ("HostPort", Name),
            ("Name", Name),
            ("Protocol", Name),
        ])),
    ),
    ("Privileged", Name),
    ("ReadonlyRootFilesystem", Name),
    ("RepositoryCredentials", CREDENTIALS),
    ("Secrets", SECRETS),
    ("StartTimeout", Name),
    ("StopTimeout", Name),
    ("Ulimits", List(&Map(&[("HardLimit", Name), ("Name", Name), ("SoftLimit", Name)]))),
    ("WorkingDirectory", Name),
]);

/// A task definition of ECS.
const TASK_DEFINITION: Shape = Map(&[
    ("ContainerDefinitions", List(&CONTAINER)),
    ("Cpu", Name),
    ("ExecutionRoleArn", Name),
    ("Family", Name),
    ("Memory", Name),
    ("NetworkMode", Name),
    ("RequiresCompatibilities", Name),
    ("RuntimePlatform", RUNTIME_PLATFORM),
    ("TaskRoleArn", Name),
    ("Volumes", List(&Map(&[("Name", Name)]))),
]);

/// A service of ECS Express Mode, which has one container of its own.
const EXPRESS_GATEWAY_SERVICE: Shape = Map(&[
    ("Cpu", Name),
    ("ExecutionRoleArn", Name),
    ("InfrastructureRoleArn", Name),
    ("Memory", Name),
    (
        "PrimaryContainer",
        Map(&[
            ("ContainerPort", Name),
            ("Environment", ENVIRONMENT),
            ("Image", Name),
            ("RepositoryCredentials", CREDENTIALS),
            ("Secrets", SECRETS),
        ]),
    ),
    ("TaskRoleArn", Name),
]);

/// A service of ECS.
const SERVICE: Shape = Map(&[
    ("DesiredCount", Name),
    ("LaunchType", Name),
    ("LoadBalancers", List(&Map(&[("ContainerName", Name), ("ContainerPort", Name)]))),
    ("PlatformVersion", Name),
    ("SchedulingStrategy", Name),
    ("TaskDefinition", Name),
]);

/// A container of a job, in the older form of AWS Batch.
const JOB_CONTAINER: Shape = Map(&[
    ("Environment", ENVIRONMENT),
    ("ExecutionRoleArn", Name),
    ("Image", Name),
    ("JobRoleArn", Name),
    ("LogConfiguration", LOG_CONFIGURATION),
    ("Memory", Name),
    ("RepositoryCredentials", CREDENTIALS),
    ("RuntimePlatform", RUNTIME_PLATFORM),
    ("Secrets", SECRETS),
    ("Vcpus", Name),
]);

/// The task of a job, in the form that AWS Batch shares with ECS.
const ECS_PROPERTIES: Shape = Map(&[(
    "TaskProperties",
    List(&Map(&[("Containers", List(&CONTAINER)), ("ExecutionRoleArn", Name), ("TaskRoleArn", Name)])),
)]);

/// A job definition of AWS Batch, in each of its forms.
const JOB_DEFINITION: Shape = Map(&[
    ("ContainerProperties", JOB_CONTAINER),
    ("EcsProperties", ECS_PROPERTIES),
    ("JobDefinitionName", Name),
    (
        "NodeProperties",
        Map(&[(
            "NodeRangeProperties",
            List(&Map(&[("Container", JOB_CONTAINER), ("EcsProperties", ECS_PROPERTIES), ("TargetNodes", Name)])),
        )]),
    ),
    ("PlatformCapabilities", Name),
    ("Type", Name),
]);

/// The variables of App Runner: mappings from names to values, and to references.
const RUNTIME: Shape = Map(&[
    ("Port", Name),
    ("Runtime", Name),
    ("RuntimeEnvironmentSecrets", List(&Map(&[("Name", Name), ("Value", Reference)]))),
    ("RuntimeEnvironmentVariables", ENVIRONMENT),
]);

/// A service of App Runner, from an image or from code.
const APP_RUNNER_SERVICE: Shape = Map(&[
    ("InstanceConfiguration", Map(&[("Cpu", Name), ("InstanceRoleArn", Name), ("Memory", Name)])),
    (
        "SourceConfiguration",
        Map(&[
            ("AuthenticationConfiguration", Map(&[("AccessRoleArn", Name)])),
            ("CodeRepository", Map(&[("CodeConfiguration", Map(&[("CodeConfigurationValues", RUNTIME)]))])),
            (
                "ImageRepository",
                Map(&[("ImageConfiguration", RUNTIME), ("ImageIdentifier", Name), ("ImageRepositoryType", Name)]),
            ),
        ]),
    ),
]);

/// A project of CodeBuild. The build specification is left out: it is a text of the user's.
const CODE_BUILD_PROJECT: Shape = Map(&[
    (
        "Environment",
        Map(&[
            ("ComputeType", Name),
            ("EnvironmentVariables", List(&Shape::TypedVariable)),
            ("Image", Name),
            ("PrivilegedMode", Name),
            ("Type", Name),
        ]),
    ),
    ("Name", Name),
    ("ServiceRole", Name),
]);

/// A policy's conditions and principals may hold secrets (`aws:Referer`, external ids).
const POLICY_DOCUMENT: Shape = Map(&[
    (
        "Statement",
        List(&Map(&[
            ("Action", Name),
            ("Effect", Name),
            ("NotAction", Name),
            ("NotResource", Name),
            ("Resource", Name),
        ])),
    ),
    ("Version", Name),
]);

/// A role with its policies and its boundary.
const ROLE: Shape = Map(&[
    ("AssumeRolePolicyDocument", POLICY_DOCUMENT),
    ("ManagedPolicyArns", Name),
    ("PermissionsBoundary", Name),
    ("Policies", List(&Map(&[("PolicyDocument", POLICY_DOCUMENT), ("PolicyName", Name)]))),
    ("RoleName", Name),
]);

/// A policy resource, attached to roles, users or groups.
const POLICY: Shape = Map(&[
    ("ManagedPolicyName", Name),
    ("PolicyDocument", POLICY_DOCUMENT),
    ("PolicyName", Name),
    ("RoleName", Name),
    ("Roles", Name),
]);
