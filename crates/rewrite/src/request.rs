//! The request for a plan: the application, the environment, and the choices of the user.

use byref_cloudformation::StackInstance;
use byref_config::{App, DeployConfig, Environment, Grant, Scheme};
use byref_parameter::Region;
use byref_template::{Location, NodeRef, SourceId, Span, Template};

/// A template of the run.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text that messages point into.
    pub source: SourceId,
    /// The path, as the user knows it; decides which template of a run another one nests.
    pub path: String,
    /// The parsed template.
    pub template: Template,
    /// Whether the run writes it.
    pub role: DocumentRole,
}

/// The part that a template has in a run. Every template of an application decides which containers
/// get a secret, also when only one of them is rewritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentRole {
    /// The run rewrites it.
    #[default]
    Written,
    /// Its containers and values count, and nothing of it changes.
    ReadOnly,
    /// The application lists it, and it could not be read: `template` is empty.
    Unreadable,
}

impl Document {
    /// Returns a place in this template.
    pub fn location(&self, span: Span) -> Location {
        Location {
            source: self.source,
            span,
        }
    }

    /// Returns whether the run rewrites the template.
    pub fn is_written(&self) -> bool {
        self.role == DocumentRole::Written
    }

    /// Returns the place of a node, tag and anchor included, cut at the end of its first line.
    pub(crate) fn place(&self, node: NodeRef<'_>) -> Location {
        let span = node.full_span();
        let text = &self.template.text()[span.range()];
        let first_line = text.find(['\n', '\r']).unwrap_or(text.len());
        self.location(Span::from(
            span.range().start..span.range().start + first_line,
        ))
    }
}

/// The treatment of template parameters that lost their last use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnusedParameters {
    /// They are reported.
    #[default]
    Keep,
    /// They are removed.
    Prune,
}

/// The treatment of grants that no reference needs any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnneededGrants {
    /// They stay: old tasks may still run.
    #[default]
    Keep,
    /// They go, in a run that changes no reference.
    Prune,
}

/// The treatment of a missing execution role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingRoles {
    /// It is reported.
    #[default]
    Report,
    /// It is added.
    Create,
}

/// The parts of a plan that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Everything.
    #[default]
    Whole,
    /// Only what roles get for the references that a whole plan would write: for an update before
    /// it.
    Grants,
}

/// The state that a result is deployed over, for updates that may not change everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Baseline {
    /// The source, as far as anybody knows.
    #[default]
    Source,
    /// A stack that the caller compares it with.
    Stack,
}

/// The treatment of references under the value scheme: entries of secret lines that are in
/// `Secrets` already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExistingReferences {
    /// They stay: a template that is safe stays safe.
    #[default]
    Keep,
    /// They become values again (`--to-values`), for a way back when the source is gone.
    ToValues,
}

/// The request for one plan: the application, the environment, the Region, and the choices of the
/// user.
#[derive(Clone, Copy)]
pub struct Request<'c> {
    /// The whole configuration.
    pub config: &'c DeployConfig,
    /// The application whose secret lines count.
    pub app: &'c App,
    /// Where it will be deployed.
    pub environment: &'c Environment,
    /// The Region in which references are compared, and which literal ones name.
    pub region: &'c Region,
    /// By value or by reference.
    pub scheme: Scheme,
    /// How much of it is written.
    pub content: Content,
    /// What it will be deployed over.
    pub baseline: Baseline,
    /// Whether roles of the template get what they need, and whether a missing one is an error or a
    /// warning.
    pub grant: Grant,
    /// What becomes of grants that are not needed any more.
    pub unneeded_grants: UnneededGrants,
    /// What is done about a missing role.
    pub missing_roles: MissingRoles,
    /// The treatment of existing references by the value scheme; the reference scheme ignores
    /// it.
    pub existing_references: ExistingReferences,
    /// What becomes of parameters whose last use goes.
    pub unused_parameters: UnusedParameters,
}

impl<'c> Request<'c> {
    /// Returns a request for references in the first Region of an environment; all else is as the
    /// configuration sets it, or the default.
    ///
    /// # Panics
    ///
    /// Never for an environment of a parsed configuration: it has a Region.
    pub fn new(config: &'c DeployConfig, app: &'c App, environment: &'c Environment) -> Self {
        Self {
            config,
            app,
            environment,
            region: &environment.regions[0],
            scheme: Scheme::Reference,
            content: Content::default(),
            baseline: Baseline::default(),
            grant: config.rewrite.grant,
            unneeded_grants: UnneededGrants::default(),
            missing_roles: MissingRoles::default(),
            existing_references: ExistingReferences::default(),
            unused_parameters: UnusedParameters::default(),
        }
    }
}

/// The stack of a template in a Region of an environment; `parameter` is the one whose value is the
/// environment's name.
pub(crate) fn stack<'e>(
    environment: &'e Environment,
    region: &'e Region,
    parameter: Option<&'e str>,
) -> StackInstance<'e> {
    StackInstance {
        partition: environment.partition,
        region,
        account: &environment.account,
        given: parameter.map(|parameter| (parameter, environment.name.as_str())),
    }
}
