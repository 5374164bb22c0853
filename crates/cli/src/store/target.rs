//! From what is typed to a parameter's name and its Regions.

use byref_config::{App, Environment, Reference, Scope, SecretLine, looks_pasted};
use byref_parameter::{KmsKey, ParameterName, Region};

use crate::args::store::{Place, ScopeArgument};
use crate::failure::Failure;
use byref::{Project, closest, listed};

impl From<ScopeArgument> for Scope {
    fn from(argument: ScopeArgument) -> Self {
        match argument {
            ScopeArgument::App => Self::App,
            ScopeArgument::Environment => Self::Environment,
            ScopeArgument::SharedApp => Self::SharedApp,
            ScopeArgument::Shared => Self::Shared,
        }
    }
}

/// One secret of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The parameter.
    pub(crate) name: ParameterName,
    /// Its Regions, in the order in which they are written.
    pub(crate) regions: Vec<Region>,
    /// The key that it was named by, where it was.
    pub(crate) key: Option<String>,
    /// Who shares it, where the name follows from a key.
    pub(crate) scope: Option<Scope>,
    /// The name of its secret line, where there is one.
    pub(crate) line: Option<String>,
}

/// The secrets of an application in an environment.
pub(crate) struct Targets<'p> {
    project: &'p Project,
    pub(crate) environment: &'p Environment,
    /// The application; none where the configuration has several and none was named.
    pub(crate) app: Option<&'p App>,
    /// The Regions that were asked for, in the order of the environment.
    pub(crate) regions: Vec<Region>,
    scope: Option<Scope>,
}

impl<'p> Targets<'p> {
    pub(crate) fn new(project: &'p Project, place: &Place) -> Result<Self, Failure> {
        Self::new_in(project, place, None)
    }

    /// As [`Targets::new`]; where no environment was typed, in this one.
    pub(crate) fn new_in(project: &'p Project, place: &Place, environment: Option<&str>) -> Result<Self, Failure> {
        let environment = project.choose_environment(place.environment.as_deref().or(environment))?;
        let regions = regions(environment, &place.region)?;
        let app = match &place.app {
            Some(name) => Some(project.app(name)?),
            None if project.config().apps.len() == 1 => project.config().apps.values().next(),
            None => None,
        };
        Ok(Self { project, environment, app, regions, scope: place.scope.map(Scope::from) })
    }

    /// The same in another environment, or for another application or scope.
    pub(crate) fn moved(
        &self,
        environment: Option<&str>,
        app: Option<&str>,
        scope: Option<ScopeArgument>,
    ) -> Result<Self, Failure> {
        let environment = match environment {
            Some(name) => self.project.environment(name)?,
            None => self.environment,
        };
        let app = match app {
            Some(name) => Some(self.project.app(name)?),
            None => self.app,
        };
        let regions =
            if environment.name == self.environment.name { self.regions.clone() } else { environment.regions.clone() };
        let scope = scope.map(Scope::from).or(self.scope);
        Ok(Self { project: self.project, environment, app, regions, scope })
    }

    /// The same, asking one Region.
    pub(crate) fn in_region(&self, region: &Region) -> Self {
        Self {
            project: self.project,
            environment: self.environment,
            app: self.app,
            regions: vec![region.clone()],
            scope: self.scope,
        }
    }

