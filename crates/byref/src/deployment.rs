//! One application in one environment, and how it is deployed.

use byref_config::{
    App, Decision, DeployConfig, Environment, Grant, ReferenceForm, Scheme, SchemeOverride,
};
use byref_parameter::Region;
use byref_rewrite::{
    Baseline, Content, Document, DocumentRole, ExistingReferences, MissingRoles, Request,
    UnneededGrants, UnusedParameters,
};
use byref_template::Sources;

use crate::mistakes::Mistakes;
use crate::secret::Secret;
use crate::templates::Templates;

/// An application in an environment. Every option has a default; each method that sets one returns
/// the deployment, so that calls can be chained.
#[derive(Clone)]
pub struct Deployment<'p> {
    sources: &'p Sources,
    pub(crate) request: Request<'p>,
    pub(crate) decision: Decision,
    pub(crate) is_region_chosen: bool,
    pub(crate) keeps_references: bool,
}

/// A Region that the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{region}` is not a Region of `{environment}`; its Regions are {}", known.join(", "))]
pub struct UnknownRegion {
    /// The environment's name.
    pub environment: String,
    /// The text that was given, masked where it may be a secret.
    pub region: String,
    /// The Regions of the environment, the primary one first.
    pub known: Vec<String>,
}

impl<'p> Deployment<'p> {
    /// Of a configuration that was parsed with these sources. The flag decides by which scheme,
    /// with no override.
    pub fn new(
        config: &'p DeployConfig,
        sources: &'p Sources,
        app: &'p App,
        environment: &'p Environment,
    ) -> Self {
        let decision = config.scheme(app, Some(&environment.name), &SchemeOverride::default());
        let request = Request {
            scheme: decision.scheme,
            ..Request::new(config, app, environment)
        };
        Self {
            sources,
            request,
            decision,
            is_region_chosen: false,
            keeps_references: false,
        }
    }

    /// The Region in which references are compared, and which literal ones name; the environment's
    /// first one otherwise.
    ///
    /// # Errors
    ///
    /// The environment does not have this Region.
    pub fn region(mut self, region: &str) -> Result<Self, UnknownRegion> {
        let environment = self.request.environment;
        let found = environment
            .regions
            .iter()
            .find(|known| known.to_string() == region);
        self.request.region = found.ok_or_else(|| UnknownRegion {
            environment: environment.name.clone(),
            region: byref_config::shown_name(region).to_owned(),
            known: environment
                .regions
                .iter()
                .map(ToString::to_string)
                .collect(),
        })?;
        self.is_region_chosen = true;
        Ok(self)
    }

    /// Deploys by value or by reference, in place of the flag.
    #[must_use]
    pub fn scheme(self, scheme: Scheme) -> Self {
        self.overridden(&SchemeOverride::of(scheme))
    }

    /// Lets the flag decide the scheme, unless this overrides it.
    #[must_use]
    pub fn overridden(mut self, overrides: &SchemeOverride) -> Self {
        let Request {
            config,
            app,
            environment,
            ..
        } = self.request;
        self.decision = config.scheme(app, Some(&environment.name), overrides);
        self.request.scheme = self.decision.scheme;
        self
    }

    /// Sets if roles of the templates are granted the rights that their references need, in place
    /// of `grant` of the configuration.
    #[must_use]
    pub fn grant(mut self, grant: Grant) -> Self {
        self.request.grant = grant;
        self
    }

    /// Under the value scheme, writes the values of lines whose entries are references.
    #[must_use]
    pub fn references_to_values(mut self) -> Self {
        self.request.existing_references = ExistingReferences::ToValues;
        self
    }

    /// Under the value scheme, takes it as wanted that lines whose entries are references stay
    /// references.
    #[must_use]
    pub fn keep_references(mut self) -> Self {
        self.keeps_references = true;
        self
    }

    /// Removes template parameters whose last use goes.
    #[must_use]
    pub fn prune_parameters(mut self) -> Self {
        self.request.unused_parameters = UnusedParameters::Prune;
        self
    }

    /// Removes grants that no reference needs any more.
    #[must_use]
    pub fn prune_grants(mut self) -> Self {
        self.request.unneeded_grants = UnneededGrants::Prune;
        self
    }

    /// Adds an execution role where a task definition has none.
    #[must_use]
    pub fn create_execution_roles(mut self) -> Self {
        self.request.missing_roles = MissingRoles::Create;
        self
    }

    /// Writes only what roles get, for an update before the one with the references: what an
    /// application will be allowed to read does not depend on when it moves.
    #[must_use]
    pub fn grants_only(mut self) -> Self {
        self.request.content = Content::Grants;
        self.request.scheme = Scheme::Reference;
        self
    }

    /// The result will be compared with the stacks that it is deployed over.
    #[must_use]
    pub fn over_stacks(mut self) -> Self {
        self.request.baseline = Baseline::Stack;
        self
    }

    /// The secrets of the application in this environment, in the order of their lines.
    pub fn secrets(&self) -> impl Iterator<Item = Secret<'p>> + use<'p> {
        let Request {
            config,
            app,
            environment,
            ..
        } = self.request;
        let lines = app.secrets(Some(&environment.name)).into_iter();
        lines.map(move |line| Secret {
            config,
            app,
            environment,
            line,
        })
    }

    /// Returns whether references become values: [`Deployment::references_to_values`].
    pub fn turns_references_into_values(&self) -> bool {
        self.request.existing_references == ExistingReferences::ToValues
    }

    /// Returns the Regions that a result holds in: the one that was chosen, else those of the
    /// environment; with literal references the Region that they are of.
    pub fn regions(&self) -> Vec<Region> {
        if self.is_region_chosen || self.request.config.rewrite.reference == ReferenceForm::Literal
        {
            vec![self.request.region.clone()]
        } else {
            self.environment().regions.clone()
        }
    }

    /// The scheme, and the rule that decides it.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The application.
    pub fn app(&self) -> &'p App {
        self.request.app
    }

    /// The environment.
    pub fn environment(&self) -> &'p Environment {
        self.request.environment
    }

    /// All that is asked of a plan.
    pub fn request(&self) -> Request<'p> {
        self.request
    }

    /// Parses the templates to rewrite. Messages refer to each by its name. Where templates nest
    /// each other, the name must be the path: byref matches it with `TemplateURL`.
    ///
    /// # Errors
    ///
    /// All templates that don't parse.
    pub fn templates<N, T>(
        &self,
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Templates<'p>, Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let mut templates = self.documents(self.sources.clone(), Vec::new());
        templates.extend(files, DocumentRole::Written)?;
        Ok(templates)
    }

    /// Templates that were parsed already, with the sources that they and the configuration are in.
    pub fn documents(&self, sources: Sources, documents: Vec<Document>) -> Templates<'p> {
        Templates {
            deployment: self.clone(),
            sources,
            documents,
        }
    }
}
