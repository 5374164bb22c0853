//! `byref preview --deployed`: the template, what byref would deploy, and what the stack has now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use byref_config::{ReferenceForm, SecretLine};
use byref_known::KnownValues;
use byref_parameter::{Region, SecretValue};
use byref_rewrite::{Document, stack_update};
use byref_template::Diagnostic;
use futures_util::future::join_all;
use serde::Serialize;

use crate::args::Selection;
use crate::commands::rewrite::Rewritten;
use crate::deployed::{
    Absence, DeployedStack, Depth, Effect, Holder, Home, Level, Rollback, Standing, downgrades, effects, homes, locate,
    standings, values, would_fail,
};
use crate::failure::Failure;
use crate::output::keep_secret;
use crate::project::Project;
use crate::render::diff::{Colors, masked_diff_of};
use crate::render::escape::{code, code_cell, line};
use crate::store::{Progress, block_on, deployments};
use byref::Deployment;

/// The stack of a template in one Region, with its template; else why there is none.
pub(crate) struct Looked {
    home: Home,
    region: Region,
    stack: Result<(Box<DeployedStack>, Document), Absence>,
}

/// Asks AWS for the stacks of the templates: in every Region of the environment, or in the one that was named or that
/// literal references are of.
pub(crate) fn look(
    project: &mut Project,
    selection: &Selection,
    paths: &[PathBuf],
    documents: &[Document],
) -> Result<Vec<Looked>, Failure> {
    let (app, environment, regions) = {
        let choice = project.choose(selection, paths)?;
        let is_one = selection.region.is_some() || project.config.rewrite.reference == ReferenceForm::Literal;
        let regions = if is_one { vec![choice.request().region.clone()] } else { choice.environment().regions.clone() };
        (choice.app().name.clone(), choice.environment().name.clone(), regions)
    };
    let homes = homes(project, (&app, &environment), paths, documents)?;
    let environment = project.environment(Some(&environment))?;
    let places: Vec<(&Home, &Region)> =
        homes.iter().flat_map(|home| regions.iter().map(move |region| (home, region))).collect();
    let found = block_on(async {
        let deployments = deployments(&selection.store, environment, &Progress::hidden())?;
        let asked = places.iter().map(async |(home, region)| {
            let mut found = locate(&deployments, region, home).await?;
            if let Ok(stack) = &mut found {
                stack.look_inside(&deployments, Depth::Own).await?;
            }
            Ok::<_, byref_store::StoreError>(found)
        });
        // What fails first in the order of the Regions is said, whichever answers first.
        let found: Result<Vec<_>, _> = join_all(asked).await.into_iter().collect();
        Ok(found?)
    })?;
    let places: Vec<(Home, Region)> = places.into_iter().map(|(home, region)| (home.clone(), region.clone())).collect();
    let mut looked = Vec::new();
    for ((home, region), found) in places.into_iter().zip(found) {
        let stack = match found {
            Ok(stack) => {
                let document = stack.document(&mut project.sources)?;
                Ok((stack, document))
            }
            Err(absence) => Err(absence),
        };
        looked.push(Looked { home, region, stack });
    }
    Ok(looked)
}

/// What is shown of one stack. As JSON, keys are only ever added.
#[derive(Serialize)]
pub(crate) struct View {
    /// The template that is deployed as this stack.
    template: String,
    stack: String,
    region: String,
    /// None before the first deploy.
    status: Option<String>,
    secrets: Vec<Row>,
    pub(super) changed: bool,
    diff: String,
    pub(super) effects: Vec<Effect>,
    notes: Vec<String>,
    #[serde(skip)]
    is_deployed: bool,
    /// Whether several templates are shown.
    #[serde(skip)]
    is_one_of_several: bool,
    /// The Region before whose stack has the same template.
    #[serde(skip)]
    same_as: Option<String>,
    #[serde(skip)]
    colored_diff: String,
    /// What would go back from a reference to a value.
    #[serde(skip)]
    pub(super) downgrades: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    task_definition: String,
    container: String,
    /// In the template.
    template: Standing,
    /// In what would be deployed.
    deploy: Standing,
    /// In the stack.
    now: Standing,
}