    /// The customer-managed key of a parameter in a Region, where the configuration has one.
    pub(crate) fn kms_key(&self, name: &ParameterName, region: &Region) -> Option<&'p KmsKey> {
        self.project.config().kms_key(self.environment, name, region)
    }

    /// The application, where a command can't do without.
    pub(crate) fn require_app(&self) -> Result<&'p App, Failure> {
        match self.app {
            Some(app) => Ok(app),
            None => Ok(self.project.choose_app(None, &[])?),
        }
    }

    /// The secret that was typed: the name of a secret line, a key, or a full name.
    pub(crate) fn one(&self, secret: &str, is_full_name: bool) -> Result<Target, Failure> {
        if is_full_name || secret.starts_with('/') {
            let name = secret.parse::<ParameterName>().map_err(|error| {
                Failure::usage(
                    format!("what is given as SECRET is no parameter's name: {error}"),
                    "for example `/production/web/db-password`",
                )
            })?;
            return Ok(Target { name, regions: self.regions.clone(), key: None, scope: None, line: None });
        }
        let line = self
            .app
            .filter(|_| self.scope.is_none())
            .and_then(|app| app.secrets(Some(&self.environment.name)).into_iter().find(|line| line.name == secret));
        match (self.app, line) {
            (Some(app), Some(line)) => self.of_line(app, line),
            _ => self.of_key(secret),
        }
    }

    /// The secret of a line.
    pub(crate) fn of_line(&self, app: &App, line: &SecretLine) -> Result<Target, Failure> {
        let position = || self.project.sources().position(line.name_location);
        let reference = self.project.config().reference(app, self.environment, line).map_err(|error| {
            Failure::usage(format!("`{}` ({}) gives no valid name: {error}", line.name, position()), "correct the line")
        })?;
        let (key, scope) = match &line.target {
            byref_config::Target::Key { key, scope } => (Some(key.clone()), Some(*scope)),
            _ => (None, None),
        };
        let line_name = Some(line.name.clone());
        match reference {
            Reference::Parameter(name, _) => {
                Ok(Target { name, regions: self.regions.clone(), key, scope, line: line_name })
            }
            Reference::Arn(arn) => {
                Ok(Target { name: arn.name, regions: vec![arn.region], key, scope, line: line_name })
            }
            Reference::SecretsManager(_) => Err(Failure::usage(
                format!("`{}` ({}) is kept in Secrets Manager", line.name, position()),
                "byref refers to such secrets and does not manage them: use `aws secretsmanager`",
            )),
        }
    }

    fn of_key(&self, key: &str) -> Result<Target, Failure> {
        let scope = self.scope.unwrap_or_default();
        let pattern = self.project.config().names.pattern(scope);
        if pattern.contains("{app}") {
            self.require_app()?;
        }
        let app = self.app.map_or("", |app| app.name.as_str());
        let text = pattern.replace("{environment}", &self.environment.name).replace("{app}", app).replace("{key}", key);
        if looks_pasted(key) {
            return Err(Failure::usage(
                "SECRET is not a valid key: it looks like a value",
                "name the secret; the value comes on standard input, from `--file`, or from the prompt",
            ));
        }
        let name = text.parse().map_err(|error| {
            Failure::usage(
                format!("SECRET is not a valid key: {error}"),
                "a key has letters, digits, `.`, `-` and `_`; the value comes on standard input",
            )
        })?;
        Ok(Target { name, regions: self.regions.clone(), key: Some(key.to_owned()), scope: Some(scope), line: None })
    }

    /// The path below which a scope's secrets of this environment and application are.
    pub(crate) fn path(&self) -> Result<ParameterName, Failure> {
        let scope = self.scope.unwrap_or_default();
        let pattern = self.project.config().names.pattern(scope);
        let no_path = || {
            Failure::usage(
                format!("the names of scope `{}` have no path before the key", scope.as_str()),
                "name a path, such as `/production`",
            )
        };
        // Without an application: those of all of them.
        let end = if self.app.is_none() && pattern.contains("{app}") { "{app}" } else { "{key}" };
        let start = pattern.split(end).next().unwrap_or_default();
        let app = self.app.map_or("", |app| app.name.as_str());
        let text = start.replace("{environment}", &self.environment.name).replace("{app}", app);
        let path = text.rsplit_once('/').map_or("", |(path, _)| path);
        if path.is_empty() { Err(no_path()) } else { path.parse().map_err(|_| no_path()) }
    }

    /// The paths below which all names are that the configuration's patterns can give in this environment; none of
    /// them is below another.
    pub(crate) fn reachable_paths(&self) -> Vec<ParameterName> {
        let start_of = |scope| {
            let filled = self.project.config().names.pattern(scope).replace("{environment}", &self.environment.name);
            let fixed = filled.split(['{']).next().unwrap_or_default();
            fixed.rsplit_once('/').and_then(|(path, _)| path.parse().ok())
        };
        let mut paths: Vec<ParameterName> = Scope::ALL.into_iter().filter_map(start_of).collect();
        paths.sort();
        paths.dedup();
        let all = paths.clone();
        let is_below = |path: &ParameterName, other: &ParameterName| {
            path.as_str().strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        paths.retain(|path| !all.iter().any(|other| is_below(path, other)));
        paths
    }
}

/// The Regions that were asked for, in the order of the environment.
pub(crate) fn regions(environment: &Environment, asked: &[String]) -> Result<Vec<Region>, Failure> {
    if asked.is_empty() {
        return Ok(environment.regions.clone());
    }
    let known: Vec<String> = environment.regions.iter().map(ToString::to_string).collect();
    if let Some(unknown) = asked.iter().find(|asked| !known.contains(asked)) {
        let help = match closest(unknown, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its Regions are {}", listed(known)),
        };
        return Err(Failure::usage(
            format!("`{}` is none of the Regions of `{}`", byref_config::shown_name(unknown), environment.name),
            help,
        ));
    }
    Ok(environment.regions.iter().filter(|region| asked.contains(&region.to_string())).cloned().collect())
}
