//! `byref preview --deployed`: the template, what byref would deploy, and what the stack has now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use byref_rewrite::{Document, stack_update};
use byref_template::{Diagnostic, Template};
use serde::Serialize;

use super::cell;
use crate::args::store::StoreOptions;
use crate::commands::rewrite::Rewritten;
use crate::deployed::{
    DeployedStack, Effect, Holder, Level, Standing, downgrades, effects, find, stack_name, standings,
};
use crate::failure::Failure;
use crate::project::{Choice, Project};
use crate::render::diff::{Colors, masked_diff_of};
use crate::store::{Progress, block_on, deployments};

/// The stack in one Region, with its template; none before the first deploy.
pub(crate) struct Looked {
    name: String,
    region: String,
    stack: Option<(DeployedStack, Document)>,
}

/// Asks AWS for the stack of an application. `several` templates can't be compared with one stack.
pub(crate) fn look(
    project: &mut Project,
    (app, environment): (&str, &str),
    region: &str,
    store: &StoreOptions,
) -> Result<Looked, Failure> {
    let environment = project.environment(Some(environment))?;
    let name = stack_name(project.app(Some(app), &[])?, environment)?;
    let region =
        environment.regions.iter().find(|own| own.to_string() == region).unwrap_or(&environment.regions[0]).clone();
    let found = block_on(async {
        let deployments = deployments(store, environment, &Progress::hidden())?;
        let mut found = find(&deployments, &region, &name).await?;
        if let Some(stack) = &mut found {
            stack.look_inside(&deployments).await?;
        }
        Ok(found)
    })?;
    let stack = match found {
        Some(stack) => {
            let document = stack.document(&mut project.sources)?;
            Some((stack, document))
        }
        None => None,
    };
    Ok(Looked { name, region: region.to_string(), stack })
}

/// What is shown. As JSON, keys are only ever added.
#[derive(Serialize)]
pub(crate) struct View {
    stack: String,
    region: String,
    /// None before the first deploy.
    status: Option<String>,
    secrets: Vec<Row>,
    pub(super) changed: bool,
    diff: String,
    effects: Vec<Effect>,
    notes: Vec<String>,
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

/// Compares the one template of a run with the stack.
pub(crate) fn view(
    choice: &Choice<'_>,
    documents: &[Document],
    rewritten: &Rewritten,
    looked: &Looked,
    to_values: bool,
) -> Result<View, Failure> {
    let ([source], [output]) = (documents, rewritten.outputs.as_slice()) else {
        return Err(Failure::usage(
            format!("{} templates, and one stack to compare with", documents.len()),
            "name the template of that stack: `byref preview --deployed TEMPLATE`",
        ));
    };
    let lines = choice.app.secrets(Some(&choice.environment.name));
    let next = Template::parse(Arc::clone(output)).map_err(|error| Failure::usage(error.message, "report this"))?;
    let next = Document { template: next, ..source.clone() };
    let of = |document: &Document| {
        let standings = standings(document, &lines).into_iter();
        standings.map(|(holder, (standing, _))| (holder, standing)).collect::<BTreeMap<_, _>>()
    };
    let now = looked.stack.as_ref().map(|(_, document)| of(document)).unwrap_or_default();
    let (template, deploy) = (of(source), of(&next));
    let holders: BTreeSet<&Holder> = template.keys().chain(deploy.keys()).chain(now.keys()).collect();
    let standing = |map: &BTreeMap<Holder, Standing>, holder| map.get(holder).copied().unwrap_or(Standing::Absent);
    let secrets = holders.into_iter().map(|holder| Row {
        name: holder.name.clone(),
        task_definition: holder.task_definition.clone(),
        container: holder.container.clone(),
        template: standing(&template, holder),
        deploy: standing(&deploy, holder),
        now: standing(&now, holder),
    });
    let secrets: Vec<Row> = secrets.collect();
    let mut view = View {
        stack: looked.name.clone(),
        region: looked.region.clone(),
        status: None,
        secrets,
        changed: true,
        diff: String::new(),
        effects: Vec::new(),
        notes: Vec::new(),
        colored_diff: String::new(),
        downgrades: Vec::new(),
    };
    if let Some((stack, document)) = &looked.stack {
        let diff = |colors| {
            let names = [document.path.as_str(), &format!("{} (rewritten)", source.path)];
            masked_diff_of(names, &document.template, &next.template, colors)
        };
        let mut plaintext: Vec<String> = now
            .iter()
            .filter(|(_, standing)| **standing == Standing::Value)
            .map(|(holder, _)| format!("`{}`", holder.name))
            .collect();
        plaintext.dedup();
        view.status = Some(stack.status.clone());
        view.changed = document.template.text() != next.template.text();
        view.diff = diff(Colors::No);
        view.colored_diff = diff(Colors::Yes);
        view.effects = effects(&stack_update(Some(&document.template), &next.template), stack, &plaintext);
        view.notes.clone_from(&stack.notes);
        view.downgrades = downgrades(document, std::slice::from_ref(&next), &lines, to_values);
    }
    Ok(view)
}

impl View {
    fn head(&self) -> String {
        let Self { stack, region, .. } = self;
        match &self.status {
            Some(status) => format!("stack {stack} in {region} ({status})"),
            None => format!("there is no stack {stack} in {region} yet: this is its first deploy"),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("\n{}\n", self.head());
        let holder = |row: &Row| format!("{}/{}", row.task_definition, row.container);
        let width = self.secrets.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let holder_width = self.secrets.iter().map(|row| holder(row).len()).max().unwrap_or(0);
        if !self.secrets.is_empty() {
            let _ = writeln!(text, "  {:width$}  {:holder_width$}  {:11}  {:11}  now", "", "", "template", "deploy");
        }
        for row in &self.secrets {
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Standing::words);
            let _ = writeln!(
                text,
                "  {:width$}  {:holder_width$}  {template:11}  {deploy:11}  {now}",
                row.name,
                holder(row)
            );
        }
        if self.status.is_none() {
            return text;
        }
        if self.diff.is_empty() {
            text.push_str("  its template is what would be deployed, byte for byte\n");
        } else {
            let _ = write!(text, "\n{}", self.colored_diff);
        }
        text.push_str("\nwhat CloudFormation will do\n");
        for effect in &self.effects {
            let resource = effect.resource.as_deref().unwrap_or("the stack");
            let _ = writeln!(text, "  {}{resource}: {}", mark(effect.level), effect.message);
        }
        for note in &self.notes {
            let _ = writeln!(text, "  {note}");
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("\n#### {}\n\n", cell(&self.head()));
        if !self.secrets.is_empty() {
            text.push_str("| secret | container | template | deploy | now |\n| --- | --- | --- | --- | --- |\n");
        }
        for row in &self.secrets {
            let holder = format!("{}/{}", row.task_definition, row.container);
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Standing::words);
            let _ = writeln!(text, "| `{}` | `{}` | {template} | {deploy} | {now} |", cell(&row.name), cell(&holder));
        }
        if self.status.is_none() {
            return text;
        }
        text.push_str(&super::fenced(&self.diff));
        text.push('\n');
        for effect in &self.effects {
            let resource = effect.resource.as_deref().map_or("the stack".to_owned(), |id| format!("`{}`", cell(id)));
            let _ = writeln!(text, "- {}{resource}: {}", mark(effect.level), effect.message);
        }
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }
}

fn mark(level: Level) -> &'static str {
    match level {
        Level::Note => "",
        Level::Warning => "warning: ",
    }
}
