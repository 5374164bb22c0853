//! The kind of place where a value is, and how values there are judged.
//!
//! A place answers three questions: which slot the decision tables use, how the text is searched
//! for embedded credentials, and how a message names it.
//!
//! | place | slot of the name | searched as |
//! | --- | --- | --- |
//! | environment, default, mapping, output, metadata, named | named | value |
//! | a property that takes a secret | secret only | value |
//! | any other property | schema | value |
//! | header | header | value |
//! | script, command, comment | not judged by name | script |
//! | code | not judged by name | code |
//! | description | not judged by name | prose |

use byref_cloudformation::Layout;
use byref_judge::Slot;
use byref_judge::TextKind;

/// The kind of place where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The environment of a container, a function, a build.
    Environment,
    /// Something that authors name themselves: labels, options, tags, parameters of nested stacks,
    /// custom resources.
    Named,
    /// `Default` of a template parameter.
    ParameterDefault,
    /// A value of a mapping.
    Mapping,
    /// A value of an output.
    Output,
    /// `Metadata` of a template or a resource.
    Metadata,
    /// A property that takes a secret.
    SecretProperty,
    /// A property of a resource, as its schema knows it.
    Schema,
    /// The value of an HTTP header that a distribution sends, or that a load balancer or firewall
    /// asks for.
    Header,
    /// A command with its arguments.
    Command,
    /// User data, a build specification, files of cfn-init.
    Script,
    /// Program code in the template.
    Code,
    /// Sentences for human readers.
    Prose,
    /// The name or ARN of a secret or parameter.
    Reference,
    /// A comment of the template.
    Comment,
}

impl Place {
    /// Returns the slot that a value fills here.
    pub(crate) fn slot(self) -> Slot {
        match self {
            Place::SecretProperty => Slot::SecretOnly,
            Place::Schema => Slot::Schema,
            Place::Header => Slot::Header,
            Place::Code => Slot::Code,
            Place::Script | Place::Command | Place::Comment => Slot::Script,
            _ => Slot::Named,
        }
    }

    /// Returns the kind of text that a value is here.
    pub(crate) fn text_kind(self) -> TextKind {
        match self {
            Place::Prose => TextKind::Prose,
            Place::Code => TextKind::Code,
            Place::Script | Place::Command | Place::Comment => TextKind::Script,
            _ => TextKind::Value,
        }
    }

    /// Returns `true` if values are judged by their names here.
    pub(crate) fn has_names(self) -> bool {
        !matches!(
            self,
            Place::Prose
                | Place::Reference
                | Place::Script
                | Place::Command
                | Place::Code
                | Place::Comment
        )
    }

    /// Returns `true` if every principal that may describe the deployed resource or stack can read
    /// values here.
    pub(crate) fn is_readable_after_deploy(self) -> bool {
        matches!(
            self,
            Place::Environment | Place::Output | Place::Metadata | Place::Command
        )
    }

    /// Returns the words for messages, which complete "a secret in …".
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Place::Environment => "an environment variable",
            Place::Named => "the template",
            Place::ParameterDefault => "the default of a parameter",
            Place::Mapping => "a mapping",
            Place::Output => "an output",
            Place::Metadata => "metadata",
            Place::SecretProperty => "a property that takes a secret",
            Place::Schema => "a property",
            Place::Header => "a header",
            Place::Command => "a command",
            Place::Script => "a script",
            Place::Code => "code",
            Place::Prose => "a description",
            Place::Reference => "a reference",
            Place::Comment => "a comment",
        }
    }

    /// Returns the place of a value under a key of this place. `in_free_map` is `true` if the keys
    /// of the mapping are not those of a schema.
    pub(crate) fn below(self, key: &str, in_free_map: bool) -> Self {
        if matches!(
            self,
            Place::Reference | Place::Script | Place::Code | Place::Comment
        ) {
            return self;
        }
        if is_prose_key(key) || key == "default" && self == Place::Metadata {
            return Place::Prose;
        }
        match key {
            _ if self == Place::Schema && Layout::is_secrets_key(key) => return Place::Reference,
            "ValueFrom" | "valueFrom" | "CredentialsParameter" => return Place::Reference,
            "UserData"
            | "BuildSpec"
            | "Buildspec"
            | "PreBootstrapCommand"
            | "PostBootstrapCommand"
            | "OverrideBootstrapCommand"
            | "LifecycleConfigHook"
            | "runCommand"
            | "DefinitionString" => return Place::Script,
            "ZipFile" | "InlineCode" | "FunctionCode" | "InlineScript" | "Script" => {
                return Place::Code;
            }
            _ => {}
        }
        match self {
            Place::Environment
            | Place::Command
            | Place::Output
            | Place::Mapping
            | Place::ParameterDefault => self,
            Place::Metadata => metadata_below(key),
            _ => match key {
                "Environment"
                | "EnvironmentVariables"
                | "RuntimeEnvironmentVariables"
                | "Env"
                | "Variables"
                | "EnvironmentOverride"
                | "environment"
                | "environmentVariables"
                | "env"
                | "ContainerEnvironment"
                | "EnvironmentConfig" => Place::Environment,
                "Command" | "EntryPoint" | "Commands" | "HealthCheck" | "command"
                | "entryPoint" | "StartCommand" | "BuildCommand" | "Args" | "Arguments" => {
                    Place::Command
                }
                "DockerLabels"
                | "Labels"
                | "Options"
                | "Tags"
                | "OptionSettings"
                | "ConnectionProperties"
                | "ProviderDetails"
                | "DefaultArguments"
                | "ProvisioningParameters"
                | "StageVariables"
                | "AirflowConfigurationOptions"
                | "ConfigurationProperties"
                | "HttpHeaders"
                | "HeaderParameters"
                | "QueryStringParameters"
                | "BodyParameters"
                | "OriginCustomHeaders"
                | "ClientMetadata"
                | "Attributes"
                | "Payload"
                | "Input"
                | "Inputs"
                | "HyperParameters" => Place::Named,
                _ if in_free_map => Place::Named,
                _ => self,
            },
        }
    }
}

/// Returns the place of a value under a key of metadata: `AWS::CloudFormation::Init` writes files
/// and runs commands.
fn metadata_below(key: &str) -> Place {
    match key {
        "content" | "command" | "test" => Place::Script,
        "env" => Place::Environment,
        // `AWS::CloudFormation::Authentication`
        "password" | "secretKey" => Place::SecretProperty,
        _ => Place::Metadata,
    }
}

/// Returns `true` for keys whose values are sentences for human readers, or patterns.
fn is_prose_key(key: &str) -> bool {
    key.ends_with("Description")
        || matches!(
            key,
            "Comment"
                | "Comments"
                | "description"
                | "comment"
                | "AllowedPattern"
                | "ParameterLabels"
                | "ParameterGroups"
                | "License"
                | "Documentation"
        )
}

/// Returns `true` if a key has the form of those in CloudFormation's schemas: `UpperCamelCase`.
///
/// `ImageId`, `Type` and `Fn::Sub` → `true`; `DB_PASSWORD`, `dbHost` and `SECRET` → `false`, since
/// schemas have no capitals throughout.
pub(crate) fn is_schema_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_uppercase())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (key.bytes().any(|byte| byte.is_ascii_lowercase()) || key.len() <= 4)
        || key.starts_with("Fn::")
}
