//! `byref secret health`

use byref_config::App;
use byref_parameter::{ParameterName, Region};
use byref_store::{Parameter, ParameterStore as _, Selection, StoreError};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use super::list::parse_path;
use crate::args::secret::Health;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, note, write_text};
use crate::store::{Progress, Store, Stores, Targets, block_on};
use byref::Project;
use byref::check::is_key;
use byref::render::escape::line;

/// One secret in one Region. As JSON, words are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Consistency {
    Right,
    Missing,
    OtherValue,
    OtherType,
    OtherKey,
}

impl Consistency {
    fn describe(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Missing => "missing",
            Self::OtherValue => "another value",
            Self::OtherType => "another type",
            Self::OtherKey => "another key",
        }
    }
}

/// One secret: how every Region stands to the first one that has it.
#[derive(Serialize)]
struct Row {
    name: String,
    regions: BTreeMap<String, Consistency>,
}

/// What one Region holds; keys where they were asked for.
struct RegionState {
    region: Region,
    parameters: BTreeMap<ParameterName, Parameter>,
    keys: BTreeMap<ParameterName, String>,
    not_described: Option<StoreError>,
}

pub(crate) fn run(common: &Common, options: &Health) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.place)?;
    let subject = subject(&project, &targets, options)?;
    let with_keys = options.keys || !targets.environment.kms_keys.is_empty();
    let stores = Stores::to_read(&options.place.store);
    let total = match &subject {
        Subject::Names(names) => Some((names.len() * targets.regions.len()) as u64),
        Subject::Path(_) => None,
    };
    let progress = Progress::new(common, total);
    let states = block_on(async {
        let store = stores.open(targets.environment, &progress)?;
        let asked = targets.regions.iter().map(|region| state(&store, region.clone(), &subject, with_keys));
        Ok(join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?)
    });
    progress.clear();
    let states = states?;
    let rows = rows(&targets, &subject, &states);
    let sick =
        rows.iter().filter(|row| row.regions.values().any(|consistency| *consistency != Consistency::Right)).count();
    match options.format.format {
        Format::Json => write_text(&json(&rows)?)?,
        Format::Text => write_text(&text(&rows, sick))?,
    }
    for state in &states {
        if let Some(error) = &state.not_described {
            note(common, &format!("keys in {} were not compared: {error}; {}", state.region, error.help()));
        }
    }
    Ok(if sick > 0 { Outcome::Differences } else { Outcome::Done })
}

enum Subject {
    Names(Vec<ParameterName>),
    Path(ParameterName),
}

/// One secret; everything below a path; or what the lines of the application, or of all, refer to.
fn subject(project: &Project, targets: &Targets<'_>, options: &Health) -> Result<Subject, Failure> {
    if let Some(path) = &options.path {
        return Ok(Subject::Path(parse_path(path)?));
    }
    if let Some(secret) = &options.secret {
        return Ok(Subject::Names(vec![targets.one(secret, false)?.name]));
    }
    let apps: Vec<&App> = match targets.app {
        Some(app) => vec![app],
        None => project.config().apps.values().collect(),
    };
    let mut names = BTreeSet::new();
    for app in apps {
        let lines = app.secrets(Some(&targets.environment.name));
        // A line with an ARN means one Region, so that there is nothing to compare.
        let everywhere = lines.into_iter().filter_map(|line| targets.of_line(app, line).ok());
        names.extend(everywhere.filter(|target| target.regions == targets.regions).map(|target| target.name));
    }
    Ok(Subject::Names(names.into_iter().collect()))
}

async fn state(store: &Store, region: Region, subject: &Subject, with_keys: bool) -> Result<RegionState, StoreError> {
    let parameters = match subject {
        Subject::Names(names) => store.read(&region, names).await?,
        Subject::Path(path) => store.list_values(&region, path).await?,
    };
    let parameters: BTreeMap<_, _> =
        parameters.into_iter().map(|parameter| (parameter.found.name.clone(), parameter)).collect();
    let mut state = RegionState { region, parameters, keys: BTreeMap::new(), not_described: None };
    let names: Vec<ParameterName> = state.parameters.keys().cloned().collect();
    if with_keys && !names.is_empty() {
        match store.describe(&state.region, Selection::Names(&names)).await {
            Ok(list) => {
                let of = |description: byref_store::Description| Some((description.found.name, description.key?));
                state.keys = list.into_iter().filter_map(of).collect();
            }
            Err(error) => state.not_described = Some(error),
        }
    }
    Ok(state)
}

fn rows(targets: &Targets<'_>, subject: &Subject, states: &[RegionState]) -> Vec<Row> {
    let mut names: BTreeSet<&ParameterName> = states.iter().flat_map(|state| state.parameters.keys()).collect();
    if let Subject::Names(asked) = subject {
        names.extend(asked);
    }
    let row = |name: &ParameterName| {
        let first = states.iter().find_map(|state| state.parameters.get(name));
        let consistency = |state: &RegionState| {
            let (Some(own), Some(first)) = (state.parameters.get(name), first) else { return Consistency::Missing };
            let key = state.keys.get(name).map(|key| is_key(key, targets.kms_key(name, &state.region)));
            if own.found.kind != first.found.kind {
                Consistency::OtherType
            } else if own.value != first.value {
                Consistency::OtherValue
            } else if key.flatten() == Some(false) {
                Consistency::OtherKey
            } else {
                Consistency::Right
            }
        };
        let regions = states.iter().map(|state| (state.region.to_string(), consistency(state))).collect();
        Row { name: name.to_string(), regions }
    };
    names.into_iter().map(row).collect()
}

fn text(rows: &[Row], sick: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let wrong = row.regions.iter().filter(|(_, consistency)| **consistency != Consistency::Right);
        let words: Vec<String> =
            wrong.map(|(region, consistency)| format!("{region} {}", consistency.describe())).collect();
        if !words.is_empty() {
            line!(text, "{}  {}", row.name, words.join(", "));
        }
    }
    line!(text, "{} of {} secrets are the same in every Region", rows.len() - sick, rows.len());
    text
}
