//! From the name that a user gives a secret to its parameter and Regions.
//!
//! | name | parameter with the default patterns |
//! | --- | --- |
//! | `DB_PASSWORD`, a line of `web` | that of the line: `/production/web/db-password` |
//! | `db-password` | a key: `/production/web/db-password` |
//! | `/shared/token` | itself |
//! | `SecretName::Full("production.token")` | `production.token` |
//!
//! The line comes first, because it may refer to any parameter; a key is put into the pattern of
//! the scope. Nothing is looked up in a store: a target may not exist there.

use byref_config::{App, Environment, Reference, Scope, SecretLine, looks_pasted};
use byref_parameter::{KmsKey, ParameterName, Region};

use crate::error::Error;
use crate::project::{Project, choose_regions};

/// A secret as a user names it.
///
/// A string slice converts to [`SecretName::Short`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretName<'n> {
    /// The name of a secret line (`DB_PASSWORD`), a key (`db-password`), or a full name with a
    /// leading slash (`/production/web/db-password`). A secret line has precedence over a key of
    /// the same text.
    Short(&'n str),
    /// The full name of a parameter, even without a leading slash (`production.db-password`).
    Full(&'n str),
}

impl<'n> SecretName<'n> {
    /// Returns the text of the name.
    pub fn text(self) -> &'n str {
        match self {
            Self::Short(text) | Self::Full(text) => text,
        }
    }

    /// Returns whether the name is a full name, which needs no secret line.
    pub fn is_full(self) -> bool {
        match self {
            Self::Short(text) => text.starts_with('/'),
            Self::Full(_) => true,
        }
    }
}

impl<'n> From<&'n str> for SecretName<'n> {
    fn from(text: &'n str) -> Self {
        Self::Short(text)
    }
}

/// One secret of an environment: its parameter, and the Regions that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name of the parameter.
    pub name: ParameterName,
    /// The Regions, in the order in which they are written. Never empty.
    pub regions: Vec<Region>,
    /// The key that the name was made of; `None` for a full name or an ARN.
    pub key: Option<String>,
    /// The scope whose pattern made the name; `None` for a full name or an ARN.
    pub scope: Option<Scope>,
    /// The name of the secret line; `None` for a secret that no line of the application declares.
    pub line: Option<String>,
}

impl Target {
    /// Returns the Region that reads go to: the first one.
    pub fn first_region(&self) -> &Region {
        &self.regions[0]
    }
}

/// The choice of an application, an environment, a scope and Regions, by their names; everything
/// has a default.
#[derive(Clone, Debug, Default)]
pub struct TargetSelection {
    /// The environment. Default: the only one of the configuration.
    pub environment: Option<String>,
    /// The application. Default: the only one of the configuration; with several, none, and
    /// operations that need one fail.
    pub app: Option<String>,
    /// The scope of keys. Default: the application in the environment. With a scope, names of
    /// secret lines are not looked up.
    pub scope: Option<Scope>,
    /// The Regions. Default, for an empty list: all Regions of the environment.
    pub regions: Vec<String>,
}

/// The secrets of an application in an environment.
///
/// ```
/// use byref::Project;
/// use byref::secrets::{TargetSelection, Targets};
///
/// let toml = r#"
/// [environments.production]
/// account = "111122223333"
/// regions = ["us-west-2", "eu-west-1"]
///
/// [flag]
/// default = "reference"
///
/// [apps.web.secrets]
/// DB_PASSWORD = "db-password"
/// "#;
/// let project = Project::parse([("deploy.toml", toml)])?;
/// let targets = Targets::new(&project, &TargetSelection::default())?;
///
/// let target = targets.find("DB_PASSWORD")?;
/// assert_eq!(target.name.as_str(), "/production/web/db-password");
/// assert_eq!(target.regions.len(), 2);
/// assert_eq!(targets.find("other-key")?.name.as_str(), "/production/web/other-key");
/// assert_eq!(targets.find("/shared/token")?.name.as_str(), "/shared/token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Targets<'p> {
    project: &'p Project,
    environment: &'p Environment,
    app: Option<&'p App>,
    regions: Vec<Region>,
    scope: Option<Scope>,
}

impl<'p> Targets<'p> {
    /// Chooses from a configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a name that the configuration does not have, and if it has several
    /// environments and the selection names none.
    pub fn new(project: &'p Project, selection: &TargetSelection) -> Result<Self, Error> {
        let environment = project.choose_environment(selection.environment.as_deref())?;
        let regions = choose_regions(environment, &selection.regions)?;
        let apps = &project.config().apps;
        let app = match &selection.app {
            Some(name) => Some(project.app(name)?),
            None if apps.len() == 1 => apps.values().next(),
            None => None,
        };
        Ok(Self {
            project,
            environment,
            app,
            regions,
            scope: selection.scope,
        })
    }

