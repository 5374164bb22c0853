//! Which properties name things, by resource type and position.
//!
//! Source: the CloudFormation template reference of each type. A property that is not here is hidden, and so is everything
//! below it: the tables list what is known to be harmless, never what is known to be secret.

use Shape::{Hidden, List, Map, Name, Reference};

/// What may be at a position of a template.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Nothing that is shown.
    Hidden,
    /// A name, a number or a choice, or a list of them.
    Name,
    /// What `ValueFrom` takes: shown where it has the grammar of a parameter's name or of an ARN.
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
    /// A variable of CodeBuild, whose `Type` says whether its `Value` is a reference.
    TypedVariable,
}

impl Shape {
    /// The shape of a key's value.
    pub(super) fn key(self, key: &str) -> Shape {
        let Map(entries) = self else { return Hidden };
        entries.iter().find(|(known, _)| *known == key).map_or(Hidden, |(_, shape)| *shape)
    }

    /// The shape, where it is one of a single text.
    pub(super) fn scalar(self) -> Shape {
        match self {
            Name | Reference | Shape::Part => self,
            _ => Hidden,
        }
    }
}

/// The shape of the properties of a resource type.
pub(super) fn properties(resource_type: &str) -> Shape {
    TYPES.iter().find(|(known, _)| *known == resource_type).map_or(Hidden, |(_, shape)| *shape)
}

/// The attributes that every resource may have, beside its properties.
pub(super) const ATTRIBUTES: Shape =
    Map(&[("Type", Name), ("DependsOn", Shape::Resource), ("DeletionPolicy", Name), ("UpdateReplacePolicy", Name)]);

/// The attributes of a template parameter. A default may be a secret, and so may what is allowed.
pub(super) const PARAMETER: Shape = Map(&[("Type", Name), ("NoEcho", Name)]);

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

const ENVIRONMENT: Shape = List(&Map(&[("Name", Name)]));
const SECRETS: Shape = List(&Map(&[("Name", Name), ("ValueFrom", Reference)]));
const CREDENTIALS: Shape = Map(&[("CredentialsParameter", Reference)]);
const LOG_CONFIGURATION: Shape = Map(&[("LogDriver", Name), ("SecretOptions", SECRETS)]);
const RUNTIME_PLATFORM: Shape = Map(&[("CpuArchitecture", Name), ("OperatingSystemFamily", Name)]);

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

const SERVICE: Shape = Map(&[
    ("DesiredCount", Name),
    ("LaunchType", Name),
    ("LoadBalancers", List(&Map(&[("ContainerName", Name), ("ContainerPort", Name)]))),
    ("PlatformVersion", Name),
    ("SchedulingStrategy", Name),
    ("TaskDefinition", Name),
]);

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

const ECS_PROPERTIES: Shape = Map(&[(
    "TaskProperties",
    List(&Map(&[("Containers", List(&CONTAINER)), ("ExecutionRoleArn", Name), ("TaskRoleArn", Name)])),
)]);

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

const RUNTIME: Shape = Map(&[
    ("Port", Name),
    ("Runtime", Name),
    ("RuntimeEnvironmentSecrets", List(&Map(&[("Name", Name), ("Value", Reference)]))),
    ("RuntimeEnvironmentVariables", ENVIRONMENT),
]);

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

const ROLE: Shape = Map(&[
    ("AssumeRolePolicyDocument", POLICY_DOCUMENT),
    ("ManagedPolicyArns", Name),
    ("PermissionsBoundary", Name),
    ("Policies", List(&Map(&[("PolicyDocument", POLICY_DOCUMENT), ("PolicyName", Name)]))),
    ("RoleName", Name),
]);

const POLICY: Shape = Map(&[
    ("ManagedPolicyName", Name),
    ("PolicyDocument", POLICY_DOCUMENT),
    ("PolicyName", Name),
    ("RoleName", Name),
    ("Roles", Name),
]);
