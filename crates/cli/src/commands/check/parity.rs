//! `byref check --parity`: whether the plaintext that a template still has is what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use byref_config::{App, Environment, Reference, SecretLine};
use byref_lint::KnownValues;
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_rewrite::{Candidate, Plaintext, plaintext_options, plaintexts, secret_candidates};
use byref_store::ParameterStore as _;
use byref_template::{Diagnostic, Location};
use futures_util::future::join_all;
use serde::Serialize;

use crate::args::Common;
use crate::args::deploy::{Check, CheckFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_annotations, write_styled, write_text};
use crate::project::Project;
use crate::render::diagnostic::render;
use crate::render::github;
use crate::store::{Progress, Stores, Target, Targets, block_on};

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
    /// The line is kept in Secrets Manager, which is not asked.
    NotCompared,
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

    /// Whether nothing was asked.
    fn is_not_compared(&self) -> bool {
        self.regions.values().any(|standing| *standing == Standing::NotCompared)
    }

    fn is_right(&self) -> bool {
        let is_right =
            |standing: &Standing| matches!(standing, Standing::Equal | Standing::ByReference | Standing::NotCompared);
        self.regions.values().all(is_right)
    }
}

/// What a secret line is compared with.
pub(crate) enum Compared {
    /// A parameter.
    With(Target),
    /// Nothing: it is kept in Secrets Manager, under this ARN.
    Not(String),
}

impl Compared {
    pub(crate) fn of(
        project: &Project,
        targets: &Targets<'_>,
        (app, environment): (&App, &Environment),
        line: &SecretLine,
    ) -> Result<Self, Failure> {
        match project.config.reference(app, environment, line) {
            Ok(Reference::SecretsManager(arn)) => Ok(Self::Not(arn.to_string())),
            _ => targets.of_line(app, line).map(Self::With),
        }
    }

    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::With(target) => Some(target),
            Self::Not(_) => None,
        }
    }

    /// The parameter's name, or the secret's ARN.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::With(target) => target.name.to_string(),
            Self::Not(arn) => arn.clone(),
        }
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
    let targets = Targets::new(project, &place(options, app, environment))?;
    let mut pairs: Vec<(Plaintext, Compared)> = Vec::new();
    let lines = app.secrets(Some(&environment.name));
    let variables = plaintexts(document).into_iter().map(|plaintext| (plaintext, false));
    for (mut plaintext, is_option) in
        variables.chain(plaintext_options(document).into_iter().map(|plaintext| (plaintext, true)))
    {
        let line = lines.iter().find(|line| match &line.log_option {
            Some(option) => is_option && *option == plaintext.name,
            None => !is_option && line.name == plaintext.name,
        });
        let Some(line) = line else { continue };
        plaintext.name.clone_from(&line.name);
        pairs.push((plaintext, Compared::of(project, &targets, (app, environment), line)?));
    }
    pairs.sort_by_key(|(plaintext, _)| plaintext.span);
    if pairs.is_empty() {
        return Err(nothing_to_compare(&app.name, document, &lines));
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
    let of_template = pairs.iter().filter_map(|(plaintext, _)| plaintext.value.as_ref());
    let known = KnownValues::new(values.values().chain(of_template).map(SecretValue::expose));
    project.keep_secret(&known, &documents);
    let chosen = crate::store::regions(environment, &options.region)?;
    let rows: Vec<Row> = pairs
        .iter()
        .map(|(plaintext, compared)| row(project, document, plaintext, compared, (&chosen, &values)))
        .map(|row| Row { container: masked_container(&known, &row.container), ..row })
        .collect();
    write(project, options, &rows, "the template's")
}

