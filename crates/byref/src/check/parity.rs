//! The comparison of plaintext values that are still deployed with those that are stored.
//!
//! A move to references is safe if the stored value is the one that the application has now. That
//! is easy to get wrong: a value was typed again, a Region was forgotten, or the template was
//! changed after the values were stored. This check reads both sides and compares them before the
//! first deploy by reference.
//!
//! | deployed | stored | comparison |
//! | --- | --- | --- |
//! | a literal | the same | [`Comparison::Equal`] |
//! | a literal | another one | [`Comparison::Different`] |
//! | anything | nothing | [`Comparison::Missing`] |
//! | computed by the template | something | [`Comparison::NotKnown`] |
//! | a reference (stacks only) | anything | [`Comparison::ByReference`] |
//! | anything | in Secrets Manager | [`Comparison::NotCompared`] |
//!
//! The check needs `ssm:GetParameters` with decryption. Comparing hashes instead was no
//! alternative: Parameter Store has none, so byref would have to decrypt the values to compute
//! them. Values are compared in memory, byte for byte, and neither the report nor a message
//! contains one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use byref_config::{App, Environment, Reference, SecretLine};
use byref_known::KnownValues;
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_rewrite::{Candidate, Delivery, Document, Plaintext, secret_candidates};
use byref_store::ParameterStore;
use byref_template::{Diagnostic, Location, Sources};
use futures_util::future::join_all;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::lines::plaintexts_of_lines;
use crate::mistakes::Place;
use crate::project::{Project, listed};
use crate::render::diagnostic::render;
use crate::render::github;

/// The comparison of one value with the stored one in one Region. Words are only ever added.
///
/// Only [`Comparison::Different`], [`Comparison::Missing`] and [`Comparison::NotKnown`] make
/// [`Parity::is_equal`] false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The two values are the same.
    Equal,
    /// The two values differ.
    Different,
    /// Nothing is stored.
    Missing,
    /// The template computes its value, or gets it as a parameter without a default.
    NotKnown,
    /// The deployed entry is a reference already: there is no value to compare.
    ByReference,
    /// The secret line refers to Secrets Manager, which is not asked.
    NotCompared,
}

/// One value. Keys are only ever added.
///
/// A line that two containers have is two rows, since they may have different values.
#[derive(Clone, Debug, Serialize)]
pub struct ParityRow {
    /// The name of the secret line.
    pub name: String,
    /// The task definition and the container: `Task/web`.
    pub container: String,
    /// The entry in the template, or the secret line.
    pub place: Place,
    /// The parameter's name, or the ARN in Secrets Manager.
    pub parameter: String,
    /// The comparison in each Region.
    pub regions: BTreeMap<String, Comparison>,
    #[serde(skip)]
    pub(super) location: Location,
}

impl ParityRow {
    /// Returns whether every Region has a reference already.
    fn is_by_reference(&self) -> bool {
        self.regions
            .values()
            .all(|comparison| *comparison == Comparison::ByReference)
    }

    /// Returns whether the secret is kept outside of Parameter Store.
    fn is_not_compared(&self) -> bool {
        self.regions
            .values()
            .any(|comparison| *comparison == Comparison::NotCompared)
    }

    /// Returns whether nothing is left to do before the value becomes a reference.
    fn is_right(&self) -> bool {
        let is_right = |comparison: &Comparison| {
            matches!(
                comparison,
                Comparison::Equal | Comparison::ByReference | Comparison::NotCompared
            )
        };
        self.regions.values().all(is_right)
    }
}

/// The comparison of all plaintext values of an application with the stored ones. Compared in
/// memory; serialises as the list of its rows, without a value.
///
/// There are two constructors: [`Parity::of_templates`] for the literals of templates, and with the
/// feature `aws` `Parity::of_stacks` for the values that the task definitions of stacks have now,
/// which include computed ones.
pub struct Parity {
    rows: Vec<ParityRow>,
    /// The owner of the values that are compared with the stored ones: `the template's`.
    whose: &'static str,
    sources: Sources,
}

