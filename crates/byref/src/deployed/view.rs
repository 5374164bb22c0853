//! A template, its rewrite, and the template of its stack, side by side.
//!
//! Three versions of each secret's delivery are compared: the source, the rewrite that would be
//! deployed, and the stack as it is now. Two are not enough: a source with a value and a stack with
//! a reference look like a step back, unless the rewrite between them has the reference, too.
//!
//! ```text
//! stack web-production in us-west-2 (UPDATE_COMPLETE)
//!                          template     deploy       now
//!   DB_PASSWORD  Task/web  a value      a reference  a value
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use byref_aws::AwsDeployments;
use byref_config::SecretLine;
use byref_known::KnownValues;
use byref_parameter::{Region, SecretValue};
use byref_rewrite::{Document, stack_update};
use byref_store::StoreError;
use byref_template::Diagnostic;
use futures_util::future::join_all;
use serde::Serialize;

use super::{
    Absence, Delivery, DeployedStack, Depth, Effect, Holder, Home, Level, Rollback, deliveries,
    downgrades, effects, locate, values, would_fail,
};
use crate::deployment::Deployment;
use crate::error::Error;
use crate::project::Project;
use crate::render::diff::{Colors, MaskedDiff, rewritten_name};
use crate::render::escape::{code, code_cell, line};
use crate::rewritten::Rewritten;

/// The stack of a template in one Region, with its template; or the reason why there is none.
///
/// Comes from [`look`]; [`Preview::over`](crate::Preview::over) and
/// [`update_messages`](super::update_messages) take a list of them.
pub struct StackNow {
    home: Home,
    region: Region,
    stack: Result<(Box<DeployedStack>, Document), Absence>,
}

impl StackNow {
    /// Returns the index of the template in the run, and the template that the stack has now; none
    /// before the first deploy.
    pub(crate) fn document(&self) -> Option<(usize, &Document)> {
        self.stack
            .as_ref()
            .ok()
            .map(|(_, document)| (self.home.document, document))
    }
}

/// Asks AWS for the stacks of templates in each of the Regions, all at once. With [`Depth::Own`] or
/// deeper also for their task definitions and services. The order is that of `homes`, then of
/// `regions`.
///
/// # Errors
///
/// The first error in that order, whichever Region answers first; [`Error::Mistakes`] for a
/// deployed template that does not parse.
///
/// [`Depth::Template`] is enough for [`update_messages`](super::update_messages); the effects of [`View`] need the resources, too.
pub async fn look(
    project: &mut Project,
    deployments: &AwsDeployments,
    homes: &[Home],
    regions: &[Region],
    depth: Depth,
) -> Result<Vec<StackNow>, Error> {
    let places: Vec<(&Home, &Region)> = homes
        .iter()
        .flat_map(|home| regions.iter().map(move |region| (home, region)))
        .collect();
    let asked = places.iter().map(async |(home, region)| {
        let mut found = locate(deployments, region, home).await?;
        if let Ok(stack) = &mut found {
            stack.look_inside(deployments, depth).await?;
        }
        Ok::<_, StoreError>(found)
    });
    let found: Vec<_> = join_all(asked)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let mut looked = Vec::new();
    for ((home, region), found) in places.into_iter().zip(found) {
        let stack = match found {
            Ok(stack) => {
                let document = stack.document(project.sources_mut())?;
                Ok((stack, document))
            }
            Err(absence) => Err(absence),
        };
        looked.push(StackNow {
            home: home.clone(),
            region: region.clone(),
            stack,
        });
    }
    Ok(looked)
}

/// The comparison of a rewrite with one stack. Serialises without values; keys are only ever added.
///
/// One for each stack and Region. A Region with the same template as an earlier one repeats neither
/// the table nor the diff, but its effects: the services differ although the templates don't.
#[derive(Serialize)]
pub struct View {
    /// The template that is deployed as this stack.
    template: String,
    stack: String,
    region: String,
    /// None before the first deploy.
    status: Option<String>,
    secrets: Vec<Row>,
    pub(crate) changed: bool,
    diff: MaskedDiff,
    pub(crate) effects: Vec<Effect>,
    notes: Vec<String>,
    #[serde(skip)]
    is_deployed: bool,
    /// `true` if several templates are shown.
    #[serde(skip)]
    is_one_of_several: bool,
    /// An earlier Region whose stack has the same template.
    #[serde(skip)]
    same_as: Option<String>,
    /// Messages about references that would become values.
    #[serde(skip)]
    pub(crate) downgrades: Vec<Diagnostic>,
}

/// The delivery of one secret to one container in the template, in its rewrite and in the stack.
///
/// A row exists if any of the three delivers the secret; the others are absent then.
#[derive(Serialize)]
struct Row {
    name: String,
    task_definition: String,
    container: String,
    /// In the template.
    template: Delivery,
    /// In the rewrite.
    deploy: Delivery,
    /// In the stack.
    now: Delivery,
}

