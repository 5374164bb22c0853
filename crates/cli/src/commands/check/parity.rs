//! `byref check --parity`: whether the plaintext that a template still has is what is stored.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use byref_config::{App, Environment};
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_rewrite::{Plaintext, plaintexts};
use byref_store::ParameterStore as _;
use byref_template::{Diagnostic, Location};
use futures_util::future::join_all;
use serde::Serialize;

use crate::args::Common;
use crate::args::deploy::{Check, CheckFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_bytes, write_styled};
use crate::project::Project;
use crate::render::diagnostic::render;
use crate::render::github;
use crate::store::{Progress, Stores, Target, block_on};

/// How one value of the template stands to one Region. As JSON, words are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    Equal,
    Different,
    Missing,
    /// The template computes it, or gets it as a parameter without a default.
    NotKnown,
    /// What is deployed is a reference already: there is no value to compare.
    ByReference,
}

/// One value. As JSON, keys are only ever added.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) container: String,
    pub(crate) place: String,
    pub(crate) parameter: String,
    pub(crate) regions: BTreeMap<String, Standing>,
    #[serde(skip)]
    pub(crate) location: Location,
}

impl Row {
    /// Whether no Region has a value to compare.
    fn is_by_reference(&self) -> bool {
        self.regions.values().all(|standing| *standing == Standing::ByReference)
    }

    fn is_right(&self) -> bool {
        self.regions.values().all(|standing| matches!(standing, Standing::Equal | Standing::ByReference))
    }
}

/// The application in the environment, in the Regions that were asked for.
pub(crate) fn place(options: &Check, app: &App, environment: &Environment) -> crate::args::store::Place {
    crate::args::store::Place {
        app: Some(app.name.clone()),
        environment: Some(environment.name.clone()),
        scope: None,
        region: options.region.clone(),
        store: options.store.clone(),
    }
}

/// Compares in memory, and prints neither value.
pub(crate) fn run(
    common: &Common,
    options: &Check,
    project: &mut Project,
    template: &Path,
) -> Result<Outcome, Failure> {
    let documents = project.documents(&[template.to_owned()])?;
    let document = &documents[0];
    let environment = project.environment(options.environment.as_deref())?;
    let app = project.app(options.app.as_deref(), &[template.to_owned()])?;
    let targets = crate::store::Targets::new(project, &place(options, app, environment))?;
    let mut pairs: Vec<(Plaintext, Target)> = Vec::new();
    for plaintext in plaintexts(document) {
        let line = app.secrets(Some(&environment.name)).into_iter().find(|line| line.name == plaintext.name);
        if let Some(target) = line.and_then(|line| targets.of_line(app, line).ok()) {
            pairs.push((plaintext, target));
        }
    }
    let stores = Stores::to_read(&options.store);
    let progress = Progress::new(common, None);
    let answered = block_on(async {
        let store = stores.open(environment, &progress)?;
        let regions = regions(&pairs);
        let asked = regions.iter().map(|(region, names)| store.read(region, names));
        let mut values: BTreeMap<(Region, ParameterName), SecretValue> = BTreeMap::new();
        for ((region, _), parameters) in regions.iter().zip(join_all(asked).await) {
            for parameter in parameters? {
                values.insert((region.clone(), parameter.found.name), parameter.value);
            }
        }
        Ok(values)
    });
    progress.clear();
    let values = answered?;
    let rows: Vec<Row> =
        pairs.iter().map(|(plaintext, target)| row(project, document, plaintext, target, &values)).collect();
    write(project, options, &rows, "the template's")
}

/// Shows which values are equal; `whose` are compared with what is stored.
pub(crate) fn write(project: &Project, options: &Check, rows: &[Row], whose: &str) -> Result<Outcome, Failure> {
    let equal = rows.iter().filter(|row| row.is_right()).count();
    let diagnostics: Vec<Diagnostic> =
        rows.iter().filter(|row| !row.is_right()).map(|row| diagnostic(row, whose)).collect();
    match options.format {
        CheckFormat::Json => write_bytes(&json(&rows)?)?,
        CheckFormat::Github => {
            let lines = diagnostics.iter().map(|diagnostic| github::annotation(&project.sources, diagnostic));
            write_bytes(&lines.collect::<String>())?;
        }
        CheckFormat::Text => {
            let messages: String = diagnostics.iter().map(|diagnostic| render(&project.sources, diagnostic)).collect();
            let references = rows.iter().filter(|row| row.is_by_reference()).count();
            let mut summary = format!(
                "{} of {} plaintext values are what is stored in every Region",
                equal - references,
                rows.len() - references
            );
            if references > 0 {
                let _ = write!(summary, "; {references} by reference already");
            }
            summary.push('\n');
            write_styled(&(messages + &summary))?;
        }
    }
    Ok(if equal == rows.len() { Outcome::Done } else { Outcome::Differences })
}

fn regions(pairs: &[(Plaintext, Target)]) -> Vec<(Region, Vec<ParameterName>)> {
    let mut regions: Vec<(Region, Vec<ParameterName>)> = Vec::new();
    for (_, target) in pairs {
        for region in &target.regions {
            match regions.iter_mut().find(|(known, _)| known == region) {
                Some((_, names)) => names.push(target.name.clone()),
                None => regions.push((region.clone(), vec![target.name.clone()])),
            }
        }
    }
    regions
}

fn row(
    project: &Project,
    document: &byref_rewrite::Document,
    plaintext: &Plaintext,
    target: &Target,
    stored: &BTreeMap<(Region, ParameterName), SecretValue>,
) -> Row {
    let standing = |region: &Region| match (&plaintext.value, stored.get(&(region.clone(), target.name.clone()))) {
        (_, None) => Standing::Missing,
        (None, Some(_)) => Standing::NotKnown,
        (Some(value), Some(stored)) if value == stored => Standing::Equal,
        (Some(_), Some(_)) => Standing::Different,
    };
    Row {
        name: plaintext.name.clone(),
        container: format!("{}/{}", plaintext.task_definition, plaintext.container),
        place: project.sources.position(document.location(plaintext.span)),
        parameter: target.name.to_string(),
        regions: target.regions.iter().map(|region| (region.to_string(), standing(region))).collect(),
        location: document.location(plaintext.span),
    }
}

fn diagnostic(row: &Row, whose: &str) -> Diagnostic {
    let of = |wanted: Standing| -> Vec<&str> {
        row.regions.iter().filter(|(_, standing)| **standing == wanted).map(|(region, _)| region.as_str()).collect()
    };
    let mut parts = Vec::new();
    for (standing, words) in [
        (Standing::Different, format!("differs from {whose} in")),
        (Standing::Missing, "is missing in".to_owned()),
        (Standing::NotKnown, "can't be compared, since the template computes its own, in".to_owned()),
    ] {
        let regions = of(standing);
        if !regions.is_empty() {
            parts.push(format!("{words} {}", regions.join(", ")));
        }
    }
    let message = format!("`{}`: the stored value (`{}`) {}", row.name, row.parameter, parts.join("; "));
    Diagnostic::error("parity", message, row.location)
        .help("store the value that shall be deployed in every Region before the application moves")
}