/// The stored secret that the value of a secret line is compared with.
///
/// It is decided for each line before anything is asked, so that a line with an invalid name fails
/// the comparison without a request.
pub(super) enum Stored {
    /// A parameter in these Regions.
    Parameter(ParameterName, Vec<Region>),
    /// Nothing: it is kept in Secrets Manager, under this ARN.
    SecretsManager(String),
}

impl Stored {
    /// Returns the stored secret of a line: a parameter in the chosen Regions, or that of an ARN in
    /// its own Region.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the line does not give a valid parameter name.
    pub(super) fn of(
        project: &Project,
        (app, environment): (&App, &Environment),
        regions: &[Region],
        line: &SecretLine,
    ) -> Result<Self, Error> {
        match project.config().reference(app, environment, line) {
            Ok(Reference::SecretsManager(arn)) => Ok(Self::SecretsManager(arn.to_string())),
            Ok(Reference::Parameter(name, _)) => Ok(Self::Parameter(name, regions.to_vec())),
            Ok(Reference::Arn(arn)) => Ok(Self::Parameter(arn.name, vec![arn.region])),
            Err(error) => {
                let place = project.sources().position(line.name_location);
                Err(Error::request(
                    format!(
                        "`{}` ({place}) does not give a valid name: {error}",
                        line.name
                    ),
                    "correct the line",
                ))
            }
        }
    }

    /// Returns the parameter and its Regions; none for a secret in Secrets Manager.
    pub(super) fn parameter(&self) -> Option<(&ParameterName, &[Region])> {
        match self {
            Self::Parameter(name, regions) => Some((name, regions)),
            Self::SecretsManager(_) => None,
        }
    }

    /// Returns the parameter's name, or the secret's ARN.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Parameter(name, _) => name.to_string(),
            Self::SecretsManager(arn) => arn.clone(),
        }
    }
}

impl Parity {
    /// Returns the comparison with the names of containers masked that equal a known value.
    ///
    /// A template that uses a password as the name of a container is a mistake, but the report must
    /// not be the place that publishes it. `whose` is the owner of the values in messages: `the
    /// template's` or `the stack's`.
    pub(super) fn new(
        project: &Project,
        known: &KnownValues,
        rows: Vec<ParityRow>,
        whose: &'static str,
    ) -> Self {
        let masked = |row: ParityRow| ParityRow {
            container: masked_container(known, &row.container),
            ..row
        };
        Self {
            rows: rows.into_iter().map(masked).collect(),
            whose,
            sources: project.sources().clone(),
        }
    }

    /// Compares the plaintext values of templates with the stored ones in some Regions; decrypts
    /// the stored ones.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where no template has a plaintext value to compare; the store's errors.
    ///
    /// Costs one call of [`ParameterStore::read`] for each Region, all at once. The values of both
    /// sides are hidden in the project's reports from then on, including the texts of the
    /// templates.
    pub async fn of_templates<S: ParameterStore>(
        project: &Project,
        (app, environment): (&App, &Environment),
        documents: &[Document],
        regions: &[Region],
        store: &S,
    ) -> Result<Self, Error> {
        let lines = app.secrets(Some(&environment.name));
        let mut values: Vec<TemplateValue<'_>> = Vec::new();
        for document in documents {
            let mut own = Vec::new();
            for (line, plaintext) in plaintexts_of_lines(document, &lines) {
                let stored = Stored::of(project, (app, environment), regions, line)?;
                own.push(TemplateValue {
                    document,
                    name: &line.name,
                    plaintext,
                    stored,
                });
            }
            own.sort_by_key(|value| value.plaintext.span);
            values.extend(own);
        }
        if values.is_empty() {
            return Err(nothing_to_compare(&app.name, documents, &lines));
        }
        let by_region = by_region(&values);
        let asked = by_region
            .iter()
            .map(|(region, names)| store.read(region, names));
        let mut found: BTreeMap<(Region, ParameterName), SecretValue> = BTreeMap::new();
        for ((region, _), parameters) in by_region.iter().zip(join_all(asked).await) {
            for parameter in parameters? {
                found.insert((region.clone(), parameter.found.name), parameter.value);
            }
        }
        let of_templates = values
            .iter()
            .filter_map(|value| value.plaintext.value.as_ref());
        let known = KnownValues::new(found.values().chain(of_templates).map(SecretValue::expose));
        project.keep_secret(&known, documents);
        let rows = values
            .iter()
            .map(|value| row(project, value, (regions, &found)))
            .collect();
        Ok(Self::new(project, &known, rows, "the template's"))
    }

