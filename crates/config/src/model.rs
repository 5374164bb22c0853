//! What a configuration says, once it is valid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use byref_parameter::{AccountId, KmsKey, ParameterArn, ParameterName, Partition, Region, SecretsManagerArn};
use byref_template::Location;

use crate::flag::Flag;
use crate::lint_table::LintWaiver;
use crate::names::NamePatterns;

/// A whole configuration: the root file with what it includes.
#[derive(Clone, Debug)]
pub struct DeployConfig {
    /// Where applications run, by name.
    pub environments: BTreeMap<String, Environment>,
    /// How a key becomes a parameter name.
    pub names: NamePatterns,
    /// Which scheme an application deploys with.
    pub flag: Flag,
    /// How references are written.
    pub rewrite: RewriteSettings,
    /// Findings of the lint that are accepted.
    pub lint_waivers: Vec<LintWaiver>,
    /// The applications, by name.
    pub apps: BTreeMap<String, App>,
}

/// Where applications run.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name, as in `-e production`.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The Regions; never empty, the primary one first.
    pub regions: Vec<Region>,
    /// The partition.
    pub partition: Partition,
    /// All customer-managed keys of its secrets, each once: none, one alias or one key for each Region, of every scope.
    pub kms_keys: Vec<KmsKey>,
    /// The same by scope, in the order of [`Scope::ALL`]; where the configuration has one key for all, each has that.
    pub(crate) scope_keys: [Vec<KmsKey>; 4],
    /// The role that online commands assume.
    pub role_arn: Option<String>,
    /// The table's name.
    pub location: Location,
}

impl Environment {
    /// The ARN of a parameter of this environment in a Region.
    ///
    /// Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager".
    pub fn parameter_arn(&self, name: &ParameterName, region: &Region) -> ParameterArn {
        let Self { partition, account, .. } = self;
        ParameterArn { partition: *partition, region: region.clone(), account: account.clone(), name: name.clone() }
    }

    /// The customer-managed key of a scope's secrets in a Region, where it has one; an alias is the same in all.
    pub fn kms_key(&self, scope: Scope, region: &Region) -> Option<&KmsKey> {
        self.keys_of(scope).iter().find(|key| match key {
            KmsKey::Arn { region: own, .. } => own == region,
            KmsKey::Alias(_) | KmsKey::Id(_) => true,
        })
    }

    /// The customer-managed keys of a scope's secrets in all Regions.
    pub fn keys_of(&self, scope: Scope) -> &[KmsKey] {
        &self.scope_keys[scope as usize]
    }

    /// Whether all scopes have the same keys.
    pub fn has_one_key(&self) -> bool {
        self.scope_keys.iter().all(|keys| *keys == self.scope_keys[0])
    }
}

/// `[rewrite]`
#[derive(Clone, Debug, Default)]
pub struct RewriteSettings {
    /// How references are written.
    pub reference: ReferenceForm,
    /// Whether execution roles get what they need.
    pub grant: Grant,
    /// How much a grant covers.
    pub grant_scope: GrantScope,
    /// The template parameter whose value is the environment's name.
    pub environment_parameter: Option<(String, Location)>,
}

/// How a reference to a parameter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceForm {
    /// With `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`: one template serves every Region.
    #[default]
    Pseudo,
    /// The ARN of one Region.
    Literal,
}

/// Whether execution roles of the template get what they need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grant {
    /// They do.
    #[default]
    Auto,
    /// They are left alone.
    Never,
}

/// How much a grant covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GrantScope {
    /// Exactly the referenced parameters.
    #[default]
    Exact,
    /// The application's own prefix.
    Application,
}

/// An application.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name, as in `--app quiz-api`.
    pub name: String,
    /// Its templates, relative to the folder of the configuration.
    pub templates: Vec<TemplatePath>,
    /// The names of its stacks, one for each template that no other one nests, in their order; `{environment}` stands
    /// for the environment's name.
    pub stacks: Vec<String>,
    /// Where secrets go that no container names yet.
    pub containers: Vec<ContainerSelector>,
    /// Logical ids of its task definitions; empty means all of the template.
    pub task_definitions: Vec<String>,
    /// Its own flag.
    pub scheme: Option<(Scheme, Location)>,
    /// Whether its execution role is managed elsewhere.
    pub execution_role: ExecutionRole,
    /// The table's name.
    pub location: Location,
    /// Its secret lines, in the order of the file.
    pub(crate) lines: Vec<SecretLine>,
    /// Lines of one environment, which override.
    pub(crate) environment_lines: BTreeMap<String, Vec<SecretLine>>,
}