/// Compares the templates of a run with their stacks, in the order of [`look`].
///
/// The values of all stacks are known before the first view is made: a value of one Region may
/// appear in another.
pub(crate) fn views(
    project: &Project,
    choice: &Deployment<'_>,
    documents: &[Document],
    rewritten: &Rewritten,
    looked: &[StackNow],
) -> Vec<View> {
    let to_values = choice.turns_references_into_values();
    let lines = choice.app().secrets(Some(&choice.environment().name));
    let deployed = looked
        .iter()
        .filter_map(|looked| looked.stack.as_ref().ok());
    let deployed: Vec<SecretValue> = deployed
        .flat_map(|(_, document)| values(document, &lines))
        .collect();
    let known = rewritten
        .plan
        .known
        .joined(deployed.iter().map(SecretValue::expose));
    project.redactions().keep_secret(&known);
    let mut views = Vec::new();
    for (index, own) in looked.iter().enumerate() {
        let source = &documents[own.home.document];
        let next = Document {
            template: rewritten.outputs[own.home.document].clone(),
            ..source.clone()
        };
        let mut view = view(&lines, (source, &next, &known), own, to_values);
        let text = |looked: &StackNow| {
            looked
                .stack
                .as_ref()
                .ok()
                .map(|(_, document)| document.template.text().clone())
        };
        let same = looked[..index]
            .iter()
            .find(|other| other.home == own.home && text(other) == text(own));
        view.same_as = same.map(|other| other.region.to_string());
        if same.is_some() {
            // Messages that are the same in several Regions appear once.
            view.downgrades.clear();
        }
        view.is_one_of_several = documents.len() > 1;
        views.push(view);
    }
    views
}

/// Compares one template with its stack. Names that equal a known value are masked in everything
/// that the view shows.
///
/// Without a stack the view has the deliveries and nothing else. `changed` is true then, because a
/// first deploy changes everything.
fn view(
    lines: &[&SecretLine],
    (source, next, known): (&Document, &Document, &KnownValues),
    looked: &StackNow,
    to_values: bool,
) -> View {
    let mut view = View {
        template: source.path.clone(),
        stack: looked.home.label(),
        region: looked.region.to_string(),
        status: None,
        secrets: rows(
            lines,
            [
                Some(source),
                Some(next),
                looked.stack.as_ref().ok().map(|(_, document)| document),
            ],
            known,
        ),
        changed: true,
        diff: MaskedDiff::default(),
        effects: Vec::new(),
        notes: Vec::new(),
        is_deployed: false,
        is_one_of_several: false,
        same_as: None,
        downgrades: Vec::new(),
    };
    let (stack, document) = match &looked.stack {
        Ok(found) => found,
        Err(absence) => {
            view.status =
                (*absence == Absence::UnderReview).then(|| "REVIEW_IN_PROGRESS".to_owned());
            return view;
        }
    };
    view.stack.clone_from(&stack.name);
    view.is_deployed = true;
    view.status = Some(stack.status.clone());
    view.changed = document.template.text() != next.template.text();
    let names = [document.path.as_str(), &rewritten_name(&source.path)];
    view.diff = MaskedDiff::new(names, [&document.template, &next.template], known);
    let update = stack_update(Some(&document.template), &next.template);
    view.effects = effects(&update, stack, &Rollback::of(document, next, lines));
    for effect in &mut view.effects {
        effect.resource = effect
            .resource
            .take()
            .map(|resource| known.shown(&resource).to_owned());
        effect.message = known.masked_words(&effect.message);
    }
    view.notes = stack
        .notes
        .iter()
        .map(|note| known.masked_words(note))
        .collect();
    view.downgrades = downgrades(document, std::slice::from_ref(next), lines, to_values);
    for downgrade in &mut view.downgrades {
        known.mask(downgrade);
    }
    view
}

/// Returns the delivery of every secret line in each of the three.
fn rows(lines: &[&SecretLine], documents: [Option<&Document>; 3], known: &KnownValues) -> Vec<Row> {
    let of = |document: Option<&Document>| {
        let deliveries = document
            .into_iter()
            .flat_map(|document| deliveries(document, lines));
        deliveries
            .map(|(holder, (delivery, _))| (holder, delivery))
            .collect::<BTreeMap<_, _>>()
    };
    let [template, deploy, now] = documents.map(of);
    let holders: BTreeSet<&Holder> = template
        .keys()
        .chain(deploy.keys())
        .chain(now.keys())
        .collect();
    let delivery = |map: &BTreeMap<Holder, Delivery>, holder: &Holder| {
        map.get(holder).copied().unwrap_or(Delivery::Absent)
    };
    let row = |holder: &Holder| Row {
        name: holder.name.clone(),
        task_definition: known.shown(&holder.task_definition).to_owned(),
        container: known.shown(&holder.container).to_owned(),
        template: delivery(&template, holder),
        deploy: delivery(&deploy, holder),
        now: delivery(&now, holder),
    };
    holders.into_iter().map(row).collect()
}

