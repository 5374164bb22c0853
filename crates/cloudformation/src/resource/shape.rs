//! The shapes of properties: which of them name things, by position.
//!
//! Source: the CloudFormation template reference of each type. A property that has no shape here
//! may hold a secret, and so may everything below it: the shapes list what is known to be harmless,
//! never what is known to be secret.

use Shape::{Hidden, List, Map, Name, Reference};

/// The shape of a position of a template: what may be there.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything, also a secret.
    Hidden,
    /// A name, a number or a choice, or a list of them.
    Name,
    /// A reference, as `ValueFrom` takes it: the name of a parameter, or an ARN.
    Reference,
    /// A part of a reference, in a call that makes one.
    Part,
    /// The logical id of a resource, or a list of them.
    Resource,
    /// The name of a condition.
    Condition,
    /// A list, or its only item.
    List(&'static Shape),
    /// A mapping with these keys.
    Map(&'static [(&'static str, Shape)]),
    /// A variable of CodeBuild. Its `Value` is a reference if its `Type` is one of a store.
    TypedVariable,
}

impl Shape {
    /// Returns the shape of a key's value.
    ///
    /// Of anything but a mapping, and for a key that is not in the table, it is [`Shape::Hidden`].
    /// A property that AWS adds later is hidden until it is added here.
    #[must_use]
    pub fn key(self, key: &str) -> Shape {
        let Map(entries) = self else { return Hidden };
        entries
            .iter()
            .find(|(known, _)| *known == key)
            .map_or(Hidden, |(_, shape)| *shape)
    }

    /// Returns the shape, if it is one of a single text.
    #[must_use]
    pub fn scalar(self) -> Shape {
        match self {
            Name | Reference | Shape::Part => self,
            _ => Hidden,
        }
    }
}

/// The attributes that every resource may have, beside its properties.
///
/// Source: CloudFormation template reference, "Resource attribute reference".
pub const ATTRIBUTES: Shape = Map(&[
    ("Type", Name),
    ("DependsOn", Shape::Resource),
    ("DeletionPolicy", Name),
    ("UpdateReplacePolicy", Name),
]);

/// The attributes of a template parameter. Its default may be a secret, and so may its allowed
/// values.
///
/// Source: CloudFormation template reference, "Parameters section".
pub const PARAMETER: Shape = Map(&[("Type", Name), ("NoEcho", Name)]);

/// Values of variables may be secrets; their names are not.
const ENVIRONMENT: Shape = List(&Map(&[("Name", Name)]));
/// Source: ECS API reference, `Secret`.
const SECRETS: Shape = List(&Map(&[("Name", Name), ("ValueFrom", Reference)]));
/// Source: ECS API reference, `RepositoryCredentials`.
const CREDENTIALS: Shape = Map(&[("CredentialsParameter", Reference)]);
/// The options of a log driver may be secrets (`splunk-token`).
const LOG_CONFIGURATION: Shape = Map(&[("LogDriver", Name), ("SecretOptions", SECRETS)]);
const RUNTIME_PLATFORM: Shape = Map(&[("CpuArchitecture", Name), ("OperatingSystemFamily", Name)]);

/// A container of ECS. Its command, entry point, labels, health check and files may hold secrets.
///
/// Source: ECS API reference, `ContainerDefinition`.
const CONTAINER: Shape = Map(&[
    ("Cpu", Name),
    (
        "DependsOn",
        List(&Map(&[("Condition", Name), ("ContainerName", Name)])),
    ),
    ("Environment", ENVIRONMENT),
    ("Essential", Name),
    ("FirelensConfiguration", Map(&[("Type", Name)])),
    ("Image", Name),
    ("LogConfiguration", LOG_CONFIGURATION),
    ("Memory", Name),
    ("MemoryReservation", Name),
    (
        "MountPoints",
        List(&Map(&[("ReadOnly", Name), ("SourceVolume", Name)])),
    ),
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
    (
        "Ulimits",
        List(&Map(&[
            ("HardLimit", Name),
            ("Name", Name),
            ("SoftLimit", Name),
        ])),
    ),
    ("WorkingDirectory", Name),
]);

