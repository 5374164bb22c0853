//! The data of a valid configuration.
//!
//! All types here are plain data with public fields. They keep the [`Location`] of each line that a
//! later message may point to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use byref_parameter::{
    AccountId, KmsKey, ParameterArn, ParameterName, Partition, Region, SecretsManagerArn,
};
use byref_template::Location;

use crate::flag::Flag;
use crate::lint_table::LintWaiver;
use crate::names::NamePatterns;

/// A valid configuration: the root file merged with the files that it includes.
#[derive(Clone, Debug)]
pub struct DeployConfig {
    /// The environments, by name.
    pub environments: BTreeMap<String, Environment>,
    /// The patterns that turn keys into parameter names.
    pub names: NamePatterns,
    /// The flag, which decides the scheme of each application.
    pub flag: Flag,
    /// The settings for rewriting templates.
    pub rewrite: RewriteSettings,
    /// The accepted findings of the lint.
    pub lint_waivers: Vec<LintWaiver>,
    /// The applications, by name.
    pub apps: BTreeMap<String, App>,
}

/// An environment: an AWS account with one or more Regions.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The name, as in `-e production`.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The Regions, the primary one first; never empty.
    pub regions: Vec<Region>,
    /// The partition, by default that of the primary Region.
    pub partition: Partition,
    /// The customer managed keys of all scopes, each once.
    pub kms_keys: Vec<KmsKey>,
    /// The customer managed keys in the order of [`Scope::ALL`]: none, one alias, or one key per
    /// Region. Without a table `kms-key`, all scopes have the same keys.
    pub(crate) scope_keys: [Vec<KmsKey>; 4],
    /// The ARN of the role that commands with access to AWS assume.
    pub role_arn: Option<String>,
    /// The location of the table's name.
    pub location: Location,
}

impl Environment {
    /// Returns the ARN of a parameter of this environment in a Region.
    ///
    /// Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS
    /// Systems Manager".
    pub fn parameter_arn(&self, name: &ParameterName, region: &Region) -> ParameterArn {
        let Self {
            partition, account, ..
        } = self;
        ParameterArn {
            partition: *partition,
            region: region.clone(),
            account: account.clone(),
            name: name.clone(),
        }
    }

    /// Returns the customer managed key of a scope in a Region, or `None` if secrets of the scope
    /// are encrypted with the AWS managed key. An alias is the same in all Regions.
    pub fn kms_key(&self, scope: Scope, region: &Region) -> Option<&KmsKey> {
        self.keys_of(scope).iter().find(|key| match key {
            KmsKey::Arn { region: own, .. } => own == region,
            KmsKey::Alias(_) | KmsKey::Id(_) => true,
        })
    }

    /// Returns the customer managed keys of a scope in all Regions.
    pub fn keys_of(&self, scope: Scope) -> &[KmsKey] {
        &self.scope_keys[scope as usize]
    }

    /// Returns `true` if all scopes have the same keys.
    pub fn has_one_key(&self) -> bool {
        self.scope_keys
            .iter()
            .all(|keys| *keys == self.scope_keys[0])
    }
}

/// The table `[rewrite]`: settings for rewriting templates.
#[derive(Clone, Debug, Default)]
pub struct RewriteSettings {
    /// The form of references.
    pub reference: ReferenceForm,
    /// The treatment of execution roles without permission to read the secrets.
    pub grant: Grant,
    /// The scope of the permissions to grant.
    pub grant_scope: GrantScope,
    /// The template parameter whose value is the name of the environment. References to it let one
    /// template serve several environments.
    pub environment_parameter: Option<(String, Location)>,
}

/// The form of a reference to a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceForm {
    /// An ARN with `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`, so that one
    /// template serves every Region.
    #[default]
    Pseudo,
    /// The literal ARN in one Region.
    Literal,
}

/// The treatment of execution roles in the template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grant {
    /// Permission to read the secrets is added where it is missing.
    #[default]
    Auto,
    /// Roles are not changed. A missing permission is a warning.
    Never,
}

/// The scope of the permissions that are added to a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GrantScope {
    /// Only the referenced parameters.
    #[default]
    Exact,
    /// All parameters with the prefix of the application, so that a new secret needs no new
    /// permission.
    Application,
}

/// An application: its templates, containers and secrets.
#[derive(Clone, Debug)]
pub struct App {
    /// The name, as in `--app quiz-api`.
    pub name: String,
    /// The templates, relative to the folder of the configuration.
    pub templates: Vec<TemplatePath>,
    /// The stack names, one for each template that no other template nests, in the same order.
    /// `{environment}` is replaced by the name of the environment.
    pub stacks: Vec<String>,
    /// The containers that receive secrets which no container has yet.
    pub containers: Vec<ContainerSelector>,
    /// The logical ids of its task definitions. Empty means all in the templates.
    pub task_definitions: Vec<String>,
    /// The scheme, if the application has a key for it.
    pub scheme: Option<(Scheme, Location)>,
    /// The treatment of an execution role defined outside the templates.
    pub execution_role: ExecutionRole,
    /// The location of the table's name.
    pub location: Location,
    /// The secret lines for all environments, in the order of the file.
    pub(crate) lines: Vec<SecretLine>,
    /// The secret lines for single environments, which override those for all.
    pub(crate) environment_lines: BTreeMap<String, Vec<SecretLine>>,
}

