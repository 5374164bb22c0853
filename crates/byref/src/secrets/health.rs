//! The comparison of secrets between the Regions of an environment.
//!
//! A write goes to all Regions or to none, but a write by another tool does not. This comparison
//! finds the secrets whose Regions have come apart.
//!
//! The first Region that has a secret is the one that others are compared with. It is not right
//! because of that: the report tells that Regions differ, and only a person knows which of them is
//! right. Values are decrypted for the comparison and are not in the report.

use std::collections::{BTreeMap, BTreeSet};

use byref_config::App;
use byref_parameter::{ParameterName, Region};
use byref_store::{Description, Parameter, ParameterStore, Selection, StoreError};
use futures_util::future::join_all;
use serde::Serialize;

use super::serialized;
use super::target::{Target, Targets};
use crate::check::{Keys, is_key};
use crate::error::Error;
use crate::render::escape::line;

/// The state of a secret in one Region, compared with the first Region that has it. Words are only
/// ever added.
///
/// Of several differences the first in this order is reported: missing, type, value, key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionHealth {
    /// The Region has the same value and type, and the key of the configuration as far as byref
    /// compared it.
    Right,
    /// The Region does not have the secret.
    Missing,
    /// The Region has another value.
    OtherValue,
    /// The Region has another type.
    OtherType,
    /// The Region has another KMS key than the configuration says.
    OtherKey,
}

impl RegionHealth {
    fn label(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Missing => "missing",
            Self::OtherValue => "another value",
            Self::OtherType => "another type",
            Self::OtherKey => "another key",
        }
    }
}

/// The state of one secret in every Region. Keys are only ever added.
///
/// A secret that no Region has is missing in all of them.
#[derive(Clone, Debug, Serialize)]
pub struct HealthRow {
    /// The name of the parameter.
    #[serde(serialize_with = "serialized::text")]
    pub name: ParameterName,
    /// The state in each Region.
    #[serde(serialize_with = "serialized::by_region")]
    pub regions: BTreeMap<Region, RegionHealth>,
}

impl HealthRow {
    fn is_healthy(&self) -> bool {
        self.regions
            .values()
            .all(|health| *health == RegionHealth::Right)
    }
}

/// The comparison of several secrets, by name. Serialises as the list of its rows.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct HealthReport {
    /// The secrets, sorted by name.
    pub rows: Vec<HealthRow>,
    /// The Regions whose KMS keys were not compared, each with the reason.
    #[serde(skip)]
    pub keys_not_compared: Vec<(Region, StoreError)>,
}

/// The secrets that are compared.
#[derive(Clone, Debug)]
enum Subject {
    Names(Vec<ParameterName>),
    Path(ParameterName),
}

/// A comparison of secrets between the chosen Regions of an environment.
///
/// ```
/// use byref::secrets::{HealthCheck, TargetSelection, Targets, WritePlan};
/// # use byref::store::{Access, FileStore, StoreKey};
/// # use byref::{Project, SecretValue};
/// # use age::secrecy::ExposeSecret as _;
/// # let toml = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"eu-west-1\"]\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\n";
/// # let project = Project::parse([("deploy.toml", toml)])?;
/// # let identity = age::x25519::Identity::generate().to_string();
/// # let folder = tempfile::tempdir()?;
/// # let key = StoreKey::parse(identity.expose_secret())?;
/// # let account = "111122223333".parse()?;
/// # let store = FileStore::open(&folder.path().join("secrets.age"), key, Access::CreateIfAbsent, "me".to_owned(), account)?;
/// # let value = SecretValue::new("not-a-secret-1".to_owned());
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
///
/// let targets = Targets::new(&project, &TargetSelection::default())?;
/// let here = targets.in_region(&"us-west-2".parse()?);
/// let write = here.write(here.find("DB_PASSWORD")?, value);
/// let plan = WritePlan::new(&store, vec![write]).await?;
/// plan.carry_out(&store, "production", || false, |_| {}).await?;
///
/// let report = HealthCheck::of_lines(&targets).run(&store).await?; // both Regions
/// assert_eq!(
///     report.text(),
///     "/production/web/db-password  eu-west-1 missing\n0 of 1 secrets are the same in every Region\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HealthCheck<'t, 'p> {
    targets: &'t Targets<'p>,
    subject: Subject,
    keys: Keys,
}

impl<'t, 'p> HealthCheck<'t, 'p> {
    /// Compares all secrets that lines of the application, or of all applications, refer to in the
    /// environment. Lines with an ARN are left out: they mean one Region.
    pub fn of_lines(targets: &'t Targets<'p>) -> Self {
        let apps: Vec<&App> = match targets.app() {
            Some(app) => vec![app],
            None => targets.project().config().apps.values().collect(),
        };
        let mut names = BTreeSet::new();
        for app in apps {
            let lines = app.secrets(Some(&targets.environment().name)).into_iter();
            let targets_of_lines = lines.filter_map(|line| targets.of_line(app, line).ok());
            let in_all_regions =
                targets_of_lines.filter(|target| target.regions == targets.regions());
            names.extend(in_all_regions.map(|target| target.name));
        }
        Self::new(targets, Subject::Names(names.into_iter().collect()))
    }

    /// Compares one secret.
    pub fn of_secret(targets: &'t Targets<'p>, target: Target) -> Self {
        Self::new(targets, Subject::Names(vec![target.name]))
    }