    /// Returns the rows, in the order of the template, or of the secret lines.
    pub fn rows(&self) -> &[ParityRow] {
        &self.rows
    }

    /// Returns whether every value equals the stored one in every Region, as far as there is a
    /// value to compare.
    pub fn is_equal(&self) -> bool {
        self.rows.iter().all(ParityRow::is_right)
    }

    /// Returns the messages about values that differ, are missing or are not known.
    fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        self.rows
            .iter()
            .filter(|row| !row.is_right())
            .map(|row| diagnostic(row, self.whose))
    }

    /// Returns the differences as annotations of GitHub Actions, one on each line.
    pub fn annotations(&self) -> String {
        self.diagnostics()
            .map(|diagnostic| github::annotation(&self.sources, &diagnostic))
            .collect()
    }

    /// Returns the differences and a summary as lines with colours.
    pub fn text(&self) -> String {
        let mut text: String = self
            .diagnostics()
            .map(|diagnostic| render(&self.sources, &diagnostic))
            .collect();
        let references = self.rows.iter().filter(|row| row.is_by_reference()).count();
        let apart: Vec<&ParityRow> = self
            .rows
            .iter()
            .filter(|row| row.is_not_compared())
            .collect();
        let left_out = references + apart.len();
        let equal = self.rows.iter().filter(|row| row.is_right()).count();
        let (equal, all) = (equal - left_out, self.rows.len() - left_out);
        let _ = write!(
            text,
            "{equal} of {all} plaintext values are what is stored in every Region"
        );
        if references > 0 {
            let _ = write!(text, "; {references} by reference already");
        }
        if !apart.is_empty() {
            let names: BTreeSet<&str> = apart.iter().map(|row| row.name.as_str()).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let _ = write!(
                text,
                "; not compared, since they are in Secrets Manager: {names}"
            );
        }
        text + "\n"
    }
}

impl Serialize for Parity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

/// A plaintext value of a template, with the stored secret that it is compared with.
struct TemplateValue<'d> {
    document: &'d Document,
    /// The name of the secret line, which is not that of the entry for a log option.
    name: &'d str,
    plaintext: Plaintext,
    stored: Stored,
}

/// Returns the error of a comparison that compared nothing: the names may be computed, or in a list
/// that byref does not see through.
///
/// A comparison of nothing must not pass: `is_equal` would be true, and a pipeline would go on.
/// There are two cases with different advice: all entries are references already (compare the
/// stacks instead), or none of them matches a line.
fn nothing_to_compare(app: &str, documents: &[Document], lines: &[&SecretLine]) -> Error {
    let is_declared = |candidate: &Candidate| lines.iter().any(|line| line.name == candidate.name);
    let is_reference = |own: &Candidate| own.delivery != Delivery::Value && is_declared(own);
    let paths = listed(documents.iter().map(|document| document.path.clone()));
    let verb = if documents.len() == 1 { "has" } else { "have" };
    if documents
        .iter()
        .flat_map(secret_candidates)
        .any(|own| is_reference(&own))
    {
        let message = format!(
            "{paths} {verb} no plaintext value of a secret line: the entries are references already"
        );
        return Error::request(
            message,
            "compare the deployed values: `--parity --deployed`",
        );
    }
    Error::request(
        format!("{paths} {verb} no entry that byref can compare with the secret lines of `{app}`"),
        "`byref preview` shows the lists and names that it cannot see through",
    )
}