impl App {
    /// Returns the secret lines for an environment, in the order of the file.
    ///
    /// A line of the environment takes the place of the line with the same name. Further lines of
    /// the environment come last.
    pub fn secrets(&self, environment: Option<&str>) -> Vec<&SecretLine> {
        let own: &[SecretLine] = environment
            .and_then(|environment| self.environment_lines.get(environment))
            .map_or(&[], Vec::as_slice);
        let overriding: BTreeMap<&str, &SecretLine> = own
            .iter()
            .rev()
            .map(|line| (line.name.as_str(), line))
            .collect();
        let line = |line: &'_ SecretLine| overriding.get(line.name.as_str()).copied();
        let mut lines: Vec<&SecretLine> = self
            .lines
            .iter()
            .map(|own| line(own).unwrap_or(own))
            .collect();
        let known: BTreeSet<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        lines.extend(own.iter().filter(|own| !known.contains(own.name.as_str())));
        lines
    }

    /// Removes all secret lines whose names `keep` rejects, in all environments.
    pub fn keep_secrets(&mut self, keep: impl Fn(&str) -> bool) {
        self.lines.retain(|line| keep(&line.name));
        for lines in self.environment_lines.values_mut() {
            lines.retain(|line| keep(&line.name));
        }
    }
}

/// The path of a template with its location in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePath {
    /// The path as written, relative to the folder of the configuration.
    pub path: String,
    /// The location of the string.
    pub location: Location,
}

/// The treatment of an execution role defined outside the templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutionRole {
    /// byref reports a problem unless it can prove that the role may read the secrets.
    #[default]
    Checked,
    /// The user has confirmed that its permissions are managed elsewhere.
    External,
}

/// A selection of containers, written as `web` or `WebTask[0]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerSelector {
    /// All containers with this name.
    Name(String),
    /// A container by its position, for names that are not literal in the template.
    Index {
        /// The logical id of the task definition.
        task_definition: String,
        /// The position in the list of containers, from 0.
        index: usize,
    },
}

impl fmt::Display for ContainerSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Index {
                task_definition,
                index,
            } => write!(formatter, "{task_definition}[{index}]"),
        }
    }
}

/// The error for a text that is neither a container name nor of the form `WebTask[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a container's name and not of the form `WebTask[0]`")]
pub struct ContainerSelectorError;

impl FromStr for ContainerSelector {
    type Err = ContainerSelectorError;

    /// Parses a selector. Container names have up to 255 letters, digits, underscores and hyphens.
    /// Source: ECS API reference, `ContainerDefinition`, "name".
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = |text: &str| {
            (1..=255).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if is_name(text) {
            return Ok(Self::Name(text.to_owned()));
        }
        let (task_definition, index) = text
            .strip_suffix(']')
            .and_then(|text| text.split_once('['))
            .ok_or(ContainerSelectorError)?;
        let index = index.parse().map_err(|_| ContainerSelectorError)?;
        if is_name(task_definition) {
            Ok(Self::Index {
                task_definition: task_definition.to_owned(),
                index,
            })
        } else {
            Err(ContainerSelectorError)
        }
    }
}

/// The way in which an application deploys its secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Templates contain the values.
    Value,
    /// Templates contain references, and ECS reads the values when a task starts.
    Reference,
}

impl Scheme {
    /// Returns the value of `scheme` in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Reference => "reference",
        }
    }
}

/// A secret of an application: a line of `[apps.NAME.secrets]`.
#[derive(Clone, Debug)]
pub struct SecretLine {
    /// The name of the environment variable.
    pub name: String,
    /// The parameter or secret that holds the value.
    pub target: Target,
    /// The containers that receive the secret. Empty means those that have it already.
    pub containers: Vec<ContainerSelector>,
    /// The treatment of a value that the template computes (`replace-computed`).
    pub computed: ComputedValues,
    /// The treatment of different values in the template (`same-value`).
    pub distinct: DistinctValues,
    /// The option of the log driver that receives the secret, instead of an environment variable.
    pub log_option: Option<String>,
    /// The location of the line's value.
    pub location: Location,
    /// The location of the line's name.
    pub name_location: Location,
}

/// The treatment of a value that the template computes, for example with `!GetAtt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComputedValues {
    /// An error: the stored value may differ from the computed one.
    #[default]
    Refuse,
    /// The stored value replaces it.
    Replace,
}

/// The treatment of different values that one reference would replace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DistinctValues {
    /// An error: one stored value can't replace them all.
    #[default]
    Refuse,
    /// The stored value is correct for all of them (`same-value = true`).
    Merge,
}

/// The parameter or secret that a secret line refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A key, which the pattern of its scope turns into a parameter name.
    Key {
        /// The key.
        key: String,
        /// The scope.
        scope: Scope,
    },
    /// A full parameter name.
    Name(ParameterName),
    /// The ARN of a parameter.
    Arn(ParameterArn),
    /// The ARN of a secret in Secrets Manager, with optional selectors.
    SecretsManager(SecretsManagerArn),
}

/// The applications and environments that share a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One application in one environment.
    #[default]
    App,
    /// All applications of one environment.
    Environment,
    /// One application in all environments.
    SharedApp,
    /// All applications in all environments.
    Shared,
}

impl Scope {
    /// All scopes, in the order of `[names]`.
    pub const ALL: [Scope; 4] = [Self::App, Self::Environment, Self::SharedApp, Self::Shared];

    /// Returns the value of `scope` in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Environment => "environment",
            Self::SharedApp => "shared-app",
            Self::Shared => "shared",
        }
    }
}