    /// Returns the configuration.
    pub fn project(&self) -> &'p Project {
        self.project
    }

    /// Returns the environment, whose account and Regions hold the secrets.
    pub fn environment(&self) -> &'p Environment {
        self.environment
    }

    /// Returns the application; `None` if the configuration has several and the selection names
    /// none.
    pub fn app(&self) -> Option<&'p App> {
        self.app
    }

    /// Returns the chosen Regions, in the order of the environment.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Returns the same application and scope in another environment, in all its Regions. The
    /// environment's own name leaves the Regions as they are.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for an environment that the configuration does not have.
    ///
    /// Used for a comparison or a copy between environments: `targets.in_environment("staging")?`
    /// has the same application, in the Regions of `staging`.
    pub fn in_environment(&self, name: &str) -> Result<Self, Error> {
        let environment = self.project.environment(name)?;
        let is_same = environment.name == self.environment.name;
        let regions = if is_same {
            self.regions.clone()
        } else {
            environment.regions.clone()
        };
        Ok(Self {
            environment,
            regions,
            ..self.clone()
        })
    }

    /// Returns the same for another application.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for an application that the configuration does not have.
    pub fn of_app(&self, name: &str) -> Result<Self, Error> {
        Ok(Self {
            app: Some(self.project.app(name)?),
            ..self.clone()
        })
    }

    /// Returns the same with keys of another scope.
    #[must_use]
    pub fn in_scope(&self, scope: Scope) -> Self {
        Self {
            scope: Some(scope),
            ..self.clone()
        }
    }

    /// Returns the same in one Region.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        Self {
            regions: vec![region.clone()],
            ..self.clone()
        }
    }

    /// Returns the customer managed key that the configuration has for a parameter in a Region.
    pub fn kms_key(&self, name: &ParameterName, region: &Region) -> Option<&'p KmsKey> {
        self.project
            .config()
            .kms_key(self.environment, name, region)
    }

    /// Returns the application.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the configuration has several and the selection names none.
    pub fn require_app(&self) -> Result<&'p App, Error> {
        self.app
            .map_or_else(|| self.project.choose_app(None, &[]), Ok)
    }

    /// Returns the secret lines of the application in the environment, in the order of the
    /// configuration.
    ///
    /// # Errors
    ///
    /// As of [`Targets::require_app`].
    pub fn lines(&self) -> Result<Vec<&'p SecretLine>, Error> {
        Ok(self.require_app()?.secrets(Some(&self.environment.name)))
    }

    /// Returns the secret with a name.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the name gives no valid parameter name, looks like a pasted value
    /// (which the error does not repeat), or belongs to a line for Secrets Manager; and for a key
    /// that needs an application, if none is chosen.
    pub fn find<'n>(&self, name: impl Into<SecretName<'n>>) -> Result<Target, Error> {
        let name = name.into();
        if name.is_full() {
            return self.of_full_name(name.text());
        }
        match self.line(name.text()) {
            Some((app, line)) => self.of_line(app, line),
            None => self.of_key(name.text()),
        }
    }

    /// Returns the line of the application with a name, unless the names are keys of another scope.
    fn line(&self, name: &str) -> Option<(&'p App, &'p SecretLine)> {
        let app = self.app.filter(|_| self.scope.is_none())?;
        let line = app
            .secrets(Some(&self.environment.name))
            .into_iter()
            .find(|line| line.name == name)?;
        Some((app, line))
    }

    fn of_full_name(&self, text: &str) -> Result<Target, Error> {
        let name = text.parse::<ParameterName>().map_err(|error| {
            Error::request(
                format!("SECRET is not a valid parameter name: {error}"),
                "for example `/production/web/db-password`",
            )
        })?;
        Ok(self.of_parameter(name))
    }

    /// Returns a parameter, in the chosen Regions.
    pub fn of_parameter(&self, name: ParameterName) -> Target {
        Target {
            name,
            regions: self.regions.clone(),
            key: None,
            scope: None,
            line: None,
        }
    }

    /// Returns the secret of a line. A line with an ARN has the Region of its ARN, whatever was
    /// chosen.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the line gives no valid parameter name or refers to Secrets Manager.
    pub fn of_line(&self, app: &App, line: &SecretLine) -> Result<Target, Error> {
        let position = || self.project.sources().position(line.name_location);
        let reference = self
            .project
            .config()
            .reference(app, self.environment, line)
            .map_err(|error| {
                Error::request(
                    format!(
                        "`{}` ({}) does not give a valid name: {error}",
                        line.name,
                        position()
                    ),
                    "correct the line",
                )
            })?;
        let (key, scope) = match &line.target {
            byref_config::Target::Key { key, scope } => (Some(key.clone()), Some(*scope)),
            _ => (None, None),
        };
        let (name, regions) = match reference {
            Reference::Parameter(name, _) => (name, self.regions.clone()),
            Reference::Arn(arn) => (arn.name, vec![arn.region]),
            Reference::SecretsManager(_) => {
                return Err(Error::request(
                    format!(
                        "`{}` ({}) is kept in Secrets Manager",
                        line.name,
                        position()
                    ),
                    "byref refers to such secrets and does not manage them: use `aws secretsmanager`",
                ));
            }
        };
        Ok(Target {
            name,
            regions,
            key,
            scope,
            line: Some(line.name.clone()),
        })
    }

    /// Returns the secret of a key in the chosen scope.
    ///
    /// The error never repeats the key: a user who forgets the name types the value in its place.
    fn of_key(&self, key: &str) -> Result<Target, Error> {
        let scope = self.scope.unwrap_or_default();
        let pattern = self.project.config().names.pattern(scope);
        if pattern.contains("{app}") {
            self.require_app()?;
        }
        let text = self.filled(pattern).replace("{key}", key);
        if looks_pasted(key) {
            return Err(Error::request(
                "SECRET is not a valid key: it looks like a value",
                "name the secret; the value comes on standard input, from `--file`, or from the prompt",
            ));
        }
        let name = text.parse().map_err(|error| {
            Error::request(
                format!("SECRET is not a valid key: {error}"),
                "a key has letters, digits, `.`, `-` and `_`; the value comes on standard input",
            )
        })?;
        Ok(Target {
            name,
            regions: self.regions.clone(),
            key: Some(key.to_owned()),
            scope: Some(scope),
            line: None,
        })
    }

    /// Replaces the environment and the application in a pattern, and leaves the key.
    fn filled(&self, pattern: &str) -> String {
        let app = self.app.map_or("", |app| app.name.as_str());
        pattern
            .replace("{environment}", &self.environment.name)
            .replace("{app}", app)
    }

    /// Returns the path above the secrets of the chosen scope, such as `/production/web`; without
    /// an application the path above those of all applications.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the names of the scope have no path before the key.
    ///
    /// | chosen | pattern | path |
    /// | --- | --- | --- |
    /// | application `web` | `/{environment}/{app}/{key}` | `/production/web` |
    /// | no application | `/{environment}/{app}/{key}` | `/production` |
    /// | any | `{environment}.{key}` | none: an error |
    pub fn path(&self) -> Result<ParameterName, Error> {
        let scope = self.scope.unwrap_or_default();
        let pattern = self.project.config().names.pattern(scope);
        let end = if self.app.is_none() && pattern.contains("{app}") {
            "{app}"
        } else {
            "{key}"
        };
        let text = self.filled(pattern.split(end).next().unwrap_or_default());
        let path = text.rsplit_once('/').map(|(path, _)| path);
        path.and_then(|path| path.parse().ok()).ok_or_else(|| {
            Error::request(
                format!(
                    "the names of scope `{}` have no path before the key",
                    scope.as_str()
                ),
                "name a path, such as `/production`",
            )
        })
    }

    /// Returns the paths above all names that the patterns of the configuration can give in the
    /// environment, sorted; none of them is below another.
    pub fn reachable_paths(&self) -> Vec<ParameterName> {
        let path_of = |scope| {
            let filled = self
                .project
                .config()
                .names
                .pattern(scope)
                .replace("{environment}", &self.environment.name);
            let fixed = filled.split('{').next().unwrap_or_default();
            fixed
                .rsplit_once('/')
                .and_then(|(path, _)| path.parse().ok())
        };
        let mut paths: Vec<ParameterName> = Scope::ALL.into_iter().filter_map(path_of).collect();
        paths.sort();
        paths.dedup();
        let all = paths.clone();
        let is_below = |path: &ParameterName, other: &ParameterName| {
            path.as_str()
                .strip_prefix(other.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        paths.retain(|path| !all.iter().any(|other| is_below(path, other)));
        paths
    }

    /// Returns the secret lines of all applications that refer to a parameter in the environment,
    /// each with its application. Lines that give no valid name, and those for Secrets Manager,
    /// refer to none.
    ///
    /// Looks at every line of every application: some hundreds, and no request.
    pub fn lines_of(&self, name: &ParameterName) -> Vec<(&'p App, &'p SecretLine)> {
        let environment = Some(self.environment.name.as_str());
        let apps = self.project.config().apps.values();
        let lines = apps.flat_map(|app| {
            app.secrets(environment)
                .into_iter()
                .map(move |line| (app, line))
        });
        lines
            .filter(|(app, line)| {
                self.of_line(app, line)
                    .is_ok_and(|target| target.name == *name)
            })
            .collect()
    }
}

/// Parses a path above parameters, such as `/production`; a slash at its end is ignored.
///
/// # Errors
///
/// [`Error::Request`] for a text without a leading slash, or one that is not a valid parameter
/// name.
pub fn parse_path(path: &str) -> Result<ParameterName, Error> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let is_path = trimmed.starts_with('/');
    trimmed.parse().ok().filter(|_| is_path).ok_or_else(|| {
        Error::request(
            "PATH is not a path of parameters",
            "for example `/production` or `/production/web`",
        )
    })
}
