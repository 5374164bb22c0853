//! One secret, from its line in the configuration to its places in the templates.

use byref_config::{Reference, SecretLine, Target, shown_name};
use byref_template::Diagnostic;
use serde::Serialize;

use crate::change::outcome;
use crate::deployment::Deployment;
use crate::error::Error;
use crate::mistakes::Place;
use crate::project::{Project, closest, listed};
use crate::render::escape::line;
use crate::render::summary::{role, verdict};
use crate::rewritten::Rewritten;

/// The trace of one secret: its line, parameter name, ARNs, scheme, containers and roles.
/// Serialises without a value; keys are only ever added.
///
/// ```
/// use byref::{Answers, Rewritten, Trace};
/// # use byref::Project;
/// # let toml = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"reference\"\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\n";
/// # let yaml = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: web\n          Environment:\n            - {Name: DB_PASSWORD, Value: not-a-secret}\n";
/// let mut project = Project::parse([("deploy.toml", toml)])?;
/// let documents = project.parse_templates([("web.yaml", yaml)])?;
/// let deployment = project.deployment("web", "production")?;
/// let offline = |_: &[byref::Question]| Ok::<_, byref::Error>(Answers::none());
/// let rewritten = Rewritten::new(&project, &deployment, &documents, offline)?;
/// let line = deployment.secret_line("DB_PASSWORD")?;
/// let trace = Trace::new(&project, &deployment, line, &rewritten);
/// assert!(trace.text().contains("arn:aws:ssm:us-west-2:111122223333:parameter/production/web/db-password"));
/// # Ok::<(), byref::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    name: String,
    line: Place,
    app: String,
    environment: String,
    scope: Option<&'static str>,
    pattern: Option<String>,
    reference: String,
    arns: Vec<ArnOf>,
    scheme: &'static str,
    rule: &'static str,
    rule_line: Option<Place>,
    containers: Vec<ContainerOf>,
    roles: Vec<RoleOf>,
    #[serde(skip)]
    diagnostics: Vec<Diagnostic>,
}

/// The parameter's ARN in one Region, or the reason why there is none.
#[derive(Clone, Debug, Serialize)]
struct ArnOf {
    region: String,
    arn: String,
}

/// A container that gets the secret.
#[derive(Clone, Debug, Serialize)]
struct ContainerOf {
    task_definition: String,
    container: String,
    place: Place,
    outcome: String,
}

/// A right that a role needs for the secret.
#[derive(Clone, Debug, Serialize)]
struct RoleOf {
    task_definition: String,
    container: String,
    role: String,
    action: &'static str,
    verdict: &'static str,
    granted: bool,
    text: String,
}

impl Trace {
    /// Traces one secret line of a deployment through its rewritten templates.
    pub fn new(
        project: &Project,
        deployment: &Deployment<'_>,
        line: &SecretLine,
        rewritten: &Rewritten,
    ) -> Self {
        let plan = &rewritten.plan;
        let shown = |name: &str| plan.known.shown(name).to_owned();
        let mut trace = of_line(project, deployment, line);
        for binding in plan
            .bindings
            .iter()
            .filter(|binding| binding.secret == line.name)
        {
            trace.containers.push(ContainerOf {
                task_definition: shown(&binding.task_definition),
                container: shown(&binding.container),
                place: Place::of(project.sources(), binding.location),
                outcome: outcome(binding),
            });
        }
        for access in &plan.access {
            let binding = &plan.bindings[access.binding];
            if binding.secret == line.name {
                trace.roles.push(RoleOf {
                    task_definition: shown(&binding.task_definition),
                    container: shown(&binding.container),
                    role: shown(role(&access.role)),
                    action: access.action,
                    verdict: access.verdict.as_str(),
                    granted: access.is_granted,
                    text: verdict(access),
                });
            }
        }
        let is_own = |message: &&Diagnostic| message.secrets.contains(&line.name);
        trace.diagnostics = rewritten
            .diagnostics
            .iter()
            .filter(is_own)
            .cloned()
            .collect();
        trace
    }