impl App {
    /// Its secret lines in the order of the file; the lines of an environment override those of the same name in
    /// place, and further ones come last.
    pub fn secrets(&self, environment: Option<&str>) -> Vec<&SecretLine> {
        let own: &[SecretLine] =
            environment.and_then(|environment| self.environment_lines.get(environment)).map_or(&[], Vec::as_slice);
        let overriding: BTreeMap<&str, &SecretLine> = own.iter().rev().map(|line| (line.name.as_str(), line)).collect();
        let line = |line: &'_ SecretLine| overriding.get(line.name.as_str()).copied();
        let mut lines: Vec<&SecretLine> = self.lines.iter().map(|own| line(own).unwrap_or(own)).collect();
        let known: BTreeSet<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        lines.extend(own.iter().filter(|own| !known.contains(own.name.as_str())));
        lines
    }

    /// Leaves only the secret lines of some names, in all environments.
    pub fn keep_secrets(&mut self, keep: impl Fn(&str) -> bool) {
        self.lines.retain(|line| keep(&line.name));
        for lines in self.environment_lines.values_mut() {
            lines.retain(|line| keep(&line.name));
        }
    }
}

/// A path as it is written in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePath {
    /// The path, relative to the folder of the configuration.
    pub path: String,
    /// Where it is written.
    pub location: Location,
}

/// Whether an execution role is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutionRole {
    /// It must be proven to read the secrets.
    #[default]
    Checked,
    /// It is managed elsewhere, which is acknowledged.
    External,
}

/// Which container gets a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerSelector {
    /// Every container of this name.
    Name(String),
    /// `WebTask[0]`: a container by its place, where its name is not a literal.
    Index {
        /// Logical id of the task definition.
        task_definition: String,
        /// The place, from 0.
        index: usize,
    },
}

impl fmt::Display for ContainerSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Index { task_definition, index } => write!(formatter, "{task_definition}[{index}]"),
        }
    }
}

/// Neither a container's name nor `WebTask[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a container's name and not of the form `WebTask[0]`")]
pub struct ContainerSelectorError;

impl FromStr for ContainerSelector {
    type Err = ContainerSelectorError;

    /// Container names have up to 255 letters, digits, underscores and hyphens.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = |text: &str| {
            (1..=255).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if is_name(text) {
            return Ok(Self::Name(text.to_owned()));
        }
        let (task_definition, index) =
            text.strip_suffix(']').and_then(|text| text.split_once('[')).ok_or(ContainerSelectorError)?;
        let index = index.parse().map_err(|_| ContainerSelectorError)?;
        if is_name(task_definition) {
            Ok(Self::Index { task_definition: task_definition.to_owned(), index })
        } else {
            Err(ContainerSelectorError)
        }
    }
}

/// How an application deploys its secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Their values in the template: the old way.
    Value,
    /// References to the values.
    Reference,
}

impl Scheme {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Reference => "reference",
        }
    }
}

/// One secret of an application: a line of `[apps.….secrets]`.
#[derive(Clone, Debug)]
pub struct SecretLine {
    /// The name of the environment variable.
    pub name: String,
    /// What it refers to.
    pub target: Target,
    /// The containers that get it; empty means those that have it.
    pub containers: Vec<ContainerSelector>,
    /// Whether it may replace a value that is computed in the template.
    pub computed: ComputedValues,
    /// What becomes of several different values that the template has for it.
    pub distinct: DistinctValues,
    /// The log option that gets it, instead of the environment.
    pub log_option: Option<String>,
    /// The line's value.
    pub location: Location,
    /// The line's name.
    pub name_location: Location,
}

/// What becomes of a value that the template computes from resources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComputedValues {
    /// It is an error.
    #[default]
    Refuse,
    /// The store's value wins from now on.
    Replace,
}

/// What becomes of different values that one reference would replace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DistinctValues {
    /// They are an error.
    #[default]
    Refuse,
    /// The store's value is right for all of them (`same-value = true`).
    Merge,
}

/// What a secret line refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A key, which becomes a name by its scope's pattern.
    Key {
        /// The key.
        key: String,
        /// The scope.
        scope: Scope,
    },
    /// A full name.
    Name(ParameterName),
    /// The ARN of a parameter.
    Arn(ParameterArn),
    /// The ARN of a secret in Secrets Manager.
    SecretsManager(SecretsManagerArn),
}

/// Who shares a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One application in one environment.
    #[default]
    App,
    /// Every application of an environment.
    Environment,
    /// One application in every environment.
    SharedApp,
    /// Everyone.
    Shared,
}

impl Scope {
    /// All scopes, as `[names]` lists them.
    pub const ALL: [Scope; 4] = [Self::App, Self::Environment, Self::SharedApp, Self::Shared];

    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Environment => "environment",
            Self::SharedApp => "shared-app",
            Self::Shared => "shared",
        }
    }
}