    /// Compares all secrets below a path, declared or not.
    ///
    /// It finds secrets that one Region has and no line declares, which [`HealthCheck::of_lines`]
    /// cannot know.
    pub fn below(targets: &'t Targets<'p>, path: ParameterName) -> Self {
        Self::new(targets, Subject::Path(path))
    }

    fn new(targets: &'t Targets<'p>, subject: Subject) -> Self {
        let keys = if targets.environment().kms_keys.is_empty() {
            Keys::Skip
        } else {
            Keys::Compare
        };
        Self {
            targets,
            subject,
            keys,
        }
    }

    /// Compares KMS keys too, which needs `ssm:DescribeParameters`. Default: only if the
    /// environment has a `kms-key`.
    #[must_use]
    pub fn with_keys(self) -> Self {
        Self {
            keys: Keys::Compare,
            ..self
        }
    }

    /// Returns the number of parameters that the store is asked for; `None` if it is not known
    /// before.
    pub fn parameters(&self) -> Option<u64> {
        match &self.subject {
            Subject::Names(names) => Some((names.len() * self.targets.regions().len()) as u64),
            Subject::Path(_) => None,
        }
    }

    /// Reads all Regions at once and compares them.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the values of any Region cannot be read. KMS keys that cannot be read
    /// are not compared.
    pub async fn run<S: ParameterStore>(&self, store: &S) -> Result<HealthReport, Error> {
        let asked = self
            .targets
            .regions()
            .iter()
            .map(|region| self.read(store, region.clone()));
        let contents = join_all(asked)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let rows = self.rows(&contents);
        let not_compared = |content: RegionContent| Some((content.region, content.not_described?));
        Ok(HealthReport {
            rows,
            keys_not_compared: contents.into_iter().filter_map(not_compared).collect(),
        })
    }

    async fn read<S: ParameterStore>(
        &self,
        store: &S,
        region: Region,
    ) -> Result<RegionContent, StoreError> {
        let parameters = match &self.subject {
            Subject::Names(names) => store.read(&region, names).await?,
            Subject::Path(path) => store.list_values(&region, path).await?,
        };
        let parameters: BTreeMap<_, _> = parameters
            .into_iter()
            .map(|parameter| (parameter.found.name.clone(), parameter))
            .collect();
        let mut content = RegionContent {
            region,
            parameters,
            keys: BTreeMap::new(),
            not_described: None,
        };
        let names: Vec<ParameterName> = content.parameters.keys().cloned().collect();
        if self.keys == Keys::Compare && !names.is_empty() {
            match store
                .describe(&content.region, Selection::Names(&names))
                .await
            {
                Ok(list) => {
                    let key =
                        |description: Description| Some((description.found.name, description.key?));
                    content.keys = list.into_iter().filter_map(key).collect();
                }
                Err(error) => content.not_described = Some(error),
            }
        }
        Ok(content)
    }

    fn rows(&self, contents: &[RegionContent]) -> Vec<HealthRow> {
        let mut names: BTreeSet<&ParameterName> = contents
            .iter()
            .flat_map(|content| content.parameters.keys())
            .collect();
        if let Subject::Names(asked) = &self.subject {
            names.extend(asked);
        }
        let row = |name: &ParameterName| {
            let first = contents
                .iter()
                .find_map(|content| content.parameters.get(name));
            let health = |content: &RegionContent| {
                (content.region.clone(), self.health(name, content, first))
            };
            HealthRow {
                name: name.clone(),
                regions: contents.iter().map(health).collect(),
            }
        };
        names.into_iter().map(row).collect()
    }

    fn health(
        &self,
        name: &ParameterName,
        content: &RegionContent,
        first: Option<&Parameter>,
    ) -> RegionHealth {
        let (Some(own), Some(first)) = (content.parameters.get(name), first) else {
            return RegionHealth::Missing;
        };
        let is_own_key = |key: &String| is_key(key, self.targets.kms_key(name, &content.region));
        if own.found.kind != first.found.kind {
            RegionHealth::OtherType
        } else if own.value != first.value {
            RegionHealth::OtherValue
        } else if content.keys.get(name).and_then(is_own_key) == Some(false) {
            RegionHealth::OtherKey
        } else {
            RegionHealth::Right
        }
    }
}

/// The content of one Region; keys only if they are compared.
struct RegionContent {
    region: Region,
    parameters: BTreeMap<ParameterName, Parameter>,
    keys: BTreeMap<ParameterName, String>,
    not_described: Option<StoreError>,
}

impl HealthReport {
    /// Returns the number of secrets that differ between the Regions.
    pub fn unhealthy(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_healthy()).count()
    }

    /// Returns the report as text: a line for each secret that differs, and a summary.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for row in self.rows.iter().filter(|row| !row.is_healthy()) {
            let wrong = row
                .regions
                .iter()
                .filter(|(_, health)| **health != RegionHealth::Right);
            let states: Vec<String> = wrong
                .map(|(region, health)| format!("{region} {}", health.label()))
                .collect();
            line!(text, "{}  {}", row.name, states.join(", "));
        }
        let (all, unhealthy) = (self.rows.len(), self.unhealthy());
        line!(
            text,
            "{} of {all} secrets are the same in every Region",
            all - unhealthy
        );
        text
    }
}
