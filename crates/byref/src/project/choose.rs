//! Choosing applications, environments and Regions.

use std::path::{Path, PathBuf};

use byref_config::{App, Environment, shown_name};
use byref_parameter::Region;

use super::Project;
use crate::error::Error;

/// A name that the configuration does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} `{name}`; {}", self.help())]
pub struct UnknownName {
    /// `application` or `environment`.
    pub kind: &'static str,
    /// The name, masked where it may be a secret.
    pub name: String,
    /// The known name that is closest to it.
    pub meant: Option<String>,
    /// The known names, in order.
    pub known: Vec<String>,
}

impl UnknownName {
    fn new<'n>(
        kind: &'static str,
        name: &str,
        known: impl Iterator<Item = &'n String> + Clone,
    ) -> Self {
        let meant = closest(name, known.clone().map(String::as_str)).map(str::to_owned);
        Self {
            kind,
            name: shown_name(name).to_owned(),
            meant,
            known: known.cloned().collect(),
        }
    }

    /// Returns "did you mean …?", or the names that there are.
    pub fn help(&self) -> String {
        match &self.meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.known.is_empty() => format!("the configuration has no {}", self.kind),
            None => format!(
                "the {}s are {}",
                self.kind,
                listed(self.known.iter().cloned())
            ),
        }
    }
}

/// Returns the known name that is closest to a name, if one is close enough to be meant: at most
/// one edit for three characters, and one more. Edits are insertions, deletions, replacements and
/// swaps of neighbours.
///
/// ```
/// assert_eq!(byref::closest("prodcution", ["development", "production"].into_iter()), Some("production"));
/// assert_eq!(byref::closest("qa", ["production"].into_iter()), None);
/// ```
pub fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    scored
        .filter(|(distance, known)| *distance <= known.len() / 3 + 1)
        .min()
        .map(|(_, known)| known)
}

/// Returns names in back-ticks, separated by commas.
pub fn listed(names: impl IntoIterator<Item = String>) -> String {
    names
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Project {
    /// Returns an application by its name.
    ///
    /// # Errors
    ///
    /// The configuration has no such application.
    pub fn app(&self, name: &str) -> Result<&App, UnknownName> {
        let apps = &self.config.apps;
        apps.get(name)
            .ok_or_else(|| UnknownName::new("application", name, apps.keys()))
    }

    /// Returns an environment by its name.
    ///
    /// # Errors
    ///
    /// The configuration has no such environment.
    pub fn environment(&self, name: &str) -> Result<&Environment, UnknownName> {
        let environments = &self.config.environments;
        environments
            .get(name)
            .ok_or_else(|| UnknownName::new("environment", name, environments.keys()))
    }

    /// Returns the application that was named; else the one that lists the templates; else the only
    /// one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where none or several are possible.
    pub fn choose_app(&self, name: Option<&str>, templates: &[PathBuf]) -> Result<&App, Error> {
        if let Some(name) = name {
            return Ok(self.app(name)?);
        }
        let apps = &self.config.apps;
        let canonical = |path: &Path| fs_err::canonicalize(path).ok();
        let chosen: Vec<PathBuf> = templates
            .iter()
            .filter_map(|path| canonical(path))
            .collect();
        let lists = |app: &&App| {
            let mut own = app
                .templates
                .iter()
                .filter_map(|template| canonical(&self.folder.join(&template.path)));
            own.any(|path| chosen.contains(&path))
        };
        let listing: Vec<&App> = apps.values().filter(lists).collect();
        let candidates = if listing.is_empty() {
            apps.values().collect()
        } else {
            listing.clone()
        };
        match (candidates.as_slice(), listing.len()) {
            ([app], _) => Ok(app),
            ([], _) => Err(Error::request(
                "the configuration has no application",
                "add `[apps.NAME]` with its secret lines",
            )),
            (several, 0) => Err(Error::request(
                "which application?",
                format!(
                    "pass `--app NAME`; the applications are {}",
                    app_names(several)
                ),
            )),
            (several, _) => Err(Error::request(
                "several applications list these templates",
                format!("pass `--app NAME`: {}", app_names(several)),
            )),
        }
    }

    /// Returns the environment that was named, or the only one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where there is none or there are several.
    pub fn choose_environment(&self, name: Option<&str>) -> Result<&Environment, Error> {
        if let Some(name) = name {
            return Ok(self.environment(name)?);
        }
        let environments = &self.config.environments;
        let mut values = environments.values();
        match (values.next(), values.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::request(
                "the configuration has no environment",
                "add `[environments.NAME]` with `account` and `regions`",
            )),
            _ => Err(Error::request(
                "which environment?",
                format!(
                    "pass `-e NAME`; the environments are {}",
                    listed(environments.keys().cloned())
                ),
            )),
        }
    }
}

/// Returns the Regions of an environment that were asked for, in the environment's order; all where
/// none was.
///
/// ```
/// # let toml = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"eu-west-1\"]\n";
/// # let project = byref::Project::parse([("deploy.toml", toml)])?;
/// let production = project.environment("production")?;
/// let regions = byref::choose_regions(production, &["eu-west-1".to_owned()])?;
/// assert_eq!(regions, ["eu-west-1".parse()?]);
/// assert!(byref::choose_regions(production, &["eu-wets-1".to_owned()]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Request`] for one that the environment does not have.
pub fn choose_regions(environment: &Environment, asked: &[String]) -> Result<Vec<Region>, Error> {
    if asked.is_empty() {
        return Ok(environment.regions.clone());
    }
    let known: Vec<String> = environment
        .regions
        .iter()
        .map(ToString::to_string)
        .collect();
    if let Some(unknown) = asked.iter().find(|asked| !known.contains(asked)) {
        let help = match closest(unknown, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its Regions are {}", listed(known)),
        };
        let message = format!(
            "`{}` is not a Region of `{}`",
            shown_name(unknown),
            environment.name
        );
        return Err(Error::request(message, help));
    }
    Ok(environment
        .regions
        .iter()
        .filter(|region| asked.contains(&region.to_string()))
        .cloned()
        .collect())
}

fn app_names(apps: &[&App]) -> String {
    listed(apps.iter().map(|app| app.name.clone()))
}
