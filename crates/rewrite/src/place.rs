//! Where the resources that take references have their containers, and which role reads for them.

use byref_template::{Intrinsic, NodeRef};

use crate::container::{Guard, branches, is_nothing, opaque_key};

/// The resource types whose containers take references.
///
/// Source: CloudFormation template reference of each type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceType {
    TaskDefinition,
    DaemonTaskDefinition,
    ExpressGatewayService,
    JobDefinition,
    AppRunnerService,
    CodeBuildProject,
}

impl ResourceType {
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text {
            "AWS::ECS::TaskDefinition" => Some(Self::TaskDefinition),
            "AWS::ECS::DaemonTaskDefinition" => Some(Self::DaemonTaskDefinition),
            "AWS::ECS::ExpressGatewayService" => Some(Self::ExpressGatewayService),
            "AWS::Batch::JobDefinition" => Some(Self::JobDefinition),
            "AWS::AppRunner::Service" => Some(Self::AppRunnerService),
            "AWS::CodeBuild::Project" => Some(Self::CodeBuildProject),
            _ => None,
        }
    }

    /// Where its containers are.
    pub(crate) fn places(self) -> &'static [Place] {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition => &[TASK_DEFINITION],
            Self::ExpressGatewayService => &[EXPRESS_GATEWAY_SERVICE],
            Self::JobDefinition => &JOB_DEFINITION,
            Self::AppRunnerService => &APP_RUNNER_SERVICE,
            Self::CodeBuildProject => &[CODE_BUILD_PROJECT],
        }
    }

    /// What a container is called that has no name.
    pub(crate) fn only_name(self) -> Option<&'static str> {
        (self == Self::ExpressGatewayService).then_some("Main")
    }

    /// The property that names the role which reads the secrets.
    pub(crate) fn role_key(self) -> &'static str {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition | Self::ExpressGatewayService | Self::JobDefinition => {
                "ExecutionRoleArn"
            }
            Self::AppRunnerService => "InstanceRoleArn",
            Self::CodeBuildProject => "ServiceRole",
        }
    }

    /// The service that such a role trusts.
    pub(crate) fn principal(self) -> &'static str {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition | Self::ExpressGatewayService | Self::JobDefinition => {
                "ecs-tasks.amazonaws.com"
            }
            Self::AppRunnerService => "tasks.apprunner.amazonaws.com",
            Self::CodeBuildProject => "codebuild.amazonaws.com",
        }
    }

    /// The service, as people call it.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition | Self::ExpressGatewayService => "ECS",
            Self::JobDefinition => "Batch",
            Self::AppRunnerService => "App Runner",
            Self::CodeBuildProject => "CodeBuild",
        }
    }

    /// How its containers hold values and references.
    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::TaskDefinition | Self::DaemonTaskDefinition | Self::ExpressGatewayService | Self::JobDefinition => {
                Layout::EnvironmentAndSecrets
            }
            Self::AppRunnerService => Layout::RuntimeEnvironment,
            Self::CodeBuildProject => Layout::TypedVariables,
        }
    }
}

/// How a container holds values and references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `Environment` and `Secrets`, of `Name` with `Value` and `ValueFrom`.
    EnvironmentAndSecrets,
    /// App Runner's two lists, both of `Name` with `Value`.
    RuntimeEnvironment,
    /// `Options`, a mapping, and `SecretOptions`, of `Name` with `ValueFrom`.
    LogOptions,
    /// CodeBuild's one list, in which `Type` says what `Value` is.
    TypedVariables,
}

impl Layout {
    /// The property that is the list.
    pub(crate) fn key(self, list: ListName) -> &'static str {
        match (self, list) {
            (Self::EnvironmentAndSecrets, ListName::Environment) => "Environment",
            (Self::EnvironmentAndSecrets, ListName::Secrets) => "Secrets",
            (Self::RuntimeEnvironment, ListName::Environment) => "RuntimeEnvironmentVariables",
            (Self::RuntimeEnvironment, ListName::Secrets) => "RuntimeEnvironmentSecrets",
            (Self::LogOptions, ListName::Environment) => "Options",
            (Self::LogOptions, ListName::Secrets) => "SecretOptions",
            (Self::TypedVariables, _) => "EnvironmentVariables",
        }
    }

    /// The key of what an entry says, beside its `Name`.
    pub(crate) fn value_key(self, list: ListName) -> &'static str {
        match (self, list) {
            (Self::EnvironmentAndSecrets | Self::LogOptions, ListName::Secrets) => "ValueFrom",
            _ => "Value",
        }
    }
}