    /// Returns the messages of the rewrite that are about the secret.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns the trace as lines.
    pub fn text(&self) -> String {
        let mut text = String::new();
        line!(
            text,
            "{}  {} of {} in {}",
            self.name,
            self.line,
            self.app,
            self.environment
        );
        let mut row = |label: &str, value: String| {
            line!(text, "  {label:10} {value}");
        };
        match (&self.scope, &self.pattern) {
            (Some(scope), Some(pattern)) => row("scope", format!("{scope}: {pattern}")),
            _ => row("scope", "none: the line gives a full name".to_owned()),
        }
        row("refers to", self.reference.clone());
        for arn in &self.arns {
            row(&arn.region, arn.arn.clone());
        }
        let rule_line = self
            .rule_line
            .as_ref()
            .map(|line| format!("  {line}"))
            .unwrap_or_default();
        row(
            "scheme",
            format!("by {}: {}{rule_line}", self.scheme, self.rule),
        );
        if self.containers.is_empty() {
            row("containers", "none".to_owned());
        }
        for container in &self.containers {
            row(
                "container",
                format!(
                    "{}/{}  {}  {}",
                    container.task_definition,
                    container.container,
                    container.outcome,
                    container.place
                ),
            );
        }
        for role in &self.roles {
            let RoleOf {
                task_definition,
                container,
                role,
                action,
                text,
                ..
            } = role;
            row(
                "role",
                format!("{role} of {task_definition}/{container}  {action}  {text}"),
            );
        }
        text
    }
}

impl<'p> Deployment<'p> {
    /// Returns a secret line by the name of its environment variable.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the application has no such secret, with the name that was probably
    /// meant.
    pub fn secret_line(&self, name: &str) -> Result<&'p SecretLine, Error> {
        let lines = self.app().secrets(Some(&self.environment().name));
        lines
            .iter()
            .find(|line| line.name == name)
            .copied()
            .ok_or_else(|| {
                let names = lines.iter().map(|line| line.name.as_str());
                let help = match closest(name, names.clone()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("its secrets are {}", listed(names.map(str::to_owned))),
                };
                Error::request(
                    format!("`{}` has no secret `{}`", self.app().name, shown_name(name)),
                    help,
                )
            })
    }
}

/// Traces a line as far as the configuration tells: the parameter in every Region, and the rule
/// that decides the scheme.
fn of_line(project: &Project, choice: &Deployment<'_>, line: &SecretLine) -> Trace {
    let config = project.config();
    let environment = choice.environment();
    let (scope, pattern) = match &line.target {
        Target::Key { scope, .. } => (
            Some(scope.as_str()),
            Some(config.names.pattern(*scope).to_owned()),
        ),
        Target::Name(_) | Target::Arn(_) | Target::SecretsManager(_) => (None, None),
    };
    let reference = config.reference(choice.app(), environment, line);
    let arns = environment.regions.iter().map(|region| {
        let arn = match &reference {
            Ok(Reference::Parameter(name, _)) => {
                environment.parameter_arn(name, region).to_string()
            }
            Ok(other) => other.to_string(),
            Err(error) => error.to_string(),
        };
        ArnOf {
            region: region.to_string(),
            arn,
        }
    });
    Trace {
        name: line.name.clone(),
        line: Place::of(project.sources(), line.name_location),
        app: choice.app().name.clone(),
        environment: environment.name.clone(),
        scope,
        pattern,
        reference: reference
            .as_ref()
            .map_or_else(ToString::to_string, ToString::to_string),
        arns: arns.collect(),
        scheme: choice.decision().scheme.as_str(),
        rule: choice.decision().rule.describe(),
        rule_line: choice
            .decision()
            .rule
            .location()
            .map(|location| Place::of(project.sources(), location)),
        containers: Vec::new(),
        roles: Vec::new(),
        diagnostics: Vec::new(),
    }
}
