//! `byref secret list`

use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::{Found, ParameterStore as _};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::BTreeMap;

use super::get::refuse_terminal;
use crate::args::secret::List;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::store::{Progress, Store, Stores, Targets, block_on};
use byref::render::escape::line;

/// One secret with what every Region says of it. As JSON, keys are only ever added.
#[derive(Serialize)]
struct Row {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// `None` where it is missing.
    versions: BTreeMap<String, Option<u64>>,
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

pub(crate) fn run(common: &Common, options: &List) -> Result<Outcome, Failure> {
    if options.values {
        refuse_terminal(options.reveal)?;
    }
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.place)?;
    let path = match &options.path {
        Some(path) => parse_path(path)?,
        None => targets.path()?,
    };
    let stores = Stores::to_read(&options.place.store);
    let progress = Progress::new(common, None);
    let listed = block_on(async {
        let store = stores.open(targets.environment, &progress)?;
        let asked = targets.regions.iter().map(|region| list(&store, region, &path, options.values));
        join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()
    });
    progress.clear();
    let rows = rows(&targets.regions, listed?);
    match options.format.format {
        Format::Json => write_text(&json(&rows)?)?,
        Format::Text => write_text(&text(&rows))?,
    }
    Ok(Outcome::Done)
}

/// `/production`, also with a slash at the end.
pub(crate) fn parse_path(path: &str) -> Result<ParameterName, Failure> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let is_path = trimmed.starts_with('/');
    trimmed.parse().ok().filter(|_| is_path).ok_or_else(|| {
        Failure::usage("PATH is no path of parameters", "for example `/production` or `/production/web`")
    })
}

type Listed = Vec<(Found, Option<SecretValue>)>;

async fn list(store: &Store, region: &Region, path: &ParameterName, values: bool) -> Result<Listed, Failure> {
    if values {
        let parameters = store.list_values(region, path).await?;
        Ok(parameters.into_iter().map(|parameter| (parameter.found, Some(parameter.value))).collect())
    } else {
        Ok(store.list(region, path).await?.into_iter().map(|found| (found, None)).collect())
    }
}

/// By name; type, date and value are those of the first Region that has it.
fn rows(regions: &[Region], listed: Vec<Listed>) -> Vec<Row> {
    let nowhere: BTreeMap<String, Option<u64>> = regions.iter().map(|region| (region.to_string(), None)).collect();
    let mut rows: BTreeMap<ParameterName, Row> = BTreeMap::new();
    for (region, found) in regions.iter().zip(listed) {
        for (found, value) in found {
            let row = rows.entry(found.name.clone()).or_insert_with(|| Row {
                name: found.name.to_string(),
                kind: found.kind.as_str(),
                versions: nowhere.clone(),
                modified: found.modified.map(|time| time.to_string()),
                value: value.map(|value| value.expose().to_owned()),
            });
            row.versions.insert(region.to_string(), Some(found.version));
        }
    }
    rows.into_values().collect()
}

fn text(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let versions: Vec<String> = row
            .versions
            .iter()
            .map(|(region, version)| match version {
                Some(version) => format!("{region} {version}"),
                None => format!("{region} missing"),
            })
            .collect();
        let date = row.modified.as_deref().unwrap_or("-");
        let value = row.value.as_ref().map(|value| format!("  {value}")).unwrap_or_default();
        line!(text, "{:width$}  {:12}  {}  {date}{value}", row.name, row.kind, versions.join(", "));
    }
    text
}