/// One of the two lists of a container: of values, and of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListName {
    Environment,
    Secrets,
}

impl ListName {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Environment => Self::Secrets,
            Self::Secrets => Self::Environment,
        }
    }
}

/// A step from a node to what is below it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Key(&'static str),
    Items,
}

impl Step {
    /// The value that a key leads to.
    pub(crate) fn of(self, node: NodeRef<'_>) -> Option<NodeRef<'_>> {
        match self {
            Self::Key(key) => node.get(key),
            Self::Items => None,
        }
    }
}

/// Where containers are in the properties of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// From the properties to what has one role.
    pub(crate) owner: &'static [Step],
    /// From there to the mapping that holds the role.
    pub(crate) role: &'static [Step],
    /// From the owner to the containers.
    pub(crate) containers: &'static [Step],
}

use Step::{Items, Key};

const TASK_DEFINITION: Place = Place { owner: &[], role: &[], containers: &[Key("ContainerDefinitions"), Items] };
const EXPRESS_GATEWAY_SERVICE: Place = Place { owner: &[], role: &[], containers: &[Key("PrimaryContainer")] };
const CODE_BUILD_PROJECT: Place = Place { owner: &[], role: &[], containers: &[Key("Environment")] };
const JOB_DEFINITION: [Place; 4] = [
    Place { owner: &[Key("ContainerProperties")], role: &[], containers: &[] },
    Place {
        owner: &[Key("EcsProperties"), Key("TaskProperties"), Items],
        role: &[],
        containers: &[Key("Containers"), Items],
    },
    Place {
        owner: &[Key("NodeProperties"), Key("NodeRangeProperties"), Items, Key("Container")],
        role: &[],
        containers: &[],
    },
    Place {
        owner: &[
            Key("NodeProperties"),
            Key("NodeRangeProperties"),
            Items,
            Key("EcsProperties"),
            Key("TaskProperties"),
            Items,
        ],
        role: &[],
        containers: &[Key("Containers"), Items],
    },
];
const APP_RUNNER_SERVICE: [Place; 2] = [
    Place {
        owner: &[],
        role: &[Key("InstanceConfiguration")],
        containers: &[Key("SourceConfiguration"), Key("ImageRepository"), Key("ImageConfiguration")],
    },
    Place {
        owner: &[],
        role: &[Key("InstanceConfiguration")],
        containers: &[
            Key("SourceConfiguration"),
            Key("CodeRepository"),
            Key("CodeConfiguration"),
            Key("CodeConfigurationValues"),
        ],
    },
];

/// The nodes that steps lead to, through `Fn::If` at every level, in the order of the text. `opaque` gets those that
/// can't be seen through.
pub(crate) fn reach<'t>(start: NodeRef<'t>, steps: &[Step], opaque: &mut Vec<NodeRef<'t>>) -> Vec<NodeRef<'t>> {
    let mut nodes = alternatives(start);
    for step in steps {
        let mut next = Vec::new();
        for node in nodes {
            match step {
                Step::Key(key) => next.extend(mapping(node, opaque).and_then(|node| node.get(key))),
                Step::Items if node.kind().is_sequence() && node.tag().is_none() => next.extend(node.items()),
                Step::Items => opaque.push(node),
            }
        }
        nodes = next.into_iter().flat_map(alternatives).collect();
    }
    nodes
}

/// The alternatives of a node that are something.
fn alternatives(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let is_something = |node: &NodeRef<'_>| !node.intrinsic().is_some_and(Intrinsic::is_no_value) && !is_nothing(*node);
    branches(node, &Guard::default()).into_iter().map(|(node, _)| node).filter(is_something).collect()
}

/// A mapping whose entries are all there is; else the node is opaque.
pub(crate) fn mapping<'t>(node: NodeRef<'t>, opaque: &mut Vec<NodeRef<'t>>) -> Option<NodeRef<'t>> {
    let is_call = node.intrinsic().is_some() || node.tag().is_some();
    if is_call || !node.kind().is_mapping() || node.entries().any(|entry| opaque_key(entry.key)) {
        opaque.push(node);
        return None;
    }
    Some(node)
}