/// Compares the templates of a run with their stacks.
pub(crate) fn views(
    choice: &Deployment<'_>,
    documents: &[Document],
    rewritten: &Rewritten,
    looked: &[Looked],
    to_values: bool,
) -> Vec<View> {
    let lines = choice.app().secrets(Some(&choice.environment().name));
    let deployed = looked.iter().filter_map(|looked| looked.stack.as_ref().ok());
    let deployed: Vec<SecretValue> = deployed.flat_map(|(_, document)| values(document, &lines)).collect();
    let known = rewritten.plan.known.joined(deployed.iter().map(SecretValue::expose));
    keep_secret(&known);
    let mut views = Vec::new();
    for (index, own) in looked.iter().enumerate() {
        let source = &documents[own.home.document];
        let next = Document { template: rewritten.outputs[own.home.document].clone(), ..source.clone() };
        let mut view = view(&lines, (source, &next, &known), own, to_values);
        let text = |looked: &Looked| looked.stack.as_ref().ok().map(|(_, document)| document.template.text().clone());
        let same = looked[..index].iter().find(|other| other.home == own.home && text(other) == text(own));
        view.same_as = same.map(|other| other.region.to_string());
        if same.is_some() {
            // The same in several Regions is said once.
            view.downgrades.clear();
        }
        view.is_one_of_several = documents.len() > 1;
        views.push(view);
    }
    views
}

fn view(
    lines: &[&SecretLine],
    (source, next, known): (&Document, &Document, &KnownValues),
    looked: &Looked,
    to_values: bool,
) -> View {
    let mut view = View {
        template: source.path.clone(),
        stack: looked.home.label(),
        region: looked.region.to_string(),
        status: None,
        secrets: rows(
            lines,
            [Some(source), Some(next), looked.stack.as_ref().ok().map(|(_, document)| document)],
            known,
        ),
        changed: true,
        diff: String::new(),
        effects: Vec::new(),
        notes: Vec::new(),
        is_deployed: false,
        is_one_of_several: false,
        same_as: None,
        colored_diff: String::new(),
        downgrades: Vec::new(),
    };
    let (stack, document) = match &looked.stack {
        Ok(found) => found,
        Err(absence) => {
            view.status = (*absence == Absence::UnderReview).then(|| "REVIEW_IN_PROGRESS".to_owned());
            return view;
        }
    };
    let diff = |colors| {
        let names = [document.path.as_str(), &format!("{} (rewritten)", source.path)];
        masked_diff_of(names, [&document.template, &next.template], known, colors)
    };
    view.stack.clone_from(&stack.name);
    view.is_deployed = true;
    view.status = Some(stack.status.clone());
    view.changed = document.template.text() != next.template.text();
    view.diff = diff(Colors::No);
    view.colored_diff = diff(Colors::Yes);
    let update = stack_update(Some(&document.template), &next.template);
    view.effects = effects(&update, stack, &Rollback::of(document, next, lines));
    for effect in &mut view.effects {
        effect.resource = effect.resource.take().map(|resource| known.shown(&resource).to_owned());
        effect.message = known.masked_words(&effect.message);
    }
    view.notes = stack.notes.iter().map(|note| known.masked_words(note)).collect();
    view.downgrades = downgrades(document, std::slice::from_ref(next), lines, to_values);
    for downgrade in &mut view.downgrades {
        known.mask(downgrade);
    }
    view
}

