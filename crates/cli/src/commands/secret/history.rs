//! `byref secret history`

use byref_store::{ParameterStore as _, Version};
use futures_util::future::join_all;
use serde::Serialize;

use crate::args::secret::History;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::store::{Progress, Stores, Targets, block_on};
use byref::render::escape::line;

/// The versions of one Region. As JSON, keys are only ever added.
#[derive(Serialize)]
struct RegionHistory {
    region: String,
    versions: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    version: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    modified: Option<String>,
    modified_by: Option<String>,
    labels: Vec<String>,
}

impl From<Version> for Row {
    fn from(version: Version) -> Self {
        Self {
            version: version.number,
            kind: version.kind.as_str(),
            modified: version.modified.map(|time| time.to_string()),
            modified_by: version.modified_by,
            labels: version.labels.iter().map(ToString::to_string).collect(),
        }
    }
}

pub(crate) fn run(common: &Common, options: &History) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.one.place)?;
    let target = targets.one(&options.one.secret, options.one.full_name)?;
    let stores = Stores::to_read(&options.one.place.store);
    let histories = block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        let asked = target.regions.iter().map(|region| store.history(region, &target.name));
        let answers = join_all(asked).await;
        let mut histories = Vec::new();
        for (region, versions) in target.regions.iter().zip(answers) {
            let versions = versions?.into_iter().rev().map(Row::from).collect();
            histories.push(RegionHistory { region: region.to_string(), versions });
        }
        Ok(histories)
    })?;
    match options.format.format {
        Format::Json => write_text(&json(&histories)?)?,
        Format::Text => write_text(&text(target.name.as_str(), &histories))?,
    }
    Ok(Outcome::Done)
}

fn text(name: &str, histories: &[RegionHistory]) -> String {
    let mut text = format!("{name}\n");
    for history in histories {
        line!(text, "  {}", history.region);
        for row in &history.versions {
            let [modified, by] = [&row.modified, &row.modified_by].map(|part| part.as_deref().unwrap_or("-"));
            let labels = row.labels.join(", ");
            let labels = if labels.is_empty() { labels } else { format!("  [{labels}]") };
            line!(text, "    {:>4}  {modified}  {by}{labels}", row.version);
        }
    }
    text
}
