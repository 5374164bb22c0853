//! Places of containers and of their lists, and the way to them through `Fn::If`.
//!
//! A place is data rather than code: three lists of steps, for the mapping that owns a role, for
//! the role's property, and for the containers. [`reach`] follows them through `Fn::If` at every
//! level, so that no caller needs to know the shape of a resource.

use byref_template::{Intrinsic, NodeRef};

use crate::guard::alternatives;
use crate::node::{is_nothing, mapping};

/// The way in which a container holds values and references.
///
/// Source: CloudFormation template reference, the pages of `ContainerDefinition`,
/// `ImageConfiguration`, `LogConfiguration` and `EnvironmentVariable` of the four services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `Environment` and `Secrets`, of `Name` with `Value` and `ValueFrom`.
    EnvironmentAndSecrets,
    /// App Runner's two lists, both of `Name` with `Value`.
    RuntimeEnvironment,
    /// `Options`, a mapping, and `SecretOptions`, of `Name` with `ValueFrom`.
    LogOptions,
    /// CodeBuild's one list: by the `Type` of an entry, its `Value` is a value or a reference.
    TypedVariables,
}

impl Layout {
    /// The layouts that have a list of references of its own.
    pub const WITH_SECRETS: [Self; 3] = [
        Self::EnvironmentAndSecrets,
        Self::LogOptions,
        Self::RuntimeEnvironment,
    ];

    /// Returns whether a property is a list of references in one of the layouts.
    pub fn is_secrets_key(key: &str) -> bool {
        Self::WITH_SECRETS
            .iter()
            .any(|layout| layout.key(ListName::Secrets) == key)
    }

    /// Returns the property that is the list.
    pub fn key(self, list: ListName) -> &'static str {
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

    /// Returns the key of an entry's value or reference, beside its `Name`.
    pub fn value_key(self, list: ListName) -> &'static str {
        match (self, list) {
            (Self::EnvironmentAndSecrets | Self::LogOptions, ListName::Secrets) => "ValueFrom",
            _ => "Value",
        }
    }
}

/// One of the two lists of a container: of values, and of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListName {
    /// The list of values.
    Environment,
    /// The list of references.
    Secrets,
}

impl ListName {
    /// Returns the opposite list.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Environment => Self::Secrets,
            Self::Secrets => Self::Environment,
        }
    }
}

/// A step from a node to what is below it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// To the value of a key.
    Key(&'static str),
    /// To all items of a list.
    Items,
}

impl Step {
    /// Returns the value that a key leads to; none for items.
    pub fn of(self, node: NodeRef<'_>) -> Option<NodeRef<'_>> {
        match self {
            Self::Key(key) => node.get(key),
            Self::Items => None,
        }
    }
}

/// A place of containers in the properties of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The way from the properties to the mapping whose containers share a role.
    pub owner: &'static [Step],
    /// The way from there to the mapping that has the role's property.
    pub role: &'static [Step],
    /// The way from the owner to the containers.
    pub containers: &'static [Step],
}

use Step::{Items, Key};

/// Source: CloudFormation template reference, "`AWS::ECS::TaskDefinition`".
pub(super) const TASK_DEFINITION: Place = Place {
    owner: &[],
    role: &[],
    containers: &[Key("ContainerDefinitions"), Items],
};
/// Source: CloudFormation template reference, "`AWS::ECS::ExpressGatewayService`".
pub(super) const EXPRESS_GATEWAY_SERVICE: Place = Place {
    owner: &[],
    role: &[],
    containers: &[Key("PrimaryContainer")],
};
/// A project has one environment, which counts as a container.
///
/// Source: CloudFormation template reference, "`AWS::CodeBuild::Project` Environment".
pub(super) const CODE_BUILD_PROJECT: Place = Place {
    owner: &[],
    role: &[],
    containers: &[Key("Environment")],
};
/// A job has one container, tasks of ECS with several, or either of them for each range of its
/// nodes.
///
/// Source: CloudFormation template reference, "`AWS::Batch::JobDefinition`".
pub(super) const JOB_DEFINITION: [Place; 4] = [
    Place {
        owner: &[Key("ContainerProperties")],
        role: &[],
        containers: &[],
    },
    Place {
        owner: &[Key("EcsProperties"), Key("TaskProperties"), Items],
        role: &[],
        containers: &[Key("Containers"), Items],
    },
    Place {
        owner: &[
            Key("NodeProperties"),
            Key("NodeRangeProperties"),
            Items,
            Key("Container"),
        ],
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
/// A service runs an image or code; the role that reads is in its instance configuration in both
/// cases.
///
/// Source: CloudFormation template reference, "`AWS::AppRunner::Service`".
pub(super) const APP_RUNNER_SERVICE: [Place; 2] = [
    Place {
        owner: &[],
        role: &[Key("InstanceConfiguration")],
        containers: &[
            Key("SourceConfiguration"),
            Key("ImageRepository"),
            Key("ImageConfiguration"),
        ],
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

/// Returns the nodes that steps lead to, through `Fn::If` at every level, in the order of the text.
/// Null and `AWS::NoValue` are left out; `opaque` gets the nodes that a function makes.
pub fn reach<'t>(
    start: NodeRef<'t>,
    steps: &[Step],
    opaque: &mut Vec<NodeRef<'t>>,
) -> Vec<NodeRef<'t>> {
    let mut nodes = present(start);
    for step in steps {
        let mut next = Vec::new();
        for node in nodes {
            match step {
                Step::Key(key) => next.extend(mapping(node, opaque).and_then(|node| node.get(key))),
                Step::Items if node.kind().is_sequence() && node.tag().is_none() => {
                    next.extend(node.items());
                }
                Step::Items => opaque.push(node),
            }
        }
        nodes = next.into_iter().flat_map(present).collect();
    }
    nodes
}

/// Returns the branches of a node that are something.
fn present(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let is_missing = |node: &NodeRef<'_>| {
        node.intrinsic().is_some_and(Intrinsic::is_no_value) || is_nothing(*node)
    };
    alternatives(node)
        .into_iter()
        .filter(|node| !is_missing(node))
        .collect()
}