/// Returns `Task/container` with a mask for a name that holds a value.
///
/// `WebTask/web` stays as it is. Each part between slashes is looked at by itself, then the whole,
/// since a value may contain a slash.
fn masked_container(known: &KnownValues, container: &str) -> String {
    let masked = container
        .split('/')
        .map(|name| known.shown(name))
        .collect::<Vec<_>>()
        .join("/");
    known.shown(&masked).to_owned()
}

/// Returns the parameters that each Region is asked for, in the order of the values.
///
/// The same name may appear twice, for two containers; the store is asked with the list as it is.
fn by_region(values: &[TemplateValue<'_>]) -> Vec<(Region, Vec<ParameterName>)> {
    let mut regions: Vec<(Region, Vec<ParameterName>)> = Vec::new();
    for (name, own) in values.iter().filter_map(|value| value.stored.parameter()) {
        for region in own {
            match regions.iter_mut().find(|(known, _)| known == region) {
                Some((_, names)) => names.push(name.clone()),
                None => regions.push((region.clone(), vec![name.clone()])),
            }
        }
    }
    regions
}

/// Compares one value of a template with the stored one in each Region.
///
/// A missing stored value is reported as missing even if the template computes its own: it has to
/// be stored in either case.
fn row(
    project: &Project,
    value: &TemplateValue<'_>,
    (chosen, found): (&[Region], &BTreeMap<(Region, ParameterName), SecretValue>),
) -> ParityRow {
    let TemplateValue {
        document,
        name,
        plaintext,
        stored,
    } = value;
    let comparison = |region: &Region| {
        let Some((name, _)) = stored.parameter() else {
            return Comparison::NotCompared;
        };
        match (&plaintext.value, found.get(&(region.clone(), name.clone()))) {
            (_, None) => Comparison::Missing,
            (None, Some(_)) => Comparison::NotKnown,
            (Some(value), Some(stored)) if value == stored => Comparison::Equal,
            (Some(_), Some(_)) => Comparison::Different,
        }
    };
    let regions = stored.parameter().map_or(chosen, |(_, regions)| regions);
    let location = document.location(plaintext.span);
    ParityRow {
        name: (*name).to_owned(),
        container: format!("{}/{}", plaintext.task_definition, plaintext.container),
        place: Place::of(project.sources(), location),
        parameter: stored.text(),
        regions: regions
            .iter()
            .map(|region| (region.to_string(), comparison(region)))
            .collect(),
        location,
    }
}

/// Returns the message about a value that is not what is stored everywhere. It names the Regions,
/// and neither value.
///
/// ```text
/// `DB_PASSWORD`: the stored value (`/production/web/db-password`)
/// differs from the template's in us-west-2; is missing in eu-west-1
/// ```
fn diagnostic(row: &ParityRow, whose: &str) -> Diagnostic {
    let of = |wanted: Comparison| -> Vec<&str> {
        row.regions
            .iter()
            .filter(|(_, comparison)| **comparison == wanted)
            .map(|(region, _)| region.as_str())
            .collect()
    };
    let mut parts = Vec::new();
    for (comparison, words) in [
        (Comparison::Different, format!("differs from {whose} in")),
        (Comparison::Missing, "is missing in".to_owned()),
        (
            Comparison::NotKnown,
            "can't be compared, since the template computes its own, in".to_owned(),
        ),
    ] {
        let regions = of(comparison);
        if !regions.is_empty() {
            parts.push(format!("{words} {}", regions.join(", ")));
        }
    }
    let message = format!(
        "`{}`: the stored value (`{}`) {}",
        row.name,
        row.parameter,
        parts.join("; ")
    );
    Diagnostic::error("parity", message, row.location)
        .help("store the deployed value in every Region before the application moves to references")
}