/// How every secret line stands in each of the three.
fn rows(lines: &[&SecretLine], documents: [Option<&Document>; 3], known: &KnownValues) -> Vec<Row> {
    let of = |document: Option<&Document>| {
        let standings = document.into_iter().flat_map(|document| standings(document, lines));
        standings.map(|(holder, (standing, _))| (holder, standing)).collect::<BTreeMap<_, _>>()
    };
    let [template, deploy, now] = documents.map(of);
    let holders: BTreeSet<&Holder> = template.keys().chain(deploy.keys()).chain(now.keys()).collect();
    let standing =
        |map: &BTreeMap<Holder, Standing>, holder: &Holder| map.get(holder).copied().unwrap_or(Standing::Absent);
    let row = |holder: &Holder| Row {
        name: holder.name.clone(),
        task_definition: known.shown(&holder.task_definition).to_owned(),
        container: known.shown(&holder.container).to_owned(),
        template: standing(&template, holder),
        deploy: standing(&deploy, holder),
        now: standing(&now, holder),
    };
    holders.into_iter().map(row).collect()
}

impl View {
    fn head(&self) -> String {
        let Self { template, stack, region, .. } = self;
        let of = if self.is_one_of_several { format!("{template}: ") } else { String::new() };
        match &self.status {
            Some(status) if self.is_deployed => format!("{of}stack {stack} in {region} ({status})"),
            Some(status) => format!(
                "{of}stack {stack} in {region} ({status}): it has a change set that was never carried out, and nothing else; execute it or delete it before its first deploy"
            ),
            None => format!("{of}there is no stack {stack} in {region} yet: this is its first deploy"),
        }
    }

    /// Whether an update to this would fail.
    pub(super) fn would_fail(&self) -> bool {
        would_fail(&self.effects)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = "\n".to_owned();
        line!(text, "{}", self.head());
        if let Some(region) = &self.same_as {
            let _ = writeln!(text, "  the same as in {region}");
            return text + &self.what_happens();
        }
        let holder = |row: &Row| format!("{}/{}", row.task_definition, row.container);
        let width = self.secrets.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let holder_width = self.secrets.iter().map(|row| holder(row).len()).max().unwrap_or(0);
        if !self.secrets.is_empty() {
            line!(text, "  {:width$}  {:holder_width$}  {:11}  {:11}  now", "", "", "template", "deploy");
        }
        for row in &self.secrets {
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Standing::words);
            line!(text, "  {:width$}  {:holder_width$}  {template:11}  {deploy:11}  {now}", row.name, holder(row));
        }
        if !self.is_deployed {
            return text;
        }
        if self.diff.is_empty() {
            text.push_str("  its template is what would be deployed, byte for byte\n");
        } else {
            let _ = write!(text, "\n{}", self.colored_diff);
        }
        text + &self.what_happens()
    }

    fn what_happens(&self) -> String {
        if !self.is_deployed {
            return String::new();
        }
        let mut text = "\nwhat CloudFormation will do\n".to_owned();
        for effect in &self.effects {
            let resource = effect.resource.as_deref().unwrap_or("the stack");
            line!(text, "  {}{resource}: {}", mark(effect.level), effect.message);
        }
        for note in &self.notes {
            line!(text, "  {note}");
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("\n#### {}\n\n", code(&self.head()));
        let rows: &[Row] = if self.same_as.is_some() { &[] } else { &self.secrets };
        if let Some(region) = &self.same_as {
            let _ = writeln!(text, "The same as in {region}.");
        }
        if !rows.is_empty() {
            text.push_str("| secret | container | template | deploy | now |\n| --- | --- | --- | --- | --- |\n");
        }
        for row in rows {
            let holder = format!("{}/{}", row.task_definition, row.container);
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Standing::words);
            let _ =
                writeln!(text, "| {} | {} | {template} | {deploy} | {now} |", code_cell(&row.name), code_cell(&holder));
        }
        if !self.is_deployed {
            return text;
        }
        if self.same_as.is_none() {
            text.push_str(&super::fenced(&self.diff));
        }
        text.push('\n');
        for effect in &self.effects {
            let resource = effect.resource.as_deref().map_or("the stack".to_owned(), code);
            let _ = writeln!(text, "- {}{resource}: {}", mark(effect.level), code(&effect.message));
        }
        for note in &self.notes {
            let _ = writeln!(text, "- {}", code(note));
        }
        text
    }
}

fn mark(level: Level) -> &'static str {
    match level {
        Level::Note => "",
        Level::Warning => "warning: ",
        Level::Error => "error: ",
    }
}