/// Source: ECS API reference, `RegisterTaskDefinition`.
pub(super) const TASK_DEFINITION: Shape = Map(&[
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

pub(super) const EXPRESS_GATEWAY_SERVICE: Shape = Map(&[
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

/// Source: ECS API reference, `CreateService`.
pub(super) const SERVICE: Shape = Map(&[
    ("DesiredCount", Name),
    ("LaunchType", Name),
    (
        "LoadBalancers",
        List(&Map(&[("ContainerName", Name), ("ContainerPort", Name)])),
    ),
    ("PlatformVersion", Name),
    ("SchedulingStrategy", Name),
    ("TaskDefinition", Name),
]);

/// Source: AWS Batch API reference, `ContainerProperties`.
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

/// Source: AWS Batch API reference, `EcsProperties`.
const ECS_PROPERTIES: Shape = Map(&[(
    "TaskProperties",
    List(&Map(&[
        ("Containers", List(&CONTAINER)),
        ("ExecutionRoleArn", Name),
        ("TaskRoleArn", Name),
    ])),
)]);

pub(super) const JOB_DEFINITION: Shape = Map(&[
    ("ContainerProperties", JOB_CONTAINER),
    ("EcsProperties", ECS_PROPERTIES),
    ("JobDefinitionName", Name),
    (
        "NodeProperties",
        Map(&[(
            "NodeRangeProperties",
            List(&Map(&[
                ("Container", JOB_CONTAINER),
                ("EcsProperties", ECS_PROPERTIES),
                ("TargetNodes", Name),
            ])),
        )]),
    ),
    ("PlatformCapabilities", Name),
    ("Type", Name),
]);

/// Source: App Runner API reference, `CodeConfigurationValues` and `ImageConfiguration`.
const RUNTIME: Shape = Map(&[
    ("Port", Name),
    ("Runtime", Name),
    (
        "RuntimeEnvironmentSecrets",
        List(&Map(&[("Name", Name), ("Value", Reference)])),
    ),
    ("RuntimeEnvironmentVariables", ENVIRONMENT),
]);

pub(super) const APP_RUNNER_SERVICE: Shape = Map(&[
    (
        "InstanceConfiguration",
        Map(&[("Cpu", Name), ("InstanceRoleArn", Name), ("Memory", Name)]),
    ),
    (
        "SourceConfiguration",
        Map(&[
            (
                "AuthenticationConfiguration",
                Map(&[("AccessRoleArn", Name)]),
            ),
            (
                "CodeRepository",
                Map(&[(
                    "CodeConfiguration",
                    Map(&[("CodeConfigurationValues", RUNTIME)]),
                )]),
            ),
            (
                "ImageRepository",
                Map(&[
                    ("ImageConfiguration", RUNTIME),
                    ("ImageIdentifier", Name),
                    ("ImageRepositoryType", Name),
                ]),
            ),
        ]),
    ),
]);

/// Build specifications and sources may hold secrets.
///
/// Source: CodeBuild API reference, `ProjectEnvironment`.
pub(super) const CODE_BUILD_PROJECT: Shape = Map(&[
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
pub(super) const POLICY_DOCUMENT: Shape = Map(&[
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

/// Source: CloudFormation template reference, "`AWS::IAM::Role`".
pub(super) const ROLE: Shape = Map(&[
    ("AssumeRolePolicyDocument", POLICY_DOCUMENT),
    ("ManagedPolicyArns", Name),
    ("PermissionsBoundary", Name),
    (
        "Policies",
        List(&Map(&[
            ("PolicyDocument", POLICY_DOCUMENT),
            ("PolicyName", Name),
        ])),
    ),
    ("RoleName", Name),
]);

/// The policy resources of IAM, which differ in the property that names their principals.
pub(super) const POLICY: Shape = Map(&[
    ("ManagedPolicyName", Name),
    ("PolicyDocument", POLICY_DOCUMENT),
    ("PolicyName", Name),
    ("RoleName", Name),
    ("Roles", Name),
]);