/// A result that compared nothing is no good news: the names may be computed, or in a list that can't be seen through.
fn nothing_to_compare(app: &str, document: &byref_rewrite::Document, lines: &[&SecretLine]) -> Failure {
    let is_declared = |candidate: &Candidate| lines.iter().any(|line| line.name == candidate.name);
    let references = secret_candidates(document);
    let references = references.iter().filter(|own| own.delivery != byref_rewrite::Delivery::Value);
    let path = &document.path;
    if references.into_iter().any(is_declared) {
        let message = format!("`{path}` has no plaintext value of a secret line: its entries are references already");
        return Failure::usage(message, "compare what is deployed: `--parity --deployed`");
    }
    Failure::usage(
        format!("`{path}` has no entry that byref can compare with the secret lines of `{app}`"),
        "`byref preview` says which lists and names it can't see through",
    )
}

/// `Task/container` with a mask for a name that holds a value.
pub(crate) fn masked_container(known: &KnownValues, container: &str) -> String {
    let masked = container.split('/').map(|name| known.shown(name)).collect::<Vec<_>>().join("/");
    known.shown(&masked).to_owned()
}

/// Shows which values are equal; `whose` are compared with what is stored.
pub(crate) fn write(project: &Project, options: &Check, rows: &[Row], whose: &str) -> Result<Outcome, Failure> {
    let equal = rows.iter().filter(|row| row.is_right()).count();
    let diagnostics: Vec<Diagnostic> =
        rows.iter().filter(|row| !row.is_right()).map(|row| diagnostic(row, whose)).collect();
    match options.format {
        CheckFormat::Json => write_text(&json(&rows)?)?,
        CheckFormat::Github => {
            let lines = diagnostics.iter().map(|diagnostic| github::annotation(&project.sources, diagnostic));
            write_annotations(&lines.collect::<String>())?;
        }
        CheckFormat::Text => {
            let messages: String = diagnostics.iter().map(|diagnostic| render(&project.sources, diagnostic)).collect();
            let references = rows.iter().filter(|row| row.is_by_reference()).count();
            let apart: BTreeSet<&str> =
                rows.iter().filter(|row| row.is_not_compared()).map(|row| row.name.as_str()).collect();
            let left_out = references + rows.iter().filter(|row| row.is_not_compared()).count();
            let mut summary = format!(
                "{} of {} plaintext values are what is stored in every Region",
                equal - left_out,
                rows.len() - left_out
            );
            if references > 0 {
                let _ = write!(summary, "; {references} by reference already");
            }
            if !apart.is_empty() {
                let names = apart.into_iter().collect::<Vec<_>>().join(", ");
                let _ = write!(summary, "; not compared, since they are in Secrets Manager: {names}");
            }
            summary.push('\n');
            write_styled(&(messages + &summary))?;
        }
    }
    Ok(if equal == rows.len() { Outcome::Done } else { Outcome::Differences })
}

fn regions(pairs: &[(Plaintext, Compared)]) -> Vec<(Region, Vec<ParameterName>)> {
    let mut regions: Vec<(Region, Vec<ParameterName>)> = Vec::new();
    for target in pairs.iter().filter_map(|(_, compared)| compared.target()) {
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
    compared: &Compared,
    (chosen, stored): (&[Region], &BTreeMap<(Region, ParameterName), SecretValue>),
) -> Row {
    let standing = |region: &Region| {
        let Some(target) = compared.target() else { return Standing::NotCompared };
        match (&plaintext.value, stored.get(&(region.clone(), target.name.clone()))) {
            (_, None) => Standing::Missing,
            (None, Some(_)) => Standing::NotKnown,
            (Some(value), Some(stored)) if value == stored => Standing::Equal,
            (Some(_), Some(_)) => Standing::Different,
        }
    };
    let regions = compared.target().map_or(chosen, |target| &target.regions);
    Row {
        name: plaintext.name.clone(),
        container: format!("{}/{}", plaintext.task_definition, plaintext.container),
        place: project.sources.position(document.location(plaintext.span)),
        parameter: compared.text(),
        regions: regions.iter().map(|region| (region.to_string(), standing(region))).collect(),
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