impl View {
    /// Returns the stack with its status, or the reason why there is nothing to compare with.
    fn head(&self) -> String {
        let Self {
            template,
            stack,
            region,
            ..
        } = self;
        let of = if self.is_one_of_several {
            format!("{template}: ")
        } else {
            String::new()
        };
        match &self.status {
            Some(status) if self.is_deployed => format!("{of}stack {stack} in {region} ({status})"),
            Some(status) => format!(
                "{of}stack {stack} in {region} ({status}): it has a change set that was never carried out, and nothing else; execute it or delete it before its first deploy"
            ),
            None => {
                format!("{of}there is no stack {stack} in {region} yet: this is its first deploy")
            }
        }
    }

    /// Returns whether the rewrite differs from the template of the stack.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns whether an update to this would fail.
    pub(crate) fn would_fail(&self) -> bool {
        would_fail(&self.effects)
    }

    /// Returns the comparison as lines with colours.
    ///
    /// Columns are as wide as the longest name and holder. Everything is one line each, whatever a
    /// name contains.
    pub(crate) fn text(&self) -> String {
        let mut text = "\n".to_owned();
        line!(text, "{}", self.head());
        if let Some(region) = &self.same_as {
            let _ = writeln!(text, "  the same as in {region}");
            return text + &self.what_happens();
        }
        let holder = |row: &Row| format!("{}/{}", row.task_definition, row.container);
        let width = self
            .secrets
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or(0);
        let holder_width = self
            .secrets
            .iter()
            .map(|row| holder(row).len())
            .max()
            .unwrap_or(0);
        if !self.secrets.is_empty() {
            line!(
                text,
                "  {:width$}  {:holder_width$}  {:11}  {:11}  now",
                "",
                "",
                "template",
                "deploy"
            );
        }
        for row in &self.secrets {
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Delivery::label);
            line!(
                text,
                "  {:width$}  {:holder_width$}  {template:11}  {deploy:11}  {now}",
                row.name,
                holder(row)
            );
        }
        if !self.is_deployed {
            return text;
        }
        if self.diff.is_empty() {
            text.push_str("  its template is what would be deployed, byte for byte\n");
        } else {
            let _ = write!(text, "\n{}", self.diff.text(Colors::Yes));
        }
        text + &self.what_happens()
    }

    /// Returns the effects of the update and the remarks, one on each line.
    fn what_happens(&self) -> String {
        if !self.is_deployed {
            return String::new();
        }
        let mut text = "\neffects of the update\n".to_owned();
        for effect in &self.effects {
            let resource = effect.resource.as_deref().unwrap_or("the stack");
            line!(
                text,
                "  {}{resource}: {}",
                mark(effect.level),
                effect.message
            );
        }
        for note in &self.notes {
            line!(text, "  {note}");
        }
        text
    }

    /// Returns the comparison as Markdown.
    ///
    /// The same content as [`View::text`], for a job summary or a comment. Names and messages are
    /// code spans, so that none of them is markup.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("\n#### {}\n\n", code(&self.head()));
        let rows: &[Row] = if self.same_as.is_some() {
            &[]
        } else {
            &self.secrets
        };
        if let Some(region) = &self.same_as {
            let _ = writeln!(text, "The same as in {region}.");
        }
        if !rows.is_empty() {
            text.push_str("| secret | container | template | deploy | now |\n| --- | --- | --- | --- | --- |\n");
        }
        for row in rows {
            let holder = format!("{}/{}", row.task_definition, row.container);
            let [template, deploy, now] = [row.template, row.deploy, row.now].map(Delivery::label);
            let _ = writeln!(
                text,
                "| {} | {} | {template} | {deploy} | {now} |",
                code_cell(&row.name),
                code_cell(&holder)
            );
        }
        if !self.is_deployed {
            return text;
        }
        if self.same_as.is_none() {
            text.push_str(&self.diff.fenced());
        }
        text.push('\n');
        for effect in &self.effects {
            let resource = effect
                .resource
                .as_deref()
                .map_or("the stack".to_owned(), code);
            let _ = writeln!(
                text,
                "- {}{resource}: {}",
                mark(effect.level),
                code(&effect.message)
            );
        }
        for note in &self.notes {
            let _ = writeln!(text, "- {}", code(note));
        }
        text
    }
}

/// Returns the prefix of an effect of this severity.
fn mark(level: Level) -> &'static str {
    match level {
        Level::Note => "",
        Level::Warning => "warning: ",
        Level::Error => "error: ",
    }
}
